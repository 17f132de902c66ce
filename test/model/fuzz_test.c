/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * Random messages, resets, policies and failures through the service, from fixed seeds. What has
 * to hold after each: the reply is well-formed, nothing malformed is granted, the pool is what the
 * book says, quotas hold, and nobody else's pool was touched.
 */

#include "cases.h"

#include <errno.h>

#include "malformed.h"
#include "rig.h"

#define MESSAGES 50000	/* for each seed */
#define PINS_MAX 1024

static uint64_t random_state;

static uint32_t
random_word(void)
{
	/* xorshift64*: the same everywhere. */
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (uint32_t)(random_state * 0x2545f4914f6cdd1dULL >> 32);
}

static uint32_t
random_below(uint32_t limit)
{
	return random_word() % limit;
}

/* Interesting words: around every limit there is. */
static uint32_t
edge_word(void)
{
	static const uint32_t edges[] = {
		0, 1, 63, 64, 1518, 1522, 4094, 4095, 4096, 9728, 9729, 0x0fff0fff, 0x10000000,
		0x7fffffff, 0x80000000, 0xffff, 0x10000, 0xffffffff,
	};

	return edges[random_below(CASES(edges))];
}

static struct mac_addr
random_mac(void)
{
	/* Few, so that VFs meet. */
	struct mac_addr mac = rig_mac(random_below(30));

	if (random_below(20) == 0)
		mac.byte[0] |= 1;
	if (random_below(40) == 0)
		memset(&mac, 0, sizeof(mac));
	return mac;
}

static void
random_valid(struct mbx_msg *msg)
{
	struct mbx_set_multicast multicast = { .nb = (uint8_t)random_below(31) };
	struct mbx_set_mac set_mac;

	switch (random_below(12)) {
	case 0:
		mbx_encode_reset(msg);
		break;
	case 1:
	case 2:
	case 3:
	case 4:
		set_mac.action = (enum mbx_mac_action)(random_below(16) % 3);
		set_mac.mac = random_mac();
		mbx_encode_set_mac(msg, &set_mac);
		break;
	case 5:
		multicast.overflow = random_below(8) == 0;
		for (unsigned int i = 0; i < multicast.nb; i++)
			multicast.hash[i] = (uint16_t)random_below(4096);
		mbx_encode_set_multicast(msg, &multicast);
		break;
	case 6:
		mbx_encode_set_max_frame(msg, &(struct mbx_set_max_frame){ random_below(10000) });
		break;
	case 7:
		mbx_encode_set_promiscuous(msg, &(struct mbx_set_promiscuous){ random_below(2),
									       random_below(2) });
		break;
	default:
		mbx_encode_set_vlan(msg, &(struct mbx_set_vlan){ (uint16_t)random_below(40),
								 random_below(4) != 0 });
	}
}

static void
random_message(struct mbx_msg *msg)
{
	uint32_t kind = random_below(10);

	random_valid(msg);
	msg->words = MBX_WORDS;
	if (kind == 0) {
		for (unsigned int i = 0; i < MBX_WORDS; i++)
			msg->word[i] = random_word();
	} else if (kind == 1) {
		msg->word[0] ^= UINT32_C(1) << random_below(32);
	} else if (kind == 2) {
		msg->word[1 + random_below(15)] = edge_word();
	} else if (kind == 3) {
		msg->word[0] = random_below(0x110) | random_below(256) << 16;
		msg->words = (uint8_t)random_below(20);
	}
}

