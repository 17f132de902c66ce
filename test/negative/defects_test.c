/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * Flaws that are to be seen in the PF code of DPDK's own igb and ixgbe drivers. The name of a test
 * begins with the function that has the flaw.
 */

#include "negative.h"

#include <errno.h>

/* The number of hashes had no index of the VF: each VF wrote over the list of VF 0. */
static void
vf_set_multicast_lists_are_apart(void **state)
{
	uint16_t hashes[RIG_VFS];

	(void)state;
	for (uint16_t vf = 0; vf < RIG_VFS; vf++) {
		hashes[vf] = (uint16_t)(1000 + vf);
		assert_int_equal(ask(vf, 0x10003, hashes[vf]), GRANTED(3));
	}
	for (uint16_t vf = 0; vf < RIG_VFS; vf++) {
		assert_int_equal(fake.vf[vf].nb_multicast, 1);
		assert_int_equal(fake.vf[vf].multicast[0], hashes[vf]);
	}
	/* One VF leaves its group, and its alone. */
	assert_int_equal(ask(2, 0x00003, 0), GRANTED(3));
	for (uint16_t vf = 0; vf < RIG_VFS; vf++)
		assert_int_equal(fake.vf[vf].nb_multicast, vf == 2 ? 0 : 1);
}

/* Bits of the hash table were set and never cleared. */
static void
vf_set_multicast_a_group_that_was_left_is_left(void **state)
{
	(void)state;
	assert_int_equal(rig_set_multicast(0, 30, true), GRANTED(3));
	assert_true(fake.vf[0].accept & POOL_ACCEPT_ALL_MULTICAST);
	assert_int_equal(ask(0, 0x10003, 77), GRANTED(3));
	assert_int_equal(fake.vf[0].nb_multicast, 1);
	assert_int_equal(fake.vf[0].multicast[0], 77);
	assert_false(fake.vf[0].accept & POOL_ACCEPT_ALL_MULTICAST);

	/* A reset leaves them all. */
	rig_set_multicast(0, 30, true);
	rig_reset(0);
	assert_int_equal(fake.vf[0].nb_multicast, 0);
	assert_int_equal(fake.vf[0].accept & (POOL_ACCEPT_MULTICAST | POOL_ACCEPT_ALL_MULTICAST),
			 0);
}

/* The row of an address was this VF's count: two VFs, or VF and PF, wrote over each other. */
static void
vf_macvlan_addresses_of_all_vfs_stand_side_by_side(void **state)
{
	(void)state;
	rig.pf_mac = rig_mac(999);
	for (unsigned int i = 0; i < QUOTA_MACS - 1; i++) {
		for (uint16_t vf = 0; vf < RIG_VFS; vf++) {
			struct mac_addr mac = rig_mac(i * RIG_VFS + vf);

			assert_int_equal(rig_add_mac(vf, &mac), GRANTED(MAC_ADD));
		}
	}
	for (unsigned int i = 0; i < (QUOTA_MACS - 1) * RIG_VFS; i++) {
		struct mac_addr mac = rig_mac(i);

		for (uint16_t vf = 0; vf < RIG_VFS; vf++)
			assert_int_equal(fake_has_mac(vf, &mac), vf == i % RIG_VFS);
	}
	/* One VF drops its own: the others keep theirs. */
	assert_int_equal(rig_clear_macs(1), GRANTED(MAC_CLEAR));
	for (uint16_t vf = 0; vf < RIG_VFS; vf++)
		assert_int_equal(fake.vf[vf].nb_macs, vf == 1 ? 0 : QUOTA_MACS - 1);
	memset(&rig.pf_mac, 0, sizeof(rig.pf_mac));
}

/* There was no quota. Ways around one: the own address in and out, and clear and add. */
static void
vf_macvlan_no_way_around_the_quota(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 500; i++) {
		struct mac_addr mac = rig_mac(i);

		rig_add_mac(0, &mac);
		if (i % 3 == 0)
			rig_set_mac(0, &mac);
		if (i % 100 == 99)
			rig_clear_macs(0);
		if (i % 150 == 149)
			rig_reset(0);
		assert_true(fake.vf[0].nb_macs <= QUOTA_MACS);
		assert_null(fake_mismatch(&rig, 0));
	}
}

