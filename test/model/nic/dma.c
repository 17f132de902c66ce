/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dma.h"


/** Regions are sorted by address. @return the first that ends after @p iova, or nb */
static unsigned int
first_ending_after(const struct dma_space *space, uint64_t iova)
{
	unsigned int low = 0, high = space->nb;

	while (low < high) {
		unsigned int middle = (low + high) / 2;
		const struct dma_region *region = &space->region[middle];

		if (region->iova + (region->bytes - 1) < iova)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
wraps(uint64_t iova, uint64_t bytes)
{
	return bytes == 0 || bytes - 1 > UINT64_MAX - iova;
}

int
dma_map(struct dma_space *space, uint64_t iova, uint64_t bytes, void *host)
{
	struct dma_region *grown;
	unsigned int at;

	if (wraps(iova, bytes))
		return -EEXIST;
	at = first_ending_after(space, iova);
	if (at < space->nb && space->region[at].iova <= iova + (bytes - 1))
		return -EEXIST;
	grown = realloc(space->region, (space->nb + 1) * sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	space->region = grown;
	memmove(&grown[at + 1], &grown[at], (space->nb - at) * sizeof(*grown));
	grown[at] = (struct dma_region){ .iova = iova, .bytes = bytes, .host = host };
	space->nb++;
	return 0;
}

/** Host addresses of rings may be stale: queues look theirs up again. */
static void
forget_rings(struct nic *nic, const struct dma_space *space)
{
	for (unsigned int q = 0; q < nic->family->nb_queues; q++) {
		if (nic->rxq[q].owner != NULL && &nic->rxq[q].owner->dma == space)
			nic->rxq[q].ring = NULL;
		if (nic->txq[q].owner != NULL && &nic->txq[q].owner->dma == space)
			nic->txq[q].ring = NULL;
	}
}

int
dma_unmap(struct nic *nic, struct dma_space *space, uint64_t iova, uint64_t bytes)
{
	unsigned int first = first_ending_after(space, iova);
	unsigned int last = first;

	if (wraps(iova, bytes))
		return -ENOENT;
	/* What was mapped in pieces may go as a whole, not the other way round. */
	while (last < space->nb && space->region[last].iova >= iova &&
	       space->region[last].iova + (space->region[last].bytes - 1) <= iova + (bytes - 1))
		last++;
	if (last == first)
		return -ENOENT;
	memmove(&space->region[first], &space->region[last],
		(space->nb - last) * sizeof(*space->region));
	space->nb -= last - first;
	space->last_hit = 0;
	forget_rings(nic, space);
	return 0;
}

void
dma_unmap_all(struct nic *nic, struct dma_space *space)
{
	free(space->region);
	space->region = NULL;
	space->nb = 0;
	space->last_hit = 0;
	forget_rings(nic, space);
}

/** Regions that follow one another on the bus and in this process are as good as one. */
static bool
reaches(const struct dma_space *space, unsigned int at, uint64_t last_byte)
{
	for (;;) {
		const struct dma_region *region = &space->region[at];
		const struct dma_region *next = region + 1;

		if (region->iova + (region->bytes - 1) >= last_byte)
			return true;
		if (++at >= space->nb || next->iova != region->iova + region->bytes ||
		    next->host != region->host + region->bytes)
			return false;
	}
}

static uint8_t *
fault(struct function *fn)
{
	fn->dma_faults++;
	fn->stopped = true;
	return NULL;
}

uint8_t *
dma_lookup(struct function *fn, uint64_t iova, uint64_t bytes)
{
	struct dma_space *space = &fn->dma;
	unsigned int at;

	if (wraps(iova, bytes))
		return fault(fn);
	if (space->identity)
		return iova < DMA_FIRST_PAGE_BYTES ? fault(fn) : (uint8_t *)(uintptr_t)iova;
	at = first_ending_after(space, iova);
	if (at == space->nb || space->region[at].iova > iova ||
	    !reaches(space, at, iova + (bytes - 1)))
		return fault(fn);
	space->last_hit = at;
	return space->region[at].host + (iova - space->region[at].iova);
}
