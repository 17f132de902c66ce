/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * Flaws that were found in how other PF drivers handle the messages of their VFs. The name of a
 * test is that of the flaw: a CVE, or the driver and the commit that corrected it.
 */

#include "negative.h"

#include <errno.h>

/* igb built the reply on its stack, and left there what no address was written over. */
static void
cve_2022_48949_reset_reply_leaks_no_memory(void **state)
{
	uint32_t words[MBX_WORDS];
	struct mbx_msg junk = { .words = MBX_WORDS };

	(void)state;
	memset(junk.word, 0xa5, sizeof(junk.word));
	for (unsigned int i = 0; i < 3; i++) {
		world_post(0, &junk, true);
		world_serve();
		/* Without an address, with one, and when the pool fails. */
		if (i == 1)
			world_set_policy(0, &(struct vf_policy){ .mac = rig_mac(9) });
		fake_fail(i == 2 ? 1 : 0, 0, -EIO);
		world_wait(3000000);
		post_and_serve(0, MBX_VF_RESET, 0);
		fake_fail(0, 0, 0);
		world_read(0, words);
		assert_int_equal(words[0], i == 1 ? 0x80000001 : 0x40000001);
		for (unsigned int word = i == 1 ? 3 : 1; word < MBX_WORDS; word++)
			assert_int_equal(words[word], 0);
		assert_int_equal(words[2] >> 16, 0);
	}
	post_and_serve(0, MBX_VF_RESET, 0);
}

/* ixgbevf offered versions to PFs that took the number for something else. */
static void
cve_2025_40104_versions_of_another_family_are_refused(void **state)
{
	static const uint32_t versions[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 0x20, 1u << 31,
					     UINT32_MAX };

	(void)state;
	for (size_t i = 0; i < CASES(versions); i++) {
		assert_int_equal(changes_something(0, 8, versions[i]), 0);
		assert_int_equal(ask(0, 8, versions[i]), REFUSED(8));
		assert_int_equal(rig_set_vlan(0, 5, true), GRANTED(MBX_SET_VLAN));
	}
}

/* ixgbe and igb took the VFs away while one of them was being served. */
static void
gsd_2022_1004525_vfs_go_while_a_request_waits(void **state)
{
	static const uint32_t requests[] = { 1, 2, MAC_ADD, 3, 0x10004, 5, 6 };

	(void)state;
	for (size_t i = 0; i < CASES(requests); i++) {
		for (uint16_t left = 0; left < RIG_VFS; left++) {
			struct mbx_msg msg = { .word = { requests[i] }, .words = MBX_WORDS };
			struct mbx_msg reply;
			unsigned int calls;

			negative_ready(state);
			fake.nb_vfs = left;
			assert_int_equal(service_start(&rig, FAKE_PORT, left, &fake_pool_ops,
						       NULL), 0);
			calls = fake.calls;
			for (uint16_t vf = left; vf < RIG_VFS; vf++) {
				assert_false(service_on_request(&rig, vf, &msg, 1, &reply));
				assert_int_equal(reply.words, 0);
			}
			assert_int_equal(fake.calls, calls);
			assert_int_equal(fake.violations, 0);
		}
	}
}

/* ixgbe took any number for a VF's. Here: VFs that were there a moment ago. */
static void
ixgbe_600a507ddcb9_calls_for_vfs_that_are_gone(void **state)
{
	struct mbx_msg msg;
	unsigned int calls;

	(void)state;
	assert_int_equal(service_start(&rig, FAKE_PORT, 2, &fake_pool_ops, NULL), 0);
	calls = fake.calls;
	for (uint32_t vf = 2; vf <= UINT16_MAX; vf += vf < 70 ? 1 : 4093) {
		uint16_t gone = (uint16_t)vf;

		assert_int_equal(service_set_policy(&rig, gone, &policy_default), -EINVAL);
		assert_false(service_notice(&rig, gone, true, UINT32_MAX, &msg));
		service_on_vf_reset(&rig, gone);
		assert_int_equal(rig_reset(gone), 0);
	}
	assert_int_equal(fake.calls, calls);
	assert_int_equal(service_set_policy(&rig, 1, &policy_default), 0);
}

