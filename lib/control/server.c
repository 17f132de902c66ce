/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
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

/* A client that is told what happens. */
struct listener {
	int fd; /* < 0: a free place */
	bool is_operator;
	bool is_full;	 /* its socket takes no more for now */
	uint64_t end_ms; /* when it is hung up on; 0: it has not ended */
	struct control_stream *stream;
};

/* What an event is about. */
enum {
	PLACE_SOCKET,
	PLACE_WAKE,
	PLACE_CLIENTS,
	PLACE_LISTENERS = PLACE_CLIENTS + CONTROL_CLIENTS_MAX,
	NB_PLACES = PLACE_LISTENERS + CONTROL_STREAMS_MAX,
};

struct control_server {
	int epoll_fd;
	int listen_fd;
	int wake_fd; /* written when a stream has something to send */
	uint64_t now_ms;
	char path[CONFIG_PATH_BYTES];
	gid_t group;
	control_answer_t *answer;
	void *ctx;
	struct client client[CONTROL_CLIENTS_MAX];
	struct listener listener[CONTROL_STREAMS_MAX];
};

static int
watch(const struct control_server *server, int fd, int op, uint32_t events, uint32_t place)
{
	struct epoll_event event = { .events = events, .data.u32 = place };

	return epoll_ctl(server->epoll_fd, op, fd, &event);
}

static uint32_t
place_of(const struct control_server *server, const struct client *client)
{
	return PLACE_CLIENTS + (client - server->client);
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
	if (watch(server, fd, EPOLL_CTL_ADD, EPOLLIN, place_of(server, client)) < 0)
		client_close(client);
}

/* Starts a reply; until it is sent, nothing more is read. */
static void
client_reply(struct control_server *server, struct client *client, char *line)
{
	if (line == NULL ||
	    watch(server, client->fd, EPOLL_CTL_MOD, EPOLLOUT, place_of(server, client)) < 0) {
		free(line);
		client_close(client);
		return;
	}
	client->out = line;
	client->out_bytes = strlen(line);
	client->out_sent = 0;
}

/* --- Clients with a stream --- */

/* NULL: there is none for this one. */
static struct listener *
find_listener(struct control_server *server, bool is_operator)
{
	struct listener *unused = NULL;
	unsigned int others = 0;

	for (size_t i = 0; i < CONTROL_STREAMS_MAX; i++) {
		struct listener *listener = &server->listener[i];

		if (listener->fd < 0)
			unused = listener;
		else
			others += !listener->is_operator;
	}
	return is_operator || others < CONTROL_OTHERS_MAX ? unused : NULL;
}

static void
listener_close(struct listener *listener)
{
	if (listener->fd < 0)
		return;
	control_stream_end(listener->stream);
	control_stream_free(listener->stream);
	close(listener->fd);
	*listener = (struct listener){ .fd = -1 };
}

static int
listener_watch(struct control_server *server, struct listener *listener, int op, bool is_full)
{
	uint32_t events = (listener->end_ms == 0 ? EPOLLIN : 0) | (is_full ? EPOLLOUT : 0);

	listener->is_full = is_full;
	return watch(server, listener->fd, op, events,
		     PLACE_LISTENERS + (listener - server->listener));
}

