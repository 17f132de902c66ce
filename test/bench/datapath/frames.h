/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/** @file The frames of a case. */
#ifndef BENCH_FRAMES_H
#define BENCH_FRAMES_H

#include "cases.h"
#include "feed.h"

struct rte_mbuf;

#define FRAMES_VID 7	/* of those that have a tag */

/** What an application writes to each frame for what the port is to do with it. */
struct frames_mark {
	uint64_t flags, lengths;	/**< ol_flags, tx_offload of its mbuf; no flags: nothing */
	uint16_t vlan;
	uint16_t ip_sum_offset, sum_offset;	/**< of checksums, or both 0 */
	uint16_t sum;		/**< of the pseudo header; the other one is to be 0 */
};

/**
 * What arrives at the port with that address; it is sent back to where it came from.
 *
 * @param which  port of the case's: each has as many frames as each other
 */
void frames_fill(struct feed *feed, const uint8_t mac[FEED_MAC_BYTES],
		 const struct bench_case *c, unsigned int which);

/** Of frames that have arrived, and are sent back. */
struct frames_mark frames_mark(const struct bench_case *c);

/**
 * Turn fresh mbufs into frames of that kind that the port with that address sends.
 *
 * @return false: their pool has no more for what follows the first
 */
bool frames_make(struct rte_mbuf **mbufs, unsigned int nb, const uint8_t mac[FEED_MAC_BYTES],
		 const struct bench_case *c);

#endif /* BENCH_FRAMES_H */
