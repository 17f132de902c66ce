/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <stdlib.h>
#include <string.h>

#include "feed.h"

#define TYPE_OFFSET 12

static const uint8_t pause_type[] = { 0x88, 0x08 };

/** The device's own, by which it asks the wire for a rest. */
static bool
is_pause(const uint8_t *data)
{
	return memcmp(data + TYPE_OFFSET, pause_type, sizeof(pause_type)) == 0;
}

static unsigned int
feed_send(struct wire *wire, const struct wire_frame *frame, unsigned int nb)
{
	struct feed *feed = (struct feed *)wire;

	for (unsigned int i = 0; i < nb; i++) {
		if (is_pause(frame[i].data))
			continue;
		feed->wrong += !feed->is_right(feed, frame[i].data, frame[i].len);
		feed->back++;
	}
	wire->sent_frames += nb;
	return nb;
}

static unsigned int
feed_recv(struct wire *wire, struct wire_frame *frame, unsigned int nb)
{
	struct feed *feed = (struct feed *)wire;

	if (nb > feed->due)
		nb = feed->due;
	for (unsigned int i = 0; i < nb; i++) {
		if (feed->on_out != NULL)
			feed->on_out(feed, feed->data[feed->next]);
		frame[i].data = feed->data[feed->next];
		frame[i].len = feed->len[feed->next];
		feed->next = feed->next + 1 == feed->nb ? 0 : feed->next + 1;
	}
	feed->due -= nb;
	wire->received_frames += nb;
	return nb;
}

static int
feed_fd(struct wire *wire)
{
	(void)wire;
	return -1;
}

static void
feed_free(struct wire *wire)
{
	free(wire);
}

struct feed *
feed_create(uint32_t mbps)
{
	static const struct wire_ops ops = {
		.name = "feed", .send = feed_send, .recv = feed_recv, .fd = feed_fd,
		.free = feed_free,
	};
	struct feed *feed = calloc(1, sizeof(*feed));

	if (feed == NULL)
		return NULL;
	feed->wire.ops = &ops;
	feed->wire.mbps = mbps;
	return feed;
}
