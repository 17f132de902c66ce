/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include "codec_cases.h"

#include <errno.h>

#include "codec_82599.h"

static const struct mac_addr mac = { { 0x02, 0x11, 0x22, 0x33, 0x44, 0x55 } };

/* One signature for all decoders; the output is looked at elsewhere. */
static int
decode(uint32_t opcode, const struct mbx_msg *msg)
{
	struct mbx_set_multicast set_multicast;
	struct mbx_extra_mac extra_mac;
	enum mbx_receive_mode mode;
	struct mac_addr address;
	uint32_t api;

	switch (opcode) {
	case MBX_VF_RESET:
		return mbx_82599_decode_reset(msg);
	case MBX_SET_MAC:
		return mbx_82599_decode_set_mac(msg, &address);
	case MBX_SET_MULTICAST:
		return mbx_82599_decode_set_multicast(msg, &set_multicast);
	case MBX_82599_EXTRA_MAC:
		return mbx_82599_decode_extra_mac(msg, &extra_mac);
	case MBX_82599_NEGOTIATE:
		return mbx_82599_decode_negotiate(msg, &api);
	case MBX_82599_RECEIVE_MODE:
		return mbx_82599_decode_receive_mode(msg, &mode);
	default:
		return mbx_82599_decode_get(msg);
	}
}

static void
test_words(void **state)
{
	static const struct words_case cases[] = {
		{ "reset", 0x01, 0, 0, 1, 0 },
		{ "reset with info", 0x00010001, 0, 0, 1, -EBADMSG },
		{ "set-mac", 0x02, 0x33221102, 0x5544, 3, 0 },
		{ "set-mac knows no actions", 0x00010002, 0x33221102, 0x5544, 3, -EBADMSG },
		{ "set-mac too short", 0x02, 0x33221102, 0x5544, 2, -EBADMSG },
		{ "30 groups", 0x001e0003, 0, 0, 16, 0 },
		{ "31 groups", 0x001f0003, 0, 0, 16, -EBADMSG },
		{ "no bit for more groups", 0x00800003, 0, 0, 16, -EBADMSG },
		{ "255 groups", 0x00ff0003, 0, 0, 16, -EBADMSG },
		{ "a hash of 4096", 0x00010003, 0x1000, 0, 16, -EBADMSG },
		{ "drop addresses", 0x06, 0, 0, 3, 0 },
		{ "append an address", 0x00020006, 0x33221102, 0x5544, 3, 0 },
		{ "the 255th", 0x00ff0006, 0x33221102, 0x5544, 3, 0 },
		{ "extra-mac too short", 0x00020006, 0x33221102, 0, 2, -EBADMSG },
		{ "negotiate", 0x08, 0xffffffff, 0, 2, 0 },
		{ "negotiate nothing", 0x08, 0, 0, 1, -EBADMSG },
		{ "negotiate with info", 0x00010008, 0, 0, 2, -EBADMSG },
		{ "get-queues", 0x09, 0xffffffff, 0xffffffff, 16, 0 },
		{ "get-queues with info", 0x00400009, 0, 0, 16, -EBADMSG },
		{ "mode 3", 0x0c, 3, 0, 2, 0 },
		{ "mode 4", 0x0c, 4, 0, 2, -EBADMSG },
		{ "mode of all ones", 0x0c, 0xffffffff, 0, 2, -EBADMSG },
		{ "mode missing", 0x0c, 0, 0, 1, -EBADMSG },
		{ "link state", 0x10, 0, 0, 1, 0 },
		{ "reserved bits", 0x01000010, 0, 0, 1, -EBADMSG },
		{ "a reply's flag", 0x20000010, 0, 0, 1, -EBADMSG },
		{ "longer than the buffer", 0x10, 0, 0, 17, -EBADMSG },
	};

	(void)state;
	assert_int_equal(words_failed(cases, CASES(cases), decode), 0);
}

static void
test_extra_mac_there_and_back(void **state)
{
	static const struct {
		const char *what;
		bool clear, add;
		uint32_t word0;
	} cases[] = {
		{ "drop all", true, false, 0x00000006 },
		{ "begin a list", true, true, 0x00010006 },
		{ "append", false, true, 0x00020006 },
	};
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++) {
		struct mbx_extra_mac in = { cases[i].clear, cases[i].add, mac }, out;
		struct mbx_msg msg;

		mbx_82599_encode_extra_mac(&msg, &in);
		failed += differs(cases[i].what, cases[i].word0, msg.word[0]);
		failed += differs(cases[i].what, 3, msg.words);
		failed += differs(cases[i].what, 0x33221102, msg.word[1]);
		failed += differs(cases[i].what, 0, mbx_82599_decode_extra_mac(&msg, &out));
		failed += differs(cases[i].what, cases[i].clear, out.clear);
		failed += differs(cases[i].what, cases[i].add, out.add);
		failed += differs(cases[i].what, true, mac_equal(&out.mac, &mac));
	}
	assert_int_equal(failed, 0);
}

