/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* The operator changes a policy while the VF runs. */

#include "cases.h"

#include <errno.h>

#include "rig.h"

#define MAC_P { { 0x02, 0x99, 0, 0, 0, 1 } }
#define MAC_Q { { 0x02, 0x99, 0, 0, 0, 2 } }

static const struct mac_addr mac_p = MAC_P, mac_q = MAC_Q;

/* From one policy to another: is the VF asked to reset, and which address is in force then? */
static void
test_matrix(void **state)
{
	static const struct {
		const char *what;
		struct vf_policy from, to;
		struct mac_addr chosen;	/* by the VF, before the change */
		bool relearn;
		struct mac_addr expect;
	} cases[] = {
		{ "nothing changes", { .qos = 0 }, { .qos = 0 }, MAC_Q, false, MAC_Q },
		{ "pinned", { .qos = 0 }, { .mac = MAC_P }, MAC_Q, true, MAC_P },
		{ "pinned to what it has", { .qos = 0 }, { .mac = MAC_Q }, MAC_Q, false, MAC_Q },
		{ "pinned elsewhere", { .mac = MAC_P }, { .mac = MAC_Q }, MAC_P, true, MAC_Q },
		{ "unpinned, it stays", { .mac = MAC_P }, { .qos = 0 }, MAC_P, false, MAC_P },
		{ "trusted off its pin, trust stays", { .mac = MAC_P, .trusted = true },
		  { .mac = MAC_P, .trusted = true, .spoof_check = true }, MAC_Q, false, MAC_Q },
		{ "trusted off its pin, trust goes", { .mac = MAC_P, .trusted = true },
		  { .mac = MAC_P }, MAC_Q, true, MAC_P },
		{ "trusted, pinned elsewhere", { .trusted = true },
		  { .mac = MAC_P, .trusted = true }, MAC_Q, true, MAC_P },
		{ "trust alone", { .qos = 0 }, { .trusted = true }, MAC_Q, false, MAC_Q },
		{ "port VLAN", { .qos = 0 }, { .vlan = 5, .qos = 1 }, MAC_Q, false, MAC_Q },
		{ "other port VLAN", { .vlan = 5 }, { .vlan = 6 }, MAC_Q, false, MAC_Q },
		{ "same port VLAN, other priority", { .vlan = 5 }, { .vlan = 5, .qos = 7 }, MAC_Q,
		  false, MAC_Q },
		{ "no port VLAN", { .vlan = 5, .qos = 2 }, { .qos = 0 }, MAC_Q, false, MAC_Q },
		{ "spoof check off", { .spoof_check = true }, { .qos = 0 }, MAC_Q, false, MAC_Q },
		{ "spoof check on", { .qos = 0 }, { .spoof_check = true }, MAC_Q, false, MAC_Q },
	};
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++) {
		const char *what = cases[i].what;
		const struct vf_entry *entry = &rig.vf[0];

		rig_start(&cases[i].from);
		rig_reset(0);
		rig_set_mac(0, &cases[i].chosen);
		failed += differs(what, 0, service_set_policy(&rig, 0, &cases[i].to));
		failed += differs(what, cases[i].relearn, entry->reset_wanted);
		failed += differs(what, cases[i].relearn ? VF_WAIT_RESET : VF_READY, entry->state);
		failed += differs(what, 1, mac_equal(&entry->mac, &cases[i].expect));
		failed += differs(what, 1, fake_has_mac(0, &cases[i].expect));
		failed += differs(what, 1, fake.vf[0].nb_macs);
		failed += differs(what, 1, fake_mismatch(&rig, 0) == NULL);
		failed += differs(what, 1, fake.vf[0].enabled);

		failed += differs(what, 0x80000001, rig_reset(0));
		failed += differs(what, 0, entry->reset_wanted);
		failed += differs(what, VF_READY, entry->state);
		failed += differs(what, 1, fake_mismatch(&rig, 0) == NULL);
	}
	assert_int_equal(failed, 0);
	assert_int_equal(fake.violations, 0);
}

