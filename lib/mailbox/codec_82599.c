/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>

#include "codec_82599.h"

#define INFO(n) ((uint32_t)(n) << MBX_INFO_SHIFT)

/* The index of an additional address: 0 drops all, 1 begins a new list, any other appends. */
#define EXTRA_MAC_CLEAR	 0
#define EXTRA_MAC_FIRST	 1
#define EXTRA_MAC_APPEND 2

#define RETA_ENTRIES_A_WORD 16

static void
start_message(struct mbx_msg *msg, uint32_t word0, uint8_t words)
{
	memset(msg, 0, sizeof(*msg));
	msg->word[0] = word0;
	msg->words = words;
}

static int
check_request(const struct mbx_msg *msg, uint8_t min_words, uint32_t known_info)
{
	if (msg->words < min_words || msg->words > MBX_WORDS)
		return -EBADMSG;
	return (msg->word[0] & ~(MBX_OPCODE | known_info)) != 0 ? -EBADMSG : 0;
}

void
mbx_82599_encode_set_max_frame(struct mbx_msg *msg, uint32_t bytes)
{
	const struct mbx_set_max_frame request = { .bytes = bytes };

	mbx_encode_set_max_frame(msg, &request);
}

void
mbx_82599_encode_set_multicast(struct mbx_msg *msg, const uint16_t *hashes, uint8_t nb)
{
	struct mbx_set_multicast request = { .nb = nb };

	if (nb > MBX_MULTICASTS_MAX)
		request.nb = MBX_MULTICASTS_MAX;
	memcpy(request.hash, hashes, request.nb * sizeof(hashes[0]));
	mbx_encode_set_multicast(msg, &request);
}

void
mbx_82599_encode_extra_mac(struct mbx_msg *msg, const struct mbx_extra_mac *request)
{
	const struct mbx_set_mac words = { .action = MBX_MAC_SET, .mac = request->mac };
	uint32_t index = EXTRA_MAC_CLEAR;

	if (request->add)
		index = request->clear ? EXTRA_MAC_FIRST : EXTRA_MAC_APPEND;
	mbx_encode_set_mac(msg, &words);
	msg->word[0] = MBX_82599_EXTRA_MAC | INFO(index);
}

void
mbx_82599_encode_negotiate(struct mbx_msg *msg, enum mbx_api api)
{
	start_message(msg, MBX_82599_NEGOTIATE, 2);
	msg->word[1] = api;
}

void
mbx_82599_encode_receive_mode(struct mbx_msg *msg, enum mbx_receive_mode mode)
{
	start_message(msg, MBX_82599_RECEIVE_MODE, MBX_82599_MODE_WORDS);
	msg->word[1] = mode;
}

void
mbx_82599_encode_get(struct mbx_msg *msg, enum mbx_opcode_82599 opcode, uint8_t words)
{
	start_message(msg, opcode, words);
}

uint16_t
mbx_82599_multicast_hash(const struct mac_addr *mac, uint32_t type)
{
	static const uint8_t low_bit[] = { 4, 3, 2, 0 };	/* of byte 4 */
	uint32_t bits = mac->byte[4] | (uint32_t)mac->byte[5] << 8;

	return (uint16_t)((bits >> low_bit[type % 4]) % MBX_MULTICAST_HASHES);
}

static uint16_t
plausible(uint32_t count, uint16_t most)
{
	return count == 0 || count > most ? 1 : (uint16_t)count;
}

int
mbx_82599_check_queues(const struct mbx_msg *request, const struct mbx_msg *reply, uint16_t most,
		       struct mbx_queues *queues)
{
	int rc = mbx_check_reply(request, reply);

	if (rc < 0)
		return rc;
	if (reply->words < MBX_82599_QUEUES_WORDS)
		return -EBADMSG;
	queues->tx = plausible(reply->word[1], most);
	queues->rx = plausible(reply->word[2], most);
	/* More than 1 is a number of traffic classes. */
	queues->strip_vlan = reply->word[3] == 1;
	return 0;
}

int
mbx_82599_decode_reset(const struct mbx_msg *msg)
{
	return check_request(msg, 1, 0);
}

int
mbx_82599_decode_set_mac(const struct mbx_msg *msg, struct mac_addr *mac)
{
	struct mbx_set_mac request;

	if (check_request(msg, 3, 0) < 0 || mbx_decode_set_mac(msg, &request) < 0)
		return -EBADMSG;
	*mac = request.mac;
	return 0;
}

