/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include "cases.h"

#include <errno.h>

#include "rig.h"

#define OK(opcode)	((opcode) | MBX_ACK | MBX_CTS)
#define REFUSED(opcode) ((opcode) | MBX_NACK | MBX_CTS)

static void
test_start(void **state)
{
	struct vf_policy policies[2] = { { .spoof_check = true }, { .vlan = 5 } };
	struct vf_policy wrong[2] = { { .vlan = 5 }, { .vlan = 4095 } };

	(void)state;
	rig_start(NULL);
	fake_clear(2);
	assert_int_equal(service_start(&rig, FAKE_PORT, SERVICE_VFS_MAX + 1, &fake_pool_ops, NULL),
			 -EINVAL);
	assert_int_equal(service_start(&rig, FAKE_PORT, 2, &fake_pool_ops, wrong), -EINVAL);
	assert_int_equal(fake.calls, 0);

	assert_int_equal(service_start(&rig, FAKE_PORT, 2, &fake_pool_ops, policies), 0);
	assert_int_equal(rig.vf[1].policy.vlan, 5);
	for (uint16_t vf = 0; vf < 2; vf++) {
		assert_int_equal(rig.vf[vf].state, VF_WAIT_RESET);
		assert_null(fake_mismatch(&rig, vf));
		assert_false(fake.vf[vf].enabled);
	}
	assert_non_null(rig.report);

	fake_fail(1, 0, -EIO);
	assert_int_equal(service_start(&rig, FAKE_PORT, 2, &fake_pool_ops, NULL), -EIO);
	fake_fail(4, 0, -ENODEV);
	assert_int_equal(service_start(&rig, FAKE_PORT, 2, &fake_pool_ops, NULL), -ENODEV);
	assert_int_equal(service_start(&rig, FAKE_PORT, 0, &fake_pool_ops, NULL), 0);
	assert_int_equal(service_start(&rig, FAKE_PORT, 2, &fake_pool_ops, NULL), 0);
	assert_true(rig.vf[1].policy.spoof_check);
}

static void
test_reset_replies(void **state)
{
	struct vf_policy pinned = { .mac = { { 0x02, 0x11, 0x22, 0x33, 0x44, 0x55 } } };

	(void)state;
	rig_start(&pinned);
	assert_int_equal(rig_reset(1), 0x80000001);
	assert_int_equal(rig_reply.words, 3);
	assert_int_equal(rig_reply.word[1], 0x33221102);
	assert_int_equal(rig_reply.word[2], 0x00005544);
	for (unsigned int i = 3; i < MBX_WORDS; i++)
		assert_int_equal(rig_reply.word[i], 0);
	assert_int_equal(rig.vf[1].state, VF_READY);
	assert_null(fake_mismatch(&rig, 1));
	assert_true(fake.vf[1].enabled);
	assert_true(rig_verdict.ok);

	rig_start(NULL);
	assert_int_equal(rig_reset(1), 0x40000001);
	for (unsigned int i = 1; i < MBX_WORDS; i++)
		assert_int_equal(rig_reply.word[i], 0);
	assert_int_equal(rig.vf[1].state, VF_READY);
	assert_null(fake_mismatch(&rig, 1));
	assert_true(rig_verdict.ok);
	assert_int_equal(rig.vf[1].counters.resets, 1);
	assert_int_equal(rig.vf[1].counters.acked, 1);
}

static void
test_reset_gives_defaults(void **state)
{
	struct vf_policy policy = { .vlan = 9, .qos = 3, .spoof_check = true };
	struct fake_vf *pool = &fake.vf[0];

	(void)state;
	rig_start(NULL);
	rig_reset(0);
	assert_int_equal(pool->accept, POOL_ACCEPT_UNTAGGED | POOL_ACCEPT_BROADCAST);
	assert_int_equal(pool->max_frame, 1518);
	assert_int_equal(pool->nb_vlans, 0);
	assert_int_equal(pool->nb_macs, 0);
	assert_true(pool->spoof_check);

	rig_start(&policy);
	rig_reset(0);
	assert_int_equal(pool->accept, POOL_ACCEPT_BROADCAST);
	assert_int_equal(pool->port_vlan, 9);
	assert_int_equal(pool->qos, 3);
	assert_true(fake_has_vlan(0, 9));
	/* All filters stand before the queues run. */
	assert_int_equal(fake.log[fake.calls - 1], FAKE_ENABLE);
}

