/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What the Tx bursts have in common: room in the ring, data descriptors, marks.
 */
#ifndef SLUICE_TX_RING_H
#define SLUICE_TX_RING_H

#include <rte_mbuf.h>

#include "pool_cache.h"
#include "txq.h"

#define FEW_MARKS 4

/* In every descriptor of a frame. */
#define TXD_ALWAYS (TXD_DATA | TXD_ADVANCED | TXD_IFCS)

/* The command bits of a frame's last descriptor: every rs_thresh-th asks for a write-back. */
static inline uint32_t
last_command(struct txq *q, uint16_t slot, uint16_t used)
{
	q->unmarked += used;
	if (likely(q->unmarked < q->rs_thresh))
		return TXD_EOP;
	q->unmarked = 0;
	q->marks[q->mark_next] = slot;
	q->mark_next = ring_next(q->mark_next, q->size);
	q->nb_marks++;
	return TXD_EOP | TXD_RS;
}

/* Of a frame's descriptors: words 2 and 3, but for the buffer's length. */
static inline uint64_t
desc_words(uint32_t status, uint32_t command)
{
	return (uint64_t)status << 32 | TXD_ALWAYS | command;
}

/* Writing the status word also clears the DD of the slot's last use. */
static inline void
write_desc(struct txq *q, uint16_t slot, const struct rte_mbuf *seg, uint64_t words)
{
	volatile union tx_desc *desc = &q->ring[slot];

	desc->quad[0] = rte_cpu_to_le_64(rte_mbuf_data_iova(seg));
	desc->quad[1] = rte_cpu_to_le_64(words | seg->data_len);
}

/* All slots in use until now are to be looked at one by one when they are reclaimed. */
static inline void
note_mixed(struct txq *q)
{
	q->mixed = q->size - 1 - q->nb_free;
}

static inline void
put_single(struct txq *q, struct rte_mbuf *frame, uint32_t status, uint32_t command)
{
	command |= last_command(q, q->next, 1);
	write_desc(q, q->next, frame, desc_words(status, command));
	q->mbufs[q->next] = frame;
	q->next = ring_next(q->next, q->size);
	q->nb_free--;
	note_mixed(q);
}

/**
 * Empty segments get no descriptor: a length of 0 is nothing the device could fetch.
 *
 * @return false: all of them are empty, whatever pkt_len says
 */
bool txq_put_chain(struct txq *q, struct rte_mbuf *frame, uint32_t status, uint32_t command);

/* Left to the caller, a frame that can never be sent would be tried again for ever. */
static inline uint16_t
drop(struct rte_mbuf *frame)
{
	rte_pktmbuf_free(frame);
	return 1;
}

/*
 * Take back what was sent before a burst. Not only when the ring is getting full: the fewer mbufs
 * are on their way, the more of them are still in the caches when they come round again. But of
 * many no more than the pool's cache has room for, while there is room in the ring: what overflows
 * goes to the pool, and others come back from there, that nobody has touched for long. The oldest
 * of several marks was set some time ago, so looking at it is seldom in vain.
 */
static inline void
begin_burst(struct txq *q)
{
	if (unlikely(q->nb_free < q->free_thresh))
		txq_reclaim(q, q->size);
	else if (q->nb_marks > 1)
		txq_reclaim(q, q->nb_marks > FEW_MARKS ? pool_room(q->pool) : q->size);
}

/* Room for the frame, after another look at what was sent if need be? */
static inline bool
have_room(struct txq *q, uint16_t descriptors)
{
	if (likely(descriptors <= q->nb_free))
		return true;
	txq_reclaim(q, q->size);
	return descriptors <= q->nb_free;
}

/* What a burst came to so far. */
struct tx_tally {
	uint16_t first;		/* the queue's `next` before */
	uint16_t dropped;
	uint64_t bytes;
};

/* Account for a burst, and hand it to the device. */
static inline void
end_burst(struct txq *q, uint16_t nb_tx, const struct tx_tally *tally)
{
	q->count.packets += nb_tx - tally->dropped;
	q->count.bytes += tally->bytes;
	q->count.errors += tally->dropped;
	/* rte_write32's barrier: the descriptors are in memory before the tail moves. */
	if (q->next != tally->first)
		rte_write32(rte_cpu_to_le_32(q->next), q->tail);
}

#endif /* SLUICE_TX_RING_H */
