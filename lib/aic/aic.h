/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Adaptive interrupt coalescing: how far apart the interrupts of an Rx queue may be.
 *
 * Of the papers' formula,
 *
 *     bufs = min(ap_bufs, dd_bufs)
 *     IF = 1 / t_d = max(pps / (bufs * r), lif)        0 < r <= 1
 *
 * this is the line of IF: in an interval t_d at most bufs * r packets arrive, and the rest of the
 * buffers, (1 - r) of them, is room for what arrives until the interrupt is served. The papers
 * print `t_d * r = bufs / pps` beside it, which says the same for r = 1 only; for r < 1 it would
 * let more arrive than there are buffers.
 *
 * That somebody is late by L at worst wants (1 - r) * bufs >= pps * L, which no r does for each
 * pps. So L, the tail of a wake-up, can be given beside, and then t_d <= bufs / pps - L as well.
 *
 * A device may interrupt whatever the interval when only so many descriptors are left. Then they
 * are the room for what arrives until somebody serves it, and the interval needs none.
 *
 * Pure: integers, no clock, no allocation, no DPDK. Any thread. Times are in nanoseconds.
 */
#ifndef SLUICE_AIC_H
#define SLUICE_AIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define AIC_NS_PER_S	  UINT64_C(1000000000)	/**< nanoseconds */
#define AIC_ONE		  1000000		/**< shares are in millionths of a whole */
#define AIC_HZ_MAX	  1000000		/**< of lif */
#define AIC_PERIOD_NS_MIN UINT64_C(10000)	/**< of an estimator's period */
#define AIC_PERIOD_NS_MAX UINT64_C(10000000000)	/**< likewise */
#define AIC_PPS_MAX	  UINT32_C(1000000000)	/**< where an estimate saturates */
#define AIC_PPS_AUTO	  UINT32_MAX		/**< line_pps: as the link's speed has it */
/** No cap by line_pps is below it: who sleeps for less than it takes to wake had better spin. */
#define AIC_CAP_NS_MIN	  UINT64_C(50000)
#define AIC_TEXT_BYTES	  200			/**< of a line of text, its end included */

/** How pps is made of counts; see estimator.h. */
enum aic_estimate {
	AIC_MEAN,	/**< of the latest period, as in the papers */
	AIC_EWMA,	/**< exponentially weighted moving average of periods */
	AIC_PEAK,	/**< the highest period, which fades */
	AIC_NB_ESTIMATES,
};

/** What may be chosen. */
struct aic_params {
	uint32_t r;		/**< share of the buffers that may fill; 1..AIC_ONE */
	uint32_t lif_hz;	/**< lowest interrupt frequency; 1..AIC_HZ_MAX */
	uint64_t period_ns;	/**< of sampling; AIC_PERIOD_NS_MIN..AIC_PERIOD_NS_MAX */
	uint32_t estimator;	/**< enum aic_estimate */
	/** Share of a new period in an EWMA; by which a peak fades in a period; 1..AIC_ONE. */
	uint32_t weight;
	uint32_t missed;	/**< 1: packets that found no buffer count as well; 0 */
	/** An interval longer by less than this share is not worth a register write;
	 *  0..AIC_ONE / 2. */
	uint32_t hysteresis;
	/** Share of the buffers which, found full at a wake-up, shortens t_d at once; 0: never. */
	uint32_t guard;
	/** The most packets per second that can come, all of a sudden: t_d <= bufs / line_pps -
	 *  tail, or what aic_cap_ns() has. 0: no such cap; up to AIC_PPS_MAX; AIC_PPS_AUTO. */
	uint32_t line_pps;
};

/** A named set of parameters. */
struct aic_preset {
	const char *name;	/**< by which it is found */
	const char *text;	/**< what it is for */
	uint16_t ring;		/**< descriptors of an Rx queue that it is made for */
	struct aic_params params;	/**< the set */
};

