/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stream.h"

struct control_stream {
	struct control_stream_ops ops;
	bool ended;
	int wake_fd; /* -1: nobody sends yet */

	pthread_mutex_t lock; /* held for no longer than a copy takes */
	uint64_t lost;	      /* all of them */
	uint64_t untold;      /* of them: after what is in the buffer */
	size_t head, used, bytes;
	char buffer[];
};

struct control_stream *
control_stream_create(size_t bytes, const struct control_stream_ops *ops)
{
	struct control_stream *stream = calloc(1, sizeof(*stream) + bytes);

	if (stream == NULL)
		return NULL;
	stream->ops = *ops;
	stream->bytes = bytes;
	stream->wake_fd = -1;
	if (pthread_mutex_init(&stream->lock, NULL) == 0)
		return stream;
	free(stream);
	return NULL;
}

void
control_stream_free(struct control_stream *stream)
{
	pthread_mutex_destroy(&stream->lock);
	free(stream);
}

/* There is room. */
static void
append(struct control_stream *stream, const void *data, size_t bytes)
{
	size_t at = (stream->head + stream->used) % stream->bytes;
	size_t first = stream->bytes - at < bytes ? stream->bytes - at : bytes;

	memcpy(stream->buffer + at, data, first);
	memcpy(stream->buffer, (const char *)data + first, bytes - first);
	stream->used += bytes;
}

static void
wake(const struct control_stream *stream)
{
	const uint64_t one = 1;

	/* It fails if it would overflow, and then it is readable. */
	if (stream->wake_fd >= 0 && write(stream->wake_fd, &one, sizeof(one)) < 0)
		return;
}

bool
control_stream_put(struct control_stream *stream, const struct iovec *parts, unsigned int nb)
{
	size_t bytes = 0;
	bool fits, was_empty;

	for (unsigned int i = 0; i < nb; i++)
		bytes += parts[i].iov_len;
	pthread_mutex_lock(&stream->lock);
	was_empty = stream->used == 0;
	fits = stream->untold == 0 && bytes <= stream->bytes - stream->used;
	for (unsigned int i = 0; fits && i < nb; i++)
		append(stream, parts[i].iov_base, parts[i].iov_len);
	stream->untold += !fits;
	stream->lost += !fits;
	pthread_mutex_unlock(&stream->lock);
	if (was_empty)
		wake(stream);
	return fits;
}

uint64_t
control_stream_lost(struct control_stream *stream)
{
	uint64_t lost;

	pthread_mutex_lock(&stream->lock);
	lost = stream->lost;
	pthread_mutex_unlock(&stream->lock);
	return lost;
}

void
control_stream_start(struct control_stream *stream, int wake_fd)
{
	pthread_mutex_lock(&stream->lock);
	stream->wake_fd = wake_fd;
	pthread_mutex_unlock(&stream->lock);
}

/* What is between head and the end of what is used is nobody's but the caller's. */
unsigned int
control_stream_peek(struct control_stream *stream, struct iovec pieces[2])
{
	char record[STREAM_LOST_BYTES];
	size_t used, first;

	pthread_mutex_lock(&stream->lock);
	if (stream->used == 0 && stream->untold > 0) {
		append(stream, record, stream->ops.lost(record, stream->untold));
		stream->untold = 0;
	}
	used = stream->used;
	pthread_mutex_unlock(&stream->lock);
	first = stream->bytes - stream->head < used ? stream->bytes - stream->head : used;
	pieces[0] = (struct iovec){ stream->buffer + stream->head, first };
	pieces[1] = (struct iovec){ stream->buffer, used - first };
	return (first > 0) + (used > first);
}

void
control_stream_skip(struct control_stream *stream, size_t bytes)
{
	pthread_mutex_lock(&stream->lock);
	stream->head = (stream->head + bytes) % stream->bytes;
	stream->used -= bytes;
	pthread_mutex_unlock(&stream->lock);
}

void
control_stream_end(struct control_stream *stream)
{
	if (!stream->ended)
		stream->ops.ended(stream->ops.ctx);
	stream->ended = true;
}
