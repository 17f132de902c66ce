/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * A wire that hands out frames when it is told to, and looks at what comes back.
 */
#ifndef BENCH_FEED_H
#define BENCH_FEED_H

#include <stdbool.h>
#include <stdint.h>

#include "wire.h"

#define FEED_FRAMES_MAX 64
#define FEED_BYTES_MAX	1600	/* of a frame */
#define FEED_MAC_BYTES	6

/** Nothing of it has a lock: whoever has the port's may use it. */
struct feed {
	struct wire wire;
	uint8_t data[FEED_FRAMES_MAX][FEED_BYTES_MAX];
	uint32_t len[FEED_FRAMES_MAX];
	unsigned int nb, next;		/**< frames, and which is handed out next */
	unsigned int due;		/**< to be handed out */
	uint64_t back, wrong;		/**< frames that came back; of these, not as is_right() */
	bool (*is_right)(const struct feed *feed, const uint8_t *data, uint32_t bytes);
	uint8_t back_to[FEED_MAC_BYTES];	/**< for it: what comes back goes there, ... */
	bool sums, vlan;		/**< ... has right checksums, and a tag */
	/** Called with each frame that is handed out; NULL: nobody is. */
	void (*on_out)(struct feed *feed, uint8_t *data);
};

/** @return NULL: no memory; the wire's free() frees it */
struct feed *feed_create(uint32_t mbps);

#endif /* BENCH_FEED_H */
