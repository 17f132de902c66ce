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

struct rte_mempool;

struct target {
	const struct column *column;
	const struct group *group;
	struct card *card;
	uint16_t port;		/**< of DPDK */
	uint8_t mac[FEED_MAC_BYTES];
};

/** Mbufs in huge pages, if the kernel gives any. @return NULL: no memory */
struct rte_mempool *target_pool(unsigned int nb);
/** What the pool's mbufs are in. */
const char *target_pool_pages(void);
/** Their frames' first @p lines cache lines go out of all caches. */
void target_pool_flush(unsigned int lines);

/** Both exit with a line if it fails. */
void target_create(struct target *target, const struct group *group, const struct column *column,
		   struct rte_mempool *pool);
void target_start(struct target *target, const struct bench_case *c, struct rte_mempool *pool);
/** Once more; it was started. The tails are plain memory from here on. */
void target_open(struct target *target);
void target_stop(struct target *target);
void target_free(struct target *target);

#endif /* BENCH_TARGET_H */
