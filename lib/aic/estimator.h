/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Packets per second, of counts. The caller hands in counts and the time; an estimate is made when
 * a period is over. Pure; not thread-safe.
 *
 * A period that is looked at late counts as so many: nothing wakes a sleeper for the sake of an
 * estimate.
 */
#ifndef SLUICE_AIC_ESTIMATOR_H
#define SLUICE_AIC_ESTIMATOR_H

#include "aic.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Of one Rx queue. */
struct aic_estimator {
	uint64_t period_ns;	/**< for which it counts */
	uint64_t begun_ns;	/**< the period that is counted */
	uint64_t packets;	/**< in it */
	uint32_t estimate;	/**< enum aic_estimate */
	uint32_t weight;	/**< see struct aic_params */
	uint32_t pps;		/**< the estimate; saturates at AIC_PPS_MAX */
};

/** Begin with an estimate of 0. */
void aic_estimator_open(struct aic_estimator *estimator, const struct aic_params *params,
			uint64_t now_ns);

/**
 * Count @p packets more.
 *
 * @param now_ns  a monotonic clock
 * @return true: a period is over, and pps is new
 */
bool aic_estimator_count(struct aic_estimator *estimator, uint64_t packets, uint64_t now_ns);

/** It is known to be @p pps at least: so much it is from now on, until periods say otherwise. */
void aic_estimator_raise(struct aic_estimator *estimator, uint32_t pps);

/** Packets per second, rounded up; saturates at AIC_PPS_MAX. 0 packets are 0, in no time too. */
uint32_t aic_pps(uint64_t packets, uint64_t elapsed_ns);

/** "mean", "ewma", "peak"; NULL: there is no such. */
const char *aic_estimate_name(uint32_t estimate);

#ifdef __cplusplus
}
#endif

#endif /* SLUICE_AIC_ESTIMATOR_H */
