/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>

#include <rte_mbuf.h>

#include "pool_cache.h"
#include "queue.h"
#include "tx_chain.h"
#include "tx_ring.h"

/* One pool, one reference, one segment each (MBUF_FAST_FREE): straight back to the pool. */
static void
free_fast(struct rte_mbuf **mbufs, uint16_t count)
{
	for (uint16_t i = 0; i < count;) {
		uint16_t from = i;

		while (i < count && mbufs[i] != NULL)
			i++;
		if (i > from)
			rte_mempool_put_bulk(mbufs[from]->pool, (void **)&mbufs[from], i - from);
		while (i < count && mbufs[i] == NULL)	/* contexts */
			i++;
	}
}

static void
free_run(const struct txq *q, struct rte_mbuf **mbufs, uint16_t count)
{
	if (q->fast_free && !q->has_chains)
		free_fast(mbufs, count);
	else
		rte_pktmbuf_free_bulk(mbufs, count);
}

/* From q->reclaim up to and including @p last. */
static inline uint16_t
slots_to(const struct txq *q, uint16_t last)
{
	return last >= q->reclaim ?
		last - q->reclaim + 1 : last + q->size - q->reclaim + 1;
}

/* Free the frames of all slots up to and including @p last. */
static void
reclaim_to(struct txq *q, uint16_t last)
{
	uint16_t count = slots_to(q, last);
	uint16_t run = ring_run(q->reclaim, count, q->size);

	if (likely(q->mixed == 0)) {
		/* Nothing but single mbufs of one pool, unshared: back they go unseen. */
		pool_put(q->pool, &q->mbufs[q->reclaim], run);
		if (count > run)
			pool_put(q->pool, q->mbufs, count - run);
	} else {
		free_run(q, &q->mbufs[q->reclaim], run);
		free_run(q, q->mbufs, count - run);
		q->mixed -= RTE_MIN(q->mixed, count);
	}
	q->reclaim = ring_next(last, q->size);
	q->nb_free += count;
}

static inline bool
is_sent(const struct txq *q, uint16_t mark)
{
	return (rte_le_to_cpu_32(q->ring[mark].write_back.status) & TXD_DD) != 0;
}

static inline void
pop_mark(struct txq *q)
{
	q->mark_first = ring_next(q->mark_first, q->size);
	q->nb_marks--;
}

void
txq_reclaim(struct txq *q, uint32_t most)
{
	uint16_t size = q->size, last = size, at = q->mark_first, nb = q->nb_marks;

	for (; nb > 0; nb--, at = ring_next(at, size)) {
		uint16_t mark = q->marks[at];

		if (slots_to(q, mark) > most || !is_sent(q, mark))
			break;
		last = mark;
	}
	if (last == size)
		return;
	q->mark_first = at;
	q->nb_marks = nb;
	rte_io_rmb();	/* DD is read before the buffers get another owner */
	reclaim_to(q, last);
}

/* The last slot of a frame; the device writes back marks alone. */
static inline bool
ends_frame(const struct txq *q, uint16_t slot, uint16_t mark)
{
	return slot == mark || (rte_le_to_cpu_32(q->ring[slot].read.command) & TXD_EOP) != 0;
}

/* Up to @p limit frames of the slots up to @p mark. @return how many */
static uint32_t
reclaim_some(struct txq *q, uint16_t mark, uint32_t limit)
{
	uint16_t end = ring_next(mark, q->size);
	uint32_t freed = 0;

	for (; q->reclaim != end && freed < limit; q->reclaim = ring_next(q->reclaim, q->size)) {
		rte_pktmbuf_free(q->mbufs[q->reclaim]);
		freed += ends_frame(q, q->reclaim, mark);
		q->nb_free++;
		q->mixed -= q->mixed > 0;
	}
	return freed;
}

/* A mark stays until all before it is reclaimed: it may be the ring's last. */
int
txq_done_cleanup(void *txq, uint32_t limit)
{
	struct txq *q = txq;
	uint32_t freed = 0;

	if (limit == 0)
		limit = UINT32_MAX;
	while (q->nb_marks > 0 && is_sent(q, q->marks[q->mark_first])) {
		uint16_t mark = q->marks[q->mark_first];

		rte_io_rmb();	/* DD is read before the buffers get another owner */
		freed += reclaim_some(q, mark, limit - freed);
		if (q->reclaim != ring_next(mark, q->size))
			break;
		pop_mark(q);
	}
	return freed;
}

/* Slots from q->reclaim on; the first mark behind a slot tells of it. */
static bool
is_slot_sent(const struct txq *q, uint16_t age)
{
	uint16_t at = q->mark_first;

	for (uint16_t i = 0; i < q->nb_marks; i++, at = ring_next(at, q->size)) {
		uint16_t mark = q->marks[at];
		uint16_t mark_age = mark >= q->reclaim ?
			mark - q->reclaim : mark + q->size - q->reclaim;

		if (mark_age >= age)
			return is_sent(q, mark);
	}
	return false;
}

/* Counted from the slot that the next frame goes to. */
int
txq_descriptor_status(void *txq, uint16_t offset)
{
	const struct txq *q = txq;
	uint16_t idle = q->nb_free + 1;	/* and the one that never is used */

	if (offset >= q->size)
		return -EINVAL;
	if (offset < idle || is_slot_sent(q, offset - idle))
		return RTE_ETH_TX_DESC_DONE;
	return RTE_ETH_TX_DESC_FULL;
}

bool
txq_put_chain(struct txq *q, struct rte_mbuf *frame, uint32_t status, uint32_t command)
{
	uint16_t slot = q->next, last = slot, size = q->size, used = 0;
	uint64_t words = desc_words(status, command);
	struct rte_mbuf **mbufs = q->mbufs;

	q->has_chains = true;
	for (struct rte_mbuf *seg = frame; seg != NULL; seg = seg->next) {
		if (seg->data_len == 0)
			continue;
		last = slot;
		write_desc(q, slot, seg, words);
		mbufs[slot] = NULL;
		slot = ring_next(slot, size);
		used++;
	}
	if (unlikely(used == 0))
		return false;
	q->ring[last].read.command |= rte_cpu_to_le_32(last_command(q, last, used));
	mbufs[last] = frame;
	q->next = slot;
	q->nb_free -= used;
	if (tx_is_own(frame, frame->pool))
		q->pool = frame->pool;
	note_mixed(q);
	return true;
}
