/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The queue pairs of started ports, each with its lcore, ready for forward_main().
 */
#ifndef SLUICE_FWD_PAIRS_H
#define SLUICE_FWD_PAIRS_H

#include "forward.h"
#include "options.h"

/**
 * Pair p's queue q becomes (*pairs)[p * o->queues + q].
 *
 * @param stop   what the lcores watch; kept
 * @return an exit status, EX_OK or after a line on standard error; *pairs is to be freed even then
 */
int pairs_create(const struct options *o, const atomic_bool *stop, struct queue_pair **pairs,
		 unsigned int *nb_pairs);

/* NULL is fine. */
void pairs_free(struct queue_pair *pairs);

#endif /* SLUICE_FWD_PAIRS_H */