static void
hold_everything(uint16_t vf)
{
	struct vf_policy trusted = { .trusted = true, .spoof_check = true };
	struct mac_addr other = rig_mac(vf);

	assert_int_equal(service_set_policy(&rig, vf, &trusted), 0);
	rig_reset(vf);
	assert_int_equal(rig_set_mac(vf, &mac_a), OK(MBX_SET_MAC));
	assert_int_equal(rig_add_mac(vf, &other), OK(MBX_SET_MAC | 2 << 16));
	assert_int_equal(rig_set_vlan(vf, 100, true), OK(MBX_SET_VLAN));
	assert_int_equal(rig_set_multicast(vf, 30, true), OK(MBX_SET_MULTICAST));
	assert_int_equal(rig_set_max_frame(vf, 9000), OK(MBX_SET_MAX_FRAME));
	assert_int_equal(rig_set_promiscuous(vf, true, true), OK(MBX_SET_PROMISCUOUS));
	assert_null(fake_mismatch(&rig, vf));
}

static void
test_reset_clears(void **state)
{
	(void)state;
	rig_start(NULL);
	hold_everything(2);
	rig_reset(2);
	assert_null(fake_mismatch(&rig, 2));
	assert_int_equal(fake.vf[2].nb_macs, 1);
	assert_int_equal(fake.vf[2].nb_vlans, 0);
	assert_int_equal(fake.vf[2].nb_multicast, 0);
	assert_int_equal(fake.vf[2].accept, POOL_ACCEPT_UNTAGGED | POOL_ACCEPT_BROADCAST);
	assert_int_equal(fake.vf[2].max_frame, 1518);
	/* Its own address outlives RESET, and comes back in the reply. */
	assert_int_equal(rig_reply.word[0], 0x80000001);
	assert_int_equal(rig_reply.word[1], 0x0000aa02);
	assert_int_equal(rig_reply.word[2], 0x00000100);
	assert_int_equal(fake.violations, 0);
}

static void
test_function_level_reset(void **state)
{
	(void)state;
	rig_start(NULL);
	hold_everything(2);
	service_on_vf_reset(&rig, 2);
	assert_int_equal(rig.vf[2].state, VF_WAIT_RESET);
	assert_int_equal(rig.vf[2].counters.flrs, 1);
	assert_false(fake.vf[2].enabled);
	assert_int_equal(fake.vf[2].nb_macs, 0);
	assert_null(fake_mismatch(&rig, 2));
	/* The next owner is not told the last one's address. */
	assert_int_equal(rig_reset(2), 0x40000001);

	/* A pool that fails leaves the VF waiting, not half alive. */
	hold_everything(1);
	fake_fail(1, 1, -EIO);
	service_on_vf_reset(&rig, 1);
	assert_int_equal(rig.vf[1].state, VF_WAIT_RESET);
	assert_false(rig.vf[1].enabled);
	fake_fail(0, 0, 0);
	rig_reset(1);
	assert_null(fake_mismatch(&rig, 1));
}

