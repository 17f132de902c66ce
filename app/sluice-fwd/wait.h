/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What a forwarding lcore does when its queues were empty.
 *
 * The hot loop knows only this: it polls, and when nothing came it calls idle(). Every strategy is
 * a row; one that sleeps on Rx interrupts opens its epoll set in open(), arms and sleeps in
 * idle(), and lets wake() end that sleep. Nothing is ever held back for a later Tx burst, so
 * idle() may block as long as it likes.
 */
#ifndef SLUICE_FWD_WAIT_H
#define SLUICE_FWD_WAIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wait_strategy;

struct wait_queue {
	uint16_t port;
	uint16_t queue;
};

/* One per forwarding lcore. */
struct wait_state {
	const struct wait_strategy *strategy;
	struct wait_queue rx[2]; /* both ends of the queue pair */
	uint64_t empty_polls;    /* in a row, this one included */
	void *own;               /* the strategy's */
};

struct wait_strategy {
	const char *name;
	bool rx_interrupts; /* ports are configured for them */

	/* On the lcore, before its first poll. 0 or -errno; NULL: nothing to do. */
	int (*open)(struct wait_state *wait);
	/* On the lcore: both queues were empty. */
	void (*idle)(struct wait_state *wait);
	/* On another thread: idle() shall return soon. NULL: it always does. */
	void (*wake)(struct wait_state *wait);
	/* On the lcore, after its last poll. NULL: nothing to do. */
	void (*close)(struct wait_state *wait);
};

/* NULL: no such strategy. */
const struct wait_strategy *wait_strategy_find(const char *name);

/* Their names, for a message. */
void wait_strategy_list(char *text, size_t bytes);

int wait_open(struct wait_state *wait);
void wait_wake(struct wait_state *wait);
void wait_close(struct wait_state *wait);

#endif /* SLUICE_FWD_WAIT_H */
