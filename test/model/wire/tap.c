/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * A wire to the kernel: a TAP interface.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kinds.h"

#define TUN_DEVICE "/dev/net/tun"

struct tap_wire {
	struct wire wire;
	int fd;
	uint8_t data[WIRE_BURST][WIRE_FRAME_MAX];
};

/* The kernel takes one frame a call. A full queue or an interface that is down loses the rest. */
static unsigned int
tap_send(struct wire *wire, const struct wire_frame *frame, unsigned int nb)
{
	struct tap_wire *tap = (struct tap_wire *)wire;
	unsigned int i;

	for (i = 0; i < nb; i++)
		if (write(tap->fd, frame[i].data, frame[i].len) != (ssize_t)frame[i].len)
			break;
	return wire_sent(wire, frame, i, nb);
}

static unsigned int
tap_recv(struct wire *wire, struct wire_frame *frame, unsigned int nb)
{
	struct tap_wire *tap = (struct tap_wire *)wire;
	unsigned int i;

	for (i = 0; i < nb && i < WIRE_BURST; i++) {
		ssize_t bytes = read(tap->fd, tap->data[i], WIRE_FRAME_MAX);

		if (bytes <= 0)
			break;
		frame[i].data = tap->data[i];
		frame[i].len = (uint32_t)bytes;
	}
	return wire_received(wire, frame, i);
}

static int
tap_fd(struct wire *wire)
{
	return ((struct tap_wire *)wire)->fd;
}

static void
tap_free(struct wire *wire)
{
	struct tap_wire *tap = (struct tap_wire *)wire;

	close(tap->fd);
	free(tap);
}

/* One that exists may belong to us without our being root; then its owner has set it up. */
static void
bring_up(const char *name)
{
	struct ifreq request = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	strncpy(request.ifr_name, name, IFNAMSIZ - 1);
	if (ioctl(fd, SIOCGIFFLAGS, &request) == 0) {
		request.ifr_flags |= IFF_UP;
		ioctl(fd, SIOCSIFFLAGS, &request);
	}
	close(fd);
}

static int
open_tap(const struct wire_spec *spec)
{
	struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI };
	const char *name = spec->args;
	int fd;

	if (name[0] == '\0' || strlen(name) >= IFNAMSIZ || strpbrk(name, "/%: ") != NULL) {
		wire_fail(spec, "\"%s\" is no interface name; up to %d characters are wanted, "
			  "without / %% : and space", name, IFNAMSIZ - 1);
		return -EINVAL;
	}
	fd = open(TUN_DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 && (errno == ENOENT || errno == ENODEV || errno == ENXIO)) {
		wire_fail(spec, "the kernel has no " TUN_DEVICE "; load it: sudo modprobe tun");
		return -ENODEV;
	}
	strncpy(request.ifr_name, name, IFNAMSIZ - 1);
	if (fd >= 0 && ioctl(fd, TUNSETIFF, &request) == 0)
		return fd;
	if (errno == EPERM || errno == EACCES)
		wire_fail(spec, "only root may make it; let root make it once: "
			  "sudo ip tuntap add dev %s mode tap user $USER", name);
	else
		wire_fail(spec, "cannot be opened as a TAP interface: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
	return -EIO;
}

struct wire *
wire_tap_create(const struct wire_spec *spec)
{
	static const struct wire_ops ops = {
		.name = "tap",
		.send = tap_send,
		.recv = tap_recv,
		.fd = tap_fd,
		.free = tap_free,
	};
	struct tap_wire *tap;
	int fd;

	fd = open_tap(spec);
	if (fd < 0)
		return NULL;
	tap = calloc(1, sizeof(*tap));
	if (tap == NULL) {
		wire_fail(spec, "no memory");
		close(fd);
		return NULL;
	}
	bring_up(spec->args);
	tap->wire.ops = &ops;
	tap->wire.mbps = WIRE_MBPS;
	tap->fd = fd;
	return &tap->wire;
}
