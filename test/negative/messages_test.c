/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * Every way there is to send a wrong message, one test for each. Those of the second half go
 * through the mailbox, where the VF is also free in what it does to locks, words and time.
 */

#include "negative.h"

#include <errno.h>

#include "oracle.h"

/* More accesses than the PF needs for a request and its reply. */
#define ACCESSES 48

/* One of each kind, as a well-behaved VF would send it. */
static const uint32_t requests[][2] = {
	{ MBX_VF_RESET, 0 },		{ MBX_SET_MAC, 0x02020202 },
	{ MAC_ADD, 0x02020203 },	{ MAC_CLEAR, 0 },
	{ 0x20003, 0x00110022 },	{ 0x10004, 5 },
	{ 0x00004, 5 },			{ MBX_SET_MAX_FRAME, 1600 },
	{ 0x20006, 0 },			{ 0x30006, 0 },
	{ 0x00008, 2 },			{ 0xe0000004, 5 },
};

static void
opcode_0_to_ffff(void **state)
{
	unsigned int changes = 0;

	(void)state;
	for (uint32_t opcode = 0; opcode <= UINT16_MAX; opcode++) {
		if (opcode >= 1 && opcode <= 6)
			continue;
		changes += changes_something(0, opcode, opcode);
	}
	assert_int_equal(changes, 0);
	assert_int_equal(rig.vf[0].counters.malformed, UINT16_MAX + 1 - 6);
}

static void
info_0_to_255_of_each_opcode(void **state)
{
	unsigned int failed = 0;

	(void)state;
	for (uint32_t opcode = 1; opcode <= 8; opcode++) {
		for (uint32_t info = 0; info < 256; info++) {
			uint32_t word0 = opcode | info << 16;
			struct mbx_msg msg = { .word = { word0, 0x40 }, .words = MBX_WORDS };
			uint64_t malformed = rig.vf[0].counters.malformed;

			(void)ask(0, word0, 0x40);
			failed += differs("malformed",
					  (long long)malformed + oracle_malformed(0, &msg),
					  (long long)rig.vf[0].counters.malformed);
		}
	}
	assert_int_equal(failed, 0);
}

/* Whatever the VF left unwritten is its last message: the PF always reads all of the buffer. */
static void
words_1_to_16(void **state)
{
	(void)state;
	for (uint8_t words = 1; words <= MBX_WORDS; words++) {
		struct mbx_msg all = { .words = MBX_WORDS };
		struct mbx_msg some = { .word = { 30u << 16 | 3 }, .words = words };

		memset(all.word, 0xff, sizeof(all.word));
		world_post(0, &all, false);
		world_serve();
		/* Its own junk behind a list of groups makes the list wrong, not the PF. */
		world_post(0, &some, false);
		world_serve();
		world_check();
	}
	/* Only the last list was whole. */
	assert_int_equal(rig.vf[0].counters.malformed, 2 * MBX_WORDS - 1);
	assert_int_equal(rig.vf[0].nb_multicast, 30);
}

static void
multicast_count_31_to_255(void **state)
{
	unsigned int changes = 0;

	(void)state;
	assert_int_equal(rig_set_multicast(0, 3, false), GRANTED(3));
	for (uint32_t info = 31; info < 256; info++) {
		/* Bit 7 says that there are more; with a count that fits it is a request. */
		if ((info & 0x60) == 0 && (info & 0x1f) <= 30)
			continue;
		changes += changes_something(0, info << 16 | 3, 1);
	}
	assert_int_equal(changes, 0);
	assert_int_equal(fake.vf[0].nb_multicast, 3);
}

static void
vlan_0_4095_and_beyond(void **state)
{
	static const uint32_t wrong[] = { 4095, 4096, 4097, 0x1005, 0x10005, 0x80000005,
					  0xfffff005, UINT32_MAX };
	unsigned int changes = 0;

	(void)state;
	assert_int_equal(rig_set_vlan(0, 5, true), GRANTED(4));
	for (size_t i = 0; i < CASES(wrong); i++) {
		changes += changes_something(0, 0x10004, wrong[i]);
		/* In particular it does not remove VLAN 5, of which these are made. */
		changes += changes_something(0, 0x00004, wrong[i]);
	}
	assert_int_equal(changes, 0);
	/* Priority tags only: harmless, and asked for by Linux's VF. */
	assert_int_equal(rig_set_vlan(0, 0, true), GRANTED(4));
	assert_int_equal(rig_set_vlan(0, 0, false), GRANTED(4));
}

