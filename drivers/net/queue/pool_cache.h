/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Buffers from and to this lcore's cache of their pool, without a call into the pool.
 *
 * The cache gives those that were freed last, which are likeliest to be in the processor's caches.
 */
#ifndef SLUICE_POOL_CACHE_H
#define SLUICE_POOL_CACHE_H

#include <string.h>

#include <rte_mbuf.h>
#include <rte_mempool.h>

/** Like rte_mempool_get_bulk(). @return false: the pool has fewer than @p count */
static inline bool
pool_take(struct rte_mempool *pool, struct rte_mbuf **mbufs, uint16_t count)
{
	struct rte_mempool_cache *cache = rte_mempool_default_cache(pool, rte_lcore_id());

	if (unlikely(cache == NULL || cache->len < count))
		return rte_mempool_get_bulk(pool, (void **)mbufs, count) == 0;
	cache->len -= count;
	memcpy(mbufs, &cache->objs[cache->len], count * sizeof(*mbufs));
	RTE_MEMPOOL_CHECK_COOKIES(pool, (void **)mbufs, count, 1);
	return true;
}

/** Like rte_mempool_put_bulk(). */
static inline void
pool_put(struct rte_mempool *pool, struct rte_mbuf **mbufs, uint16_t count)
{
	struct rte_mempool_cache *cache = rte_mempool_default_cache(pool, rte_lcore_id());

	if (unlikely(cache == NULL || cache->len + count > cache->flushthresh)) {
		rte_mempool_put_bulk(pool, (void **)mbufs, count);
		return;
	}
	RTE_MEMPOOL_CHECK_COOKIES(pool, (void **)mbufs, count, 0);
	memcpy(&cache->objs[cache->len], mbufs, count * sizeof(*mbufs));
	cache->len += count;
}

/** How many the cache takes before it gives some to the pool; without a cache there is no end. */
static inline uint32_t
pool_room(struct rte_mempool *pool)
{
	struct rte_mempool_cache *cache = unlikely(pool == NULL) ?
		NULL : rte_mempool_default_cache(pool, rte_lcore_id());

	return unlikely(cache == NULL) ? UINT32_MAX : cache->flushthresh - cache->len;
}

#endif /* SLUICE_POOL_CACHE_H */
