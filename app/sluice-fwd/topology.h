/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The machine as place.h wants it, asked of libnuma and EAL.
 */
#ifndef SLUICE_FWD_TOPOLOGY_H
#define SLUICE_FWD_TOPOLOGY_H

#include "place.h"

/* All lcores that EAL was given, at most @p max; returns how many. */
unsigned int topology_lcores(struct place_lcore *lcores, unsigned int max);

/* Keep the calling lcore on those of its CPUs that belong to @p node. 0 or -errno. */
int topology_confine(int node);

#endif /* SLUICE_FWD_TOPOLOGY_H */
