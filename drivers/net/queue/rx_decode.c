/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <rte_ethdev.h>
#include <rte_mbuf_ptype.h>

#include "rx_decode.h"

#define L4_CHECKSUMS (RTE_ETH_RX_OFFLOAD_UDP_CKSUM | RTE_ETH_RX_OFFLOAD_TCP_CKSUM | \
		      RTE_ETH_RX_OFFLOAD_SCTP_CKSUM)

/* Wishes that the tables answer; the others are the device's or the ring's to fulfil. */
#define DECODED (RTE_ETH_RX_OFFLOAD_IPV4_CKSUM | L4_CHECKSUMS | \
		 RTE_ETH_RX_OFFLOAD_OUTER_IPV4_CKSUM | RTE_ETH_RX_OFFLOAD_RSS_HASH | \
		 RTE_ETH_RX_OFFLOAD_VLAN_STRIP | RTE_ETH_RX_OFFLOAD_KEEP_CRC)

/* RSS types 1 to 9 are hashes, 15 is a flow director's number; 0 is none. */
#define HASH_TYPES 0x3fe

#define ALL_TYPES  (RTE_PTYPE_L2_MASK | RTE_PTYPE_L3_MASK | RTE_PTYPE_L4_MASK | \
		    RTE_PTYPE_TUNNEL_MASK | RTE_PTYPE_INNER_L2_MASK | \
		    RTE_PTYPE_INNER_L3_MASK | RTE_PTYPE_INNER_L4_MASK)

/* Those of all families. */
#define TYPES \
	RTE_PTYPE_L2_ETHER, \
	RTE_PTYPE_L3_IPV4, \
	RTE_PTYPE_L3_IPV4_EXT, \
	RTE_PTYPE_L3_IPV6, \
	RTE_PTYPE_L3_IPV6_EXT, \
	RTE_PTYPE_L4_TCP, \
	RTE_PTYPE_L4_UDP, \
	RTE_PTYPE_L4_SCTP, \
	RTE_PTYPE_TUNNEL_IP, \
	RTE_PTYPE_INNER_L3_IPV6, \
	RTE_PTYPE_INNER_L3_IPV6_EXT, \
	RTE_PTYPE_INNER_L4_TCP, \
	RTE_PTYPE_INNER_L4_UDP, \
	RTE_PTYPE_INNER_L4_SCTP

/* A tunnel's outer header is IPv4; whether it has options is not told. */
static const uint32_t types_with_tunnels[] = {
	TYPES,
	RTE_PTYPE_L3_IPV4_EXT_UNKNOWN,
	RTE_PTYPE_TUNNEL_VXLAN,
	RTE_PTYPE_TUNNEL_NVGRE,
	RTE_PTYPE_INNER_L2_ETHER,
	RTE_PTYPE_INNER_L3_IPV4,
	RTE_PTYPE_INNER_L3_IPV4_EXT,
	RTE_PTYPE_UNKNOWN,
};

static const uint32_t types_without[] = { TYPES, RTE_PTYPE_UNKNOWN };

const uint32_t *
rx_decode_types(const struct family *family)
{
	return family->rxd_type_tunnel != 0 ? types_with_tunnels : types_without;
}

static uint16_t
sum_flags(uint32_t status, bool error_ip, bool error_l4, uint64_t offloads)
{
	uint16_t flags = 0;

	if ((offloads & RTE_ETH_RX_OFFLOAD_IPV4_CKSUM) != 0 && (status & RXD_IP_SUM) != 0)
		flags |= error_ip ? RTE_MBUF_F_RX_IP_CKSUM_BAD : RTE_MBUF_F_RX_IP_CKSUM_GOOD;
	if ((offloads & L4_CHECKSUMS) != 0 && (status & (RXD_UDP_SUM | RXD_L4_SUM)) != 0)
		flags |= error_l4 ? RTE_MBUF_F_RX_L4_CKSUM_BAD : RTE_MBUF_F_RX_L4_CKSUM_GOOD;
	return flags;
}

static uint16_t
row_flags(const struct family *family, uint64_t offloads, uint32_t row)
{
	uint32_t status = row << RX_FLAG_STATUS_SHIFT;
	uint32_t errors = row >> RX_FLAG_STATUS_BITS;
	uint16_t flags = 0;

	if ((status & family->rxd_sums_void) == 0)
		flags = sum_flags(status, (errors & 2) != 0, (errors & 1) != 0, offloads);
	if ((offloads & RTE_ETH_RX_OFFLOAD_VLAN_STRIP) != 0 && (status & RXD_VLAN) != 0)
		flags |= RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED;
	return flags;
}

static uint32_t
l4_type(uint32_t bits)
{
	if ((bits & RXD_TYPE_TCP) != 0)
		return RTE_PTYPE_L4_TCP;
	if ((bits & RXD_TYPE_UDP) != 0)
		return RTE_PTYPE_L4_UDP;
	return (bits & RXD_TYPE_SCTP) != 0 ? RTE_PTYPE_L4_SCTP : 0;
}

static uint32_t
inner_l4_type(uint32_t bits)
{
	if ((bits & RXD_TYPE_TCP) != 0)
		return RTE_PTYPE_INNER_L4_TCP;
	if ((bits & RXD_TYPE_UDP) != 0)
		return RTE_PTYPE_INNER_L4_UDP;
	return (bits & RXD_TYPE_SCTP) != 0 ? RTE_PTYPE_INNER_L4_SCTP : 0;
}

