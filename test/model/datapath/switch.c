/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* The switch between pools and wire: 82576 sheet 8, 82599 sheet 8.2. */
#include <errno.h>

#include "lane.h"

void
sight_tags(const struct nic *nic, const struct frame *frame, struct sight *sight)
{
	const struct filters *filters = &nic->filters;
	const uint8_t *data = frame->data;
	uint32_t at = ADDRESSES_BYTES;

	sight->tagged = frame->has_vlan;
	sight->tci = frame->vlan;
	if (filters->double_vlan && sight->etype == filters->outer_vlan_etype &&
	    frame->len >= at + TAG_BYTES + 2) {
		sight->outer_tag = true;
		at += TAG_BYTES;
		sight->etype = read_be16(data + at);
	}
	if (!sight->tagged && sight->etype == filters->vlan_etype &&
	    frame->len >= at + TAG_BYTES + 2) {
		sight->tagged = true;
		sight->tag_at = (uint8_t)at;
		sight->tci = read_be16(data + at + 2);
		sight->etype = read_be16(data + at + TAG_BYTES);
	}
}

/* With the CRC, for a limit that counts tags or not; one of them may be beside the frame. */
static uint32_t
bytes_that_count(const struct frame *frame, const struct sight *sight, bool tags_count)
{
	uint32_t bytes = frame->len + CRC_BYTES;

	if (tags_count)
		return bytes + (frame->has_vlan ? TAG_BYTES : 0);
	return bytes - (sight->tag_at != 0 ? TAG_BYTES : 0) - (sight->outer_tag ? TAG_BYTES : 0);
}

/* A filter on the ethertype that names its queue. @return NULL: none */
static struct rx_queue *
etype_queue(struct nic *nic, uint16_t etype)
{
	for (unsigned int i = 0; i < NIC_ETYPES_MAX; i++) {
		const struct etype_filter *filter = &nic->filters.etype[i];

		if (filter->enabled && filter->to_queue && filter->etype == etype &&
		    filter->queue < nic->family->nb_queues)
			return &nic->rxq[filter->queue];
	}
	return NULL;
}

static inline struct rx_queue *
choose_queue(struct nic *nic, const struct rx_job *job)
{
	if (datapath_of(nic)->plan.etypes) {
		struct rx_queue *q = etype_queue(nic, job->sight->etype);

		if (q != NULL)
			return q;
	}
	return spread(nic, &nic->pool[job->pool], job->rss, &job->seen);
}

static inline void
count_for_pool(struct nic *nic, const struct rx_job *job)
{
	struct pool *pool = &nic->pool[job->pool];

	pool->rx_packets++;
	pool->rx_bytes += job->frame->len + CRC_BYTES;
	if (job->sight->cast == CAST_UNI)
		return;
	pool->rx_multicast += job->sight->cast == CAST_MULTI;
	if (datapath_of(nic)->plan.storm)
		storm_count_pool(nic, job->pool, job->sight->cast, job->frame->len);
}

/* @return as rx_place() */
static inline int
deliver_to_pool(struct nic *nic, struct rx_job *job)
{
	const struct frame *frame = job->frame;
	struct pool *pool = &nic->pool[job->pool];
	const struct rss *rss = rss_of(nic, job->pool);
	struct rx_queue *q;
	int rc;

	if (job->rss != rss) {
		job->rss = rss;
		classify(nic, rss, frame->data, frame->len, &job->seen);
	}
	q = choose_queue(nic, job);
	if (nic->filters.virtualised) {
		/* A frame for several is stripped or not for all of them. */
		job->strip = job->sight->cast == CAST_UNI ? pool->strip_vlan :
							    nic->filters.strip_replicated;
		job->hide = pool->hide_vlan;
	} else {
		job->strip = nic->port.strip_vlan;
	}
	rc = rx_place(nic, q, job);
	if (rc == 0)
		count_for_pool(nic, job);
	else if (rc != -ENOBUFS)
		pool->rx_drops++;
	return rc;
}