static void
test_before_reset(void **state)
{
	struct vf_policy policy = { .mac = MAC_P, .vlan = 7 };
	unsigned int calls;

	(void)state;
	rig_start(NULL);
	calls = fake.calls;
	assert_int_equal(service_set_policy(&rig, 0, &policy), 0);
	assert_int_equal(fake.calls, calls);
	assert_false(rig.vf[0].reset_wanted);
	assert_int_equal(rig_reset(0), 0x80000001);
	assert_true(fake_has_mac(0, &mac_p));
	assert_true(fake_has_vlan(0, 7));
}

static void
test_invalid(void **state)
{
	static const struct vf_policy wrong[] = {
		{ .mac = { { 0x01, 0, 0, 0, 0, 1 } } },
		{ .vlan = 4095 },
		{ .vlan = 1, .qos = 8 },
		{ .vlan = 1, .trunk = { 2 } },
		{ .max_tx_rate = 100001 },
		{ .mirror = POLICY_MIRROR_VF },
		{ .mirror = POLICY_MIRROR_VF + RIG_VFS },
		{ .min_interrupt_us = 2, .max_interrupt_us = 1 },
	};
	unsigned int calls;

	(void)state;
	rig_start(NULL);
	rig_reset(0);
	calls = fake.calls;
	for (size_t i = 0; i < CASES(wrong); i++)
		assert_int_equal(service_set_policy(&rig, 0, &wrong[i]), -EINVAL);
	assert_int_equal(fake.calls, calls);
	assert_memory_equal(&rig.vf[0].policy, &policy_default, sizeof(policy_default));
}

static void
test_vlans_rest(void **state)
{
	struct vf_policy policy = { .vlan = 20, .qos = 3, .trusted = true };
	struct vf_policy none = { .trusted = true };

	(void)state;
	rig_start(&none);
	rig_reset(0);
	rig_set_vlan(0, 0, true);
	rig_set_vlan(0, 10, true);
	rig_set_vlan(0, 20, true);

	/* Behind the port VLAN there is no other one, not even by way of an old filter. */
	assert_int_equal(service_set_policy(&rig, 0, &policy), 0);
	assert_int_equal(fake.vf[0].nb_vlans, 1);
	assert_true(fake_has_vlan(0, 20));
	assert_int_equal(fake.vf[0].accept & POOL_ACCEPT_UNTAGGED, 0);
	policy.vlan = 30;
	assert_int_equal(service_set_policy(&rig, 0, &policy), 0);
	assert_true(fake_has_vlan(0, 30));
	assert_null(fake_mismatch(&rig, 0));

	assert_int_equal(service_set_policy(&rig, 0, &none), 0);
	assert_int_equal(fake.vf[0].nb_vlans, 3);
	assert_true(fake_has_vlan(0, 0) && fake_has_vlan(0, 10) && fake_has_vlan(0, 20));
	assert_int_equal(fake.vf[0].port_vlan, 0);
	assert_int_equal(fake.vf[0].accept & POOL_ACCEPT_UNTAGGED, POOL_ACCEPT_UNTAGGED);
	assert_null(fake_mismatch(&rig, 0));
	assert_int_equal(fake.violations, 0);
}

static void
test_trust_goes(void **state)
{
	struct vf_policy trusted = { .trusted = true };
	struct mac_addr mac = rig_mac(1);

	(void)state;
	rig_start(&trusted);
	rig_reset(0);
	rig_set_mac(0, &mac_q);
	rig_add_mac(0, &mac);
	rig_set_promiscuous(0, true, true);
	assert_int_equal(service_set_policy(&rig, 0, &policy_default), 0);
	/* Unicast promiscuous goes at once; what an untrusted VF may have stays. */
	assert_int_equal(fake.vf[0].accept, POOL_ACCEPT_UNTAGGED | POOL_ACCEPT_BROADCAST |
					    POOL_ACCEPT_ALL_MULTICAST);
	assert_int_equal(rig.vf[0].nb_extra, 1);
	assert_int_equal(rig.vf[0].state, VF_READY);
	assert_true(fake.vf[0].spoof_check);

	/* A pin leaves no room for others. */
	assert_int_equal(service_set_policy(&rig, 0, &(struct vf_policy){ .mac = MAC_Q }), 0);
	assert_int_equal(fake.vf[0].nb_macs, 1);
	assert_true(rig.vf[0].reset_wanted);
	assert_null(fake_mismatch(&rig, 0));
}

