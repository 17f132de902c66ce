/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What a pool, or the port's switch, is held to besides filters: rates, mirrors, full rings,
 * interrupts, loopback, storms.
 *
 * What families differ in is a row each; NULL in its place: the hardware has no such thing, and the
 * call says -ENOTSUP. All functions are called with the port's lock held unless said otherwise.
 */
#ifndef SLUICE_PF_POOL_POLICY_H
#define SLUICE_PF_POOL_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "reg.h"

#define MIRROR_RULES 4

struct pf;

/** The Tx rate limiter: a factor by which a queue is slower than the link. */
struct rate_regs {
	struct reg select;	/**< which queue the next two are of */
	struct reg window, factor;
	uint32_t window_value;
	uint32_t enable;	/**< bit of `factor` */
	uint32_t factor_bits;	/**< mask there; RATE_ONE: as fast as the link */
	uint32_t min_mbps;	/**< the slowest that it is known to keep */
	uint32_t max_mbps;	/**< the fastest link */
};

/** Mirror rule r's registers are 4 * r bytes further on. */
struct mirror_regs {
	struct reg control;
	struct reg pools, pools_high;	/**< whose frames; `pools_high` 0: there are no more */
	uint32_t of_pools;		/**< bit of `control`: what pools in the mask receive */
	uint32_t to;			/**< field there: the pool that looks on */
};

/** EITR of VF v's vector i, seen from the PF: `first` + v * `vf_step` + i * 4. */
struct vf_throttle {
	struct reg first;
	int32_t vf_step;
	uint16_t vectors;	/**< of a VF */
	uint32_t interval;	/**< field */
	uint32_t keep_counter;	/**< bit: an interval that has begun ends as it would have */
	uint32_t tick_us;
};

/** Drops broadcast and multicast above so many units of 64 bytes in an interval. */
struct storm_regs {
	struct reg control, tick, broadcast, multicast;	/**< `tick` times a number: the interval */
	uint32_t drop_broadcast, drop_multicast;	/**< bits of `control` */
	uint32_t intervals, threshold;			/**< fields, of `control` and the others */
	uint32_t tick_value;
	uint32_t interval_ms;
	uint32_t max_kbps;
};

/* pool_rate.c */
/** @param mbps  0: no limit. @return 0, -ENOTSUP, -ERANGE */
int pool_set_tx_rate(struct pf *pf, uint16_t pool, uint32_t mbps);
/** The link's speed or the number of the pool's queues may be another one now. */
void pool_refresh_tx_rate(struct pf *pf, uint16_t pool);

/* pool_mirror.c */
/** @param to  a pool, or POOL_NONE. @return 0, -ENOTSUP, -EINVAL: to itself, -ENOSPC */
int pool_set_mirror(struct pf *pf, uint16_t pool, uint16_t to);
#define POOL_NONE UINT16_MAX

/* pool_limits.c */
int pool_set_drop(struct pf *pf, uint16_t pool, bool on);
/** The largest floor or ceiling of an interval; 0: there are none. */
uint32_t pool_longest_interval(const struct pf *pf);
/** @return 0, -ENOTSUP, -ERANGE, -EINVAL: the floor is above the ceiling */
int pool_limit_interrupts(struct pf *pf, uint16_t pool, uint32_t min_us, uint32_t max_us);
/** None of what is above, for a VF that begins anew. */
void pool_forget_limits(struct pf *pf, uint16_t pool);
/** Put right what VFs changed, and follow the link. Without the lock. */
void pool_watch_limits(struct pf *pf);

/* port_switch.c: of the port as a whole, and kept over its resets */
int switch_set_loopback(struct pf *pf, bool on);
int switch_set_storm(struct pf *pf, uint32_t broadcast_kbps, uint32_t multicast_kbps);
/** After a reset of the device. */
void switch_restore(struct pf *pf);

#endif /* SLUICE_PF_POOL_POLICY_H */
