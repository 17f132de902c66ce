/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Advanced descriptors, the same in all families (82576 sheet, 4).
 *
 * Little endian in memory. Software writes the read format, the device writes back over it.
 */
#ifndef SLUICE_DESC_H
#define SLUICE_DESC_H

#include <assert.h>
#include <stdint.h>

#include <rte_byteorder.h>

#include "reg.h"

#define DESC_BYTES	 16
#define RING_ALIGN_BYTES 128	/* RDBAL and TDBAL, bits 6:0 are zero */

/** Rx descriptor (4.1, 4.2). */
union rx_desc {
	struct {
		rte_le64_t buffer;	/**< address of the packet buffer */
		rte_le64_t header;	/**< 0: bit 0 is read back as DD */
	} read;
	struct {
		rte_le32_t type;	/**< packet and RSS type */
		rte_le32_t hash;
		rte_le32_t status;	/**< RXD_* and the family's error bits */
		rte_le16_t length;	/**< bytes in this buffer, without CRC */
		rte_le16_t vlan;
	} write_back;
};

#define RXD_DD	BIT(0)	/* written back */
#define RXD_EOP BIT(1)	/* last buffer of its frame */

/** Tx data descriptor (4.3). */
union tx_desc {
	struct {
		rte_le64_t buffer;
		rte_le32_t command;	/**< TXD_* and the buffer's length in 15:0 */
		rte_le32_t status;	/**< frame length in 31:14 */
	} read;
	struct {
		rte_le64_t reserved;
		rte_le32_t command;
		rte_le32_t status;	/**< TXD_DD */
	} write_back;
};

#define TXD_DATA	  (UINT32_C(3) << 20)	/* DTYP */
#define TXD_EOP		  BIT(24)	/* last buffer of its frame */
#define TXD_IFCS	  BIT(25)	/* append the CRC */
#define TXD_RS		  BIT(27)	/* write this descriptor back */
#define TXD_ADVANCED	  BIT(29)	/* DEXT */
#define TXD_PAYLOAD_SHIFT 14
#define TXD_DD		  BIT(0)	/* in the status word of a descriptor sent with RS */

/* Words of a Tx context descriptor (4.4). */
#define TXC_MAC_BYTES	  BITS(15, 9)	/* word 0 */
#define TXC_CONTEXT	  (UINT32_C(2) << 20)	/* word 2, DTYP */
#define TXC_L4_TYPE	  BITS(12, 11)	/* word 2; 3: no checksum to insert */

static_assert(sizeof(union rx_desc) == DESC_BYTES, "Rx descriptor");
static_assert(sizeof(union tx_desc) == DESC_BYTES, "Tx descriptor");

/** The slot after @p slot in a ring of @p size; sizes need not be powers of two. */
static inline uint16_t
ring_next(uint16_t slot, uint16_t size)
{
	return slot + 1 == size ? 0 : slot + 1;
}

/** How many of @p count slots from @p slot on lie before the end of the ring. */
static inline uint16_t
ring_run(uint16_t slot, uint16_t count, uint16_t size)
{
	return count < size - slot ? count : size - slot;
}

#endif /* SLUICE_DESC_H */
