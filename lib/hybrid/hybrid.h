/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * How an lcore waits for packets: it polls while there is work, and sleeps until an interrupt while
 * there is not, so rarely woken as the formula of adaptive interrupt coalescing allows (lib/aic).
 *
 * For ports of any DPDK driver. One with Rx interrupts is woken by them; where their interval can
 * be set, as with net_sluice_pf and net_sluice_vf, the formula's is; where it cannot, the sleep
 * itself is as long while packets come. A port without Rx interrupts is slept on for as long.
 *
 *     hybrid_profile(&config, "balanced");
 *     hybrid_open(&hybrid, &config, queues, 2);
 *     while (!stop) {
 *             for (i = 0; i < 2; i++) {
 *                     nb = rte_eth_rx_burst(queues[i].port, queues[i].queue, packets, 32);
 *                     ...
 *                     hybrid_received(hybrid, i, nb);
 *             }
 *             hybrid_wait(hybrid);
 *     }
 *     hybrid_close(hybrid);
 *
 * A struct hybrid belongs to one lcore: only hybrid_wake() and hybrid_get_stats() may be called by
 * other threads, until hybrid_close().
 */
#ifndef SLUICE_HYBRID_H
#define SLUICE_HYBRID_H

#include <stdbool.h>
#include <stdint.h>

#include "aic.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HYBRID_QUEUES_MAX 64	/**< of one lcore */
#define HYBRID_BURST	  32	/**< packets that the application takes at once, if not told */

/** Nobody sleeps for longer, whatever happens. */
#define HYBRID_SLEEP_MAX_NS UINT64_C(250000000)

/** An Rx queue of a port that is started. */
struct hybrid_queue {
	uint16_t port;		/**< of ethdev */
	uint16_t queue;		/**< of the port */
};

/** How an lcore waits; hybrid_profile() fills it. */
struct hybrid_config {
	struct aic_params params;	/**< of lib/aic */
	uint16_t ring;		/**< descriptors of an Rx queue that the profile is made for */
	/** Share of its time in which the lcore has work, in millionths, from which on it spins; it
	 *  sleeps again from half of it on. 0: it spins only where a sleep would be too short. */
	uint32_t spin_from;
	uint32_t linger_ns;	/**< so long after a packet it does not sleep */
	uint32_t ap_bufs;	/**< packets that the application can hold; 0: as the ring */
	uint16_t burst;		/**< what a full burst is; 0: HYBRID_BURST */
	bool fixed;		/**< 1 / lif is the interval whatever comes */
	uint64_t cost_ns;	/**< processor's time of a sleep and wake-up; 0: measured */
	uint64_t tail_ns;	/**< how late a wake-up may be; 0: measured, at start and always */
};

/** Of one queue, but for those of the lcore, which are the same for all of its queues. */
struct hybrid_stats {
	uint64_t packets;	/**< received */
	uint64_t interrupts;	/**< wake-ups by this queue */
	uint64_t writes;	/**< times that its interval was set */
	uint32_t pps;		/**< the estimate */
	uint32_t bufs;		/**< of the formula */
	/** Left when the device interrupts whatever t_d is; 0: it does not. */
	uint32_t low_bufs;
	uint64_t interval_ns;	/**< t_d in force; 0: none */
	uint32_t found;		/**< packets in the ring at the last wake-up */
	uint32_t found_most;	/**< at any */
	bool interrupt;		/**< the queue has an interrupt */
	bool moderated;		/**< and its interval can be set */

	bool spinning;		/**< the lcore: because of its load */
	uint64_t sleeps;	/**< of the lcore */
	uint64_t idle_wakes;	/**< after which no queue had anything */
	uint64_t timed_wakes;	/**< of the sleeps, those that ended by time */
	/** Of these, those of HYBRID_SLEEP_MAX_NS after which there were packets: an interrupt that
	 *  did not come. */
	uint64_t overslept;
	uint64_t slept_ns;	/**< of the lcore */
	uint64_t cost_ns;	/**< see struct hybrid_config; as measured */
	uint64_t tail_ns;	/**< likewise */
};

/** What hybrid_received() counts in; by index of the queue. */
struct hybrid_count {
	uint64_t packets;	/**< so far */
	uint32_t round;		/**< of these, not looked at yet */
};

/** One lcore's; what hybrid_received() needs of it. */
struct hybrid {
	struct hybrid_count *count;	/**< by index of the queue */
	uint16_t burst;		/**< what a full burst is */
	bool full;		/**< a burst of this round was full */
	/* The rest is lib/hybrid's own. */
};

/**
 * A profile by name: the presets of lib/aic, and when to spin.
 *
 * @return 0; -EINVAL: there is no such profile, see aic_preset_list()
 */
int hybrid_profile(struct hybrid_config *config, const char *name);

/**
 * Begin, on the lcore that will wait. It measures what a sleep costs, which takes some ms, and sets
 * the thread's timer slack to the least.
 *
 * @param queues  kept in this order: an index is one of theirs
 * @return 0; -EINVAL no queue, too many, or one that there is not; -ENOMEM; another -errno: no
 *         descriptor left
 */
int hybrid_open(struct hybrid **hybrid, const struct hybrid_config *config,
		const struct hybrid_queue *queues, unsigned int count);

/** After each burst, also an empty one. */
static inline void
hybrid_received(struct hybrid *hybrid, unsigned int index, uint16_t packets)
{
	struct hybrid_count *count = &hybrid->count[index];

	count->packets += packets;
	count->round += packets;
	hybrid->full |= packets >= hybrid->burst;
}

/**
 * After each round over all queues: returns when it is time for the next one, at once while there
 * is work. It may sleep for HYBRID_SLEEP_MAX_NS; what is held back for a later Tx burst would wait.
 */
void hybrid_wait(struct hybrid *hybrid);

/** Any thread: hybrid_wait() returns soon, or the next one does. */
void hybrid_wake(struct hybrid *hybrid);

/** Any thread. */
void hybrid_get_stats(const struct hybrid *hybrid, unsigned int index, struct hybrid_stats *stats);

/** When the lcore waits no more, before its ports are stopped; their interrupts are off then. By
 *  any thread; if it is another one, the lcore's timer slack stays. NULL is fine. */
void hybrid_close(struct hybrid *hybrid);

#ifdef __cplusplus
}
#endif

#endif /* SLUICE_HYBRID_H */