static void
test_others_there_and_back(void **state)
{
	static const uint16_t hashes[] = { 1, 4095, 7 };
	struct mbx_set_multicast groups;
	enum mbx_receive_mode mode;
	struct mbx_msg msg;
	uint32_t api;

	(void)state;
	mbx_82599_encode_set_multicast(&msg, hashes, CASES(hashes));
	assert_int_equal(msg.word[0], 0x00030003);
	assert_int_equal(msg.word[1], 0x0fff0001);
	assert_int_equal(mbx_82599_decode_set_multicast(&msg, &groups), 0);
	assert_int_equal(groups.nb, 3);
	assert_false(groups.overflow);
	assert_memory_equal(groups.hash, hashes, sizeof(hashes));

	mbx_82599_encode_negotiate(&msg, MBX_API_13);
	assert_int_equal(msg.word[1], 4);
	assert_int_equal(mbx_82599_decode_negotiate(&msg, &api), 0);
	assert_int_equal(api, MBX_API_13);

	mbx_82599_encode_receive_mode(&msg, MBX_MODE_ALL_MULTICAST);
	assert_int_equal(msg.word[0], 0x0c);
	assert_int_equal(mbx_82599_decode_receive_mode(&msg, &mode), 0);
	assert_int_equal(mode, MBX_MODE_ALL_MULTICAST);

	mbx_82599_encode_set_max_frame(&msg, 1518);
	assert_int_equal(msg.word[0], 0x05);
	assert_int_equal(msg.word[1], 1518);

	mbx_82599_encode_get(&msg, MBX_82599_GET_QUEUES, MBX_82599_QUEUES_WORDS);
	assert_int_equal(msg.word[0], 0x09);
	assert_int_equal(msg.words, 5);
	assert_int_equal(mbx_82599_decode_get(&msg), 0);
}

/* Bits 47:36, 46:35, 45:34, 43:32 of an address, whose byte 5 is bits 47:40. */
static void
test_multicast_hash(void **state)
{
	static const struct mac_addr group = { { 0x01, 0, 0x5e, 0, 0xab, 0xcd } };
	static const uint16_t expect[] = { 0xcda, 0x9b5, 0x36a, 0xdab };

	(void)state;
	for (uint32_t type = 0; type < 4; type++)
		assert_int_equal(mbx_82599_multicast_hash(&group, type), expect[type]);
	/* The PF's word, whatever it says. */
	assert_int_equal(mbx_82599_multicast_hash(&group, UINT32_MAX), expect[3]);
	assert_int_equal(mbx_82599_multicast_hash(&group, 0), mbx_multicast_hash(&group));
}

static void
test_replies(void **state)
{
	static const struct {
		const char *what;
		uint32_t request, flags, expect;
	} cases[] = {
		{ "info is echoed", 0x00010004, MBX_ACK | MBX_CTS, 0xa0010004 },
		{ "in a refusal too", 0x00020006, MBX_NACK | MBX_CTS, 0x60020006 },
		{ "without CTS", 0x00000005, MBX_NACK, 0x40000005 },
		{ "reserved bits are not", 0x1f00abcd, MBX_NACK | MBX_CTS, 0x6000abcd },
	};
	unsigned int failed = 0;
	struct mbx_msg reply;

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++) {
		struct mbx_msg request = { .word = { cases[i].request, 1, 2, 3 }, .words = 16 };

		memset(&reply, 0xee, sizeof(reply));
		mbx_82599_reply(&reply, &request, cases[i].flags);
		failed += differs(cases[i].what, cases[i].expect, reply.word[0]);
		failed += differs(cases[i].what, 0, rest_not_zero(&reply, 1));
	}
	assert_int_equal(failed, 0);

	memset(&reply, 0xee, sizeof(reply));
	mbx_82599_reply_reset(&reply, &mac);
	assert_int_equal(reply.words, 4);
	assert_int_equal(reply.word[0], 0x80000001);
	assert_int_equal(reply.word[1], 0x33221102);
	assert_int_equal(rest_not_zero(&reply, 3), 0);
	mbx_82599_reply_reset(&reply, NULL);
	assert_int_equal(reply.word[0], 0x40000001);
}