int
mbx_82599_decode_set_multicast(const struct mbx_msg *msg, struct mbx_set_multicast *request)
{
	/* The whole of MBX_INFO is the count; there is no bit for "and more". */
	if ((msg->word[0] & MBX_INFO) > INFO(MBX_MULTICASTS_MAX))
		return -EBADMSG;
	return mbx_decode_set_multicast(msg, request);
}

int
mbx_82599_decode_extra_mac(const struct mbx_msg *msg, struct mbx_extra_mac *request)
{
	struct mbx_msg words = *msg;
	struct mbx_set_mac set_mac;
	uint32_t index = (msg->word[0] & MBX_INFO) >> MBX_INFO_SHIFT;

	if (check_request(msg, 3, MBX_INFO) < 0)
		return -EBADMSG;
	words.word[0] = MBX_SET_MAC;
	if (mbx_decode_set_mac(&words, &set_mac) < 0)
		return -EBADMSG;
	request->clear = index <= EXTRA_MAC_FIRST;
	request->add = index != EXTRA_MAC_CLEAR;
	request->mac = set_mac.mac;
	return 0;
}

int
mbx_82599_decode_negotiate(const struct mbx_msg *msg, uint32_t *api)
{
	if (check_request(msg, 2, 0) < 0)
		return -EBADMSG;
	*api = msg->word[1];
	return 0;
}

int
mbx_82599_decode_receive_mode(const struct mbx_msg *msg, enum mbx_receive_mode *mode)
{
	if (check_request(msg, 2, 0) < 0 || msg->word[1] > MBX_MODE_PROMISCUOUS)
		return -EBADMSG;
	*mode = (enum mbx_receive_mode)msg->word[1];
	return 0;
}

int
mbx_82599_decode_get(const struct mbx_msg *msg)
{
	return check_request(msg, 1, 0);
}

void
mbx_82599_reply_reset(struct mbx_msg *reply, const struct mac_addr *mac)
{
	mbx_reply_reset(reply, mac);
	reply->words = MBX_82599_RESET_REPLY_WORDS;
}

void
mbx_82599_reply(struct mbx_msg *reply, const struct mbx_msg *request, uint32_t flags)
{
	start_message(reply, (request->word[0] & (MBX_OPCODE | MBX_INFO)) | (flags & MBX_FLAGS),
		      MBX_REPLY_WORDS);
}

static void
start_answer(struct mbx_msg *reply, const struct mbx_msg *request, uint8_t words)
{
	mbx_82599_reply(reply, request, MBX_ACK | MBX_CTS);
	reply->words = words;
}

void
mbx_82599_reply_queues(struct mbx_msg *reply, const struct mbx_msg *request,
		       const struct mbx_queues *queues)
{
	start_answer(reply, request, MBX_82599_QUEUES_WORDS);
	reply->word[1] = queues->tx;
	reply->word[2] = queues->rx;
	reply->word[3] = queues->strip_vlan;
}

void
mbx_82599_reply_reta(struct mbx_msg *reply, const struct mbx_msg *request,
		     const uint8_t queue[POOL_RSS_ENTRIES])
{
	start_answer(reply, request, MBX_82599_RETA_WORDS);
	for (unsigned int i = 0; i < POOL_RSS_ENTRIES; i++)
		reply->word[1 + i / RETA_ENTRIES_A_WORD] |=
			(uint32_t)(queue[i] % 4) << (2 * (i % RETA_ENTRIES_A_WORD));
}

void
mbx_82599_read_reta(const struct mbx_msg *reply, uint8_t queue[POOL_RSS_ENTRIES])
{
	for (unsigned int i = 0; i < POOL_RSS_ENTRIES; i++)
		queue[i] = reply->word[1 + i / RETA_ENTRIES_A_WORD] >>
			(2 * (i % RETA_ENTRIES_A_WORD)) & 3;
}

void
mbx_82599_read_rss_key(const struct mbx_msg *reply, uint8_t key[POOL_RSS_KEY_BYTES])
{
	for (unsigned int i = 0; i < POOL_RSS_KEY_BYTES; i++)
		key[i] = (uint8_t)(reply->word[1 + i / 4] >> (8 * (i % 4)));
}

void
mbx_82599_reply_rss_key(struct mbx_msg *reply, const struct mbx_msg *request,
			const uint8_t key[POOL_RSS_KEY_BYTES])
{
	start_answer(reply, request, MBX_82599_RSS_KEY_WORDS);
	for (unsigned int i = 0; i < POOL_RSS_KEY_BYTES; i++)
		reply->word[1 + i / 4] |= (uint32_t)key[i] << (8 * (i % 4));
}

void
mbx_82599_reply_word(struct mbx_msg *reply, const struct mbx_msg *request, uint32_t word1)
{
	start_answer(reply, request, 2);
	reply->word[1] = word1;
}
