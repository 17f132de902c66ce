/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * VFs that are made and removed, again and again, while the kernel refuses now this and now that:
 * on a kernel made of files.
 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_kernel.h"

#define VFS_MAX	   8
#define WRITES_MAX 40	/* more than any of the steps does */
#define ROUNDS	   60

/** The write of that number, from now on, fails; 0: none. */
static void
fail_from_now(unsigned int nth)
{
	kernel.writes = 0;
	kernel.fail_write = nth;
}

static void
expect_as_before(const char *before)
{
	char *after = fake_snapshot();

	assert_string_equal(before, after);
	free(after);
}

/* ice freed VFs of which others still had a list; igb hung when its VFs were removed after they
 * could not be made. Here each write in turn fails while each number of VFs is made. */
static void
cve_2025_21883_failed_vfs_leave_nothing_behind(void **state)
{
	char *before = fake_snapshot();

	(void)state;
	for (unsigned int num_vfs = 1; num_vfs <= VFS_MAX; num_vfs++) {
		struct iov_request request = fake_request(num_vfs);
		struct iov_problem problem = { 0 };
		struct iov_port port;
		unsigned int nth = 1;

		for (;; nth++) {
			fail_from_now(nth);
			if (iov_port_create(&kernel.root, &request, &port, &problem) == 0)
				break;
			assert_string_not_equal(problem.line, "");
			expect_as_before(before);
			assert_string_equal(fake_read(PF_DIR "/sriov_numvfs"), "0");
		}
		assert_true(nth >= 2 && nth <= WRITES_MAX);
		fail_from_now(0);
		assert_int_equal(iov_port_destroy(&port, &problem), 0);
		expect_as_before(before);
	}
	free(before);
}

/* Making, binding and removing VFs in a loop, and one of the writes fails each time. */
static void
cve_2023_54070_vfs_come_and_go_with_failures(void **state)
{
	unsigned int created = 0, bound = 0, destroyed = 0;
	char *before = fake_snapshot();

	(void)state;
	for (unsigned int i = 0; i < ROUNDS; i++) {
		struct iov_request request = fake_request(1 + i % VFS_MAX);
		struct iov_problem problem = { 0 };
		struct iov_port port;

		if (i % 2 != 0)
			request.vf_driver[0] = "igbvf";
		fail_from_now(i % 3 == 0 ? 1 + i % 7 : 0);
		if (iov_port_create(&kernel.root, &request, &port, &problem) < 0) {
			expect_as_before(before);
			continue;
		}
		created++;
		fail_from_now(i % 3 == 1 ? 1 + i % 5 : 0);
		bound += iov_port_bind_vfs(&port, &problem) == 0;
		fail_from_now(i % 3 == 2 ? 1 + i % 4 : 0);
		if (iov_port_destroy(&port, &problem) == 0) {
			destroyed++;
		} else {
			/* What is left the next daemon finds, takes, and puts back. */
			fail_from_now(0);
			assert_int_equal(iov_port_create(&kernel.root, &request, &port, &problem),
					 0);
			assert_int_equal(iov_port_destroy(&port, &problem), 0);
		}
		expect_as_before(before);
	}
	/* Each kind of failure was there, and each success. */
	assert_true(created >= 1 && created <= ROUNDS - 1);
	assert_true(bound >= 1 && bound <= created - 1);
	assert_true(destroyed >= 1 && destroyed <= created - 1);
	free(before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FAKE_KERNEL(cve_2025_21883_failed_vfs_leave_nothing_behind),
		WITH_FAKE_KERNEL(cve_2023_54070_vfs_come_and_go_with_failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
