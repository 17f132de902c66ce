/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* What the service does about a VF that does too much, and what ends it. */

#include "cases.h"

#include <errno.h>
#include <string.h>

#include "rig.h"

#define GRANTED_VLAN (MBX_SET_VLAN | MBX_ACK | MBX_CTS)
#define REFUSED_VLAN (MBX_SET_VLAN | MBX_NACK | MBX_CTS)
#define REFUSED_RESET (MBX_VF_RESET | MBX_NACK)

static struct watch_rules
rules_of(enum watch_kind kind, uint32_t limit, enum watch_action action, uint32_t release_s)
{
	struct watch_rules rules = { 0 };

	rules.rule[kind] = (struct watch_rule){ limit, 1000, action, release_s };
	return rules;
}

/* VF 0 and 1 are ready and hold something. */
static void
start(enum watch_kind kind, uint32_t limit, enum watch_action action, uint32_t release_s)
{
	const struct watch_rules rules = rules_of(kind, limit, action, release_s);

	rig_start(NULL);
	for (uint16_t vf = 0; vf < 2; vf++) {
		rig_reset(vf);
		rig_set_mac(vf, vf == 0 ? &mac_a : &mac_b);
		rig_set_vlan(vf, 5, true);
	}
	rig_now_ms += 60000;
	service_set_rules(&rig, &rules);
}

static void
check_shut(uint16_t vf)
{
	assert_int_equal(rig.vf[vf].state, VF_QUARANTINED);
	assert_false(fake.vf[vf].enabled);
	assert_int_equal(fake.vf[vf].nb_macs + fake.vf[vf].nb_vlans, 0);
	assert_null(fake_mismatch(&rig, vf));
}

static void
check_neighbour(void)
{
	assert_int_equal(rig_set_vlan(1, 6, true), GRANTED_VLAN);
	assert_int_equal(rig.vf[1].state, VF_READY);
	assert_true(fake.vf[1].enabled);
	assert_true(fake_has_mac(1, &mac_b));
	assert_null(fake_mismatch(&rig, 1));
}

/* Requests until the rule acts. */
static void
flood(unsigned int nb)
{
	for (unsigned int i = 0; i < nb; i++)
		(void)rig_set_vlan(0, 5, true);
}

static void
test_a_flood_is_quarantined(void **state)
{
	char text[SERVICE_RESTRAINT_BYTES];

	(void)state;
	start(WATCH_MAILBOX, 20, WATCH_QUARANTINE, 0);
	flood(20);
	assert_int_equal(rig.vf[0].state, VF_READY);
	service_restraint(&rig, 0, rig_now_ms, text);
	assert_string_equal(text, "");
	assert_int_equal(fake.vf[0].held_ms, 0);
	assert_int_equal(rig_set_vlan(0, 5, true), MBX_SET_VLAN | MBX_NACK);
	check_shut(0);
	assert_int_equal(fake.vf[0].held_ms, SERVICE_HOLD_MS);
	service_restraint(&rig, 0, rig_now_ms, text);
	assert_string_equal(text, "quarantined: mailbox flood, 21 requests in 1000 ms,"
				  " until released");
	check_neighbour();
}

/* Whatever the VF says, RESET above all; and it is not told so more often than every 2 s. */
static void
test_no_request_ends_it(void **state)
{
	unsigned int answers = 0;
	uint64_t begin_ms;

	(void)state;
	start(WATCH_MAILBOX, 0, WATCH_LOG, 0);
	assert_int_equal(service_quarantine(&rig, 0, "a test", 0), 0);
	check_shut(0);
	begin_ms = rig_now_ms;
	for (uint32_t opcode = 0; opcode < 64; opcode++) {
		struct mbx_msg msg = { .word = { opcode, 0x00aa0002, 0x0101 }, .words = 3 };

		answers += rig_request(0, &msg) != 0;
		answers += rig_reset(0) != 0;
		assert_int_equal(rig_verdict.ok, false);
	}
	assert_true(answers <= 1 + (rig_now_ms - begin_ms) / SERVICE_NACK_MS);
	rig_now_ms += SERVICE_NACK_MS;
	assert_int_equal(rig_reset(0), REFUSED_RESET);
	assert_string_equal(rig_verdict.reason, "the VF is in quarantine");
	check_shut(0);
	check_neighbour();
}

