/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The short way into a Tx ring for frames of several segments, and for those that are to be cut.
 *
 * As tx_run.h has it: such a frame asks for the same as the last one of its kind, and its segments
 * are nobody else's and of the queue's pool. Then one walk along the chain both looks at it and
 * writes it to slots that are free; if it turns out to be another kind, the long way writes them
 * again. Each segment is noted at its own slot and taken out of the chain at once, as long as it
 * is in the cache: so slots with such frames, too, can be given back without a look at them.
 */
#ifndef SLUICE_TX_CHAIN_H
#define SLUICE_TX_CHAIN_H

#include <rte_mbuf.h>

#include "tx_ring.h"

/* mbufs that are not where their data is. */
#define TX_ELSEWHERE (RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL)

/** Does it go back to the queue's pool as it is? */
static inline bool
tx_is_own(const struct rte_mbuf *m, const struct rte_mempool *pool)
{
	return rte_mbuf_refcnt_read(m) == 1 && (m->ol_flags & TX_ELSEWHERE) == 0 &&
		m->pool == pool;
}

/* @p full is a constant: where nothing can be asked for, nothing is compared. */
static __rte_always_inline bool
tx_chain_is_alike(const struct tx_alike *alike, const struct rte_mbuf *frame, bool full)
{
	if ((frame->ol_flags & alike->head_mask[1]) != alike->head[1] ||
	    frame->pkt_len - alike->min_bytes > alike->bytes_span)
		return false;
	return !full || (((frame->tx_offload ^ alike->offload) & alike->offload_mask) == 0 &&
			 ((frame->vlan_tci ^ alike->tag) & alike->tag_mask) == 0 &&
			 frame->data_len >= alike->headers);
}

/* Segments to free slots. @return false: they are not what the frame says */
static __rte_always_inline bool
tx_write_segments(const struct txq *q, struct rte_mbuf *frame, uint64_t words)
{
	union tx_desc *ring = (union tx_desc *)(uintptr_t)q->ring;
	const struct rte_mempool *pool = q->pool;
	struct rte_mbuf **mbufs = q->mbufs, *seg = frame;
	uint32_t bytes = 0, max_buffer = q->max_buffer;
	uint16_t left = frame->nb_segs, slot = q->next, size = q->size;

	for (; left > 0 && seg != NULL; left--, seg = seg->next) {
		uint32_t length = seg->data_len;

		/* Nothing to fetch, or too much of it. */
		if (unlikely(length - 1 >= max_buffer || !tx_is_own(seg, pool)))
			return false;
		ring[slot].quad[0] = rte_cpu_to_le_64(rte_mbuf_data_iova(seg));
		ring[slot].quad[1] = rte_cpu_to_le_64(words | length);
		mbufs[slot] = seg;
		bytes += length;
		slot = ring_next(slot, size);
	}
	return left == 0 && seg == NULL && bytes == frame->pkt_len;
}

/* They are to go back to the pool as they are. @return the last one's slot */
static __rte_always_inline uint16_t
tx_take_apart(const struct txq *q, struct rte_mbuf *frame)
{
	uint16_t slot = q->next;
	struct rte_mbuf *next;

	for (; (next = frame->next) != NULL; frame = next) {
		frame->next = NULL;
		frame->nb_segs = 1;
		slot = ring_next(slot, q->size);
	}
	frame->nb_segs = 1;
	return slot;
}

/* @return false: it is to go the long way; nothing in use was touched */
static __rte_always_inline bool
tx_put_alike_chain(struct txq *q, struct rte_mbuf *frame, uint64_t *bytes, bool full)
{
	const struct tx_alike *alike = &q->alike_chain;
	uint16_t nb_segs = frame->nb_segs, last;
	uint32_t frame_bytes = frame->pkt_len;
	uint64_t payload = frame_bytes - (full ? alike->headers : 0);
	uint64_t words = (alike->words & ~(uint64_t)TXD_EOP) | payload << (32 + TXD_PAYLOAD_SHIFT);

	if (unlikely(!tx_chain_is_alike(alike, frame, full) ||
		     nb_segs > RTE_MIN(q->max_segments, q->nb_free) ||
		     !tx_write_segments(q, frame, words)))
		return false;
	last = tx_take_apart(q, frame);
	q->ring[last].read.command |= rte_cpu_to_le_32(last_command(q, last, nb_segs));
	q->next = ring_next(last, q->size);
	q->nb_free -= nb_segs;
	*bytes += frame_bytes;
	return true;
}

/** Put frames into the ring that are alike, up to the first one that is not. @return how many */
static __rte_always_inline uint16_t
tx_put_chains(struct txq *q, struct rte_mbuf **pkts, uint16_t nb_pkts, uint64_t *bytes, bool full)
{
	uint16_t nb = 0;

	while (nb < nb_pkts && tx_put_alike_chain(q, pkts[nb], bytes, full))
		nb++;
	return nb;
}

#endif /* SLUICE_TX_CHAIN_H */
