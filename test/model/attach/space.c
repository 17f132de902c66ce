/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>

#include "dma.h"
#include "space.h"

/** What is left of a region after a part in its middle went. */
static void
map_rest(struct dma_space *space, const struct dma_region *whole, uint64_t iova, uint64_t end)
{
	uint64_t whole_end = whole->iova + whole->bytes;

	if (whole->iova < iova)
		dma_map(space, whole->iova, iova - whole->iova, whole->host);
	if (end < whole_end)
		dma_map(space, end, whole_end - end, whole->host + (end - whole->iova));
}

/** The part of @p whole that is in [iova, end). */
static void
tell(const struct dma_region *whole, uint64_t iova, uint64_t end, space_gone_t *gone)
{
	uint64_t first = whole->iova < iova ? iova : whole->iova;
	uint64_t whole_end = whole->iova + whole->bytes;

	if (gone != NULL)
		gone(whole->host + (first - whole->iova),
		     (end < whole_end ? end : whole_end) - first);
}

int
space_unmap(struct nic *nic, struct dma_space *space, uint64_t iova, uint64_t bytes,
	    space_gone_t *gone)
{
	int rc = -ENOENT;

	for (unsigned int i = 0; i < space->nb;) {
		const struct dma_region whole = space->region[i];

		if (whole.iova + whole.bytes <= iova || whole.iova >= iova + bytes) {
			i++;
			continue;
		}
		rc = dma_unmap(nic, space, whole.iova, whole.bytes);
		map_rest(space, &whole, iova, iova + bytes);
		tell(&whole, iova, iova + bytes, gone);
		i = rc == 0 ? 0 : i + 1;
	}
	return rc;
}
