/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>

#include "codec.h"

#define INFO(n) ((uint32_t)(n) << MBX_INFO_SHIFT)

#define INFO_MULTICAST_COUNT	INFO(0x1f)
#define INFO_MULTICAST_OVERFLOW INFO(0x80)
#define INFO_VLAN_ADD		INFO(0x01)
#define INFO_PROMISC_UNICAST	INFO(0x01)
#define INFO_PROMISC_MULTICAST	INFO(0x02)

#define VLAN_WORD_ID UINT32_C(0x00000fff)

static void
start_message(struct mbx_msg *msg, uint32_t word0, uint8_t words)
{
	memset(msg, 0, sizeof(*msg));
	msg->word[0] = word0;
	msg->words = words;
}

/* An address fills a word and the low half of the next one, first byte lowest. */
static void
put_mac(uint32_t *word, const struct mac_addr *mac)
{
	const uint8_t *b = mac->byte;

	word[0] = b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
	word[1] = b[4] | (uint32_t)b[5] << 8;
}

static void
get_mac(const uint32_t *word, struct mac_addr *mac)
{
	for (unsigned int i = 0; i < MAC_BYTES; i++)
		mac->byte[i] = (uint8_t)(word[i / 4] >> (8 * (i % 4)));
}

/* Opcode alone decides which decoder runs, so all else of word 0 is checked here. */
static int
check_request(const struct mbx_msg *msg, uint8_t min_words, uint32_t known_info)
{
	if (msg->words < min_words || msg->words > MBX_WORDS)
		return -EBADMSG;
	if ((msg->word[0] & ~(MBX_OPCODE | known_info)) != 0)
		return -EBADMSG;
	return 0;
}

void
mbx_encode_reset(struct mbx_msg *msg)
{
	start_message(msg, MBX_VF_RESET, 1);
}

int
mbx_decode_reset(const struct mbx_msg *msg)
{
	return check_request(msg, 1, 0);
}

void
mbx_encode_set_mac(struct mbx_msg *msg, const struct mbx_set_mac *request)
{
	start_message(msg, MBX_SET_MAC | INFO(request->action), 3);
	if (request->action != MBX_MAC_FILTERS_CLEAR)
		put_mac(&msg->word[1], &request->mac);
}

int
mbx_decode_set_mac(const struct mbx_msg *msg, struct mbx_set_mac *request)
{
	uint32_t info = (msg->word[0] & MBX_INFO) >> MBX_INFO_SHIFT;

	if (check_request(msg, 3, MBX_INFO) < 0 || info > MBX_MAC_FILTER_ADD)
		return -EBADMSG;
	request->action = (enum mbx_mac_action)info;
	get_mac(&msg->word[1], &request->mac);
	return 0;
}

void
mbx_encode_set_multicast(struct mbx_msg *msg, const struct mbx_set_multicast *request)
{
	uint8_t nb = request->nb > MBX_MULTICASTS_MAX ? MBX_MULTICASTS_MAX : request->nb;

	/* Both reference VFs send the whole buffer, whatever the count. */
	start_message(msg, MBX_SET_MULTICAST | INFO(nb), MBX_WORDS);
	if (request->overflow)
		msg->word[0] |= INFO_MULTICAST_OVERFLOW;
	for (uint8_t i = 0; i < nb; i++)
		msg->word[1 + i / 2] |= (uint32_t)request->hash[i] << (16 * (i % 2));
}

int
mbx_decode_set_multicast(const struct mbx_msg *msg, struct mbx_set_multicast *request)
{
	uint32_t nb = (msg->word[0] & INFO_MULTICAST_COUNT) >> MBX_INFO_SHIFT;

	if (nb > MBX_MULTICASTS_MAX)
		return -EBADMSG;
	if (check_request(msg, (uint8_t)(1 + (nb + 1) / 2),
			  INFO_MULTICAST_COUNT | INFO_MULTICAST_OVERFLOW) < 0)
		return -EBADMSG;

	request->nb = (uint8_t)nb;
	request->overflow = (msg->word[0] & INFO_MULTICAST_OVERFLOW) != 0;
	for (uint32_t i = 0; i < nb; i++) {
		request->hash[i] = (uint16_t)(msg->word[1 + i / 2] >> (16 * (i % 2)));
		if (request->hash[i] >= MBX_MULTICAST_HASHES)
			return -EBADMSG;
	}
	return 0;
}

uint16_t
mbx_multicast_hash(const struct mac_addr *mac)
{
	return (uint16_t)((mac->byte[4] >> 4 | mac->byte[5] << 4) % MBX_MULTICAST_HASHES);
}