/* i40e added a filter for each repetition of the same address. */
static void
cve_2025_39968_own_address_in_a_loop(void **state)
{
	struct mac_addr mac;
	unsigned int calls;

	(void)state;
	assert_int_equal(rig_set_mac(0, &mac_a), GRANTED(MBX_SET_MAC));
	calls = fake.calls;
	for (unsigned int i = 0; i < 10000; i++) {
		rig_add_mac(0, &mac_a);
		rig_set_mac(0, &mac_a);
		rig_set_vlan(0, 4094, false);
	}
	assert_int_equal(fake.calls, calls);
	assert_int_equal(fake.vf[0].nb_macs, 1);

	/* And the neighbour has its own quota, whole: a place in it is its own address's. */
	for (unsigned int i = 1; i < QUOTA_MACS; i++) {
		mac = rig_mac(i);
		assert_int_equal(rig_add_mac(1, &mac), GRANTED(MAC_ADD));
	}
}

/* ice had no limit for one VF, so one VF had all. Here the hardware's table ends first. */
static void
cve_2024_42291_a_full_table_is_the_greedy_ones_loss(void **state)
{
	struct fake_vf before;

	(void)state;
	assert_int_equal(rig_set_mac(1, &mac_b), GRANTED(MBX_SET_MAC));
	assert_int_equal(rig_set_vlan(0, 6, true), GRANTED(MBX_SET_VLAN));
	memcpy(&before, &fake.vf[0], sizeof(before));
	for (unsigned int i = 0; i < 100; i++) {
		struct mac_addr mac = rig_mac(i);

		fake_fail(1, 0, -ENOSPC);
		assert_int_equal(rig_add_mac(0, &mac), MAC_ADD | MBX_NACK | MBX_CTS);
		assert_string_equal(rig_verdict.reason, "a table of the hardware is full");
		fake_fail(1, 0, -ENOSPC);
		assert_int_equal(rig_set_vlan(0, 100, true), REFUSED(MBX_SET_VLAN));
		fake_fail(0, 0, 0);
		assert_int_equal(rig_set_vlan(1, (uint16_t)(i % 2), true), GRANTED(MBX_SET_VLAN));
	}
	assert_memory_equal(&before, &fake.vf[0], sizeof(before));
	assert_int_equal(rig_set_vlan(0, 6, false), GRANTED(MBX_SET_VLAN));
}

/* How a VF comes to be one that has to reset itself first. */
static void
enter_state(unsigned int state)
{
	rig_start(NULL);
	if (state == 0)
		return;
	rig_reset(0);
	rig_set_mac(0, &mac_a);
	if (state == 1) {
		service_on_vf_reset(&rig, 0);
	} else if (state == 2) {
		(void)service_set_policy(&rig, 0, &(struct vf_policy){ .mac = mac_b });
	} else {
		/* The pool fails, and on the way back too. */
		fake_fail(1, 4, -EIO);
		rig_set_vlan(0, 5, true);
		fake_fail(1, 4, -EIO);
		rig_set_mac(0, &mac_c);
		fake_fail(1, 1, -EIO);
		rig_reset(0);
		fake_fail(0, 0, 0);
		service_on_vf_reset(&rig, 0);
	}
}

/* i40e looked at the wrong bit of the VF's state, and served who was not ready. */
static void
cve_2025_39969_every_opcode_in_every_state(void **state)
{
	unsigned int changes = 0;

	(void)state;
	for (unsigned int vf_state = 0; vf_state < 4; vf_state++) {
		enter_state(vf_state);
		assert_int_equal(rig.vf[0].state, VF_WAIT_RESET);
		for (uint32_t opcode = 0; opcode <= 0x200; opcode++) {
			if (opcode == MBX_VF_RESET)
				continue;
			changes += changes_something(0, opcode, 64);
			changes += changes_something(0, opcode | 0x10000, 64);
			changes += changes_something(0, opcode | 0x20000, 64);
		}
		assert_int_equal(rig.vf[0].counters.acked, vf_state == 0 ? 0 : 2);
		rig_now_ms += SERVICE_NACK_MS;
		assert_int_equal(ask(0, MBX_SET_VLAN, 5), 0x40000004);
	}
	assert_int_equal(changes, 0);
}

