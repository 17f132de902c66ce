/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <rte_ethdev.h>
#include <rte_ip.h>
#include <rte_mbuf.h>
#include <rte_tcp.h>

#include "recovery_frames.h"

#define NB_MBUFS    512
#define ROOM_BYTES  (RTE_PKTMBUF_HEADROOM + 4096)
#define SHORT_BYTES 60
#define FLOW_BYTES  100
#define BURST	    16

static struct rte_mempool *pool;

int
probes_open(void)
{
	pool = rte_pktmbuf_pool_create("probes", NB_MBUFS, 0, 0, ROOM_BYTES, SOCKET_ID_ANY);
	return pool == NULL ? -1 : 0;
}

static void
write_flow(uint8_t *l3, uint32_t bytes, const struct probe *probe)
{
	struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)l3;
	struct rte_tcp_hdr *tcp = (struct rte_tcp_hdr *)(ip + 1);

	ip->version_ihl = RTE_IPV4_VHL_DEF;
	ip->total_length = rte_cpu_to_be_16(bytes);
	ip->time_to_live = 64;
	ip->next_proto_id = IPPROTO_TCP;
	ip->src_addr = rte_cpu_to_be_32(RTE_IPV4(10, 0, 0, 1) + probe->flow * 259u);
	ip->dst_addr = rte_cpu_to_be_32(RTE_IPV4(10, 128, 0, 1));
	ip->hdr_checksum = rte_ipv4_cksum(ip);
	tcp->src_port = rte_cpu_to_be_16(1024 + probe->flow * 31);
	tcp->dst_port = rte_cpu_to_be_16(80);
	tcp->data_off = sizeof(*tcp) / 4 << 4;
	tcp->cksum = rte_ipv4_udptcp_cksum(ip, tcp);
	if (probe->spoilt)
		tcp->cksum ^= 0x5a;
}

static struct rte_mbuf *
make(uint16_t from, const struct probe *probe)
{
	uint32_t bytes = probe->bytes != 0 ? probe->bytes :
			 probe->flow != 0 ? FLOW_BYTES : SHORT_BYTES;
	struct rte_mbuf *m = rte_pktmbuf_alloc(pool);
	struct rte_ether_hdr *ether;

	assert_non_null(m);
	ether = (struct rte_ether_hdr *)rte_pktmbuf_append(m, bytes);
	assert_non_null(ether);
	memset(ether, 0, bytes);
	ether->dst_addr = probe->dst;
	assert_int_equal(rte_eth_macaddr_get(from, &ether->src_addr), 0);
	ether->ether_type = rte_cpu_to_be_16(0x88b5);
	if (probe->flow != 0) {
		ether->ether_type = rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4);
		write_flow((uint8_t *)(ether + 1), bytes - sizeof(*ether), probe);
	}
	m->vlan_tci = probe->vlan;
	if (probe->vlan != 0)
		assert_int_equal(rte_vlan_insert(&m), 0);
	return m;
}

static unsigned int
receive(uint16_t port, uint16_t queue, struct arrival *arrival)
{
	struct rte_mbuf *burst[BURST];
	unsigned int nb = rte_eth_rx_burst(port, queue, burst, BURST);

	for (unsigned int i = 0; i < nb; i++) {
		const struct rte_mbuf *m = burst[i];

		if (arrival != NULL)
			*arrival = (struct arrival){
				.queue = queue, .segments = m->nb_segs, .tci = m->vlan_tci,
				.bytes = m->pkt_len, .flags = m->ol_flags,
				.type = m->packet_type,
			};
	}
	rte_pktmbuf_free_bulk(burst, nb);
	return nb;
}

unsigned int
probe_send(uint16_t from, uint16_t port, uint16_t nb_queues, const struct probe *probe,
	   struct arrival *arrival)
{
	struct rte_mbuf *m = make(from, probe);
	unsigned int nb = 0;

	/* Groups go by a hash table that all share: another's frame may be there. */
	for (uint16_t q = 0; q < nb_queues; q++)
		while (receive(port, q, NULL) != 0)
			;
	assert_int_equal(rte_eth_tx_burst(from, 0, &m, 1), 1);
	for (uint16_t q = 0; q < nb_queues; q++)
		nb += receive(port, q, arrival);
	return nb;
}
