/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <assert.h>
#include <string.h>

#include <rte_byteorder.h>
#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_sctp.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include "frame.h"

#define IP_ID	     0x1234
#define PORT_SOURCE  0x1388
#define PORT_DEST    0x1389
#define BAD	     0x5555	/* what a wrong sum differs by */
#define FRAGMENT_OFFSET 0x1fff

const uint8_t mac_of[NB_FUNCTIONS][6] = {
	[VF0] = { 0x02, 0, 0, 0, 0xa0, 0x00 },
	[VF1] = { 0x02, 0, 0, 0, 0xa0, 0x11 },
	[PF] = { 0x02, 0, 0, 0, 0xa0, 0x22 },
};
const uint8_t mac_nobody[6] = { 0x02, 0, 0, 0, 0xee, 0x33 };
const uint8_t mac_broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
const uint8_t mac_group[6] = { 0x01, 0, 0x5e, 0, 0x40, 0x07 };

static uint8_t
byte_at(unsigned int i)
{
	return i * 7 + (i >> 8);
}

void
frame_make(struct frame *frame, const uint8_t *dst, const uint8_t *src, uint16_t type,
	   unsigned int bytes)
{
	struct rte_ether_hdr *ether = (struct rte_ether_hdr *)frame->data;

	assert(bytes <= FRAME_MAX);
	for (unsigned int i = sizeof(*ether); i < bytes; i++)
		frame->data[i] = byte_at(i);
	memcpy(&ether->dst_addr, dst, 6);
	memcpy(&ether->src_addr, src, 6);
	ether->ether_type = rte_cpu_to_be_16(type);
	frame->bytes = bytes;
}

void
frame_tag(struct frame *frame, uint16_t tci)
{
	const uint8_t tag[4] = { 0x81, 0x00, tci >> 8, tci & 0xff };

	memmove(frame->data + 16, frame->data + 12, frame->bytes - 12);
	memcpy(frame->data + 12, tag, sizeof(tag));
	frame->bytes += sizeof(tag);
}

static uint16_t
sum_as(enum sum wanted, uint16_t good, uint16_t pseudo)
{
	switch (wanted) {
	case SUM_GOOD: return good;
	case SUM_BAD: return good ^ BAD;
	case SUM_ZERO: return 0;
	default: return pseudo;
	}
}

/** @return bytes of the header */
static unsigned int
put_l4(uint8_t *l4, const struct packet *packet)
{
	const uint16_t source = rte_cpu_to_be_16(PORT_SOURCE + packet->source_port);

	switch (packet->l4) {
	case L4_UDP:
		*(struct rte_udp_hdr *)l4 = (struct rte_udp_hdr){
			.src_port = source,
			.dst_port = rte_cpu_to_be_16(PORT_DEST),
			.dgram_len = rte_cpu_to_be_16(sizeof(struct rte_udp_hdr) +
						      packet->payload),
		};
		return sizeof(struct rte_udp_hdr);
	case L4_TCP:
		*(struct rte_tcp_hdr *)l4 = (struct rte_tcp_hdr){
			.src_port = source,
			.dst_port = rte_cpu_to_be_16(PORT_DEST),
			.sent_seq = rte_cpu_to_be_32(0x01020304),
			.data_off = sizeof(struct rte_tcp_hdr) / 4 << 4,
			.tcp_flags = RTE_TCP_ACK_FLAG | packet->tcp_flags,
			.rx_win = rte_cpu_to_be_16(1000),
		};
		return sizeof(struct rte_tcp_hdr);
	case L4_SCTP:
		*(struct rte_sctp_hdr *)l4 = (struct rte_sctp_hdr){
			.src_port = source,
			.dst_port = rte_cpu_to_be_16(PORT_DEST),
		};
		return sizeof(struct rte_sctp_hdr);
	default:
		return 0;
	}
}

static uint8_t *
sum_at(uint8_t *l4, enum l4 kind)
{
	return kind == L4_UDP ? l4 + offsetof(struct rte_udp_hdr, dgram_cksum) :
	       kind == L4_TCP ? l4 + offsetof(struct rte_tcp_hdr, cksum) : NULL;
}

