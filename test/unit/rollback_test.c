/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* Each change of a pool, with each of its calls failing in turn: nothing may be half-applied. */

#include "cases.h"

#include <errno.h>

#include "changes.h"
#include "rig.h"

#define NEVER 1000	/* calls, more than any change makes */

/* The part of an entry that a change may touch. */
static bool
same_book(const struct vf_entry *a, const struct vf_entry *b)
{
	size_t from = offsetof(struct vf_entry, enabled);
	size_t to = offsetof(struct vf_entry, reset_wanted);

	return memcmp((const char *)a + from, (const char *)b + from, to - from) == 0 &&
	       policy_equal(&a->policy, &b->policy) && a->state == b->state &&
	       a->reset_wanted == b->reset_wanted;
}

static unsigned int
check_one_failure(size_t i, unsigned int nth, int rc)
{
	const char *what = changes[i].what;
	struct vf_entry before;
	unsigned int failed = 0, calls;
	uint32_t reply;

	changes_prepare();
	before = rig.vf[0];
	calls = fake.calls;
	fake_fail(nth, 0, rc);
	reply = changes[i].change();
	if (fake.calls < calls + nth) {
		failed += differs(what, MBX_ACK, reply & (MBX_ACK | MBX_NACK));
	} else {
		failed += differs(what, MBX_NACK | MBX_CTS, reply & MBX_FLAGS);
		failed += differs("the book is as before", 1, same_book(&before, &rig.vf[0]));
	}
	failed += differs("pool and book are the same", 1, fake_mismatch(&rig, 0) == NULL);
	failed += differs("contract", 0, fake.violations);
	if (failed > 0)
		print_error("# in '%s' with call %u failing\n", what, nth);
	return failed;
}

static void
test_each_call_fails(void **state)
{
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < changes_nb; i++) {
		unsigned int calls;

		changes_prepare();
		calls = fake.calls;
		changes[i].change();
		calls = fake.calls - calls;
		if (calls < changes[i].min_calls)
			failed += differs(changes[i].what, changes[i].min_calls, calls);
		for (unsigned int nth = 1; nth <= calls + 1; nth++) {
			failed += check_one_failure(i, nth, -ENOSPC);
			failed += check_one_failure(i, nth, -EIO);
		}
	}
	assert_int_equal(failed, 0);
}

/* The way back fails as well: the VF must be shut off, not left with filters nobody knows. */
static void
test_way_back_fails(void **state)
{
	unsigned int failed = 0, shut = 0;

	(void)state;
	for (size_t i = 0; i < changes_nb; i++) {
		for (unsigned int nth = 1; nth <= changes[i].min_calls; nth++) {
			uint32_t reply;

			changes_prepare();
			fake_fail(nth, 1, -EIO);
			reply = changes[i].change();
			fake_fail(0, 0, 0);
			failed += differs(changes[i].what, MBX_NACK, reply & (MBX_ACK | MBX_NACK));
			failed += differs("same", 1, fake_mismatch(&rig, 0) == NULL);
			failed += differs("shut off", rig.vf[0].state == VF_READY,
					  fake.vf[0].enabled);
			if (rig.vf[0].state == VF_READY)
				continue;
			shut++;
			failed += differs("to be told", 1, rig.vf[0].reset_wanted);
			rig_reset(0);
			failed += differs("comes back", 1, fake_mismatch(&rig, 0) == NULL);
			failed += differs("is ready", VF_READY, rig.vf[0].state);
		}
	}
	assert_int_equal(failed, 0);
	assert_int_equal(shut, 26);	/* all but the first call of each change */
}

static void
test_reset_fails(void **state)
{
	unsigned int failed = 0, calls;
	struct vf_policy policy = { .mac = mac_a, .vlan = 5 };

	(void)state;
	rig_start(&policy);
	calls = fake.calls;
	rig_reset(0);
	calls = fake.calls - calls;
	assert_true(calls >= 10);

	for (unsigned int nth = 1; nth <= calls; nth++) {
		rig_start(&policy);
		fake_fail(nth, 0, -EIO);
		failed += differs("refused", 0x40000001, rig_reset(0));
		failed += differs("waiting", VF_WAIT_RESET, rig.vf[0].state);
		failed += differs("off", 0, fake.vf[0].enabled);
		failed += differs("same", 1, fake_mismatch(&rig, 0) == NULL);
		failed += differs("no reset counted", 0, (long long)rig.vf[0].counters.resets);
		/* Neither the address nor anything else is told in a refusal. */
		for (unsigned int i = 1; i < MBX_WORDS; i++)
			failed += differs("a word behind it", 0, rig_reply.word[i]);
		failed += differs("the next one works", 0x80000001, rig_reset(0));
		failed += differs("same again", 1, fake_mismatch(&rig, 0) == NULL);
	}
	assert_int_equal(failed, 0);
}

static void
test_everything_fails_for_ever(void **state)
{
	(void)state;
	for (size_t i = 0; i < changes_nb; i++) {
		changes_prepare();
		fake_fail(1, NEVER, -EIO);
		assert_int_equal(changes[i].change() & (MBX_ACK | MBX_NACK), MBX_NACK);
		assert_int_equal(rig_reset(0) & ~MBX_CTS, 0x40000001);
		service_on_vf_reset(&rig, 0);
		assert_int_equal(rig.vf[0].state, VF_WAIT_RESET);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_call_fails),
		cmocka_unit_test(test_way_back_fails),
		cmocka_unit_test(test_reset_fails),
		cmocka_unit_test(test_everything_fails_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
