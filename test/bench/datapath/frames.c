/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <stddef.h>
#include <string.h>

#include <rte_common.h>
#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_mbuf.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include "frames.h"

#define FRAMES	   FEED_FRAMES_MAX
#define FIRST_PORT 1024
#define TO_PORT	   4789	/* of no interest here */
#define IP_OFFSET  sizeof(struct rte_ether_hdr)
#define L4_OFFSET  (IP_OFFSET + sizeof(struct rte_ipv4_hdr))

static const struct rte_ether_addr peer = { { 0x02, 0, 0, 0, 0xbe, 0xef } };

/** @param bytes  of the frame, without a tag */
static void
make(uint8_t *data, const struct rte_ether_addr *to, const struct rte_ether_addr *from,
     uint16_t bytes, unsigned int number, bool tcp)
{
	struct rte_ether_hdr *ether = (struct rte_ether_hdr *)data;
	struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)(data + IP_OFFSET);
	struct rte_udp_hdr *udp = (struct rte_udp_hdr *)(data + L4_OFFSET);
	struct rte_tcp_hdr *as_tcp = (struct rte_tcp_hdr *)udp;
	uint16_t ip_bytes = bytes - IP_OFFSET;

	*ether = (struct rte_ether_hdr){
		.dst_addr = *to, .src_addr = *from,
		.ether_type = RTE_BE16(RTE_ETHER_TYPE_IPV4),
	};
	*ip = (struct rte_ipv4_hdr){
		.version_ihl = RTE_IPV4_VHL_DEF, .total_length = rte_cpu_to_be_16(ip_bytes),
		.time_to_live = 64, .next_proto_id = tcp ? IPPROTO_TCP : IPPROTO_UDP,
		.src_addr = RTE_BE32(RTE_IPV4(10, 0, 0, 1)),
		.dst_addr = RTE_BE32(RTE_IPV4(10, 0, 0, 2)),
	};
	if (tcp)
		*as_tcp = (struct rte_tcp_hdr){
			.data_off = sizeof(*as_tcp) / 4 << 4, .tcp_flags = RTE_TCP_ACK_FLAG,
		};
	/* Ports are in one place. */
	udp->src_port = rte_cpu_to_be_16((uint16_t)(FIRST_PORT + number));
	udp->dst_port = RTE_BE16(TO_PORT);
	if (!tcp) {
		udp->dgram_len = rte_cpu_to_be_16(ip_bytes - sizeof(*ip));
		udp->dgram_cksum = 0;	/* none; and nothing to count in */
	}
	ip->hdr_checksum = rte_ipv4_cksum(ip);
}

/* --- From the wire, and back --- */

static void
put_tag(uint8_t *data, uint16_t bytes)
{
	const struct rte_vlan_hdr tag = { .vlan_tci = RTE_BE16(FRAMES_VID) };
	const rte_be16_t type = RTE_BE16(RTE_ETHER_TYPE_VLAN);
	uint8_t *at = data + offsetof(struct rte_ether_hdr, ether_type);

	memmove(at + sizeof(tag), at, bytes - offsetof(struct rte_ether_hdr, ether_type));
	memcpy(at, &type, sizeof(type));
	memcpy(at + sizeof(type), &tag.vlan_tci, sizeof(tag.vlan_tci));
}

static bool
is_tagged(const uint8_t *data)
{
	const struct rte_ether_hdr *ether = (const struct rte_ether_hdr *)data;
	const struct rte_vlan_hdr *tag = (const struct rte_vlan_hdr *)(ether + 1);

	return ether->ether_type == RTE_BE16(RTE_ETHER_TYPE_VLAN) &&
	       tag->vlan_tci == RTE_BE16(FRAMES_VID) &&
	       tag->eth_proto == RTE_BE16(RTE_ETHER_TYPE_IPV4);
}

static bool
is_right(const struct feed *feed, const uint8_t *data, uint32_t bytes)
{
	const struct rte_ipv4_hdr *ip = (const struct rte_ipv4_hdr *)
		(data + IP_OFFSET + (feed->vlan ? sizeof(struct rte_vlan_hdr) : 0));

	if (memcmp(data, feed->back_to, FEED_MAC_BYTES) != 0)
		return false;
	if (bytes < L4_OFFSET || (feed->vlan && !is_tagged(data)))
		return false;
	if (!feed->sums)
		return true;
	return rte_raw_cksum(ip, sizeof(*ip)) == UINT16_MAX &&
	       rte_ipv4_udptcp_cksum_verify(ip, ip + 1) == 0;
}

