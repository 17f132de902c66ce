/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/** @file The frames of a case. */
#ifndef BENCH_FRAMES_H
#define BENCH_FRAMES_H

#include "cases.h"
#include "feed.h"

struct rte_mbuf;

/** What arrives at a port with that address; it is sent back to where it came from. */
void frames_fill(struct feed *feed, const uint8_t mac[FEED_MAC_BYTES],
		 const struct bench_case *c);

/** Turn fresh mbufs into frames of that kind that the port with that address sends. */
void frames_make(struct rte_mbuf **mbufs, unsigned int nb, const uint8_t mac[FEED_MAC_BYTES],
		 const struct bench_case *c);

#endif /* BENCH_FRAMES_H */