static void
test_function_level_reset_ends_it(void **state)
{
	(void)state;
	start(WATCH_MAILBOX, 0, WATCH_LOG, 0);
	assert_int_equal(service_quarantine(&rig, 0, "a test", 0), 0);
	/* Its driver's own reset is no more than a RESET. */
	service_on_vf_restart(&rig, 0);
	check_shut(0);
	service_on_vf_reset(&rig, 0);
	assert_int_equal(rig.vf[0].state, VF_WAIT_RESET);
	assert_false(rig.vf[0].reset_wanted);
	assert_int_not_equal(rig_reset(0) & MBX_VF_RESET, 0);
	assert_int_equal(rig.vf[0].state, VF_READY);
	assert_true(fake.vf[0].enabled);
	assert_null(fake_mismatch(&rig, 0));
}

static void
test_the_operator_ends_it(void **state)
{
	struct mbx_msg notice;

	(void)state;
	start(WATCH_MAILBOX, 0, WATCH_LOG, 0);
	assert_int_equal(service_release(&rig, 0), -EALREADY);
	assert_int_equal(service_release(&rig, RIG_VFS), -EINVAL);
	assert_int_equal(service_quarantine(&rig, RIG_VFS, "", 0), -EINVAL);
	assert_int_equal(service_quarantine(&rig, 0, "one\ntwo\x80", 0), 0);
	assert_string_equal(rig.vf[0].quarantine.reason, "one?two?");
	/* Nothing is said unasked to a VF that nobody listens to. */
	assert_false(service_notice(&rig, 0, true, rig_now_ms + 10000, &notice));
	assert_int_equal(service_release(&rig, 0), 0);
	assert_int_equal(service_release(&rig, 0), -EALREADY);
	assert_int_equal(rig.vf[0].state, VF_WAIT_RESET);
	/* But then it is to know. */
	assert_true(service_notice(&rig, 0, false, rig_now_ms + 10000, &notice));
	assert_int_equal(notice.word[0], MBX_PF_CONTROL);
	assert_int_not_equal(rig_reset(0), 0);
	assert_int_equal(rig.vf[0].state, VF_READY);
}

static void
test_time_ends_it_once(void **state)
{
	uint64_t begin_ms;
	unsigned int told;

	(void)state;
	start(WATCH_RESETS, 3, WATCH_QUARANTINE, 7);
	for (unsigned int i = 0; i < 4; i++)
		rig_reset(0);
	check_shut(0);
	begin_ms = rig_now_ms;
	told = rig_verdicts;
	service_watch_tick(&rig, begin_ms + 6999);
	check_shut(0);
	assert_int_equal(rig_verdicts, told);
	for (unsigned int i = 0; i < 5; i++)
		service_watch_tick(&rig, begin_ms + 7000 + 100 * i);
	assert_int_equal(rig_verdicts, told + 1);
	assert_true(rig_verdict.ok && rig_verdict.rare);
	assert_int_equal(rig.vf[0].state, VF_WAIT_RESET);
	assert_int_not_equal(rig_reset(0), 0);
	assert_int_equal(rig.vf[0].state, VF_READY);
}

/* The operator's changes are kept for later, and open nothing. */
static void
test_policy_opens_nothing(void **state)
{
	const struct vf_policy policy = { .mac = mac_c, .vlan = 7, .trusted = true };

	(void)state;
	start(WATCH_MAILBOX, 0, WATCH_LOG, 0);
	assert_int_equal(service_quarantine(&rig, 0, "a test", 0), 0);
	assert_int_equal(service_set_policy(&rig, 0, &policy), 0);
	check_shut(0);
	/* Another one gets the address that it held. */
	assert_int_equal(service_set_policy(&rig, 1, &(struct vf_policy){ .mac = mac_a }), 0);
	check_shut(0);
	assert_int_equal(service_release(&rig, 0), 0);
	rig_reset(0);
	assert_true(fake_has_mac(0, &mac_c));
	assert_int_equal(fake.vf[0].port_vlan, 7);
}

static void
test_refused_and_throttled(void **state)
{
	unsigned int served = 0;

	(void)state;
	start(WATCH_MAILBOX, 20, WATCH_NACK, 5);
	flood(20);
	assert_int_equal(rig_set_vlan(0, 5, true), REFUSED_VLAN);
	assert_true(fake.vf[0].enabled);
	assert_int_equal(service_release(&rig, 0), 0);
	assert_int_equal(rig_set_vlan(0, 5, true), GRANTED_VLAN);

	start(WATCH_MAILBOX, 20, WATCH_THROTTLE, 60);
	flood(20);
	/* A request each 10 ms, five times what it may. */
	for (unsigned int i = 0; i < 1000; i++)
		served += rig_set_vlan(0, 5, true) == GRANTED_VLAN;
	assert_true(served >= 199 && served <= 201);
	assert_int_equal(rig.vf[0].counters.throttled, 1000 - served);
	assert_int_equal(rig.vf[0].counters.requests,
			 rig.vf[0].counters.acked + rig.vf[0].counters.nacked);
	check_neighbour();
	service_watch_tick(&rig, rig_now_ms + 60000);
	assert_true(rig_verdict.ok);
	assert_int_equal(rig_set_vlan(0, 5, true), GRANTED_VLAN);
}

