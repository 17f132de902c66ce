/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include "vf.h"

/* With an address in every case, see encode_mac_clear(). */
static void
encode_mac(struct mbx_msg *msg, enum mbx_mac_action action, const struct mac_addr *mac)
{
	struct mbx_set_mac request = { .action = MBX_MAC_SET, .mac = *mac };

	mbx_encode_set_mac(msg, &request);
	msg->word[0] |= (uint32_t)action << MBX_INFO_SHIFT;
}

static void
encode_mac_add(struct mbx_msg *msg, const struct mac_addr *mac)
{
	encode_mac(msg, MBX_MAC_FILTER_ADD, mac);
}

/*
 * The address means nothing in this request, but Linux's PF refuses it with an invalid one, and
 * DPDK's takes it for the VF's new address.
 */
static void
encode_mac_clear(struct mbx_msg *msg, const struct mac_addr *own)
{
	encode_mac(msg, MBX_MAC_FILTERS_CLEAR, own);
}

static void
encode_max_frame(struct mbx_msg *msg, uint32_t bytes)
{
	struct mbx_set_max_frame request = { .bytes = bytes };

	mbx_encode_set_max_frame(msg, &request);
}

static uint16_t
multicast_hash(const struct vf *vf, const struct mac_addr *mac)
{
	(void)vf;
	return mbx_multicast_hash(mac);
}

static int
ask_receive_mode(struct vf *vf, bool unicast, bool multicast)
{
	struct mbx_set_promiscuous request = { .unicast = unicast, .multicast = multicast };
	struct mbx_msg msg, reply;

	mbx_encode_set_promiscuous(&msg, &request);
	return vf_ask(vf, &msg, &reply, MBX_REPLY_WORDS);
}

const struct vf_dialect vf_dialect_82576 = {
	.reset_reply_words = MBX_RESET_REPLY_WORDS,
	.encode_mac_add = encode_mac_add,
	.encode_mac_clear = encode_mac_clear,
	.encode_multicast = mbx_encode_set_multicast,
	.encode_max_frame = encode_max_frame,
	.multicast_hash = multicast_hash,
	.ask_receive_mode = ask_receive_mode,
};
