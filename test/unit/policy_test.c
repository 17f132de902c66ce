/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include "cases.h"

#include "policy.h"

#define QUOTAS \
	.max_macs = QUOTA_MACS, .max_vlans = QUOTA_VLANS, .max_multicasts = QUOTA_MULTICASTS
#define FREE	  { QUOTAS }
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

/* The trunk's list, and the VLANs at its ends. */
static void
test_trunk(void **state)
{
	struct vf_policy policy = FREE;

	(void)state;
	for (unsigned int vlan = 0; vlan <= 4094; vlan++)
		assert_true(policy_trunk_has(&policy, (uint16_t)vlan));
	assert_false(policy_trunk_has(&policy, 4095));
	policy_trunk_add(&policy, 1, 1);
	policy_trunk_add(&policy, 31, 32);
	policy_trunk_add(&policy, 4094, 4094);
	assert_true(policy_has_trunk(&policy));
	for (unsigned int vlan = 1; vlan <= UINT16_MAX; vlan++) {
		bool listed = vlan == 1 || vlan == 31 || vlan == 32 || vlan == 4094;

		assert_int_equal(policy_trunk_has(&policy, (uint16_t)vlan), listed);
	}
	assert_int_equal(policy_set_vlan(&policy, 31, true, 0), POLICY_OK);
	assert_int_equal(policy_set_vlan(&policy, 30, true, 0), POLICY_VLAN_TRUNK);
	assert_int_equal(policy_set_vlan(&policy, 30, false, 0), POLICY_OK);
	policy.trusted = true;
	assert_int_equal(policy_set_vlan(&policy, 30, true, 0), POLICY_VLAN_TRUNK);

	/* Priority tags are untagged frames by another name. */
	assert_int_equal(policy_set_vlan(&policy, 0, true, 0), POLICY_OK);
	policy.no_untagged = true;
	assert_int_equal(policy_set_vlan(&policy, 0, true, 0), POLICY_UNTAGGED);
	assert_int_equal(policy_set_vlan(&policy, 0, false, 0), POLICY_OK);
	assert_int_equal(policy_set_vlan(&policy, 31, true, 0), POLICY_OK);
}

static void
test_quotas(void **state)
{
	struct vf_policy policy = { .max_macs = 3, .max_vlans = 2, .max_multicasts = 5 };
	const struct mac_addr mac = MAC_B;

	(void)state;
	for (unsigned int trusted = 0; trusted < 2; trusted++) {
		policy.trusted = trusted != 0;
		assert_int_equal(policy_add_mac(&policy, &mac, 2), POLICY_OK);
		assert_int_equal(policy_add_mac(&policy, &mac, 3),
				 trusted ? POLICY_OK : POLICY_MAC_QUOTA);
		assert_int_equal(policy_set_vlan(&policy, 7, true, 1), POLICY_OK);
		assert_int_equal(policy_set_vlan(&policy, 7, true, 2),
				 trusted ? POLICY_OK : POLICY_VLAN_QUOTA);
		assert_int_equal(policy_set_multicast(&policy, 5), POLICY_OK);
		assert_int_equal(policy_set_multicast(&policy, 6),
				 trusted ? POLICY_OK : POLICY_MULTICAST_QUOTA);
	}
	/* Its own address is nobody's quota. */
	memset(&policy, 0, sizeof(policy));
	assert_int_equal(policy_set_mac(&policy, &mac), POLICY_OK);
	assert_int_equal(policy_add_mac(&policy, &mac, 1), POLICY_MAC_QUOTA);
}

static void
test_multicast_off(void **state)
{
	struct vf_policy policy = { .no_multicast = true, .max_multicasts = 30 };
	enum mbx_receive_mode granted;

	(void)state;
	assert_int_equal(policy_set_multicast(&policy, 0), POLICY_OK);
	assert_int_equal(policy_set_multicast(&policy, 1), POLICY_MULTICAST_OFF);
	assert_int_equal(policy_set_promiscuous(&policy, false, false), POLICY_OK);
	assert_int_equal(policy_set_promiscuous(&policy, false, true), POLICY_MULTICAST_OFF);
	assert_int_equal(policy_set_promiscuous(&policy, true, true), POLICY_NOT_TRUSTED);
	assert_int_equal(policy_receive_mode(&policy, MBX_API_13, MBX_MODE_PROMISCUOUS, &granted),
			 POLICY_OK);
	assert_int_equal(granted, MBX_MODE_MULTICAST);
	policy.trusted = true;
	assert_int_equal(policy_set_multicast(&policy, 1), POLICY_MULTICAST_OFF);
	assert_int_equal(policy_receive_mode(&policy, MBX_API_13, MBX_MODE_PROMISCUOUS, &granted),
			 POLICY_OK);
	assert_int_equal(granted, MBX_MODE_PROMISCUOUS);
	assert_int_equal(policy_receive_mode(&policy, MBX_API_13, MBX_MODE_ALL_MULTICAST, &granted),
			 POLICY_OK);
	assert_int_equal(granted, MBX_MODE_MULTICAST);
}