/* Each request in each state of a VF: what comes back, and that only the ready VF changes. */
static void
test_states(void **state)
{
	static const struct {
		const char *what;
		uint32_t word0, word1, word2;
		uint32_t waiting, ready;
	} cases[] = {
		{ "reset", 1, 0, 0, 0x40000001, 0x40000001 },
		{ "set-mac", 2, 0x00000002, 0x100, 0x40000002, 0xa0000002 },
		{ "clear-macs", 0x10002, 0, 0, 0x40010002, 0xa0010002 },
		{ "add-mac", 0x20002, 0x00000002, 0x100, 0x40020002, 0xa0020002 },
		{ "set-multicast", 0x10003, 1, 0, 0x40000003, 0xa0000003 },
		{ "add VLAN", 0x10004, 5, 0, 0x40000004, 0xa0000004 },
		{ "remove VLAN", 0x00004, 5, 0, 0x40000004, 0xa0000004 },
		{ "set-max-frame", 5, 1522, 0, 0x40000005, 0xa0000005 },
		{ "set-promiscuous", 0x20006, 0, 0, 0x40000006, 0xa0000006 },
		{ "opcode 0", 0, 0, 0, 0x40000000, 0x60000000 },
		{ "opcode 7", 7, 0, 0, 0x40000007, 0x60000007 },
		{ "negotiate of another family", 8, 2, 0, 0x40000008, 0x60000008 },
		{ "the PF's own control word", 0x100, 0, 0, 0x40000100, 0x60000100 },
		{ "opcode 0xffff", 0xffff, 0, 0, 0x4000ffff, 0x6000ffff },
		{ "malformed reset", 0x10001, 0, 0, 0x40000001, 0x60000001 },
		{ "malformed VLAN", 0x10004, 4096, 0, 0x40000004, 0x60000004 },
	};
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++) {
		struct mbx_msg msg = { .word = { cases[i].word0, cases[i].word1, cases[i].word2 } };
		unsigned int calls;

		rig_start(NULL);
		calls = fake.calls;
		failed += differs(cases[i].what, cases[i].waiting, rig_request(0, &msg));
		if (cases[i].word0 != MBX_VF_RESET) {
			failed += differs("calls while waiting", calls, fake.calls);
			failed += differs("still waiting", VF_WAIT_RESET, rig.vf[0].state);
		}
		rig_start(NULL);
		rig_reset(0);
		failed += differs(cases[i].what, cases[i].ready, rig_request(0, &msg));
		failed += differs(cases[i].what, 1, fake_mismatch(&rig, 0) == NULL);
		for (unsigned int word = 1; word < MBX_WORDS; word++)
			failed += differs("a word behind the reply", 0, rig_reply.word[word]);
	}
	assert_int_equal(failed, 0);
}

static void
test_flags_are_not_answered(void **state)
{
	static const uint32_t flags[] = { MBX_ACK, MBX_NACK, MBX_CTS, MBX_FLAGS };
	unsigned int failed = 0;

	(void)state;
	for (unsigned int ready = 0; ready < 2; ready++) {
		rig_start(NULL);
		if (ready)
			rig_reset(0);
		for (size_t i = 0; i < CASES(flags); i++) {
			for (uint32_t opcode = 0; opcode < 8; opcode++) {
				struct mbx_msg msg = { .word = { opcode | flags[i] } };
				uint64_t malformed = rig.vf[0].counters.malformed;

				failed += differs("reply", 0, rig_request(0, &msg));
				failed += differs("counted", (long long)malformed + 1,
						  (long long)rig.vf[0].counters.malformed);
				failed += differs("verdict", 0, rig_verdict.ok);
			}
		}
	}
	assert_int_equal(failed, 0);
}

static void
test_nacks_are_paced(void **state)
{
	struct mbx_msg msg = { .word = { MBX_SET_VLAN, 5 }, .words = 16 }, reply;
	unsigned int nacks = 0;

	(void)state;
	rig_start(NULL);
	/* A request each ms for 10 s. */
	for (uint64_t ms = 0; ms < 10000; ms++) {
		if (service_on_request(&rig, 0, &msg, 5000 + ms, &reply)) {
			assert_int_equal(ms % SERVICE_NACK_MS, 0);
			assert_int_equal(reply.word[0], 0x40000004);
			nacks++;
		}
	}
	assert_int_equal(nacks, 5);
	assert_int_equal(rig.vf[0].counters.requests, 10000);
	assert_int_equal(rig.vf[0].counters.nacked, 10000);
	assert_int_equal(rig.vf[0].counters.malformed, 0);
	assert_int_equal(rig_verdicts, 10000);

	/* Another VF is not held back by this one, nor is the VF itself once it has reset. */
	assert_true(service_on_request(&rig, 1, &msg, 15000, &reply));
	mbx_encode_reset(&msg);
	assert_true(service_on_request(&rig, 0, &msg, 15001, &reply));
	msg = (struct mbx_msg){ .word = { MBX_SET_VLAN, 4095 }, .words = 16 };
	for (unsigned int i = 0; i < 100; i++)
		assert_true(service_on_request(&rig, 0, &msg, 15002, &reply));
}

