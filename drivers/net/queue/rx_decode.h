/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What a write-back says of a frame, as mbuf fields.
 *
 * Tables hold the answer for each combination of the descriptor's bits. They are made when a queue
 * starts, of the family's row and of what the application asked for: the burst asks for neither.
 */
#ifndef SLUICE_RX_DECODE_H
#define SLUICE_RX_DECODE_H

#include <rte_mbuf.h>

#include "desc.h"
#include "family.h"
#include "rx_shuffle.h"

/* Status bits 6:2 and the two checksum errors make a row of the flags. */
#define RX_FLAG_STATUS_SHIFT 2
#define RX_FLAG_STATUS_BITS  5
#define RX_FLAG_ROWS	     (1 << (RX_FLAG_STATUS_BITS + 2))

/* Type bits 10:4 make a row of the packet types, in a tunnel bits 11:4. */
#define RX_TYPE_SHIFT	     4
#define RX_TYPE_ROWS	     (1 << 7)
#define RX_TUNNEL_ROWS	     (1 << 8)

struct rx_decode {
	uint16_t flags[RX_FLAG_ROWS];	/**< RTE_MBUF_F_RX_* */
	uint32_t types[RX_TYPE_ROWS];	/**< RTE_PTYPE_* */
	uint32_t type_special;		/**< DW0: with one of these the types above do not hold */
	uint32_t vlan_swapped;
	uint16_t hash_types;		/**< bit t: with RSS type t the hash is one, and wanted */
	uint8_t error_shift;		/**< of the two checksum errors */
	uint8_t crc_bytes;		/**< behind the frame, not counted in its length */
	struct false_alarm false_alarm;
	struct rx_shuffle shuffle;	/**< flags and types once more, for vectors */

	/* Of what is special. */
	uint32_t type_void;		/**< the family's rxd_type_void */
	uint32_t outer_wrong;		/**< and rxd_outer_wrong; 0 too if nobody asked */
	uint32_t tunnel_types[RX_TUNNEL_ROWS];	/**< RTE_PTYPE_* */
};

/** What an application wants to know of its frames. */
struct rx_wishes {
	uint64_t offloads;	/**< RTE_ETH_RX_OFFLOAD_* */
	uint32_t types_off;	/**< bits of RTE_PTYPE_* to leave out */
};

/** Make the tables. */
void rx_decode_fill(struct rx_decode *decode, const struct family *family,
		    const struct rx_wishes *wishes);

/** Is there anything of a frame that only the tables say? */
bool rx_wishes_any(const struct rx_wishes *wishes);

/** The packet types there may be, ended by RTE_PTYPE_UNKNOWN. */
const uint32_t *rx_decode_types(const struct family *family);

/** The frame has one of the bits type_special: its packet type, and what else follows. */
void rx_decode_special(const struct rx_decode *decode, uint32_t type, uint32_t status,
		       struct rte_mbuf *m);

/** Fill in all that the write-back of a frame's last buffer says; m->pkt_len is set already. */
static inline void
rx_decode(const struct rx_decode *decode, volatile union rx_desc *desc, uint32_t status,
	  struct rte_mbuf *m)
{
	uint32_t type = rte_le_to_cpu_32(desc->write_back.type);
	uint32_t row = (status >> RX_FLAG_STATUS_SHIFT & ((1 << RX_FLAG_STATUS_BITS) - 1)) |
		(status >> decode->error_shift & 3) << RX_FLAG_STATUS_BITS;
	uint32_t hashed = decode->hash_types >> (type & RXD_HASH_TYPE) & 1;
	uint64_t flags = decode->flags[row];
	uint16_t vlan = rte_le_to_cpu_16(desc->write_back.vlan);

	if (unlikely((flags & RTE_MBUF_F_RX_L4_CKSUM_BAD) != 0 &&
		     (type & decode->false_alarm.types) != 0 &&
		     (decode->false_alarm.bytes == 0 || decode->false_alarm.bytes == m->pkt_len)))
		flags &= ~RTE_MBUF_F_RX_L4_CKSUM_BAD;
	m->ol_flags = flags | hashed * RTE_MBUF_F_RX_RSS_HASH;
	m->hash.rss = rte_le_to_cpu_32(desc->write_back.hash);
	m->vlan_tci = (status & decode->vlan_swapped) != 0 ? rte_bswap16(vlan) : vlan;
	if (unlikely((type & decode->type_special) != 0)) {
		rx_decode_special(decode, type, status, m);
		return;
	}
	m->packet_type = decode->types[type >> RX_TYPE_SHIFT & (RX_TYPE_ROWS - 1)];
}

#endif /* SLUICE_RX_DECODE_H */
