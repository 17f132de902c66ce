/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/** @file Frames of a given shape, and whether the sums in one are right. */
#ifndef SLUICE_TEST_OFFLOAD_FRAMES_H
#define SLUICE_TEST_OFFLOAD_FRAMES_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_ether.h>
#include <rte_mbuf.h>

/** What is in a frame behind its Ethernet header. */
struct frame_shape {
	uint8_t ip;		/**< 4 or 6 */
	uint8_t options;	/**< bytes of options behind an IPv4 header */
	uint8_t protocol;	/**< IPPROTO_TCP, UDP, SCTP; another one has no header */
	uint32_t payload;	/**< bytes; byte i is i modulo 251 */
	uint16_t segments;	/**< mbufs; 0: as few as can be */
};

struct frame_ends {
	struct rte_ether_addr src, dst;
};

/** With all sums right, and l2_len, l3_len and l4_len set; NULL: no mbufs. */
struct rte_mbuf *frame_make(struct rte_mempool *pool, const struct frame_shape *shape,
			    const struct frame_ends *ends);

/** Bytes in front of the payload. */
uint32_t frame_headers(const struct frame_shape *shape);

/** Is this such a frame, with right sums, and the payload from byte @p from on? Else says why. */
bool frame_is(struct rte_mbuf *m, const struct frame_shape *shape, uint32_t from);

/** Ethernet's, bit by bit. */
uint32_t frame_crc(const uint8_t *data, uint32_t bytes);

#endif /* SLUICE_TEST_OFFLOAD_FRAMES_H */
