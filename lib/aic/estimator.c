/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <string.h>

#include "estimator.h"

/* After so many periods nothing is left of what was before them, whatever the weight. */
#define PERIODS_MAX 4096

/* One kind: the estimate after periods that were alike, of the one before and their rate. */
struct kind {
	const char *name;
	uint32_t (*update)(const struct aic_estimator *e, uint32_t rate, uint64_t periods);
};

/* What is left of a value after periods in each of which it loses its share `weight`. */
static uint32_t
fade(uint32_t value, uint32_t weight, uint64_t periods)
{
	if (periods > PERIODS_MAX)
		return 0;
	while (periods-- > 0 && value != 0)
		value = (uint64_t)value * (AIC_ONE - weight) / AIC_ONE;
	return value;
}

static uint32_t
mean_update(const struct aic_estimator *e, uint32_t rate, uint64_t periods)
{
	(void)e;
	(void)periods;
	return rate;
}

/* The distance to the rate is what fades. */
static uint32_t
ewma_update(const struct aic_estimator *e, uint32_t rate, uint64_t periods)
{
	if (e->pps > rate)
		return rate + fade(e->pps - rate, e->weight, periods);
	return rate - fade(rate - e->pps, e->weight, periods);
}

static uint32_t
peak_update(const struct aic_estimator *e, uint32_t rate, uint64_t periods)
{
	uint32_t faded = fade(e->pps, e->weight, periods);

	return faded > rate ? faded : rate;
}

static const struct kind kinds[AIC_NB_ESTIMATES] = {
	[AIC_MEAN] = { "mean", mean_update },
	[AIC_EWMA] = { "ewma", ewma_update },
	[AIC_PEAK] = { "peak", peak_update },
};

const char *
aic_estimate_name(uint32_t estimate)
{
	return estimate < AIC_NB_ESTIMATES ? kinds[estimate].name : NULL;
}

uint32_t
aic_pps(uint64_t packets, uint64_t elapsed_ns)
{
	uint64_t pps;

	if (packets == 0)
		return 0;
	/* So many packets would need more than ten seconds at AIC_PPS_MAX; beyond, digits of the
	 * quotient's lower end are given up for room at the upper.
	 */
	while (packets > UINT64_MAX / AIC_NS_PER_S - 1) {
		packets = (packets + 1) / 2;
		elapsed_ns /= 2;
	}
	if (elapsed_ns == 0)
		return AIC_PPS_MAX;
	/* Rounded up in two steps, since the usual way would overflow in the sum. */
	pps = packets * AIC_NS_PER_S / elapsed_ns;
	pps += packets * AIC_NS_PER_S % elapsed_ns != 0;
	return pps < AIC_PPS_MAX ? pps : AIC_PPS_MAX;
}

void
aic_estimator_open(struct aic_estimator *e, const struct aic_params *params, uint64_t now_ns)
{
	*e = (struct aic_estimator){
		.period_ns = params->period_ns,
		.begun_ns = now_ns,
		.estimate = params->estimator,
		.weight = params->weight,
	};
}

bool
aic_estimator_count(struct aic_estimator *e, uint64_t packets, uint64_t now_ns)
{
	uint64_t elapsed_ns = now_ns - e->begun_ns;

	e->packets += packets;
	if (elapsed_ns < e->period_ns)
		return false;
	e->pps = kinds[e->estimate].update(e, aic_pps(e->packets, elapsed_ns),
					   elapsed_ns / e->period_ns);
	e->packets = 0;
	e->begun_ns = now_ns;
	return true;
}

void
aic_estimator_raise(struct aic_estimator *e, uint32_t pps)
{
	if (pps > AIC_PPS_MAX)
		pps = AIC_PPS_MAX;
	if (pps > e->pps)
		e->pps = pps;
}
