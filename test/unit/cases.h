/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Cases as data: a test walks its table, and each failure names its case.
 */
#ifndef SLUICE_TEST_CASES_H
#define SLUICE_TEST_CASES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define CASES(a) (sizeof(a) / sizeof((a)[0]))

/** Prints and returns 1 if the two differ: sum it up, and assert 0 at the end of the test. */
static inline unsigned int
differs(const char *what, long long expect, long long got)
{
	if (expect == got)
		return 0;
	print_error("# %s: expected %lld (0x%llx), got %lld (0x%llx)\n", what, expect, expect, got,
		    got);
	return 1;
}

#endif /* SLUICE_TEST_CASES_H */
