/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * A bounded ring of frames from one thread to one other, without locks.
 *
 * A frame is a record: its length, then its bytes, in whole cache lines, never around the ring's
 * end. A 60-byte frame is one cache line. Positions run free and are masked on use.
 */
#ifndef MODEL_WIRE_RING_H
#define MODEL_WIRE_RING_H

#include <stdatomic.h>

#include "wire.h"

#define RING_LINE  64
#define RING_BYTES (512u * 1024)	/* stays in a second-level cache; 50 frames of 9728 bytes */

struct frame_ring {
	/* The producer's. */
	_Alignas(RING_LINE) _Atomic uint32_t head;
	uint32_t tail_seen;
	/* The consumer's. */
	_Alignas(RING_LINE) _Atomic uint32_t tail;
	uint32_t head_seen;
	uint32_t taken;		/**< up to here frames were handed out; tail follows a call later */
	_Alignas(RING_LINE) uint8_t data[RING_BYTES];
};

void frame_ring_init(struct frame_ring *ring);
/** @return how many fitted; none behind the first that did not */
unsigned int frame_ring_put(struct frame_ring *ring, const struct wire_frame *frame,
			    unsigned int nb);
/** @param frame  valid until the next call */
unsigned int frame_ring_get(struct frame_ring *ring, struct wire_frame *frame, unsigned int nb);

#endif /* MODEL_WIRE_RING_H */