/* The VLAN table was the port's: one VF's delete removed the VLAN for all. */
static void
vf_set_vlan_each_vf_has_its_own(void **state)
{
	(void)state;
	for (uint16_t vf = 0; vf < RIG_VFS; vf++)
		assert_int_equal(rig_set_vlan(vf, 100, true), GRANTED(4));
	assert_int_equal(rig_set_vlan(3, 300, true), GRANTED(4));
	assert_false(fake_has_vlan(0, 300));

	/* Left once, twice, by one that never was in it, and by a reset. */
	assert_int_equal(rig_set_vlan(0, 100, false), GRANTED(4));
	assert_int_equal(rig_set_vlan(0, 100, false), GRANTED(4));
	assert_int_equal(rig_set_vlan(0, 300, false), GRANTED(4));
	rig_reset(1);
	service_on_vf_reset(&rig, 2);
	for (uint16_t vf = 0; vf < RIG_VFS; vf++)
		assert_int_equal(fake_has_vlan(vf, 100), vf == 3);
	assert_true(fake_has_vlan(3, 300));
}

/* Nobody asked whether the VF had reset itself before it was served. */
static void
vf_mbx_msg_a_bring_up_without_reset(void **state)
{
	unsigned int calls, changes = 0;

	(void)state;
	service_on_vf_reset(&rig, 0);
	calls = fake.calls;
	/* As a driver does it, only that the first message got lost; for two minutes. */
	for (unsigned int i = 0; i < 12000; i++) {
		static const uint32_t messages[] = { 2, 5, 0x10003, 0x10004, 6, MAC_ADD };

		changes += changes_something(0, messages[i % CASES(messages)], 0x02020202);
	}
	assert_int_equal(changes, 0);
	assert_int_equal(fake.calls, calls);
	assert_false(fake.vf[0].enabled);
	assert_int_equal(rig_reset(0), 0x40000001);
	assert_true(fake.vf[0].enabled);
}

/* RESET turned on what had been turned off: a VF could undo what the operator did to it. */
static void
vf_reset_msg_keeps_what_the_operator_did(void **state)
{
	static const struct vf_policy strict = {
		.mac = { { 0x02, 1, 2, 3, 4, 5 } }, .vlan = 7, .qos = 2, .spoof_check = true,
	};
	static const struct vf_policy trusted = { .trusted = true };

	(void)state;
	assert_int_equal(service_set_policy(&rig, 0, &trusted), 0);
	rig_set_mac(0, &mac_a);
	rig_set_vlan(0, 300, true);
	rig_set_promiscuous(0, true, true);
	assert_int_equal(service_set_policy(&rig, 0, &strict), 0);
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(rig_reset(0), 0x80000001);
		assert_true(fake.vf[0].spoof_check);
		assert_int_equal(fake.vf[0].port_vlan, 7);
		assert_int_equal(fake.vf[0].nb_vlans, 1);
		assert_int_equal(fake.vf[0].accept, POOL_ACCEPT_BROADCAST);
		assert_int_equal(fake.vf[0].nb_macs, 1);
		assert_true(fake_has_mac(0, &strict.mac));
		/* As hard as it may try. */
		assert_int_equal(rig_set_mac(0, &mac_a), REFUSED(2));
		assert_int_equal(rig_set_vlan(0, 300, true), REFUSED(4));
		assert_int_equal(rig_set_promiscuous(0, true, false), REFUSED(6));
		if (i == 1)
			service_on_vf_reset(&rig, 0);
	}
}

/* A pool that could not be set up was turned on all the same. */
static void
vf_reset_msg_a_pool_that_failed_stays_off(void **state)
{
	unsigned int steps;

	(void)state;
	steps = fake.calls;
	rig_reset(0);
	steps = fake.calls - steps;
	for (unsigned int nth = 1; nth <= steps; nth++) {
		rig_now_ms += SERVICE_NACK_MS;
		fake_fail(nth, 0, -EIO);
		assert_int_equal(rig_reset(0), 0x40000001);
		assert_false(rig_verdict.ok);
		assert_int_equal(rig.vf[0].state, VF_WAIT_RESET);
		assert_false(rig.vf[0].enabled);
		fake_fail(0, 0, 0);
		assert_int_equal(changes_something(0, 0x10004, 5), 0);
		rig_now_ms += SERVICE_NACK_MS;
		assert_int_equal(rig_reset(0), 0x40000001);
		assert_true(rig_verdict.ok);
		assert_true(fake.vf[0].enabled);
	}
}

