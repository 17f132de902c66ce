/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <stdint.h>

#include "fields_82576.h"
#include "masks.h"
#include "regs_82576.h"

#define NONE 0
#define MASK(row_, driver_, model_, written_) model_,

static const uint32_t masks[] = { FIELDS_82576(MASK) };

const struct regmap_masks regmap_masks_82576 = { masks, sizeof(masks) / sizeof(masks[0]) };
