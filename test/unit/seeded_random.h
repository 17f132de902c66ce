/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Arguments made up anew in each run, from a seed that is printed; SLUICE_SEED=N does a run again.
 */
#ifndef SLUICE_TEST_SEEDED_RANDOM_H
#define SLUICE_TEST_SEEDED_RANDOM_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static uint64_t random_seed;

/** Choose the seed; before all others. */
static inline void
random_start(void)
{
	const char *given = getenv("SLUICE_SEED");

	random_seed = given != NULL ? strtoull(given, NULL, 0) : (uint64_t)time(NULL) << 20 | 1;
	/* The generator stays at 0 for ever. */
	random_seed += random_seed == 0;
	/* TAP begins with its version. */
	fprintf(stderr, "# SLUICE_SEED=%" PRIu64 "\n", random_seed);
}

static inline uint64_t
random_bits(void)
{
	random_seed ^= random_seed << 13;
	random_seed ^= random_seed >> 7;
	random_seed ^= random_seed << 17;
	return random_seed;
}

/** Of [min, max], small ones as often as large ones. */
static inline uint64_t
random_in(uint64_t min, uint64_t max)
{
	uint64_t value = random_bits() >> (random_bits() % 64);

	return min + value % (max - min + 1);
}

#endif /* SLUICE_TEST_SEEDED_RANDOM_H */
