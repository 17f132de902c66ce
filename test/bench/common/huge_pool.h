/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Mbufs in huge pages without any set aside: the kernel gives transparent ones. Applications have
 * theirs in huge pages, and with small ones each frame costs a walk through page tables.
 *
 * EAL does not know the memory: a device that is to reach it takes addresses as they are.
 */
#ifndef BENCH_HUGE_POOL_H
#define BENCH_HUGE_POOL_H

#include <rte_mempool.h>

/**
 * @param bytes  of a frame that an mbuf has room for, beyond the headroom
 * @param ops  of the mempool, by name; NULL: EAL's choice
 * @return NULL: no memory, or no such ops
 */
struct rte_mempool *huge_pool_create(const char *name, unsigned int nb, uint16_t bytes,
				     const char *ops);

/**
 * As tightly packed, but in EAL's memory, which has a file that others can map: what virtio-user
 * needs, and what can be in huge pages only where some are set aside.
 */
struct rte_mempool *small_pool_create(const char *name, unsigned int nb, uint16_t bytes);

/** What the mbufs are in: "2 MB", or "4 KB" where the kernel gave no others. */
const char *huge_pool_pages(const struct rte_mempool *pool);

#endif /* BENCH_HUGE_POOL_H */
