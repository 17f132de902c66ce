/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/** @file A turn: some spans of one case on one port, which the others' turns surround. */
#ifndef BENCH_TURN_H
#define BENCH_TURN_H

#include "target.h"

#define TURN_SPANS 16	/* that count */

/**
 * The port is open. Exits with a line if a frame is lost, or is not as it should be, or an access
 * trapped.
 *
 * @return cycles a frame: the median of its spans
 */
double turn_run(struct target *target, const struct bench_case *c, struct rte_mempool *pool);

/** @return instructions a frame, of enough frames to fill the rings */
double turn_count(struct target *target, const struct bench_case *c, struct rte_mempool *pool);

/** The value below which so much of them are; sorts them. */
double turn_quantile(double *values, unsigned int nb, double quantile);

#endif /* BENCH_TURN_H */
