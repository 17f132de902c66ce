/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* What can go wrong in the dialect of 82599, X540 and X550 only: versions, queues, modes, RSS. */

#include "negative.h"

#include <errno.h>

#include "codec_82599.h"

#define ANSWERED(opcode) ((opcode) | MBX_ACK | MBX_CTS)

static int
ready_82599(void **state)
{
	(void)state;
	rig_start_82599(NULL);
	memset(&fake.rss, 0x5a, sizeof(fake.rss));
	for (uint16_t vf = 0; vf < RIG_VFS; vf++)
		rig_reset(vf);
	return 0;
}

/* ixgbevf and PFs did not agree on what a number meant: each number, and what it opens. */
static void
cve_2025_40104_every_version(void **state)
{
	unsigned int failed = 0;

	(void)state;
	for (uint32_t api = 0; api < 64; api++) {
		bool spoken = api == 0 || (api >= 2 && api <= 4);
		uint32_t queues, link;

		rig_reset(0);
		failed += differs("verdict", spoken ? ANSWERED(8) : REFUSED(8), ask(0, 8, api));
		queues = ask(0, MBX_82599_GET_QUEUES, 0);
		link = ask(0, MBX_82599_GET_LINK_STATE, 0);
		failed += differs("queues", spoken && api >= 2 ? ANSWERED(9) : REFUSED(9), queues);
		failed += differs("link", spoken && api >= 3 ? ANSWERED(16) : REFUSED(16), link);
		failed += differs("a request of all versions", ANSWERED(MBX_SET_VLAN | 0x10000),
				  ask(0, 0x10004, 5));
	}
	for (uint32_t bit = 3; bit < 32; bit++) {
		failed += differs("a version of one bit", REFUSED(8), ask(0, 8, 1u << bit));
		failed += differs("one more bit", REFUSED(8), ask(0, 8, 1u << bit | 2));
	}
	assert_int_equal(failed, 0);
}

/* A refusal does not take away what was agreed on, and a reset does. */
static void
cve_2025_40104_what_was_agreed_on_lasts_until_reset(void **state)
{
	(void)state;
	assert_int_equal(ask(0, 8, MBX_API_12), ANSWERED(8));
	assert_int_equal(ask(0, 8, UINT32_MAX), REFUSED(8));
	assert_int_equal(ask(0, MBX_82599_GET_LINK_STATE, 0), ANSWERED(16));
	assert_int_equal(ask(1, MBX_82599_GET_LINK_STATE, 0), REFUSED(16));
	rig_reset(0);
	assert_int_equal(ask(0, MBX_82599_GET_LINK_STATE, 0), REFUSED(16));
	assert_int_equal(ask(0, 8, MBX_API_12), ANSWERED(8));
	service_on_vf_reset(&rig, 0);
	assert_int_equal(changes_something(0, 8, MBX_API_13), 0);
	rig_reset(0);
	assert_int_equal(ask(0, MBX_82599_GET_LINK_STATE, 0), REFUSED(16));
}

/* The reply to RESET has a word more here, and it tells as little of the PF's memory. */
static void
cve_2022_48949_reset_reply_leaks_no_memory_82599(void **state)
{
	(void)state;
	for (unsigned int pinned = 0; pinned < 2; pinned++) {
		if (pinned)
			(void)service_set_policy(&rig, 0, &(struct vf_policy){ .mac = mac_a });
		assert_int_equal(rig_reset(0), pinned ? 0x80000001 : 0x40000001);
		assert_int_equal(rig_reply.words, 4);
		for (unsigned int word = pinned ? 3 : 1; word < MBX_WORDS; word++)
			assert_int_equal(rig_reply.word[word], 0);
		assert_int_equal(rig_reply.word[2] >> 16, 0);
	}
}

static void
get_queues_before_negotiate(void **state)
{
	static const uint32_t gets[] = { 9, 10, 11, 12, 16 };
	unsigned int changes = 0;

	(void)state;
	for (unsigned int reset = 0; reset < 2; reset++) {
		if (!reset)
			service_on_vf_reset(&rig, 0);
		else
			rig_reset(0);
		for (size_t i = 0; i < CASES(gets); i++) {
			changes += changes_something(0, gets[i], 0);
			for (unsigned int word = 1; word < MBX_WORDS; word++)
				assert_int_equal(rig_reply.word[word], 0);
		}
	}
	assert_int_equal(changes, 0);
}

/* The counts are the hardware's, whatever the VF claims in its request. */
static void
cve_2025_39971_get_queues_takes_nothing_from_the_vf(void **state)
{
	(void)state;
	assert_int_equal(ask(0, 8, MBX_API_13), ANSWERED(8));
	for (uint32_t bit = 0; bit < 32; bit++) {
		struct mbx_msg msg = { .word = { 9 }, .words = MBX_WORDS };

		for (unsigned int word = 1; word < MBX_WORDS; word++)
			msg.word[word] = 1u << bit;
		assert_int_equal(rig_request(0, &msg), ANSWERED(9));
		assert_int_equal(rig_reply.word[1], fake.info.tx_queues);
		assert_int_equal(rig_reply.word[2], fake.info.rx_queues);
		for (unsigned int word = 3; word < MBX_WORDS; word++)
			assert_int_equal(rig_reply.word[word], 0);
	}
}

