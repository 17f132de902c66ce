/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What one client is told as it happens, after the reply to what it asked for.
 *
 * A bounded buffer between whoever has something to tell (any thread, which never waits) and the
 * server, which sends as fast as the client reads. A record that finds no room is lost and counted,
 * and so are those after it until the client has read all that was there; then it is told how many
 * they were. So a client that does not read costs nothing but its buffer.
 */
#ifndef SLUICE_CONTROL_STREAM_H
#define SLUICE_CONTROL_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#define STREAM_LOST_BYTES 64 /**< longest record that tells of lost ones */

struct control_stream;

struct control_stream_ops {
	/** Write the record that says how many were lost. @return its bytes */
	size_t (*lost)(char record[STREAM_LOST_BYTES], uint64_t nb);
	/**
	 * The client wants no more, or is gone: nobody may put anything after the return. What is
	 * put within is still sent to who has only finished writing. The server's thread, once.
	 */
	void (*ended)(void *ctx);
	void *ctx;
};

/** @param bytes  of the buffer. @return NULL: out of memory */
struct control_stream *control_stream_create(size_t bytes, const struct control_stream_ops *ops);

/** Only for one that was not handed to a server, which frees its own. */
void control_stream_free(struct control_stream *stream);

/** Add one record, all of it or nothing. Any thread. @return whether it was not lost */
bool control_stream_put(struct control_stream *stream, const struct iovec *parts, unsigned int nb);

/** How many records were lost so far. Any thread. */
uint64_t control_stream_lost(struct control_stream *stream);

/* --- The server's: its thread alone --- */

/** @param wake_fd  an eventfd, written when there is something to send again */
void control_stream_start(struct control_stream *stream, int wake_fd);

/** What is to be sent, in at most two pieces. @return how many */
unsigned int control_stream_peek(struct control_stream *stream, struct iovec pieces[2]);

/** So much of it was sent. */
void control_stream_skip(struct control_stream *stream, size_t bytes);

/** Call ops->ended, if nobody has yet. */
void control_stream_end(struct control_stream *stream);

#endif /* SLUICE_CONTROL_STREAM_H */
