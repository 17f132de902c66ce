/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/** @file The time stamp counter, before and after a piece of work of which nothing leaks out. */
#ifndef BENCH_CLOCK_H
#define BENCH_CLOCK_H

#include <stdint.h>

#include <rte_cycles.h>

#if defined(__x86_64__)
#include <x86intrin.h>

static inline uint64_t
clock_begin(void)
{
	uint64_t now;

	_mm_lfence();
	now = __rdtsc();
	_mm_lfence();
	return now;
}

static inline uint64_t
clock_end(void)
{
	unsigned int processor;
	uint64_t now = __rdtscp(&processor);

	_mm_lfence();
	return now;
}
#else
static inline uint64_t
clock_begin(void)
{
	return rte_rdtsc_precise();
}

static inline uint64_t
clock_end(void)
{
	return rte_rdtsc_precise();
}
#endif

#endif /* BENCH_CLOCK_H */
