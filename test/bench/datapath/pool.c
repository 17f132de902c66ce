/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* The mbufs of all ports: in huge pages without any set aside, as applications have them. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include <rte_common.h>
#include <rte_mbuf.h>
#include <rte_mbuf_pool_ops.h>
#include <rte_mempool.h>

#include "target.h"

#define HUGE_BYTES  (2u << 20)
#define CACHE	    256	/* as DPDK's examples have it */
#define FRAME_BYTES RTE_MBUF_DEFAULT_BUF_SIZE

static struct {
	uint8_t *memory;
	size_t bytes, element;	/* element: with what the mempool adds */
	struct rte_mempool *pool;
} own;

static int
map(size_t bytes)
{
	void *memory = mmap(NULL, bytes + HUGE_BYTES, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return -1;
	own.memory = RTE_PTR_ALIGN_CEIL(memory, HUGE_BYTES);
	own.bytes = bytes;
	(void)madvise(own.memory, bytes, MADV_HUGEPAGE);
	memset(own.memory, 0, bytes);
	return 0;
}

static struct rte_mempool *
make_empty(unsigned int nb)
{
	struct rte_pktmbuf_pool_private private = { .mbuf_data_room_size = FRAME_BYTES };
	struct rte_mempool *pool;

	/* EAL thinks that pages are small, and would leave half of each one empty. */
	pool = rte_mempool_create_empty("frames", nb, sizeof(struct rte_mbuf) + FRAME_BYTES, CACHE,
					sizeof(private), SOCKET_ID_ANY,
					RTE_MEMPOOL_F_NO_IOVA_CONTIG);
	if (pool == NULL)
		return NULL;
	if (rte_mempool_set_ops_byname(pool, rte_mbuf_best_mempool_ops(), NULL) != 0)
		return NULL;
	rte_pktmbuf_pool_init(pool, &private);
	return pool;
}

struct rte_mempool *
target_pool(unsigned int nb)
{
	struct rte_mempool *pool = make_empty(nb);

	if (pool == NULL)
		return NULL;
	own.element = pool->header_size + pool->elt_size + pool->trailer_size;
	if (map(RTE_ALIGN_CEIL((nb + 1) * own.element, HUGE_BYTES)) != 0)
		return NULL;
	if (rte_mempool_populate_iova(pool, (char *)own.memory, (uintptr_t)own.memory, own.bytes,
				      NULL, NULL) < (int)nb)
		return NULL;
	rte_mempool_obj_iter(pool, rte_pktmbuf_init, NULL);
	own.pool = pool;
	return pool;
}

const char *
target_pool_pages(void)
{
	uint64_t begin = 0, end = 0, kb = 0;
	bool ours = false;
	char line[256];
	FILE *maps = fopen("/proc/self/smaps", "r");

	while (maps != NULL && kb == 0 && fgets(line, sizeof(line), maps) != NULL) {
		if (sscanf(line, "%" SCNx64 "-%" SCNx64, &begin, &end) == 2)
			ours = begin <= (uintptr_t)own.memory && (uintptr_t)own.memory < end;
		else if (ours)
			(void)sscanf(line, "AnonHugePages: %" SCNu64, &kb);
	}
	if (maps != NULL)
		fclose(maps);
	return kb * 1024 >= own.bytes ? "2 MB" : "4 KB";
}

static void
flush(struct rte_mempool *pool, void *lines, void *object, unsigned int number)
{
	struct rte_mbuf *m = object;
	uint8_t *data = (uint8_t *)m->buf_addr + RTE_PKTMBUF_HEADROOM;

	RTE_SET_USED(pool);
	RTE_SET_USED(number);
	for (unsigned int i = 0; i < *(unsigned int *)lines; i++)
		__builtin_ia32_clflush(data + (size_t)i * RTE_CACHE_LINE_SIZE);
}

void
target_pool_flush(unsigned int lines)
{
	rte_mempool_obj_iter(own.pool, flush, &lines);
	rte_mb();
}
