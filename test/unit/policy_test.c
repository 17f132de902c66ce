/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include "cases.h"

#include "policy.h"

#define FREE	  { .trusted = false }
#define MAC_A	  { { 0x02, 0, 0, 0, 0, 0xaa } }
#define MAC_B	  { { 0x02, 0, 0, 0, 0, 0xbb } }
#define MULTICAST { { 0x01, 0x00, 0x5e, 0, 0, 1 } }
#define BROADCAST { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } }
#define ZERO	  { { 0 } }

static void
test_set_mac(void **state)
{
	static const struct {
		const char *what;
		struct vf_policy policy;
		struct mac_addr wanted;
		enum policy_reason expect;
	} cases[] = {
		{ "a free VF picks its own", FREE, MAC_B, POLICY_OK },
		{ "a pinned VF may repeat its own", { .mac = MAC_A }, MAC_A, POLICY_OK },
		{ "a pinned VF may not change", { .mac = MAC_A }, MAC_B, POLICY_MAC_PINNED },
		{ "a trusted VF may leave its pin", { .mac = MAC_A, .trusted = true }, MAC_B,
		  POLICY_OK },
		{ "zero is no address", FREE, ZERO, POLICY_MAC_INVALID },
		{ "multicast is no source", { .trusted = true }, MULTICAST, POLICY_MAC_INVALID },
		{ "nor is broadcast", { .trusted = true }, BROADCAST, POLICY_MAC_INVALID },
		{ "invalid goes before pinned", { .mac = MAC_A }, MULTICAST, POLICY_MAC_INVALID },
	};
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++)
		failed += differs(cases[i].what, cases[i].expect,
				  policy_set_mac(&cases[i].policy, &cases[i].wanted));
	assert_int_equal(failed, 0);
}

static void
test_add_mac(void **state)
{
	static const struct {
		const char *what;
		struct vf_policy policy;
		struct mac_addr wanted;
		unsigned int held;
		enum policy_reason expect;
	} cases[] = {
		{ "the first", FREE, MAC_B, 1, POLICY_OK },
		{ "the last of the quota", FREE, MAC_B, QUOTA_MACS - 1, POLICY_OK },
		{ "one too many", FREE, MAC_B, QUOTA_MACS, POLICY_MAC_QUOTA },
		{ "trusted, one too many", { .trusted = true }, MAC_B, QUOTA_MACS, POLICY_OK },
		{ "trusted, very many", { .trusted = true }, MAC_B, 4000000000u, POLICY_OK },
		{ "a pin leaves room for none", { .mac = MAC_A }, MAC_B, 1, POLICY_MAC_PINNED },
		{ "but for itself", { .mac = MAC_A }, MAC_A, 1, POLICY_OK },
		{ "pinned and trusted", { .mac = MAC_A, .trusted = true }, MAC_B, 1, POLICY_OK },
		{ "zero", { .trusted = true }, ZERO, 1, POLICY_MAC_INVALID },
		{ "multicast", { .trusted = true }, MULTICAST, 1, POLICY_MAC_INVALID },
	};
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++)
		failed += differs(cases[i].what, cases[i].expect,
				  policy_add_mac(&cases[i].policy, &cases[i].wanted,
						 cases[i].held));
	assert_int_equal(failed, 0);
}

static void
test_set_vlan(void **state)
{
	static const struct {
		const char *what;
		struct vf_policy policy;
		uint16_t vlan;
		bool add;
		unsigned int held;
		enum policy_reason expect;
	} cases[] = {
		{ "priority tags", FREE, 0, true, 0, POLICY_OK },
		{ "the lowest", FREE, 1, true, 0, POLICY_OK },
		{ "the highest", FREE, 4094, true, 0, POLICY_OK },
		{ "reserved", { .trusted = true }, 4095, true, 0, POLICY_VLAN_INVALID },
		{ "no VLAN at all", FREE, 4096, true, 0, POLICY_VLAN_INVALID },
		{ "removing what cannot be", FREE, 4095, false, 0, POLICY_VLAN_INVALID },
		{ "the last of the quota", FREE, 5, true, QUOTA_VLANS - 1, POLICY_OK },
		{ "one too many", FREE, 5, true, QUOTA_VLANS, POLICY_VLAN_QUOTA },
		{ "trusted, one too many", { .trusted = true }, 5, true, QUOTA_VLANS, POLICY_OK },
		{ "removing at the quota", FREE, 5, false, QUOTA_VLANS, POLICY_OK },
		{ "port VLAN, add", { .vlan = 9 }, 5, true, 0, POLICY_VLAN_PORT },
		{ "port VLAN, add the same", { .vlan = 9 }, 9, true, 0, POLICY_VLAN_PORT },
		{ "port VLAN, remove", { .vlan = 9, .trusted = true }, 9, false, 1,
		  POLICY_VLAN_PORT },
	};
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++)
		failed += differs(cases[i].what, cases[i].expect,
				  policy_set_vlan(&cases[i].policy, cases[i].vlan, cases[i].add,
						  cases[i].held));
	assert_int_equal(failed, 0);
}

