/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include "cases.h"

#include <errno.h>

#include "codec_82599.h"
#include "rig.h"

#define OK(word0)      ((word0) | MBX_ACK | MBX_CTS)
#define REFUSED(word0) ((word0) | MBX_NACK | MBX_CTS)
#define APPEND	       (MBX_82599_EXTRA_MAC | 2 << 16)

static const struct vf_policy trusted = { .trusted = true, .spoof_check = true };
static const struct vf_policy curious = { .query_rss = true, .spoof_check = true };

/* A message of up to three words; the reply's word 0. */
static uint32_t
say(uint16_t vf, uint32_t word0, uint32_t word1, uint32_t word2)
{
	const struct mbx_msg msg = { .word = { word0, word1, word2 }, .words = MBX_WORDS };

	return rig_request(vf, &msg);
}

static uint32_t
extra_mac(uint16_t vf, uint32_t index, const struct mac_addr *mac)
{
	const uint8_t *b = mac->byte;

	return say(vf, MBX_82599_EXTRA_MAC | index << 16,
		   b[0] | b[1] << 8 | b[2] << 16 | (uint32_t)b[3] << 24, b[4] | b[5] << 8);
}

static void
start_ready(const struct vf_policy *policy, enum mbx_api api)
{
	rig_start_82599(policy);
	for (uint16_t vf = 0; vf < RIG_VFS; vf++) {
		rig_reset(vf);
		assert_int_equal(say(vf, MBX_82599_NEGOTIATE, api, 0), OK(MBX_82599_NEGOTIATE));
	}
}

static void
test_nothing_before_reset(void **state)
{
	(void)state;
	rig_start_82599(NULL);
	for (uint32_t opcode = 0; opcode < 0x20; opcode++) {
		if (opcode == MBX_VF_RESET)
			continue;
		rig_now_ms += SERVICE_NACK_MS;
		assert_int_equal(say(0, opcode, 0, 0), opcode | MBX_NACK);
	}
	assert_int_equal(rig.vf[0].api, MBX_API_10);
	assert_int_equal(rig_reset(0), 0x40000001);
	assert_int_equal(rig_reply.words, 4);
	assert_int_equal(rig_reply.word[3], 0);
}

static void
test_versions(void **state)
{
	(void)state;
	start_ready(NULL, MBX_API_10);
	for (uint32_t api = 0; api < 20; api++) {
		bool spoken = api == MBX_API_10 || (api >= MBX_API_11 && api <= MBX_API_13);
		enum mbx_api before = rig.vf[0].api;

		assert_int_equal(say(0, MBX_82599_NEGOTIATE, api, 0),
				 spoken ? OK(MBX_82599_NEGOTIATE) : REFUSED(MBX_82599_NEGOTIATE));
		assert_int_equal(rig.vf[0].api, spoken ? api : before);
	}
	assert_int_equal(say(0, MBX_82599_NEGOTIATE, UINT32_MAX, 0), REFUSED(MBX_82599_NEGOTIATE));
	assert_int_equal(rig.vf[0].api, MBX_API_13);
	assert_int_equal(rig.vf[1].api, MBX_API_10);

	/* RESET and FLR both forget it. */
	rig_reset(0);
	assert_int_equal(rig.vf[0].api, MBX_API_10);
	say(0, MBX_82599_NEGOTIATE, MBX_API_12, 0);
	service_on_vf_reset(&rig, 0);
	assert_int_equal(rig.vf[0].api, MBX_API_10);
}

