/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "ports.h"

#define NB_DESC	     256
#define BURST	     32
#define ETYPE	     0x88b5	/* for local experiments */
#define MARK	     0x51ce
#define LENGTH_MIN   60
#define LENGTH_RANGE (1514 - LENGTH_MIN + 1)
/*
 * Without any frame. Where several others want each processor, the model's thread has been seen to
 * wait for one for more than a second.
 */
#define PATIENCE_MS  20000
#define LINK_TRIES   20000
#define LINK_STEP_US 1000

/** In each frame behind its addresses. */
struct header {
	struct rte_ether_hdr ether;
	uint16_t mark, run, number;
};

static int
complain(uint16_t port, const char *what, int rc)
{
	fprintf(stderr, "# port %u: %s: %s\n", port, what, strerror(-rc));
	return rc;
}

int
port_start(uint16_t port, const struct port_setup *setup)
{
	struct rte_eth_conf conf = { .intr_conf.rxq = setup->rx_interrupts };
	uint16_t nb_rx_desc = setup->nb_rx_desc != 0 ? setup->nb_rx_desc : NB_DESC;
	struct rte_eth_dev_info info;
	int rc = rte_eth_dev_info_get(port, &info);

	if (rc != 0)
		return complain(port, "info", rc);
	/* DPDK's igb with Rx interrupts hears of its mailbox only together with the link. */
	conf.intr_conf.lsc = setup->rx_interrupts && (*info.dev_flags & RTE_ETH_DEV_INTR_LSC);
	rc = rte_eth_dev_configure(port, 1, 1, &conf);
	if (rc == -ENOTSUP && setup->rx_interrupts) {
		conf.intr_conf.rxq = 0;
		rc = rte_eth_dev_configure(port, 1, 1, &conf);
	}
	if (rc != 0)
		return complain(port, "configure", rc);
	if (setup->rx_free_thresh != 0)
		info.default_rxconf.rx_free_thresh = setup->rx_free_thresh;
	rc = rte_eth_rx_queue_setup(port, 0, nb_rx_desc, SOCKET_ID_ANY, &info.default_rxconf,
				    setup->pool);
	if (rc != 0)
		return complain(port, "Rx queue", rc);
	rc = rte_eth_tx_queue_setup(port, 0, NB_DESC, SOCKET_ID_ANY, NULL);
	if (rc != 0)
		return complain(port, "Tx queue", rc);
	rc = rte_eth_dev_start(port);
	return rc == 0 ? 0 : complain(port, "start", rc);
}

int
port_open(const char *device, const struct port_setup *setup, uint16_t *port,
	  struct rte_ether_addr *mac)
{
	int rc = rte_eth_dev_get_port_by_name(device, port);

	if (rc == 0)
		rc = port_start(*port, setup);
	return rc == 0 ? rte_eth_macaddr_get(*port, mac) : rc;
}

bool
port_link_up(uint16_t port, uint32_t mbps)
{
	struct rte_eth_link link = { 0 };

	for (unsigned int i = 0; i < LINK_TRIES; i++) {
		if (rte_eth_link_get_nowait(port, &link) == 0 && link.link_status)
			break;
		rte_delay_us_sleep(LINK_STEP_US);
	}
	if (!link.link_status || link.link_speed != mbps)
		fprintf(stderr, "# port %u: link %s, %u Mb/s instead of %u\n", port,
			link.link_status ? "up" : "down", link.link_speed, mbps);
	return link.link_status && link.link_speed == mbps;
}

struct rte_mbuf *
plain_frame(struct rte_mempool *pool, const struct rte_ether_addr *dst,
	    const struct rte_ether_addr *src)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(pool);
	struct rte_ether_hdr *header;

	if (m == NULL)
		return NULL;
	header = (struct rte_ether_hdr *)rte_pktmbuf_append(m, LENGTH_MIN);
	memset(header, 0, LENGTH_MIN);
	header->dst_addr = *dst;
	header->src_addr = *src;
	header->ether_type = rte_cpu_to_be_16(ETYPE);
	return m;
}

/** Each run has a number, so that a late frame of one is not taken for the next one's. */
static uint16_t run_number;

static uint32_t
length_of(uint32_t number)
{
	return LENGTH_MIN + number * 37 % LENGTH_RANGE;
}

static uint8_t
byte_of(uint32_t number, uint32_t at)
{
	return number * 7 + at;
}

static struct rte_mbuf *
make_frame(const struct flow *flow, uint32_t number)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(flow->pool);
	uint32_t bytes = length_of(number);
	struct header *header;
	uint8_t *data;

	if (m == NULL)
		return NULL;
	data = (uint8_t *)rte_pktmbuf_append(m, bytes);
	for (uint32_t i = sizeof(*header); i < bytes; i++)
		data[i] = byte_of(number, i);
	header = (struct header *)data;
	header->ether.dst_addr = flow->dst;
	rte_eth_macaddr_get(flow->from, &header->ether.src_addr);
	header->ether.ether_type = rte_cpu_to_be_16(ETYPE);
	header->mark = MARK;
	header->run = run_number;
	header->number = number;
	return m;
}

