/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <string.h>

#include <rte_mbuf.h>
#include <rte_prefetch.h>

#include "pool_cache.h"
#include "queue.h"
#include "rx_ring.h"

#define AHEAD 4	/* slots between an mbuf that is taken and one that is fetched */

/* Arm @p count slots from q->give on, none of them beyond the end of the ring. */
static bool
fill_run(struct rxq *q, uint16_t count)
{
	struct rte_mbuf **mbufs = &q->mbufs[q->give];
	volatile union rx_desc *desc = &q->ring[q->give];

	if (!pool_take(q->pool, mbufs, count))
		return false;
	for (uint16_t i = 0; i < count; i++) {
		desc[i].read.buffer = rte_cpu_to_le_64(rxq_data(q, mbufs[i]));
		/* The write-back's DD is bit 0 of this word: the slot is unused from here on. */
		desc[i].read.header = 0;
	}
	q->give += count;
	if (q->give == q->size)
		q->give = 0;
	q->holes -= count;
	return true;
}

uint16_t
rxq_fill(struct rxq *q, uint16_t count)
{
	uint16_t portion = q->give_thresh, filled = 0;

	while (filled < count && portion > 0) {
		uint16_t run = ring_run(q->give, RTE_MIN(portion, count - filled), q->size);

		if (fill_run(q, run))
			filled += run;
		else
			portion /= 2;	/* a pool that runs dry still fills what it can */
	}
	if (filled < count)
		q->count.no_mbuf++;
	return filled;
}

/* The descriptor's status, or 0 as long as the device has not written it back. */
static inline uint32_t
read_status(volatile union rx_desc *desc)
{
	uint32_t status = rte_le_to_cpu_32(desc->write_back.status);

	if ((status & RXD_DD) == 0)
		return 0;
	rte_io_rmb();	/* DD is read before the length and the data it vouches for */
	return status;
}

static inline uint16_t
read_length(volatile union rx_desc *desc)
{
	return rte_le_to_cpu_16(desc->write_back.length);
}

/* A fresh mbuf becomes a segment of @p length bytes. */
static inline void
set_segment(const struct rxq *q, struct rte_mbuf *m, uint16_t length)
{
	/* And no flags. */
	memcpy((uint8_t *)m + REARM_OFFSET, q->same.rearm, sizeof(q->same.rearm));
	m->packet_type = 0;
	m->vlan_tci = 0;
	m->pkt_len = length;
	m->data_len = length;
}

/*
 * Drop a buffer of a bad frame, or of one that is longer than a buffer. What follows up to EOP
 * belongs to the same frame and goes the same way.
 */
static void
drop_buffer(struct rxq *q, struct rte_mbuf *m, uint32_t status)
{
	rte_mbuf_raw_free(m);
	q->skipping = (status & RXD_EOP) == 0;
	if (!q->skipping)
		q->count.errors++;
}

/* Account for the slots taken and what was in them. */
static inline struct rx_taken
end_take(struct rxq *q, uint16_t slot, uint16_t slots, uint16_t frames, uint64_t bytes)
{
	q->next = slot;
	q->holes += slots;
	q->count.packets += frames;
	q->count.bytes += bytes;
	return (struct rx_taken){ slots, frames };
}

/* One buffer, one frame. @p full is a constant: what nobody asked for costs nothing. */
static __rte_always_inline struct rx_taken
take(struct rxq *q, struct rte_mbuf **pkts, uint16_t nb_pkts, uint16_t slots, bool full)
{
	uint16_t budget = RTE_MIN(slots, rx_buffers(q));
	uint32_t wanted = RXD_EOP | q->error_bits;
	uint16_t slot = q->next, taken, nb_rx = 0;
	uint16_t crc = full ? q->decode.crc_bytes : 0;
	uint64_t bytes = 0;

	for (taken = 0; taken < budget && nb_rx < nb_pkts; taken++) {
		volatile union rx_desc *desc = &q->ring[slot];
		uint32_t status = read_status(desc);
		struct rte_mbuf *m;
		uint16_t length;

		if (status == 0)
			break;
		length = read_length(desc);
		m = q->mbufs[slot];
		slot = ring_next(slot, q->size);
		rte_prefetch0(q->mbufs[slot]);

		if (unlikely((status & wanted) != RXD_EOP || length > q->buffer_bytes ||
			     q->skipping || (full && length < crc))) {
			drop_buffer(q, m, status);
			continue;
		}
		set_segment(q, m, length - crc);
		if (full)
			rx_decode(&q->decode, desc, status, m);
		bytes += m->pkt_len;
		pkts[nb_rx++] = m;
	}
	return end_take(q, slot, taken, nb_rx, bytes);
}

struct rx_taken
rx_take(struct rxq *q, struct rte_mbuf **pkts, uint16_t nb_pkts, uint16_t slots)
{
	return take(q, pkts, nb_pkts, slots, false);
}

struct rx_taken
rx_take_full(struct rxq *q, struct rte_mbuf **pkts, uint16_t nb_pkts, uint16_t slots)
{
	return take(q, pkts, nb_pkts, slots, true);
}

/* A frame in the making; head NULL: there is none. */
struct rx_chain {
	struct rte_mbuf *head, *last;
};

/* Append a segment to the frame being collected, or begin one. */
static inline void
collect(const struct rxq *q, struct rx_chain *chain, struct rte_mbuf *m, uint16_t length)
{
	set_segment(q, m, length);
	if (chain->head == NULL) {
		chain->head = m;
	} else {
		chain->head->nb_segs++;
		chain->head->pkt_len += length;
		chain->last->next = m;
	}
	chain->last = m;
}

