/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <rte_mbuf.h>

#include "queue.h"
#include "txq.h"

/* In every descriptor of a frame. */
#define TXD_ALWAYS (TXD_DATA | TXD_ADVANCED | TXD_IFCS)

/* Requests, as opposed to the flags that only say what a frame is. */
#define TX_REQUESTS (RTE_MBUF_F_TX_OFFLOAD_MASK & \
	~(RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IPV6 | \
	  RTE_MBUF_F_TX_OUTER_IPV4 | RTE_MBUF_F_TX_OUTER_IPV6))

/* Free the frames of all slots up to and including @p last. */
static void
reclaim_to(struct txq *q, uint16_t last)
{
	uint16_t count = last >= q->reclaim ?
		last - q->reclaim + 1 : last + q->size - q->reclaim + 1;
	uint16_t run = ring_run(q->reclaim, count, q->size);

	rte_pktmbuf_free_bulk(&q->mbufs[q->reclaim], run);
	rte_pktmbuf_free_bulk(q->mbufs, count - run);
	q->reclaim = ring_next(last, q->size);
	q->nb_free += count;
}

/* Take back what was sent, in ring order, as far as the marks report it. */
static void
reclaim_sent(struct txq *q)
{
	uint16_t last = q->size;

	while (q->nb_marks > 0) {
		uint16_t mark = q->marks[q->mark_first];

		if ((rte_le_to_cpu_32(q->ring[mark].write_back.status) & TXD_DD) == 0)
			break;
		last = mark;
		q->mark_first = ring_next(q->mark_first, q->size);
		q->nb_marks--;
	}
	if (last == q->size)
		return;
	rte_io_rmb();	/* DD is read before the buffers get another owner */
	reclaim_to(q, last);
}

/* The command bits of a frame's last descriptor: every rs_thresh-th asks for a write-back. */
static inline uint32_t
last_command(struct txq *q, uint16_t slot, uint16_t used)
{
	q->unmarked += used;
	if (q->unmarked < q->rs_thresh)
		return TXD_EOP;
	q->unmarked = 0;
	q->marks[q->mark_next] = slot;
	q->mark_next = ring_next(q->mark_next, q->size);
	q->nb_marks++;
	return TXD_EOP | TXD_RS;
}

/* Writing the status word also clears the DD of the slot's last use. */
static inline void
write_desc(struct txq *q, const struct rte_mbuf *seg, uint32_t frame_bytes, uint32_t command)
{
	volatile union tx_desc *desc = &q->ring[q->next];

	desc->read.buffer = rte_cpu_to_le_64(rte_mbuf_data_iova(seg));
	desc->read.command = rte_cpu_to_le_32(TXD_ALWAYS | command | seg->data_len);
	desc->read.status = rte_cpu_to_le_32(frame_bytes << TXD_PAYLOAD_SHIFT | q->status);
}

static inline void
put_single(struct txq *q, struct rte_mbuf *frame)
{
	write_desc(q, frame, frame->pkt_len, last_command(q, q->next, 1));
	q->mbufs[q->next] = frame;
	q->next = ring_next(q->next, q->size);
	q->nb_free--;
}

/*
 * Empty segments get no descriptor: a length of 0 is nothing the device could fetch. False: all
 * of them are empty, whatever pkt_len says.
 */
static bool
put_chain(struct txq *q, struct rte_mbuf *frame)
{
	uint16_t used = 0, last = q->next;

	for (struct rte_mbuf *seg = frame; seg != NULL; seg = seg->next) {
		if (seg->data_len == 0)
			continue;
		last = q->next;
		write_desc(q, seg, frame->pkt_len, 0);
		q->mbufs[last] = NULL;
		q->next = ring_next(last, q->size);
		used++;
	}
	if (unlikely(used == 0))
		return false;
	q->ring[last].read.command |= rte_cpu_to_le_32(last_command(q, last, used));
	q->mbufs[last] = frame;
	q->nb_free -= used;
	return true;
}

/* Left to the caller, a frame that can never be sent would be tried again for ever. */
static uint16_t
drop(struct rte_mbuf *frame)
{
	rte_pktmbuf_free(frame);
	return 1;
}

/* Room for the frame, after another look at what was sent if need be? */
static inline bool
have_room(struct txq *q, uint16_t segments)
{
	if (likely(segments <= q->nb_free))
		return true;
	reclaim_sent(q);
	return segments <= q->nb_free;
}

uint16_t
tx_burst(void *txq, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	struct txq *q = txq;
	uint16_t first = q->next, nb_tx, dropped = 0;
	uint64_t bytes = 0;

	if (q->nb_free < q->free_thresh)
		reclaim_sent(q);

	for (nb_tx = 0; nb_tx < nb_pkts; nb_tx++) {
		struct rte_mbuf *frame = pkts[nb_tx];
		uint32_t frame_bytes = frame->pkt_len;

		if (unlikely(!txq_takes(q, frame))) {
			dropped += drop(frame);
			continue;
		}
		if (unlikely(!have_room(q, frame->nb_segs)))
			break;
		if (likely(frame->nb_segs == 1)) {
			put_single(q, frame);
		} else if (unlikely(!put_chain(q, frame))) {
			dropped += drop(frame);
			continue;
		}
		bytes += frame_bytes;
	}

	q->count.packets += nb_tx - dropped;
	q->count.bytes += bytes;
	q->count.errors += dropped;
	/* rte_write32's barrier: the descriptors are in memory before the tail moves. */
	if (q->next != first)
		rte_write32(rte_cpu_to_le_32(q->next), q->tail);
	return nb_tx;
}

uint16_t
tx_prepare(void *txq, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	const struct txq *q = txq;

	for (uint16_t i = 0; i < nb_pkts; i++) {
		if (!txq_takes(q, pkts[i])) {
			rte_errno = EINVAL;
			return i;
		}
		if ((pkts[i]->ol_flags & TX_REQUESTS) != 0) {
			rte_errno = ENOTSUP;
			return i;
		}
	}
	return nb_pkts;
}