/** What the device can do. */
struct aic_limits {
	uint64_t granularity_ns;	/**< intervals are multiples of it; 0 or 1: any */
	uint64_t max_ns;		/**< the longest one; 0: no limit */
	/** It interrupts whatever the interval when only so many of the buffers are left; 0: it
	 *  does not. */
	uint32_t low_bufs;
};

/** The buffers of an Rx queue: what the application can hold, what the ring can; 0: not known. */
static inline uint32_t
aic_bufs(uint32_t ap_bufs, uint32_t dd_bufs)
{
	if (ap_bufs == 0 || dd_bufs == 0)
		return ap_bufs + dd_bufs;
	return ap_bufs < dd_bufs ? ap_bufs : dd_bufs;
}

/**
 * The formula: t_d = 1 / max(pps / (bufs * r), lif), rounded down.
 *
 * For all t = aic_interval_ns(): pps * t <= bufs * r and t <= 1 / lif, without error.
 *
 * @param bufs  0: there is no room at all, and no interval
 * @param r     1..AIC_ONE
 */
uint64_t aic_interval_ns(uint32_t pps, uint32_t bufs, uint32_t r, uint32_t lif_hz);

/** Interrupts per second at that interval, rounded to the nearest; 0: there is none. */
static inline uint64_t
aic_frequency_hz(uint64_t interval_ns)
{
	return interval_ns == 0 ? 0 : (AIC_NS_PER_S + interval_ns / 2) / interval_ns;
}

/** The longest interval after which @p bufs buffers are not full by @p pps for another @p tail_ns;
 * 0: there is none. */
uint64_t aic_room_ns(uint32_t pps, uint32_t bufs, uint64_t tail_ns);

/** Whether @p low_bufs buffers, left when the device interrupts whatever the interval, are enough
 * for what arrives at @p pps until somebody serves it. */
bool aic_low_lasts(uint32_t pps, uint32_t low_bufs, uint64_t tail_ns);

/**
 * The longest interval that is worth it if @p peak_pps may come all of a sudden.
 *
 * The interrupt comes after t_d, or when low_bufs are left, whichever is first, and is served
 * tail_ns later. So nothing is lost with t_d <= bufs / peak_pps - tail_ns, or if low_bufs last.
 *
 * No interval is too long if low_bufs last for half of the tail at least, which is longer than most
 * wake-ups take: one that takes longer loses some at such a peak. Nor is one if the most that
 * low_bufs outlive is half of what the shortest interval, AIC_CAP_NS_MIN, would, or more: then so
 * many interrupts buy next to nothing. Else it is the one above, but AIC_CAP_NS_MIN at least.
 *
 * @param peak_pps  0: nothing comes of a sudden
 * @param low_bufs  as in struct aic_limits
 * @return UINT64_MAX: any; else AIC_CAP_NS_MIN at least
 */
uint64_t aic_cap_ns(uint32_t peak_pps, uint32_t bufs, uint32_t low_bufs, uint64_t tail_ns);

/** As the device can have it: never longer, so rather more interrupts than fewer. */
uint64_t aic_round_ns(uint64_t interval_ns, const struct aic_limits *limits);

/** All presets, the default first; *nb of them. */
const struct aic_preset *aic_presets(size_t *nb);

/** NULL: no such preset. */
const struct aic_preset *aic_preset_find(const char *name);

/** "balanced, latency, ...", for a message. */
void aic_preset_list(char *text, size_t bytes);

/**
 * Change parameters by a text like "r=0.8,lif=1000,period=1ms".
 *
 * Keys are r, lif, period, estimator, weight, missed, hysteresis, guard, line. Those that are not
 * named stay; nothing is changed if there is an error.
 *
 * @param why  one line of up to @p bytes that names the offender and what is allowed
 * @return 0; -EINVAL
 */
int aic_params_parse(struct aic_params *params, const char *text, char *why, size_t bytes);

/** The text that gives these parameters; AIC_TEXT_BYTES. */
void aic_params_text(const struct aic_params *params, char text[AIC_TEXT_BYTES]);

#ifdef __cplusplus
}
#endif

#endif /* SLUICE_AIC_H */
