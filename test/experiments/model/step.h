/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * A step: a burst of frames for each tenant, and the cycles that tenants and switch need for it.
 * The device works while nothing is timed.
 */
#ifndef EXPERIMENTS_STEP_H
#define EXPERIMENTS_STEP_H

#include "setup.h"

struct cost {
	uint64_t tenant, host;	/**< TSC cycles: of applications, of the software switch */
	unsigned int frames;
};

/** What the TSC itself costs. */
void step_calibrate(void);

/** From the wire to the tenants, who send it back. Exits with a line if a frame gets lost. */
void step_wire(struct setup *setup, struct cost *cost);

/** From tenant 0 to tenant 1, @p bytes a frame. Exits with a line if a frame gets lost. */
void step_between(struct setup *setup, uint16_t bytes, struct cost *cost);

#endif /* EXPERIMENTS_STEP_H */
