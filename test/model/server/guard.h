/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Memory of other processes that may go while it is in use.
 *
 * Who owns a file can make it shorter, and an access beyond its end is a SIGBUS, which would end
 * this process. The handler puts memory of nobody in the place of the whole piece, so that the
 * access goes on, and books whose it was: for that function it is a fault of the IOMMU.
 *
 * Pieces come and go under nic->lock, as all access to them is.
 */
#ifndef MODEL_SERVER_GUARD_H
#define MODEL_SERVER_GUARD_H

#include <stdint.h>

/** Take SIGBUS. @return what becomes readable when memory has gone, or -errno */
int guard_install(void);

/** @p host is a mapping of a file, all of it. @return 0 or -ENOSPC */
int guard_add(void *host, uint64_t bytes, int vf);
/** A part of one or all of it is about to be unmapped. */
void guard_remove(void *host, uint64_t bytes);

#define GUARD_NONE (-2)

/** @return the function, a VF or PF_INDEX, whose memory has gone; GUARD_NONE: no further one */
int guard_next_gone(void);

#endif /* MODEL_SERVER_GUARD_H */
