/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "listen.h"
#include "server.h"

/* What a client sent and has not been answered, or is being answered; never both at once. */
struct client {
	int fd; /* < 0: a free place */
	uint64_t since_ms;
	struct control_peer peer;
	char in[CONTROL_REQUEST_BYTES];
	size_t in_bytes;
	char *out; /* NULL: nothing to send */
	size_t out_bytes, out_sent;
};

struct control_server {
	int epoll_fd;
	int listen_fd;
	char path[CONFIG_PATH_BYTES];
	gid_t group;
	control_answer_t *answer;
	void *ctx;
	struct client client[CONTROL_CLIENTS_MAX];
};

static int
watch(const struct control_server *server, int fd, int op, uint32_t events, void *client)
{
	struct epoll_event event = { .events = events, .data.ptr = client };

	return epoll_ctl(server->epoll_fd, op, fd, &event);
}

static void
client_close(struct client *client)
{
	if (client->fd < 0)
		return;
	close(client->fd); /* which takes it out of the epoll set too */
	free(client->out);
	memset(client, 0, sizeof(*client));
	client->fd = -1;
}

/* A free place, made if need be; NULL: all are operators', and this is none. */
static struct client *
find_place(struct control_server *server, bool is_operator)
{
	struct client *unused = NULL, *other = NULL, *operator = NULL;
	unsigned int others = 0;

	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		struct client *client = &server->client[i];
		struct client **oldest = client->peer.is_operator ? &operator : &other;

		if (client->fd < 0) {
			unused = client;
			continue;
		}
		others += !client->peer.is_operator;
		if (*oldest == NULL || client->since_ms < (*oldest)->since_ms)
			*oldest = client;
	}
	if (unused != NULL && (is_operator || others < CONTROL_OTHERS_MAX))
		return unused;
	if (other == NULL)
		other = is_operator ? operator : NULL;
	if (other != NULL)
		client_close(other);
	return other;
}

static void
accept_client(struct control_server *server, uint64_t now_ms)
{
	int fd = accept4(server->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct control_peer peer;
	struct client *client;

	if (fd < 0)
		return;
	client = access_peer(fd, geteuid(), server->group, &peer) < 0 ?
			 NULL :
			 find_place(server, peer.is_operator);
	if (client == NULL) {
		close(fd);
		return;
	}
	client->fd = fd;
	client->since_ms = now_ms;
	client->peer = peer;
	if (watch(server, fd, EPOLL_CTL_ADD, EPOLLIN, client) < 0)
		client_close(client);
}

/* Starts a reply; until it is sent, nothing more is read. */
static void
client_reply(struct control_server *server, struct client *client, char *line)
{
	if (line == NULL || watch(server, client->fd, EPOLL_CTL_MOD, EPOLLOUT, client) < 0) {
		free(line);
		client_close(client);
		return;
	}
	client->out = line;
	client->out_bytes = strlen(line);
	client->out_sent = 0;
}

static void
answer_next_line(struct control_server *server, struct client *client)
{
	char *end = memchr(client->in, '\n', client->in_bytes);
	size_t bytes;
	char *line;

	if (end == NULL) {
		if (client->in_bytes < sizeof(client->in))
			return;
		client->in_bytes = 0;
		client_reply(server, client, control_reply_error(EX_USAGE, "request too long"));
		return;
	}
	bytes = end - client->in;
	line = server->answer(server->ctx, client->in, bytes, &client->peer);
	client->in_bytes -= bytes + 1;
	memmove(client->in, end + 1, client->in_bytes);
	client_reply(server, client, line);
}

static void
client_read(struct control_server *server, struct client *client)
{
	ssize_t nb = recv(client->fd, client->in + client->in_bytes,
			  sizeof(client->in) - client->in_bytes, 0);

	if (nb < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (nb <= 0) {
		client_close(client);
		return;
	}
	client->in_bytes += nb;
	answer_next_line(server, client);
}

static void
client_write(struct control_server *server, struct client *client)
{
	ssize_t nb = send(client->fd, client->out + client->out_sent,
			  client->out_bytes - client->out_sent, MSG_NOSIGNAL);

	if (nb < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (nb < 0) {
		client_close(client);
		return;
	}
	client->out_sent += nb;
	if (client->out_sent < client->out_bytes)
		return;
	free(client->out);
	client->out = NULL;
	if (watch(server, client->fd, EPOLL_CTL_MOD, EPOLLIN, client) < 0)
		client_close(client);
	else
		answer_next_line(server, client);
}

static void
close_expired(struct control_server *server, uint64_t now_ms)
{
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		struct client *client = &server->client[i];

		if (client->fd >= 0 && now_ms - client->since_ms >= CONTROL_CLIENT_MS)
			client_close(client);
	}
}

void
control_server_run(struct control_server *server, uint64_t now_ms)
{
	struct epoll_event events[CONTROL_CLIENTS_MAX + 1];
	bool waiting = false;
	int nb = epoll_wait(server->epoll_fd, events, CONTROL_CLIENTS_MAX + 1, 0);

	for (int i = 0; i < nb; i++) {
		struct client *client = events[i].data.ptr;

		if (client == NULL)
			waiting = true;
		else if (client->out != NULL)
			client_write(server, client);
		else
			client_read(server, client);
	}
	/* Last: a new client may get the place of one that is in the list of events. */
	close_expired(server, now_ms);
	if (waiting)
		accept_client(server, now_ms);
}

int
control_server_fd(const struct control_server *server)
{
	return server->epoll_fd;
}

struct control_server *
control_server_create(const char *path, const char *group, control_answer_t *answer, void *ctx,
		      char error[CONTROL_ERROR_BYTES])
{
	struct control_server *server = calloc(1, sizeof(*server));

	if (server == NULL) {
		snprintf(error, CONTROL_ERROR_BYTES, "%s: %s", path, strerror(errno));
		return NULL;
	}
	server->answer = answer;
	server->ctx = ctx;
	snprintf(server->path, sizeof(server->path), "%s", path);
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
		server->client[i].fd = -1;
	server->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (server->epoll_fd < 0) {
		snprintf(error, CONTROL_ERROR_BYTES, "%s: %s", path, strerror(errno));
		goto free_server;
	}
	server->listen_fd = access_group(group, &server->group);
	if (server->listen_fd < 0)
		snprintf(error, CONTROL_ERROR_BYTES,
			 "%s: cannot give it to group %s: no such group", path, group);
	else
		server->listen_fd = listen_on(path, server->group, error);
	if (server->listen_fd < 0) {
		errno = -server->listen_fd;
		goto close_epoll;
	}
	if (watch(server, server->listen_fd, EPOLL_CTL_ADD, EPOLLIN, NULL) == 0)
		return server;
	snprintf(error, CONTROL_ERROR_BYTES, "%s: %s", path, strerror(errno));
	close(server->listen_fd);
	(void)unlink(path);
close_epoll:
	close(server->epoll_fd);
free_server:
	free(server);
	return NULL;
}

void
control_server_free(struct control_server *server)
{
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
		client_close(&server->client[i]);
	close(server->listen_fd);
	(void)unlink(server->path);
	close(server->epoll_fd);
	free(server);
}
