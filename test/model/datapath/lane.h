/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Frames of one sender in a row that go the same way: all decisions are taken for the first one.
 *
 * A lane is for untagged frames, to one pool or the wire, by a destination that was looked up
 * before and from a sender who was found honest. The long way is in switch.c; it decides the same.
 */
#ifndef MODEL_LANE_H
#define MODEL_LANE_H

#include "classify_quick.h"

/** No address. */
#define LANE_CLOSED UINT64_MAX

struct lane {
	struct nic *nic;
	int source;		/**< a pool, or FROM_WIRE */
	uint16_t vlan_etype;	/**< as it lies in memory */
	bool check_src, to_wire;
	uint32_t status;	/**< for the write-back, whatever the frame is */
	uint32_t span;		/**< the longest frame, less the shortest */
	uint64_t dst, src;	/**< as mac_number() */
	struct pool *to;	/**< NULL: the wire alone */
	struct rx_queue *q;	/**< NULL: as the hash says */
	const struct rx_queue *last;	/**< where the last frame went, with this room */
	struct rx_room *room;
	const struct rss *rss;
	/** Not counted yet; larger: than the smallest, their sizes are counted. */
	uint32_t frames, larger;
	uint64_t bytes;
};

/** No frame has passed yet. A lane lives for a burst at most. */
static inline void
lane_begin(struct lane *lane, struct nic *nic, int source)
{
	lane->nic = nic;
	lane->source = source;
	lane->dst = LANE_CLOSED;
	lane->last = NULL;
	lane->frames = lane->larger = 0;
	lane->bytes = 0;
}

/** Look up where frames like this one go. @return false: there is no lane for it */
bool lane_open(struct lane *lane, const uint8_t *data);
/** Count what has passed, and decide anew for the next frame: also before one goes the long way. */
void lane_end(struct lane *lane);
/** One of another size than the smallest. */
void lane_count_size(struct lane *lane, uint32_t len);
/** Frames go to that queue now. @return false: it takes none */
bool lane_turn(struct lane *lane, struct rx_queue *q);

static inline void
put_out(struct nic *nic, const uint8_t *data, uint32_t len)
{
	struct datapath *dp = datapath_of(nic);

	dp->out[dp->nb_out].data = data;
	dp->out[dp->nb_out].len = len;
	if (++dp->nb_out == OUT_BURST)
		switch_flush(nic);
}

static inline __attribute__((always_inline)) bool
lane_deliver(struct lane *lane, const uint8_t *data, uint32_t len)
{
	struct nic *nic = lane->nic;
	struct rx_queue *q = lane->q;
	struct classified seen;

	/* Filters of ethertypes leave no lane open. */
	if (!classify_common(nic, lane->rss, data, len, &seen)) {
		struct classified other;

		classify_any(nic, lane->rss, data, len, &other);
		seen = other;
	}
	if (q == NULL)
		q = spread(nic, lane->to, lane->rss, &seen);
	if (q != lane->last && !lane_turn(lane, q))
		return false;
	return rx_place_quick(nic, q, lane->room, data, len, &seen, lane->status);
}

/** @return false: nothing was done, the frame goes the long way */
static inline __attribute__((always_inline)) bool
lane_pass(struct lane *lane, const uint8_t *data, uint32_t len)
{
	uint16_t etype;

	if (len < FRAME_BYTES_MIN ||
	    (mac_number(data) != lane->dst && !lane_open(lane, data)))
		return false;
	memcpy(&etype, data + ADDRESSES_BYTES, sizeof(etype));
	if (len - FRAME_BYTES_MIN > lane->span || etype == lane->vlan_etype ||
	    (lane->check_src && mac_number(data + MAC_LEN) != lane->src))
		return false;
	if (lane->to != NULL && !lane_deliver(lane, data, len))
		return false;
	if (lane->to_wire)
		put_out(lane->nic, data, len);
	lane->frames++;
	lane->bytes += len;
	if (len != FRAME_BYTES_MIN)
		lane_count_size(lane, len);
	return true;
}

#endif /* MODEL_LANE_H */
