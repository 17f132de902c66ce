/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include "codec_cases.h"

#include <errno.h>

#include "codec.h"

static const struct mac_addr mac = { { 0x02, 0x11, 0x22, 0x33, 0x44, 0x55 } };

/* One signature for all decoders; the output is looked at elsewhere. */
static int
decode(uint32_t opcode, const struct mbx_msg *msg)
{
	struct mbx_set_mac set_mac;
	struct mbx_set_multicast set_multicast;
	struct mbx_set_vlan set_vlan;
	struct mbx_set_max_frame set_max_frame;
	struct mbx_set_promiscuous set_promiscuous;

	switch (opcode) {
	case MBX_VF_RESET:
		return mbx_decode_reset(msg);
	case MBX_SET_MAC:
		return mbx_decode_set_mac(msg, &set_mac);
	case MBX_SET_MULTICAST:
		return mbx_decode_set_multicast(msg, &set_multicast);
	case MBX_SET_VLAN:
		return mbx_decode_set_vlan(msg, &set_vlan);
	case MBX_SET_MAX_FRAME:
		return mbx_decode_set_max_frame(msg, &set_max_frame);
	default:
		return mbx_decode_set_promiscuous(msg, &set_promiscuous);
	}
}

static void
test_words(void **state)
{
	static const struct words_case cases[] = {
		{ "reset", 0x00000001, 0, 0, 1, 0 },
		{ "reset, rubbish behind it", 0x00000001, 0xffffffff, 0xffffffff, 16, 0 },
		{ "set-mac", 0x00000002, 0x33221102, 0x00005544, 3, 0 },
		{ "set-mac, padding not zero", 0x00000002, 0x33221102, 0xffff5544, 16, 0 },
		{ "clear filters", 0x00010002, 0, 0, 3, 0 },
		{ "add filter", 0x00020002, 0x33221102, 0x00005544, 3, 0 },
		{ "no third MAC action", 0x00030002, 0x33221102, 0x00005544, 3, -EBADMSG },
		{ "multicast, none", 0x00000003, 0, 0, 16, 0 },
		{ "multicast, one", 0x00010003, 0x00000fff, 0, 16, 0 },
		{ "multicast, the second hash too big", 0x00020003, 0x10000fff, 0, 16, -EBADMSG },
		{ "multicast, rubbish behind the first", 0x00010003, 0xffff0001, ~0u, 16, 0 },
		{ "multicast, hash 4096", 0x00010003, 0x00001000, 0, 16, -EBADMSG },
		{ "multicast, 30 of 0", 0x001e0003, 0, 0, 16, 0 },
		{ "multicast, 31 of 0", 0x001f0003, 0, 0, 16, -EBADMSG },
		{ "multicast, overflow of 30", 0x009e0003, 0, 0, 16, 0 },
		{ "multicast, overflow of 31", 0x009f0003, 0, 0, 16, -EBADMSG },
		{ "multicast, 255", 0x00ff0003, 0, 0, 16, -EBADMSG },
		{ "remove VLAN 0", 0x00000004, 0, 0, 2, 0 },
		{ "add VLAN 0", 0x00010004, 0, 0, 2, 0 },
		{ "add VLAN 4094", 0x00010004, 4094, 0, 2, 0 },
		{ "VLAN 4095 is the policy's matter", 0x00010004, 4095, 0, 2, 0 },
		{ "VLAN 4096", 0x00010004, 4096, 0, 2, -EBADMSG },
		{ "VLAN with a priority", 0x00010004, 0xe064, 0, 2, -EBADMSG },
		{ "VLAN of all ones", 0x00010004, 0xffffffff, 0, 2, -EBADMSG },
		{ "max frame 0", 0x00000005, 0, 0, 2, 0 },
		{ "max frame of all ones", 0x00000005, 0xffffffff, 0, 2, 0 },
		{ "promiscuous off", 0x00000006, 0, 0, 1, 0 },
		{ "promiscuous on", 0x00030006, 0, 0, 1, 0 },
		{ "a third promiscuous mode", 0x00040006, 0, 0, 1, -EBADMSG },
		{ "device gone", 0xffffffff, 0xffffffff, 0xffffffff, 16, -EBADMSG },
	};

	(void)state;
	assert_int_equal(words_failed(cases, CASES(cases), decode), 0);
}

/* Counts of 0 to 30, and the same with the overflow bit. */
#define COUNTS { 0x7fffffff, [4] = 0x7fffffff }

