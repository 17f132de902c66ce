/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What the counters say: a table while it runs, a JSON report at the end.
 *
 * A port's row: rx it received, tx it sent, dropped it had no room to send, own it received though
 * it came from the pair itself; missed is the hardware's count of frames that found no buffer.
 */
#ifndef SLUICE_FWD_STATS_H
#define SLUICE_FWD_STATS_H

#include <stdio.h>

#include "capture.h"
#include "forward.h"
#include "options.h"

struct stats;

/**
 * @param pairs    pair p's queue q is pairs[p * o->queues + q]
 * @param capture  NULL: none
 * @return NULL and errno
 *
 * Keeps all three. Rates and hardware counters count from here.
 */
struct stats *stats_open(const struct options *o, const struct queue_pair *pairs,
			 const struct capture *capture);

/* A table; rates are those since the table before. */
void stats_print(struct stats *stats, FILE *out);

/* The report. 0; -EIO it was not written in full. */
int stats_write_json(const struct stats *stats, FILE *out);

void stats_close(struct stats *stats);

#endif /* SLUICE_FWD_STATS_H */
