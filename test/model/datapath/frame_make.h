/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Frames for tests, and checksums in the plainest way, to judge those of the model.
 */
#ifndef MODEL_FRAME_MAKE_H
#define MODEL_FRAME_MAKE_H

#include <stdbool.h>
#include <stdint.h>

/* What is in a frame has its most significant byte first. */
static inline void
put16(uint8_t *p, uint32_t value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

static inline uint32_t
get16(const uint8_t *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

static inline uint32_t
get32(const uint8_t *p)
{
	return get16(p) << 16 | get16(p + 2);
}

enum l4 { MAKE_UDP = 17, MAKE_TCP = 6, MAKE_SCTP = 132, MAKE_NONE = 59 };

struct make {
	const uint8_t *dst, *src;	/**< NULL: 02:00:00:00:10:00 */
	bool ipv6, tagged, no_sums, ip_options;
	uint16_t tci;
	enum l4 l4;
	uint32_t payload;		/**< bytes behind the L4 header, a pattern */
	uint16_t sport, dport;
};

/** Where things are in the frame that was made. */
struct made {
	uint8_t data[70000];
	uint32_t len, l3_at, l4_at, payload_at;
};

void frame_make(const struct make *make, struct made *made);

/** RFC 1071, a byte pair at a time, most significant first. */
uint16_t plain_sum(uint32_t sum, const uint8_t *data, uint32_t bytes);
/** RFC 4960's CRC32c, a bit at a time. */
uint32_t plain_crc32c(const uint8_t *data, uint32_t bytes);
/** Whether IPv4's and L4's checksums in the frame are right. */
bool frame_sums_are_right(const uint8_t *data, uint32_t len);
/** The pseudo-header's sum for a driver to leave in the checksum field. */
uint16_t pseudo_sum(const struct made *made, bool with_length);

#endif /* MODEL_FRAME_MAKE_H */