/* i40e was off by one at the upper end. Both ends of every field, and their neighbours. */
static void
cve_2025_39970_both_ends_of_every_field(void **state)
{
	static const struct {
		const char *what;
		uint32_t word0, word1;
		bool granted;
	} cases[] = {
		{ "the last VLAN", 0x10004, 4094, true },
		{ "one beyond", 0x10004, 4095, false },
		{ "beyond the field", 0x10004, 4096, false },
		{ "the first VLAN", 0x10004, 0, true },
		{ "add", 0x10004, 7, true },
		{ "more than add", 0x20004, 7, false },
		{ "the last hash", 0x10003, 4095, true },
		{ "a hash beyond", 0x10003, 4096, false },
		{ "a second hash beyond", 0x20003, 4096u << 16 | 1, false },
		{ "as many hashes as fit", 30u << 16 | 3, 0, true },
		{ "one more", 31u << 16 | 3, 0, false },
		{ "more than all", 0x80u << 16 | 3, 0, true },
		{ "one bit more", 0xa0u << 16 | 3, 0, false },
		{ "the smallest frame", 5, 64, true },
		{ "one byte less", 5, 63, false },
		{ "the largest frame", 5, 9728, true },
		{ "one byte more", 5, 9729, false },
		{ "all modes but unicast", 0x20006, 0, true },
		{ "a mode that there is not", 0x40006, 0, false },
		{ "the last action on addresses", 0x20002, 0x02020202, true },
		{ "one beyond", 0x30002, 0x02020202, false },
		{ "a reset with something", 0x10001, 0, false },
	};
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++) {
		uint32_t verdict;

		negative_ready(state);
		verdict = ask(0, cases[i].word0, cases[i].word1) & (MBX_ACK | MBX_NACK);
		failed += differs(cases[i].what, cases[i].granted ? MBX_ACK : MBX_NACK, verdict);
	}
	assert_int_equal(failed, 0);
}

/* i40e took the VF's word for the traffic classes there are. We speak of neither with a VF. */
static void
cve_2025_39971_queues_and_classes_there_are_not(void **state)
{
	static const uint32_t indices[] = { 0, 1, 7, 8, 9, 127, 128, 255, UINT32_MAX };
	unsigned int changes = 0;

	(void)state;
	for (uint32_t opcode = 7; opcode <= 0x10; opcode++) {
		for (size_t i = 0; i < CASES(indices); i++) {
			changes += changes_something(0, opcode, indices[i]);
			changes += changes_something(0, opcode | (indices[i] & 0xff) << 16, 0);
		}
		assert_int_equal(ask(0, opcode, 0), REFUSED(opcode));
	}
	assert_int_equal(changes, 0);
	assert_int_equal(rig.vf[0].counters.malformed, rig.vf[0].counters.nacked);
}

/* i40e wrote any length into the hardware; its first correction took some too many. */
static void
cve_2025_39973_any_frame_length(void **state)
{
	unsigned int failed = 0;

	(void)state;
	for (unsigned int bit = 0; bit <= 32; bit++) {
		for (int off = -5; off <= 5; off++) {
			uint32_t bytes = (uint32_t)(((uint64_t)1 << bit) + (uint64_t)(int64_t)off);
			bool granted = bytes >= 64 && bytes <= 9728;

			failed += differs("granted", granted ? GRANTED(5) : REFUSED(5),
					  ask(0, MBX_SET_MAX_FRAME, bytes));
			failed += differs("in range", 1, fake.vf[0].max_frame >= 64 &&
					  fake.vf[0].max_frame <= 9724);
		}
	}
	assert_int_equal(failed, 0);
	assert_int_equal(fake.vf[1].max_frame, SERVICE_FRAME_BYTES);
}

