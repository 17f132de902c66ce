/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include "cases.h"

#include <errno.h>

#include "rig.h"

#define OK(opcode)	((opcode) | MBX_ACK | MBX_CTS)
#define REFUSED(opcode) ((opcode) | MBX_NACK | MBX_CTS)
#define ADD_MAC		(MBX_SET_MAC | 2 << 16)
#define CLEAR_MACS	(MBX_SET_MAC | 1 << 16)

static const struct vf_policy trusted = { .trusted = true, .spoof_check = true };

static void
start_ready(const struct vf_policy *policy)
{
	rig_start(policy);
	for (uint16_t vf = 0; vf < RIG_VFS; vf++)
		rig_reset(vf);
}

static void
test_own_mac(void **state)
{
	unsigned int from;

	(void)state;
	start_ready(NULL);
	assert_int_equal(rig_set_mac(0, &mac_a), OK(MBX_SET_MAC));
	assert_true(fake_has_mac(0, &mac_a));

	/* The new address is received before the old one goes. */
	from = fake.calls;
	assert_int_equal(rig_set_mac(0, &mac_b), OK(MBX_SET_MAC));
	assert_int_equal(fake.calls, from + 2);
	assert_int_equal(fake.log[from], FAKE_ADD_MAC);
	assert_int_equal(fake.log[from + 1], FAKE_REMOVE_MAC);
	assert_false(fake_has_mac(0, &mac_a));

	/* The same once more touches nothing. */
	from = fake.calls;
	assert_int_equal(rig_set_mac(0, &mac_b), OK(MBX_SET_MAC));
	assert_int_equal(fake.calls, from);

	assert_int_equal(rig_set_mac(0, &mac_zero), REFUSED(MBX_SET_MAC));
	assert_int_equal(rig_set_mac(0, &mac_multicast), REFUSED(MBX_SET_MAC));
	assert_true(mac_equal(&rig.vf[0].mac, &mac_b));

	/* An additional address becomes the own one: it is in the filters already. */
	assert_int_equal(rig_add_mac(0, &mac_c), OK(ADD_MAC));
	from = fake.calls;
	assert_int_equal(rig_set_mac(0, &mac_c), OK(MBX_SET_MAC));
	assert_int_equal(fake.calls, from + 1);
	assert_int_equal(fake.log[from], FAKE_REMOVE_MAC);
	assert_int_equal(rig.vf[0].nb_extra, 0);
}

static void
test_pinned_mac(void **state)
{
	struct vf_policy pinned = { .mac = { { 0x02, 1, 2, 3, 4, 5 } } };

	(void)state;
	rig_start(NULL);
	assert_int_equal(service_set_policy(&rig, 0, &pinned), 0);
	rig_reset(0);
	assert_int_equal(rig_set_mac(0, &pinned.mac), OK(MBX_SET_MAC));
	assert_int_equal(rig_set_mac(0, &mac_b), REFUSED(MBX_SET_MAC));
	assert_string_equal(rig_verdict.reason, policy_reason_text(POLICY_MAC_PINNED));
	assert_int_equal(rig_add_mac(0, &mac_b), REFUSED(ADD_MAC));
	assert_int_equal(rig_clear_macs(0), OK(CLEAR_MACS));
	assert_int_equal(fake.vf[0].nb_macs, 1);

	/* A trusted VF may leave the pin; RESET brings it back to it. */
	pinned.trusted = true;
	assert_int_equal(service_set_policy(&rig, 0, &pinned), 0);
	assert_int_equal(rig_set_mac(0, &mac_b), OK(MBX_SET_MAC));
	rig_reset(0);
	assert_true(mac_equal(&rig.vf[0].mac, &pinned.mac));
	assert_int_equal(fake.vf[0].nb_macs, 1);
}

/* The quota holds for a VF whose own address comes last, too. */
static void
test_extra_macs_before_own(void **state)
{
	struct mac_addr mac;

	(void)state;
	start_ready(NULL);
	for (unsigned int i = 1; i < 2 * QUOTA_MACS; i++) {
		mac = rig_mac(i);
		assert_int_equal(rig_add_mac(0, &mac),
				 i < QUOTA_MACS ? OK(ADD_MAC) : REFUSED(ADD_MAC));
	}
	assert_int_equal(rig_set_mac(0, &mac_a), OK(MBX_SET_MAC));
	assert_int_equal(fake.vf[0].nb_macs, QUOTA_MACS);
}

