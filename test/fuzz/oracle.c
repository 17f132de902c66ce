/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include "malformed.h"
#include "oracle.h"

#define CTS  0x20000000
#define NACK 0x40000000
#define ACK  0x80000000

#define PINS_MAX 64

/* What the operator did since the start: it excuses much. */
static bool anyone_trusted;
static struct mac_addr pins[PINS_MAX];
static unsigned int nb_pins;

static bool
was_pinned(const struct mac_addr *mac)
{
	for (unsigned int i = 0; i < nb_pins; i++) {
		if (mac_equal(&pins[i], mac))
			return true;
	}
	return false;
}

void
oracle_start(void)
{
	anyone_trusted = false;
	nb_pins = 0;
}

void
oracle_policy(const struct vf_policy *policy)
{
	anyone_trusted |= policy->trusted;
	if (!mac_is_zero(&policy->mac) && !was_pinned(&policy->mac) && nb_pins < PINS_MAX)
		pins[nb_pins++] = policy->mac;
}

bool
oracle_malformed(uint16_t vf, const struct mbx_msg *msg)
{
	return is_malformed(rig.speaks, rig.vf[vf].api, msg);
}

/* A VF takes a refusal for consent if it finds other extra information in it than it expects. */
static bool
info_is_right(const struct mbx_msg *msg, const struct mbx_msg *reply)
{
	uint32_t asked = msg->word[0] >> 16 & 0xff, told = reply->word[0] >> 16 & 0xff;

	if (rig.speaks == MBX_DIALECT_82599)
		return told == asked;
	return told == ((msg->word[0] & 0xffff) == 2 && asked <= 2 ? asked : 0);
}

static unsigned int
reply_words(const struct mbx_msg *msg, bool granted, bool reset_reply)
{
	static const uint8_t words_82599[] = { [9] = 5, [0xa] = 9, [0xb] = 11, [0xc] = 2,
					       [0x10] = 2 };
	uint32_t opcode = msg->word[0] & 0xffff;

	if (reset_reply)
		return rig.speaks == MBX_DIALECT_82599 ? 4 : 3;
	if (rig.speaks == MBX_DIALECT_82599 && granted && opcode < sizeof(words_82599) &&
	    words_82599[opcode] != 0)
		return words_82599[opcode];
	return 1;
}

/* What the 82599's dialect tells besides its verdict. */
static const char *
wrong_answer(uint16_t vf, const struct mbx_msg *msg, const struct mbx_msg *reply)
{
	const struct vf_entry *entry = &rig.vf[vf];

	switch (msg->word[0] & 0xffff) {
	case 9:
		if (reply->word[1] != fake.info.tx_queues || reply->word[2] != fake.info.rx_queues)
			return "number of queues";
		return reply->word[3] == (entry->policy.vlan != 0) && reply->word[4] == 0 ?
			       NULL : "port VLAN";
	case 0xa:
	case 0xb:
		return entry->policy.query_rss ? NULL : "RSS told to who may not ask";
	case 0xc:
		if (reply->word[1] > msg->word[1])
			return "a larger receive mode than was asked for";
		return entry->promiscuous == (reply->word[1] == 3) &&
			       entry->all_multicast == (reply->word[1] >= 2) ?
			       NULL : "another receive mode than was told";
	case 0x10:
		return reply->word[1] == (entry->policy.state != POLICY_STATE_DISABLE) ?
			       NULL : "another state than the operator's";
	default:
		return NULL;
	}
}

