/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The words of VFs of 82599, X540 and X550 (82599 sheet, 7.4 to 7.7).
 */
#include <errno.h>

#include "codec_82599.h"
#include "vf.h"

/* An exchange that failed for another reason than a PF that does not want to. */
static bool
is_lost(int rc)
{
	return rc < 0 && rc != -EPERM;
}

/* The newest version that both know; 1.0 is what remains if the PF knows no other. */
static int
negotiate(struct vf *vf)
{
	static const enum mbx_api wanted[] = { MBX_API_13, MBX_API_12, MBX_API_11 };
	struct mbx_msg msg, reply;

	vf->api = MBX_API_10;
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		int rc;

		mbx_82599_encode_negotiate(&msg, wanted[i]);
		rc = vf_exchange(vf, &msg, &reply, MBX_REPLY_WORDS);
		if (is_lost(rc))
			return -EAGAIN;
		if (rc == 0) {
			vf->api = wanted[i];
			break;
		}
	}
	return 0;
}

/* Every PF gives two queues; a port VLAN's tag is ours to take off. */
static int
ask_queues(struct vf *vf)
{
	struct mbx_queues queues = {
		.rx = vf->family->queues->max_queues,
		.tx = vf->family->queues->max_queues,
	};
	struct mbx_msg msg, reply;
	int rc = 0;

	if (vf->api >= MBX_API_11) {
		mbx_82599_encode_get(&msg, MBX_82599_GET_QUEUES, MBX_82599_QUEUES_WORDS);
		rc = vf_exchange(vf, &msg, &reply, MBX_82599_QUEUES_WORDS);
		if (is_lost(rc))
			return -EAGAIN;
	}
	if (rc == 0 && vf->api >= MBX_API_11)
		mbx_82599_check_queues(&msg, &reply, vf->family->queues->rxq.count, &queues);
	vf->port.row.max_queues = RTE_MIN(queues.rx, queues.tx);
	vf->port.strip_vlan = queues.strip_vlan;
	return 0;
}

/* A PF that knows the version but not this word has no operator who could disable the link. */
static int
ask_link_state(struct vf *vf)
{
	struct mbx_msg msg, reply;
	int rc;

	vf->link_disabled = false;
	if (vf->api < MBX_API_12)
		return 0;
	mbx_82599_encode_get(&msg, MBX_82599_GET_LINK_STATE, MBX_82599_LINK_WORDS);
	rc = vf_exchange(vf, &msg, &reply, MBX_82599_LINK_WORDS);
	if (is_lost(rc))
		return -EAGAIN;
	vf->link_disabled = rc == 0 && reply.word[1] == 0;
	return 0;
}

static int
ask_rss(struct vf *vf, enum mbx_opcode_82599 opcode, struct mbx_msg *reply, uint8_t words)
{
	struct mbx_msg msg;

	if (vf->api < MBX_API_12)
		return -ENOTSUP;
	mbx_82599_encode_get(&msg, opcode, words);
	return vf_exchange(vf, &msg, reply, words);
}

static int
ask_rss_table(struct vf *vf, uint8_t queue[POOL_RSS_ENTRIES])
{
	struct mbx_msg reply;
	int rc = ask_rss(vf, MBX_82599_GET_RETA, &reply, MBX_82599_RETA_WORDS);

	if (rc == 0)
		mbx_82599_read_reta(&reply, queue);
	return rc;
}

static int
ask_rss_key(struct vf *vf, uint8_t key[POOL_RSS_KEY_BYTES])
{
	struct mbx_msg reply;
	int rc = ask_rss(vf, MBX_82599_GET_RSS_KEY, &reply, MBX_82599_RSS_KEY_WORDS);

	if (rc == 0)
		mbx_82599_read_rss_key(&reply, key);
	return rc;
}

static int
introduce(struct vf *vf, const struct mbx_msg *reset_reply)
{
	int rc;

	vf->hash_type = reset_reply->word[3];
	rc = negotiate(vf);
	if (rc == 0)
		rc = ask_queues(vf);
	return rc == 0 ? ask_link_state(vf) : rc;
}

static void
encode_mac_add(struct mbx_msg *msg, const struct mac_addr *mac)
{
	const struct mbx_extra_mac request = { .add = true, .mac = *mac };

	mbx_82599_encode_extra_mac(msg, &request);
}

static void
encode_mac_clear(struct mbx_msg *msg, const struct mac_addr *own)
{
	const struct mbx_extra_mac request = { .clear = true, .mac = *own };

	mbx_82599_encode_extra_mac(msg, &request);
}

static void
encode_multicast(struct mbx_msg *msg, const struct mbx_set_multicast *groups)
{
	mbx_82599_encode_set_multicast(msg, groups->hash, groups->nb);
}

static void
encode_max_frame(struct mbx_msg *msg, uint32_t bytes)
{
	mbx_82599_encode_set_max_frame(msg, bytes - RTE_VLAN_HLEN);
}

static uint16_t
multicast_hash(const struct vf *vf, const struct mac_addr *mac)
{
	return mbx_82599_multicast_hash(mac, vf->hash_type);
}

/* A PF may grant less than it was asked for, which is a refusal to us. */
static int
ask_receive_mode(struct vf *vf, bool unicast, bool multicast)
{
	enum mbx_receive_mode mode = unicast ? MBX_MODE_PROMISCUOUS :
				     multicast ? MBX_MODE_ALL_MULTICAST : MBX_MODE_MULTICAST;
	struct mbx_msg msg, reply = { .word[1] = mode };
	int rc;

	if (vf->ready && mode > MBX_MODE_MULTICAST &&
	    vf->api < (unicast ? MBX_API_13 : MBX_API_12))
		return -EPERM;
	if (vf->ready && vf->api < MBX_API_12)
		return 0;
	mbx_82599_encode_receive_mode(&msg, mode);
	rc = vf_ask(vf, &msg, &reply, MBX_82599_MODE_WORDS);
	return rc == 0 && reply.word[1] < (uint32_t)mode ? -EPERM : rc;
}

const struct vf_dialect vf_dialect_82599 = {
	.reset_reply_words = MBX_82599_RESET_REPLY_WORDS,
	.introduce = introduce,
	.encode_mac_add = encode_mac_add,
	.encode_mac_clear = encode_mac_clear,
	.encode_multicast = encode_multicast,
	.encode_max_frame = encode_max_frame,
	.multicast_hash = multicast_hash,
	.ask_rss_table = ask_rss_table,
	.ask_rss_key = ask_rss_key,
	.ask_receive_mode = ask_receive_mode,
};
