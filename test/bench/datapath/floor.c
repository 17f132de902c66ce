/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <string.h>

#include <rte_common.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include "clock.h"
#include "floor.h"
#include "span.h"
#include "turn.h"

#define RING_MAX    4096
#define FRAME_BYTES 64	/* that the device writes, besides the descriptor */

/** A ring, and an mbuf for each of its places. */
struct ring {
	struct {
		volatile uint64_t low, high;
	} place[RING_MAX] __rte_cache_aligned;
	struct rte_mbuf *mbuf[RING_MAX];
	unsigned int next;
};

static struct ring rx, tx;

/* The burst divides the ring: no burst wraps. */
static void
step(struct ring *ring, const struct bench_case *c)
{
	ring->next = ring->next + c->burst == c->ring ? 0 : ring->next + c->burst;
}

/** What a device leaves: descriptors are written, and so are the frames. */
static void
device_fills(const struct bench_case *c, unsigned int nb)
{
	for (unsigned int i = 0, at = rx.next; i < nb; i++, at = (at + 1) % c->ring) {
		rx.place[at].low = 0;
		rx.place[at].high = FRAME_BYTES;
		memset(rte_pktmbuf_mtod(rx.mbuf[at], void *), (int)i, FRAME_BYTES);
	}
}

/** Take a burst, and put fresh mbufs in its place. @return false: the pool is empty */
static inline bool
take(const struct bench_case *c, struct rte_mempool *pool, struct rte_mbuf **out)
{
	struct rte_mbuf **mbuf = &rx.mbuf[rx.next];

	memcpy(out, mbuf, c->burst * sizeof(*out));
	if (rte_mempool_get_bulk(pool, (void **)mbuf, c->burst) != 0)
		return false;
	for (unsigned int i = 0; i < c->burst; i++) {
		uint64_t length = rx.place[rx.next + i].high;

		/* The first line says what the frame is, the second that there is no more of it. */
		out[i]->pkt_len = (uint32_t)length;
		out[i]->data_len = (uint16_t)length;
		out[i]->next = NULL;
		rx.place[rx.next + i].low = (uintptr_t)mbuf[i];
		rx.place[rx.next + i].high = 0;
	}
	step(&rx, c);
	return true;
}

/** Give a burst, and put back what was in its place. */
static inline void
give(const struct bench_case *c, struct rte_mempool *pool, struct rte_mbuf **in)
{
	struct rte_mbuf **mbuf = &tx.mbuf[tx.next];

	rte_mempool_put_bulk(pool, (void **)mbuf, c->burst);
	for (unsigned int i = 0; i < c->burst; i++) {
		uint64_t more = in[i]->next != NULL;

		mbuf[i] = in[i];
		tx.place[tx.next + i].low = in[i]->buf_iova + in[i]->data_off;
		tx.place[tx.next + i].high |= in[i]->data_len | more << 32;
	}
	step(&tx, c);
}

static uint64_t
run_span(const struct bench_case *c, struct rte_mempool *pool, unsigned int nb)
{
	struct rte_mbuf *mbufs[SPAN_FRAMES_MAX];
	uint64_t begin, cycles;
	bool good = true;

	if (c->op == OP_TX)
		good = rte_mempool_get_bulk(pool, (void **)mbufs, nb) == 0;
	else
		device_fills(c, nb);
	begin = clock_begin();
	for (unsigned int done = 0; done < nb && good; done += c->burst) {
		if (c->op != OP_TX)
			good = take(c, pool, &mbufs[done]);
		if (c->op != OP_RX && good)
			give(c, pool, &mbufs[done]);
	}
	cycles = clock_end() - begin;
	if (c->op == OP_RX && good)
		rte_mempool_put_bulk(pool, (void **)mbufs, nb);
	return good ? cycles : 0;
}

bool
floor_start(const struct bench_case *c, struct rte_mempool *pool)
{
	rx.next = tx.next = 0;
	if (c->ring > RING_MAX || rte_mempool_get_bulk(pool, (void **)rx.mbuf, c->ring) != 0)
		return false;
	if (rte_mempool_get_bulk(pool, (void **)tx.mbuf, c->ring) == 0)
		return true;
	rte_mempool_put_bulk(pool, (void **)rx.mbuf, c->ring);
	return false;
}

void
floor_stop(const struct bench_case *c, struct rte_mempool *pool)
{
	rte_mempool_put_bulk(pool, (void **)rx.mbuf, c->ring);
	rte_mempool_put_bulk(pool, (void **)tx.mbuf, c->ring);
}

double
floor_turn(const struct bench_case *c, struct rte_mempool *pool)
{
	unsigned int nb = RTE_MIN(SPAN_FRAMES_MAX, c->ring / 2), once = c->ring / nb;
	double cycles[TURN_SPANS];

	for (unsigned int i = 0; i < 2 * once; i++)
		(void)run_span(c, pool, nb);
	for (unsigned int i = 0; i < TURN_SPANS; i++)
		cycles[i] = (double)run_span(c, pool, nb) / nb;
	return turn_quantile(cycles, TURN_SPANS, 0.5);
}
