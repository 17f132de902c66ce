/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The tables of rx_decode.h once more, in pieces of 16 bytes that shuffle instructions look up.
 *
 * Of the flags, one table says by bits 5:2 of the status which may be, the other by the errors and
 * bit 6 which are; both together are the flags. Of the packet type, each byte has its table.
 */
#ifndef SLUICE_RX_SHUFFLE_H
#define SLUICE_RX_SHUFFLE_H

#include <stdint.h>

#include <rte_mbuf.h>

#define RX_SHUFFLE_ROWS 16

/* Flags that a byte has no room for have another place there. */
#define RX_SHUFFLE_L4_GOOD   0x20
#define RX_SHUFFLE_MOVE_LEFT 3	/* from there to RTE_MBUF_F_RX_L4_CKSUM_GOOD */

/* Among the types of byte 0: this one is not for shuffles. */
#define RX_SHUFFLE_ODD 0x08

struct rx_decode;

struct rx_shuffle {
	uint8_t may[RX_SHUFFLE_ROWS] __rte_aligned(16);	/**< by status bits 5:2 */
	uint8_t is[RX_SHUFFLE_ROWS];	/**< by wrong L4 sum, wrong IPv4 sum, status bit 6 */
	uint8_t hash[RX_SHUFFLE_ROWS];	/**< by RSS type: RTE_MBUF_F_RX_RSS_HASH or 0 */
	uint8_t network[RX_SHUFFLE_ROWS];	/**< by type bits 7:4: byte 0 of RTE_PTYPE_* */
	uint8_t transport[RX_SHUFFLE_ROWS];	/**< by type bits 10:8: byte 1 */
};

/** Make the pieces, of the tables of @p decode. */
void rx_shuffle_fill(struct rx_shuffle *shuffle, const struct rx_decode *decode);

#endif /* SLUICE_RX_SHUFFLE_H */
