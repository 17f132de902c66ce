/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <stdint.h>

#include "fields_82599.h"
#include "masks.h"
#include "regs_82599.h"

/* The bits that a macro takes a field from: those that change what it gives. */
#define BIT_OF(field, n) (field(1u << (n)) != 0 ? 1u << (n) : 0)
#define BITS_OF_4(field, n) \
	(BIT_OF(field, n) | BIT_OF(field, (n) + 1) | BIT_OF(field, (n) + 2) | \
	 BIT_OF(field, (n) + 3))
#define BITS_OF_16(field, n) \
	(BITS_OF_4(field, n) | BITS_OF_4(field, (n) + 4) | BITS_OF_4(field, (n) + 8) | \
	 BITS_OF_4(field, (n) + 12))
#define BITS_OF(field) (BITS_OF_16(field, 0) | BITS_OF_16(field, 16))

#define NONE 0
#define MASK(row_, driver_, model_, written_) model_,

static const uint32_t masks[] = { FIELDS_82599(MASK) };

const struct regmap_masks regmap_masks_82599 = { masks, sizeof(masks) / sizeof(masks[0]) };
