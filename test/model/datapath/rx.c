/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* Rx rings: 82576 sheet 3.1-3.6, 4.1, 4.2; 82599 sheet 3.2, 3.3, 4.1, 4.2. */
#include <endian.h>
#include <errno.h>

#include "rx_quick.h"

#define SPH	     (1u << 31)
#define HDRLEN_SHIFT 21
#define HDRLEN_MAX   1023

/* What goes into the buffers, piece by piece: a tag may be taken out or put in. */
struct pieces {
	const uint8_t *part[4];
	uint32_t bytes[4];
	unsigned int nb, at;
	uint32_t total;
	uint8_t tag[TAG_BYTES], crc[CRC_BYTES];
};

/* The write-back of a frame's last descriptor. */
struct fields {
	uint64_t found;
	uint32_t status;
	uint16_t vlan;
};

static void
pieces_add(struct pieces *pieces, const uint8_t *part, uint32_t bytes)
{
	pieces->part[pieces->nb] = part;
	pieces->bytes[pieces->nb++] = bytes;
	pieces->total += bytes;
}

static void
pieces_fill(const struct nic *nic, const struct rx_job *job, bool without_tag,
	    struct pieces *pieces)
{
	const struct frame *frame = job->frame;
	uint32_t tag_at = job->sight->tag_at, crc = 0;

	pieces->nb = pieces->at = pieces->total = 0;
	if (!job->sight->tagged || (tag_at == 0) == without_tag) {
		pieces_add(pieces, frame->data, frame->len);
	} else if (without_tag) {
		pieces_add(pieces, frame->data, tag_at);
		pieces_add(pieces, frame->data + tag_at + TAG_BYTES,
			   frame->len - tag_at - TAG_BYTES);
	} else {
		write_be16(pieces->tag, nic->filters.vlan_etype);
		write_be16(pieces->tag + 2, job->sight->tci);
		pieces_add(pieces, frame->data, ADDRESSES_BYTES);
		pieces_add(pieces, pieces->tag, TAG_BYTES);
		pieces_add(pieces, frame->data + ADDRESSES_BYTES, frame->len - ADDRESSES_BYTES);
	}
	if (nic->port.strip_crc)
		return;
	for (unsigned int i = 0; i < pieces->nb; i++)
		crc = crc32_ethernet(crc, pieces->part[i], pieces->bytes[i]);
	crc = htole32(crc);
	memcpy(pieces->crc, &crc, sizeof(crc));
	pieces_add(pieces, pieces->crc, CRC_BYTES);
}

static void
pieces_take(struct pieces *pieces, uint8_t *to, uint32_t bytes)
{
	while (bytes > 0) {
		uint32_t part = pieces->bytes[pieces->at];

		if (part > bytes)
			part = bytes;
		memcpy(to, pieces->part[pieces->at], part);
		to += part;
		bytes -= part;
		pieces->part[pieces->at] += part;
		pieces->bytes[pieces->at] -= part;
		if (pieces->bytes[pieces->at] == 0)
			pieces->at++;
	}
}

static void
fields_fill(const struct nic *nic, const struct rx_queue *q, const struct rx_job *job,
	    struct fields *fields)
{
	const struct rxd_bits *bits = &nic->family->rxd;
	const struct classified *seen = &job->seen;
	const struct frame *frame = job->frame;
	uint32_t status = STATUS_DD | STATUS_EOP;

	fields->found = rx_found(nic, seen);
	fields->vlan = 0;
	if (job->sight->tagged && !job->hide) {
		status |= STATUS_VP;
		if (job->strip || q->strip_vlan)
			fields->vlan = frame->from_wire || !bits->loopback_vlan_swapped ?
				job->sight->tci : __builtin_bswap16(job->sight->tci);
	}
	status |= seen->status;
	status |= job->inexact ? STATUS_PIF : 0;
	status |= job->sight->outer_tag ? STATUS_VEXT : 0;
	status |= frame->from_wire ? 0 : bits->loopback;
	status |= frame->bad_crc ? bits->error_rxe : 0;
	fields->status = status;
}

/* Length, status and DD are one store, after all that they vouch for. */
static void
write_back(const struct rx_queue *q, uint64_t *desc, const struct fields *fields, uint32_t bytes)
{
	uint64_t high;

	if (q->desc_type == RX_LEGACY) {
		high = bytes | (uint64_t)(fields->status & 0xff) << 32 |
		       (uint64_t)(fields->status >> 24) << 40 | (uint64_t)fields->vlan << 48;
	} else {
		high = fields->status | (uint64_t)bytes << 32 | (uint64_t)fields->vlan << 48;
		__atomic_store_n(&desc[0], htole64(fields->found), __ATOMIC_RELAXED);
	}
	__atomic_store_n(&desc[1], htole64(high), __ATOMIC_RELEASE);
}

