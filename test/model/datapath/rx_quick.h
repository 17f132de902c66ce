/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What rx.c does for most frames, where the switch can have it inline: untagged, one buffer.
 */
#ifndef MODEL_RX_QUICK_H
#define MODEL_RX_QUICK_H

#include <endian.h>

#include "engine.h"

#define RX_PREFETCH 6	/* descriptors ahead */

/* Extended status, dword 2 of the write-back. */
enum {
	STATUS_DD = 1 << 0, STATUS_EOP = 1 << 1, STATUS_VP = 1 << 3, STATUS_UDPCS = 1 << 4,
	STATUS_L4CS = 1 << 5, STATUS_IPCS = 1 << 6, STATUS_PIF = 1 << 7, STATUS_VEXT = 1 << 9,
	ERROR_HBO = 1 << 23,
};

static inline uint64_t *
rx_descriptor(const struct rx_queue *q)
{
	return (uint64_t *)(q->ring + (size_t)q->head * DESCRIPTOR_BYTES);
}

static inline void
rx_advance(struct rx_queue *q)
{
	if (++q->head == q->nb_desc)
		q->head = 0;
}

/** Quadword 0: what was found out of the frame. */
static inline uint64_t
rx_found(const struct nic *nic, const struct classified *seen)
{
	if (nic->port.fragment_checksum)
		return seen->packet_type | (uint64_t)seen->fragment << 32;
	return seen->rss_type | seen->packet_type | (uint64_t)seen->hash << 32;
}

/** As memcpy(); the smallest frames, which come in the greatest numbers, without a call. */
static inline void
copy_frame(uint8_t *to, const uint8_t *from, uint32_t len)
{
	if (len < 48 || len > 64) {
		memcpy(to, from, len);
		return;
	}
	memcpy(to, from, 48);
	memcpy(to + len - 16, from + len - 16, 16);
}

static inline uint16_t
rss_entry(const struct rss *rss, const struct classified *seen)
{
	if (seen->rss_type == 0 || rss->reta_size == 0)
		return 0;
	return rss->reta[seen->hash & (rss->reta_size - 1u)];
}

/** A pool's queue, or the port's if there are no pools. */
static inline struct rx_queue *
spread(struct nic *nic, const struct pool *pool, const struct rss *rss,
       const struct classified *seen)
{
	uint32_t index = 0;

	if (!nic->filters.virtualised) {
		index = rss_entry(rss, seen);
	} else {
		index = pool->first_queue;
		/* Pools have a power of two of queues; higher bits of an entry are not read. */
		if (pool->rss && pool->nb_queues > 1)
			index += pool->queue_step *
				 (rss_entry(rss, seen) & (pool->nb_queues - 1u));
	}
	return &nic->rxq[index < nic->family->nb_queues ? index : 0];
}

static inline const struct rss *
rss_of(const struct nic *nic, unsigned int pool)
{
	if (nic->filters.virtualised && nic->pool_rss != NULL && nic->pool_rss[pool].enabled)
		return &nic->pool_rss[pool];
	return &nic->rss;
}

/**
 * The caller adds the queue to those that moved.
 *
 * @param room    rx_room() of this burst
 * @param status  what the write-back says beyond what was seen
 * @return false: nothing was done, rx_place() knows more ways
 */
static inline __attribute__((always_inline)) bool
rx_place_quick(struct nic *nic, struct rx_queue *q, struct rx_room *room, const uint8_t *data,
	       uint32_t len, const struct classified *seen, uint32_t status)
{
	uint64_t *desc = rx_descriptor(q);
	uint8_t *buffer;

	if (room->free == 0 || len > room->plain_max)
		return false;
	buffer = dma_ptr(q->owner, le64toh(desc[0]), len);
	if (buffer == NULL)
		return false;
	/* Software has had the buffers to come on another core, and perhaps has them still. */
	if (q->head + RX_PREFETCH < q->nb_desc)
		dma_prefetch_store(q->owner, le64toh(desc[2 * RX_PREFETCH]));
	copy_frame(buffer, data, len);
	status |= STATUS_DD | STATUS_EOP | seen->status;
	/* Length, status and DD are one store, after all that they vouch for. */
	__atomic_store_n(&desc[0], htole64(rx_found(nic, seen)), __ATOMIC_RELAXED);
	__atomic_store_n(&desc[1], htole64(status | (uint64_t)len << 32), __ATOMIC_RELEASE);
	rx_advance(q);
	room->free--;
	q->packets++;
	q->bytes += len;
	return true;
}

#endif /* MODEL_RX_QUICK_H */