static void
test_pin_to_an_additional_address(void **state)
{
	struct vf_policy pin = { .mac = MAC_P };

	(void)state;
	for (unsigned int trusted = 0; trusted < 2; trusted++) {
		pin.trusted = trusted != 0;
		rig_start(NULL);
		rig_reset(0);
		rig_set_mac(0, &mac_q);
		rig_add_mac(0, &mac_p);
		assert_int_equal(service_set_policy(&rig, 0, &pin), 0);
		assert_int_equal(fake.vf[0].nb_macs, 1);
		assert_int_equal(rig.vf[0].nb_extra, 0);
		assert_true(fake_has_mac(0, &mac_p));
		assert_null(fake_mismatch(&rig, 0));
		assert_int_equal(fake.violations, 0);
	}
}

static void
test_pin_evicts(void **state)
{
	struct vf_policy pin = { .mac = MAC_P, .spoof_check = true };

	(void)state;
	for (unsigned int fails = 0; fails < 2; fails++) {
		rig_start(NULL);
		for (uint16_t vf = 0; vf < RIG_VFS; vf++)
			rig_reset(vf);
		rig_set_mac(1, &mac_p);
		/* VF 0 had nothing: one call to add; then the eviction, failing the second time. */
		fake_fail(fails ? 2 : 0, 0, -EIO);
		assert_int_equal(service_set_policy(&rig, 0, &pin), 0);
		assert_true(fake_has_mac(0, &mac_p));
		assert_false(fake_has_mac(1, &mac_p));
		assert_true(rig.vf[1].reset_wanted);
		assert_int_equal(rig.vf[1].state, VF_WAIT_RESET);
		assert_int_equal(fake.vf[1].enabled, fails == 0);
		assert_null(fake_mismatch(&rig, 1));
		assert_int_equal(rig_reset(1), 0x40000001);
	}

	/* As an additional one: the VF keeps its own address. */
	rig_start(NULL);
	rig_reset(1);
	rig_set_mac(1, &mac_q);
	rig_add_mac(1, &mac_p);
	assert_int_equal(service_set_policy(&rig, 0, &pin), 0);
	assert_false(fake_has_mac(1, &mac_p));
	assert_true(fake_has_mac(1, &mac_q));

	/* The operator may pin one address twice, and swap two. */
	rig_start(NULL);
	assert_int_equal(service_set_policy(&rig, 0, &pin), 0);
	rig_reset(0);
	assert_int_equal(service_set_policy(&rig, 1, &pin), 0);
	rig_reset(1);
	assert_true(fake_has_mac(0, &mac_p) && fake_has_mac(1, &mac_p));
	assert_false(rig.vf[0].reset_wanted);
}

/* In the 82576's dialect the VF cannot be told, but for a reset. */
static void
test_state(void **state)
{
	struct vf_policy policy = policy_default;
	struct mbx_msg message;

	(void)state;
	rig_start(NULL);
	rig_reset(0);
	rig_set_vlan(0, 10, true);
	policy.state = POLICY_STATE_DISABLE;
	for (unsigned int i = 0; i < 2; i++) {
		bool off = policy.state == POLICY_STATE_DISABLE;

		rig_now_ms += SERVICE_QUIET_MS;
		assert_int_equal(service_set_policy(&rig, 0, &policy), 0);
		assert_int_equal(fake.vf[0].enabled, !off);
		assert_true(fake_has_vlan(0, 10));
		assert_null(fake_mismatch(&rig, 0));
		assert_true(service_notice(&rig, 0, false, rig_now_ms, &message));
		assert_int_equal(message.word[0], MBX_PF_CONTROL);
		rig_reset(0);
		assert_int_equal(fake.vf[0].enabled, !off);
		assert_int_equal(rig.vf[0].state, VF_READY);
		rig_set_vlan(0, 10, true);
		policy.state = POLICY_STATE_ENABLE;
	}
	/* Frames stop before anything else changes, and start after it. */
	policy.state = POLICY_STATE_DISABLE;
	policy.vlan = 5;
	fake.calls = 0;
	assert_int_equal(service_set_policy(&rig, 0, &policy), 0);
	assert_int_equal(fake.log[0], FAKE_DISABLE);
	assert_true(fake.calls > 1);
	policy.state = POLICY_STATE_AUTO;
	policy.vlan = 6;
	fake.calls = 0;
	assert_int_equal(service_set_policy(&rig, 0, &policy), 0);
	assert_int_equal(fake.log[fake.calls - 1], FAKE_ENABLE);
	assert_null(fake_mismatch(&rig, 0));
}

