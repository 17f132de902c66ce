/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <rte_ethdev.h>
#include <rte_ip.h>
#include <rte_mbuf.h>
#include <rte_sctp.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include "tx_order.h"
#include "tx_ring.h"

/* By the two bits of RTE_MBUF_F_TX_L4_MASK. */
#define L4_INDEX(asked) ((asked) >> 52 & 3)

static_assert(RTE_MBUF_F_TX_L4_MASK == UINT64_C(3) << 52, "L4_INDEX");
static_assert(L4_INDEX(RTE_MBUF_F_TX_TCP_CKSUM) == 1 && L4_INDEX(RTE_MBUF_F_TX_SCTP_CKSUM) == 2 &&
	      L4_INDEX(RTE_MBUF_F_TX_UDP_CKSUM) == 3, "l4_rows");

static const struct {
	uint8_t type;		/* in the context */
	uint8_t header_bytes;	/* at least */
} l4_rows[] = {
	[0] = { TXC_L4_TYPE_NONE, 0 },
	[1] = { 1, sizeof(struct rte_tcp_hdr) },
	[2] = { 2, sizeof(struct rte_sctp_hdr) },
	[3] = { 0, sizeof(struct rte_udp_hdr) },
};

/* By the four bits of RTE_MBUF_F_TX_TUNNEL_MASK. */
#define TUNNEL_INDEX(flags) ((flags) >> 45 & 15)

static_assert(RTE_MBUF_F_TX_TUNNEL_MASK == UINT64_C(15) << 45, "TUNNEL_INDEX");

/* UDP and VXLAN headers, or GRE with a key, and the inner Ethernet header. */
#define UDP_TUNNEL_BYTES   30
#define NVGRE_TUNNEL_BYTES 22

/* Tunnels that the device knows: how much is between the IP headers at least; 0: not known. */
static const struct {
	uint8_t bytes;
	bool nvgre;
} tunnel_rows[16] = {
	[0] = { UDP_TUNNEL_BYTES },	/* nothing said: as DPDK's own driver, which ignores it */
	[TUNNEL_INDEX(RTE_MBUF_F_TX_TUNNEL_VXLAN)] = { UDP_TUNNEL_BYTES },
	[TUNNEL_INDEX(RTE_MBUF_F_TX_TUNNEL_GENEVE)] = { UDP_TUNNEL_BYTES },
	[TUNNEL_INDEX(RTE_MBUF_F_TX_TUNNEL_GRE)] = { NVGRE_TUNNEL_BYTES, .nvgre = true },
};

/* Header lengths that their own length fields can hold. */
#define IPV4_HEADER_MAX 60
#define TCP_HEADER_MAX	60

uint64_t
tx_requests(uint64_t offloads)
{
	static const struct {
		uint64_t offload, flags;
	} rows[] = {
		{ RTE_ETH_TX_OFFLOAD_VLAN_INSERT, RTE_MBUF_F_TX_VLAN },
		{ RTE_ETH_TX_OFFLOAD_IPV4_CKSUM, RTE_MBUF_F_TX_IP_CKSUM },
		{ RTE_ETH_TX_OFFLOAD_OUTER_IPV4_CKSUM, RTE_MBUF_F_TX_OUTER_IP_CKSUM },
		{ RTE_ETH_TX_OFFLOAD_TCP_CKSUM, RTE_MBUF_F_TX_L4_MASK },
		{ RTE_ETH_TX_OFFLOAD_UDP_CKSUM, RTE_MBUF_F_TX_L4_MASK },
		{ RTE_ETH_TX_OFFLOAD_SCTP_CKSUM, RTE_MBUF_F_TX_L4_MASK },
		/* The segments' checksums come with them. */
		{ RTE_ETH_TX_OFFLOAD_TCP_TSO, RTE_MBUF_F_TX_TCP_SEG | RTE_MBUF_F_TX_TCP_CKSUM |
		  RTE_MBUF_F_TX_IP_CKSUM },
	};
	uint64_t flags = 0;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if ((offloads & rows[i].offload) != 0)
			flags |= rows[i].flags;
	return flags;
}

