/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What the interval of an Rx queue should be now, and whether that is worth a register write.
 *
 * What is in force is never longer than the formula allows at the estimated rate. When it has to be
 * shorter, it becomes shorter at once, and by the hysteresis more than it must, so that a rate that
 * goes up and down a little costs no writes. It becomes longer only by more than the hysteresis.
 *
 * Pure; not thread-safe. Times are in nanoseconds of one monotonic clock.
 */
#ifndef SLUICE_AIC_CONTROLLER_H
#define SLUICE_AIC_CONTROLLER_H

#include "estimator.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Of one Rx queue. */
struct aic_controller {
	struct aic_params params;	/**< as aic_open() was told */
	struct aic_limits limits;	/**< likewise */
	struct aic_estimator estimator;	/**< of the packets a second */
	uint64_t tail_ns;	/**< how late a wake-up is at worst */
	uint64_t interval_ns;	/**< in force */
	uint32_t bufs;		/**< of the formula */
	uint32_t served_pps;	/**< the most that it has been seen to be emptied by; 0: not seen */
};

/**
 * Begin at the interval of no load, which interval_ns tells and the caller puts in force.
 *
 * @param params  as aic_params_parse() or a preset makes them; AIC_PPS_AUTO is no cap here
 * @param tail_ns  0: not known
 */
void aic_open(struct aic_controller *controller, const struct aic_params *params, uint32_t bufs,
	      const struct aic_limits *limits, uint64_t tail_ns, uint64_t now_ns);

/**
 * Packets were received, or found no buffer; the latter count if params.missed says so.
 *
 * @return true: interval_ns has changed, and is to be put in force
 */
bool aic_count(struct aic_controller *controller, uint64_t received, uint64_t missed,
	       uint64_t now_ns);

/**
 * The burst guard: @p found packets lay in the ring when somebody woke, and came within
 * @p within_ns. Fewer than the share params.guard of the buffers say nothing; with
 * limits.low_bufs, fewer than all of them.
 *
 * @return as aic_count()
 */
bool aic_found(struct aic_controller *controller, uint32_t found, uint64_t within_ns);

/**
 * The rate is @p pps at least, as seen in a time without an interval in it; nothing without a
 * guard, or with limits.low_bufs, which end an interval that is too long by themselves.
 *
 * @return as aic_count()
 */
bool aic_raise(struct aic_controller *controller, uint32_t pps);

/** The tail is another one now. @return as aic_count() */
bool aic_set_tail(struct aic_controller *controller, uint64_t tail_ns);

/**
 * Bursts that were all full were taken at @p pps. What comes quicker than that would be lost by
 * who never sleeps, too: it is no peak to be ready for. Until it is told, params.line_pps is.
 *
 * @return as aic_count()
 */
bool aic_served(struct aic_controller *controller, uint32_t pps);

/** What the interval should be by formula, tail and cap at @p pps, before rounding. */
uint64_t aic_wanted_ns(const struct aic_controller *controller, uint32_t pps);

#ifdef __cplusplus
}
#endif

#endif /* SLUICE_AIC_CONTROLLER_H */
