/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <string.h>

#include <rte_mbuf_ptype.h>

#include "rx_decode.h"

/* A row of rx_decode's flags: bits 5:2 of the status, and the rest above. */
#define LOW_BITS 4
#define LOW_ROWS (1 << LOW_BITS)

static_assert(RX_SHUFFLE_L4_GOOD << RX_SHUFFLE_MOVE_LEFT == RTE_MBUF_F_RX_L4_CKSUM_GOOD, "moved");
static_assert((RTE_PTYPE_L2_ETHER & RX_SHUFFLE_ODD) == 0, "odd");
static_assert(RX_FLAG_ROWS == LOW_ROWS * 8 && LOW_ROWS == RX_SHUFFLE_ROWS, "flags");

static uint8_t
squeeze(uint16_t flags)
{
	return (flags & UINT8_MAX) |
		((flags & RTE_MBUF_F_RX_L4_CKSUM_GOOD) != 0 ? RX_SHUFFLE_L4_GOOD : 0);
}

/* The errors come first there, then bit 6. */
static uint32_t
is_row(uint32_t high)
{
	return (high & 1) << 2 | high >> 1;
}

static void
fill_flags(struct rx_shuffle *shuffle, const struct rx_decode *decode)
{
	for (uint32_t row = 0; row < RX_FLAG_ROWS; row++) {
		uint8_t flags = squeeze(decode->flags[row]);

		shuffle->may[row % LOW_ROWS] |= flags;
		shuffle->is[is_row(row / LOW_ROWS)] |= flags;
	}
}

/* Two IP headers make a tunnel, whose types are in other bytes. */
static bool
is_tunnel(uint32_t bits)
{
	return (bits & (RXD_TYPE_IPV4 | RXD_TYPE_IPV4_OPTIONS)) != 0 &&
		(bits & (RXD_TYPE_IPV6 | RXD_TYPE_IPV6_EXTENSIONS)) != 0;
}

static void
fill_types(struct rx_shuffle *shuffle, const struct rx_decode *decode)
{
	for (uint32_t row = 0; row < RX_SHUFFLE_ROWS; row++)
		shuffle->network[row] = is_tunnel(row << RX_TYPE_SHIFT) ?
			RX_SHUFFLE_ODD : decode->types[row] & UINT8_MAX;
	for (uint32_t row = 0; row < RX_TYPE_ROWS / RX_SHUFFLE_ROWS; row++)
		shuffle->transport[row] = decode->types[row * RX_SHUFFLE_ROWS] >> 8 & UINT8_MAX;
}

void
rx_shuffle_fill(struct rx_shuffle *shuffle, const struct rx_decode *decode)
{
	struct rx_shuffle fresh = { .may = { 0 } };

	fill_flags(&fresh, decode);
	fill_types(&fresh, decode);
	for (uint32_t type = 0; type < RX_SHUFFLE_ROWS; type++)
		if ((decode->hash_types >> type & 1) != 0)
			fresh.hash[type] = RTE_MBUF_F_RX_RSS_HASH;
	/* A burst may be reading: no table is ever half of zeroes. */
	memcpy(shuffle, &fresh, sizeof(fresh));
}