void
frames_fill(struct feed *feed, const uint8_t mac[FEED_MAC_BYTES], const struct bench_case *c,
	    unsigned int which)
{
	const struct bench_set *set = &bench_sets[c->set];
	unsigned int ports = RTE_MAX(c->ports, 1u);
	uint16_t bytes = RTE_MIN(c->bytes, (uint16_t)RTE_ETHER_MAX_LEN);
	struct rte_ether_addr own;

	memcpy(own.addr_bytes, mac, sizeof(own.addr_bytes));
	memcpy(feed->back_to, peer.addr_bytes, FEED_MAC_BYTES);
	feed->is_right = is_right;
	feed->sums = set->sums;
	feed->vlan = set->vlan;
	bytes -= set->vlan ? sizeof(struct rte_vlan_hdr) : 0;
	feed->nb = FRAMES - FRAMES % ports;
	feed->next = 0;
	for (unsigned int i = which; i < feed->nb; i += ports) {
		uint8_t *data = feed->data[i];
		struct rte_udp_hdr *udp = (struct rte_udp_hdr *)(data + L4_OFFSET);

		memset(data, 0x5a, bytes);
		make(data, &own, &peer, bytes, i, false);
		if (set->sums)
			udp->dgram_cksum = rte_ipv4_udptcp_cksum(
				(struct rte_ipv4_hdr *)(data + IP_OFFSET), udp);
		feed->len[i] = bytes;
		if (set->vlan) {
			put_tag(data, bytes);
			feed->len[i] += sizeof(struct rte_vlan_hdr);
		}
	}
}

/* --- To be sent --- */

/** @param bytes  of the frame, without a tag */
static struct frames_mark
mark(const struct bench_set *set, uint16_t bytes)
{
	uint8_t headers[L4_OFFSET + sizeof(struct rte_tcp_hdr)];
	struct frames_mark result = { 0 };
	uint16_t l4_bytes = set->mss != 0 ? sizeof(struct rte_tcp_hdr) : 0;

	if (set->vlan) {
		result.flags |= RTE_MBUF_F_TX_VLAN;
		result.vlan = FRAMES_VID;
	}
	if (!set->sums)
		return result;
	result.flags |= RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM;
	result.flags |= set->mss != 0 ? RTE_MBUF_F_TX_TCP_SEG | RTE_MBUF_F_TX_TCP_CKSUM :
					RTE_MBUF_F_TX_UDP_CKSUM;
	result.lengths = rte_mbuf_tx_offload(IP_OFFSET, sizeof(struct rte_ipv4_hdr), l4_bytes,
					     set->mss, 0, 0, 0);
	make(headers, &peer, &peer, bytes, 0, set->mss != 0);
	result.sum = rte_ipv4_phdr_cksum((struct rte_ipv4_hdr *)(headers + IP_OFFSET),
					 result.flags);
	result.ip_sum_offset = IP_OFFSET + offsetof(struct rte_ipv4_hdr, hdr_checksum);
	result.sum_offset = L4_OFFSET + (set->mss != 0 ? offsetof(struct rte_tcp_hdr, cksum) :
					 offsetof(struct rte_udp_hdr, dgram_cksum));
	return result;
}

struct frames_mark
frames_mark(const struct bench_case *c)
{
	const struct bench_set *set = &bench_sets[c->set];

	return mark(set, c->bytes - (set->vlan ? sizeof(struct rte_vlan_hdr) : 0));
}

/** The first has the headers; what follows has whatever was there. */
static bool
spread(struct rte_mbuf *first, const struct bench_case *c)
{
	unsigned int nb = case_segments(c), left = c->bytes;
	struct rte_mbuf *m = first;

	first->pkt_len = c->bytes;
	first->nb_segs = (uint16_t)nb;
	for (unsigned int i = 0; i < nb; i++, m = m->next) {
		m->data_len = (uint16_t)RTE_MIN(left, rte_pktmbuf_tailroom(m));
		left -= m->data_len;
		if (i + 1 == nb)
			break;
		m->next = rte_pktmbuf_alloc(first->pool);
		if (m->next == NULL)
			return false;
	}
	return left == 0;
}

bool
frames_make(struct rte_mbuf **mbufs, unsigned int nb, const uint8_t mac[FEED_MAC_BYTES],
	    const struct bench_case *c)
{
	const struct bench_set *set = &bench_sets[c->set];
	struct frames_mark marked = mark(set, c->bytes);
	struct rte_ether_addr own;

	memcpy(own.addr_bytes, mac, sizeof(own.addr_bytes));
	for (unsigned int i = 0; i < nb; i++) {
		uint8_t *data = rte_pktmbuf_mtod(mbufs[i], uint8_t *);

		make(data, &peer, &own, c->bytes, i % FRAMES, set->mss != 0);
		if (!spread(mbufs[i], c))
			return false;
		mbufs[i]->ol_flags = marked.flags;
		mbufs[i]->tx_offload = marked.lengths;
		mbufs[i]->vlan_tci = marked.vlan;
		if (marked.sum_offset != 0) {
			memset(data + marked.ip_sum_offset, 0, sizeof(marked.sum));
			memcpy(data + marked.sum_offset, &marked.sum, sizeof(marked.sum));
		}
	}
	return true;
}