static void
receive_mode_4_and_above(void **state)
{
	unsigned int changes = 0;

	(void)state;
	assert_int_equal(ask(0, 8, MBX_API_13), ANSWERED(8));
	for (uint32_t mode = 4; mode < 300; mode++)
		changes += changes_something(0, 12, mode);
	for (uint32_t bit = 2; bit < 32; bit++)
		changes += changes_something(0, 12, 1u << bit | 1);
	for (uint32_t info = 1; info < 256; info++)
		changes += changes_something(0, info << 16 | 12, 1);
	assert_int_equal(changes, 0);

	/* The largest there is gives an untrusted VF no more than multicast, and says so. */
	assert_int_equal(ask(0, 12, 3), ANSWERED(12));
	assert_int_equal(rig_reply.word[1], 2);
	assert_false(fake.vf[0].accept & POOL_ACCEPT_ALL_UNICAST);
}

/* The key of a hash that all pools share says how to overload one queue of a neighbour. */
static void
rss_is_told_to_nobody_unasked(void **state)
{
	static const struct vf_policy trusted = { .trusted = true };
	static const struct vf_policy curious = { .query_rss = true };

	(void)state;
	for (uint16_t vf = 0; vf < 2; vf++) {
		assert_int_equal(service_set_policy(&rig, vf, vf == 1 ? &curious : &trusted), 0);
		assert_int_equal(ask(vf, 8, MBX_API_12), ANSWERED(8));
		for (uint32_t opcode = 10; opcode <= 11; opcode++) {
			assert_int_equal(ask(vf, opcode, 0), vf == 1 ? ANSWERED(opcode) :
				REFUSED(opcode));
			assert_int_equal(rig_reply.word[1] != 0, vf == 1);
		}
	}
	assert_int_equal(service_set_policy(&rig, 1, &policy_default), 0);
	assert_int_equal(ask(1, 11, 0), REFUSED(11));
	assert_int_equal(rig_reply.word[1], 0);
}

/* The index was the row of a table; here it only says whether the list begins anew. */
static void
extra_address_of_every_index(void **state)
{
	unsigned int failed = 0;

	(void)state;
	for (uint32_t index = 0; index < 256; index++) {
		struct mbx_extra_mac request = { .add = true, .mac = rig_mac(index) };
		struct mbx_msg msg;
		uint32_t expect;

		mbx_82599_encode_extra_mac(&msg, &request);
		msg.word[0] = MBX_82599_EXTRA_MAC | index << MBX_INFO_SHIFT;
		expect = msg.word[0] | MBX_CTS | (index < QUOTA_MACS ? MBX_ACK : MBX_NACK);
		failed += differs("verdict", expect, rig_request(0, &msg));
		failed += differs("number", 1, fake.vf[0].nb_macs <= QUOTA_MACS);
		failed += differs("the neighbour's", 0, fake.vf[1].nb_macs);
	}
	/* 0 takes them all away, again and again, whatever its address. */
	for (unsigned int i = 0; i < 3; i++) {
		failed += differs("cleared", ANSWERED(6), ask(0, 6, UINT32_MAX));
		failed += differs("none left", 0, fake.vf[0].nb_macs);
	}
	assert_int_equal(failed, 0);
}

/* Any VF could raise the frame size of the port, and so of all VFs. */
static void
vf_set_lpe_the_ports_frame_size_is_not_the_vfs(void **state)
{
	static const uint32_t lengths[] = { 0, 63, 1519, 5000, 9728, 9729, UINT32_MAX };
	unsigned int failed = 0;

	(void)state;
	fake.info.shared_max_frame = 1518;
	rig_reset(0);
	for (uint32_t api = 0; api <= 4; api++) {
		(void)ask(0, 8, api);
		for (size_t i = 0; i < CASES(lengths); i++) {
			failed += changes_something(0, MBX_SET_MAX_FRAME, lengths[i]);
			failed += differs("refused", REFUSED(5), rig_reply.word[0]);
		}
		failed += differs("the port's", ANSWERED(5), ask(0, MBX_SET_MAX_FRAME, 1518));
	}
	for (uint16_t vf = 1; vf < RIG_VFS; vf++)
		failed += differs("the neighbour's", SERVICE_FRAME_BYTES, fake.vf[vf].max_frame);
	assert_int_equal(failed, 0);
}

/* What a later version, IPsec, or the other dialect would make of the same words. */
static void
words_of_other_dialects(void **state)
{
	unsigned int changes = 0;

	(void)state;
	assert_int_equal(ask(0, 8, MBX_API_13), ANSWERED(8));
	for (uint32_t opcode = 0xd; opcode <= 0x100; opcode++) {
		if (opcode != MBX_82599_GET_LINK_STATE)
			changes += changes_something(0, opcode, 1);
	}
	for (uint32_t info = 1; info < 256; info++)
		changes += changes_something(0, info << 16 | MBX_SET_MAC, 0x02020202);
	for (uint32_t info = 31; info < 256; info++)
		changes += changes_something(0, info << 16 | MBX_SET_MULTICAST, 1);
	changes += changes_something(0, 7, 0);
	assert_int_equal(changes, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, ready_82599, rig_finish)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(cve_2025_40104_every_version),
		TEST(cve_2025_40104_what_was_agreed_on_lasts_until_reset),
		TEST(cve_2022_48949_reset_reply_leaks_no_memory_82599),
		TEST(get_queues_before_negotiate),
		TEST(cve_2025_39971_get_queues_takes_nothing_from_the_vf),
		TEST(receive_mode_4_and_above),
		TEST(rss_is_told_to_nobody_unasked),
		TEST(extra_address_of_every_index),
		TEST(vf_set_lpe_the_ports_frame_size_is_not_the_vfs),
		TEST(words_of_other_dialects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