/* The head of the frame into the header buffer. @return false: fault */
static bool
split_header(struct nic *nic, struct rx_queue *q, struct rx_job *job, struct pieces *pieces,
	     struct fields *fields)
{
	uint32_t headers = header_bytes(nic, job->frame->data, job->frame->len);
	uint64_t iova = le64toh(rx_descriptor(q)[1]) & ~1ULL;
	uint32_t shift = pieces->total - job->frame->len;
	uint8_t *buffer;

	/* A tag that was taken out or put in, and a CRC, move the end of the headers. */
	if (!nic->port.strip_crc)
		shift -= CRC_BYTES;
	if (headers != 0)
		headers += shift;
	if (headers > q->header_bytes || headers > HDRLEN_MAX) {
		fields->status |= ERROR_HBO;
		headers = 0;
	}
	if (headers == 0 && q->desc_type == RX_SPLIT_ALWAYS) {
		headers = pieces->total < q->header_bytes ? pieces->total : q->header_bytes;
		fields->found |= headers << HDRLEN_SHIFT;
	} else if (headers != 0) {
		fields->found |= SPH | headers << HDRLEN_SHIFT;
	}
	if (headers == 0)
		return true;
	buffer = dma_ptr(q->owner, iova, headers);
	if (buffer == NULL)
		return false;
	if (q->desc_type == RX_REPLICATE) {
		struct pieces copy = *pieces;

		pieces_take(&copy, buffer, headers);
	} else {
		pieces_take(pieces, buffer, headers);
		pieces->total -= headers;
	}
	return true;
}

/* Over as many descriptors as it takes; they are known to be there. */
static int
place_pieces(struct nic *nic, struct rx_queue *q, struct rx_job *job, struct pieces *pieces,
	     struct fields *fields)
{
	static const struct fields not_last = { .status = STATUS_DD };
	bool split = q->desc_type == RX_SPLIT || q->desc_type == RX_SPLIT_ALWAYS ||
		     q->desc_type == RX_REPLICATE;

	do {
		uint64_t *desc = rx_descriptor(q);
		uint64_t iova = le64toh(desc[0]);
		uint32_t bytes;
		uint8_t *buffer;

		if (split && !split_header(nic, q, job, pieces, fields))
			return -EIO;
		split = false;
		bytes = pieces->total < q->buffer_bytes ? pieces->total : q->buffer_bytes;
		if (bytes > 0) {
			buffer = dma_ptr(q->owner, iova, bytes);
			if (buffer == NULL)
				return -EIO;
			pieces_take(pieces, buffer, bytes);
		}
		pieces->total -= bytes;
		write_back(q, desc, pieces->total == 0 ? fields : &not_last, bytes);
		rx_advance(q);
	} while (pieces->total > 0);
	return 0;
}

static void
rx_malicious(struct nic *nic, struct rx_queue *q)
{
	if (!nic->port.mdd_rx || q->stuck)
		return;
	q->stuck = true;
	if (nic->family->mdd_cause != NULL)
		nic->family->mdd_cause(nic, q->index, true);
}

/* @return 0, -ENODEV: no such queue now, -EIO: its ring is a fault */
static int
rx_queue_check(struct rx_queue *q)
{
	if (!q->enabled || q->stuck || q->nb_desc == 0 || q->owner == NULL || q->block == NULL ||
	    q->buffer_bytes == 0 || !function_alive(q->owner) ||
	    (q->block[RING_CONTROL] & RING_ENABLE) == 0)
		return -ENODEV;
	if (q->ring == NULL)
		q->ring = dma_ptr(q->owner, q->base, (uint64_t)q->nb_desc * DESCRIPTOR_BYTES);
	return q->ring == NULL ? -EIO : 0;
}

/* Descriptors that are ours. */
static uint32_t
rx_free(struct nic *nic, struct rx_queue *q)
{
	uint32_t tail = q->block[RING_TAIL];

	if (tail >= q->nb_desc) {
		rx_malicious(nic, q);
		return 0;
	}
	/* The tail is read before the descriptors that it hands over. */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return tail >= q->head ? tail - q->head : tail + q->nb_desc - q->head;
}

/* Frames have been placed: is that the threshold of RDMTS? */
static void
note_low(struct rx_queue *q, uint32_t free)
{
	if (!q->above_low || free > q->low_threshold)
		return;
	q->above_low = false;
	q->low = true;
}

/* Software may have given more. */
static void
look_for_more(struct nic *nic, struct rx_queue *q, struct rx_room *room)
{
	room->free = rx_free(nic, q);
	if (q->low_threshold != 0 && room->free > q->low_threshold)
		q->above_low = true;
}

/* Once a burst: whether the queue takes frames, and how many for a start. */
static int
rx_begin(struct nic *nic, struct rx_queue *q, struct rx_room *room)
{
	int rc = rx_queue_check(q);

	if (rc < 0) {
		q->backlog = NULL;
		return rc;
	}
	room->burst = datapath_of(nic)->burst;
	look_for_more(nic, q, room);
	room->plain_max = 0;
	if (q->desc_type == RX_ONE_BUFFER && nic->port.strip_crc)
		room->plain_max = q->max_frame == 0 || q->max_frame > q->buffer_bytes ?
			q->buffer_bytes : q->max_frame - CRC_BYTES;
	return 0;
}