/* Both IP versions: IPv6 in IPv4. */
static uint32_t
row_type(uint32_t row)
{
	uint32_t bits = row << RX_TYPE_SHIFT, type = RTE_PTYPE_L2_ETHER;
	bool ipv4 = (bits & (RXD_TYPE_IPV4 | RXD_TYPE_IPV4_OPTIONS)) != 0;
	bool ipv6 = (bits & (RXD_TYPE_IPV6 | RXD_TYPE_IPV6_EXTENSIONS)) != 0;

	if (ipv4)
		type |= (bits & RXD_TYPE_IPV4_OPTIONS) != 0 ?
			RTE_PTYPE_L3_IPV4_EXT : RTE_PTYPE_L3_IPV4;
	if (!ipv6)
		return type | l4_type(bits);
	if (!ipv4)
		return type | l4_type(bits) | ((bits & RXD_TYPE_IPV6_EXTENSIONS) != 0 ?
					       RTE_PTYPE_L3_IPV6_EXT : RTE_PTYPE_L3_IPV6);
	return type | RTE_PTYPE_TUNNEL_IP | inner_l4_type(bits) |
		((bits & RXD_TYPE_IPV6_EXTENSIONS) != 0 ?
		 RTE_PTYPE_INNER_L3_IPV6_EXT : RTE_PTYPE_INNER_L3_IPV6);
}

/* The frame in the tunnel; of two IP headers in it, the type of L4 would be the last one's. */
static uint32_t
tunnel_row_type(uint32_t row)
{
	uint32_t bits = row << RX_TYPE_SHIFT;
	uint32_t type = RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4_EXT_UNKNOWN |
		RTE_PTYPE_INNER_L2_ETHER;
	bool ipv4 = (bits & (RXD_TYPE_IPV4 | RXD_TYPE_IPV4_OPTIONS)) != 0;
	bool ipv6 = (bits & (RXD_TYPE_IPV6 | RXD_TYPE_IPV6_EXTENSIONS)) != 0;

	type |= (bits & RXD_TYPE_VXLAN) != 0 ? RTE_PTYPE_L4_UDP | RTE_PTYPE_TUNNEL_VXLAN :
		RTE_PTYPE_TUNNEL_NVGRE;
	if (ipv4)
		type |= (bits & RXD_TYPE_IPV4_OPTIONS) != 0 ?
			RTE_PTYPE_INNER_L3_IPV4_EXT : RTE_PTYPE_INNER_L3_IPV4;
	else if (ipv6)
		type |= (bits & RXD_TYPE_IPV6_EXTENSIONS) != 0 ?
			RTE_PTYPE_INNER_L3_IPV6_EXT : RTE_PTYPE_INNER_L3_IPV6;
	return ipv4 && ipv6 ? type : type | inner_l4_type(bits);
}

void
rx_decode_special(const struct rx_decode *decode, uint32_t type, uint32_t status,
		  struct rte_mbuf *m)
{
	if ((type & decode->type_void) != 0) {
		m->packet_type = decode->types[0];
		return;
	}
	m->packet_type = decode->tunnel_types[type >> RX_TYPE_SHIFT & (RX_TUNNEL_ROWS - 1)];
	if (decode->outer_wrong != 0 && (status & decode->outer_wrong) == decode->outer_wrong)
		m->ol_flags |= RTE_MBUF_F_RX_OUTER_IP_CKSUM_BAD;
}

static void
fill_special(struct rx_decode *decode, const struct family *family,
	     const struct rx_wishes *wishes)
{
	bool wanted = (wishes->offloads & RTE_ETH_RX_OFFLOAD_OUTER_IPV4_CKSUM) != 0;

	decode->type_void = family->rxd_type_void;
	decode->type_special = family->rxd_type_void | family->rxd_type_tunnel;
	decode->outer_wrong = wanted ? family->rxd_outer_wrong : 0;
	for (uint32_t row = 0; row < RX_TUNNEL_ROWS; row++)
		decode->tunnel_types[row] = tunnel_row_type(row) & ~wishes->types_off;
}

void
rx_decode_fill(struct rx_decode *decode, const struct family *family,
	       const struct rx_wishes *wishes)
{
	uint64_t offloads = wishes->offloads;

	for (uint32_t row = 0; row < RX_FLAG_ROWS; row++)
		decode->flags[row] = row_flags(family, offloads, row);
	for (uint32_t row = 0; row < RX_TYPE_ROWS; row++)
		decode->types[row] = row_type(row) & ~wishes->types_off;
	fill_special(decode, family, wishes);
	decode->vlan_swapped = family->rxd_vlan_swapped;
	decode->hash_types = (offloads & RTE_ETH_RX_OFFLOAD_RSS_HASH) != 0 ? HASH_TYPES : 0;
	decode->error_shift = __builtin_ctz(family->rxd_sum_errors);
	decode->crc_bytes = (offloads & RTE_ETH_RX_OFFLOAD_KEEP_CRC) != 0 ? RTE_ETHER_CRC_LEN : 0;
	decode->false_alarm = family->rxd_false_alarm;
	rx_shuffle_fill(&decode->shuffle, decode);
}

bool
rx_wishes_any(const struct rx_wishes *wishes)
{
	return (wishes->offloads & DECODED) != 0 || (~wishes->types_off & ALL_TYPES) != 0;
}