const char *
oracle_reply(uint16_t vf, const struct mbx_msg *msg, bool malformed, const struct mbx_msg *reply)
{
	uint32_t word = reply->word[0], verdict = word & (ACK | NACK);
	bool ready = rig.vf[vf].state == VF_READY;
	bool reset_reply = (msg->word[0] & 0xffff) == 1 && (word & CTS) == 0;

	if (verdict != ACK && verdict != NACK)
		return "not one verdict";
	if ((word & 0xffff) != (msg->word[0] & 0xffff))
		return "another opcode";
	if ((word >> 24 & 0x1f) != 0)
		return "reserved bits";
	if (!info_is_right(msg, reply))
		return "extra information";
	if (!reset_reply && ((word & CTS) != 0) != ready)
		return "clear to send is not the VF's state";
	if ((msg->word[0] & (ACK | NACK | CTS)) != 0)
		return "an answer to an answer";
	if (malformed && verdict != NACK)
		return "malformed, and granted";
	if (reply->words != reply_words(msg, verdict == ACK, reset_reply && ready))
		return "length";
	for (unsigned int i = verdict == ACK ? reply->words : 1; i < MBX_WORDS; i++) {
		if (reply->word[i] != 0)
			return "something behind the reply";
	}
	return rig.speaks == MBX_DIALECT_82599 && verdict == ACK ?
		       wrong_answer(vf, msg, reply) : NULL;
}

const char *
oracle_notice(const struct mbx_msg *msg)
{
	uint32_t flags = msg->word[0] & ~UINT32_C(0xffff);

	if ((msg->word[0] & 0xffff) != 0x100 || msg->words != 1)
		return "not a control message";
	if (flags != 0 && flags != CTS && flags != NACK)
		return "a control message that no VF knows";
	for (unsigned int i = 1; i < MBX_WORDS; i++) {
		if (msg->word[i] != 0)
			return "something behind the control message";
	}
	return NULL;
}

/* Whatever the VF asks for, and whoever trusts it. */
static const char *
beyond_policy(const struct vf_entry *entry, const struct fake_vf *pool)
{
	const struct vf_policy *policy = &entry->policy;

	/* A pool that refused even to be shut off is not its policy's fault. */
	if (!entry->enabled && pool->unclean)
		return NULL;
	if (policy->state == POLICY_STATE_DISABLE && pool->enabled)
		return "frames flow, though it is disabled";
	for (unsigned int i = 0; i < pool->nb_vlans && policy->vlan == 0; i++) {
		uint16_t vlan = pool->vlan[i];

		if (vlan == 0 ? policy->no_untagged :
				policy_has_trunk(policy) &&
				(policy->trunk[vlan / 32] & 1u << vlan % 32) == 0)
			return "a VLAN that is not of its trunk";
	}
	if (!entry->enabled)
		return NULL;
	if (policy->no_broadcast && (pool->accept & POOL_ACCEPT_BROADCAST) != 0)
		return "broadcasts";
	if (policy->no_multicast &&
	    (pool->accept & (POOL_ACCEPT_MULTICAST | POOL_ACCEPT_ALL_MULTICAST)) != 0)
		return "groups";
	return NULL;
}

static bool
took(uint16_t vf, const struct mac_addr *mac)
{
	return !mac_is_zero(mac) && fake_has_mac(vf, mac) && !was_pinned(mac);
}

/* An address of another VF or of the PF, which the operator did not give to anyone. */
static bool
took_address(uint16_t vf)
{
	for (uint16_t other = 0; other < rig.nb_vfs; other++) {
		if (other != vf && took(vf, &rig.vf[other].mac))
			return true;
	}
	return took(vf, &rig.pf_mac);
}

const char *
oracle_vf(uint16_t vf)
{
	const struct vf_entry *entry = &rig.vf[vf];
	const struct vf_counters *counters = &entry->counters;
	const char *mismatch = fake_mismatch(&rig, vf);

	/* A pool that refused even to be shut off is not the book's fault. */
	if (mismatch != NULL && (entry->enabled || !fake.vf[vf].unclean))
		return mismatch;
	if (counters->requests != counters->acked + counters->nacked)
		return "counters do not add up";
	if (counters->malformed > counters->nacked)
		return "malformed requests were granted";
	if (entry->state == VF_READY && !entry->enabled)
		return "ready without a pool";
	if (!entry->policy.trusted && entry->promiscuous)
		return "promiscuous without trust";
	mismatch = beyond_policy(entry, &fake.vf[vf]);
	if (mismatch != NULL || anyone_trusted)
		return mismatch;
	if (fake.vf[vf].nb_macs > QUOTA_MACS)
		return "more addresses than its quota";
	if (entry->nb_vlans > QUOTA_VLANS)
		return "more VLANs than its quota";
	return entry->enabled && took_address(vf) ? "the address of somebody else" : NULL;
}