/* What no device sends that is sound: a frame without end would take all mbufs there are. */
static inline bool
is_absurd(const struct rxq *q, const struct rx_chain *chain, uint16_t length)
{
	return length > q->buffer_bytes || q->skipping ||
		(chain->head != NULL && chain->head->nb_segs == q->max_segments);
}

/* Drop what was collected of a frame, this buffer of it, and what is still to come. */
static void
drop_frame(struct rxq *q, struct rte_mbuf *head, struct rte_mbuf *m, uint32_t status)
{
	rte_pktmbuf_free(head);
	drop_buffer(q, m, status);
}

/* The CRC may have a buffer for itself, or lie in two. False: there is nothing but a CRC. */
static bool
cut_crc(struct rte_mbuf *frame, uint16_t crc)
{
	if (frame->pkt_len < crc)
		return false;
	frame->pkt_len -= crc;
	while (crc > 0) {
		struct rte_mbuf *before = frame, *last = frame;
		uint16_t cut;

		for (; last->next != NULL; last = last->next)
			before = last;
		cut = RTE_MIN(crc, last->data_len);
		last->data_len -= cut;
		crc -= cut;
		if (last->data_len == 0 && last != frame) {
			before->next = NULL;
			frame->nb_segs--;
			rte_pktmbuf_free_seg(last);
		}
	}
	return true;
}

/* The frame is complete: hand it out, or drop it as a whole. NULL: dropped. */
static __rte_always_inline struct rte_mbuf *
finish(struct rxq *q, struct rte_mbuf *frame, volatile union rx_desc *desc, uint32_t status,
       bool full)
{
	/* Errors are reported in a frame's last descriptor only. */
	if (unlikely((status & q->error_bits) != 0 ||
		     (full && q->decode.crc_bytes != 0 && !cut_crc(frame, q->decode.crc_bytes)))) {
		rte_pktmbuf_free(frame);
		q->count.errors++;
		return NULL;
	}
	if (full)
		rx_decode(&q->decode, desc, status, frame);
	return frame;
}

/* Both lines of an mbuf some slots away: what makes it a part of a chain is in the second one. */
static inline void
prefetch_ahead(const struct rxq *q, uint16_t slot)
{
	uintptr_t m = (uintptr_t)q->mbufs[RTE_MIN(slot + AHEAD, q->size - 1)];

	rte_prefetch0((const void *)m);
	rte_prefetch0((const void *)(m + RTE_CACHE_LINE_MIN_SIZE));
}

/* A frame of as many buffers as it takes. */
static __rte_always_inline struct rx_taken
take_scattered(struct rxq *q, struct rte_mbuf **pkts, uint16_t nb_pkts, uint16_t slots, bool full)
{
	uint16_t budget = RTE_MIN(slots, rx_buffers(q));
	uint16_t slot = q->next, taken = 0, nb_rx = 0;
	struct rx_chain chain = { q->head, q->last };
	uint64_t bytes = 0;

	while (nb_rx < nb_pkts && taken < budget) {
		volatile union rx_desc *desc = &q->ring[slot];
		uint32_t status = read_status(desc);
		struct rte_mbuf *m, *frame;
		uint16_t length;

		if (status == 0)
			break;
		length = read_length(desc);
		m = q->mbufs[slot];
		prefetch_ahead(q, slot);
		slot = ring_next(slot, q->size);
		taken++;

		if (unlikely(is_absurd(q, &chain, length))) {
			drop_frame(q, chain.head, m, status);
			chain.head = NULL;
			continue;
		}
		collect(q, &chain, m, length);
		if ((status & RXD_EOP) == 0)
			continue;
		frame = finish(q, chain.head, desc, status, full);
		chain.head = NULL;
		if (frame != NULL) {
			bytes += frame->pkt_len;
			pkts[nb_rx++] = frame;
		}
	}
	q->head = chain.head;
	q->last = chain.last;
	return end_take(q, slot, taken, nb_rx, bytes);
}

struct rx_taken
rx_take_scatter(struct rxq *q, struct rte_mbuf **pkts, uint16_t nb_pkts, uint16_t slots)
{
	return take_scattered(q, pkts, nb_pkts, slots, false);
}

struct rx_taken
rx_take_scatter_full(struct rxq *q, struct rte_mbuf **pkts, uint16_t nb_pkts, uint16_t slots)
{
	return take_scattered(q, pkts, nb_pkts, slots, true);
}

static __rte_always_inline uint16_t
receive(struct rxq *q, struct rte_mbuf **pkts, uint16_t nb_pkts, rx_take_t *take_slots)
{
	struct rx_taken taken = take_slots(q, pkts, nb_pkts, q->size);

	rx_give_back(q, rxq_fill);
	return taken.frames;
}

uint16_t
rx_burst(void *rxq, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	return receive(rxq, pkts, nb_pkts, rx_take);
}

uint16_t
rx_burst_full(void *rxq, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	return receive(rxq, pkts, nb_pkts, rx_take_full);
}

uint16_t
rx_burst_scatter(void *rxq, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	return receive(rxq, pkts, nb_pkts, rx_take_scatter);
}

uint16_t
rx_burst_scatter_full(void *rxq, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	return receive(rxq, pkts, nb_pkts, rx_take_scatter_full);
}
