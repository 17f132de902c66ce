/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * A cable between two processes: a socket that keeps frames apart.
 *
 * Both ends have the same spec. Who comes first listens, the other connects; when one goes, the
 * other waits for the next, and takes over listening if it was the listener who went. A listener
 * greets whom it takes with a message shorter than any frame, so that a third one, which is turned
 * away, never believes that it has a carrier.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "kinds.h"

#define RETRY_NS     10000000
#define BUFFER_BYTES (4 << 20)	/* asked for; the kernel may give less */
#define HELLO_BYTES  1
#define FRAME_MIN    14

struct socket_wire {
	struct wire wire;
	struct sockaddr_un address;
	char folder[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
	int listener, peer;	/**< -1: none */
	uint64_t retry_ns;
	struct mmsghdr message[WIRE_BURST];
	struct iovec part[WIRE_BURST];
	uint8_t data[WIRE_BURST][WIRE_FRAME_MAX];
};

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void
hang_up(struct socket_wire *sock)
{
	close_fd(&sock->peer);
	sock->wire.mbps = 0;
}

static int
open_socket(void)
{
	return socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static void
take_peer(struct socket_wire *sock, int fd)
{
	const int bytes = BUFFER_BYTES;

	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	sock->peer = fd;
}

/* @return 0: connected, and a greeting may come */
static int
connect_peer(struct socket_wire *sock)
{
	int fd = open_socket();
	int rc;

	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&sock->address, sizeof(sock->address)) < 0) {
		rc = -errno;
		close(fd);
		return rc;
	}
	take_peer(sock, fd);
	return 0;
}

static int
listen_at_path(struct socket_wire *sock)
{
	struct stat status;
	int fd, rc;

	/* A socket that refuses is one that its listener left behind; another file is not ours. */
	if (lstat(sock->address.sun_path, &status) == 0) {
		if (!S_ISSOCK(status.st_mode))
			return -ENOTSOCK;
		unlink(sock->address.sun_path);
	}
	fd = open_socket();
	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&sock->address, sizeof(sock->address)) < 0 ||
	    listen(fd, 4) < 0) {
		rc = -errno;
		close(fd);
		return rc;
	}
	sock->listener = fd;
	return 0;
}

/*
 * Connect, or listen where nobody does. The folder is locked meanwhile: of two that come at once,
 * one must see the other's socket, and not take it for one left behind.
 */
