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

#include "frames.h"

struct rte_mbuf;

#define SPAN_FRAMES_MAX 256	/* of a port */
#define SPAN_FRAMES_PORT 32	/* of each of many */
#define SPAN_FRAMES_ALL (SPAN_PLACES_MAX * SPAN_FRAMES_PORT)
#define SPAN_PLACES_MAX 64
/* A driver may use all room that it is told of, even if it returns fewer. */
#define SPAN_ROOM	(SPAN_FRAMES_ALL + SPAN_FRAMES_MAX)

/** Where frames come from, and go to. */
struct span_place {
	uint16_t port, queue;
};

struct span {
	const struct span_place *places;	/**< each has its turn */
	unsigned int nb_places;
	uint16_t burst;
	unsigned int nb;	/**< frames */
	struct frames_mark mark;	/**< of forwarded ones */
	struct rte_mbuf **mbufs;	/**< SPAN_ROOM; that are received; or to be sent */
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
