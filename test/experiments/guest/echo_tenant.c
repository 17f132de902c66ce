/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * A tenant of the experiments in the guest: it sends each frame back to whom it came from. For any
 * DPDK driver, on its first port.
 *
 * usage: echo-tenant EAL-OPTIONS... -- poll|sleep
 *
 * "sleep" waits for an interrupt of the Rx queue whenever the ring is empty. Prints "ready" with
 * the port's address, and at SIGTERM or SIGINT how many frames it sent back.
 */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_interrupts.h>
#include <rte_mbuf.h>

#define NB_MBUFS     4096
#define NB_DESC	     512
#define BURST	     32
#define LINK_TRIES   600
#define LINK_WAIT_US 100000
/* How long after a signal it may go on sleeping. */
#define SLEEP_MS     200

struct counts {
	unsigned long frames, unsent, wakes;
};

static const uint16_t port;
static volatile sig_atomic_t stop;

static void
on_signal(int number)
{
	(void)number;
	stop = 1;
}

static void
wait_for_link(void)
{
	struct rte_eth_link link = { 0 };

	for (unsigned int i = 0; i < LINK_TRIES && !link.link_status && !stop; i++) {
		if (rte_eth_link_get_nowait(port, &link) != 0)
			errx(EX_UNAVAILABLE, "no link");
		rte_delay_us_sleep(link.link_status ? 0 : LINK_WAIT_US);
	}
	if (!link.link_status)
		errx(EX_UNAVAILABLE, "the link stays down");
}

static void
start_port(bool sleeps)
{
	const struct rte_eth_conf conf = { .intr_conf = { .rxq = sleeps } };
	struct rte_mempool *pool = rte_pktmbuf_pool_create("frames", NB_MBUFS, 0, 0,
							   RTE_MBUF_DEFAULT_BUF_SIZE,
							   SOCKET_ID_ANY);

	if (pool == NULL)
		errx(EX_SOFTWARE, "no mbufs");
	if (rte_eth_dev_configure(port, 1, 1, &conf) != 0 ||
	    rte_eth_rx_queue_setup(port, 0, NB_DESC, SOCKET_ID_ANY, NULL, pool) != 0 ||
	    rte_eth_tx_queue_setup(port, 0, NB_DESC, SOCKET_ID_ANY, NULL) != 0 ||
	    rte_eth_dev_start(port) != 0)
		errx(EX_UNAVAILABLE, "the port does not start");
	wait_for_link();
	if (sleeps && rte_eth_dev_rx_intr_ctl_q(port, 0, RTE_EPOLL_PER_THREAD, RTE_INTR_EVENT_ADD,
						NULL) != 0)
		errx(EX_UNAVAILABLE, "no descriptor for the interrupt");
}

static void
turn_round(struct rte_mbuf *frame)
{
	struct rte_ether_hdr *header = rte_pktmbuf_mtod(frame, struct rte_ether_hdr *);
	struct rte_ether_addr to = header->src_addr;

	header->src_addr = header->dst_addr;
	header->dst_addr = to;
}

/** @return whether there was any frame */
static bool
echo_all(const struct rte_ether_addr *own, struct counts *counts)
{
	struct rte_mbuf *burst[BURST];
	uint16_t nb, kept, sent;
	bool any = false;

	while (!stop && (nb = rte_eth_rx_burst(port, 0, burst, BURST)) != 0) {
		any = true;
		kept = 0;
		for (uint16_t i = 0; i < nb; i++) {
			const struct rte_ether_hdr *header;

			header = rte_pktmbuf_mtod(burst[i], const struct rte_ether_hdr *);
			if (!rte_is_same_ether_addr(&header->dst_addr, own)) {
				rte_pktmbuf_free(burst[i]);
				continue;
			}
			turn_round(burst[i]);
			burst[kept++] = burst[i];
		}
		sent = kept == 0 ? 0 : rte_eth_tx_burst(port, 0, burst, kept);
		rte_pktmbuf_free_bulk(burst + sent, kept - sent);
		counts->frames += sent;
		counts->unsent += kept - sent;
	}
	return any;
}

static void
sleep_until_frame(struct counts *counts, const struct rte_ether_addr *own)
{
	struct rte_epoll_event event;
	int rc = rte_eth_dev_rx_intr_enable(port, 0);

	/* A TAP's descriptor is readable, and needs not be armed. */
	if (rc != 0 && rc != -ENOTSUP)
		errx(EX_UNAVAILABLE, "Rx interrupt: %s", strerror(-rc));
	if (!echo_all(own, counts) && rte_epoll_wait(RTE_EPOLL_PER_THREAD, &event, 1, SLEEP_MS) > 0)
		counts->wakes++;
	rte_eth_dev_rx_intr_disable(port, 0);
}

int
main(int argc, char *argv[])
{
	struct sigaction action = { .sa_handler = on_signal };
	struct counts counts = { 0 };
	struct rte_ether_addr own;
	int used = rte_eal_init(argc, argv);
	bool sleeps;

	if (used < 0 || argc - used != 2)
		errx(EX_USAGE, "usage: echo-tenant EAL-OPTIONS... -- poll|sleep");
	sleeps = strcmp(argv[used + 1], "sleep") == 0;
	if (!sleeps && strcmp(argv[used + 1], "poll") != 0)
		errx(EX_USAGE, "%s: want poll or sleep", argv[used + 1]);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	if (rte_eth_dev_count_avail() == 0 || rte_eth_macaddr_get(port, &own) != 0)
		errx(EX_UNAVAILABLE, "no port");
	start_port(sleeps);
	printf("ready " RTE_ETHER_ADDR_PRT_FMT "\n", RTE_ETHER_ADDR_BYTES(&own));
	fflush(stdout);
	while (!stop) {
		if (!echo_all(&own, &counts) && sleeps)
			sleep_until_frame(&counts, &own);
	}
	printf("frames %lu, unsent %lu, wakes %lu\n", counts.frames, counts.unsent, counts.wakes);
	rte_eth_dev_stop(port);
	rte_eth_dev_close(port);
	rte_eal_cleanup();
	return EX_OK;
}