static const struct {
	const char *what;
	uint32_t word0;
	uint8_t min_words;
	uint32_t infos[8];	/* bitmap over the values of MBX_INFO that have a meaning */
} opcodes[] = {
	{ "reset", MBX_VF_RESET, 1, { 0x1 } },
	{ "set-mac", MBX_SET_MAC, 3, { 0x7 } },
	{ "set-multicast", MBX_SET_MULTICAST, 1, COUNTS },
	{ "set-multicast of 29", MBX_SET_MULTICAST | 29u << 16, 16, COUNTS },
	{ "set-multicast of 2", MBX_SET_MULTICAST | 2u << 16, 2, COUNTS },
	{ "set-vlan", MBX_SET_VLAN, 2, { 0x3 } },
	{ "set-max-frame", MBX_SET_MAX_FRAME, 2, { 0x1 } },
	{ "set-promiscuous", MBX_SET_PROMISCUOUS, 1, { 0xf } },
};

static void
test_lengths(void **state)
{
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(opcodes); i++) {
		for (unsigned int words = 0; words <= 255; words++) {
			struct mbx_msg msg = {
				.word = { opcodes[i].word0 },
				.words = (uint8_t)words,
			};
			bool fits = words >= opcodes[i].min_words && words <= MBX_WORDS;

			failed += differs(opcodes[i].what, fits ? 0 : -EBADMSG,
					  decode(opcodes[i].word0 & MBX_OPCODE, &msg));
		}
	}
	assert_int_equal(failed, 0);
}

static void
test_infos(void **state)
{
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(opcodes); i++) {
		for (unsigned int info = 0; info <= 255; info++) {
			uint32_t opcode = opcodes[i].word0 & MBX_OPCODE;
			struct mbx_msg msg = { .word = { opcode | info << 16 }, .words = 16 };
			bool known = opcodes[i].infos[info / 32] >> (info % 32) & 1;
			failed += differs(opcodes[i].what, known ? 0 : -EBADMSG,
					  decode(opcode, &msg));
		}
	}
	assert_int_equal(failed, 0);
}

static void
test_flags_and_reserved_bits(void **state)
{
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(opcodes); i++) {
		for (unsigned int bit = 24; bit < 32; bit++) {
			uint32_t word0 = (opcodes[i].word0 & MBX_OPCODE) | UINT32_C(1) << bit;
			struct mbx_msg msg = { .word = { word0 }, .words = 16 };

			failed += differs(opcodes[i].what, -EBADMSG,
					  decode(word0 & MBX_OPCODE, &msg));
		}
	}
	assert_int_equal(failed, 0);
}

static void
test_each_hash_is_checked(void **state)
{
	unsigned int failed = 0;

	(void)state;
	for (unsigned int nb = 1; nb <= MBX_MULTICASTS_MAX; nb++) {
		for (unsigned int bad = 0; bad < MBX_MULTICASTS_MAX; bad++) {
			struct mbx_msg msg = {
				.word = { MBX_SET_MULTICAST | nb << 16 },
				.words = MBX_WORDS,
			};

			msg.word[1 + bad / 2] = UINT32_C(0x1000) << (16 * (bad % 2));
			failed += differs("a hash of 4096", bad < nb ? -EBADMSG : 0,
					  decode(MBX_SET_MULTICAST, &msg));
		}
	}
	assert_int_equal(failed, 0);
}

static void
test_mac_there_and_back(void **state)
{
	struct mbx_set_mac in = { MBX_MAC_SET, mac }, out;
	struct mbx_msg msg;

	(void)state;
	mbx_encode_set_mac(&msg, &in);
	assert_int_equal(msg.words, 3);
	assert_int_equal(msg.word[0], 0x00000002);
	assert_int_equal(msg.word[1], 0x33221102);
	assert_int_equal(msg.word[2], 0x00005544);
	assert_int_equal(mbx_decode_set_mac(&msg, &out), 0);
	assert_int_equal(out.action, MBX_MAC_SET);
	assert_memory_equal(&out.mac, &mac, sizeof(mac));

	in.action = MBX_MAC_FILTER_ADD;
	mbx_encode_set_mac(&msg, &in);
	assert_int_equal(msg.word[0], 0x00020002);
	assert_int_equal(mbx_decode_set_mac(&msg, &out), 0);
	assert_int_equal(out.action, MBX_MAC_FILTER_ADD);

	in.action = MBX_MAC_FILTERS_CLEAR;
	mbx_encode_set_mac(&msg, &in);
	assert_int_equal(msg.word[0], 0x00010002);
	assert_int_equal(msg.word[1] | msg.word[2], 0);
	assert_int_equal(mbx_decode_set_mac(&msg, &out), 0);
	assert_int_equal(out.action, MBX_MAC_FILTERS_CLEAR);
}

