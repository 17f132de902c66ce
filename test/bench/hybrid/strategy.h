/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Ways for an lcore to wait for frames of queue 0 of a port, as rows of a table.
 *
 * All calls of a row are made by that lcore, but for wake().
 */
#ifndef BENCH_STRATEGY_H
#define BENCH_STRATEGY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "dim.h"

struct hybrid;
struct strategy;

/** What a row keeps while it runs. */
struct waiting {
	const struct strategy *strategy;
	uint16_t port;
	uint32_t ring;			/**< places */
	uint16_t received;		/**< by the last burst */
	uint32_t interval_ns;		/**< between interrupts, or the sleep; as last set */
	atomic_bool stop;		/**< the lcore is to leave: nothing sleeps any more */

	uint32_t empty;			/**< bursts without a frame, one after the other */
	uint32_t sleep_us;
	uint64_t frames, sampled_ns;	/**< of this second */
	struct dim dim;
	uint64_t dim_frames;		/**< in all */
	struct hybrid *hybrid;
};

struct strategy {
	const char *name;
	const char *what;		/**< a line for the table's legend */
	uint32_t interval_ns;		/**< rows of one kind differ in it */
	uint32_t warm_up_ms;		/**< that it needs to know a load; 0: as all */
	/** Places that it is made for; NULL: as all. */
	uint32_t (*ring)(const struct strategy *strategy);
	bool by_time;			/**< it sleeps without an interrupt */
	int (*open)(struct waiting *waiting);
	/** After each burst, which may have been empty. */
	void (*received)(struct waiting *waiting, uint16_t nb);
	/** After each round: returns when it is time for the next one. */
	void (*wait)(struct waiting *waiting);
	/** Any thread, after waiting->stop was set; NULL: an interrupt does. */
	void (*wake)(struct waiting *waiting);
	/** Any thread: between interrupts, now; NULL: waiting->interval_ns. */
	uint32_t (*interval)(const struct waiting *waiting);
	void (*close)(struct waiting *waiting);
};

extern const struct strategy strategies[];
extern const unsigned int nb_strategies;

/** @return NULL: there is no such strategy */
const struct strategy *strategy_find(const char *name);

/* interrupts.c: what several rows have in common */

/** Interrupts of the queue wake this thread. @return 0 or -errno */
int interrupts_open(struct waiting *waiting);
void interrupts_close(struct waiting *waiting);
/** Keep them apart; what the device cannot count, as near to it as it can. */
void interrupts_space(struct waiting *waiting, uint32_t interval_ns);
/** Arm, and sleep until there is one, or for so long. */
void interrupts_sleep(struct waiting *waiting, int timeout_ms);

#endif /* BENCH_STRATEGY_H */