static void
test_trunk_takes_away(void **state)
{
	struct vf_policy policy = policy_default;

	(void)state;
	rig_start(NULL);
	rig_reset(0);
	for (uint16_t vlan = 10; vlan < 15; vlan++)
		rig_set_vlan(0, vlan, true);
	rig_set_vlan(0, 0, true);
	policy_trunk_add(&policy, 11, 12);
	assert_int_equal(service_set_policy(&rig, 0, &policy), 0);
	assert_int_equal(fake.vf[0].nb_vlans, 3);
	assert_true(fake_has_vlan(0, 0) && fake_has_vlan(0, 11) && fake_has_vlan(0, 12));
	assert_int_equal(rig.vf[0].state, VF_READY);

	policy.no_untagged = true;
	assert_int_equal(service_set_policy(&rig, 0, &policy), 0);
	assert_false(fake_has_vlan(0, 0));
	assert_int_equal(fake.vf[0].nb_vlans, 2);

	/* What was taken away does not come back by itself. */
	assert_int_equal(service_set_policy(&rig, 0, &policy_default), 0);
	assert_int_equal(fake.vf[0].nb_vlans, 2);
	assert_null(fake_mismatch(&rig, 0));
	assert_int_equal(fake.violations, 0);
}

static void
test_groups_rest(void **state)
{
	struct vf_policy policy = policy_default;

	(void)state;
	rig_start(NULL);
	rig_reset(0);
	rig_set_multicast(0, 3, false);
	rig_set_promiscuous(0, false, true);
	policy.no_multicast = true;
	policy.no_broadcast = true;
	assert_int_equal(service_set_policy(&rig, 0, &policy), 0);
	assert_int_equal(fake.vf[0].accept, POOL_ACCEPT_UNTAGGED);
	policy.unknown_unicast = true;
	assert_int_equal(service_set_policy(&rig, 0, &policy), 0);
	assert_int_equal(fake.vf[0].accept, POOL_ACCEPT_UNTAGGED | POOL_ACCEPT_ALL_UNICAST);
	assert_int_equal(service_set_policy(&rig, 0, &policy_default), 0);
	assert_int_equal(fake.vf[0].accept, POOL_ACCEPT_UNTAGGED | POOL_ACCEPT_BROADCAST |
					    POOL_ACCEPT_MULTICAST | POOL_ACCEPT_ALL_MULTICAST);
	assert_null(fake_mismatch(&rig, 0));
}

struct option_case {
	const char *what;
	struct vf_policy policy;
	enum fake_call call;
	const char *lacking;
};

/* Refused where it is not to be had, whether the VF is up or not. */
static unsigned int
check_lacking(const struct option_case *option)
{
	unsigned int failed = 0;
	char text[128];

	fake.lacks = 1u << option->call;
	for (unsigned int up = 0; up < 2; up++) {
		struct vf_policy before = rig.vf[0].policy;

		if (up == 0)
			service_on_vf_reset(&rig, 0);
		else
			rig_reset(0);
		failed += differs(option->what, -ENOTSUP,
				  service_set_policy(&rig, 0, &option->policy));
		service_refusal(&rig, -ENOTSUP, text, sizeof(text));
		assert_string_equal(text, option->lacking);
		failed += differs(option->what, 1, policy_equal(&rig.vf[0].policy, &before));
		failed += differs(option->what, 1, fake_mismatch(&rig, 0) == NULL);
	}
	failed += differs(option->what, 0x40000001, rig_reset(0));
	failed += differs(option->what, VF_READY, rig.vf[0].state);
	return failed;
}

