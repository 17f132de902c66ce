/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include <rte_common.h>
#include <rte_mbuf.h>
#include <rte_mbuf_pool_ops.h>
#include <rte_memzone.h>

#include "huge_pool.h"

#define HUGE_BYTES  (2u << 20)
#define CACHE	    256	/* as DPDK's examples have it */

static void *
map(size_t bytes)
{
	void *memory = mmap(NULL, bytes + HUGE_BYTES, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return NULL;
	memory = RTE_PTR_ALIGN_CEIL(memory, HUGE_BYTES);
	(void)madvise(memory, bytes, MADV_HUGEPAGE);
	memset(memory, 0, bytes);
	return memory;
}

static struct rte_mempool *
make_empty(const char *name, unsigned int nb, uint16_t bytes, const char *ops)
{
	struct rte_pktmbuf_pool_private private = {
		.mbuf_data_room_size = RTE_PKTMBUF_HEADROOM + bytes,
	};
	struct rte_mempool *pool;

	/* EAL thinks that pages are small, and would leave half of each one empty. */
	pool = rte_mempool_create_empty(name, nb, sizeof(struct rte_mbuf) +
					private.mbuf_data_room_size, CACHE, sizeof(private),
					SOCKET_ID_ANY, RTE_MEMPOOL_F_NO_IOVA_CONTIG);
	if (pool == NULL)
		return NULL;
	if (rte_mempool_set_ops_byname(pool, ops == NULL ? rte_mbuf_best_mempool_ops() : ops,
				       NULL) != 0)
		return NULL;
	rte_pktmbuf_pool_init(pool, &private);
	return pool;
}

/** @param memory  of so many bytes as pool_bytes() says; NULL: there is none */
static struct rte_mempool *
fill(struct rte_mempool *pool, unsigned int nb, char *memory, size_t bytes)
{
	if (memory == NULL || rte_mempool_populate_iova(pool, memory, (uintptr_t)memory, bytes,
							NULL, NULL) < (int)nb)
		return NULL;
	rte_mempool_obj_iter(pool, rte_pktmbuf_init, NULL);
	return pool;
}

static size_t
pool_bytes(const struct rte_mempool *pool, unsigned int nb)
{
	return RTE_ALIGN_CEIL((nb + 1) * (size_t)(pool->header_size + pool->elt_size +
						  pool->trailer_size), HUGE_BYTES);
}

struct rte_mempool *
huge_pool_create(const char *name, unsigned int nb, uint16_t bytes, const char *ops)
{
	struct rte_mempool *pool = make_empty(name, nb, bytes, ops);
	size_t all;

	if (pool == NULL)
		return NULL;
	all = pool_bytes(pool, nb);
	return fill(pool, nb, map(all), all);
}

struct rte_mempool *
small_pool_create(const char *name, unsigned int nb, uint16_t bytes)
{
	struct rte_mempool *pool = make_empty(name, nb, bytes, NULL);
	const struct rte_memzone *zone;
	size_t all;

	if (pool == NULL)
		return NULL;
	all = pool_bytes(pool, nb);
	zone = rte_memzone_reserve(name, all, SOCKET_ID_ANY, 0);
	return zone == NULL ? NULL : fill(pool, nb, zone->addr, all);
}

const char *
huge_pool_pages(const struct rte_mempool *pool)
{
	const struct rte_mempool_memhdr *memory = STAILQ_FIRST(&pool->mem_list);
	uint64_t begin = 0, end = 0, kb = 0;
	bool ours = false;
	char line[256];
	FILE *maps = fopen("/proc/self/smaps", "r");

	while (maps != NULL && kb == 0 && fgets(line, sizeof(line), maps) != NULL) {
		if (sscanf(line, "%" SCNx64 "-%" SCNx64, &begin, &end) == 2)
			ours = begin <= (uintptr_t)memory->addr && (uintptr_t)memory->addr < end;
		else if (ours)
			(void)sscanf(line, "AnonHugePages: %" SCNu64, &kb);
	}
	if (maps != NULL)
		fclose(maps);
	return kb * 1024 >= memory->len ? "2 MB" : "4 KB";
}
