/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Where frames go and come from: an ethdev port (io_ethdev.c) or a packet socket (io_packet.c).
 */
#ifndef SLUICE_TRAFFIC_FRAME_IO_H
#define SLUICE_TRAFFIC_FRAME_IO_H

#include <stddef.h>
#include <stdint.h>

#include "args.h"

struct frame_io;

/* vlan: TCI of a tag that the receiver took out, or NO_VLAN. The data may be written to. */
typedef void frame_handler(void *arg, uint8_t *data, size_t bytes, int vlan);

struct frame_io_ops {
	/* Take one frame for the next flush. 0 or -errno. */
	int (*send)(struct frame_io *io, const uint8_t *data, size_t bytes);
	/* Let what was taken out, waiting a second at most. How many left, the first ones. */
	uint32_t (*flush)(struct frame_io *io);
	/* Hand over what has arrived and return at once. How many that were. */
	uint32_t (*receive)(struct frame_io *io, frame_handler *handle, void *arg);
	void (*close)(struct frame_io *io);
};

struct frame_io {
	const struct frame_io_ops *ops;
	uint8_t send_mac[MAC_BYTES];    /* of the port that sends */
	uint8_t receive_mac[MAC_BYTES]; /* and of the one that receives; often the same */
	bool two_ports;
};

/* Both say on standard error what is wrong; 0 or -errno (-EPERM: the port refused what it was
 * asked for). The caller closes what was opened.
 */
int io_ethdev_open(const struct args *args, struct frame_io **io);
int io_packet_open(const struct args *args, struct frame_io **io);

#endif /* SLUICE_TRAFFIC_FRAME_IO_H */