void
mbx_encode_set_vlan(struct mbx_msg *msg, const struct mbx_set_vlan *request)
{
	start_message(msg, MBX_SET_VLAN | (request->add ? INFO_VLAN_ADD : 0), 2);
	msg->word[1] = request->vlan;
}

int
mbx_decode_set_vlan(const struct mbx_msg *msg, struct mbx_set_vlan *request)
{
	if (check_request(msg, 2, INFO_VLAN_ADD) < 0 || (msg->word[1] & ~VLAN_WORD_ID) != 0)
		return -EBADMSG;
	request->vlan = (uint16_t)msg->word[1];
	request->add = (msg->word[0] & INFO_VLAN_ADD) != 0;
	return 0;
}

void
mbx_encode_set_max_frame(struct mbx_msg *msg, const struct mbx_set_max_frame *request)
{
	start_message(msg, MBX_SET_MAX_FRAME, 2);
	msg->word[1] = request->bytes;
}

int
mbx_decode_set_max_frame(const struct mbx_msg *msg, struct mbx_set_max_frame *request)
{
	if (check_request(msg, 2, 0) < 0)
		return -EBADMSG;
	request->bytes = msg->word[1];
	return 0;
}

void
mbx_encode_set_promiscuous(struct mbx_msg *msg, const struct mbx_set_promiscuous *request)
{
	start_message(msg, MBX_SET_PROMISCUOUS, 1);
	if (request->unicast)
		msg->word[0] |= INFO_PROMISC_UNICAST;
	if (request->multicast)
		msg->word[0] |= INFO_PROMISC_MULTICAST;
}

int
mbx_decode_set_promiscuous(const struct mbx_msg *msg, struct mbx_set_promiscuous *request)
{
	if (check_request(msg, 1, INFO_PROMISC_UNICAST | INFO_PROMISC_MULTICAST) < 0)
		return -EBADMSG;
	request->unicast = (msg->word[0] & INFO_PROMISC_UNICAST) != 0;
	request->multicast = (msg->word[0] & INFO_PROMISC_MULTICAST) != 0;
	return 0;
}

void
mbx_reply_reset(struct mbx_msg *reply, const struct mac_addr *mac)
{
	if (mac == NULL || mac_is_zero(mac)) {
		start_message(reply, MBX_VF_RESET | MBX_NACK, MBX_RESET_REPLY_WORDS);
		return;
	}
	start_message(reply, MBX_VF_RESET | MBX_ACK, MBX_RESET_REPLY_WORDS);
	put_mac(&reply->word[1], mac);
}

/* Word 0 of a reply, without flags. */
static uint32_t
reply_word(const struct mbx_msg *request)
{
	uint32_t opcode = request->word[0] & MBX_OPCODE;
	uint32_t info = request->word[0] & MBX_INFO;

	if (opcode == MBX_SET_MAC &&
	    (info == INFO(MBX_MAC_FILTERS_CLEAR) || info == INFO(MBX_MAC_FILTER_ADD)))
		return opcode | info;
	return opcode;
}

void
mbx_reply(struct mbx_msg *reply, const struct mbx_msg *request, uint32_t flags)
{
	start_message(reply, reply_word(request) | (flags & MBX_FLAGS), MBX_REPLY_WORDS);
}

void
mbx_control(struct mbx_msg *msg, uint32_t flags)
{
	start_message(msg, MBX_PF_CONTROL | (flags & MBX_FLAGS), 1);
}

int
mbx_check_reply(const struct mbx_msg *request, const struct mbx_msg *reply)
{
	/* Other PFs keep MBX_INFO in all their replies, or parts of it: the opcode decides. */
	if (reply->words < MBX_REPLY_WORDS ||
	    (reply->word[0] & MBX_OPCODE) != (request->word[0] & MBX_OPCODE))
		return -EBADMSG;

	switch (reply->word[0] & (MBX_ACK | MBX_NACK)) {
	case MBX_ACK:
		return 0;
	case MBX_NACK:
		return -EPERM;
	default:
		return -EBADMSG;
	}
}

int
mbx_check_reset_reply(const struct mbx_msg *reply, struct mac_addr *mac)
{
	if (reply->words < MBX_RESET_REPLY_WORDS)
		return -EBADMSG;
	if (reply->word[0] == (MBX_VF_RESET | MBX_NACK))
		return -ENODATA;
	if (reply->word[0] != (MBX_VF_RESET | MBX_ACK))
		return -EBADMSG;
	get_mac(&reply->word[1], mac);
	if (mac_is_multicast(mac))
		return -EBADMSG;
	return mac_is_zero(mac) ? -ENODATA : 0;
}
