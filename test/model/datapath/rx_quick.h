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

/** @return false: nothing was done, rx_place() knows more ways */
static inline __attribute__((always_inline)) bool
rx_place_quick(struct nic *nic, struct rx_queue *q, const struct frame *frame,
	       const struct classified *seen, bool inexact)
{
	struct datapath *dp = datapath_of(nic);
	struct rx_room *room = &dp->rx_room[q->index];
	uint32_t status = STATUS_DD | STATUS_EOP | seen->status;
	uint64_t *desc;
	uint8_t *buffer;

	if (room->burst != dp->burst || room->free == 0 || frame->len > room->plain_max)
		return false;
	desc = rx_descriptor(q);
	buffer = dma_ptr(q->owner, le64toh(desc[0]), frame->len);
	if (buffer == NULL)
		return false;
	memcpy(buffer, frame->data, frame->len);
	if (inexact)
		status |= STATUS_PIF;
	if (!frame->from_wire)
		status |= nic->family->rxd.loopback;
	/* Length, status and DD are one store, after all that they vouch for. */
	__atomic_store_n(&desc[0], htole64(rx_found(nic, seen)), __ATOMIC_RELAXED);
	__atomic_store_n(&desc[1], htole64(status | (uint64_t)frame->len << 32), __ATOMIC_RELEASE);
	rx_advance(q);
	room->free--;
	q->packets++;
	q->bytes += frame->len;
	queue_set_add(&dp->rx_moved, q->index);
	return true;
}

#endif /* MODEL_RX_QUICK_H */
