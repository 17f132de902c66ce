/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Dynamic interrupt moderation as Linux's net_dim does it for Rx, after its description: every 64
 * interrupts the rates of bytes, frames and interrupts are compared with those before, and one of
 * five intervals is left for the next one as long as that makes it better. Pure.
 */
#ifndef BENCH_DIM_H
#define BENCH_DIM_H

#include <stdbool.h>
#include <stdint.h>

#define DIM_PROFILES 5

/** A stretch of 64 interrupts. */
struct dim_rates {
	double bytes, frames, events;	/**< a ms */
};

struct dim {
	enum { DIM_ON_TOP, DIM_TIRED, DIM_RIGHT, DIM_LEFT } state;
	unsigned int profile, steps_right, steps_left, tired;
	bool measures;			/**< the start is known */
	uint64_t start_ns, start_frames, start_bytes;
	unsigned int events;		/**< since then */
	struct dim_rates before;
};

/** @return the interval that the profile means */
uint32_t dim_interval_ns(const struct dim *dim);

/**
 * An interrupt came.
 *
 * @param frames, bytes  received in all
 * @return whether the profile is another one now
 */
bool dim_event(struct dim *dim, uint64_t now_ns, uint64_t frames, uint64_t bytes);

#endif /* BENCH_DIM_H */
