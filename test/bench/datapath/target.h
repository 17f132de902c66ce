/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * A column of a group as a port that is measured: its card, its configuration, its frames.
 */
#ifndef BENCH_TARGET_H
#define BENCH_TARGET_H

#include "card.h"
#include "cases.h"
#include "span.h"

struct rte_mempool;

struct target {
	const struct column *column;
	const struct group *group;
	struct card *card;
	uint16_t port;		/**< of DPDK; the first one */
	unsigned int nb_vfs, nb_started;
	struct span_place places[SPAN_PLACES_MAX];
	unsigned int nb_places;
	uint64_t rx_capable;	/**< offloads */
	uint8_t mac[FEED_MAC_BYTES];
};

/**
 * All exit with a line if it fails.
 *
 * @param nb_targets  of the group, among whom DPDK's ports are shared out
 */
void target_create(struct target *target, const struct group *group, const struct column *column,
		   unsigned int nb_targets, struct rte_mempool *pool);
void target_start(struct target *target, const struct bench_case *c, struct rte_mempool *pool);
/**
 * It has the queues and offloads that the case is about, but for a hash, which not all have.
 * What it is asked for is among target->rx_capable.
 */
bool target_can(struct target *target, const struct bench_case *c);
/** Once more; it was started. The tails are plain memory from here on. */
void target_open(struct target *target);
void target_stop(struct target *target);
void target_free(struct target *target);

#endif /* BENCH_TARGET_H */
