/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * How the lcores wait: their time on a processor, and of those that sleep the interrupt's
 * frequency, the estimate it comes from, and what was found at wake-ups. As a table, in the report,
 * and by telemetry (/sluice/fwd/lcores).
 */
#ifndef SLUICE_FWD_LCORES_H
#define SLUICE_FWD_LCORES_H

#include <stdio.h>

#include <jansson.h>

#include "forward.h"

struct lcores;

/* NULL and errno. Keeps @p pairs. */
struct lcores *lcores_open(const struct queue_pair *pairs, unsigned int nb_pairs);

/* A table; CPU % and interrupts a second are those since the table before. Nothing of who polls. */
void lcores_print(struct lcores *lcores, FILE *out);

/* One object for each. */
json_t *lcores_json(const struct lcores *lcores);

/* NULL is fine. Telemetry has no lcores from then on. */
void lcores_close(struct lcores *lcores);

#endif /* SLUICE_FWD_LCORES_H */
