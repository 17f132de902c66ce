/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * DMA through a function's IOMMU domain. An access outside what its software has registered is a
 * fault: counted, and it stops that function alone until its reset.
 */
#ifndef MODEL_DMA_H
#define MODEL_DMA_H

#include "nic.h"

/** No software has anything there, even where bus addresses are its own. */
#define DMA_FIRST_PAGE_BYTES 4096

/** @return 0, -EEXIST (overlaps another region), -ENOMEM */
int dma_map(struct dma_space *space, uint64_t iova, uint64_t bytes, void *host);
/** @return 0, -ENOENT. Rings that are in it are looked up again. */
int dma_unmap(struct nic *nic, struct dma_space *space, uint64_t iova, uint64_t bytes);
void dma_unmap_all(struct nic *nic, struct dma_space *space);

/** What dma_ptr() does when the last region was not the right one. */
uint8_t *dma_lookup(struct function *fn, uint64_t iova, uint64_t bytes);

/** Host address of [iova, iova + bytes); NULL: a fault, booked, and the function stopped. */
static inline uint8_t *
dma_ptr(struct function *fn, uint64_t iova, uint64_t bytes)
{
	const struct dma_space *space = &fn->dma;

	/* The first page and what wraps are for dma_lookup() to refuse. */
	if (space->identity && iova >= DMA_FIRST_PAGE_BYTES && iova + bytes > iova)
		return (uint8_t *)(uintptr_t)iova;
	if (space->last_hit < space->nb) {
		const struct dma_region *region = &space->region[space->last_hit];

		if (iova >= region->iova && bytes <= region->bytes &&
		    iova - region->iova <= region->bytes - bytes)
			return region->host + (iova - region->iova);
	}
	return dma_lookup(fn, iova, bytes);
}

/** Where a hint is to go; NULL: not known without a search. */
static inline const void *
dma_guess(const struct function *fn, uint64_t iova)
{
	const struct dma_space *space = &fn->dma;
	uint64_t at = iova;

	if (!space->identity) {
		if (space->last_hit >= space->nb)
			return NULL;
		at += (uintptr_t)space->region[space->last_hit].host -
		      space->region[space->last_hit].iova;
	}
	return (const void *)(uintptr_t)at;
}

/** The bytes will be read soon: a hint, of which nothing depends. */
static inline void
dma_prefetch(const struct function *fn, uint64_t iova)
{
	__builtin_prefetch(dma_guess(fn, iova));
}

/** They will be written soon: whoever has them in a cache gives them up meanwhile. */
static inline void
dma_prefetch_store(const struct function *fn, uint64_t iova)
{
#if defined(__x86_64__)
	/* The builtin asks for ownership only where the compiler may rely on the instruction. */
	__asm__ volatile("prefetchw (%0)" : : "r"(dma_guess(fn, iova)));
#else
	__builtin_prefetch(dma_guess(fn, iova), 1);
#endif
}

#endif /* MODEL_DMA_H */