static bool
is_frame(const struct flow *flow, const struct rte_mbuf *m, uint32_t number)
{
	const struct header *header = rte_pktmbuf_mtod(m, const struct header *);
	const uint8_t *data = (const uint8_t *)header;
	struct rte_ether_addr src;

	rte_eth_macaddr_get(flow->from, &src);
	if (m->nb_segs != 1 || m->pkt_len != length_of(number) || header->number != number ||
	    !rte_is_same_ether_addr(&header->ether.dst_addr, &flow->dst) ||
	    !rte_is_same_ether_addr(&header->ether.src_addr, &src)) {
		fprintf(stderr, "# frame %u of %u bytes instead of %u of %u\n", header->number,
			m->pkt_len, number, length_of(number));
		return false;
	}
	for (uint32_t i = sizeof(*header); i < m->pkt_len; i++) {
		if (data[i] == byte_of(number, i))
			continue;
		fprintf(stderr, "# frame %u: byte %u is %#x instead of %#x\n", number, i, data[i],
			byte_of(number, i));
		return false;
	}
	return true;
}

/** Of this run; and no echo of one that has been here: a wire may return what goes to many. */
static bool
is_ours(const struct rte_mbuf *m, unsigned int received)
{
	const struct header *header = rte_pktmbuf_mtod(m, const struct header *);

	return header->ether.ether_type == rte_cpu_to_be_16(ETYPE) && header->mark == MARK &&
	       header->run == run_number && header->number >= received;
}

static void
send_some(const struct flow *flow, unsigned int *sent)
{
	struct rte_mbuf *burst[BURST];
	unsigned int nb = 0, taken;

	while (nb < BURST && *sent + nb < flow->nb) {
		burst[nb] = make_frame(flow, *sent + nb);
		if (burst[nb] == NULL)
			break;
		nb++;
	}
	taken = rte_eth_tx_burst(flow->from, 0, burst, nb);
	*sent += taken;
	rte_pktmbuf_free_bulk(&burst[taken], nb - taken);
}

/** @return false: one was not as it should be */
static bool
receive_some(const struct flow *flow, unsigned int *received, bool *any)
{
	struct rte_mbuf *burst[BURST];
	unsigned int nb = rte_eth_rx_burst(flow->to, 0, burst, BURST);
	bool good = true;

	*any = nb != 0;
	for (unsigned int i = 0; i < nb; i++) {
		if (good && is_ours(burst[i], *received)) {
			good = is_frame(flow, burst[i], *received);
			*received += good;
		}
		rte_pktmbuf_free(burst[i]);
	}
	return good;
}

/* Where frames were lost, if they were. */
static void
print_counts(uint16_t port)
{
	struct rte_eth_stats stats;

	if (rte_eth_stats_get(port, &stats) < 0)
		return;
	fprintf(stderr, "# port %u: received %" PRIu64 ", missed %" PRIu64 ", bad %" PRIu64
		", no mbuf %" PRIu64 "; sent %" PRIu64 ", not sent %" PRIu64 "\n", port,
		stats.ipackets, stats.imissed, stats.ierrors, stats.rx_nombuf, stats.opackets,
		stats.oerrors);
}

unsigned int
flow_run(const struct flow *flow)
{
	uint64_t ms = flow->patience_ms != 0 ? flow->patience_ms : PATIENCE_MS;
	const uint64_t patience = rte_get_timer_hz() / 1000 * ms;
	uint64_t last = rte_get_timer_cycles();
	unsigned int sent = 0, received = 0;
	bool any;

	run_number++;
	while (received < flow->nb && rte_get_timer_cycles() - last < patience) {
		/* No more in flight than the ring holds, should they come once more as an echo. */
		if (sent < flow->nb && sent - received < NB_DESC / 4)
			send_some(flow, &sent);
		if (!receive_some(flow, &received, &any))
			break;
		if (any)
			last = rte_get_timer_cycles();
	}
	if (received < flow->nb) {
		fprintf(stderr, "# port %u to %u: %u of %u frames arrived, %u were sent\n",
			flow->from, flow->to, received, flow->nb, sent);
		print_counts(flow->from);
		print_counts(flow->to);
	}
	return received;
}

void
port_drain(uint16_t port)
{
	struct rte_mbuf *burst[BURST];
	unsigned int nb;

	do {
		nb = rte_eth_rx_burst(port, 0, burst, BURST);
		rte_pktmbuf_free_bulk(burst, nb);
	} while (nb != 0);
}