struct rx_room *
rx_room(struct nic *nic, struct rx_queue *q)
{
	struct rx_room *room = &datapath_of(nic)->rx_room[q->index];

	if (room->burst != datapath_of(nic)->burst && rx_begin(nic, q, room) < 0)
		return NULL;
	return room;
}

static int
no_descriptor(struct nic *nic, struct rx_queue *q)
{
	if (q->stuck)
		return -ENODEV;
	if (q->drop_en) {
		q->drops++;
		return -ENOSPC;
	}
	if (q->backlog == NULL)
		nic->stats.rx_no_buffer++;
	q->backlog = datapath_of(nic)->memory;
	return -ENOBUFS;
}

static bool
enough(const struct rx_queue *q, uint32_t free, uint32_t bytes)
{
	while (free > 0 && bytes > q->buffer_bytes) {
		bytes -= q->buffer_bytes;
		free--;
	}
	return free > 0;
}

static int
place_any(struct nic *nic, struct rx_queue *q, struct rx_job *job, struct rx_room *room)
{
	struct pieces pieces;
	struct fields fields;

	pieces_fill(nic, job, job->sight->tagged && (job->strip || job->hide || q->strip_vlan),
		    &pieces);
	/* More than the ring will ever hold must not block the port for ever. */
	if (!enough(q, q->nb_desc - 1, pieces.total))
		return -EMSGSIZE;
	if (!enough(q, room->free, pieces.total)) {
		note_low(q, room->free);
		look_for_more(nic, q, room);
		if (!enough(q, room->free, pieces.total))
			return no_descriptor(nic, q);
	}
	fields_fill(nic, q, job, &fields);
	q->bytes += pieces.total;
	return place_pieces(nic, q, job, &pieces, &fields);
}

int
rx_place(struct nic *nic, struct rx_queue *q, struct rx_job *job)
{
	struct datapath *dp = datapath_of(nic);
	struct rx_room *room = &dp->rx_room[q->index];
	const struct frame *frame = job->frame;
	uint32_t head = q->head;
	int rc;

	if (room->burst != dp->burst) {
		rc = rx_begin(nic, q, room);
		if (rc < 0)
			return rc;
	}
	if (q->max_frame != 0 && frame->len + CRC_BYTES > q->max_frame)
		return -EMSGSIZE;
	if (job->rss == NULL) {
		job->rss = &nic->rss;
		classify(nic, job->rss, frame->data, frame->len, &job->seen);
	}
	rc = place_any(nic, q, job, room);
	if (rc < 0) {
		/* After a fault nothing of it holds any more. */
		if (rc == -EIO)
			dp->burst++;
		return rc;
	}
	room->free -= q->head >= head ? q->head - head : q->head + q->nb_desc - head;
	q->backlog = NULL;
	q->packets++;
	queue_set_add(&dp->rx_moved, q->index);
	return 0;
}

int
rx_queue_deliver(struct nic *nic, struct rx_queue *q, const struct frame *frame)
{
	struct datapath *dp = datapath_of(nic);
	struct waiting waiting = { .queue = q };
	struct sight sight;
	struct rx_job job = { .frame = frame, .sight = &sight };
	int rc = -ENOBUFS;

	dp->burst++;
	plan_get(nic);
	if (!sight_read(nic, frame, &sight))
		return -EMSGSIZE;
	if (dp->nb_waiting == 0)
		rc = rx_place(nic, q, &job);
	if (rc == -ENOBUFS)
		memory_push(nic, frame, &waiting);
	rx_causes(nic);
	return rc == -ENOSPC ? -ENOBUFS : rc;
}

unsigned int
rx_queue_run(struct nic *nic, struct rx_queue *q)
{
	unsigned int nb;

	if (q->backlog == NULL)
		return 0;
	datapath_of(nic)->burst++;
	nb = memory_drain(nic);
	rx_causes(nic);
	return nb;
}

static void
tell_moved(struct nic *nic, struct rx_queue *q)
{
	if (q->block != NULL)
		q->block[RING_HEAD] = q->head;
	note_low(q, datapath_of(nic)->rx_room[q->index].free);
	if (q->low && nic->family->rx_low_cause != NULL)
		nic->family->rx_low_cause(nic, q);
	else if (nic->family->rx_cause != NULL)
		nic->family->rx_cause(nic, q);
	q->low = false;
}

void
rx_causes(struct nic *nic)
{
	struct datapath *dp = datapath_of(nic);

	for (unsigned int word = 0; word < NIC_QUEUES_MAX / 64; word++) {
		uint64_t bits = dp->rx_moved.bits[word];

		dp->rx_moved.bits[word] = 0;
		for (; bits != 0; bits &= bits - 1)
			tell_moved(nic, &nic->rxq[word * 64 + __builtin_ctzll(bits)]);
	}
	if (dp->missed) {
		dp->missed = false;
		if (nic->family->missed_cause != NULL)
			nic->family->missed_cause(nic);
	}
}
