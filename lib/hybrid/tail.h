/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * How late wake-ups are: an estimate of the 99th percentile, without keeping them. Pure.
 *
 * One that is later takes the estimate up by an eighth of it, one that is not down by a hundredth
 * of that, so that it rests where one in 100 is later. What is beyond TAIL_MAX_NS is a processor
 * that was taken away, for which no ring is long enough, and counts as TAIL_MAX_NS.
 */
#ifndef SLUICE_HYBRID_TAIL_H
#define SLUICE_HYBRID_TAIL_H

#include <stdint.h>

#define TAIL_MAX_NS UINT64_C(500000)

/** The estimate after a wake-up that was @p late_ns late. */
uint64_t tail_after(uint64_t tail_ns, uint64_t late_ns);

#endif /* SLUICE_HYBRID_TAIL_H */
