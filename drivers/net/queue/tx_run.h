/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The short way into a Tx ring, for runs of frames that are alike (struct tx_alike).
 *
 * A run ends before the end of the ring and at the next mark, so that its loop has nothing to do
 * but to write a descriptor per frame. Whatever is not alike goes the long way, one frame at a
 * time, and what it turns out to need is what the following frames are compared with.
 *
 * Nobody else has a reference to a frame of one reference: its mbuf stays as it is until the
 * device has sent it. So slots with such frames only can be given back without a look at them.
 */
#ifndef SLUICE_TX_RUN_H
#define SLUICE_TX_RUN_H

#include <string.h>

#include <rte_mbuf.h>

#include "tx_chain.h"
#include "tx_ring.h"

/* refcnt and nb_segs, side by side: one each, in either byte order. */
#define ONE_AND_ONE UINT32_C(0x00010001)

static_assert(offsetof(struct rte_mbuf, nb_segs) == offsetof(struct rte_mbuf, refcnt) + 2, "mbuf");

/** One segment, one reference. */
static inline bool
tx_is_single(const struct rte_mbuf *m)
{
	uint32_t word;

	memcpy(&word, (const uint8_t *)m + offsetof(struct rte_mbuf, refcnt), sizeof(word));
	return word == ONE_AND_ONE;
}

/** The head of an mbuf, in either byte order: refcnt and nb_segs are one; and ol_flags. */
#define TX_SINGLE      UINT64_C(0x0000000100010000)
#define TX_SINGLE_MASK UINT64_C(0x0000ffffffff0000)
#define TX_HEAD_OFFSET offsetof(struct rte_mbuf, data_off)

static_assert(offsetof(struct rte_mbuf, refcnt) == TX_HEAD_OFFSET + 2, "mbuf");
static_assert(offsetof(struct rte_mbuf, ol_flags) == TX_HEAD_OFFSET + 8, "mbuf");

/** Frames that ask for nothing; of flags only those of @p mask count. */
static inline struct tx_alike
tx_asking_nothing(const struct txq *q, uint64_t mask)
{
	return (struct tx_alike){
		.head_mask = { TX_SINGLE_MASK, mask | TX_ELSEWHERE },
		.head = { TX_SINGLE, 0 },
		.min_bytes = q->min_bytes,
		.bytes_span = q->bytes_span,
		.words = (uint64_t)q->status << 32 | TXD_ALWAYS | TXD_EOP,
	};
}

/** From now on such frames are alike. */
static inline void
tx_alike_nothing(struct txq *q, uint64_t mask)
{
	q->alike = tx_asking_nothing(q, mask);
	q->alike_chain = q->alike;
}

/** A frame took the long way; the next ones of its pool need not. */
static inline void
tx_learn_pool(struct txq *q, const struct rte_mbuf *frame)
{
	if (tx_is_single(frame) && (frame->ol_flags & TX_ELSEWHERE) == 0)
		q->pool = frame->pool;
}

/** How many frames may follow each other without a thought but for themselves. */
static inline uint16_t
tx_run_length(const struct txq *q, uint16_t nb_pkts)
{
	uint16_t to_mark = q->unmarked < q->rs_limit ? q->rs_limit - q->unmarked : 1;
	uint16_t run = ring_run(q->next, RTE_MIN(nb_pkts, q->nb_free), q->size);

	return RTE_MIN(run, to_mark);
}

/* @p full is a constant: where nothing can be asked for, nothing is compared. */
static __rte_always_inline bool
tx_is_alike(const struct tx_alike *alike, const struct rte_mempool *pool,
	    const struct rte_mbuf *m, bool full)
{
	if (!tx_is_single(m) || m->pool != pool ||
	    (m->ol_flags & alike->head_mask[1]) != alike->head[1] ||
	    m->pkt_len - alike->min_bytes > alike->bytes_span)
		return false;
	return !full || (((m->tx_offload ^ alike->offload) & alike->offload_mask) == 0 &&
			 ((m->vlan_tci ^ alike->tag) & alike->tag_mask) == 0 &&
			 m->data_len == m->pkt_len);
}

/**
 * Write descriptors of frames that are alike to the slots from @p slot on, and note the frames
 * there, up to the first one that is not alike; add up their bytes. @return how many
 */
