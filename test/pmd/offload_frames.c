/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include <rte_ip.h>
#include <rte_sctp.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include "offload_frames.h"

#define BYTES_MAX   9728
#define PATTERN	    251
#define PORT	    0x1234

/* Beyond this a segment has its share. */
#define BUFFER	    2000

/* By bits, as slow as it is plain: nobody else's tables are asked. */
static uint32_t
crc32c(const uint8_t *data, uint32_t bytes)
{
	uint32_t crc = UINT32_MAX;

	for (uint32_t i = 0; i < bytes; i++) {
		crc ^= data[i];
		for (unsigned int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return ~crc;
}

static uint32_t
l3_bytes(const struct frame_shape *shape)
{
	return shape->ip == 6 ? sizeof(struct rte_ipv6_hdr) :
		sizeof(struct rte_ipv4_hdr) + shape->options;
}

static uint32_t
l4_bytes(const struct frame_shape *shape)
{
	switch (shape->protocol) {
	case IPPROTO_TCP:
		return sizeof(struct rte_tcp_hdr);
	case IPPROTO_UDP:
		return sizeof(struct rte_udp_hdr);
	case IPPROTO_SCTP:
		return sizeof(struct rte_sctp_hdr);
	default:
		return 0;
	}
}

uint32_t
frame_headers(const struct frame_shape *shape)
{
	return RTE_ETHER_HDR_LEN + l3_bytes(shape) + l4_bytes(shape);
}

static void
write_ip(const struct frame_shape *shape, uint8_t *l3, uint32_t bytes)
{
	struct rte_ipv4_hdr *v4 = (struct rte_ipv4_hdr *)l3;
	struct rte_ipv6_hdr *v6 = (struct rte_ipv6_hdr *)l3;

	if (shape->ip == 6) {
		v6->vtc_flow = rte_cpu_to_be_32(6u << 28);
		v6->payload_len = rte_cpu_to_be_16(bytes - sizeof(*v6));
		v6->proto = shape->protocol;
		v6->hop_limits = 64;
		((uint8_t *)&v6->src_addr)[15] = 1;
		((uint8_t *)&v6->dst_addr)[15] = 2;
		return;
	}
	v4->version_ihl = 0x40 | l3_bytes(shape) / 4;
	v4->total_length = rte_cpu_to_be_16(bytes);
	v4->time_to_live = 64;
	v4->next_proto_id = shape->protocol;
	v4->src_addr = rte_cpu_to_be_32(0x0a000001);
	v4->dst_addr = rte_cpu_to_be_32(0x0a000002);
	memset(v4 + 1, 1, shape->options);	/* no operation */
	v4->hdr_checksum = rte_ipv4_cksum(v4);
}

static uint16_t
l4_sum(const struct frame_shape *shape, const uint8_t *l3, const uint8_t *l4)
{
	return shape->ip == 6 ?
		rte_ipv6_udptcp_cksum((const struct rte_ipv6_hdr *)l3, l4) :
		rte_ipv4_udptcp_cksum((const struct rte_ipv4_hdr *)l3, l4);
}

static void
write_l4(const struct frame_shape *shape, const uint8_t *l3, uint8_t *l4, uint32_t bytes)
{
	struct rte_tcp_hdr *tcp = (struct rte_tcp_hdr *)l4;
	struct rte_udp_hdr *udp = (struct rte_udp_hdr *)l4;
	struct rte_sctp_hdr *sctp = (struct rte_sctp_hdr *)l4;

	if (l4_bytes(shape) == 0)
		return;
	udp->src_port = udp->dst_port = rte_cpu_to_be_16(PORT);
	switch (shape->protocol) {
	case IPPROTO_TCP:
		tcp->data_off = sizeof(*tcp) / 4 << 4;
		tcp->tcp_flags = RTE_TCP_ACK_FLAG;
		tcp->cksum = l4_sum(shape, l3, l4);
		break;
	case IPPROTO_UDP:
		udp->dgram_len = rte_cpu_to_be_16(bytes);
		udp->dgram_cksum = l4_sum(shape, l3, l4);
		break;
	default:
		sctp->cksum = rte_cpu_to_le_32(crc32c(l4, bytes));
	}
}

/* Large ones, for TSO, have lengths and sums of no meaning. */
static void
write_frame(const struct frame_shape *shape, const struct frame_ends *ends, uint8_t *data)
{
	struct rte_ether_hdr *ether = (struct rte_ether_hdr *)data;
	uint8_t *l3 = data + sizeof(*ether), *l4 = l3 + l3_bytes(shape);
	uint32_t l4_len = l4_bytes(shape) + shape->payload;

	ether->dst_addr = ends->dst;
	ether->src_addr = ends->src;
	ether->ether_type = rte_cpu_to_be_16(shape->ip == 6 ? RTE_ETHER_TYPE_IPV6 :
					     RTE_ETHER_TYPE_IPV4);
	for (uint32_t i = 0; i < shape->payload; i++)
		l4[l4_bytes(shape) + i] = i % PATTERN;
	write_ip(shape, l3, l3_bytes(shape) + l4_len);
	write_l4(shape, l3, l4, l4_len);
}

struct rte_mbuf *
frame_make(struct rte_mempool *pool, const struct frame_shape *shape,
	   const struct frame_ends *ends)
{
	static uint8_t data[64 * 1024];
	uint32_t bytes = frame_headers(shape) + shape->payload, done = 0;
	uint32_t share = shape->segments == 0 ? BUFFER : bytes / shape->segments + 1;
	struct rte_mbuf *frame = NULL;

	memset(data, 0, bytes);
	write_frame(shape, ends, data);
	while (done < bytes) {
		uint32_t part = RTE_MIN(share, bytes - done);
		struct rte_mbuf *m = rte_pktmbuf_alloc(pool);

		if (m == NULL || (frame != NULL && rte_pktmbuf_chain(frame, m) != 0)) {
			rte_pktmbuf_free(frame);
			return NULL;
		}
		memcpy(rte_pktmbuf_mtod(m, void *), data + done, part);
		m->data_len = part;
		m->pkt_len = part;
		if (frame == NULL)
			frame = m;
		else
			frame->pkt_len += part;
		done += part;
	}
	frame->l2_len = RTE_ETHER_HDR_LEN;
	frame->l3_len = l3_bytes(shape);
	frame->l4_len = l4_bytes(shape);
	return frame;
}

static bool
sums_are_right(const struct frame_shape *shape, uint8_t *l3, uint8_t *l4, uint32_t l4_len)
{
	struct rte_sctp_hdr *sctp = (struct rte_sctp_hdr *)l4;
	uint32_t crc = sctp->cksum;

	if (shape->ip == 4 && rte_raw_cksum(l3, l3_bytes(shape)) != UINT16_MAX)
		return false;
	if (shape->protocol == IPPROTO_SCTP) {
		sctp->cksum = 0;
		return crc == rte_cpu_to_le_32(crc32c(l4, l4_len));
	}
	if (l4_bytes(shape) == 0)
		return true;
	return shape->ip == 6 ?
		rte_ipv6_udptcp_cksum_verify((struct rte_ipv6_hdr *)l3, l4) == 0 :
		rte_ipv4_udptcp_cksum_verify((struct rte_ipv4_hdr *)l3, l4) == 0;
}

static bool
say(const char *what, uint32_t value, uint32_t expect)
{
	fprintf(stderr, "# %s: %u instead of %u\n", what, value, expect);
	return false;
}

bool
frame_is(struct rte_mbuf *m, const struct frame_shape *shape, uint32_t from)
{
	static uint8_t copy[BYTES_MAX];
	uint32_t headers = frame_headers(shape), l4_at = headers - l4_bytes(shape);
	uint32_t least = RTE_MAX(headers + shape->payload, 60u);
	const void *data;

	/* Short ones are padded. */
	if (m->pkt_len != least || m->pkt_len > sizeof(copy))
		return say("bytes", m->pkt_len, least);
	data = rte_pktmbuf_read(m, 0, m->pkt_len, copy);
	if (data != copy)
		memcpy(copy, data, m->pkt_len);
	for (uint32_t i = 0; i < shape->payload; i++)
		if (copy[headers + i] != (from + i) % PATTERN)
			return say("payload", copy[headers + i], (from + i) % PATTERN);
	if (!sums_are_right(shape, copy + RTE_ETHER_HDR_LEN, copy + l4_at,
			    l4_bytes(shape) + shape->payload))
		return say("sums are right", 0, 1);
	return true;
}

/* DPDK's own takes other arguments from release to release. */
uint32_t
frame_crc(const uint8_t *data, uint32_t bytes)
{
	uint32_t crc = UINT32_MAX;

	for (uint32_t i = 0; i < bytes; i++) {
		crc ^= data[i];
		for (unsigned int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}
