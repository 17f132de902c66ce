/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Forwards from one port to another and back with lib/hybrid: what is marked (1) to (6) is all that
 * an application needs for it.
 *
 * usage: hybrid-l2fwd EAL-OPTIONS... -- PROFILE [PACKETS]
 *
 * It ends by a signal, or after so many packets.
 */
#include <err.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "hybrid.h"

#define NB_PORTS 2
#define NB_DESC	 1024
#define NB_MBUFS 8191
#define BURST	 32

static volatile sig_atomic_t stop;

static void
end(int signal_number)
{
	(void)signal_number;
	stop = 1;
}

static void
start_port(uint16_t port, struct rte_mempool *pool)
{
	struct rte_eth_conf conf = { .intr_conf.rxq = 1 };	/* (1) */
	int rc = rte_eth_dev_configure(port, 1, 1, &conf);

	/* A driver without Rx interrupts refuses them; its port is slept on by time. */
	if (rc < 0) {
		conf.intr_conf.rxq = 0;
		rc = rte_eth_dev_configure(port, 1, 1, &conf);
	}
	if (rc < 0 ||
	    rte_eth_rx_queue_setup(port, 0, NB_DESC, SOCKET_ID_ANY, NULL, pool) < 0 ||
	    rte_eth_tx_queue_setup(port, 0, NB_DESC, SOCKET_ID_ANY, NULL) < 0 ||
	    rte_eth_dev_start(port) < 0)
		errx(EX_UNAVAILABLE, "port %u does not start", port);
	rte_eth_promiscuous_enable(port);
}

static void
forward(const struct hybrid_config *config, uint64_t most)
{
	const struct hybrid_queue queues[NB_PORTS] = { { 0, 0 }, { 1, 0 } };
	struct rte_mbuf *packets[BURST];
	struct hybrid_stats stats;
	struct hybrid *hybrid;
	uint64_t nb_packets = 0;

	if (hybrid_open(&hybrid, config, queues, NB_PORTS) < 0)	/* (3) */
		errx(EX_OSERR, "no descriptors left");
	puts("hybrid-l2fwd: forwarding");
	fflush(stdout);
	while (!stop && nb_packets < most) {
		for (unsigned int i = 0; i < NB_PORTS; i++) {
			uint16_t nb = rte_eth_rx_burst(queues[i].port, 0, packets, BURST);
			uint16_t sent = rte_eth_tx_burst(queues[!i].port, 0, packets, nb);

			rte_pktmbuf_free_bulk(&packets[sent], nb - sent);
			hybrid_received(hybrid, i, nb);		/* (4) */
			nb_packets += nb;
		}
		hybrid_wait(hybrid);				/* (5) */
	}
	hybrid_get_stats(hybrid, 0, &stats);
	printf("packets %" PRIu64 ", sleeps %" PRIu64 ", asleep for %" PRIu64 " ms, "
	       "wake-ups late by up to %" PRIu64 " us\n",
	       nb_packets, stats.sleeps, stats.slept_ns / 1000000, stats.tail_ns / 1000);
	hybrid_close(hybrid);					/* (6) */
}

int
main(int argc, char *argv[])
{
	int used = rte_eal_init(argc, argv);
	struct hybrid_config config;
	struct rte_mempool *pool;

	if (used < 0 || argc - used < 2)
		errx(EX_USAGE, "usage: hybrid-l2fwd EAL-OPTIONS... -- PROFILE [PACKETS]");
	if (hybrid_profile(&config, argv[used + 1]) < 0) {	/* (2) */
		char names[100];

		aic_preset_list(names, sizeof(names));
		errx(EX_USAGE, "%s: no such profile, want %s", argv[used + 1], names);
	}
	if (rte_eth_dev_count_avail() != NB_PORTS)
		errx(EX_UNAVAILABLE, "%u ports, want %u", rte_eth_dev_count_avail(), NB_PORTS);
	pool = rte_pktmbuf_pool_create("packets", NB_MBUFS, 256, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
				       SOCKET_ID_ANY);
	if (pool == NULL)
		errx(EX_UNAVAILABLE, "no memory for %u packets", NB_MBUFS);
	for (uint16_t port = 0; port < NB_PORTS; port++)
		start_port(port, pool);
	signal(SIGINT, end);
	signal(SIGTERM, end);
	forward(&config, argc - used > 2 ? strtoull(argv[used + 2], NULL, 10) : UINT64_MAX);
	for (uint16_t port = 0; port < NB_PORTS; port++) {
		rte_eth_dev_stop(port);
		rte_eth_dev_close(port);
	}
	rte_eal_cleanup();
	return 0;
}
