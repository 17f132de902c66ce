/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Each kind of change that a VF or the operator makes to VF 0 of the rig, for tests that interrupt
 * them all in some way.
 */
#ifndef SLUICE_CHANGES_H
#define SLUICE_CHANGES_H

#include <stddef.h>
#include <stdint.h>

struct change {
	const char *what;
	uint32_t (*change)(void);	/**< returns the reply's word 0, or what it would be */
	unsigned int min_calls;		/**< of the pool */
};

extern const struct change changes[];
extern const size_t changes_nb;

/** A rig whose VF 0 holds something of everything, so that every change has something to lose. */
void changes_prepare(void);

#endif /* SLUICE_CHANGES_H */