static unsigned int
check_reply(const struct mbx_msg *msg, const struct mbx_msg *reply, enum vf_state state)
{
	uint32_t verdict = reply->word[0] & 0xc0000000;
	bool reset_reply = (msg->word[0] & 0xffff) == 1 && (reply->word[0] & 0x20000000) == 0;
	unsigned int failed = 0;

	failed += differs("one verdict", 1, verdict == 0x80000000 || verdict == 0x40000000);
	failed += differs("opcode", msg->word[0] & 0xffff, reply->word[0] & 0xffff);
	failed += differs("reserved bits", 0, reply->word[0] >> 24 & 0x1f);
	if ((reply->word[0] >> 16 & 0xff) != 0)
		failed += differs("info only where compared", 2, reply->word[0] & 0xffff);
	if (!reset_reply)
		failed += differs("CTS", state == VF_READY, reply->word[0] >> 29 & 1);
	failed += differs("nothing to a reply's flags", 0, msg->word[0] & 0xe0000000);
	if (is_malformed(MBX_DIALECT_82576, MBX_API_10, msg))
		failed += differs("malformed is refused", 0x40000000, verdict);
	failed += differs("length", verdict == 0x80000000 && reset_reply ? 3 : reply->words,
			  reply->words);
	for (unsigned int i = reset_reply ? 3 : 1; i < MBX_WORDS; i++)
		failed += differs("rest of the reply", 0, reply->word[i]);
	return failed;
}

/* What the operator gave to two VFs at once stays theirs, even when it is pinned no longer. */
static struct mac_addr pinned_twice[PINS_MAX];
static unsigned int nb_pinned_twice;

static void
note_pins(const struct mac_addr *mac)
{
	unsigned int nb = 0;

	for (uint16_t vf = 0; vf < RIG_VFS; vf++)
		nb += !mac_is_zero(mac) && mac_equal(&rig.vf[vf].policy.mac, mac);
	if (nb > 1 && nb_pinned_twice < PINS_MAX)
		pinned_twice[nb_pinned_twice++] = *mac;
}

static bool
was_pinned_twice(const struct mac_addr *mac)
{
	for (unsigned int i = 0; i < nb_pinned_twice; i++) {
		if (mac_equal(&pinned_twice[i], mac))
			return true;
	}
	return false;
}

/* No untrusted VF has an address of another one, unless the operator gave it both. */
static unsigned int
shared_macs(uint16_t vf)
{
	const struct vf_entry *entry = &rig.vf[vf];
	unsigned int nb = 0;

	for (uint16_t other = 0; other < RIG_VFS; other++) {
		const struct mac_addr *mac = &rig.vf[other].mac;

		if (other == vf || was_pinned_twice(mac) || entry->policy.trusted ||
		    rig.vf[other].policy.trusted ||
		    mac_is_zero(mac) || !entry->enabled || !fake_has_mac(vf, mac))
			continue;
		nb += !mac_equal(&entry->policy.mac, mac) &&
		      !mac_equal(&rig.vf[other].policy.mac, mac);
	}
	return nb;
}

static unsigned int
check_vf(uint16_t vf, bool anyone_trusted)
{
	const struct vf_entry *entry = &rig.vf[vf];
	const struct vf_counters *counters = &entry->counters;
	const char *mismatch = fake_mismatch(&rig, vf);
	unsigned int failed = 0;

	if (mismatch != NULL) {
		print_error("# VF %u: pool and book differ: %s\n", vf, mismatch);
		failed++;
	}
	failed += differs("counters add up", (long long)counters->requests,
			  (long long)(counters->acked + counters->nacked));
	failed += differs("malformed are refused", 1, counters->malformed <= counters->nacked);
	if (!entry->policy.trusted)
		failed += differs("unicast promiscuous needs trust", 0, entry->promiscuous);
	if (!anyone_trusted) {
		failed += differs("addresses", 1, fake.vf[vf].nb_macs <= QUOTA_MACS);
		failed += differs("VLANs", 1, entry->nb_vlans <= QUOTA_VLANS);
		failed += differs("shared addresses", 0, shared_macs(vf));
	}
	return failed;
}

static unsigned int
one_message(uint16_t vf)
{
	static struct fake_vf before[RIG_VFS];
	struct mbx_msg msg, reply;
	unsigned int failed = 0;

	memcpy(before, fake.vf, sizeof(before));
	random_message(&msg);
	memset(&reply, 0xee, sizeof(reply));
	if (service_on_request(&rig, vf, &msg, rig_now_ms, &reply))
		failed += check_reply(&msg, &reply, rig.vf[vf].state);
	for (uint16_t other = 0; other < RIG_VFS; other++) {
		if (other != vf && memcmp(&before[other], &fake.vf[other], sizeof(before[0])) != 0)
			failed += differs("changed a neighbour's pool", vf, other);
	}
	if (failed > 0)
		print_error("# VF %u: %08x %08x, %u words\n", vf, msg.word[0], msg.word[1],
			    msg.words);
	return failed;
}

