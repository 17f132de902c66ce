/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The loops that are timed: what an application does with a port whose device has done its work.
 */
#ifndef BENCH_SPAN_H
#define BENCH_SPAN_H

#include <stdint.h>

#include "cases.h"

struct rte_mbuf;

#define SPAN_FRAMES_MAX 256

struct span {
	uint16_t port, queues, burst;
	unsigned int nb;	/**< frames */
	struct rte_mbuf **mbufs;	/**< that are received; or to be sent */
};

/**
 * @param done  frames that came and went; fewer than span->nb: the device had not done its work
 * @return TSC cycles, without those of looking at the clock
 */
uint64_t span_run(const struct span *span, enum bench_op op, unsigned int *done);

/** The same. @return instructions; count_init() was called */
uint64_t span_count(const struct span *span, enum bench_op op, unsigned int *done);

/** Find out what it costs to look at the clock. */
void span_calibrate(void);

#endif /* BENCH_SPAN_H */
