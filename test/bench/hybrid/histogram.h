/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * How often which value was seen: buckets that are 1/32 of their value wide.
 *
 * Exact below 64; above it a value is known to within 3.2 %, up to 2^40, where all end that are
 * larger. No locks: one thread writes, and who reads has it to itself.
 */
#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_SUB_BITS 5
#define HISTOGRAM_EXACT	   (2u << HISTOGRAM_SUB_BITS)
#define HISTOGRAM_MAX_BITS 40
#define HISTOGRAM_BUCKETS  ((HISTOGRAM_MAX_BITS - HISTOGRAM_SUB_BITS + 1) << HISTOGRAM_SUB_BITS)

struct histogram {
	uint64_t bucket[HISTOGRAM_BUCKETS];
	uint64_t count, max;
};

void histogram_clear(struct histogram *histogram);

/** The bucket of a value. */
static inline unsigned int
histogram_index(uint64_t value)
{
	unsigned int bits, index;

	if (value < HISTOGRAM_EXACT)
		return (unsigned int)value;
	bits = 63 - (unsigned int)__builtin_clzll(value) - HISTOGRAM_SUB_BITS;
	index = (bits << HISTOGRAM_SUB_BITS) + (unsigned int)(value >> bits);
	return index < HISTOGRAM_BUCKETS ? index : HISTOGRAM_BUCKETS - 1;
}

static inline void
histogram_add(struct histogram *histogram, uint64_t value)
{
	histogram->bucket[histogram_index(value)]++;
	histogram->count++;
	if (value > histogram->max)
		histogram->max = value;
}

/** The largest value that falls into a bucket. */
uint64_t histogram_upper(unsigned int index);

/**
 * The value that a share of all do not exceed: the upper end of its bucket, or the largest that
 * was seen if that is less.
 *
 * @param share  0 to 1
 * @return 0 if nothing was added
 */
uint64_t histogram_quantile(const struct histogram *histogram, double share);

#endif /* BENCH_HISTOGRAM_H */
