/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Device words: a register is an offset, a field is a mask.
 *
 * Pure arithmetic, no device access; everything here is usable at compile time or in a unit test.
 */
#ifndef SLUICE_REG_H
#define SLUICE_REG_H

#include <assert.h>
#include <stdint.h>

/** Bit n of a 32-bit word. */
#define BIT(n) (UINT32_C(1) << (n))

/** Bits high..low of a 32-bit word, both included. */
#define BITS(high, low) ((UINT32_MAX >> (31 - (high))) & (UINT32_MAX << (low)))

/** Number of elements of an array. */
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/** A register's byte offset in BAR 0; a type of its own, so that offset and value cannot swap. */
struct reg {
	uint32_t offset;
};

/** The field's value, shifted down. */
static inline uint32_t
field_get(uint32_t mask, uint32_t word)
{
	return (word & mask) >> __builtin_ctz(mask);
}

/** The word with the field replaced; a value too wide for its field is a programming error. */
static inline uint32_t
field_set(uint32_t mask, uint32_t word, uint32_t value)
{
	uint32_t shifted = value << __builtin_ctz(mask);

	assert((shifted & mask) >> __builtin_ctz(mask) == value);
	return (word & ~mask) | (shifted & mask);
}

#endif /* SLUICE_REG_H */