static void
test_set_max_frame(void **state)
{
	static const struct {
		const char *what;
		uint32_t bytes;
		enum policy_reason expect;
	} cases[] = {
		{ "zero", 0, POLICY_FRAME_RANGE },
		{ "below the smallest", 63, POLICY_FRAME_RANGE },
		{ "the smallest", 64, POLICY_OK },
		{ "Linux's default", 1522, POLICY_OK },
		{ "the largest", 9728, POLICY_OK },
		{ "above the largest", 9729, POLICY_FRAME_RANGE },
		{ "all ones", UINT32_MAX, POLICY_FRAME_RANGE },
		{ "low bits in range", 0x10000 + 1522, POLICY_FRAME_RANGE },
	};
	static const struct vf_policy trusted = { .trusted = true };
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++) {
		failed += differs(cases[i].what, cases[i].expect,
				  policy_set_max_frame(&policy_default, cases[i].bytes));
		failed += differs(cases[i].what, cases[i].expect,
				  policy_set_max_frame(&trusted, cases[i].bytes));
	}
	assert_int_equal(failed, 0);
}

static void
test_multicast_and_promiscuous(void **state)
{
	static const struct vf_policy trusted = { .trusted = true };

	(void)state;
	assert_int_equal(policy_set_multicast(&policy_default, 0), POLICY_OK);
	assert_int_equal(policy_set_multicast(&policy_default, 30), POLICY_OK);
	assert_int_equal(policy_set_multicast(&policy_default, 31), POLICY_MULTICAST_QUOTA);
	assert_int_equal(policy_set_multicast(&trusted, 31), POLICY_OK);

	for (unsigned int modes = 0; modes < 4; modes++) {
		bool unicast = (modes & 1) != 0, multicast = (modes & 2) != 0;

		assert_int_equal(policy_set_promiscuous(&trusted, unicast, multicast), POLICY_OK);
		assert_int_equal(policy_set_promiscuous(&policy_default, unicast, multicast),
				 unicast ? POLICY_NOT_TRUSTED : POLICY_OK);
	}
}

static void
test_check(void **state)
{
	static const struct {
		const char *what;
		struct vf_policy policy;
		enum policy_reason expect;
	} cases[] = {
		{ "nothing set", FREE, POLICY_OK },
		{ "all set", { MAC_A, 4094, 7, true, true }, POLICY_OK },
		{ "multicast pinned", { .mac = MULTICAST }, POLICY_MAC_INVALID },
		{ "port VLAN 4095", { .vlan = 4095 }, POLICY_VLAN_INVALID },
		{ "port VLAN of all ones", { .vlan = UINT16_MAX }, POLICY_VLAN_INVALID },
		{ "priority 8", { .vlan = 5, .qos = 8 }, POLICY_QOS_INVALID },
		{ "a priority without a VLAN tags nothing", { .qos = 3 }, POLICY_OK },
	};
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++)
		failed += differs(cases[i].what, cases[i].expect, policy_check(&cases[i].policy));
	failed += differs("the default", POLICY_OK, policy_check(&policy_default));
	assert_int_equal(failed, 0);
}

static void
test_api(void **state)
{
	static const uint32_t spoken[] = { 0, 2, 3, 4 };	/* 1.0, 1.1, 1.2, 1.3 */
	unsigned int failed = 0, next = 0;

	(void)state;
	for (uint32_t api = 0; api < 300; api++) {
		bool known = next < CASES(spoken) && spoken[next] == api;

		next += known;
		failed += differs("version", known ? POLICY_OK : POLICY_API, policy_api(api));
	}
	failed += differs("all ones", POLICY_API, policy_api(UINT32_MAX));
	assert_int_equal(failed, 0);
}

