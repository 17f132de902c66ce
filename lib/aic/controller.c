/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include "controller.h"

static uint64_t
shorter(uint64_t a_ns, uint64_t b_ns)
{
	return a_ns < b_ns ? a_ns : b_ns;
}

/* The most that has to be expected all of a sudden; 0: nothing. */
static uint32_t
peak_pps(const struct aic_controller *c)
{
	uint32_t line_pps = c->params.line_pps;

	if (line_pps == 0 || line_pps == AIC_PPS_AUTO)
		return 0;
	return c->served_pps != 0 && c->served_pps < line_pps ? c->served_pps : line_pps;
}

/* Packets so rare have next to an interrupt each, whatever the interval. Then a short one costs
 * nothing, and is ready for a sudden peak by itself, which few buffers that are left may not be.
 */
static bool
is_sparse(const struct aic_controller *c, uint32_t pps)
{
	return pps <= UINT64_C(2) * c->params.lif_hz;
}

/* The lowest interrupt frequency, and the cap for a sudden peak. */
static uint64_t
ceiling_ns(const struct aic_controller *c, uint32_t pps)
{
	uint64_t lif_ns = aic_interval_ns(0, c->bufs, c->params.r, c->params.lif_hz);
	uint32_t low_bufs = is_sparse(c, pps) ? 0 : c->limits.low_bufs;

	return shorter(lif_ns, aic_cap_ns(peak_pps(c), c->bufs, low_bufs, c->tail_ns));
}

/* What the rate asks for: the formula's other branch, and room for the tail. */
static uint64_t
by_rate_ns(const struct aic_controller *c, uint32_t pps)
{
	uint64_t formula_ns = aic_interval_ns(pps, c->bufs, c->params.r, 1);

	if (aic_low_lasts(pps, c->limits.low_bufs, c->tail_ns))
		return formula_ns;
	return shorter(formula_ns, aic_room_ns(pps, c->bufs, c->tail_ns));
}

uint64_t
aic_wanted_ns(const struct aic_controller *c, uint32_t pps)
{
	return shorter(by_rate_ns(c, pps), ceiling_ns(c, pps));
}

static uint64_t
less_ns(uint64_t interval_ns, uint32_t share)
{
	return interval_ns / AIC_ONE * (AIC_ONE - share) +
	       interval_ns % AIC_ONE * (AIC_ONE - share) / AIC_ONE;
}

/* Only the rate's part goes up and down, and has the hysteresis taken off. */
static uint64_t
new_ns(const struct aic_controller *c)
{
	uint64_t rate_ns = less_ns(by_rate_ns(c, c->estimator.pps), c->params.hysteresis);

	return aic_round_ns(shorter(rate_ns, ceiling_ns(c, c->estimator.pps)),
			    &c->limits);
}

static bool
decide(struct aic_controller *c)
{
	uint64_t longest_ns = aic_round_ns(aic_wanted_ns(c, c->estimator.pps), &c->limits);
	uint64_t next_ns = new_ns(c);
	bool too_long = c->interval_ns > longest_ns;
	bool too_short = less_ns(next_ns, c->params.hysteresis) > c->interval_ns;

	if (!too_long && !too_short)
		return false;
	c->interval_ns = next_ns;
	return true;
}

void
aic_open(struct aic_controller *c, const struct aic_params *params, uint32_t bufs,
	 const struct aic_limits *limits, uint64_t tail_ns, uint64_t now_ns)
{
	*c = (struct aic_controller){
		.params = *params,
		.limits = *limits,
		.tail_ns = tail_ns,
		.bufs = bufs,
	};
	aic_estimator_open(&c->estimator, params, now_ns);
	c->interval_ns = new_ns(c);
}

bool
aic_count(struct aic_controller *c, uint64_t received, uint64_t missed, uint64_t now_ns)
{
	uint64_t packets = received + (c->params.missed != 0 ? missed : 0);

	return aic_estimator_count(&c->estimator, packets, now_ns) && decide(c);
}

static bool
raise(struct aic_controller *c, uint32_t pps)
{
	aic_estimator_raise(&c->estimator, pps);
	return decide(c);
}

/*
 * A device that interrupts when few buffers are left has no need of it, unless it was too late.
 * Then what came in so short a time tells of the lateness more than of the rate: what is beyond the
 * pace of the application would leave no interval, and be lost with none as well.
 */
bool
aic_found(struct aic_controller *c, uint32_t found, uint64_t within_ns)
{
	bool told = c->limits.low_bufs != 0;
	uint32_t least = told ? AIC_ONE : c->params.guard;
	uint32_t pps = aic_pps(found, within_ns);

	if (c->params.guard == 0 || (uint64_t)found * AIC_ONE < (uint64_t)c->bufs * least)
		return false;
	if (told && c->served_pps != 0 && pps > c->served_pps)
		pps = c->served_pps;
	return raise(c, pps);
}

bool
aic_raise(struct aic_controller *c, uint32_t pps)
{
	return c->params.guard != 0 && c->limits.low_bufs == 0 && raise(c, pps);
}

bool
aic_served(struct aic_controller *c, uint32_t pps)
{
	if (pps <= c->served_pps)
		return false;
	c->served_pps = pps;
	return decide(c);
}

bool
aic_set_tail(struct aic_controller *c, uint64_t tail_ns)
{
	c->tail_ns = tail_ns;
	return decide(c);
}