static void
test_what_the_caller_counts(void **state)
{
	(void)state;
	for (enum watch_kind kind = 0; kind < WATCH_NB_KINDS; kind++) {
		start(kind, 9, WATCH_QUARANTINE, 0);
		service_count(&rig, 0, kind, 9, rig_now_ms);
		assert_int_equal(rig.vf[0].state, VF_READY);
		service_count(&rig, 0, kind, 1, rig_now_ms);
		check_shut(0);
		assert_false(rig_verdict.ok);
		service_count(&rig, RIG_VFS, kind, 100, rig_now_ms);
		check_neighbour();
	}
}

/* The pool refuses to be closed: it stays in quarantine all the same. */
static void
test_the_pool_fails(void **state)
{
	(void)state;
	start(WATCH_MAILBOX, 0, WATCH_LOG, 0);
	fake_fail(1, 3, -EIO);
	assert_int_equal(service_quarantine(&rig, 0, "a test", 0), -EIO);
	assert_int_equal(rig.vf[0].state, VF_QUARANTINED);
	fake_fail(0, 0, 0);
	rig_now_ms += SERVICE_NACK_MS;
	assert_int_equal(rig_reset(0), REFUSED_RESET);
}

/* The next daemon finds it as it was, with its end. */
static void
test_it_outlives_the_daemon(void **state)
{
	(void)state;
	start(WATCH_MAILBOX, 0, WATCH_LOG, 0);
	assert_int_equal(service_quarantine(&rig, 0, "a test", rig_now_ms + 5000), 0);
	assert_int_equal(service_resume(&rig, &fake_pool_ops), 0);
	check_shut(0);
	rig_now_ms += SERVICE_NACK_MS;
	assert_int_equal(rig_reset(0), REFUSED_RESET);
	service_watch_tick(&rig, rig_now_ms + 5000);
	assert_int_not_equal(rig_reset(0) & MBX_VF_RESET, 0);
	assert_int_equal(rig.vf[0].state, VF_READY);
}

static void
test_a_lost_notice_is_said_again(void **state)
{
	struct mbx_msg notice;
	uint64_t now_ms;

	(void)state;
	start(WATCH_MAILBOX, 0, WATCH_LOG, 0);
	now_ms = rig_now_ms;
	assert_true(service_notice(&rig, 0, true, now_ms, &notice));
	assert_false(service_notice(&rig, 0, false, now_ms + 10000, &notice));
	service_notice_lost(&rig, 0);
	assert_true(service_notice(&rig, 0, false, now_ms + 10001, &notice));
	assert_int_equal(notice.word[0], MBX_PF_CONTROL | MBX_CTS);
	assert_false(service_notice(&rig, 0, false, now_ms + 20000, &notice));

	assert_int_equal(service_set_policy(&rig, 0, &(struct vf_policy){ .mac = mac_c }), 0);
	assert_true(service_notice(&rig, 0, false, now_ms + 30000, &notice));
	assert_int_equal(notice.word[0], MBX_PF_CONTROL);
	service_notice_lost(&rig, 0);
	assert_true(service_notice(&rig, 0, false, now_ms + 30001, &notice));
	assert_int_equal(notice.word[0], MBX_PF_CONTROL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_flood_is_quarantined),
		cmocka_unit_test(test_no_request_ends_it),
		cmocka_unit_test(test_function_level_reset_ends_it),
		cmocka_unit_test(test_the_operator_ends_it),
		cmocka_unit_test(test_time_ends_it_once),
		cmocka_unit_test(test_policy_opens_nothing),
		cmocka_unit_test(test_refused_and_throttled),
		cmocka_unit_test(test_what_the_caller_counts),
		cmocka_unit_test(test_the_pool_fails),
		cmocka_unit_test(test_it_outlives_the_daemon),
		cmocka_unit_test(test_a_lost_notice_is_said_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