/* ice used a number of the VF's as the index of a bit. Each value that a field of ours can have. */
static void
cve_2026_68128_every_value_of_every_index(void **state)
{
	unsigned int failed = 0;

	(void)state;
	for (uint32_t value = 0; value <= 0xffff; value++) {
		struct mbx_msg last = { .word = { 30u << 16 | 3 }, .words = MBX_WORDS };

		last.word[15] = value << 16;
		failed += differs("last hash", value < 4096 ? GRANTED(3) : REFUSED(3),
				  rig_request(0, &last));
		failed += differs("first hash", value < 4096 ? GRANTED(3) : REFUSED(3),
				  ask(0, 1u << 16 | 3, value));
		/* Removed at once, so that the quota refuses none. */
		failed += differs("VLAN", value <= 4094 ? GRANTED(4) : REFUSED(4),
				  ask(0, 1u << 16 | 4, value));
		(void)ask(0, 4, value);
	}
	for (uint32_t bit = 12; bit < 32; bit++)
		failed += changes_something(0, 1u << 16 | 4, 1u << bit | 5);
	for (uint32_t mode = 4; mode < 256; mode++)
		failed += changes_something(0, mode << 16 | 6, 0);
	assert_int_equal(failed, 0);
	assert_int_equal(fake.vf[0].nb_vlans, 0);
}

/* ice answered, and stopped the queues afterwards: the VF had freed the memory they wrote to. */
static void
cve_2022_48941_queues_stop_before_the_answer(void **state)
{
	unsigned int from;

	(void)state;
	rig_set_mac(0, &mac_a);
	rig_set_vlan(0, 5, true);

	from = fake.calls;
	rig_reset(0);
	assert_int_equal(fake.log[from], FAKE_DISABLE);
	assert_int_equal(fake.log[from + 1], FAKE_RESET);
	/* All is set up by the time the VF reads that it may run. */
	assert_int_equal(fake.log[fake.calls - 1], FAKE_ENABLE);
	assert_int_equal(fake_find(FAKE_ENABLE, from), fake.calls - 1);

	from = fake.calls;
	service_on_vf_reset(&rig, 0);
	assert_int_equal(fake.log[from], FAKE_DISABLE);
	assert_int_equal(fake_find(FAKE_ENABLE, from), -1);
	assert_false(fake.vf[0].enabled);
}

/* ice freed VFs of which others still had a list. */
static void
cve_2025_21883_a_failed_start_serves_nobody(void **state)
{
	(void)state;
	for (unsigned int nth = 1; nth <= 2 * RIG_VFS; nth++) {
		fake_clear(RIG_VFS);
		fake_fail(nth, 0, -ENOMEM);
		assert_int_equal(service_start(&rig, FAKE_PORT, RIG_VFS, &fake_pool_ops, NULL),
				 -ENOMEM);
		fake_fail(0, 0, 0);
		for (uint16_t vf = 0; vf < RIG_VFS; vf++) {
			/* Neither with its policy, nor with one that nobody chose. */
			assert_int_equal(rig_reset(vf), 0);
			assert_false(fake.vf[vf].enabled);
			assert_int_equal(fake.vf[vf].nb_macs + fake.vf[vf].nb_vlans, 0);
		}
		assert_int_equal(fake_find(FAKE_ENABLE, 0), -1);
		assert_int_equal(service_start(&rig, FAKE_PORT, RIG_VFS, &fake_pool_ops, NULL), 0);
	}
	negative_ready(state);
}

/* igb hung when its VFs were removed after they could not be made. */
static void
cve_2023_54070_vfs_come_and_go_with_failures(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 500; i++) {
		uint16_t nb_vfs = i % (RIG_VFS + 1);
		unsigned int nth = i % 11;
		int rc;

		fake_fail(nth, i % 3, -EIO);
		rc = service_start(&rig, FAKE_PORT, nb_vfs, &fake_pool_ops, NULL);
		assert_int_equal(rc, nth >= 1 && nth <= 2u * nb_vfs ? -EIO : 0);
		for (uint16_t vf = 0; rc == 0 && vf < nb_vfs; vf++) {
			rig_reset(vf);
			rig_set_vlan(vf, 7, true);
		}
	}
	fake_fail(0, 0, 0);
	negative_ready(state);
	for (uint16_t vf = 0; vf < RIG_VFS; vf++)
		assert_int_equal(rig_set_vlan(vf, 7, true), GRANTED(MBX_SET_VLAN));
}

