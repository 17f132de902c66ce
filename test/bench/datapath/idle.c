/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <time.h>

#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "hybrid.h"
#include "idle.h"

#define BURST	    32
#define SETTLE_NS   300000000	/* until it has seen that nothing comes */
#define MEASURE_NS 1500000000
#define NS_PER_S   1000000000
#define PROFILE	    "balanced"

static uint64_t
now(clockid_t clock)
{
	struct timespec time = { 0 };

	clock_gettime(clock, &time);
	return (uint64_t)time.tv_sec * NS_PER_S + (uint64_t)time.tv_nsec;
}

static void
wait_for(const struct target *target, struct hybrid *hybrid, uint64_t ns)
{
	uint64_t end = now(CLOCK_MONOTONIC) + ns;
	struct rte_mbuf *burst[BURST];

	while (now(CLOCK_MONOTONIC) < end) {
		for (unsigned int i = 0; i < target->nb_places; i++) {
			const struct span_place *place = &target->places[i];
			uint16_t nb = rte_eth_rx_burst(place->port, place->queue, burst, BURST);

			rte_pktmbuf_free_bulk(burst, nb);
			hybrid_received(hybrid, i, nb);
		}
		hybrid_wait(hybrid);
	}
}

double
idle_run(const struct target *target)
{
	struct hybrid_queue queues[SPAN_PLACES_MAX];
	struct hybrid_config config;
	struct hybrid *hybrid;
	uint64_t wall, used;
	int rc;

	for (unsigned int i = 0; i < target->nb_places; i++)
		queues[i] = (struct hybrid_queue){ .port = target->places[i].port,
						   .queue = target->places[i].queue };
	rc = hybrid_profile(&config, PROFILE);
	if (rc == 0)
		rc = hybrid_open(&hybrid, &config, queues, target->nb_places);
	if (rc != 0)
		return rc;
	wait_for(target, hybrid, SETTLE_NS);
	wall = now(CLOCK_MONOTONIC);
	used = now(CLOCK_THREAD_CPUTIME_ID);
	wait_for(target, hybrid, MEASURE_NS);
	used = now(CLOCK_THREAD_CPUTIME_ID) - used;
	wall = now(CLOCK_MONOTONIC) - wall;
	hybrid_close(hybrid);
	return (double)used / (double)wall;
}
