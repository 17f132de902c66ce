/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The application: an lcore that swaps the addresses of frames of one queue and sends them back.
 */
#ifndef BENCH_APP_H
#define BENCH_APP_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "device.h"
#include "strategy.h"

struct rte_mempool;

struct app {
	struct heartbeat heartbeat;
	uint16_t port;
	uint32_t ring;			/**< places of the Rx queue; 0: the port is stopped */
	unsigned int lcore;
	struct rte_mempool *pool;
	struct device *device;

	struct waiting waiting;
	int rc;				/**< of the strategy's open() */
	atomic_bool ready;
	pthread_t thread;
	int tid;
	uint64_t tx_dropped;
};

/** What its thread has used. */
struct app_use {
	uint64_t cpu_ns;
	uint64_t sleeps;	/**< times that it left the processor because it wanted to */
};

/** Start the port with such a ring, or do nothing if it has it. @return 0 or -errno */
int app_start(struct app *app, uint32_t ring);
void app_stop(struct app *app);

/** The lcore begins to forward. @return 0 or -errno: it does not, then */
int app_run(struct app *app, const struct strategy *strategy);
/** And ends. */
void app_end(struct app *app);
int app_use(const struct app *app, struct app_use *use);

#endif /* BENCH_APP_H */