/* As much as it takes; who has ended and been told all is hung up on. */
static void
listener_send(struct control_server *server, struct listener *listener)
{
	struct iovec pieces[2];
	struct msghdr message = { .msg_iov = pieces };
	ssize_t nb = 0;

	for (;;) {
		message.msg_iovlen = control_stream_peek(listener->stream, pieces);
		if (message.msg_iovlen == 0)
			break;
		nb = sendmsg(listener->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (nb < 0)
			break;
		control_stream_skip(listener->stream, nb);
	}
	if (nb < 0 && errno != EAGAIN && errno != EINTR)
		listener_close(listener);
	else if (nb >= 0 && listener->end_ms != 0)
		listener_close(listener);
	else if ((nb < 0) != listener->is_full &&
		 listener_watch(server, listener, EPOLL_CTL_MOD, nb < 0) < 0)
		listener_close(listener);
}

/* It has nothing to say; it can only finish. */
static void
listener_read(struct control_server *server, struct listener *listener)
{
	char word[64];
	ssize_t nb = recv(listener->fd, word, sizeof(word), 0);

	if (nb > 0 || (nb < 0 && (errno == EAGAIN || errno == EINTR)))
		return;
	listener->end_ms = server->now_ms + CONTROL_CLIENT_MS;
	control_stream_end(listener->stream);
	if (listener_watch(server, listener, EPOLL_CTL_MOD, listener->is_full) < 0)
		listener_close(listener);
	else
		listener_send(server, listener);
}

/* The reply is the first to go; the client's place is free again. */
static void
become_listener(struct control_server *server, struct client *client,
		struct control_stream *stream, char *line)
{
	struct listener *listener = find_listener(server, client->peer.is_operator);
	const struct iovec reply = { line, line == NULL ? 0 : strlen(line) };

	*listener = (struct listener){
		.fd = client->fd, .is_operator = client->peer.is_operator, .stream = stream
	};
	client->fd = -1;
	client->in_bytes = 0;
	if (line == NULL || !control_stream_put(stream, &reply, 1) ||
	    listener_watch(server, listener, EPOLL_CTL_MOD, false) < 0) {
		listener_close(listener);
	} else {
		control_stream_start(stream, server->wake_fd);
		listener_send(server, listener);
	}
	free(line);
}

static void
send_what_is_new(struct control_server *server)
{
	uint64_t wakes;

	if (read(server->wake_fd, &wakes, sizeof(wakes)) < 0)
		return;
	for (size_t i = 0; i < CONTROL_STREAMS_MAX; i++)
		if (server->listener[i].fd >= 0 && !server->listener[i].is_full)
			listener_send(server, &server->listener[i]);
}

static void
listener_event(struct control_server *server, struct listener *listener, uint32_t events)
{
	if (listener->fd >= 0 && (events & EPOLLOUT) != 0)
		listener_send(server, listener);
	if (listener->fd >= 0 && listener->end_ms == 0 && (events & ~(uint32_t)EPOLLOUT) != 0)
		listener_read(server, listener);
	else if (listener->fd >= 0 && (events & (EPOLLHUP | EPOLLERR)) != 0)
		listener_close(listener);
}

/* --- Lines --- */

static void
answer_next_line(struct control_server *server, struct client *client)
{
	char *end = memchr(client->in, '\n', client->in_bytes);
	struct control_stream *stream = NULL;
	bool has_room;
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
	has_room = find_listener(server, client->peer.is_operator) != NULL;
	line = server->answer(server->ctx, client->in, bytes, &client->peer,
			      has_room ? &stream : NULL);
	if (stream != NULL) {
		become_listener(server, client, stream, line);
		return;
	}
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
	if (watch(server, client->fd, EPOLL_CTL_MOD, EPOLLIN, place_of(server, client)) < 0)
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
	for (size_t i = 0; i < CONTROL_STREAMS_MAX; i++)
		if (server->listener[i].end_ms != 0 && now_ms >= server->listener[i].end_ms)
			listener_close(&server->listener[i]);
}

static void
serve_event(struct control_server *server, const struct epoll_event *event)
{
	uint32_t place = event->data.u32;
	struct client *client;

	if (place == PLACE_WAKE) {
		send_what_is_new(server);
		return;
	}
	if (place >= PLACE_LISTENERS) {
		listener_event(server, &server->listener[place - PLACE_LISTENERS], event->events);
		return;
	}
	client = &server->client[place - PLACE_CLIENTS];
	if (client->fd < 0)
		return;
	if (client->out != NULL)
		client_write(server, client);
	else
		client_read(server, client);
}

void
control_server_run(struct control_server *server, uint64_t now_ms)
{
	struct epoll_event events[NB_PLACES];
	bool waiting = false;
	int nb = epoll_wait(server->epoll_fd, events, NB_PLACES, 0);

	server->now_ms = now_ms;
	for (int i = 0; i < nb; i++) {
		if (events[i].data.u32 == PLACE_SOCKET)
			waiting = true;
		else
			serve_event(server, &events[i]);
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

/* An epoll set with an eventfd in it. */
static int
open_set(struct control_server *server)
{
	server->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	server->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (server->epoll_fd < 0 || server->wake_fd < 0)
		return -errno;
	return watch(server, server->wake_fd, EPOLL_CTL_ADD, EPOLLIN, PLACE_WAKE) < 0 ? -errno : 0;
}

static void
close_set(const struct control_server *server)
{
	if (server->epoll_fd >= 0)
		close(server->epoll_fd);
	if (server->wake_fd >= 0)
		close(server->wake_fd);
}

static int
open_socket(struct control_server *server, const char *group, char error[CONTROL_ERROR_BYTES])
{
	if (access_group(group, &server->group) < 0) {
		snprintf(error, CONTROL_ERROR_BYTES,
			 "%s: cannot give it to group %s: no such group", server->path, group);
		return -ENOENT;
	}
	server->listen_fd = listen_on(server->path, server->group, error);
	return server->listen_fd < 0 ? server->listen_fd : 0;
}

struct control_server *
control_server_create(const char *path, const char *group, control_answer_t *answer, void *ctx,
		      char error[CONTROL_ERROR_BYTES])
{
	struct control_server *server = calloc(1, sizeof(*server));
	int rc;

	if (server == NULL) {
		snprintf(error, CONTROL_ERROR_BYTES, "%s: %s", path, strerror(errno));
		return NULL;
	}
	server->answer = answer;
	server->ctx = ctx;
	snprintf(server->path, sizeof(server->path), "%s", path);
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
		server->client[i].fd = -1;
	for (size_t i = 0; i < CONTROL_STREAMS_MAX; i++)
		server->listener[i].fd = -1;
	rc = open_set(server);
	if (rc < 0) {
		snprintf(error, CONTROL_ERROR_BYTES, "%s: %s", path, strerror(-rc));
		goto free_server;
	}
	rc = open_socket(server, group, error);
	if (rc < 0)
		goto free_server;
	if (watch(server, server->listen_fd, EPOLL_CTL_ADD, EPOLLIN, PLACE_SOCKET) == 0)
		return server;
	rc = -errno;
	snprintf(error, CONTROL_ERROR_BYTES, "%s: %s", path, strerror(-rc));
	close(server->listen_fd);
	(void)unlink(path);
free_server:
	close_set(server);
	free(server);
	errno = -rc;
	return NULL;
}

void
control_server_free(struct control_server *server)
{
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
		client_close(&server->client[i]);
	for (size_t i = 0; i < CONTROL_STREAMS_MAX; i++)
		listener_close(&server->listener[i]);
	close(server->listen_fd);
	(void)unlink(server->path);
	close_set(server);
	free(server);
}
