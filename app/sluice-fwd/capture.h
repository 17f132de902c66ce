/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Capture off the fast path.
 *
 * Every forwarding lcore has a tap: a pool of buffers and a ring to the capture thread, both with
 * one producer and one consumer. The lcore copies (the frame itself is edited and sent on, so
 * sharing it would be a race), the thread filters, writes and gives the buffer back. A pool that
 * ran out is a captured frame lost and counted; the lcore never waits for the thread.
 */
#ifndef SLUICE_FWD_CAPTURE_H
#define SLUICE_FWD_CAPTURE_H

#include <rte_mbuf.h>

#include "counter.h"
#include "options.h"
#include "pcap_out.h"

struct capture;
struct capture_tap;

struct capture_stats {
	uint64_t offered;  /* frames that passed a tap */
	uint64_t dropped;  /* of these, not copied: the thread lags behind */
	uint64_t recorded; /* in the file */
	uint64_t filtered; /* did not match */
	bool failed;       /* the file is incomplete */
};

/**
 * A capture without taps.
 *
 * @param out          stays the caller's
 * @param frame_bytes  the largest frame that the ports take
 * @return NULL and rte_errno
 */
struct capture *capture_open(struct pcap_out *out, uint32_t snaplen_bytes, uint32_t frame_bytes);

/* A tap for one lcore, memory on @p node; before capture_start(). NULL and rte_errno. */
struct capture_tap *capture_add_tap(struct capture *capture, int node);

/* Start the thread. 0 or -errno. */
int capture_start(struct capture *capture);

/**
 * Copy a burst (at most MAX_BURST), without passing it on yet.
 *
 * Each call needs its capture_commit() before the next one.
 */
void capture_copy(struct capture_tap *tap, struct rte_mbuf *const *m, uint16_t nb);

/* Pass on the first @p nb_passed of the burst copied last; the others were not to be recorded. */
void capture_commit(struct capture_tap *tap, uint16_t nb_passed);

void capture_read_stats(const struct capture *capture, struct capture_stats *stats);

/* After the last commit: write what is in the rings, flush, end the thread. */
void capture_stop(struct capture *capture);

/* Of a capture that does not run. */
void capture_close(struct capture *capture);

#endif /* SLUICE_FWD_CAPTURE_H */
