/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What a port's cable leads to: nothing, a pcap file, a TAP interface, a generator, another port.
 *
 * A wire is polled by its port, never calls back, and neither sleeps nor locks on the way. Frames
 * are without CRC. It copies what it keeps: buffers are the caller's again when a call returns.
 */
#ifndef MODEL_WIRE_H
#define MODEL_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wire;

struct wire_frame {
	const uint8_t *data;
	uint32_t len;
};

struct wire_ops {
	const char *name;	/**< as in a wire's spec */
	/** @return how many were taken; the rest is lost, as on a wire */
	unsigned int (*send)(struct wire *wire, const struct wire_frame *frame, unsigned int nb);
	/** @param frame  filled; valid until the next call. @return how many, 0: none now */
	unsigned int (*recv)(struct wire *wire, struct wire_frame *frame, unsigned int nb);
	/** Room and time permitting: a file descriptor to wait on when idle, or -1. */
	int (*fd)(struct wire *wire);
	void (*free)(struct wire *wire);
};

struct wire {
	const struct wire_ops *ops;
	/** Seen from the port: sent into the wire, received from it; lost: not taken by send(). */
	uint64_t sent_frames, sent_bytes, received_frames, received_bytes, lost_frames;
	/**
	 * What the cable takes; a port's link is the slower of this and its own speed. 0: no
	 * carrier. A cable or socket changes it in recv() as its other end comes and goes.
	 */
	uint32_t mbps;
};

/**
 * A wire from its spec:
 *   none                        no carrier
 *   null                        carrier; swallows all
 *   loop                        what is sent comes back
 *   pcap[:rx=FILE][:tx=FILE][:loop]
 *                               frames of the rx FILE arrive once, or again and again; what is
 *                               sent is written to the tx FILE
 *   tap:NAME                    the TAP interface of that name, made if it is not there (root)
 *   gen[:size=N][:rate=PPS][:count=N][:dst=MAC][:src=MAC][:flows=N][:vlan=N]
 *                               numbered UDP frames; rate 0 as fast as they are taken; counts what
 *                               comes back
 *   socket:PATH                 a frame socket: another model port at the other end, in any process
 *
 * @param error  one line that names the offender and what is allowed; at least 200 bytes
 * @return NULL: error is filled
 */
struct wire *wire_create(const char *spec, char *error, size_t error_bytes);
void wire_free(struct wire *wire);

/** A cable between two ports in this process: @p end[0] and @p end[1]. @return 0, -ENOMEM */
int wire_cable(struct wire *end[2]);

#endif /* MODEL_WIRE_H */