static void
test_multicast_there_and_back(void **state)
{
	struct mbx_set_multicast in = { .overflow = true }, out;
	struct mbx_msg msg;

	(void)state;
	for (uint16_t i = 0; i < MBX_MULTICASTS_MAX; i++)
		in.hash[i] = (uint16_t)(4095 - i);
	for (unsigned int nb = 0; nb <= 40; nb++) {
		unsigned int fits = nb < MBX_MULTICASTS_MAX ? nb : MBX_MULTICASTS_MAX;

		in.nb = (uint8_t)nb;
		mbx_encode_set_multicast(&msg, &in);
		assert_int_equal(msg.words, MBX_WORDS);
		assert_int_equal(mbx_decode_set_multicast(&msg, &out), 0);
		assert_int_equal(out.nb, fits);
		assert_true(out.overflow);
		assert_memory_equal(out.hash, in.hash, fits * sizeof(in.hash[0]));
	}
	assert_int_equal(msg.word[0], 0x009e0003);
	assert_int_equal(msg.word[1], 0x0ffe0fff);
	in.overflow = false;
	mbx_encode_set_multicast(&msg, &in);
	assert_int_equal(mbx_decode_set_multicast(&msg, &out), 0);
	assert_false(out.overflow);
}

static void
test_others_there_and_back(void **state)
{
	struct mbx_set_vlan vlan;
	struct mbx_set_max_frame frame;
	struct mbx_set_promiscuous promiscuous;
	struct mbx_msg msg;

	(void)state;
	mbx_encode_reset(&msg);
	assert_int_equal(msg.word[0], 1);
	assert_int_equal(msg.words, 1);
	for (uint16_t id = 0; id < 4096; id++) {
		mbx_encode_set_vlan(&msg, &(struct mbx_set_vlan){ id, id % 2 == 0 });
		assert_int_equal(msg.word[0], id % 2 == 0 ? 0x00010004 : 0x00000004);
		assert_int_equal(mbx_decode_set_vlan(&msg, &vlan), 0);
		assert_int_equal(vlan.vlan, id);
		assert_int_equal(vlan.add, id % 2 == 0);
	}
	mbx_encode_set_max_frame(&msg, &(struct mbx_set_max_frame){ 1522 });
	assert_int_equal(msg.words, 2);
	assert_int_equal(mbx_decode_set_max_frame(&msg, &frame), 0);
	assert_int_equal(frame.bytes, 1522);
	for (unsigned int modes = 0; modes < 4; modes++) {
		struct mbx_set_promiscuous in = { (modes & 1) != 0, (modes & 2) != 0 };

		mbx_encode_set_promiscuous(&msg, &in);
		assert_int_equal(msg.word[0], 6 | modes << 16);
		assert_int_equal(mbx_decode_set_promiscuous(&msg, &promiscuous), 0);
		assert_int_equal(promiscuous.unicast, in.unicast);
		assert_int_equal(promiscuous.multicast, in.multicast);
	}
}

static void
test_multicast_hash(void **state)
{
	static const struct {
		const char *what;
		struct mac_addr mac;
		uint16_t expect;
	} cases[] = {
		{ "all ones", { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } }, 0xfff },
		{ "byte 4 gives its high half", { { 1, 0, 0, 0, 0xaf, 0 } }, 0x00a },
		{ "byte 5 is the high part", { { 1, 0, 0, 0, 0, 0x5c } }, 0x5c0 },
		{ "all hosts", { { 0x01, 0x00, 0x5e, 0x00, 0x00, 0x01 } }, 0x010 },
	};
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++)
		failed += differs(cases[i].what, cases[i].expect,
				  mbx_multicast_hash(&cases[i].mac));
	assert_int_equal(failed, 0);
}

