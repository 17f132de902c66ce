/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What no driver can do without: a loop over rings that nobody else has, with mbufs of the same
 * pool. For each frame the descriptor is read and written, both lines of the mbuf are touched, and
 * mbufs are got from the pool or put back, a burst at a time.
 */
#ifndef BENCH_FLOOR_H
#define BENCH_FLOOR_H

#include <stdbool.h>

#include "cases.h"

struct rte_mempool;

/** Fill the rings. @return false: the pool has too few, or the ring is too long */
bool floor_start(const struct bench_case *c, struct rte_mempool *pool);
/** And give them back. */
void floor_stop(const struct bench_case *c, struct rte_mempool *pool);

/** @return cycles a frame: the median of as many spans as a port's turn has */
double floor_turn(const struct bench_case *c, struct rte_mempool *pool);

#endif /* BENCH_FLOOR_H */
