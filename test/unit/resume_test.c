/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * Each change, with its owner killed at every single instruction of it: whoever goes on with the
 * book then must come to where it was going, or not have left.
 *
 * A child carries the change out and is stepped through it; after each step that changed something,
 * its book and its pool are copied, and the copy is resumed. A call of the pool is not divided:
 * what one does by halves is its driver's business.
 */

#include "cases.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "changes.h"
#include "rig.h"

#define STEPS_MAX 2000000

/* What of the child can differ from what it began with, and what a resumed one may rely on. */
struct snapshot {
	struct vf_entry vf[RIG_VFS];
	struct book_journal journal;
	struct fake_vf pool[RIG_VFS];
	bool inside;
};

static bool
fetch(pid_t child, struct snapshot *snapshot)
{
	struct iovec to = { snapshot, sizeof(*snapshot) };
	struct iovec from[] = {
		{ rig.vf, sizeof(snapshot->vf) },
		{ &rig.journal, sizeof(snapshot->journal) },
		{ fake.vf, sizeof(snapshot->pool) },
		{ &fake.inside, sizeof(snapshot->inside) },
	};

	to.iov_len = 0;
	for (size_t i = 0; i < CASES(from); i++)
		to.iov_len += from[i].iov_len;
	return process_vm_readv(child, &to, 1, from, CASES(from), 0) == (ssize_t)to.iov_len;
}

/* Into the rig of this process, as a successor that has the memory. */
static void
take_over(const struct snapshot *snapshot)
{
	memcpy(rig.vf, snapshot->vf, sizeof(snapshot->vf));
	rig.journal = snapshot->journal;
	memcpy(fake.vf, snapshot->pool, sizeof(snapshot->pool));
	fake.inside = false;
	fake.resuming = true;
	fake.violations = 0;
}

/* The book, without counters and without what is still to be said to the VF. */
static bool
same_book(const struct vf_entry *a, const struct vf_entry *b)
{
	size_t from = offsetof(struct vf_entry, enabled);
	size_t to = offsetof(struct vf_entry, reset_wanted);

	return memcmp((const char *)a + from, (const char *)b + from, to - from) == 0 &&
	       policy_equal(&a->policy, &b->policy) && a->state == b->state;
}

struct ends {
	struct vf_entry before, after;
};

/* Resumed, the book is one of the two ends; with the change made once more, it is the second. */
static unsigned int
check_resumed(const struct change *change, const struct ends *ends)
{
	unsigned int failed = 0;
	bool before, after;

	failed += differs("resumes", 0, service_resume(&rig, &fake_pool_ops));
	before = same_book(&rig.vf[0], &ends->before);
	after = same_book(&rig.vf[0], &ends->after);
	failed += differs("one of the two ends", 1, before || after);
	failed += differs("pool and book are the same", 1, fake_mismatch(&rig, 0) == NULL);
	(void)change->change();
	failed += differs("made once more", 1, same_book(&rig.vf[0], &ends->after));
	failed += differs("the same then", 1, fake_mismatch(&rig, 0) == NULL);
	failed += differs("contract", 0, fake.violations);
	return failed;
}

static pid_t
start_child(const struct change *change)
{
	pid_t child = fork();

	if (child == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		(void)change->change();
		_exit(0);
	}
	return child;
}

static bool
step(pid_t child)
{
	int status;

	return ptrace(PTRACE_SINGLESTEP, child, NULL, NULL) == 0 &&
	       waitpid(child, &status, 0) == child && WIFSTOPPED(status);
}

static unsigned int
check_change(const struct change *change)
{
	struct snapshot now, last = { .inside = true };
	unsigned int failed = 0, states = 0, steps = 0;
	struct ends ends;
	int status;
	pid_t child;

	changes_prepare();
	ends.before = rig.vf[0];
	(void)change->change();
	ends.after = rig.vf[0];
	changes_prepare();
	child = start_child(change);
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);

	while (failed == 0 && steps < STEPS_MAX && step(child)) {
		steps++;
		assert_true(fetch(child, &now));
		if (now.inside || memcmp(&now, &last, sizeof(now)) == 0)
			continue;
		last = now;
		states++;
		take_over(&now);
		failed += check_resumed(change, &ends);
		if (failed > 0)
			print_error("# in '%s', killed after %u instructions, stage %d\n",
				    change->what, steps, now.journal.stage);
	}
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	failed += differs("it came to its end", 1, failed > 0 || steps < STEPS_MAX);
	/* Journal begun, the pool, the entry, and the journal at rest again. */
	failed += differs("there was something to see", 1, failed > 0 || states > 5);
	return failed;
}

