/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/** @file A turn: one strategy under one load for a short time; and what it showed. */
#ifndef BENCH_TURN_H
#define BENCH_TURN_H

#include "app.h"
#include "load.h"

struct turn {
	const struct strategy *strategy;
	const struct load *load;
	double sustained_pps;	/**< of which loads are shares */
	uint32_t ring;
	unsigned int warm_up_ms, measure_ms;
	const char *calls;	/**< file for the lcore's system calls meanwhile; NULL: none */
};

struct turn_result {
	double seconds;
	uint64_t sent, received;
	uint64_t lost;		/**< dropped by the device, or by the application's Tx */
	uint64_t raw_lost;	/**< with what holding back has spared */
	uint64_t unexplained;	/**< frames neither back nor lost, or that were wrong: a fault */
	uint64_t unsent;	/**< of the lost: the device took them from us too slowly */
	uint64_t late_ns;	/**< that the device was in all, and did not catch up */
	uint64_t held_app_ns, held_device_ns;
	double cpu;		/**< share of the time */
	uint64_t sleeps, interrupts;
	uint32_t interval_ns;	/**< of interrupts or sleeps, at the end */
	uint32_t longest_ns;	/**< of them, the longest that was seen */
	uint64_t p50_ns, p95_ns, p99_ns, p999_ns, max_ns, raw_p99_ns, timed;
};

/** @return 0 or -errno */
int turn_run(struct app *app, const struct turn *turn, struct turn_result *result);

/**
 * The rate at which static polling loses nothing, less a margin for what the machine does besides.
 *
 * @return 0: it loses frames at any rate
 */
double turn_sustained(struct app *app, const struct strategy *poll, uint32_t ring);

#endif /* BENCH_TURN_H */