/* Which words a version has; IPsec and what is newer than 1.3 have none. */
static void
test_words_of_a_version(void **state)
{
	static const struct {
		uint32_t opcode;
		enum mbx_api from;
	} words[] = {
		{ 0x08, MBX_API_10 }, { 0x09, MBX_API_11 }, { 0x0a, MBX_API_12 },
		{ 0x0b, MBX_API_12 }, { 0x0c, MBX_API_12 }, { 0x10, MBX_API_12 },
		{ 0x0d, MBX_API_14 }, { 0x0e, MBX_API_14 }, { 0x11, MBX_API_15 },
		{ 0x12, MBX_API_15 }, { 0x00, MBX_API_15 }, { 0x07, MBX_API_15 },
		{ 0x0f, MBX_API_15 }, { 0x13, MBX_API_15 }, { 0xffff, MBX_API_15 },
	};
	static const enum mbx_api apis[] = { MBX_API_10, MBX_API_11, MBX_API_12, MBX_API_13 };
	unsigned int failed = 0;

	(void)state;
	for (size_t a = 0; a < CASES(apis); a++) {
		start_ready(&curious, apis[a]);
		for (size_t i = 0; i < CASES(words); i++) {
			bool has = words[i].from <= apis[a];
			uint32_t word1 = words[i].opcode == MBX_82599_RECEIVE_MODE ?
				MBX_MODE_MULTICAST : apis[a];
			uint64_t malformed = rig.vf[0].counters.malformed;

			failed += differs("its answer",
					  has ? OK(words[i].opcode) : REFUSED(words[i].opcode),
					  say(0, words[i].opcode, word1, 0) &
					  (MBX_OPCODE | MBX_FLAGS));
			failed += differs("is it a word", has ? 0 : 1,
					  rig.vf[0].counters.malformed - malformed);
			say(0, MBX_82599_NEGOTIATE, apis[a], 0);
		}
	}
	assert_int_equal(failed, 0);
}

static void
test_queues_and_rss(void **state)
{
	const struct vf_policy tagged = { .vlan = 5 };

	(void)state;
	start_ready(NULL, MBX_API_13);
	fake.info.tx_queues = 4;
	assert_int_equal(say(0, MBX_82599_GET_QUEUES, 0, 0), OK(MBX_82599_GET_QUEUES));
	assert_int_equal(rig_reply.words, 5);
	assert_int_equal(rig_reply.word[1], 4);
	assert_int_equal(rig_reply.word[2], 2);
	assert_int_equal(rig_reply.word[3], 0);

	/* Not for everybody, not even if trusted. */
	fake.rss.queue[1] = 1;
	fake.rss.key[0] = 0xa5;
	assert_int_equal(service_set_policy(&rig, 0, &trusted), 0);
	assert_int_equal(say(0, MBX_82599_GET_RETA, 0, 0), REFUSED(MBX_82599_GET_RETA));
	assert_int_equal(say(0, MBX_82599_GET_RSS_KEY, 0, 0), REFUSED(MBX_82599_GET_RSS_KEY));
	assert_int_equal(rig_reply.word[1], 0);
	assert_int_equal(service_set_policy(&rig, 0, &curious), 0);
	assert_int_equal(say(0, MBX_82599_GET_RETA, 0, 0), OK(MBX_82599_GET_RETA));
	assert_int_equal(rig_reply.word[1], 4);
	assert_int_equal(say(0, MBX_82599_GET_RSS_KEY, 0, 0), OK(MBX_82599_GET_RSS_KEY));
	assert_int_equal(rig_reply.word[1], 0xa5);
	fake.rss_rc = -ENOTSUP;
	assert_int_equal(say(0, MBX_82599_GET_RETA, 0, 0), REFUSED(MBX_82599_GET_RETA));
	assert_int_equal(say(0, MBX_82599_GET_RSS_KEY, 0, 0), REFUSED(MBX_82599_GET_RSS_KEY));

	/* Behind a port VLAN, the VF is told to take the tag off. */
	assert_int_equal(service_set_policy(&rig, 1, &tagged), 0);
	rig_reset(1);
	say(1, MBX_82599_NEGOTIATE, MBX_API_13, 0);
	assert_int_equal(say(1, MBX_82599_GET_QUEUES, 0, 0), OK(MBX_82599_GET_QUEUES));
	assert_int_equal(rig_reply.word[3], 1);
	fake.info_rc = -EIO;
	assert_int_equal(say(1, MBX_82599_GET_QUEUES, 0, 0), REFUSED(MBX_82599_GET_QUEUES));
}

