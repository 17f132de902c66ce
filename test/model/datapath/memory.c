/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * The port's Rx packet buffer.
 *
 * A frame whose queue has no descriptor and does not drop stays in front, and all that come after
 * it wait behind, whoever they are for: head-of-line blocking. When the buffer is full, frames from
 * the wire are missed and frames that pools send each other are lost.
 */
#include <errno.h>
#include <stdlib.h>

#include "engine.h"

struct entry {
	uint32_t bytes;		/* of entry and data; 0: the next one is at the start */
	struct frame frame;
	struct waiting waiting;
};

struct frame_list {
	uint32_t first, end;
	_Alignas(8) uint8_t bytes[PORT_MEMORY_BYTES];
};

struct frame_list *
memory_create(void)
{
	return calloc(1, sizeof(struct frame_list));
}

void
memory_free(struct frame_list *list)
{
	free(list);
}

void
memory_clear(struct nic *nic)
{
	struct datapath *dp = datapath_of(nic);

	dp->memory->first = dp->memory->end = dp->nb_waiting = dp->waiting_bytes = 0;
}

static struct entry *
entry_at(struct frame_list *list, uint32_t at)
{
	return (struct entry *)&list->bytes[at];
}

/* The entry at @p at, or at the start if the writer turned round there. */
static uint32_t
entry_skip(struct frame_list *list, uint32_t at)
{
	if (at + sizeof(struct entry) > sizeof(list->bytes) || entry_at(list, at)->bytes == 0)
		return 0;
	return at;
}

/* @return where @p bytes fit, UINT32_MAX: nowhere. The end never catches up with the first. */
static uint32_t
memory_room(struct frame_list *list, uint32_t bytes)
{
	if (list->end < list->first)
		return bytes < list->first - list->end ? list->end : UINT32_MAX;
	if (bytes <= sizeof(list->bytes) - list->end)
		return list->end;
	if (bytes >= list->first)
		return UINT32_MAX;
	if (list->end + sizeof(struct entry) <= sizeof(list->bytes))
		entry_at(list, list->end)->bytes = 0;
	return 0;
}

void
memory_push(struct nic *nic, const struct frame *frame, const struct waiting *waiting)
{
	struct datapath *dp = datapath_of(nic);
	uint32_t bytes = ((uint32_t)sizeof(struct entry) + frame->len + 7) & ~7u;
	struct entry *entry;
	uint32_t at;

	if (dp->nb_waiting == 0)
		memory_clear(nic);
	at = memory_room(dp->memory, bytes);
	if (at == UINT32_MAX) {
		if (frame->from_wire) {
			nic->stats.rx_missed++;
			dp->missed = true;
		} else {
			nic->stats.switch_drops++;
		}
		return;
	}
	entry = entry_at(dp->memory, at);
	*entry = (struct entry){ .bytes = bytes, .frame = *frame, .waiting = *waiting };
	entry->frame.data = (uint8_t *)(entry + 1);
	memcpy(entry->frame.data, frame->data, frame->len);
	dp->memory->end = at + bytes;
	dp->nb_waiting++;
	dp->waiting_bytes += frame->len + CRC_BYTES;
}

/* @return whether the frame left */
static bool
entry_deliver(struct nic *nic, struct entry *entry)
{
	struct waiting *waiting = &entry->waiting;
	struct sight sight;

	sight_read(nic, &entry->frame, &sight);
	if (waiting->queue != NULL) {
		struct rx_job job = { .frame = &entry->frame, .sight = &sight };

		return rx_place(nic, waiting->queue, &job) != -ENOBUFS;
	}
	waiting->pools = switch_deliver(nic, &entry->frame, &sight, waiting->pools,
					waiting->inexact);
	return waiting->pools == 0;
}

unsigned int
memory_drain(struct nic *nic)
{
	struct datapath *dp = datapath_of(nic);
	struct frame_list *list = dp->memory;
	unsigned int nb = 0;

	while (dp->nb_waiting > 0) {
		struct entry *entry;

		list->first = entry_skip(list, list->first);
		entry = entry_at(list, list->first);
		if (!entry_deliver(nic, entry))
			break;
		list->first += entry->bytes;
		dp->waiting_bytes -= entry->frame.len + CRC_BYTES;
		dp->nb_waiting--;
		nb++;
	}
	return nb;
}

void
memory_forget(struct nic *nic, unsigned int pool)
{
	struct datapath *dp = datapath_of(nic);
	struct frame_list *list = dp->memory;
	uint32_t at = list->first;

	for (uint32_t i = 0; i < dp->nb_waiting; i++) {
		at = entry_skip(list, at);
		entry_at(list, at)->waiting.pools &= ~(1ULL << pool);
		at += entry_at(list, at)->bytes;
	}
}
