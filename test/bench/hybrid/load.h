/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Loads: at which time which frame arrives. Pure arithmetic; times are in ns of any clock.
 */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <stdbool.h>
#include <stdint.h>

#define LOAD_PHASES 2

/** For a time, frames at one distance. */
struct load_phase {
	double pps;	/**< 0 with share 0: silence */
	double share;	/**< of what polling sustains, if it is not 0 */
	uint64_t ns;	/**< 0: until the end */
	bool ring;	/**< instead of ns: until as many frames came as the ring has places */
};

struct load {
	const char *name;
	struct load_phase phase[LOAD_PHASES];	/**< in turn, again and again */
	bool step;	/**< what is measured begins with the first phase; warmed up is in it */
	unsigned int measure_ms;		/**< 0: as all the others */
};

extern const struct load loads[];
extern const unsigned int nb_loads;

/** @return NULL: there is no such load */
const struct load *load_find(const char *name);

/** Where a load is. */
struct pacer {
	double gap_ns[LOAD_PHASES];	/**< 0: silence */
	uint64_t length_ns[LOAD_PHASES];	/**< UINT64_MAX: without end */
	unsigned int phase;
	uint64_t begin_ns, next;	/**< of the phase; number of its next frame */
};

/**
 * Begin with the first phase.
 *
 * @param sustained_pps  what shares are of
 * @param ring           places
 * @param stay           in the first phase
 */
void pacer_start(struct pacer *pacer, const struct load *load, double sustained_pps, uint32_t ring,
		 bool stay, uint64_t now_ns);

/**
 * The frames that have arrived by now and were not asked for before.
 *
 * @param due_ns  their times, in order; @p max of them
 * @return how many
 */
unsigned int pacer_due(struct pacer *pacer, uint64_t now_ns, uint64_t *due_ns, unsigned int max);

/** The age of the next frame, if it should have arrived; else 0. */
uint64_t pacer_late_ns(const struct pacer *pacer, uint64_t now_ns);

/** All that is to come arrives so much later. */
void pacer_shift(struct pacer *pacer, uint64_t ns);

/** Frames a second in the phase that it is in. */
double pacer_pps(const struct pacer *pacer);

#endif /* BENCH_LOAD_H */
