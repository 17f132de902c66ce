/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The wires that lead nowhere: none, null, and a plug that loops back.
 */
#include <stdlib.h>

#include "kinds.h"
#include "ring.h"

static unsigned int
none_send(struct wire *wire, const struct wire_frame *frame, unsigned int nb)
{
	return wire_sent(wire, frame, 0, nb);
}

static unsigned int
null_send(struct wire *wire, const struct wire_frame *frame, unsigned int nb)
{
	return wire_sent(wire, frame, nb, nb);
}

static unsigned int
recv_nothing(struct wire *wire, struct wire_frame *frame, unsigned int nb)
{
	(void)wire;
	(void)frame;
	(void)nb;
	return 0;
}

static int
no_fd(struct wire *wire)
{
	(void)wire;
	return -1;
}

static void
free_wire(struct wire *wire)
{
	free(wire);
}

static struct wire *
create_plain(const struct wire_spec *spec, const struct wire_ops *ops, uint32_t mbps)
{
	struct wire *wire;

	if (spec->args[0] != '\0') {
		wire_fail(spec, "\"%s\": this kind has no options", spec->args);
		return NULL;
	}
	wire = calloc(1, sizeof(*wire));
	if (wire == NULL) {
		wire_fail(spec, "no memory");
		return NULL;
	}
	wire->ops = ops;
	wire->mbps = mbps;
	return wire;
}

struct wire *
wire_none_create(const struct wire_spec *spec)
{
	static const struct wire_ops ops = {
		.name = "none",
		.send = none_send,
		.recv = recv_nothing,
		.fd = no_fd,
		.free = free_wire,
	};

	return create_plain(spec, &ops, 0);
}

struct wire *
wire_null_create(const struct wire_spec *spec)
{
	static const struct wire_ops ops = {
		.name = "null",
		.send = null_send,
		.recv = recv_nothing,
		.fd = no_fd,
		.free = free_wire,
	};

	return create_plain(spec, &ops, WIRE_MBPS);
}

struct loop_wire {
	struct wire wire;
	struct frame_ring ring;
};

static unsigned int
loop_send(struct wire *wire, const struct wire_frame *frame, unsigned int nb)
{
	struct loop_wire *loop = (struct loop_wire *)wire;

	return wire_sent(wire, frame, frame_ring_put(&loop->ring, frame, nb), nb);
}

static unsigned int
loop_recv(struct wire *wire, struct wire_frame *frame, unsigned int nb)
{
	struct loop_wire *loop = (struct loop_wire *)wire;

	return wire_received(wire, frame, frame_ring_get(&loop->ring, frame, nb));
}

struct wire *
wire_loop_create(const struct wire_spec *spec)
{
	static const struct wire_ops ops = {
		.name = "loop",
		.send = loop_send,
		.recv = loop_recv,
		.fd = no_fd,
		.free = free_wire,
	};
	struct wire *plain = create_plain(spec, &ops, WIRE_MBPS);
	struct loop_wire *loop;

	if (plain == NULL)
		return NULL;
	loop = aligned_alloc(RING_LINE, sizeof(*loop));
	if (loop == NULL) {
		wire_fail(spec, "no memory");
	} else {
		loop->wire = *plain;
		frame_ring_init(&loop->ring);
	}
	free(plain);
	return loop == NULL ? NULL : &loop->wire;
}