static void
address_number_n_plus_1(void **state)
{
	struct mac_addr mac;

	(void)state;
	assert_int_equal(rig_set_mac(0, &mac_a), GRANTED(2));
	for (unsigned int i = 1; i < QUOTA_MACS; i++) {
		mac = rig_mac(i);
		assert_int_equal(rig_add_mac(0, &mac), GRANTED(MAC_ADD));
	}
	mac = rig_mac(QUOTA_MACS);
	assert_int_equal(rig_add_mac(0, &mac), MAC_ADD | MBX_NACK | MBX_CTS);
	/* A new own address takes the place of the old one, and is no way to one more. */
	assert_int_equal(rig_set_mac(0, &mac), GRANTED(2));
	assert_int_equal(rig_add_mac(0, &mac_a), MAC_ADD | MBX_NACK | MBX_CTS);
	assert_int_equal(fake.vf[0].nb_macs, QUOTA_MACS);
	/* One of them becomes the own one: then there is room for one. */
	mac = rig_mac(1);
	assert_int_equal(rig_set_mac(0, &mac), GRANTED(2));
	assert_int_equal(rig_add_mac(0, &mac_a), GRANTED(MAC_ADD));
	assert_int_equal(rig_add_mac(0, &mac_b), MAC_ADD | MBX_NACK | MBX_CTS);
}

static void
verdicts_set_by_the_vf(void **state)
{
	unsigned int changes = 0;

	(void)state;
	for (uint32_t flags = 1; flags < 8; flags++) {
		for (uint32_t opcode = 0; opcode <= 8; opcode++) {
			uint32_t word0 = flags << 29 | opcode;

			assert_int_equal(ask(0, word0, 5), 0);
			changes += changes_something(0, word0, 5);
		}
	}
	for (uint32_t bit = 24; bit < 29; bit++) {
		assert_int_equal(ask(0, 1u << bit | 0x10004, 5), REFUSED(4));
		changes += changes_something(0, 1u << bit | MBX_VF_RESET, 0);
	}
	assert_int_equal(changes, 0);
}

static void
one_address_and_one_vlan_for_two_vfs(void **state)
{
	(void)state;
	assert_int_equal(rig_set_mac(0, &mac_a), GRANTED(2));
	assert_int_equal(rig_add_mac(0, &mac_b), GRANTED(MAC_ADD));
	/* However often, in whatever role, before and after a reset. */
	for (unsigned int i = 0; i < 10; i++) {
		assert_int_equal(rig_set_mac(1, i % 2 ? &mac_a : &mac_b), REFUSED(2));
		assert_int_equal(rig_add_mac(1, i % 2 ? &mac_a : &mac_b),
				 MAC_ADD | MBX_NACK | MBX_CTS);
		rig_reset(1);
		assert_int_equal(rig_set_vlan(0, 9, true), GRANTED(4));
		assert_int_equal(rig_set_vlan(1, 9, i % 2 == 0), GRANTED(4));
		assert_true(fake_has_vlan(0, 9));
	}
	assert_int_equal(fake.vf[1].nb_macs, 0);
	/* Both at once do not swap: the first keeps its address until it gives it up. */
	assert_int_equal(rig_set_mac(1, &mac_c), GRANTED(2));
	assert_int_equal(rig_set_mac(0, &mac_c), REFUSED(2));
	assert_int_equal(rig_clear_macs(0), GRANTED(MAC_CLEAR));
	assert_int_equal(rig_set_mac(1, &mac_b), GRANTED(2));
	assert_int_equal(rig_set_mac(0, &mac_c), GRANTED(2));
}

/* The move happens before each of the PF's accesses in turn, for each kind of request. */
static void
at_each_access(const struct vf_move *move, const struct vf_move *back)
{
	for (size_t kind = 0; kind < CASES(requests); kind++) {
		for (uint16_t after = 0; after < ACCESSES; after++) {
			world_ambush(0, after, move);
			post_and_serve(0, requests[kind][0], requests[kind][1]);
			/* What is left of the ambush comes now, or with the next round. */
			post_and_serve(0, requests[kind][0], requests[kind][1]);
			post_and_serve(1, requests[kind][0], requests[kind][1]);
			if (back != NULL)
				world_move(0, back);
			post_and_serve(0, MBX_VF_RESET, 0);
			world_check();
		}
	}
}

/* The words read are those that are checked and those that are acted on. */
static void
rewritten_while_the_pf_reads(void **state)
{
	(void)state;
	for (uint8_t word = 0; word < MBX_WORDS; word += 3)
		at_each_access(&(struct vf_move){ ACT_WRITE_WORD, word, UINT32_MAX }, NULL);
	at_each_access(&(struct vf_move){ ACT_WRITE_WORD, 1, 0x0fff }, NULL);
}