static void
test_extra_macs(void **state)
{
	struct mac_addr mac;
	unsigned int calls;

	(void)state;
	start_ready(NULL);
	rig_set_mac(0, &mac_a);
	for (unsigned int i = 1; i < QUOTA_MACS; i++) {
		mac = rig_mac(i);
		assert_int_equal(rig_add_mac(0, &mac), OK(ADD_MAC));
	}
	/* Held ones may be repeated at the quota, new ones not: and never grows the pool. */
	calls = fake.calls;
	assert_int_equal(rig_add_mac(0, &mac), OK(ADD_MAC));
	assert_int_equal(rig_add_mac(0, &mac_a), OK(ADD_MAC));
	for (unsigned int i = 0; i < 1000; i++) {
		mac = rig_mac(1000 + i);
		assert_int_equal(rig_add_mac(0, &mac), REFUSED(ADD_MAC));
	}
	assert_int_equal(fake.calls, calls);
	assert_int_equal(fake.vf[0].nb_macs, QUOTA_MACS);
	assert_int_equal(rig_add_mac(0, &mac_zero), REFUSED(ADD_MAC));
	assert_int_equal(rig_add_mac(0, &mac_multicast), REFUSED(ADD_MAC));

	assert_int_equal(rig_clear_macs(0), OK(CLEAR_MACS));
	assert_int_equal(fake.vf[0].nb_macs, 1);
	assert_true(fake_has_mac(0, &mac_a));
	assert_int_equal(rig_clear_macs(0), OK(CLEAR_MACS));
}

static void
test_trusted_limits(void **state)
{
	struct mac_addr mac;

	(void)state;
	start_ready(&trusted);
	for (unsigned int i = 0; i < SERVICE_MACS_MAX; i++) {
		mac = rig_mac(i);
		assert_int_equal(rig_add_mac(1, &mac), OK(ADD_MAC));
		assert_int_equal(rig_set_vlan(1, (uint16_t)(i + 1), true), OK(MBX_SET_VLAN));
	}
	mac = rig_mac(SERVICE_MACS_MAX);
	assert_int_equal(rig_add_mac(1, &mac), REFUSED(ADD_MAC));
	assert_int_equal(rig_set_vlan(1, 2000, true), REFUSED(MBX_SET_VLAN));
	assert_int_equal(rig_set_vlan(1, 1, true), OK(MBX_SET_VLAN));
	assert_int_equal(rig_clear_macs(1), OK(CLEAR_MACS));
	assert_int_equal(fake.vf[1].nb_macs, 0);
}

static void
test_two_vfs_same_mac(void **state)
{
	struct vf_policy pinned = { .mac = { { 0x02, 1, 2, 3, 4, 5 } } };

	(void)state;
	start_ready(NULL);
	service_on_vf_reset(&rig, 3);
	assert_int_equal(service_set_policy(&rig, 3, &pinned), 0);
	assert_false(fake_has_mac(3, &pinned.mac));
	rig.pf_mac = rig_mac(99);
	assert_int_equal(rig_set_mac(0, &mac_a), OK(MBX_SET_MAC));
	assert_int_equal(rig_add_mac(0, &mac_b), OK(ADD_MAC));

	/* The neighbour's address, its additional one, one pinned for later, and the PF's. */
	assert_int_equal(rig_set_mac(1, &mac_a), REFUSED(MBX_SET_MAC));
	assert_string_equal(rig_verdict.reason, policy_reason_text(POLICY_MAC_TAKEN));
	assert_int_equal(rig_add_mac(1, &mac_a), REFUSED(ADD_MAC));
	assert_int_equal(rig_set_mac(1, &mac_b), REFUSED(MBX_SET_MAC));
	assert_int_equal(rig_set_mac(1, &pinned.mac), REFUSED(MBX_SET_MAC));
	assert_int_equal(rig_set_mac(1, &rig.pf_mac), REFUSED(MBX_SET_MAC));
	assert_int_equal(rig_add_mac(1, &rig.pf_mac), REFUSED(ADD_MAC));
	assert_true(mac_is_zero(&rig.vf[1].mac));

	/* Given up by the first, it is to be had. */
	service_on_vf_reset(&rig, 0);
	assert_int_equal(rig_set_mac(1, &mac_a), OK(MBX_SET_MAC));

	/* A trusted VF may share. */
	assert_int_equal(service_set_policy(&rig, 2, &trusted), 0);
	assert_int_equal(rig_set_mac(2, &mac_a), OK(MBX_SET_MAC));
	assert_true(fake_has_mac(1, &mac_a) && fake_has_mac(2, &mac_a));
	service_on_vf_reset(&rig, 2);
	assert_true(fake_has_mac(1, &mac_a));
	/* Unset, the PF's address forbids none. */
	memset(&rig.pf_mac, 0, sizeof(rig.pf_mac));
}