/* All of pkt_len is there, in pieces that a descriptor can name. */
static bool
is_whole(const struct txq *q, const struct rte_mbuf *frame)
{
	uint32_t bytes = 0;
	uint16_t segments = 0;

	for (const struct rte_mbuf *seg = frame; seg != NULL; seg = seg->next, segments++) {
		if (seg->data_len > q->max_buffer)
			return false;
		bytes += seg->data_len;
	}
	return bytes == frame->pkt_len && segments == frame->nb_segs;
}

static bool
is_ipv4_length(uint32_t bytes)
{
	return bytes >= sizeof(struct rte_ipv4_hdr) && bytes <= IPV4_HEADER_MAX && bytes % 4 == 0;
}

/* Both checksums at once are for tunnels that the device knows. */
static bool
outer_is_sound(const struct rte_mbuf *frame, uint64_t asked)
{
	uint32_t end = (uint32_t)frame->outer_l2_len + frame->outer_l3_len;
	uint8_t tunnel = tunnel_rows[TUNNEL_INDEX(frame->ol_flags)].bytes;

	if ((frame->ol_flags & TX_OUTER_IP) != RTE_MBUF_F_TX_OUTER_IPV4 ||
	    frame->outer_l2_len < RTE_ETHER_HDR_LEN || !is_ipv4_length(frame->outer_l3_len) ||
	    end > frame->data_len)
		return false;
	return (asked & TX_INNER_SUMS) == 0 || (tunnel != 0 && frame->l2_len >= tunnel);
}

uint32_t
tx_order_min_bytes(const struct rte_mbuf *frame, uint64_t asked)
{
	if ((asked & TX_INNER_SUMS) == 0)
		return 0;
	return tx_l3_at(frame) + frame->l3_len + l4_rows[L4_INDEX(asked)].header_bytes;
}

static bool
headers_are_sound(const struct rte_mbuf *frame, uint64_t asked, uint32_t tag)
{
	bool ipv4 = (frame->ol_flags & (RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM)) != 0;
	bool ipv6 = (frame->ol_flags & RTE_MBUF_F_TX_IPV6) != 0;
	uint32_t l3_at = tx_l3_at(frame);
	bool outer = (asked & RTE_MBUF_F_TX_OUTER_IP_CKSUM) != 0;

	if (outer && !outer_is_sound(frame, asked))
		return false;
	if ((asked & TX_INNER_SUMS) == 0)
		return true;
	/* A checksum of IPv4 needs IPv4; one of L4 needs to know which IP. */
	if (ipv4 == ipv6 || l3_at < RTE_ETHER_HDR_LEN || (!outer && l3_at + tag > TXC_MAC_MAX))
		return false;
	if (ipv4 && !is_ipv4_length(frame->l3_len))
		return false;
	if (ipv6 && frame->l3_len < sizeof(struct rte_ipv6_hdr))
		return false;
	return tx_order_min_bytes(frame, asked) <= frame->pkt_len;
}

static bool
can_be_segmented(const struct txq *q, const struct rte_mbuf *frame, uint32_t tag)
{
	uint64_t flags = frame->ol_flags;
	uint32_t header = tx_headers(frame);
	uint64_t l4 = flags & RTE_MBUF_F_TX_L4_MASK;

	/* In a tunnel the outer headers would have to change with each segment too. */
	if ((l4 != 0 && l4 != RTE_MBUF_F_TX_TCP_CKSUM) ||
	    (flags & (RTE_MBUF_F_TX_TUNNEL_MASK | TX_OUTER_IP | RTE_MBUF_F_TX_UDP_SEG)) != 0)
		return false;
	/* As rte_mbuf has it: the device writes a checksum into each segment, or none. */
	if ((flags & RTE_MBUF_F_TX_IPV4) != 0 && (flags & RTE_MBUF_F_TX_IP_CKSUM) == 0)
		return false;
	if (frame->l4_len < sizeof(struct rte_tcp_hdr) || frame->l4_len > TCP_HEADER_MAX ||
	    frame->l4_len % 4 != 0)
		return false;
	return header <= q->tso.max_header && header <= frame->data_len &&
		header < frame->pkt_len && frame->pkt_len - header <= q->tso.max_bytes &&
		frame->tso_segsz >= q->tso.min_segment && frame->tso_segsz <= q->tso.max_segment &&
		frame->tso_segsz + header + tag <= q->min_bytes + q->bytes_span;
}

