/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * A cable with both ends in this process, each of which one thread may use.
 */
#include <errno.h>
#include <stdlib.h>

#include "kinds.h"
#include "ring.h"

struct cable;

struct cable_end {
	_Alignas(RING_LINE) struct wire wire;	/* counters of two threads stay apart */
	struct cable *cable;
	unsigned int side;
};

struct cable {
	struct cable_end end[2];
	_Atomic unsigned int nb_plugged;	/**< ends in use; the last one frees the cable */
	struct frame_ring ring[2];		/**< [i]: what end i sends */
};

static unsigned int
cable_send(struct wire *wire, const struct wire_frame *frame, unsigned int nb)
{
	struct cable_end *end = (struct cable_end *)wire;
	struct frame_ring *ring = &end->cable->ring[end->side];

	return wire_sent(wire, frame, wire->mbps == 0 ? 0 : frame_ring_put(ring, frame, nb), nb);
}

static unsigned int
cable_recv(struct wire *wire, struct wire_frame *frame, unsigned int nb)
{
	struct cable_end *end = (struct cable_end *)wire;

	/* What is on its way still arrives. Acquire: all of it is seen when the other end left. */
	if (atomic_load_explicit(&end->cable->nb_plugged, memory_order_acquire) < 2)
		wire->mbps = 0;
	nb = frame_ring_get(&end->cable->ring[1 - end->side], frame, nb);
	return wire_received(wire, frame, nb);
}

static int
cable_fd(struct wire *wire)
{
	(void)wire;
	return -1;
}

static void
cable_free(struct wire *wire)
{
	struct cable *cable = ((struct cable_end *)wire)->cable;

	/* Both orders: frames before the leave, and the other's last access before the free. */
	if (atomic_fetch_sub_explicit(&cable->nb_plugged, 1, memory_order_acq_rel) == 1)
		free(cable);
}

int
wire_cable(struct wire *end[2])
{
	static const struct wire_ops ops = {
		.name = "cable",
		.send = cable_send,
		.recv = cable_recv,
		.fd = cable_fd,
		.free = cable_free,
	};
	struct cable *cable = aligned_alloc(RING_LINE, sizeof(*cable));
	unsigned int i;

	if (cable == NULL)
		return -ENOMEM;
	atomic_init(&cable->nb_plugged, 2);
	for (i = 0; i < 2; i++) {
		cable->end[i] = (struct cable_end){
			.wire = { .ops = &ops, .mbps = WIRE_MBPS },
			.cable = cable,
			.side = i,
		};
		frame_ring_init(&cable->ring[i]);
		end[i] = &cable->end[i].wire;
	}
	return 0;
}
