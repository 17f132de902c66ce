/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * cmocka.h needs these before itself, in this order.
 */
#ifndef SLUICE_TEST_FWD_CMOCKA_ALL_H
#define SLUICE_TEST_FWD_CMOCKA_ALL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif /* SLUICE_TEST_FWD_CMOCKA_ALL_H */