static void
test_answers(void **state)
{
	const struct mbx_msg request = { .word = { 0x0a }, .words = 16 };
	uint8_t queue[POOL_RSS_ENTRIES], key[POOL_RSS_KEY_BYTES];
	uint8_t read_queue[POOL_RSS_ENTRIES], read_key[POOL_RSS_KEY_BYTES];
	struct mbx_msg reply;

	(void)state;
	for (unsigned int i = 0; i < POOL_RSS_ENTRIES; i++)
		queue[i] = i % 4;
	for (unsigned int i = 0; i < POOL_RSS_KEY_BYTES; i++)
		key[i] = i + 1;
	mbx_82599_reply_reta(&reply, &request, queue);
	assert_int_equal(reply.words, 9);
	assert_int_equal(reply.word[0], 0xa000000a);
	for (unsigned int i = 1; i < 9; i++)
		assert_int_equal(reply.word[i], 0xe4e4e4e4);
	assert_int_equal(rest_not_zero(&reply, 9), 0);
	mbx_82599_read_reta(&reply, read_queue);
	assert_memory_equal(read_queue, queue, sizeof(queue));

	mbx_82599_reply_rss_key(&reply, &request, key);
	assert_int_equal(reply.words, 11);
	assert_int_equal(reply.word[1], 0x04030201);
	assert_int_equal(reply.word[10], 0x28272625);
	assert_int_equal(rest_not_zero(&reply, 11), 0);
	mbx_82599_read_rss_key(&reply, read_key);
	assert_memory_equal(read_key, key, sizeof(key));

	mbx_82599_reply_word(&reply, &request, 7);
	assert_int_equal(reply.words, 2);
	assert_int_equal(reply.word[1], 7);
}

static void
test_queues(void **state)
{
	static const struct {
		const char *what;
		uint32_t words[5];
		uint16_t tx, rx;
		bool strip;
	} cases[] = {
		{ "two and two", { 0xa0000009, 2, 2, 0, 0 }, 2, 2, false },
		{ "a port VLAN", { 0xa0000009, 2, 2, 1, 0 }, 2, 2, true },
		{ "traffic classes", { 0xa0000009, 1, 4, 4, 0 }, 1, 4, false },
		{ "none", { 0xa0000009, 0, 0, 0, 0 }, 1, 1, false },
		{ "too many", { 0xa0000009, 9, ~0u, 0, 0 }, 1, 1, false },
		{ "the most", { 0xa0000009, 8, 8, 0, 0 }, 8, 8, false },
	};
	const struct mbx_msg request = { .word = { 0x09 }, .words = 5 };
	unsigned int failed = 0;
	struct mbx_queues queues;
	struct mbx_msg reply = { .words = 5 };

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++) {
		memcpy(reply.word, cases[i].words, sizeof(cases[i].words));
		failed += differs(cases[i].what, 0,
				  mbx_82599_check_queues(&request, &reply, 8, &queues));
		failed += differs(cases[i].what, cases[i].tx, queues.tx);
		failed += differs(cases[i].what, cases[i].rx, queues.rx);
		failed += differs(cases[i].what, cases[i].strip, queues.strip_vlan);
	}
	assert_int_equal(failed, 0);
	reply.words = 4;
	assert_int_equal(mbx_82599_check_queues(&request, &reply, 8, &queues), -EBADMSG);
	reply = (struct mbx_msg){ .word = { 0x60000009 }, .words = 5 };
	assert_int_equal(mbx_82599_check_queues(&request, &reply, 8, &queues), -EPERM);

	queues = (struct mbx_queues){ .tx = 2, .rx = 4, .strip_vlan = true };
	mbx_82599_reply_queues(&reply, &request, &queues);
	assert_int_equal(reply.words, 5);
	assert_int_equal(reply.word[0], 0xa0000009);
	assert_int_equal(reply.word[1], 2);
	assert_int_equal(reply.word[2], 4);
	assert_int_equal(reply.word[3], 1);
	assert_int_equal(reply.word[4], 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_extra_mac_there_and_back),
		cmocka_unit_test(test_others_there_and_back),
		cmocka_unit_test(test_multicast_hash),
		cmocka_unit_test(test_replies),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_queues),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
