/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Processes that do the same, one after the other or at the same time: a DPDK has 32 ports at most,
 * and there are to be more tenants.
 */
#ifndef EXPERIMENTS_GANG_H
#define EXPERIMENTS_GANG_H

#include <stdbool.h>
#include <stddef.h>

#include "step.h"

#define GANG_MAX   16
#define GANG_BYTES 256

/** From here on there are @p nb of them; before EAL is initialised. */
void gang_start(unsigned int nb);
unsigned int gang_size(void);
/** The one that tells what was found. */
bool gang_is_first(void);

/** All of them have come here before one goes on. */
void gang_meet(void);

/** What this one has found, of at most GANG_BYTES; others read it after they have met. */
void gang_put(const void *what, size_t bytes);
const void *gang_get(unsigned int number);

/** Wait for this one's turn, which there is one of; not longer than @p ms. @return whether it is */
bool gang_turn(unsigned int ms);
/** It is the next one's. */
void gang_pass(void);

/** Wait for this one's turn of a step. */
void gang_begin(void);
/** It is the next one's. The first one waits for all, and has what they cost together. */
void gang_end(struct cost *cost);

/** The first one waits until the others have ended well; the others do not come back. */
void gang_finish(void);

#endif /* EXPERIMENTS_GANG_H */
