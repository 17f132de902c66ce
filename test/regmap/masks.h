/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The model's masks, in the order of the lists in fields_*.h.
 */
#ifndef SLUICE_REGMAP_MASKS_H
#define SLUICE_REGMAP_MASKS_H

#include "regmap.h"

extern const struct regmap_masks regmap_masks_82576, regmap_masks_82599;

#endif /* SLUICE_REGMAP_MASKS_H */
