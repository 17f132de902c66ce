/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "client.h"
#include "listen.h"

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

static int
wait_for(int fd, short events, int64_t deadline_ms)
{
	struct pollfd poll_fd = { .fd = fd, .events = events };
	int64_t left_ms = deadline_ms - now_ms();
	int nb = poll(&poll_fd, 1, left_ms < 0 ? 0 : (int)left_ms);

	if (nb < 0)
		return -errno;
	return nb == 0 ? -ETIMEDOUT : 0;
}

static int
send_all(int fd, const char *text, int64_t deadline_ms)
{
	size_t bytes = strlen(text);

	while (bytes > 0) {
		int rc = wait_for(fd, POLLOUT, deadline_ms);
		ssize_t nb;

		if (rc < 0)
			return rc;
		nb = send(fd, text, bytes, MSG_NOSIGNAL);
		if (nb < 0)
			return -errno;
		text += nb;
		bytes -= nb;
	}
	return 0;
}

/* No more at once than @p step: what is behind the line may be somebody else's to read. */
static int
receive_line(int fd, char *line, size_t bytes, size_t step, int64_t deadline_ms)
{
	size_t used = 0;

	while (used < bytes) {
		int rc = wait_for(fd, POLLIN, deadline_ms);
		ssize_t nb;
		char *end;

		if (rc < 0)
			return rc;
		nb = recv(fd, line + used, bytes - used < step ? bytes - used : step, 0);
		if (nb < 0)
			return -errno;
		if (nb == 0)
			return -EPROTO;
		end = memchr(line + used, '\n', nb);
		if (end != NULL) {
			*end = '\0';
			return 0;
		}
		used += nb;
	}
	return -EPROTO;
}

static int
exchange(int fd, const char *request, size_t step, int64_t deadline_ms, char **reply)
{
	int rc = send_all(fd, request, deadline_ms);

	if (rc < 0)
		return rc;
	*reply = malloc(CONTROL_REPLY_BYTES);
	if (*reply == NULL)
		return -ENOMEM;
	rc = receive_line(fd, *reply, CONTROL_REPLY_BYTES, step, deadline_ms);
	if (rc < 0) {
		free(*reply);
		*reply = NULL;
	}
	return rc;
}

/* On a full queue a non-blocking connect() says EAGAIN at once; it is not worth waiting for. */
static int
connect_to(const char *path)
{
	struct sockaddr_un address;
	int rc = socket_address(path, &address);
	int fd;

	if (rc < 0)
		return rc;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		rc = -errno;
		close(fd);
		return rc;
	}
	return fd;
}

static const char *
error_text(int rc)
{
	switch (rc) {
	case -ENOENT:
	case -ECONNREFUSED:
		return "sluiced is not running";
	case -EPROTO:
		return "sluiced hung up";
	case -ETIMEDOUT:
		return "sluiced does not answer";
	default:
		return strerror(-rc);
	}
}

/* @return the descriptor, after the exchange */
static int
open_and_exchange(const char *path, const char *request, size_t step, unsigned int timeout_ms,
		  char **reply, char error[CONTROL_ERROR_BYTES])
{
	int64_t deadline_ms = now_ms() + timeout_ms;
	int fd = connect_to(path);
	int rc = fd;

	*reply = NULL;
	if (fd >= 0)
		rc = exchange(fd, request, step, deadline_ms, reply);
	if (rc >= 0)
		return fd;
	if (fd >= 0)
		close(fd);
	snprintf(error, CONTROL_ERROR_BYTES, "%s: %s", path, error_text(rc));
	return rc;
}

int
control_call(const char *path, const char *request, unsigned int timeout_ms, char **reply,
	     char error[CONTROL_ERROR_BYTES])
{
	int fd = open_and_exchange(path, request, CONTROL_REPLY_BYTES, timeout_ms, reply, error);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

int
control_open(const char *path, const char *request, unsigned int timeout_ms, char **reply,
	     char error[CONTROL_ERROR_BYTES])
{
	return open_and_exchange(path, request, 1, timeout_ms, reply, error);
}
