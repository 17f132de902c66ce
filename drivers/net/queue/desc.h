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

/* Status: what was found and looked at; the same in all families. */
#define RXD_VLAN	BIT(3)	/* there is, or was, a tag */
#define RXD_UDP_SUM	BIT(4)	/* the L4 checksum was looked at: UDP's, */
#define RXD_L4_SUM	BIT(5)	/* or another one */
#define RXD_IP_SUM	BIT(6)	/* the IPv4 header's checksum was looked at */
#define RXD_OUTER_SUM	BIT(8)	/* X550, tunnels: the outer IPv4 header's was */

/* Word 0: what hash word 1 holds (0: none), and what headers the frame has. */
#define RXD_HASH_TYPE	BITS(3, 0)
#define RXD_TYPE_IPV4	BIT(4)
#define RXD_TYPE_IPV4_OPTIONS BIT(5)
#define RXD_TYPE_IPV6	BIT(6)
#define RXD_TYPE_IPV6_EXTENSIONS BIT(7)
#define RXD_TYPE_TCP	BIT(8)
#define RXD_TYPE_UDP	BIT(9)
#define RXD_TYPE_SCTP	BIT(10)
#define RXD_TYPE_VXLAN	BIT(11)	/* X550, of a tunnel; else it is NVGRE */
#define RXD_TYPE_ETHERTYPE BIT(15)	/* a filter's number is where the types are */

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
	rte_le64_t quad[2];
};

#define TXD_DATA	  (UINT32_C(3) << 20)	/* DTYP */
#define TXD_EOP		  BIT(24)	/* last buffer of its frame */
#define TXD_IFCS	  BIT(25)	/* append the CRC */
#define TXD_RS		  BIT(27)	/* write this descriptor back */
#define TXD_ADVANCED	  BIT(29)	/* DEXT */
#define TXD_INSERT_VLAN	  BIT(30)	/* VLE */
#define TXD_SEGMENT	  BIT(31)	/* TSE */
#define TXD_PAYLOAD_SHIFT 14
#define TXD_STATUS_FLAGS  BITS(13, 0)	/* status but for the payload's length */
#define TXD_CONTEXT_INDEX BIT(4)	/* status: of the two contexts, the second */
#define TXD_IP_SUM	  BIT(8)	/* status, IXSM: insert the IPv4 header's checksum */
#define TXD_L4_SUM	  BIT(9)	/* status, TXSM */
#define TXD_DD		  BIT(0)	/* in the status word of a descriptor sent with RS */

/* Words of a Tx context descriptor (4.4). */
#define TXC_MAC_SHIFT	  9		/* word 0, bytes; the IP header's in 8:0 */
#define TXC_MAC_MAX	  127
#define TXC_VLAN_SHIFT	  16
#define TXC_OUTER_IP_SHIFT 16		/* word 1, X550: bytes of a tunnel's outer IP header */
#define TXC_TUNNEL_SHIFT  24		/* and from there to the inner one */
#define TXC_CONTEXT	  (UINT32_C(2) << 20)	/* word 2, DTYP */
#define TXC_IPV4	  BIT(10)
#define TXC_L4_TYPE_SHIFT 11		/* word 2; 3: no checksum to insert */
#define TXC_L4_TYPE_NONE  3
#define TXC_L4_SHIFT	  8		/* word 3, bytes of the L4 header */
#define TXC_SEGMENT_SHIFT 16		/* word 3, payload bytes of a segment */

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
