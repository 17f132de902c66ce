/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Receives frames as an application that sleeps: it looks at the ring when an interrupt woke it and
 * after it armed the next, and never else. All ports are started; it is the last that it receives
 * from.
 *
 * usage: rx-sleeper EAL-OPTIONS... -- FRAMES TIMEOUT_S [stop]
 *
 * Counts frames to the port's own address, and broadcast. Between the lines "ready" and "awake" on
 * its standard output it makes no system call but those of sleeping and waking: a tracer of calls
 * can tell. With "stop" it stops itself before, for the tracer to come.
 */
#include <err.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_interrupts.h>
#include <rte_mbuf.h>

#define NB_MBUFS   2048
#define NB_DESC	   512
#define BURST	   32
#define LINK_TRIES 600

struct counts {
	unsigned long frames, wakes, empty;
};

static uint16_t port;

static void
start_port(struct rte_mempool *pool)
{
	const struct rte_eth_conf conf = { .intr_conf = { .rxq = 1, .lsc = 1 } };
	struct rte_eth_link link = { 0 };

	if (rte_eth_dev_configure(port, 1, 1, &conf) != 0 ||
	    rte_eth_rx_queue_setup(port, 0, NB_DESC, SOCKET_ID_ANY, NULL, pool) != 0 ||
	    rte_eth_tx_queue_setup(port, 0, NB_DESC, SOCKET_ID_ANY, NULL) != 0 ||
	    rte_eth_dev_start(port) != 0)
		errx(EX_UNAVAILABLE, "port %u does not start with Rx interrupts", port);
	for (unsigned int i = 0; i < LINK_TRIES && !link.link_status; i++) {
		rte_delay_us_sleep(100000);
		if (rte_eth_link_get_nowait(port, &link) != 0)
			errx(EX_UNAVAILABLE, "port %u has no link", port);
	}
	if (!link.link_status)
		errx(EX_UNAVAILABLE, "the link stays down");
}

static void
start_ports(void)
{
	struct rte_mempool *pool = rte_pktmbuf_pool_create("frames", NB_MBUFS, 0, 0,
							   RTE_MBUF_DEFAULT_BUF_SIZE,
							   SOCKET_ID_ANY);

	if (pool == NULL)
		errx(EX_SOFTWARE, "no mbufs");
	for (port = 0; port < rte_eth_dev_count_avail(); port++)
		start_port(pool);
	if (port-- == 0)
		errx(EX_UNAVAILABLE, "no port");
	if (rte_eth_dev_rx_intr_ctl_q(port, 0, RTE_EPOLL_PER_THREAD, RTE_INTR_EVENT_ADD,
				      NULL) != 0)
		errx(EX_UNAVAILABLE, "no descriptor for the interrupt");
}

/** @return whether there was any frame, ours or not */
static bool
take_all(const struct rte_ether_addr *own, struct counts *counts)
{
	struct rte_mbuf *burst[BURST];
	uint16_t nb;
	bool any = false;

	while ((nb = rte_eth_rx_burst(port, 0, burst, BURST)) != 0) {
		any = true;
		for (uint16_t i = 0; i < nb; i++) {
			const struct rte_ether_hdr *header;

			header = rte_pktmbuf_mtod(burst[i], const struct rte_ether_hdr *);
			counts->frames += rte_is_same_ether_addr(&header->dst_addr, own) ||
					  rte_is_broadcast_ether_addr(&header->dst_addr);
		}
		rte_pktmbuf_free_bulk(burst, nb);
	}
	return any;
}

/** @return false: nothing woke us for that long */
static bool
sleep_and_take(const struct rte_ether_addr *own, struct counts *counts, unsigned long wanted,
	       int timeout_ms)
{
	struct rte_epoll_event event;

	/* Enough may have come while it was stopped; it shall sleep all the same. */
	while (counts->frames < wanted || counts->wakes == 0) {
		rte_eth_dev_rx_intr_enable(port, 0);
		if (take_all(own, counts))
			continue;
		if (rte_epoll_wait(RTE_EPOLL_PER_THREAD, &event, 1, timeout_ms) != 1)
			return false;
		counts->wakes++;
		if (!take_all(own, counts))
			counts->empty++;
	}
	return true;
}

int
main(int argc, char *argv[])
{
	struct counts counts = { 0 };
	struct rte_ether_addr own;
	int used = rte_eal_init(argc, argv);
	bool all;

	if (used < 0 || argc - used < 3)
		errx(EX_USAGE, "usage: rx-sleeper EAL-OPTIONS... -- FRAMES TIMEOUT_S [stop]");
	start_ports();
	if (rte_eth_macaddr_get(port, &own) != 0)
		errx(EX_UNAVAILABLE, "port %u has no address", port);
	/* The first wait makes the thread's own epoll instance. */
	rte_epoll_wait(RTE_EPOLL_PER_THREAD, &(struct rte_epoll_event){ 0 }, 1, 0);
	if (argc - used > 3)
		raise(SIGSTOP);
	printf("ready " RTE_ETHER_ADDR_PRT_FMT "\n", RTE_ETHER_ADDR_BYTES(&own));
	fflush(stdout);
	all = sleep_and_take(&own, &counts, strtoul(argv[used + 1], NULL, 10),
			     atoi(argv[used + 2]) * 1000);
	printf("awake: frames %lu, wakes %lu, empty %lu\n", counts.frames, counts.wakes,
	       counts.empty);
	fflush(stdout);
	for (;; port--) {
		rte_eth_dev_stop(port);
		rte_eth_dev_close(port);
		if (port == 0)
			break;
	}
	rte_eal_cleanup();
	return all ? 0 : EX_TEMPFAIL;
}
