/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <string.h>

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

static inline uint64_t
since(uint64_t begin)
{
	uint64_t cycles = clock_end() - begin;

	return cycles > overhead ? cycles - overhead : 0;
}

static inline const struct span_place *
next_place(const struct span *span, const struct span_place *place)
{
	return place + 1 == span->places + span->nb_places ? span->places : place + 1;
}

/** The frames from @p first up to @p end go back, and are noted no more. */
static void
give_back(const struct span *span, unsigned int first, unsigned int end)
{
	rte_pktmbuf_free_bulk(&span->mbufs[first], end - first);
	memset(&span->mbufs[first], 0, (end - first) * sizeof(*span->mbufs));
}

/**
 * Of many ports no application keeps what has come until it has polled all: the clock stands still
 * while some of it goes back to the pool.
 */
static uint64_t
receive(const struct span *span, unsigned int *done)
{
	const struct span_place *place = span->places;
	unsigned int nb = 0, idle = 0, kept = 0;
	uint16_t got;
	uint64_t cycles = 0, begin = clock_begin();

	/* Not each queue has as much as each other. */
	do {
		got = rte_eth_rx_burst(place->port, place->queue, &span->mbufs[nb], span->burst);
		nb += got;
		idle = got == 0 ? idle + 1 : 0;
		place = next_place(span, place);
		if (unlikely(nb - kept >= SPAN_FRAMES_MAX && nb < span->nb)) {
			cycles += since(begin);
			give_back(span, kept, nb);
			kept = nb;
			begin = clock_begin();
		}
	} while (nb < span->nb && idle < span->nb_places);
	*done = nb;
	return cycles + since(begin);
}

static uint64_t
transmit(const struct span *span, unsigned int *done)
{
	const struct span_place *place = span->places;
	unsigned int nb = 0;
	uint16_t sent;
	uint64_t begin = clock_begin();

	do {
		sent = rte_eth_tx_burst(place->port, place->queue, &span->mbufs[nb], span->burst);
		nb += sent;
		place = next_place(span, place);
	} while (nb < span->nb && sent == span->burst);
	*done = nb;
	return since(begin);
}

static inline void
swap(struct rte_mbuf *frame)
{
	struct rte_ether_hdr *header = rte_pktmbuf_mtod(frame, struct rte_ether_hdr *);
	struct rte_ether_addr address = header->dst_addr;

	header->dst_addr = header->src_addr;
	header->src_addr = address;
}

static inline void
set_mark(const struct frames_mark *mark, struct rte_mbuf *frame)
{
	frame->ol_flags = mark->flags;
	frame->tx_offload = mark->lengths;
	frame->vlan_tci = mark->vlan;
	*rte_pktmbuf_mtod_offset(frame, unaligned_uint16_t *, mark->ip_sum_offset) = 0;
	*rte_pktmbuf_mtod_offset(frame, unaligned_uint16_t *, mark->sum_offset) = mark->sum;
}

/** As an application does that asks for something besides, or does not. */
static __rte_always_inline uint64_t
forward_any(const struct span *span, unsigned int *done, bool marked)
{
	const struct span_place *place = span->places;
	struct rte_mbuf *burst[SPAN_FRAMES_MAX];
	unsigned int nb = 0, idle = 0;
	uint16_t got, sent;
	uint64_t begin = clock_begin(), cycles;

	do {
		got = rte_eth_rx_burst(place->port, place->queue, burst, span->burst);
		for (unsigned int i = 0; i < got; i++)
			rte_prefetch0(rte_pktmbuf_mtod(burst[i], void *));
		for (unsigned int i = 0; i < got; i++) {
			swap(burst[i]);
			if (marked)
				set_mark(&span->mark, burst[i]);
		}
		sent = rte_eth_tx_burst(place->port, place->queue, burst, got);
		nb += sent;
		idle = got == 0 ? idle + 1 : 0;
		place = next_place(span, place);
	} while (nb < span->nb && sent == got && idle < span->nb_places);
	cycles = since(begin);
	*done = nb;
	if (sent != got)
		rte_pktmbuf_free_bulk(&burst[sent], got - sent);
	return cycles;
}

static uint64_t
forward(const struct span *span, unsigned int *done)
{
	return span->mark.flags == 0 ? forward_any(span, done, false) :
				       forward_any(span, done, true);
}

static uint64_t (*const loops[])(const struct span *, unsigned int *) = {
	[OP_RX] = receive, [OP_TX] = transmit, [OP_FORWARD] = forward,
};

uint64_t
span_run(const struct span *span, enum bench_op op, unsigned int *done)
{
	return loops[op](span, done);
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