static void
test_no_such_vf(void **state)
{
	static const uint16_t vfs[] = { RIG_VFS, SERVICE_VFS_MAX, 255, UINT16_MAX };
	struct mbx_msg msg;
	unsigned int calls;

	(void)state;
	rig_start(NULL);
	calls = fake.calls;
	for (size_t i = 0; i < CASES(vfs); i++) {
		assert_int_equal(rig_reset(vfs[i]), 0);
		assert_int_equal(rig_set_mac(vfs[i], &mac_a), 0);
		service_on_vf_reset(&rig, vfs[i]);
		assert_int_equal(service_set_policy(&rig, vfs[i], &policy_default), -EINVAL);
		assert_false(service_notice(&rig, vfs[i], true, 1u << 30, &msg));
	}
	assert_int_equal(fake.calls, calls);
	assert_int_equal(rig_verdicts, 0);
}

static void
test_reports(void **state)
{
	static const struct {
		const char *request, *reason;
		uint32_t word0, word1;
		bool ok;
	} cases[] = {
		{ "set-vlan", "VLAN added", 0x10004, 5, true },
		{ "set-vlan", "not a VLAN id", 0x10004, 4095, false },
		{ "set-vlan", "malformed", 0x10004, 4096, false },
		{ "unknown", "no such request", 0x12, 0, false },
		{ "set-promiscuous", "the VF is not trusted", 0x10006, 0, false },
		{ "set-max-frame", "frame size out of range", 5, 63, false },
		{ "set-mac", "carries the flags of a reply", 0x80000002, 0, false },
	};

	(void)state;
	rig_start(NULL);
	rig_set_vlan(3, 5, true);
	assert_string_equal(rig_verdict.reason, "the VF has not reset itself");
	rig_reset(3);
	for (size_t i = 0; i < CASES(cases); i++) {
		struct mbx_msg msg = { .word = { cases[i].word0, cases[i].word1 } };
		unsigned int before = rig_verdicts;

		rig_request(3, &msg);
		assert_int_equal(rig_verdicts, before + 1);
		assert_int_equal(rig_verdict.vf, 3);
		assert_string_equal(rig_verdict.request, cases[i].request);
		assert_string_equal(rig_verdict.reason, cases[i].reason);
		assert_int_equal(rig_verdict.word0, cases[i].word0);
		assert_int_equal(rig_verdict.ok, cases[i].ok);
	}
	assert_int_equal(rig.vf[3].counters.requests, 9);
	assert_int_equal(rig.vf[3].counters.acked, 2);
	assert_int_equal(rig.vf[3].counters.nacked, 7);
	assert_int_equal(rig.vf[3].counters.malformed, 3);

	rig.report = NULL;
	assert_int_equal(rig_set_vlan(3, 6, true), 0xa0000004);
}

static void
test_vfs_are_apart(void **state)
{
	struct vf_entry before;

	(void)state;
	rig_start(NULL);
	rig_reset(0);
	rig_reset(1);
	rig_set_vlan(1, 7, true);
	before = rig.vf[1];
	hold_everything(0);
	rig_reset(0);
	service_on_vf_reset(&rig, 0);
	assert_memory_equal(&rig.vf[1], &before, sizeof(before));
	assert_null(fake_mismatch(&rig, 1));
	assert_true(fake_has_vlan(1, 7));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_start),
		cmocka_unit_test(test_reset_replies),
		cmocka_unit_test(test_reset_gives_defaults),
		cmocka_unit_test(test_reset_clears),
		cmocka_unit_test(test_function_level_reset),
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_flags_are_not_answered),
		cmocka_unit_test(test_nacks_are_paced),
		cmocka_unit_test(test_no_such_vf),
		cmocka_unit_test(test_reports),
		cmocka_unit_test(test_vfs_are_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