static void
test_vlans(void **state)
{
	unsigned int calls;

	(void)state;
	start_ready(NULL);
	for (uint16_t i = 0; i < QUOTA_VLANS; i++)
		assert_int_equal(rig_set_vlan(0, (uint16_t)(i * 200), true), OK(MBX_SET_VLAN));
	calls = fake.calls;
	assert_int_equal(rig_set_vlan(0, 200, true), OK(MBX_SET_VLAN));
	for (uint16_t vlan = 1; vlan < 4000; vlan += 4)
		assert_int_equal(rig_set_vlan(0, vlan, true), REFUSED(MBX_SET_VLAN));
	assert_int_equal(rig_set_vlan(0, 4095, true), REFUSED(MBX_SET_VLAN));
	/* Not held: nothing to do, and no harm. */
	assert_int_equal(rig_set_vlan(0, 4094, false), OK(MBX_SET_VLAN));
	assert_int_equal(fake.calls, calls);

	assert_int_equal(rig_set_vlan(0, 0, false), OK(MBX_SET_VLAN));
	assert_false(fake_has_vlan(0, 0));
	assert_int_equal(rig_set_vlan(0, 4094, true), OK(MBX_SET_VLAN));
	assert_int_equal(fake.vf[0].nb_vlans, QUOTA_VLANS);

	/* Two VFs in one VLAN: the first to leave does not take the other with it. */
	assert_int_equal(rig_set_vlan(1, 200, true), OK(MBX_SET_VLAN));
	assert_int_equal(rig_set_vlan(0, 200, false), OK(MBX_SET_VLAN));
	assert_true(fake_has_vlan(1, 200));
}

static void
test_port_vlan(void **state)
{
	struct vf_policy policy = { .vlan = 33, .qos = 5, .trusted = true };

	(void)state;
	start_ready(&policy);
	assert_int_equal(rig_set_vlan(0, 5, true), REFUSED(MBX_SET_VLAN));
	assert_int_equal(rig_set_vlan(0, 33, true), REFUSED(MBX_SET_VLAN));
	assert_int_equal(rig_set_vlan(0, 33, false), REFUSED(MBX_SET_VLAN));
	assert_int_equal(rig_set_vlan(0, 0, true), REFUSED(MBX_SET_VLAN));
	assert_string_equal(rig_verdict.reason, policy_reason_text(POLICY_VLAN_PORT));
	assert_true(fake_has_vlan(0, 33));
}

static void
test_multicast(void **state)
{
	const uint32_t base = POOL_ACCEPT_UNTAGGED | POOL_ACCEPT_BROADCAST;
	static const struct {
		const char *what;
		uint8_t nb;
		bool overflow;
		uint32_t accept;
	} cases[] = {
		{ "none", 0, false, 0 },
		{ "one", 1, false, POOL_ACCEPT_MULTICAST },
		{ "all that fit", 30, false, POOL_ACCEPT_MULTICAST },
		{ "more than fit", 30, true, POOL_ACCEPT_MULTICAST | POOL_ACCEPT_ALL_MULTICAST },
		{ "fewer again", 2, false, POOL_ACCEPT_MULTICAST },
		{ "overflow of none", 0, true, POOL_ACCEPT_ALL_MULTICAST },
		{ "none again", 0, false, 0 },
	};
	unsigned int failed = 0;

	(void)state;
	start_ready(NULL);
	for (size_t i = 0; i < CASES(cases); i++) {
		failed += differs(cases[i].what, OK(MBX_SET_MULTICAST),
				  rig_set_multicast(1, cases[i].nb, cases[i].overflow));
		failed += differs(cases[i].what, base | cases[i].accept, fake.vf[1].accept);
		failed += differs(cases[i].what, cases[i].nb, fake.vf[1].nb_multicast);
		failed += differs("the neighbour's", 0, fake.vf[0].nb_multicast);
	}
	assert_int_equal(failed, 0);
}

