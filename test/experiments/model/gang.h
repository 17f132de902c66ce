/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Processes that do the same steps, one after the other, on one processor: a DPDK has 32 ports at
 * most, and there are to be more tenants.
 */
#ifndef EXPERIMENTS_GANG_H
#define EXPERIMENTS_GANG_H

#include "step.h"

#define GANG_MAX 16

/** From here on there are @p nb of them; before EAL is initialised. */
void gang_start(unsigned int nb);
unsigned int gang_size(void);
/** The one that tells what was found. */
bool gang_is_first(void);

/** Wait for this one's turn of a step. */
void gang_begin(void);
/** It is the next one's. The first one waits for all, and has what they cost together. */
void gang_end(struct cost *cost);

/** The first one waits until the others have ended well; the others do not come back. */
void gang_finish(void);

#endif /* EXPERIMENTS_GANG_H */
