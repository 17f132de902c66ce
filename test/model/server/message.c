/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "message.h"

static_assert(sizeof(struct message) == 88, "rig.py makes one too");

#define CONTROL_BYTES CMSG_SPACE(sizeof(int) * MESSAGE_FDS_MAX)

void
message_close_fds(struct message_fds *fds)
{
	while (fds->nb > 0)
		close(fds->fd[--fds->nb]);
}

int
message_send(int sock, const struct message *message, const struct message_fds *fds)
{
	char control[CONTROL_BYTES] __attribute__((aligned(8))) = { 0 };
	struct iovec data = { (void *)(uintptr_t)message, sizeof(*message) };
	struct msghdr header = { .msg_iov = &data, .msg_iovlen = 1 };
	ssize_t nb;

	if (fds != NULL && fds->nb > 0) {
		struct cmsghdr *rights = (struct cmsghdr *)control;

		rights->cmsg_level = SOL_SOCKET;
		rights->cmsg_type = SCM_RIGHTS;
		rights->cmsg_len = CMSG_LEN(sizeof(int) * fds->nb);
		memcpy(CMSG_DATA(rights), fds->fd, sizeof(int) * fds->nb);
		header.msg_control = control;
		header.msg_controllen = CMSG_SPACE(sizeof(int) * fds->nb);
	}
	do
		nb = sendmsg(sock, &header, MSG_NOSIGNAL);
	while (nb < 0 && errno == EINTR);
	if (nb < 0)
		return errno == EPIPE ? -ECONNRESET : -errno;
	return 0;
}

static void
take_fds(struct msghdr *header, struct message_fds *fds)
{
	for (struct cmsghdr *part = CMSG_FIRSTHDR(header); part != NULL;
	     part = CMSG_NXTHDR(header, part)) {
		unsigned int nb = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS)
			continue;
		memcpy(&fds->fd[fds->nb], CMSG_DATA(part), nb * sizeof(int));
		fds->nb += nb;
	}
}

int
message_receive(int sock, struct message *message, struct message_fds *fds)
{
	char control[CONTROL_BYTES] __attribute__((aligned(8)));
	struct iovec data = { message, sizeof(*message) };
	struct msghdr header = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	ssize_t nb;

	fds->nb = 0;
	do
		nb = recvmsg(sock, &header, MSG_CMSG_CLOEXEC);
	while (nb < 0 && errno == EINTR);
	if (nb < 0)
		return errno == ECONNRESET ? -ECONNRESET : -errno;
	if (nb == 0)
		return -ECONNRESET;
	take_fds(&header, fds);
	if (nb == sizeof(*message) && !(header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)))
		return 0;
	message_close_fds(fds);
	return -EPROTO;
}