static void
test_max_frame(void **state)
{
	static const struct {
		const char *what;
		uint32_t bytes, reply, in_force;
	} cases[] = {
		{ "zero", 0, REFUSED(5), 1518 },
		{ "63", 63, REFUSED(5), 1518 },
		{ "the smallest", 64, OK(5), 64 },
		{ "a bit more", 69, OK(5), 65 },
		{ "igbvf's at MTU 1500", 1522, OK(5), 1518 },
		{ "DPDK's at MTU 1500", 1526, OK(5), 1522 },
		{ "the largest", 9728, OK(5), 9724 },
		{ "above it", 9729, REFUSED(5), 9724 },
		{ "all ones", UINT32_MAX, REFUSED(5), 9724 },
	};
	unsigned int failed = 0;

	(void)state;
	start_ready(NULL);
	for (size_t i = 0; i < CASES(cases); i++) {
		failed += differs(cases[i].what, cases[i].reply,
				  rig_set_max_frame(2, cases[i].bytes));
		failed += differs(cases[i].what, cases[i].in_force, fake.vf[2].max_frame);
		failed += differs("the neighbour's", 1518, fake.vf[1].max_frame);
	}
	assert_int_equal(failed, 0);
}

static void
test_promiscuous(void **state)
{
	static const struct {
		const char *what;
		bool trusted, unicast, multicast;
		uint32_t reply, accept;
	} cases[] = {
		{ "off", false, false, false, OK(6), 0 },
		{ "all multicast is free", false, false, true, OK(6), POOL_ACCEPT_ALL_MULTICAST },
		{ "unicast is not", false, true, false, REFUSED(6), 0 },
		{ "of both, the free half", false, true, true, REFUSED(6),
		  POOL_ACCEPT_ALL_MULTICAST },
		{ "trusted, unicast", true, true, false, OK(6), POOL_ACCEPT_ALL_UNICAST },
		{ "trusted, both", true, true, true, OK(6),
		  POOL_ACCEPT_ALL_UNICAST | POOL_ACCEPT_ALL_MULTICAST },
		{ "trusted, off", true, false, false, OK(6), 0 },
	};
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++) {
		start_ready(cases[i].trusted ? &trusted : NULL);
		/* Broadcast and the hashes outlive every switch. */
		rig_set_multicast(0, 3, false);
		rig_set_promiscuous(0, false, i % 2 == 0);
		failed += differs(cases[i].what, cases[i].reply,
				  rig_set_promiscuous(0, cases[i].unicast, cases[i].multicast));
		failed += differs(cases[i].what, cases[i].accept | 0x7, fake.vf[0].accept);
	}
	assert_int_equal(failed, 0);
}

static void
test_trunk(void **state)
{
	struct vf_policy policy = policy_default;

	(void)state;
	policy_trunk_add(&policy, 10, 19);
	start_ready(&policy);
	assert_int_equal(rig_set_vlan(0, 10, true), OK(MBX_SET_VLAN));
	assert_int_equal(rig_set_vlan(0, 19, true), OK(MBX_SET_VLAN));
	assert_int_equal(rig_set_vlan(0, 9, true), REFUSED(MBX_SET_VLAN));
	assert_string_equal(rig_verdict.reason, policy_reason_text(POLICY_VLAN_TRUNK));
	assert_int_equal(rig_set_vlan(0, 20, true), REFUSED(MBX_SET_VLAN));
	assert_int_equal(rig_set_vlan(0, 20, false), OK(MBX_SET_VLAN));
	assert_int_equal(rig_set_vlan(0, 0, true), OK(MBX_SET_VLAN));
	assert_int_equal(fake.vf[0].nb_vlans, 3);
}