static void
test_killed_at_each_instruction(void **state)
{
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < changes_nb; i++)
		failed += check_change(&changes[i]);
	assert_int_equal(failed, 0);
}

static uint32_t
do_reset(void)
{
	return rig_reset(0);
}

static uint32_t
do_flr(void)
{
	service_on_vf_reset(&rig, 0);
	return 0;
}

static uint32_t
do_quarantine(void)
{
	return (uint32_t)service_quarantine(&rig, 0, "a test", 0);
}

static void
test_killed_in_reset(void **state)
{
	static const struct change resets[] = {
		{ "reset", do_reset, 10 },
		{ "function reset", do_flr, 2 },
		{ "quarantine", do_quarantine, 2 },
	};
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(resets); i++)
		failed += check_change(&resets[i]);
	assert_int_equal(failed, 0);
}

/* Who dies on the way back has the way back finished. */
static void
test_killed_while_undoing(void **state)
{
	struct vf_entry before, next;

	(void)state;
	for (unsigned int done = 0; done < 4; done++) {
		changes_prepare();
		before = rig.vf[0];
		next = before;
		next.mac = mac_b;
		next.nb_vlans = 0;
		/* So far had it come, and so far back. */
		if (done > 0)
			fake_pool_ops.add_mac(FAKE_PORT, 0, &mac_b);
		for (unsigned int i = 1; i < done; i++)
			fake_pool_ops.remove_vlan(FAKE_PORT, 0, before.vlans[i - 1]);
		rig.journal = (struct book_journal){ BOOK_UNDOING, 0, next };
		fake.resuming = true;
		assert_int_equal(service_resume(&rig, &fake_pool_ops), 0);
		assert_true(same_book(&rig.vf[0], &before));
		assert_null(fake_mismatch(&rig, 0));
		assert_int_equal(rig.journal.stage, BOOK_AT_REST);
	}
}

/* An entry of which nobody knows how much was written. */
static void
test_torn_entry(void **state)
{
	struct vf_entry next;

	(void)state;
	changes_prepare();
	next = rig.vf[0];
	rig.journal = (struct book_journal){ BOOK_COMMITTING, 0, next };
	memset(&rig.vf[0], 0xee, sizeof(rig.vf[0]) / 2);
	assert_int_equal(service_resume(&rig, &fake_pool_ops), 0);
	assert_memory_equal(&rig.vf[0], &next, sizeof(next));
}

static void
test_pool_fails_on_resume(void **state)
{
	struct vf_entry next;

	(void)state;
	changes_prepare();
	next = rig.vf[0];
	next.mac = mac_b;
	rig.journal = (struct book_journal){ BOOK_UNDOING, 0, next };
	fake_fail(1, 0, -EIO);
	assert_int_equal(service_resume(&rig, &fake_pool_ops), -EIO);
	assert_int_equal(rig.vf[0].state, VF_WAIT_RESET);
	assert_true(rig.vf[0].reset_wanted);
	assert_false(fake.vf[0].enabled);
	assert_null(fake_mismatch(&rig, 0));
}

static void
test_no_book(void **state)
{
	(void)state;
	changes_prepare();
	rig.nb_vfs = SERVICE_VFS_MAX + 1;
	assert_int_equal(service_resume(&rig, &fake_pool_ops), -EINVAL);
	changes_prepare();
	rig.speaks = MBX_NB_DIALECTS;
	assert_int_equal(service_resume(&rig, &fake_pool_ops), -EINVAL);
	changes_prepare();
	rig.journal.stage = BOOK_COMMITTING + 1;
	assert_int_equal(service_resume(&rig, &fake_pool_ops), -EINVAL);
	changes_prepare();
	rig.journal = (struct book_journal){ .stage = BOOK_MOVING, .vf = RIG_VFS };
	assert_int_equal(service_resume(&rig, &fake_pool_ops), -EINVAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_killed_at_each_instruction),
		cmocka_unit_test(test_killed_in_reset),
		cmocka_unit_test(test_killed_while_undoing),
		cmocka_unit_test(test_torn_entry),
		cmocka_unit_test(test_pool_fails_on_resume),
		cmocka_unit_test(test_no_book),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
