/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The hot loop: one lcore, one queue of each of two ports, both directions. It counts and never
 * logs.
 */
#ifndef SLUICE_FWD_FORWARD_H
#define SLUICE_FWD_FORWARD_H

#include <stdatomic.h>
#include <time.h>

#include "capture.h"
#include "counter.h"
#include "rewrite.h"
#include "wait.h"

struct direction {
	uint16_t rx_port, tx_port;
	uint16_t queue;
	uint16_t burst;
	mac_edit_burst *edit;
	struct mac_edit macs;
	struct capture_tap *rx_tap, *tx_tap; /* at most one; NULL: no capture there */

	counter_t rx;      /* received from rx_port */
	counter_t tx;      /* taken by tx_port */
	counter_t dropped; /* tx_port had no room */
	counter_t own;     /* refused by the MAC edit: our own, come back */
} __rte_cache_aligned;

struct queue_pair {
	struct direction direction[2];
	struct wait_state wait;
	clockid_t clock; /* its thread's time on a processor */
	atomic_bool clock_known;
	unsigned int lcore;
	int node;
	bool confine; /* to that node, see place.h */
	const atomic_bool *stop;
};

/**
 * Forward until *stop; an lcore_function_t. What it waits with stays open, for its statistics.
 *
 * @param arg  struct queue_pair *
 * @return 0; -errno: the wait strategy did not open, nothing was forwarded
 */
int forward_main(void *arg);

#endif /* SLUICE_FWD_FORWARD_H */