/* Each switch by itself, over all that a VF can ask for. */
static void
test_what_is_kept_off(void **state)
{
	const uint32_t all = POOL_ACCEPT_UNTAGGED | POOL_ACCEPT_BROADCAST | POOL_ACCEPT_MULTICAST |
			     POOL_ACCEPT_ALL_MULTICAST | POOL_ACCEPT_ALL_UNICAST;
	static const struct {
		const char *what;
		struct vf_policy policy;
		bool unicast;
		uint32_t without, multicast_reply, promiscuous_reply;
	} cases[] = {
		{ "nothing", { .trusted = true }, true, 0, OK(3), OK(6) },
		{ "untagged", { .trusted = true, .no_untagged = true }, true,
		  POOL_ACCEPT_UNTAGGED, OK(3), OK(6) },
		{ "broadcast", { .trusted = true, .no_broadcast = true }, true,
		  POOL_ACCEPT_BROADCAST, OK(3), OK(6) },
		{ "multicast", { .trusted = true, .no_multicast = true }, true,
		  POOL_ACCEPT_MULTICAST | POOL_ACCEPT_ALL_MULTICAST, REFUSED(3), REFUSED(6) },
		{ "not unknown unicast", { .unknown_unicast = true, .max_multicasts = 30 }, false,
		  0, OK(3), OK(6) },
		{ "not unknown unicast, of no quota", { .unknown_unicast = true }, false,
		  POOL_ACCEPT_MULTICAST, REFUSED(3), OK(6) },
	};
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++) {
		start_ready(&cases[i].policy);
		failed += differs(cases[i].what, cases[i].multicast_reply,
				  rig_set_multicast(0, 3, false));
		failed += differs(cases[i].what, cases[i].promiscuous_reply,
				  rig_set_promiscuous(0, cases[i].unicast, true));
		failed += differs(cases[i].what, all & ~cases[i].without, fake.vf[0].accept);
	}
	assert_int_equal(failed, 0);
}

static void
test_quotas(void **state)
{
	struct vf_policy policy = { .max_macs = 2, .max_vlans = 1, .max_multicasts = 4 };

	(void)state;
	start_ready(&policy);
	assert_int_equal(rig_set_mac(0, &mac_a), OK(MBX_SET_MAC));
	assert_int_equal(rig_add_mac(0, &mac_b), OK(ADD_MAC));
	assert_int_equal(rig_add_mac(0, &mac_c), REFUSED(ADD_MAC));
	assert_int_equal(rig_set_vlan(0, 7, true), OK(MBX_SET_VLAN));
	assert_int_equal(rig_set_vlan(0, 8, true), REFUSED(MBX_SET_VLAN));
	assert_int_equal(rig_set_multicast(0, 4, false), OK(MBX_SET_MULTICAST));
	assert_int_equal(rig_set_multicast(0, 5, false), REFUSED(MBX_SET_MULTICAST));

	/* Who may have none gets not all of them by saying that they are too many. */
	policy.max_multicasts = 0;
	assert_int_equal(service_set_policy(&rig, 0, &policy), 0);
	assert_int_equal(rig_set_multicast(0, 0, true), REFUSED(MBX_SET_MULTICAST));
	policy.max_multicasts = 30;
	policy.no_multicast = true;
	assert_int_equal(service_set_policy(&rig, 0, &policy), 0);
	assert_int_equal(rig_set_multicast(0, 0, true), REFUSED(MBX_SET_MULTICAST));
	assert_int_equal(rig_set_multicast(0, 0, false), OK(MBX_SET_MULTICAST));
}

/* A reset of any kind does not turn on what the operator turned off. */
static void
test_disabled(void **state)
{
	struct vf_policy policy = policy_default;

	(void)state;
	policy.state = POLICY_STATE_DISABLE;
	start_ready(&policy);
	for (unsigned int i = 0; i < 3; i++) {
		assert_false(fake.vf[0].enabled);
		assert_int_equal(rig_set_mac(0, &mac_a), OK(MBX_SET_MAC));
		assert_true(fake_has_mac(0, &mac_a));
		if (i == 1)
			service_on_vf_reset(&rig, 0);
		assert_int_equal(rig_reset(0) & MBX_OPCODE, MBX_VF_RESET);
		assert_int_equal(rig.vf[0].state, VF_READY);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_own_mac, rig_finish),
		cmocka_unit_test_teardown(test_pinned_mac, rig_finish),
		cmocka_unit_test_teardown(test_extra_macs, rig_finish),
		cmocka_unit_test_teardown(test_extra_macs_before_own, rig_finish),
		cmocka_unit_test_teardown(test_trusted_limits, rig_finish),
		cmocka_unit_test_teardown(test_two_vfs_same_mac, rig_finish),
		cmocka_unit_test_teardown(test_vlans, rig_finish),
		cmocka_unit_test_teardown(test_port_vlan, rig_finish),
		cmocka_unit_test_teardown(test_multicast, rig_finish),
		cmocka_unit_test_teardown(test_max_frame, rig_finish),
		cmocka_unit_test_teardown(test_promiscuous, rig_finish),
		cmocka_unit_test_teardown(test_trunk, rig_finish),
		cmocka_unit_test_teardown(test_what_is_kept_off, rig_finish),
		cmocka_unit_test_teardown(test_quotas, rig_finish),
		cmocka_unit_test_teardown(test_disabled, rig_finish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