/* i40e lost count of its VFs in a loop that reset all while they reset themselves. */
static void
cve_2024_36020_all_are_reset_while_they_reset(void **state)
{
	struct mbx_msg msg;

	(void)state;
	mbx_encode_reset(&msg);
	for (unsigned int who = 0; who < 1u << RIG_VFS; who++) {
		for (uint16_t vf = 0; vf < RIG_VFS; vf++) {
			world_post(vf, &msg, false);
			if (who & 1u << vf)
				world_move(vf, &(struct vf_move){ ACT_RESET });
			/* After that reset it asks again; without one it still waits. */
			if (who & 1u << vf)
				world_post(vf, &msg, false);
		}
		world_serve();
		world_check();
		for (uint16_t vf = 0; vf < RIG_VFS; vf++)
			assert_int_equal(rig.vf[vf].state, VF_READY);
	}
}

/* ixgbe went through a list that nobody had made yet. */
static void
ixgbe_7b5add9af567_a_fresh_vf_clears_its_addresses(void **state)
{
	unsigned int calls;

	(void)state;
	calls = fake.calls;
	assert_int_equal(rig_clear_macs(0), GRANTED(MAC_CLEAR));
	assert_int_equal(rig_clear_macs(0), GRANTED(MAC_CLEAR));
	assert_int_equal(fake.calls, calls);
	assert_int_equal(rig_add_mac(0, &mac_a), GRANTED(MAC_ADD));
	assert_int_equal(rig_clear_macs(0), GRANTED(MAC_CLEAR));
	assert_int_equal(fake.vf[0].nb_macs, 0);
	assert_int_equal(rig_clear_macs(0), GRANTED(MAC_CLEAR));
}

/* hinic passed on what it did not know, of any length. */
static void
hinic_c8c29ec3c5fa_opcodes_and_lengths(void **state)
{
	static const uint8_t needed[] = { 0, 1, 3, 1, 2, 2, 1 };
	unsigned int failed = 0;

	(void)state;
	for (uint32_t opcode = 0; opcode < 0x120; opcode++) {
		for (unsigned int words = 0; words <= 32; words++) {
			struct mbx_msg msg = { .word = { opcode, 64 }, .words = (uint8_t)words };
			bool known = opcode >= 1 && opcode < CASES(needed);
			bool good = known && words >= needed[opcode] && words <= MBX_WORDS;
			uint64_t malformed;
			struct mbx_msg reply;

			if (opcode == MBX_VF_RESET)
				continue;
			msg.word[1] = opcode == MBX_SET_MAC ? 0x02020202 : 64;
			malformed = rig.vf[0].counters.malformed;
			(void)service_on_request(&rig, 0, &msg, rig_now_ms, &reply);
			failed += differs("malformed", (long long)(malformed + !good),
					  (long long)rig.vf[0].counters.malformed);
			failed += differs("verdict", good ? MBX_ACK : MBX_NACK,
					  reply.word[0] & (MBX_ACK | MBX_NACK));
		}
	}
	assert_int_equal(failed, 0);
}

/* One VF filled the queue that all VFs of an ice shared. Two of them try. */
static void
ice_mailbox_overflow_a_flood_delays_nobody(void **state)
{
	static const enum vf_act acts[] = { ACT_STORM, ACT_HOG, ACT_NB };

	(void)state;
	for (size_t first = 0; first < CASES(acts); first++) {
		for (size_t second = 0; second < CASES(acts); second++) {
			world_move(0, &(struct vf_move){ acts[first] });
			world_move(1, &(struct vf_move){ acts[second] });
			for (unsigned int i = 0; i < 20; i++)
				world_serve_bystander();
			world_move(0, &(struct vf_move){ acts[first] });
			world_move(1, &(struct vf_move){ acts[second] });
			world_move(0, &(struct vf_move){ ACT_UNLOCK });
			world_move(1, &(struct vf_move){ ACT_UNLOCK });
		}
	}
	assert_int_equal(rig.vf[WORLD_BYSTANDER].counters.nacked, 0);
}