bool
tx_order_is_sound(const struct txq *q, const struct rte_mbuf *frame, uint64_t asked)
{
	uint32_t tag = (asked & RTE_MBUF_F_TX_VLAN) != 0 ? RTE_VLAN_HLEN : 0;

	if (frame->nb_segs > q->max_segments || !is_whole(q, frame))
		return false;
	if ((asked & TX_SUMS) != 0 && !headers_are_sound(frame, asked, tag))
		return false;
	if ((asked & RTE_MBUF_F_TX_TCP_SEG) != 0)
		return can_be_segmented(q, frame, tag);
	return frame->pkt_len >= q->min_bytes &&
		frame->pkt_len + tag <= q->min_bytes + q->bytes_span;
}

static uint64_t
word_pair(uint32_t low, uint32_t high)
{
	return (uint64_t)high << 32 | low;
}

/* Words 0 to 2 as far as they say where headers are. */
static void
point_to_headers(const struct txq *q, const struct rte_mbuf *frame, uint64_t asked,
		 uint32_t word[4], struct tx_order *order)
{
	bool outer = (asked & RTE_MBUF_F_TX_OUTER_IP_CKSUM) != 0;
	bool inner = (asked & TX_INNER_SUMS) != 0;

	if ((asked & RTE_MBUF_F_TX_IP_CKSUM) != 0)
		order->status |= TXD_IP_SUM;
	/* Nothing to do behind the outer header: that is a frame as any other. */
	if (outer && !inner) {
		word[0] = frame->outer_l3_len | (uint32_t)frame->outer_l2_len << TXC_MAC_SHIFT;
		word[2] = TXC_IPV4;
		order->status |= TXD_IP_SUM;
		return;
	}
	word[0] = frame->l3_len;
	word[2] = (frame->ol_flags & RTE_MBUF_F_TX_IPV6) == 0 ? TXC_IPV4 : 0;
	if (!outer) {
		word[0] |= tx_l3_at(frame) << TXC_MAC_SHIFT;
		return;
	}
	word[0] |= (uint32_t)frame->outer_l2_len << TXC_MAC_SHIFT;
	word[1] = (uint32_t)frame->outer_l3_len << TXC_OUTER_IP_SHIFT |
		(uint32_t)frame->l2_len << TXC_TUNNEL_SHIFT;
	order->command |= q->outer_sum;
	if (tunnel_rows[TUNNEL_INDEX(frame->ol_flags)].nvgre)
		order->command |= q->nvgre;
}

void
tx_order_make(const struct txq *q, const struct rte_mbuf *frame, uint64_t asked,
	      struct tx_order *order)
{
	uint32_t word[4] = { 0 }, payload = frame->pkt_len;
	uint32_t type = l4_rows[L4_INDEX(asked)].type;

	*order = (struct tx_order){ .status = q->status };
	word[0] = (uint32_t)RTE_ETHER_HDR_LEN << TXC_MAC_SHIFT;
	if ((asked & TX_SUMS) != 0)
		point_to_headers(q, frame, asked, word, order);
	if ((asked & RTE_MBUF_F_TX_TCP_SEG) != 0) {
		type = l4_rows[1].type;
		word[3] = frame->l4_len << TXC_L4_SHIFT |
			(uint32_t)frame->tso_segsz << TXC_SEGMENT_SHIFT;
		payload -= tx_headers(frame);
		order->command |= TXD_SEGMENT;
	}
	if (type != TXC_L4_TYPE_NONE)
		order->status |= TXD_L4_SUM;
	if ((asked & RTE_MBUF_F_TX_VLAN) != 0) {
		word[0] |= (uint32_t)frame->vlan_tci << TXC_VLAN_SHIFT;
		order->command |= TXD_INSERT_VLAN;
	}
	word[2] |= TXC_CONTEXT | TXD_ADVANCED | type << TXC_L4_TYPE_SHIFT;
	order->context.low = word_pair(word[0], word[1]);
	order->context.high = word_pair(word[2], word[3]);
	order->status |= payload << TXD_PAYLOAD_SHIFT;
}
