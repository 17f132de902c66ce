/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <assert.h>
#include <string.h>

#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_mbuf.h>
#include <rte_udp.h>

#include "frames.h"

#define FRAMES	   FEED_FRAMES_MAX
#define FIRST_PORT 1024
#define TO_PORT	   4789	/* of no interest here */

struct headers {
	struct rte_ether_hdr ether;
	struct rte_ipv4_hdr ip;
	struct rte_udp_hdr udp;
};

static_assert(sizeof(struct headers) == 42, "no holes");

static const struct rte_ether_addr peer = { { 0x02, 0, 0, 0, 0xbe, 0xef } };

static void
make(uint8_t *data, const struct rte_ether_addr *to, const struct rte_ether_addr *from,
     uint16_t bytes, unsigned int number)
{
	struct headers *headers = (struct headers *)data;
	uint16_t ip_bytes = bytes - sizeof(headers->ether);

	*headers = (struct headers){
		.ether = { .dst_addr = *to, .src_addr = *from,
			   .ether_type = RTE_BE16(RTE_ETHER_TYPE_IPV4) },
		.ip = { .version_ihl = RTE_IPV4_VHL_DEF,
			.total_length = rte_cpu_to_be_16(ip_bytes),
			.time_to_live = 64, .next_proto_id = IPPROTO_UDP,
			.src_addr = RTE_BE32(RTE_IPV4(10, 0, 0, 1)),
			.dst_addr = RTE_BE32(RTE_IPV4(10, 0, 0, 2)) },
		.udp = { .src_port = rte_cpu_to_be_16((uint16_t)(FIRST_PORT + number)),
			 .dst_port = RTE_BE16(TO_PORT),
			 .dgram_len = rte_cpu_to_be_16(ip_bytes - sizeof(headers->ip)) },
	};
	headers->ip.hdr_checksum = rte_ipv4_cksum(&headers->ip);
}

void
frames_fill(struct feed *feed, const uint8_t mac[FEED_MAC_BYTES], const struct bench_case *c)
{
	struct rte_ether_addr own;

	memcpy(own.addr_bytes, mac, sizeof(own.addr_bytes));
	memcpy(feed->back_to, peer.addr_bytes, FEED_MAC_BYTES);
	for (unsigned int i = 0; i < FRAMES; i++) {
		memset(feed->data[i], 0x5a, c->bytes);
		make(feed->data[i], &own, &peer, c->bytes, i);
		feed->len[i] = c->bytes;
	}
	feed->nb = FRAMES;
	feed->next = 0;
}

void
frames_make(struct rte_mbuf **mbufs, unsigned int nb, const uint8_t mac[FEED_MAC_BYTES],
	    const struct bench_case *c)
{
	struct rte_ether_addr own;

	memcpy(own.addr_bytes, mac, sizeof(own.addr_bytes));
	for (unsigned int i = 0; i < nb; i++) {
		make(rte_pktmbuf_mtod(mbufs[i], uint8_t *), &peer, &own, c->bytes, i);
		mbufs[i]->data_len = c->bytes;
		mbufs[i]->pkt_len = c->bytes;
	}
}