static void
test_addresses(void **state)
{
	struct mac_addr mac;

	(void)state;
	start_ready(NULL, MBX_API_13);
	assert_int_equal(rig_set_mac(0, &mac_a), OK(MBX_SET_MAC));
	assert_int_equal(say(0, MBX_SET_MAC | 1 << 16, 0, 0), REFUSED(MBX_SET_MAC | 1 << 16));
	assert_true(fake_has_mac(0, &mac_a));

	for (unsigned int i = 1; i < QUOTA_MACS; i++) {
		mac = rig_mac(i);
		assert_int_equal(extra_mac(0, 2, &mac), OK(APPEND));
	}
	mac = rig_mac(1000);
	assert_int_equal(extra_mac(0, 2, &mac), REFUSED(APPEND));
	assert_int_equal(extra_mac(1, 2, &mac_a), REFUSED(APPEND));
	assert_string_equal(rig_verdict.reason, policy_reason_text(POLICY_MAC_TAKEN));

	/* A new list that is refused leaves the old one. */
	assert_int_equal(extra_mac(0, 1, &mac_multicast), REFUSED(MBX_82599_EXTRA_MAC | 1 << 16));
	assert_int_equal(fake.vf[0].nb_macs, QUOTA_MACS);
	assert_int_equal(extra_mac(0, 1, &mac), OK(MBX_82599_EXTRA_MAC | 1 << 16));
	assert_int_equal(fake.vf[0].nb_macs, 2);
	assert_true(fake_has_mac(0, &mac));
	assert_int_equal(extra_mac(0, 0, &mac_zero), OK(MBX_82599_EXTRA_MAC));
	assert_int_equal(fake.vf[0].nb_macs, 1);
}

static void
test_receive_modes(void **state)
{
	static const struct {
		const char *what;
		bool trusted;
		uint32_t mode, granted, accept;
	} cases[] = {
		{ "none", false, 0, 0, 0 },
		{ "groups", false, 1, 1, 0 },
		{ "all multicast", false, 2, 2, POOL_ACCEPT_ALL_MULTICAST },
		{ "promiscuous, downgraded", false, 3, 2, POOL_ACCEPT_ALL_MULTICAST },
		{ "promiscuous", true, 3, 3, POOL_ACCEPT_ALL_MULTICAST | POOL_ACCEPT_ALL_UNICAST },
		{ "and off", true, 1, 1, 0 },
	};
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++) {
		start_ready(cases[i].trusted ? &trusted : NULL, MBX_API_13);
		say(0, MBX_82599_RECEIVE_MODE, 3 - cases[i].mode, 0);
		failed += differs(cases[i].what, OK(MBX_82599_RECEIVE_MODE),
				  say(0, MBX_82599_RECEIVE_MODE, cases[i].mode, 0));
		failed += differs(cases[i].what, cases[i].granted, rig_reply.word[1]);
		failed += differs(cases[i].what, cases[i].accept | 0x3, fake.vf[0].accept);
	}
	start_ready(&trusted, MBX_API_12);
	failed += differs("too early", REFUSED(MBX_82599_RECEIVE_MODE),
			  say(0, MBX_82599_RECEIVE_MODE, 3, 0));
	failed += differs("no such mode", REFUSED(MBX_82599_RECEIVE_MODE),
			  say(0, MBX_82599_RECEIVE_MODE, 4, 0));
	assert_int_equal(failed, 0);
}

static void
test_own_frame_size(void **state)
{
	static const struct {
		const char *what;
		uint32_t bytes, reply, in_force;
	} cases[] = {
		{ "63", 63, REFUSED(5), 1518 },
		{ "64", 64, OK(5), 64 },
		{ "the usual", 1518, OK(5), 1518 },
		{ "jumbo", 9000, OK(5), 9000 },
		{ "the largest, less a tag", 9728, OK(5), 9724 },
		{ "more", 9729, REFUSED(5), 9724 },
	};
	unsigned int failed = 0;

	(void)state;
	start_ready(NULL, MBX_API_10);
	for (size_t i = 0; i < CASES(cases); i++) {
		failed += differs(cases[i].what, cases[i].reply,
				  rig_set_max_frame(2, cases[i].bytes));
		failed += differs(cases[i].what, cases[i].in_force, fake.vf[2].max_frame);
	}
	assert_int_equal(failed, 0);
}

