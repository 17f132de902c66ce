/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * The socket on which the daemon speaks sd_notify(3): descriptors that it gives us to hold or to
 * drop, and what it says of itself, which is passed on. One thread.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "keeper.h"

#define MESSAGE_BYTES 4096
#define PASSED_MAX    (STORE_FDS_MAX + 1)

struct message {
	char text[MESSAGE_BYTES + 1];
	int fd[PASSED_MAX];
	unsigned int nb_fds;
	pid_t sender;
};

int
notify_open(char *address, size_t bytes)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	socklen_t length = sizeof(name);
	const int on = 1;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	/* No name given: the kernel makes up an abstract one, which ends with us. */
	if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0 ||
	    bind(fd, (struct sockaddr *)&name, sizeof(name.sun_family)) < 0 ||
	    getsockname(fd, (struct sockaddr *)&name, &length) < 0) {
		int rc = -errno;

		close(fd);
		return rc;
	}
	snprintf(address, bytes, "@%.*s", (int)(length - sizeof(name.sun_family) - 1),
		 name.sun_path + 1);
	return fd;
}

static void
take_fds(struct message *message, const struct cmsghdr *header)
{
	unsigned int nb = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);

	for (unsigned int i = 0; i < nb && message->nb_fds < PASSED_MAX; i++)
		memcpy(&message->fd[message->nb_fds++], CMSG_DATA(header) + i * sizeof(int),
		       sizeof(int));
}

/* 1, 0 if there is none, or -errno. */
static int
receive(int fd, struct message *message)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(PASSED_MAX * sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
	} control;
	struct iovec data = { .iov_base = message->text, .iov_len = MESSAGE_BYTES };
	struct msghdr header = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t nb = recvmsg(fd, &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);

	if (nb < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	message->text[nb] = '\0';
	message->nb_fds = 0;
	message->sender = 0;
	for (struct cmsghdr *at = CMSG_FIRSTHDR(&header); at != NULL;
	     at = CMSG_NXTHDR(&header, at)) {
		struct ucred sender;

		if (at->cmsg_level != SOL_SOCKET)
			continue;
		if (at->cmsg_type == SCM_RIGHTS) {
			take_fds(message, at);
		} else if (at->cmsg_type == SCM_CREDENTIALS) {
			memcpy(&sender, CMSG_DATA(at), sizeof(sender));
			message->sender = sender.pid;
		}
	}
	return 1;
}

/* The value of a line KEY=VALUE, up to its end; NULL if there is no such line. */
static const char *
value_of(const struct message *message, const char *key, char *value, size_t bytes)
{
	size_t length = strlen(key);

	for (const char *line = message->text; line != NULL && *line != '\0';) {
		const char *end = strchrnul(line, '\n');

		if (strncmp(line, key, length) == 0 && line[length] == '=') {
			line += length + 1;
			snprintf(value, bytes, "%.*s", (int)(end - line), line);
			return value;
		}
		line = *end == '\0' ? NULL : end + 1;
	}
	return NULL;
}

static bool
says(const struct message *message, const char *key)
{
	char value[4];

	return value_of(message, key, value, sizeof(value)) != NULL && strcmp(value, "1") == 0;
}

static void
store_passed(struct message *message, struct store *store)
{
	char name[2 * STORE_NAME_BYTES] = "";

	(void)value_of(message, "FDNAME", name, sizeof(name));
	for (unsigned int i = 0; i < message->nb_fds; i++) {
		int rc = store_add(store, name, message->fd[i]);

		if (rc < 0)
			keeper_log("a descriptor named '%s' is not kept: %s", name, strerror(-rc));
	}
	message->nb_fds = 0;
}

int
notify_read(int fd, pid_t from, struct store *store, struct notice *notice)
{
	char name[2 * STORE_NAME_BYTES];
	static struct message message; /* large, and there is one thread */
	int rc = receive(fd, &message);

	if (rc <= 0)
		return rc;
	if (message.sender == from) {
		if (says(&message, "FDSTORE"))
			store_passed(&message, store);
		if (says(&message, "FDSTOREREMOVE") &&
		    value_of(&message, "FDNAME", name, sizeof(name)) != NULL)
			store_remove(store, name);
		notice->ready |= says(&message, "READY");
	}
	/* Closing is all the answer that sd_notify_barrier() waits for. */
	for (unsigned int i = 0; i < message.nb_fds; i++)
		close(message.fd[i]);
	return 1;
}