static void
vf_lock_held_for_ever(void **state)
{
	uint64_t served = rig.vf[0].counters.requests;

	(void)state;
	world_move(0, &(struct vf_move){ ACT_HOG });
	world_move(0, &(struct vf_move){ ACT_LOCK });
	for (unsigned int i = 0; i < 100; i++) {
		/* It asks without giving the buffer up. */
		world_move(0, &(struct vf_move){ ACT_WRITE_CONTROL, 0, V2P_REQ | V2P_VFU });
		world_serve();
		world_notices(true);
		world_check();
	}
	assert_int_equal(rig.vf[0].counters.requests, served);
	world_serve_bystander();
	/* Its reset ends it: the next owner of the VF is served. */
	world_move(0, &(struct vf_move){ ACT_RESET });
	post_and_serve(0, MBX_VF_RESET, 0);
	assert_int_equal(rig.vf[0].state, VF_READY);
}

static void
vf_lock_at_each_access(void **state)
{
	(void)state;
	at_each_access(&(struct vf_move){ ACT_LOCK }, &(struct vf_move){ ACT_UNLOCK });
}

static void
requests_without_end(void **state)
{
	(void)state;
	for (unsigned int acknowledge = 0; acknowledge < 2; acknowledge++) {
		for (unsigned int i = 0; i < 2000; i++) {
			const uint32_t *words = requests[1 + i % (CASES(requests) - 1)];

			post_and_serve(0, words[0], words[1]);
			if (acknowledge)
				world_move(0, &(struct vf_move){ ACT_ACKNOWLEDGE });
		}
		world_serve_bystander();
	}
}

static void
a_request_at_each_access(void **state)
{
	(void)state;
	at_each_access(&(struct vf_move){ ACT_REQUEST }, NULL);
}

static void
resets_without_end(void **state)
{
	uint64_t before = rig.vf[0].counters.resets;

	(void)state;
	for (unsigned int i = 0; i < 2000; i++)
		post_and_serve(0, MBX_VF_RESET, 0);
	assert_int_equal(rig.vf[0].counters.resets, before + 2000);
	assert_int_equal(rig.vf[0].state, VF_READY);
	world_serve_bystander();
}

/* The next RESET is written over the reply to the last one, at every point of it. */
static void
reset_in_the_middle_of_a_reply(void **state)
{
	(void)state;
	for (uint16_t after = 0; after < ACCESSES; after++) {
		world_ambush(0, after, &(struct vf_move){ ACT_WRITE_WORD, 0, MBX_VF_RESET });
		world_ambush(0, after, &(struct vf_move){ ACT_REQUEST });
		post_and_serve(0, 0x10004, 5);
		world_serve();
		post_and_serve(0, MBX_VF_RESET, 0);
		assert_int_equal(rig.vf[0].state, VF_READY);
	}
}

static void
function_level_reset_at_each_access(void **state)
{
	(void)state;
	at_each_access(&(struct vf_move){ ACT_RESET }, NULL);
}

static void
all_ones_from_each_access_on(void **state)
{
	(void)state;
	for (unsigned int again = 0; again < 2; again++)
		at_each_access(&(struct vf_move){ ACT_VANISH }, &(struct vf_move){ ACT_VANISH });
}

/* Between each two of: posted, looked at, served; for every number of VFs to every other. */
static void
number_of_vfs_changes_at_each_step(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < CASES(requests) * (RIG_VFS + 1) * (RIG_VFS + 1); i++) {
		const uint32_t *words = requests[i % CASES(requests)];
		struct mbx_msg msg = { .word = { words[0], words[1] }, .words = 2 };
		uint16_t from = i / CASES(requests) % (RIG_VFS + 1);
		uint16_t to = i / CASES(requests) / (RIG_VFS + 1);

		world_set_vfs(from);
		for (uint16_t vf = 0; vf < RIG_VFS; vf++)
			world_post(vf, &msg, false);
		world_set_vfs(to);
		world_serve();
		for (uint16_t vf = 0; vf < RIG_VFS; vf++)
			world_post(vf, &msg, false);
		world_serve();
		world_set_vfs(from);
		world_notices(true);
		world_check();
	}
	world_set_vfs(RIG_VFS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(opcode_0_to_ffff),
		RIG_TEST(info_0_to_255_of_each_opcode),
		WORLD_TEST(words_1_to_16),
		RIG_TEST(multicast_count_31_to_255),
		RIG_TEST(vlan_0_4095_and_beyond),
		RIG_TEST(address_number_n_plus_1),
		RIG_TEST(verdicts_set_by_the_vf),
		RIG_TEST(one_address_and_one_vlan_for_two_vfs),
		WORLD_TEST(rewritten_while_the_pf_reads),
		WORLD_TEST(vf_lock_held_for_ever),
		WORLD_TEST(vf_lock_at_each_access),
		WORLD_TEST(requests_without_end),
		WORLD_TEST(a_request_at_each_access),
		WORLD_TEST(resets_without_end),
		WORLD_TEST(reset_in_the_middle_of_a_reply),
		WORLD_TEST(function_level_reset_at_each_access),
		WORLD_TEST(all_ones_from_each_access_on),
		WORLD_TEST(number_of_vfs_changes_at_each_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
