/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "fake_kernel.h"

static void
test_token_is_made_and_kept(void **state)
{
	char path[128], first[IOV_TOKEN_BYTES], second[IOV_TOKEN_BYTES];
	struct iov_problem problem = { 0 };
	struct stat status;

	(void)state;
	snprintf(path, sizeof(path), "%s/token", kernel.state);
	assert_int_equal(iov_token_load(path, first, &problem), 0);
	assert_int_equal(strlen(first), IOV_TOKEN_BYTES - 1);
	assert_int_equal(first[14], '4'); /* the UUID's version */
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(iov_token_load(path, second, &problem), 0);
	assert_string_equal(first, second);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(iov_token_load(path, second, &problem), 0);
	assert_string_not_equal(first, second);
}

static void
test_bad_token_files(void **state)
{
	static const char *const bad[] = {
		"",
		"\n",
		"0d7d2c1e-0000-4000-8000-00000000000",
		"0d7d2c1e-0000-4000-8000-0000000000000",
		"0d7d2c1e_0000-4000-8000-000000000000",
		"0d7d2c1e-0000-4000-8000-00000000000g",
	};
	char path[128], expected[IOV_LINE_BYTES], token[IOV_TOKEN_BYTES];
	struct iov_problem problem = { 0 };

	(void)state;
	snprintf(path, sizeof(path), "%s/token", kernel.state);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		fake_file("state/token", "%s", bad[i]);
		chmod(path, 0600);
		assert_int_equal(iov_token_load(path, token, &problem), -EINVAL);
		snprintf(expected, sizeof(expected),
			 "%s holds no UUID; for a new VF token, run: rm %s", path, path);
		assert_string_equal(problem.line, expected);
	}
	chmod(path, 0640);
	assert_int_equal(iov_token_load(path, token, &problem), -EINVAL);
	snprintf(expected, sizeof(expected), "others may read the VF token; run: chmod 600 %s",
		 path);
	assert_string_equal(problem.line, expected);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		WITH_FAKE_KERNEL(test_token_is_made_and_kept),
		WITH_FAKE_KERNEL(test_bad_token_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
