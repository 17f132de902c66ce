/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What lib/hybrid keeps, and its parts: queue_wait.c knows ethdev, sleep.c the kernel, and hybrid.c
 * decides.
 */
#ifndef SLUICE_HYBRID_OWN_H
#define SLUICE_HYBRID_OWN_H

#include <stdatomic.h>

#include "controller.h"
#include "hybrid.h"

/** Written by the lcore, read by any thread. */
typedef _Atomic uint64_t shown_t;

struct waited {
	struct hybrid_queue id;
	struct aic_controller aic;
	uint64_t packets;	/**< of hybrid_count, as accounted for */
	uint64_t awake_packets;	/**< of it, at the last wake-up, with those found then */
	uint64_t in_force_ns;	/**< the interval that the device has */
	uint64_t slow_until_ns;	/**< a longer one that had begun may last until then */
	int (*set_interval)(uint16_t port, uint16_t queue, uint32_t interval_ns);
	int fd;			/**< of its interrupt; -1: it has none */
	bool moderated;		/**< its interval can be set; what comes while masked is latched */
	bool armed;
	bool counts;		/**< rte_eth_rx_queue_count() works */
	uint32_t found_most;
	uint64_t port_missed;	/**< the port's count of packets without a buffer, as last read */
	uint64_t missed;	/**< of these, not accounted for */

	shown_t shown_packets, interrupts, writes, shown_pps, shown_interval_ns, shown_found;
};

struct sleeper {
	int epoll_fd;
	int wake_fd;		/**< an eventfd */
};

struct own {
	struct hybrid public;
	struct hybrid_config config;
	struct sleeper sleeper;
	unsigned int nb;
	struct waited queue[HYBRID_QUEUES_MAX];
	struct hybrid_count count[HYBRID_QUEUES_MAX];

	uint64_t tail_ns, cost_ns;
	unsigned int rounds;
	uint64_t woken_ns;	/**< the last wake-up */
	uint64_t woken_packets;	/**< of all queues, then */
	bool idled;		/**< a burst since then was not full, and it went on */
	unsigned int served;	/**< times that its pace was seen */
	uint32_t served_pps;	/**< the best of them */
	uint64_t last_ns;	/**< the last hybrid_wait() */
	uint64_t packet_ns;	/**< the last packet */
	uint64_t load_begun_ns, load_busy_ns;
	int old_slack;		/**< of the thread @ref thread */
	int thread;

	shown_t sleeps, idle_wakes, timed_wakes, overslept, slept_ns, shown_tail_ns, spinning;
};

static inline void
shown_set(shown_t *shown, uint64_t value)
{
	atomic_store_explicit(shown, value, memory_order_relaxed);
}

static inline uint64_t
shown_get(const shown_t *shown)
{
	return atomic_load_explicit(shown, memory_order_relaxed);
}

static inline void
shown_add(shown_t *shown, uint64_t more)
{
	shown_set(shown, shown_get(shown) + more);
}

/* --- queue_wait.c --- */

/** How it can be waited for, and its controller. 0; -EINVAL: there is no such queue */
int queue_open(struct waited *q, const struct hybrid_config *config, uint64_t tail_ns,
	       uint64_t now_ns);
void queue_close(struct waited *q);
/** Put the controller's interval in force. */
void queue_set_interval(struct waited *q, uint64_t now_ns);
void queue_arm(struct waited *q);
/** Its interrupt has come. */
void queue_disarm(struct waited *q);
/** Packets in the ring; 0: none, or it cannot be known. */
uint32_t queue_found(const struct waited *q);

/** The ring was full: count what found no buffer, which is the port's to tell. */
void queue_count_missed(struct waited *q);

/* --- sleep.c --- */

/** Of the monotonic clock. */
uint64_t clock_ns(void);
int sleeper_open(struct sleeper *sleeper);
void sleeper_close(struct sleeper *sleeper);
int sleeper_add(struct sleeper *sleeper, int fd);
void sleeper_wake(const struct sleeper *sleeper);
/**
 * Sleep until a descriptor has something, or for @p ns.
 *
 * @param fds  those that woke us, up to HYBRID_QUEUES_MAX
 * @return how many; 0: it was the time
 */
int sleeper_sleep(const struct sleeper *sleeper, uint64_t ns, int *fds);
/** What a sleep costs, and how late it ends. */
void sleeper_measure(const struct sleeper *sleeper, uint64_t *cost_ns, uint64_t *tail_ns);
/** The least timer slack for this thread, which is @p thread then; @return the one before */
int slack_least(int *thread);
void slack_restore(int slack, int thread);

#endif /* SLUICE_HYBRID_OWN_H */
