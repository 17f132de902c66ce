/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <endian.h>

#include "lane.h"

/* Who sends from a pool is known to be honest, or is looked at frame by frame elsewhere. */
static bool
open_source(struct lane *lane, const struct plan *plan)
{
	const struct honest *honest;

	lane->check_src = lane->source != FROM_WIRE &&
			  (plan->spoof_checked >> lane->source & 1) != 0;
	if (!lane->check_src)
		return true;
	honest = &datapath_of(lane->nic)->honest[lane->source];
	lane->src = honest->key;
	return honest->stamp == plan->stamp && !lane->nic->pool[lane->source].spoof_etype;
}

static void
open_target(struct lane *lane, const struct dest *row)
{
	static const struct classified any_queue = { 0 };
	struct nic *nic = lane->nic;

	lane->status = row->inexact ? STATUS_PIF : 0;
	if (lane->source != FROM_WIRE)
		lane->status |= nic->family->rxd.loopback;
	lane->to_wire = lane->source != FROM_WIRE && row->wire && nic->wire != NULL &&
			nic->port.link_up;
	lane->to = NULL;
	if (row->only < 0)
		return;
	lane->to = &nic->pool[row->only];
	lane->rss = rss_of(nic, (unsigned int)row->only);
	lane->q = NULL;
	if (!lane->rss->enabled)
		lane->q = spread(nic, lane->to, lane->rss, &any_queue);
}

bool
lane_open(struct lane *lane, const uint8_t *data)
{
	struct nic *nic = lane->nic;
	struct datapath *dp = datapath_of(nic);
	const struct plan *plan = plan_get(nic);
	uint64_t dst = mac_number(data);
	const struct dest *row = dest_row(dp, dst, lane->source);

	lane_end(lane);
	if (plan->quick_max < FRAME_BYTES_MIN || dp->nb_waiting > 0 || row->key != dst ||
	    row->stamp != dest_stamp(nic, lane->source) || row->only == ONLY_NOT ||
	    !open_source(lane, plan))
		return false;
	lane->span = plan->quick_max - FRAME_BYTES_MIN;
	lane->vlan_etype = htobe16(nic->filters.vlan_etype);
	open_target(lane, row);
	lane->dst = dst;
	return true;
}

bool
lane_turn(struct lane *lane, struct rx_queue *q)
{
	struct datapath *dp = datapath_of(lane->nic);

	lane->room = rx_room(lane->nic, q);
	if (lane->room == NULL || lane->room->free == 0)
		return false;
	q->backlog = NULL;
	lane->last = q;
	queue_set_add(&dp->rx_moved, q->index);
	return true;
}

void
lane_count_size(struct lane *lane, uint32_t len)
{
	lane->larger++;
	if (lane->source == FROM_WIRE)
		lane->nic->stats.rx_size[size_class(len + CRC_BYTES)]++;
}

void
lane_end(struct lane *lane)
{
	struct port_stats *stats = &lane->nic->stats;
	uint64_t bytes = lane->bytes + (uint64_t)lane->frames * CRC_BYTES;
	uint32_t frames = lane->frames;

	lane->dst = LANE_CLOSED;
	lane->last = NULL;
	if (frames == 0)
		return;
	if (lane->to != NULL) {
		lane->to->rx_packets += frames;
		lane->to->rx_bytes += bytes;
	}
	if (lane->source == FROM_WIRE) {
		stats->rx_packets += frames;
		stats->rx_bytes += bytes;
		stats->rx_size[0] += frames - lane->larger;
	} else {
		lane->nic->pool[lane->source].tx_packets += frames;
		lane->nic->pool[lane->source].tx_bytes += bytes;
		if (lane->to != NULL) {
			stats->loopback_packets += frames;
			stats->loopback_bytes += bytes;
		}
	}
	lane->frames = lane->larger = 0;
	lane->bytes = 0;
}