static void
put_sum(uint8_t *l4, const struct packet *packet, uint16_t good, uint16_t pseudo)
{
	uint8_t *at = sum_at(l4, packet->l4);
	uint16_t sum = sum_as(packet->l4_sum, good, pseudo);

	if (at != NULL)
		memcpy(at, &sum, sizeof(sum));
}

static const uint8_t protocol_of[] = {
	[L4_NONE] = 253, [L4_UDP] = IPPROTO_UDP, [L4_TCP] = IPPROTO_TCP, [L4_SCTP] = IPPROTO_SCTP,
};

static void
put_ipv4(uint8_t *l3, const struct packet *packet, unsigned int l4_bytes)
{
	struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)l3;
	uint8_t *l4 = l3 + sizeof(*ip);
	uint64_t flags = packet->l4_sum == SUM_PSEUDO_NO_LENGTH ? RTE_MBUF_F_TX_TCP_SEG : 0;

	*ip = (struct rte_ipv4_hdr){
		.version_ihl = 0x45,
		.total_length = rte_cpu_to_be_16(sizeof(*ip) + l4_bytes),
		.packet_id = rte_cpu_to_be_16(IP_ID),
		.fragment_offset = rte_cpu_to_be_16(packet->fragment),
		.time_to_live = 64,
		.next_proto_id = protocol_of[packet->l4],
		.src_addr = rte_cpu_to_be_32(RTE_IPV4(10, 0, 0, 1)),
		.dst_addr = rte_cpu_to_be_32(RTE_IPV4(10, 0, 0, 2)),
	};
	if (packet->l4 == L4_UDP || packet->l4 == L4_TCP)
		put_sum(l4, packet, rte_ipv4_udptcp_cksum(ip, l4), rte_ipv4_phdr_cksum(ip, flags));
	if (packet->tso)
		ip->total_length = 0;
	ip->hdr_checksum = sum_as(packet->l3_sum, rte_ipv4_cksum(ip), 0);
}

/* In some releases of DPDK an address is an array, in others a structure. */
static void
put_address(void *address, uint8_t host)
{
	uint8_t *bytes = address;

	bytes[0] = 0xfd;
	bytes[15] = host;
}

static void
put_ipv6(uint8_t *l3, const struct packet *packet, unsigned int l4_bytes)
{
	struct rte_ipv6_hdr *ip = (struct rte_ipv6_hdr *)l3;
	uint8_t *l4 = l3 + sizeof(*ip);
	uint64_t flags = packet->l4_sum == SUM_PSEUDO_NO_LENGTH ? RTE_MBUF_F_TX_TCP_SEG : 0;

	*ip = (struct rte_ipv6_hdr){
		.vtc_flow = rte_cpu_to_be_32(6u << 28),
		.payload_len = rte_cpu_to_be_16(l4_bytes),
		.proto = protocol_of[packet->l4],
		.hop_limits = 64,
	};
	put_address(&ip->src_addr, 1);
	put_address(&ip->dst_addr, 2);
	if (packet->l4 == L4_UDP || packet->l4 == L4_TCP)
		put_sum(l4, packet, rte_ipv6_udptcp_cksum(ip, l4), rte_ipv6_phdr_cksum(ip, flags));
	if (packet->tso)
		ip->payload_len = 0;
}

void
frame_packet(struct frame *frame, const uint8_t *dst, const uint8_t *src,
	     const struct packet *packet)
{
	const unsigned int l3 = sizeof(struct rte_ether_hdr);
	const unsigned int l4 = l3 + (packet->ipv6 ? sizeof(struct rte_ipv6_hdr) :
						     sizeof(struct rte_ipv4_hdr));
	unsigned int bytes, header;

	memset(frame->data, 0, RTE_ETHER_MIN_LEN);
	frame_make(frame, dst, src, packet->ipv6 ? RTE_ETHER_TYPE_IPV6 : RTE_ETHER_TYPE_IPV4, l4);
	header = packet->fragment & FRAGMENT_OFFSET ? 0 : put_l4(frame->data + l4, packet);
	bytes = l4 + header + packet->payload;
	for (unsigned int i = l4 + header; i < bytes; i++)
		frame->data[i] = byte_at(i);
	(packet->ipv6 ? put_ipv6 : put_ipv4)(frame->data + l3, packet, bytes - l4);
	frame->bytes = RTE_MAX(bytes, 60u);
	memset(frame->data + bytes, 0, frame->bytes - bytes);
}