/* 82599: who speaks 1.1 may be sent more than it asked for, once it has asked. */
static void
test_shared_frame_size(void **state)
{
	(void)state;
	rig_start_82599(NULL);
	fake.info.shared_max_frame = 1518;
	rig_reset(0);
	assert_int_equal(rig_set_max_frame(0, 1519), REFUSED(5));
	assert_string_equal(rig_verdict.reason, policy_reason_text(POLICY_FRAME_SHARED));
	assert_int_equal(rig_set_max_frame(0, 1518), OK(5));
	assert_int_equal(fake.vf[0].accept & POOL_ACCEPT_LARGER, 0);

	fake.info.shared_max_frame = 9000;
	rig_reset(1);
	assert_int_equal(rig_set_max_frame(1, 1518), REFUSED(5));
	say(1, MBX_82599_NEGOTIATE, MBX_API_11, 0);
	assert_int_equal(rig_set_max_frame(1, 9001), REFUSED(5));
	assert_int_equal(fake.vf[1].accept & POOL_ACCEPT_LARGER, 0);
	assert_int_equal(rig_set_max_frame(1, 1518), OK(5));
	assert_int_not_equal(fake.vf[1].accept & POOL_ACCEPT_LARGER, 0);
	/* Not taken away from who has it: the PF may want less. */
	assert_int_equal(rig_set_max_frame(1, 9000), OK(5));
	fake.info.shared_max_frame = 1518;
	assert_int_equal(rig_set_max_frame(1, 9000), REFUSED(5));
	assert_int_equal(fake.vf[1].max_frame, 9000);
	rig_reset(1);
	assert_int_equal(fake.vf[1].accept & POOL_ACCEPT_LARGER, 0);
}

static void
test_vlans_and_groups(void **state)
{
	(void)state;
	start_ready(NULL, MBX_API_13);
	assert_int_equal(rig_set_vlan(0, 0, false), OK(MBX_SET_VLAN));
	assert_int_equal(rig_set_vlan(0, 100, true), OK(MBX_SET_VLAN | 1 << 16));
	assert_true(fake_has_vlan(0, 100));
	assert_int_equal(rig_set_vlan(0, 4095, true), REFUSED(MBX_SET_VLAN | 1 << 16));
	assert_int_equal(rig_set_multicast(0, 30, false), OK(MBX_SET_MULTICAST | 30 << 16));
	assert_int_equal(fake.vf[0].nb_multicast, 30);
	/* The other dialect's bit for "and more" is a count of 158 here. */
	assert_int_equal(rig_set_multicast(0, 30, true), REFUSED(MBX_SET_MULTICAST | 158u << 16));
	assert_int_equal(fake.vf[0].accept & POOL_ACCEPT_ALL_MULTICAST, 0);
	assert_int_equal(say(0, MBX_82599_GET_LINK_STATE, 0, 0), OK(MBX_82599_GET_LINK_STATE));
	assert_int_equal(rig_reply.word[1], 1);
}

/* The VF takes the tag off, or not, by what it was told at its reset. */
static void
test_port_vlan_asks_for_a_reset(void **state)
{
	struct vf_policy policy = { .vlan = 5 };

	(void)state;
	start_ready(NULL, MBX_API_13);
	assert_int_equal(service_set_policy(&rig, 0, &policy), 0);
	assert_int_equal(fake.vf[0].port_vlan, 5);
	assert_true(rig.vf[0].reset_wanted);
	assert_int_equal(rig.vf[0].state, VF_WAIT_RESET);
	rig_reset(0);
	assert_false(rig.vf[0].reset_wanted);

	/* Another one changes nothing for the VF. */
	policy.vlan = 6;
	assert_int_equal(service_set_policy(&rig, 0, &policy), 0);
	assert_false(rig.vf[0].reset_wanted);
	policy.vlan = 0;
	assert_int_equal(service_set_policy(&rig, 0, &policy), 0);
	assert_true(rig.vf[0].reset_wanted);
}