/* What not all hardware has: set live, kept over RESET, and back to what is usual. */
static void
test_options(void **state)
{
	static const struct option_case cases[] = {
		{ "rate", { .max_tx_rate = 100 }, FAKE_SET_TX_RATE,
		  "max_tx_rate: this hardware has no Tx rate limit" },
		{ "loopback", { .no_loopback = true }, FAKE_SET_LOOPBACK,
		  "loopback: this hardware switches for all VFs or none" },
		{ "mirror to the PF", { .mirror = POLICY_MIRROR_PF }, FAKE_SET_MIRROR,
		  "mirror: this hardware does not mirror" },
		{ "mirror to VF 3", { .mirror = POLICY_MIRROR_VF + 3 }, FAKE_SET_MIRROR,
		  "mirror: this hardware does not mirror" },
		{ "drop", { .blocks = true }, FAKE_SET_DROP,
		  "drop: this hardware has no such switch" },
		{ "intervals", { .min_interrupt_us = 10, .max_interrupt_us = 90 },
		  FAKE_LIMIT_INTERRUPTS, "min_interrupt_us and max_interrupt_us: this hardware "
		  "cannot hold a VF to an interval" },
	};
	static const struct vf_policy usual;
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++) {
		const char *what = cases[i].what;
		unsigned int calls;

		rig_start(&usual);
		rig_reset(0);
		calls = fake.calls;
		failed += differs(what, 0, service_set_policy(&rig, 0, &cases[i].policy));
		failed += differs(what, calls + 1, fake.calls);
		failed += differs(what, cases[i].call, fake.log[calls]);
		failed += differs(what, 1, fake_mismatch(&rig, 0) == NULL);
		rig_reset(0);
		failed += differs(what, 1, fake_mismatch(&rig, 0) == NULL);
		failed += differs(what, 0, service_set_policy(&rig, 0, &usual));
		failed += differs(what, 1, fake_mismatch(&rig, 0) == NULL);
		failed += check_lacking(&cases[i]);
	}
	assert_int_equal(failed, 0);
	assert_int_equal(fake.violations, 0);
}

static void
test_out_of_range(void **state)
{
	struct vf_policy policy = { .max_tx_rate = FAKE_MBPS + 1 };
	char text[128];

	(void)state;
	rig_start(NULL);
	assert_int_equal(service_set_policy(&rig, 0, &policy), -ERANGE);
	service_refusal(&rig, -ERANGE, text, sizeof(text));
	assert_string_equal(text, "max_tx_rate: not 0 or in 1..10000, this port's range");
	rig_reset(0);
	fake_fail(1, 0, -ENOSPC);
	policy.max_tx_rate = 1;
	policy.spoof_check = true;
	assert_int_equal(service_set_policy(&rig, 0, &policy), -ENOSPC);
	service_refusal(&rig, -ENOSPC, text, sizeof(text));
	assert_string_equal(text, "max_tx_rate: the port has no room for one more");
	/* Not of an option. */
	fake_fail(1, 0, -EIO);
	policy.vlan = 5;
	assert_int_equal(service_set_policy(&rig, 0, &policy), -EIO);
	service_refusal(&rig, -EIO, text, sizeof(text));
	assert_string_equal(text, "the hardware refuses: Input/output error");
}

