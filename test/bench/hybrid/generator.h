/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * A wire whose other end sends frames after a plan, and times those that come back.
 *
 * A frame carries its number and the time at which it was due, which is that of its first bit on
 * the wire however late the model asks for it. All calls under nic->lock.
 */
#ifndef BENCH_GENERATOR_H
#define BENCH_GENERATOR_H

#include <stdbool.h>
#include <stdint.h>

#include "histogram.h"
#include "load.h"
#include "wire.h"

#define GENERATOR_BYTES	  60	/* of a frame, without CRC */
#define GENERATOR_AWAY_NS 50000u	/* no round of the device takes that long */

struct generator {
	struct wire wire;
	struct pacer pacer;
	bool on, held;		/**< there is a load; it waits for a processor that was stolen */
	uint64_t (*now_ns)(void);
	uint8_t *image;

	uint64_t sent, received;	/**< frames since the start */
	uint64_t missing;		/**< numbers that were passed over */
	uint64_t late_ns;		/**< that the device was, and did not catch up */
	uint64_t wrong;			/**< not ours, or twice, or out of order */
	uint64_t expected;		/**< number */
	/** A processor was stolen until then: what was under way is timed apart. */
	uint64_t excluded_until_ns;
	uint64_t asked_ns;		/**< the device's last round */
	struct histogram latency;	/**< ns, wire to wire */
	struct histogram raw;		/**< with those that are excluded */
};

/** @param dst  of the frames: the port. @return NULL: no memory */
struct generator *generator_create(const uint8_t dst[6]);

uint64_t generator_clock_ns(void);

#endif /* BENCH_GENERATOR_H */
