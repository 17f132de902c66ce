/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What a forwarding lcore does between two rounds over its queues.
 *
 * Every mode is a row. One that polls does something only when nothing came; one that sleeps
 * (lib/hybrid) is told of each round, and decides by itself. Nothing is ever held back for a later
 * Tx burst, so it may sleep as long as it likes.
 */
#ifndef SLUICE_FWD_WAIT_H
#define SLUICE_FWD_WAIT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hybrid.h"

struct wait_strategy;

/* One per forwarding lcore. */
struct wait_state {
	const struct wait_strategy *strategy;
	struct hybrid_config config;	/* of those that sleep */
	struct hybrid_queue rx[2];	/* both ends of the queue pair */
	uint16_t received[2];		/* by the last burst of each */
	_Atomic(struct hybrid *) hybrid; /* NULL: it polls, or has not begun */
};

struct wait_strategy {
	const char *name;
	const char *help;
	bool rx_interrupts; /* ports are configured for them where they have them */
	bool each_round;    /* idle() is called after rounds in which something came, too */
	bool fixed;	    /* see struct hybrid_config */

	/* On the lcore, before its first poll. 0 or -errno; NULL: nothing to do. */
	int (*open)(struct wait_state *wait);
	/* On the lcore: after a round; both queues were empty unless each_round. */
	void (*idle)(struct wait_state *wait);
};

/* NULL: no such strategy. */
const struct wait_strategy *wait_strategy_find(const char *name);

/* Their names, for a message. */
void wait_strategy_list(char *text, size_t bytes);

int wait_open(struct wait_state *wait);

/* Any thread, before wait_close(): idle() returns soon. */
void wait_wake(struct wait_state *wait);

/* When the lcore has ended, and nobody asks for its statistics any more. */
void wait_close(struct wait_state *wait);

/* Any thread. False: it polls, and there are none. */
bool wait_get_stats(const struct wait_state *wait, unsigned int side, struct hybrid_stats *stats);

#endif /* SLUICE_FWD_WAIT_H */
