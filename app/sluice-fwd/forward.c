/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <pthread.h>

#include <rte_branch_prediction.h>
#include <rte_ethdev.h>

#include "forward.h"
#include "topology.h"

/* Enough for the largest Rx ring at the smallest sensible burst; a sender that never pauses must
 * not keep a stopped lcore here.
 */
#define DRAIN_BURSTS 1024

static uint16_t
forward_burst(struct direction *d)
{
	struct rte_mbuf *m[MAX_BURST];
	uint16_t nb_rx, nb_kept, nb_tx;

	nb_rx = rte_eth_rx_burst(d->rx_port, d->queue, m, d->burst);
	if (nb_rx == 0)
		return 0;
	if (unlikely(d->rx_tap != NULL)) {
		capture_copy(d->rx_tap, m, nb_rx);
		capture_commit(d->rx_tap, nb_rx);
	}

	nb_kept = d->edit(&d->macs, m, nb_rx);
	if (unlikely(d->tx_tap != NULL))
		capture_copy(d->tx_tap, m, nb_kept);
	nb_tx = rte_eth_tx_burst(d->tx_port, d->queue, m, nb_kept);
	if (unlikely(d->tx_tap != NULL))
		capture_commit(d->tx_tap, nb_tx);

	counter_add(&d->rx, nb_rx);
	counter_add(&d->tx, nb_tx);
	if (unlikely(nb_tx < nb_rx)) {
		counter_add(&d->dropped, nb_kept - nb_tx);
		counter_add(&d->own, nb_rx - nb_kept);
		/* What found no room and what was refused lie side by side. */
		rte_pktmbuf_free_bulk(&m[nb_tx], nb_rx - nb_tx);
	}
	return nb_rx;
}

static void
drain(struct queue_pair *pair)
{
	for (int i = 0; i < DRAIN_BURSTS; i++) {
		if (forward_burst(&pair->direction[0]) + forward_burst(&pair->direction[1]) == 0)
			return;
	}
}

int
forward_main(void *arg)
{
	struct queue_pair *pair = arg;
	struct wait_state *wait = &pair->wait;
	int rc;

	/* It runs a little further from its port if this fails, and is right all the same. */
	if (pair->confine)
		topology_confine(pair->node);
	pthread_getcpuclockid(pthread_self(), &pair->clock);
	atomic_store(&pair->clock_known, true);
	rc = wait_open(wait);
	if (rc < 0)
		return rc;

	while (!atomic_load_explicit(pair->stop, memory_order_relaxed)) {
		wait->received[0] = forward_burst(&pair->direction[0]);
		wait->received[1] = forward_burst(&pair->direction[1]);
		if (wait->strategy->each_round || (wait->received[0] | wait->received[1]) == 0)
			wait->strategy->idle(wait);
	}

	drain(pair);
	return 0;
}
