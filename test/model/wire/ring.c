/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <string.h>

#include "kinds.h"
#include "ring.h"

#define WRAP UINT32_MAX	/* instead of a length: go on at the ring's start */

_Static_assert((RING_BYTES & (RING_BYTES - 1)) == 0, "positions are masked");
_Static_assert(RING_BYTES > 4 * WIRE_FRAME_MAX, "holds a few of the longest frames");

static uint32_t
record_bytes(uint32_t len)
{
	return (uint32_t)((sizeof(uint32_t) + len + RING_LINE - 1) & ~(size_t)(RING_LINE - 1));
}

/* Room for @p need bytes behind @p head; asks the consumer's side only when it must. */
static bool
has_room(struct frame_ring *ring, uint32_t head, uint32_t need)
{
	if (head + need - ring->tail_seen <= RING_BYTES)
		return true;
	/* Acquire: what the consumer read from the record is read before it is written again. */
	ring->tail_seen = atomic_load_explicit(&ring->tail, memory_order_acquire);
	return head + need - ring->tail_seen <= RING_BYTES;
}

void
frame_ring_init(struct frame_ring *ring)
{
	atomic_init(&ring->head, 0);
	atomic_init(&ring->tail, 0);
	ring->tail_seen = 0;
	ring->head_seen = 0;
	ring->taken = 0;
}

unsigned int
frame_ring_put(struct frame_ring *ring, const struct wire_frame *frame, unsigned int nb)
{
	uint32_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
	unsigned int i;

	for (i = 0; i < nb; i++) {
		uint32_t at = head & (RING_BYTES - 1);
		uint32_t bytes = record_bytes(frame[i].len);
		uint32_t skip = at + bytes > RING_BYTES ? RING_BYTES - at : 0;

		if (frame[i].len > WIRE_FRAME_MAX || !has_room(ring, head, skip + bytes))
			break;
		if (skip > 0) {
			memcpy(&ring->data[at], &(uint32_t){ WRAP }, sizeof(uint32_t));
			head += skip;
			at = 0;
		}
		memcpy(&ring->data[at], &frame[i].len, sizeof(uint32_t));
		memcpy(&ring->data[at + sizeof(uint32_t)], frame[i].data, frame[i].len);
		head += bytes;
	}
	/* Release: records are written before the consumer learns of them. */
	if (i > 0)
		atomic_store_explicit(&ring->head, head, memory_order_release);
	return i;
}

unsigned int
frame_ring_get(struct frame_ring *ring, struct wire_frame *frame, unsigned int nb)
{
	uint32_t at = ring->taken;
	unsigned int i = 0;

	/* Release: the frames of the last call were read before the producer may overwrite them. */
	atomic_store_explicit(&ring->tail, at, memory_order_release);
	/* Acquire: a record is read after the position that vouches for it. */
	if (at == ring->head_seen)
		ring->head_seen = atomic_load_explicit(&ring->head, memory_order_acquire);
	while (i < nb && at != ring->head_seen) {
		const uint8_t *record = &ring->data[at & (RING_BYTES - 1)];
		uint32_t len;

		memcpy(&len, record, sizeof(len));
		if (len == WRAP) {
			at += RING_BYTES - (at & (RING_BYTES - 1));
			continue;
		}
		frame[i].data = record + sizeof(len);
		frame[i].len = len;
		at += record_bytes(len);
		i++;
	}
	ring->taken = at;
	return i;
}