static void
test_receive_mode(void **state)
{
	static const struct {
		const char *what;
		bool trusted;
		enum mbx_api api;
		enum mbx_receive_mode wanted;
		enum policy_reason expect;
		enum mbx_receive_mode granted;
	} cases[] = {
		{ "none", false, MBX_API_12, MBX_MODE_NONE, POLICY_OK, MBX_MODE_NONE },
		{ "groups", false, MBX_API_12, MBX_MODE_MULTICAST, POLICY_OK, MBX_MODE_MULTICAST },
		{ "all multicast is free", false, MBX_API_12, MBX_MODE_ALL_MULTICAST, POLICY_OK,
		  MBX_MODE_ALL_MULTICAST },
		{ "promiscuous is not", false, MBX_API_13, MBX_MODE_PROMISCUOUS, POLICY_OK,
		  MBX_MODE_ALL_MULTICAST },
		{ "trusted", true, MBX_API_13, MBX_MODE_PROMISCUOUS, POLICY_OK,
		  MBX_MODE_PROMISCUOUS },
		{ "trusted, too early", true, MBX_API_12, MBX_MODE_PROMISCUOUS, POLICY_API,
		  MBX_MODE_NONE },
	};
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++) {
		struct vf_policy policy = { .trusted = cases[i].trusted };
		enum mbx_receive_mode granted = MBX_MODE_NONE;

		failed += differs(cases[i].what, cases[i].expect,
				  policy_receive_mode(&policy, cases[i].api, cases[i].wanted,
						      &granted));
		failed += differs(cases[i].what, cases[i].granted, granted);
	}
	assert_int_equal(failed, 0);
}

static void
test_share_frame(void **state)
{
	static const struct {
		const char *what;
		enum mbx_api api;
		uint32_t bytes, shared;
		enum policy_reason expect;
	} cases[] = {
		{ "its own size", MBX_API_10, 9728, 0, POLICY_OK },
		{ "the usual, old", MBX_API_10, 1518, 1518, POLICY_OK },
		{ "less, old", MBX_API_10, 64, 1518, POLICY_OK },
		{ "more than the port's", MBX_API_13, 1519, 1518, POLICY_FRAME_SHARED },
		{ "jumbo, new", MBX_API_11, 9000, 9000, POLICY_OK },
		{ "jumbo port, small VF, new", MBX_API_11, 1518, 9000, POLICY_OK },
		{ "jumbo port, small VF, old", MBX_API_10, 1518, 9000, POLICY_FRAME_SHARED },
		{ "jumbo, but not that much", MBX_API_13, 9001, 9000, POLICY_FRAME_SHARED },
	};
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++)
		failed += differs(cases[i].what, cases[i].expect,
				  policy_share_frame(cases[i].api, cases[i].bytes,
						     cases[i].shared));
	assert_int_equal(failed, 0);
}

static void
test_query_rss(void **state)
{
	(void)state;
	assert_int_equal(policy_query_rss(&(struct vf_policy){ 0 }), POLICY_NOT_TRUSTED);
	assert_int_equal(policy_query_rss(&(struct vf_policy){ .trusted = true }), POLICY_OK);
}

static void
test_default_is_linux(void **state)
{
	(void)state;
	assert_true(mac_is_zero(&policy_default.mac));
	assert_int_equal(policy_default.vlan, 0);
	assert_int_equal(policy_default.qos, 0);
	assert_false(policy_default.trusted);
	assert_true(policy_default.spoof_check);
}

static void
test_texts(void **state)
{
	(void)state;
	for (int i = 0; i < POLICY_NB_REASONS; i++) {
		const char *text = policy_reason_text((enum policy_reason)i);

		assert_non_null(text);
		assert_string_not_equal(text, "unknown reason");
		assert_null(strchr(text, '\n'));
		for (int j = 0; j < i; j++)
			assert_string_not_equal(text, policy_reason_text((enum policy_reason)j));
	}
	assert_string_equal(policy_reason_text(POLICY_NB_REASONS), "unknown reason");
	assert_string_equal(policy_reason_text((enum policy_reason)-1), "unknown reason");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set_mac),
		cmocka_unit_test(test_add_mac),
		cmocka_unit_test(test_set_vlan),
		cmocka_unit_test(test_set_max_frame),
		cmocka_unit_test(test_multicast_and_promiscuous),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_api),
		cmocka_unit_test(test_receive_mode),
		cmocka_unit_test(test_share_frame),
		cmocka_unit_test(test_query_rss),
		cmocka_unit_test(test_default_is_linux),
		cmocka_unit_test(test_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
