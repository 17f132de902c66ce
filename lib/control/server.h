/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The daemon's end of the control socket: a few clients, none of which can make it wait.
 *
 * Every descriptor is non-blocking and in one epoll set, whose own descriptor the caller polls.
 * A client has CONTROL_CLIENT_MS from its connection on, whatever it does; when all places are
 * taken, the oldest client makes room; an operator never does for somebody who is none. Who is
 * answered with a stream (stream.h) has a place of another kind, for as long as it likes. Not
 * thread-safe.
 */
#ifndef SLUICE_CONTROL_SERVER_H
#define SLUICE_CONTROL_SERVER_H

#include <stddef.h>
#include <stdint.h>

#include "access.h"
#include "protocol.h"
#include "stream.h"

#define CONTROL_CLIENTS_MAX 8
#define CONTROL_STREAMS_MAX 8
#define CONTROL_OTHERS_MAX  4 /**< of each kind, those who are no operators */
#define CONTROL_CLIENT_MS   10000

struct control_server;

/**
 * Answer one request line (without its newline).
 *
 * @param peer  who asks, by the kernel's word
 * @param stream  NULL: there is no room for one more; else it may be set to one, which is the
 *                server's then and goes on behind the line returned
 * @return a line with its newline, to be freed by the server; NULL: hang up
 */
typedef char *control_answer_t(void *ctx, const char *line, size_t bytes,
			       const struct control_peer *peer, struct control_stream **stream);

/**
 * Listen on a Unix socket that anybody may connect to. A socket that nobody answers on is replaced.
 *
 * @param group  whose members are operators; empty: CONTROL_DEFAULT_GROUP, if there is one
 * @param error  one line on failure
 * @return NULL with errno set on failure; EADDRINUSE: somebody answers there
 */
struct control_server *control_server_create(const char *path, const char *group,
					     control_answer_t *answer, void *ctx,
					     char error[CONTROL_ERROR_BYTES]);

/** Hang up on all clients and remove the socket. */
void control_server_free(struct control_server *server);

/** Readable when there is something to do. */
int control_server_fd(const struct control_server *server);

/** Do what can be done without waiting; also to be called about once a second. */
void control_server_run(struct control_server *server, uint64_t now_ms);

#endif /* SLUICE_CONTROL_SERVER_H */