/* The VF is told when it asks, which it does when it comes up; so it is asked to. */
static void
test_state(void **state)
{
	struct vf_policy policy = policy_default;

	(void)state;
	start_ready(NULL, MBX_API_13);
	policy.state = POLICY_STATE_DISABLE;
	assert_int_equal(service_set_policy(&rig, 0, &policy), 0);
	assert_false(fake.vf[0].enabled);
	assert_true(fake.vf[1].enabled);
	assert_true(rig.vf[0].reset_wanted);
	for (unsigned int i = 0; i < 2; i++) {
		rig_reset(0);
		say(0, MBX_82599_NEGOTIATE, MBX_API_13, 0);
		assert_int_equal(say(0, MBX_82599_GET_LINK_STATE, 0, 0),
				 OK(MBX_82599_GET_LINK_STATE));
		assert_int_equal(rig_reply.word[1], 0);
		/* Served all the same. */
		assert_int_equal(rig_set_vlan(0, 100, true), OK(MBX_SET_VLAN | 1 << 16));
		assert_true(fake_has_vlan(0, 100));
		assert_false(fake.vf[0].enabled);
		service_on_vf_reset(&rig, 0);
	}
	rig_reset(0);
	policy.state = POLICY_STATE_ENABLE;
	assert_int_equal(service_set_policy(&rig, 0, &policy), 0);
	assert_true(fake.vf[0].enabled);
	assert_true(rig.vf[0].reset_wanted);
	rig_reset(0);
	say(0, MBX_82599_NEGOTIATE, MBX_API_13, 0);
	assert_int_equal(say(0, MBX_82599_GET_LINK_STATE, 0, 0), OK(MBX_82599_GET_LINK_STATE));
	assert_int_equal(rig_reply.word[1], 1);
	/* What makes no difference to the VF is not told to it. */
	policy.state = POLICY_STATE_AUTO;
	assert_int_equal(service_set_policy(&rig, 0, &policy), 0);
	assert_false(rig.vf[0].reset_wanted);
}

static void
test_multicast_off(void **state)
{
	struct vf_policy policy = { .no_multicast = true, .trusted = true };

	(void)state;
	start_ready(&policy, MBX_API_13);
	assert_int_equal(rig_set_multicast(0, 1, false), REFUSED(MBX_SET_MULTICAST | 1 << 16));
	assert_string_equal(rig_verdict.reason, policy_reason_text(POLICY_MULTICAST_OFF));
	assert_int_equal(rig_set_multicast(0, 0, false), OK(MBX_SET_MULTICAST));
	assert_int_equal(say(0, MBX_82599_RECEIVE_MODE, 2, 0), OK(MBX_82599_RECEIVE_MODE));
	assert_int_equal(rig_reply.word[1], 1);
	assert_int_equal(fake.vf[0].accept, POOL_ACCEPT_UNTAGGED | POOL_ACCEPT_BROADCAST);
	assert_int_equal(say(0, MBX_82599_RECEIVE_MODE, 3, 0), OK(MBX_82599_RECEIVE_MODE));
	assert_int_equal(rig_reply.word[1], 3);
	assert_int_equal(fake.vf[0].accept, POOL_ACCEPT_UNTAGGED | POOL_ACCEPT_BROADCAST |
					    POOL_ACCEPT_ALL_UNICAST);
}

static void
test_unknown_dialect(void **state)
{
	(void)state;
	rig.speaks = MBX_NB_DIALECTS;
	assert_int_equal(service_start(&rig, FAKE_PORT, 2, &fake_pool_ops, NULL), -EINVAL);
	rig_start_82599(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_nothing_before_reset, rig_finish),
		cmocka_unit_test_teardown(test_versions, rig_finish),
		cmocka_unit_test_teardown(test_words_of_a_version, rig_finish),
		cmocka_unit_test_teardown(test_queues_and_rss, rig_finish),
		cmocka_unit_test_teardown(test_addresses, rig_finish),
		cmocka_unit_test_teardown(test_receive_modes, rig_finish),
		cmocka_unit_test_teardown(test_own_frame_size, rig_finish),
		cmocka_unit_test_teardown(test_shared_frame_size, rig_finish),
		cmocka_unit_test_teardown(test_vlans_and_groups, rig_finish),
		cmocka_unit_test_teardown(test_port_vlan_asks_for_a_reset, rig_finish),
		cmocka_unit_test_teardown(test_state, rig_finish),
		cmocka_unit_test_teardown(test_multicast_off, rig_finish),
		cmocka_unit_test_teardown(test_unknown_dialect, rig_finish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