static int
find_role(struct socket_wire *sock)
{
	int lock = open(sock->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc;

	if (lock < 0)
		return -errno;
	if (flock(lock, LOCK_EX | LOCK_NB) < 0) {
		rc = -EAGAIN;
	} else {
		rc = connect_peer(sock);
		if (rc == -ENOENT || rc == -ECONNREFUSED)
			rc = listen_at_path(sock);
	}
	close(lock);
	return rc;
}

static void
accept_peers(struct socket_wire *sock)
{
	const uint8_t hello[HELLO_BYTES] = { 0 };
	int fd;

	while ((fd = accept4(sock->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		if (sock->peer >= 0 ||
		    send(fd, hello, sizeof(hello), MSG_NOSIGNAL) != (ssize_t)sizeof(hello)) {
			close(fd);
			continue;
		}
		take_peer(sock, fd);
		sock->wire.mbps = WIRE_MBPS;
	}
}

/* Now and then: look for the other end, or turn away a third. */
static void
tend(struct socket_wire *sock)
{
	uint64_t now_ns = wire_clock_ns(CLOCK_MONOTONIC);

	if (now_ns < sock->retry_ns)
		return;
	sock->retry_ns = now_ns + RETRY_NS;
	if (sock->listener >= 0)
		accept_peers(sock);
	else if (sock->peer < 0)
		find_role(sock);
}

static unsigned int
socket_send(struct wire *wire, const struct wire_frame *frame, unsigned int nb)
{
	struct socket_wire *sock = (struct socket_wire *)wire;
	unsigned int done = 0;

	while (wire->mbps != 0 && done < nb) {
		unsigned int i, burst = nb - done < WIRE_BURST ? nb - done : WIRE_BURST;
		int sent;

		for (i = 0; i < burst; i++) {
			if (frame[done + i].len < FRAME_MIN)
				break;
			sock->part[i].iov_base = (void *)(uintptr_t)frame[done + i].data;
			sock->part[i].iov_len = frame[done + i].len;
		}
		sent = i == 0 ? 0 : sendmmsg(sock->peer, sock->message, i, MSG_NOSIGNAL);
		if (sent <= 0)
			break;
		done += (unsigned int)sent;
	}
	return wire_sent(wire, frame, done, nb);
}

/* What recvmmsg() put into data; @return how many are frames. */
static unsigned int
sort_messages(struct socket_wire *sock, struct wire_frame *frame, unsigned int nb)
{
	unsigned int i, nb_frames = 0;

	for (i = 0; i < nb; i++) {
		uint32_t len = sock->message[i].msg_len;

		if (len == 0) {
			hang_up(sock);
			break;
		}
		if (len < FRAME_MIN) {
			sock->wire.mbps = WIRE_MBPS;
			continue;
		}
		/* Longer than any frame: cut off, and therefore not delivered. */
		if ((sock->message[i].msg_hdr.msg_flags & MSG_TRUNC) != 0)
			continue;
		frame[nb_frames].data = sock->data[i];
		frame[nb_frames].len = len;
		nb_frames++;
	}
	return nb_frames;
}

static unsigned int
socket_recv(struct wire *wire, struct wire_frame *frame, unsigned int nb)
{
	struct socket_wire *sock = (struct socket_wire *)wire;
	unsigned int i;
	int came;

	tend(sock);
	if (sock->peer < 0)
		return 0;
	if (nb > WIRE_BURST)
		nb = WIRE_BURST;
	for (i = 0; i < nb; i++) {
		sock->part[i].iov_base = sock->data[i];
		sock->part[i].iov_len = WIRE_FRAME_MAX;
	}
	came = recvmmsg(sock->peer, sock->message, nb, MSG_DONTWAIT, NULL);
	if (came < 0) {
		if (errno != EAGAIN && errno != EINTR)
			hang_up(sock);
		return 0;
	}
	return wire_received(wire, frame, sort_messages(sock, frame, (unsigned int)came));
}

static int
socket_fd(struct wire *wire)
{
	struct socket_wire *sock = (struct socket_wire *)wire;

	return sock->peer >= 0 ? sock->peer : sock->listener;
}

static void
socket_free(struct wire *wire)
{
	struct socket_wire *sock = (struct socket_wire *)wire;

	if (sock->listener >= 0)
		unlink(sock->address.sun_path);
	close_fd(&sock->peer);
	close_fd(&sock->listener);
	free(sock);
}

/* The address, and the folder that it is in. */
static int
parse_path(const struct wire_spec *spec, struct socket_wire *sock)
{
	const char *path = spec->args;
	const char *slash = strrchr(path, '/');
	size_t room = sizeof(sock->address.sun_path);

	if (path[0] == '\0' || strlen(path) >= room) {
		wire_fail(spec, "the path of a socket is wanted, of up to %zu characters",
			  room - 1);
		return -EINVAL;
	}
	sock->address.sun_family = AF_UNIX;
	memcpy(sock->address.sun_path, path, strlen(path) + 1);
	if (slash == NULL)
		strcpy(sock->folder, ".");
	else
		memcpy(sock->folder, path, slash == path ? 1 : (size_t)(slash - path));
	return 0;
}

struct wire *
wire_socket_create(const struct wire_spec *spec)
{
	static const struct wire_ops ops = {
		.name = "socket",
		.send = socket_send,
		.recv = socket_recv,
		.fd = socket_fd,
		.free = socket_free,
	};
	struct socket_wire *sock = calloc(1, sizeof(*sock));
	unsigned int i;
	int rc;

	if (sock == NULL) {
		wire_fail(spec, "no memory");
		return NULL;
	}
	sock->wire.ops = &ops;
	sock->listener = -1;
	sock->peer = -1;
	for (i = 0; i < WIRE_BURST; i++) {
		sock->message[i].msg_hdr.msg_iov = &sock->part[i];
		sock->message[i].msg_hdr.msg_iovlen = 1;
	}
	if (parse_path(spec, sock) < 0)
		goto free_wire;
	rc = find_role(sock);
	if (rc < 0 && rc != -EAGAIN) {
		wire_fail(spec, "%s can be neither connected to nor listened at: %s",
			  sock->address.sun_path, strerror(-rc));
		goto free_wire;
	}
	return &sock->wire;

free_wire:
	socket_free(&sock->wire);
	return NULL;
}