static bool
pool_fits(const struct nic *nic, unsigned int p, const struct frame *frame,
	  const struct sight *sight)
{
	const struct pool *pool = &nic->pool[p];

	return !nic->filters.virtualised || pool->max_frame == 0 ||
	       bytes_that_count(frame, sight, pool->tags_count) <= pool->max_frame;
}

uint64_t
switch_deliver(struct nic *nic, const struct frame *frame, const struct sight *sight,
	       uint64_t pools, bool inexact)
{
	struct rx_job job;
	uint64_t waiting = 0;
	bool fits = false;

	/* Not its verdicts, which come with rss. */
	job.frame = frame;
	job.sight = sight;
	job.rss = NULL;
	job.inexact = inexact;
	job.strip = job.hide = false;
	for (uint64_t left = pools; left != 0; left &= left - 1) {
		job.pool = (uint8_t)__builtin_ctzll(left);
		if (!pool_fits(nic, job.pool, frame, sight)) {
			nic->pool[job.pool].rx_drops++;
			continue;
		}
		fits = true;
		if (deliver_to_pool(nic, &job) == -ENOBUFS)
			waiting |= 1ULL << job.pool;
	}
	if (!fits && frame->from_wire)
		nic->stats.rx_oversize++;
	return waiting;
}

/* In order: behind what waits already, and what cannot be delivered now waits too. */
static void
deliver_or_wait(struct nic *nic, const struct frame *frame, const struct sight *sight,
		uint64_t pools, bool inexact)
{
	struct waiting waiting = { .pools = pools, .inexact = inexact };

	if (datapath_of(nic)->nb_waiting == 0)
		waiting.pools = switch_deliver(nic, frame, sight, pools, inexact);
	if (waiting.pools != 0)
		memory_push(nic, frame, &waiting);
}

/* What the MAC lets in. */
static bool
mac_accepts(struct nic *nic, const struct frame *frame, const struct sight *sight)
{
	struct port_stats *stats = &nic->stats;
	uint32_t bytes = bytes_that_count(frame, sight, nic->port.tags_count);
	bool good = true;

	if (!frame->bad_crc && frame->len >= FRAME_BYTES_MIN &&
	    (bytes <= nic->port.max_frame || nic->port.max_frame == 0))
		return true;
	if (frame->bad_crc) {
		stats->rx_crc_errors++;
		if (frame->len < FRAME_BYTES_MIN)
			stats->rx_fragments++;
		else if (nic->port.max_frame != 0 && bytes > nic->port.max_frame)
			stats->rx_jabber++;
		good = false;
	} else if (frame->len < FRAME_BYTES_MIN) {
		stats->rx_undersize++;
		good = false;
	} else if (nic->port.max_frame != 0 && bytes > nic->port.max_frame) {
		stats->rx_oversize++;
		good = false;
	}
	return good || nic->filters.store_bad;
}

static void
count_from_wire(struct nic *nic, const struct sight *sight, uint32_t bytes)
{
	struct port_stats *stats = &nic->stats;

	stats->rx_packets++;
	stats->rx_bytes += bytes + CRC_BYTES;
	stats->rx_size[size_class(bytes + CRC_BYTES)]++;
	stats->rx_multicast += sight->cast == CAST_MULTI;
	stats->rx_broadcast += sight->cast == CAST_BROAD;
}

void
switch_from_wire(struct nic *nic, const struct frame *frame)
{
	const struct plan *plan = plan_get(nic);
	const struct dest *dest;
	struct sight sight;
	uint64_t pools, pruned;

	if (!nic->port.rx_enabled || !sight_read(nic, frame, &sight))
		return;
	if (!mac_accepts(nic, frame, &sight))
		return;
	dest = dest_find(nic, &sight, FROM_WIRE);
	pools = dest->pools;
	pruned = pools & nic->filters.source_pruned;
	if (pruned != 0)
		pools &= ~pools_with_mac(nic, pruned, mac_number(frame->data + MAC_LEN));
	if (plan->storm && !storm_allows(nic, &sight, frame->len))
		return;
	if (plan->mirrors)
		pools = mirror_pools(nic, pools, &sight, frame, false);
	if (pools == 0) {
		nic->stats.rx_filtered++;
		return;
	}
	count_from_wire(nic, &sight, frame->len);
	deliver_or_wait(nic, frame, &sight, pools, dest->inexact);
}