/* Any address was taken, even none, and the operator's did not bind. */
static void
vf_set_mac_addr_none_of_a_group_and_pinned(void **state)
{
	struct mac_addr wrong[] = { mac_zero, mac_multicast, { { 0xff, 0xff, 0xff, 0xff, 0xff,
								 0xff } } };
	struct mac_addr own = rig_mac(1);

	(void)state;
	assert_int_equal(rig_set_mac(0, &own), GRANTED(2));
	for (size_t i = 0; i < CASES(wrong); i++) {
		assert_int_equal(rig_set_mac(0, &wrong[i]), REFUSED(2));
		assert_int_equal(rig_add_mac(0, &wrong[i]), MAC_ADD | MBX_NACK | MBX_CTS);
		assert_true(fake_has_mac(0, &own));
		assert_int_equal(fake.vf[0].nb_macs, 1);
	}
	/* Each bit of the first byte by itself: the lowest is what makes a group. */
	for (unsigned int bit = 0; bit < 8; bit++) {
		struct mac_addr mac = { { (uint8_t)(1u << bit), 0, 0, 0, 0, 9 } };

		assert_int_equal(rig_set_mac(0, &mac), bit == 0 ? REFUSED(2) : GRANTED(2));
	}
	assert_int_equal(service_set_policy(&rig, 0, &(struct vf_policy){ .mac = mac_b }), 0);
	rig_reset(0);
	assert_int_equal(rig_set_mac(0, &own), REFUSED(2));
	assert_int_equal(rig_set_mac(0, &mac_b), GRANTED(2));
}

/* One VF's frame length became that of the whole port. */
static void
vf_set_lpe_changes_one_pool(void **state)
{
	static const uint32_t lengths[] = { 9728, 64, 1522, 5000 };

	(void)state;
	for (size_t i = 0; i < CASES(lengths); i++) {
		unsigned int from = fake.calls;

		assert_int_equal(rig_set_max_frame(1, lengths[i]), GRANTED(5));
		for (unsigned int call = from; call < fake.calls; call++)
			assert_int_equal(fake.log[call], FAKE_SET_MAX_FRAME);
		for (uint16_t vf = 0; vf < RIG_VFS; vf++)
			assert_int_equal(fake.vf[vf].max_frame == SERVICE_FRAME_BYTES,
					 vf != 1 || lengths[i] == 1522);
	}
	/* Too much is refused, and the last good one stays. */
	assert_int_equal(rig_set_max_frame(1, 9729), REFUSED(5));
	assert_int_equal(fake.vf[1].max_frame, 5000 - 4);
}

/* Requests that a VF may know and the PF does not: DPDK's VF polled 2 s for some of them. */
static void
mbx_switch_unknown_requests_are_answered_at_once(void **state)
{
	(void)state;
	for (uint32_t opcode = 7; opcode < 0x20; opcode++) {
		struct mbx_msg reply, request = { .word = { opcode }, .words = 1 };

		assert_int_equal(ask(0, opcode, 0), REFUSED(opcode));
		/* The VF takes it for a refusal of what it asked, and for nothing else. */
		reply = rig_reply;
		assert_int_equal(mbx_check_reply(&request, &reply), -EPERM);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(vf_set_multicast_lists_are_apart),
		RIG_TEST(vf_set_multicast_a_group_that_was_left_is_left),
		RIG_TEST(vf_macvlan_addresses_of_all_vfs_stand_side_by_side),
		RIG_TEST(vf_macvlan_no_way_around_the_quota),
		RIG_TEST(vf_set_vlan_each_vf_has_its_own),
		RIG_TEST(vf_mbx_msg_a_bring_up_without_reset),
		RIG_TEST(vf_reset_msg_keeps_what_the_operator_did),
		RIG_TEST(vf_reset_msg_a_pool_that_failed_stays_off),
		RIG_TEST(vf_set_mac_addr_none_of_a_group_and_pinned),
		RIG_TEST(vf_set_lpe_changes_one_pool),
		RIG_TEST(mbx_switch_unknown_requests_are_answered_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