static void
one_policy(uint16_t vf, bool may_trust)
{
	struct vf_policy policy = {
		.mac = random_below(2) ? random_mac() : mac_zero,
		.vlan = (uint16_t)(random_below(3) ? 0 : random_below(4100)),
		.qos = (uint8_t)random_below(9),
		.trusted = may_trust && random_below(2),
		.spoof_check = random_below(2),
		.state = (uint8_t)random_below(3),
		.no_untagged = random_below(2),
		.no_broadcast = random_below(2),
		.no_multicast = random_below(2),
		.unknown_unicast = random_below(2),
		.query_rss = random_below(2),
		.max_macs = (uint8_t)random_below(QUOTA_MACS + 1),
		.max_vlans = (uint8_t)random_below(QUOTA_VLANS + 1),
		.max_multicasts = (uint8_t)random_below(QUOTA_MULTICASTS + 1),
	};

	for (unsigned int i = 0; random_below(4) == 0 && policy.vlan == 0 && i < 8; i++) {
		uint16_t vlan = (uint16_t)(1 + random_below(VLAN_ID_MAX));

		policy_trunk_add(&policy, vlan, vlan);
	}

	(void)service_set_policy(&rig, vf, &policy);
	note_pins(&policy.mac);
}

static unsigned int
one_turn(bool may_trust, bool may_fail)
{
	uint16_t vf = (uint16_t)random_below(RIG_VFS + 1);
	struct mbx_msg msg;

	rig_now_ms += random_below(300);
	if (may_fail)
		fake_fail(random_below(4) == 0 ? 1 + random_below(6) : 0, 0, -ENOSPC);
	switch (random_below(64)) {
	case 0:
		/* Without this no VF would be free for long. */
		if (random_below(3) == 0)
			one_policy(vf, may_trust);
		else if (vf < RIG_VFS)
			(void)service_set_policy(&rig, vf, &policy_default);
		return 0;
	case 1:
		service_on_vf_reset(&rig, vf);
		return 0;
	case 2:
		(void)service_notice(&rig, vf, random_below(2), rig_now_ms, &msg);
		return 0;
	default:
		return one_message(vf);
	}
}

static void
fuzz(uint64_t seed, bool may_trust, bool may_fail)
{
	unsigned int failed = 0;

	random_state = seed;
	nb_pinned_twice = 0;
	rig_start(NULL);
	rig.report = NULL;
	for (unsigned int i = 0; i < MESSAGES && failed == 0; i++) {
		failed += one_turn(may_trust, may_fail);
		for (uint16_t vf = 0; vf < RIG_VFS; vf++)
			failed += check_vf(vf, may_trust);
		failed += differs("the pool's contract", 0, fake.violations);
		if (failed > 0)
			print_error("# seed %llu, message %u\n", (unsigned long long)seed, i);
	}
	assert_int_equal(failed, 0);
	/* Not a walk through refusals only. */
	for (uint16_t vf = 0; vf < RIG_VFS; vf++)
		assert_true(rig.vf[vf].counters.acked > MESSAGES / 40);
}

static void
test_untrusted(void **state)
{
	(void)state;
	fuzz(1, false, false);
}

static void
test_trusted(void **state)
{
	(void)state;
	fuzz(2, true, false);
}

static void
test_untrusted_with_failures(void **state)
{
	(void)state;
	fuzz(3, false, true);
}

static void
test_trusted_with_failures(void **state)
{
	(void)state;
	fuzz(4, true, true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_untrusted),
		cmocka_unit_test(test_trusted),
		cmocka_unit_test(test_untrusted_with_failures),
		cmocka_unit_test(test_trusted_with_failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
