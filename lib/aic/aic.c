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

bool
aic_low_lasts(uint32_t pps, uint32_t low_bufs, uint64_t tail_ns)
{
	return low_bufs != 0 && (pps == 0 || (uint64_t)low_bufs * AIC_NS_PER_S / pps >= tail_ns);
}

/* Whether at any interval at least half of the peak is outlived that is at the shortest one:
 * low_bufs / tail >= bufs / (AIC_CAP_NS_MIN + tail) / 2, in a form that cannot overflow.
 */
static bool
is_as_good_as_short(uint32_t bufs, uint32_t low_bufs, uint64_t tail_ns)
{
	uint64_t twice = UINT64_C(2) * low_bufs;

	return twice >= bufs || twice * AIC_CAP_NS_MIN / (bufs - twice) >= tail_ns;
}

uint64_t
aic_cap_ns(uint32_t peak_pps, uint32_t bufs, uint32_t low_bufs, uint64_t tail_ns)
{
	uint64_t room_ns = aic_room_ns(peak_pps, bufs, tail_ns);

	if (peak_pps == 0 || aic_low_lasts(peak_pps, low_bufs, tail_ns / 2) ||
	    (low_bufs != 0 && is_as_good_as_short(bufs, low_bufs, tail_ns)))
		return UINT64_MAX;
	return room_ns > AIC_CAP_NS_MIN ? room_ns : AIC_CAP_NS_MIN;
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