/* The tag goes into the data. Room may be where the frame itself is, but further down. */
static uint8_t *
tagged_copy(struct nic *nic, const struct frame *frame)
{
	uint8_t *copy = arena_get(nic, frame->len + TAG_BYTES);

	memmove(copy, frame->data, ADDRESSES_BYTES);
	memmove(copy + ADDRESSES_BYTES + TAG_BYTES, frame->data + ADDRESSES_BYTES,
		frame->len - ADDRESSES_BYTES);
	write_be16(copy + ADDRESSES_BYTES, nic->filters.tx_vlan_etype);
	write_be16(copy + ADDRESSES_BYTES + 2, frame->vlan);
	return copy;
}

static void
send_to_wire(struct nic *nic, const struct frame *frame)
{
	uint8_t *data = frame->data;
	uint32_t len = frame->len;

	if (nic->port.mac_loopback) {
		struct wire_frame sent = { .data = data, .len = len };
		struct frame back = *frame;

		sent.len += frame->has_vlan ? TAG_BYTES : 0;
		stats_sent(nic, &sent, 1);
		back.from_wire = true;
		back.source_pool = FROM_WIRE;
		nic->stats.rx_total_packets++;
		nic->stats.rx_total_bytes += frame->len + CRC_BYTES;
		switch_from_wire(nic, &back);
		return;
	}
	if (nic->wire == NULL || !nic->port.link_up)
		return;
	if (frame->has_vlan) {
		data = tagged_copy(nic, frame);
		len += TAG_BYTES;
	}
	put_out(nic, data, len);
}

void
switch_from_pool_slowly(struct nic *nic, const struct frame *frame)
{
	const struct plan *plan = plan_get(nic);
	struct pool *pool = &nic->pool[frame->source_pool];
	const struct dest *dest;
	struct sight sight;
	uint64_t pools;

	if (!sight_read(nic, frame, &sight))
		return;
	if ((plan->spoof_checked >> frame->source_pool & 1) != 0 &&
	    !spoof_allowed(nic, frame, &sight))
		return;
	pool->tx_packets++;
	pool->tx_bytes += frame->len + CRC_BYTES;
	/* Without pools nobody else is reached: nothing local, and the wire. */
	dest = dest_find(nic, &sight, frame->source_pool);
	pools = dest->pools;
	if (plan->mirrors)
		pools = mirror_pools(nic, pools, &sight, frame, dest->wire);
	if (pools != 0 && (!plan->storm || storm_allows(nic, &sight, frame->len))) {
		nic->stats.loopback_packets++;
		nic->stats.loopback_bytes += frame->len + CRC_BYTES;
		deliver_or_wait(nic, frame, &sight, pools, dest->inexact);
	}
	if (dest->wire)
		send_to_wire(nic, frame);
}

void
switch_from_pool(struct nic *nic, const struct frame *frame)
{
	struct lane lane;
	bool passed;

	lane_begin(&lane, nic, frame->source_pool);
	passed = !frame->has_vlan && lane_pass(&lane, frame->data, frame->len);
	lane_end(&lane);
	if (!passed)
		switch_from_pool_slowly(nic, frame);
}

void
switch_flush(struct nic *nic)
{
	struct datapath *dp = datapath_of(nic);

	if (dp->nb_out == 0) {
		dp->arena_used = 0;
		return;
	}
	stats_sent(nic, dp->out, dp->nb_out);
	if (nic->wire != NULL)
		nic->wire->ops->send(nic->wire, dp->out, dp->nb_out);
	dp->nb_out = 0;
	dp->arena_used = 0;
}
