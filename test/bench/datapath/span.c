/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <rte_common.h>
#include <rte_ethdev.h>
#include <rte_ether.h>
#include <rte_mbuf.h>
#include <rte_prefetch.h>

#include "clock.h"
#include "count.h"
#include "span.h"

#define CALIBRATIONS 10000

static uint64_t overhead;

static uint64_t
receive(const struct span *span, unsigned int *done)
{
	unsigned int nb = 0;
	uint16_t queue = 0, got;
	uint64_t begin = clock_begin();

	do {
		got = rte_eth_rx_burst(span->port, queue, &span->mbufs[nb], span->burst);
		nb += got;
		queue = queue + 1 == span->queues ? 0 : queue + 1;
	} while (nb < span->nb && got != 0);
	*done = nb;
	return clock_end() - begin;
}

static uint64_t
transmit(const struct span *span, unsigned int *done)
{
	unsigned int nb = 0;
	uint16_t queue = 0, sent;
	uint64_t begin = clock_begin();

	do {
		sent = rte_eth_tx_burst(span->port, queue, &span->mbufs[nb], span->burst);
		nb += sent;
		queue = queue + 1 == span->queues ? 0 : queue + 1;
	} while (nb < span->nb && sent == span->burst);
	*done = nb;
	return clock_end() - begin;
}

static inline void
swap(struct rte_mbuf *frame)
{
	struct rte_ether_hdr *header = rte_pktmbuf_mtod(frame, struct rte_ether_hdr *);
	struct rte_ether_addr address = header->dst_addr;

	header->dst_addr = header->src_addr;
	header->src_addr = address;
}

static uint64_t
forward(const struct span *span, unsigned int *done)
{
	struct rte_mbuf *burst[SPAN_FRAMES_MAX];
	unsigned int nb = 0;
	uint16_t queue = 0, got, sent;
	uint64_t begin = clock_begin();

	do {
		got = rte_eth_rx_burst(span->port, queue, burst, span->burst);
		for (unsigned int i = 0; i < got; i++)
			rte_prefetch0(rte_pktmbuf_mtod(burst[i], void *));
		for (unsigned int i = 0; i < got; i++)
			swap(burst[i]);
		sent = rte_eth_tx_burst(span->port, queue, burst, got);
		nb += sent;
		queue = queue + 1 == span->queues ? 0 : queue + 1;
	} while (nb < span->nb && sent == got && got != 0);
	*done = nb;
	if (sent != got)
		rte_pktmbuf_free_bulk(&burst[sent], got - sent);
	return clock_end() - begin;
}

static uint64_t (*const loops[])(const struct span *, unsigned int *) = {
	[OP_RX] = receive, [OP_TX] = transmit, [OP_FORWARD] = forward,
};

uint64_t
span_run(const struct span *span, enum bench_op op, unsigned int *done)
{
	uint64_t cycles = loops[op](span, done);

	return cycles > overhead ? cycles - overhead : 0;
}

uint64_t
span_count(const struct span *span, enum bench_op op, unsigned int *done)
{
	count_begin();
	loops[op](span, done);
	return count_end();
}

void
span_calibrate(void)
{
	overhead = UINT64_MAX;
	for (unsigned int i = 0; i < CALIBRATIONS; i++) {
		uint64_t begin = clock_begin();

		overhead = RTE_MIN(overhead, clock_end() - begin);
	}
}