/* DPDK's ixgbe PF took broadcast away together with promiscuous mode. */
static void
dpdk_8260929205_broadcast_outlives_promiscuous_mode(void **state)
{
	static const struct vf_policy trusted = { .trusted = true };

	(void)state;
	assert_int_equal(service_set_policy(&rig, 0, &trusted), 0);
	for (unsigned int modes = 0; modes < 16; modes++) {
		rig_set_promiscuous(0, modes & 1, modes & 2);
		assert_true(fake.vf[0].accept & POOL_ACCEPT_BROADCAST);
		rig_set_promiscuous(0, modes & 4, modes & 8);
		assert_true(fake.vf[0].accept & POOL_ACCEPT_BROADCAST);
	}
	/* Trust goes, and promiscuous mode with it, and nothing else. */
	rig_set_promiscuous(0, true, true);
	assert_int_equal(service_set_policy(&rig, 0, &policy_default), 0);
	assert_int_equal(fake.vf[0].accept & (POOL_ACCEPT_BROADCAST | POOL_ACCEPT_ALL_UNICAST),
			 POOL_ACCEPT_BROADCAST);
}

/* DPDK's ixgbe PF turned VLAN filtering off for a promiscuous VF: it saw its neighbours' VLANs. */
static void
dpdk_15ce76460a_promiscuous_mode_opens_no_vlan(void **state)
{
	static const struct vf_policy behind = { .trusted = true, .vlan = 33 };
	static const struct vf_policy trusted = { .trusted = true };

	(void)state;
	assert_int_equal(service_set_policy(&rig, 0, &behind), 0);
	assert_int_equal(service_set_policy(&rig, 1, &trusted), 0);
	assert_int_equal(rig_set_vlan(1, 44, true), GRANTED(MBX_SET_VLAN));
	for (uint16_t vf = 0; vf < 2; vf++) {
		assert_int_equal(rig_set_promiscuous(vf, true, true), GRANTED(6));
		assert_int_equal(fake.vf[vf].nb_vlans, 1);
		assert_true(fake_has_vlan(vf, vf == 0 ? 33 : 44));
		rig_set_promiscuous(vf, false, false);
		assert_int_equal(fake.vf[vf].nb_vlans, 1);
	}
	assert_int_equal(fake.vf[0].accept & POOL_ACCEPT_UNTAGGED, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(cve_2022_48949_reset_reply_leaks_no_memory),
		RIG_TEST(cve_2025_40104_versions_of_another_family_are_refused),
		RIG_TEST(gsd_2022_1004525_vfs_go_while_a_request_waits),
		RIG_TEST(ixgbe_600a507ddcb9_calls_for_vfs_that_are_gone),
		RIG_TEST(cve_2025_39968_own_address_in_a_loop),
		RIG_TEST(cve_2024_42291_a_full_table_is_the_greedy_ones_loss),
		RIG_TEST(cve_2025_39969_every_opcode_in_every_state),
		RIG_TEST(cve_2025_39970_both_ends_of_every_field),
		RIG_TEST(cve_2025_39971_queues_and_classes_there_are_not),
		RIG_TEST(cve_2025_39973_any_frame_length),
		RIG_TEST(cve_2026_68128_every_value_of_every_index),
		RIG_TEST(cve_2022_48941_queues_stop_before_the_answer),
		RIG_TEST(cve_2025_21883_a_failed_start_serves_nobody),
		RIG_TEST(cve_2023_54070_vfs_come_and_go_with_failures),
		WORLD_TEST(cve_2024_36020_all_are_reset_while_they_reset),
		RIG_TEST(ixgbe_7b5add9af567_a_fresh_vf_clears_its_addresses),
		RIG_TEST(hinic_c8c29ec3c5fa_opcodes_and_lengths),
		WORLD_TEST(ice_mailbox_overflow_a_flood_delays_nobody),
		RIG_TEST(dpdk_8260929205_broadcast_outlives_promiscuous_mode),
		RIG_TEST(dpdk_15ce76460a_promiscuous_mode_opens_no_vlan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
