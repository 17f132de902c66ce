/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What a generator says of the frames that came back to it, for tests and benchmarks.
 */
#ifndef MODEL_WIRE_GENERATOR_H
#define MODEL_WIRE_GENERATOR_H

#include "wire.h"

/** Frames that were sent into the wire; those made are wire->received_frames. */
struct wire_gen_stats {
	uint64_t good;		/**< numbers that came back whole, each counted once */
	uint64_t missing;	/**< numbers below the highest that have not come back */
	uint64_t duplicates;	/**< came more often than once, or too late to tell */
	uint64_t reordered;	/**< of the good: overtaken by a later one of the same flow */
	uint64_t corrupt;	/**< ours, but changed or of the wrong length */
	uint64_t foreign;	/**< not ours */
};

/** @return NULL: not a generator. Else valid as long as the wire; always up to date */
const struct wire_gen_stats *wire_gen_stats(const struct wire *wire);

/** Another clock than the monotonic one paces the frames; and it starts anew. */
void wire_gen_set_clock(struct wire *wire, uint64_t (*now_ns)(void));

#endif /* MODEL_WIRE_GENERATOR_H */
