/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/** @file Taking memory from a function that need not go in the pieces in which it came. */
#ifndef MODEL_SPACE_H
#define MODEL_SPACE_H

#include "nic.h"

/** What hears of each piece of this process's memory that nobody will reach any more. */
typedef void space_gone_t(void *host, uint64_t bytes);

/**
 * Unmap all that is mapped of [iova, iova + bytes); under nic->lock.
 *
 * @param gone  may be NULL
 * @return 0 or -ENOENT: nothing was
 */
int space_unmap(struct nic *nic, struct dma_space *space, uint64_t iova, uint64_t bytes,
		space_gone_t *gone);

#endif /* MODEL_SPACE_H */