/* Hardware that lacks an option need not even have a function for it. */
static void
test_no_such_option(void **state)
{
	static const struct vf_policy wanted[] = {
		{ .max_tx_rate = 1 }, { .no_loopback = true }, { .mirror = POLICY_MIRROR_PF },
		{ .blocks = true }, { .min_interrupt_us = 1 },
	};
	struct pool_ops ops = fake_pool_ops;

	(void)state;
	ops.set_tx_rate = NULL;
	ops.set_loopback = NULL;
	ops.set_mirror = NULL;
	ops.set_drop = NULL;
	ops.limit_interrupts = NULL;
	rig_start(NULL);
	assert_int_equal(service_start(&rig, FAKE_PORT, RIG_VFS, &ops, NULL), 0);
	rig_reset(0);
	assert_null(fake_mismatch(&rig, 0));
	for (size_t i = 0; i < CASES(wanted); i++) {
		struct vf_policy policies[RIG_VFS] = { wanted[i] };

		assert_int_equal(service_set_policy(&rig, 0, &wanted[i]), -ENOTSUP);
		assert_int_equal(service_set_policy(&rig, 1, &wanted[i]), -ENOTSUP);
		assert_null(fake_mismatch(&rig, 0));
		/* Not only when the VF comes up, which it then never could. */
		assert_int_equal(service_start(&rig, FAKE_PORT, RIG_VFS, &ops, policies),
				 -ENOTSUP);
		assert_int_equal(service_start(&rig, FAKE_PORT, RIG_VFS, &ops, NULL), 0);
		rig_reset(0);
	}
	rig_start(NULL);
}

static bool
looked_at(uint16_t vf)
{
	return fake.vf[vf].mirrored && fake.vf[vf].mirror == POOL_MIRROR_PF;
}

static void
test_capture(void **state)
{
	static const struct vf_policy to_vf_2 = { .mirror = POLICY_MIRROR_VF + 2 };

	(void)state;
	rig_start(NULL);
	rig_reset(0);
	assert_int_equal(service_capture(&rig, RIG_VFS, true), -EINVAL);
	assert_int_equal(service_capture(&rig, 0, true), 0);
	assert_true(looked_at(0));
	assert_false(looked_at(1));
	/* Over resets of each kind; the operator's own mirror goes first. */
	rig_reset(0);
	assert_true(looked_at(0));
	service_on_vf_reset(&rig, 0);
	rig_reset(0);
	assert_true(looked_at(0));
	assert_int_equal(service_set_policy(&rig, 0, &to_vf_2), 0);
	assert_int_equal(fake.vf[0].mirror, 2);
	assert_int_equal(service_capture(&rig, 0, false), 0);
	assert_null(fake_mismatch(&rig, 0));
	assert_int_equal(service_set_policy(&rig, 0, &policy_default), 0);
	assert_false(fake.vf[0].mirrored);

	/* One that is not up yet; who goes on with the books has nobody who looks on. */
	assert_int_equal(service_capture(&rig, 1, true), 0);
	assert_false(looked_at(1));
	rig_reset(1);
	assert_true(looked_at(1));
	assert_int_equal(service_resume(&rig, &fake_pool_ops), 0);
	assert_false(rig.vf[1].captured);
	assert_null(fake_mismatch(&rig, 1));
}

/* Whichever call of a RESET finds the hardware full: it is not for the capture's sake. */
static void
test_capture_keeps_no_vf_down(void **state)
{
	unsigned int given_up = 0;

	(void)state;
	for (unsigned int nth = 1; nth < 10; nth++) {
		rig_start(NULL);
		assert_int_equal(service_capture(&rig, 0, true), 0);
		fake_fail(nth, 0, -ENOSPC);
		rig_reset(0);
		fake_fail(0, 0, 0);
		assert_int_equal(rig.vf[0].state, VF_READY);
		assert_int_equal(rig.vf[0].captured, looked_at(0));
		given_up += !looked_at(0);
	}
	assert_true(given_up > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_matrix),
		cmocka_unit_test(test_before_reset),
		cmocka_unit_test(test_invalid),
		cmocka_unit_test(test_vlans_rest),
		cmocka_unit_test(test_trust_goes),
		cmocka_unit_test(test_pin_to_an_additional_address),
		cmocka_unit_test(test_pin_evicts),
		cmocka_unit_test(test_state),
		cmocka_unit_test(test_trunk_takes_away),
		cmocka_unit_test(test_groups_rest),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_out_of_range),
		cmocka_unit_test(test_no_such_option),
		cmocka_unit_test(test_capture),
		cmocka_unit_test(test_capture_keeps_no_vf_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