static void
test_mirror_needs_another_vf(void **state)
{
	struct vf_policy policy = { .mirror = POLICY_MIRROR_VF + 2 };

	(void)state;
	assert_int_equal(policy_check_vf(&policy, 1, 3), POLICY_OK);
	assert_int_equal(policy_check_vf(&policy, 2, 3), POLICY_MIRROR_INVALID);
	assert_int_equal(policy_check_vf(&policy, 0, 2), POLICY_MIRROR_INVALID);
	policy.mirror = POLICY_MIRROR_PF;
	assert_int_equal(policy_check_vf(&policy, 0, 1), POLICY_OK);
	policy.vlan = 4095;
	assert_int_equal(policy_check_vf(&policy, 0, 1), POLICY_VLAN_INVALID);
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
		{ "all set", { .mac = MAC_A, .vlan = 4094, .max_tx_rate = 100000, .qos = 7,
			       .min_interrupt_us = 10000, .max_interrupt_us = 10000,
			       .mirror = POLICY_MIRROR_VF + 63, .state = POLICY_STATE_DISABLE,
			       .max_macs = 64, .max_vlans = 64, .max_multicasts = 30,
			       .trusted = true, .spoof_check = true, .no_untagged = true,
			       .no_broadcast = true, .no_multicast = true, .unknown_unicast = true,
			       .query_rss = true, .no_loopback = true, .blocks = true },
		  POLICY_OK },
		{ "multicast pinned", { .mac = MULTICAST }, POLICY_MAC_INVALID },
		{ "port VLAN 4095", { .vlan = 4095 }, POLICY_VLAN_INVALID },
		{ "port VLAN of all ones", { .vlan = UINT16_MAX }, POLICY_VLAN_INVALID },
		{ "priority 8", { .vlan = 5, .qos = 8 }, POLICY_QOS_INVALID },
		{ "a priority without a VLAN tags nothing", { .qos = 3 }, POLICY_OK },
		{ "a trunk", { .trunk = { [1] = 1 } }, POLICY_OK },
		{ "a trunk and a port VLAN", { .vlan = 5, .trunk = { [127] = 1 } },
		  POLICY_TRUNK_PORT },
		{ "a rate above all", { .max_tx_rate = 100001 }, POLICY_RATE_INVALID },
		{ "65 addresses", { .max_macs = 65 }, POLICY_QUOTA_INVALID },
		{ "65 VLANs", { .max_vlans = 65 }, POLICY_QUOTA_INVALID },
		{ "31 groups", { .max_multicasts = 31 }, POLICY_QUOTA_INVALID },
		{ "no state", { .state = 3 }, POLICY_STATE_INVALID },
		{ "VF 64", { .mirror = POLICY_MIRROR_VF + 64 }, POLICY_MIRROR_INVALID },
		{ "10001 us at least", { .min_interrupt_us = 10001 }, POLICY_INTERRUPT_INVALID },
		{ "10001 us at most", { .max_interrupt_us = 10001 }, POLICY_INTERRUPT_INVALID },
		{ "longest below shortest", { .min_interrupt_us = 9, .max_interrupt_us = 8 },
		  POLICY_INTERRUPT_INVALID },
		{ "one interval", { .min_interrupt_us = 9, .max_interrupt_us = 9 }, POLICY_OK },
		{ "no longest", { .min_interrupt_us = 9 }, POLICY_OK },
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
	assert_int_equal(policy_query_rss(&(struct vf_policy){ .trusted = true }),
			 POLICY_RSS_PRIVATE);
	assert_int_equal(policy_query_rss(&(struct vf_policy){ .query_rss = true }), POLICY_OK);
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
	assert_int_equal(policy_default.state, POLICY_STATE_AUTO);
	assert_int_equal(policy_default.max_macs, 18);
	assert_int_equal(policy_default.max_vlans, 16);
	assert_int_equal(policy_default.max_multicasts, 30);
	assert_false(policy_default.query_rss);
	assert_false(policy_has_trunk(&policy_default));
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
		cmocka_unit_test(test_trunk),
		cmocka_unit_test(test_quotas),
		cmocka_unit_test(test_multicast_off),
		cmocka_unit_test(test_mirror_needs_another_vf),
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