static void
test_reset_reply(void **state)
{
	struct mbx_msg reply;
	struct mac_addr got;

	(void)state;
	memset(&reply, 0xee, sizeof(reply));
	mbx_reply_reset(&reply, &mac);
	assert_int_equal(reply.words, 3);
	assert_int_equal(reply.word[0], 0x80000001);
	assert_int_equal(reply.word[1], 0x33221102);
	assert_int_equal(reply.word[2], 0x00005544);
	assert_int_equal(rest_not_zero(&reply, 3), 0);
	assert_int_equal(mbx_check_reset_reply(&reply, &got), 0);
	assert_memory_equal(&got, &mac, sizeof(mac));

	reply.words = 2;
	assert_int_equal(mbx_check_reset_reply(&reply, &got), -EBADMSG);
	reply.words = 3;
	reply.word[0] |= MBX_CTS;
	assert_int_equal(mbx_check_reset_reply(&reply, &got), -EBADMSG);
	reply.word[0] = 0x80000001;
	reply.word[1] |= 1;
	assert_int_equal(mbx_check_reset_reply(&reply, &got), -EBADMSG);
	reply.word[1] = reply.word[2] = 0;
	assert_int_equal(mbx_check_reset_reply(&reply, &got), -ENODATA);

	memset(&reply, 0xee, sizeof(reply));
	mbx_reply_reset(&reply, NULL);
	assert_int_equal(reply.word[0], 0x40000001);
	assert_int_equal(rest_not_zero(&reply, 1), 0);
	assert_int_equal(mbx_check_reset_reply(&reply, &got), -ENODATA);
	mbx_reply_reset(&reply, &(struct mac_addr){ { 0 } });
	assert_int_equal(reply.word[0], 0x40000001);
}

static void
test_replies(void **state)
{
	static const struct {
		const char *what;
		uint32_t request, flags, expect;
		int check;
	} cases[] = {
		{ "set-mac granted", 0x00000002, MBX_ACK | MBX_CTS, 0xa0000002, 0 },
		{ "set-mac refused", 0x00000002, MBX_NACK | MBX_CTS, 0x60000002, -EPERM },
		{ "clear keeps its action", 0x00010002, MBX_ACK | MBX_CTS, 0xa0010002, 0 },
		{ "add keeps its action", 0x00020002, MBX_NACK | MBX_CTS, 0x60020002, -EPERM },
		{ "an unknown action is not kept", 0x00050002, MBX_NACK | MBX_CTS, 0x60000002,
		  -EPERM },
		{ "the count is stripped", 0x001e0003, MBX_ACK | MBX_CTS, 0xa0000003, 0 },
		{ "add is stripped, to be seen refused", 0x00010004, MBX_NACK | MBX_CTS, 0x60000004,
		  -EPERM },
		{ "modes are stripped", 0x00030006, MBX_NACK | MBX_CTS, 0x60000006, -EPERM },
		{ "not clear to send", 0x00000005, MBX_NACK, 0x40000005, -EPERM },
		{ "reserved bits are not echoed", 0x1f00abcd, MBX_NACK, 0x4000abcd, -EPERM },
		{ "neither way is no answer", 0x00000005, MBX_CTS, 0x20000005, -EBADMSG },
		{ "both ways is no answer", 0x00000005, MBX_ACK | MBX_NACK, 0xc0000005, -EBADMSG },
	};
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++) {
		struct mbx_msg request = { .word = { cases[i].request, 1, 2, 3 }, .words = 16 };
		struct mbx_msg reply;

		memset(&reply, 0xee, sizeof(reply));
		mbx_reply(&reply, &request, cases[i].flags);
		failed += differs(cases[i].what, cases[i].expect, reply.word[0]);
		failed += differs(cases[i].what, 1, reply.words);
		failed += differs(cases[i].what, 0, rest_not_zero(&reply, 1));
		failed += differs(cases[i].what, cases[i].check, mbx_check_reply(&request, &reply));
		reply.word[0] ^= 0x0100;
		failed += differs("another opcode", -EBADMSG, mbx_check_reply(&request, &reply));
	}
	assert_int_equal(failed, 0);
}

static void
test_control(void **state)
{
	struct mbx_msg msg;

	(void)state;
	memset(&msg, 0xee, sizeof(msg));
	mbx_control(&msg, MBX_CTS);
	assert_int_equal(msg.word[0], 0x20000100);
	assert_int_equal(msg.words, 1);
	assert_int_equal(rest_not_zero(&msg, 1), 0);
	mbx_control(&msg, 0);
	assert_int_equal(msg.word[0], 0x00000100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_infos),
		cmocka_unit_test(test_flags_and_reserved_bits),
		cmocka_unit_test(test_each_hash_is_checked),
		cmocka_unit_test(test_mac_there_and_back),
		cmocka_unit_test(test_multicast_there_and_back),
		cmocka_unit_test(test_others_there_and_back),
		cmocka_unit_test(test_multicast_hash),
		cmocka_unit_test(test_reset_reply),
		cmocka_unit_test(test_replies),
		cmocka_unit_test(test_control),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
