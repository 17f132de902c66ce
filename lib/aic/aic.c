/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The formula, in integers: the largest product, UINT32_MAX * AIC_ONE * 1000, is 4.3e18.
 */
#include <assert.h>

#include "aic.h"

/* r is in millionths of a whole, and a second has a thousand times as many nanoseconds. */
#define NS_PER_S_AND_ONE (AIC_NS_PER_S / AIC_ONE)

static uint64_t
shorter(uint64_t a_ns, uint64_t b_ns)
{
	return a_ns < b_ns ? a_ns : b_ns;
}

uint64_t
aic_interval_ns(uint32_t pps, uint32_t bufs, uint32_t r, uint32_t lif_hz)
{
	uint64_t longest_ns = AIC_NS_PER_S / lif_hz;

	assert(r >= 1 && r <= AIC_ONE);
	if (bufs == 0)
		return 0;
	if (pps == 0)
		return longest_ns;
	return shorter((uint64_t)bufs * r * NS_PER_S_AND_ONE / pps, longest_ns);
}

uint64_t
aic_room_ns(uint32_t pps, uint32_t bufs, uint64_t tail_ns)
{
	uint64_t full_ns;

	if (pps == 0)
		return UINT64_MAX;
	full_ns = (uint64_t)bufs * AIC_NS_PER_S / pps;
	return full_ns > tail_ns ? full_ns - tail_ns : 0;
}

uint64_t
aic_round_ns(uint64_t interval_ns, const struct aic_limits *limits)
{
	if (limits->max_ns != 0)
		interval_ns = shorter(interval_ns, limits->max_ns);
	if (limits->granularity_ns > 1)
		interval_ns -= interval_ns % limits->granularity_ns;
	return interval_ns;
}