typedef uint16_t tx_write_t(struct txq *q, uint16_t slot, struct rte_mbuf **pkts, uint16_t nb_pkts,
			    uint64_t *bytes, bool full);

/** One by one. */
static __rte_always_inline uint16_t
tx_write_run(struct txq *q, uint16_t slot, struct rte_mbuf **pkts, uint16_t nb_pkts,
	     uint64_t *bytes, bool full)
{
	const struct tx_alike alike = q->alike;
	const struct rte_mempool *pool = q->pool;
	union tx_desc *desc = (union tx_desc *)(uintptr_t)&q->ring[slot];
	struct rte_mbuf **mbufs = &q->mbufs[slot];
	uint64_t sum = 0;
	uint16_t i;

	for (i = 0; i < nb_pkts; i++) {
		struct rte_mbuf *m = pkts[i];
		uint64_t words;

		if (unlikely(!tx_is_alike(&alike, pool, m, full)))
			break;
		words = alike.words | m->data_len |
			(uint64_t)m->pkt_len << (32 + TXD_PAYLOAD_SHIFT);
		desc[i].quad[0] = rte_cpu_to_le_64(rte_mbuf_data_iova(m));
		desc[i].quad[1] = rte_cpu_to_le_64(words);
		mbufs[i] = m;
		sum += m->pkt_len;
	}
	*bytes += sum;
	return i;
}

/* Put frames into the ring that are alike. @return how many */
static __rte_always_inline uint16_t
tx_put_run(struct txq *q, struct rte_mbuf **pkts, uint16_t nb_pkts, uint64_t *bytes,
	   tx_write_t *write, bool full)
{
	uint16_t run = tx_run_length(q, nb_pkts);
	uint16_t nb = write(q, q->next, pkts, run, bytes, full);
	uint16_t last = q->next + nb - 1;
	uint32_t command;

	if (unlikely(nb == 0))
		return 0;
	/* A run is no longer than to where the mark must be: if one is due, it is here. */
	command = last_command(q, last, nb);
	if ((command & TXD_RS) != 0)
		q->ring[last].read.command |= rte_cpu_to_le_32(command);
	q->next = ring_next(last, q->size);
	q->nb_free -= nb;
	return nb;
}

/** The long way of a frame into the ring. @return false: no room */
typedef bool tx_put_t(struct txq *q, struct rte_mbuf *frame, struct tx_tally *tally);

tx_put_t tx_put_plain, tx_put_any;

/** tx_put_chains() for each of them. */
typedef uint16_t tx_put_chains_t(struct txq *q, struct rte_mbuf **pkts, uint16_t nb_pkts,
				 uint64_t *bytes);

tx_put_chains_t tx_put_chains_plain, tx_put_chains_any;

/** A burst. @p write and @p full are constants, and the long way is that of @p full. */
static __rte_always_inline uint16_t
tx_send(struct txq *q, struct rte_mbuf **pkts, uint16_t nb_pkts, tx_write_t *write, bool full)
{
	struct tx_tally tally = { .first = q->next };
	uint16_t nb_tx = 0;

	begin_burst(q);
	/* Who inserts tags may have changed since the last burst. */
	if (full && unlikely(q->insert_by_software) &&
	    ((q->alike.head[1] | q->alike_chain.head[1]) & RTE_MBUF_F_TX_VLAN) != 0)
		tx_alike_nothing(q, q->requests);
	while (nb_tx < nb_pkts && have_room(q, 1)) {
		uint16_t run = 0;

		if (likely(tx_is_single(pkts[nb_tx])))
			run = tx_put_run(q, &pkts[nb_tx], nb_pkts - nb_tx, &tally.bytes, write,
					 full);
		if (run == 0)
			run = (full ? tx_put_chains_any : tx_put_chains_plain)(
				q, &pkts[nb_tx], nb_pkts - nb_tx, &tally.bytes);
		nb_tx += run;
		if (likely(run > 0))
			continue;
		if (!(full ? tx_put_any : tx_put_plain)(q, pkts[nb_tx], &tally))
			break;
		nb_tx++;
	}
	end_burst(q, nb_tx, &tally);
	return nb_tx;
}

#endif /* SLUICE_TX_RUN_H */
