/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Frames in tunnels through our drivers: what the sender's device computes, and what the receiver's
 * tells. Only the X550 knows tunnels; inner checksums can be inserted by all.
 *
 * usage: tunnel_test PLUGIN,PLUGIN FAMILY
 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_ip.h>
#include <rte_udp.h>
#include <rte_vxlan.h>

#include "offload_kinds.h"
#include "offload_rig.h"

#define NB_MBUFS 1024
#define NB_DESC	 64
#define UDP_PORT 4789

#define SUMS_TX	 (RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_UDP_CKSUM | \
		  RTE_ETH_TX_OFFLOAD_TCP_CKSUM | RTE_ETH_TX_OFFLOAD_SCTP_CKSUM | \
		  RTE_ETH_TX_OFFLOAD_MULTI_SEGS)
#define OUTER_TX RTE_ETH_TX_OFFLOAD_OUTER_IPV4_CKSUM
#define OUTER_RX RTE_ETH_RX_OFFLOAD_OUTER_IPV4_CKSUM

#define SUM_FLAGS (RTE_MBUF_F_RX_IP_CKSUM_MASK | RTE_MBUF_F_RX_L4_CKSUM_MASK | \
		   RTE_MBUF_F_RX_OUTER_IP_CKSUM_BAD)
#define OUTER_BAD RTE_MBUF_F_RX_OUTER_IP_CKSUM_BAD
#define OUTER_SUM (RTE_MBUF_F_TX_OUTER_IPV4 | RTE_MBUF_F_TX_OUTER_IP_CKSUM)

#define OUTER_TYPE (RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4_EXT_UNKNOWN | RTE_PTYPE_INNER_L2_ETHER)

/** Whoever sends to whom. */
static const struct {
	unsigned int from, to;
} ways[] = { { VF0, VF1 }, { PF, VF0 }, { VF1, PF } };

/** What is in front of the inner frame. */
struct __attribute__((packed, aligned(2))) outer {
	struct rte_ether_hdr ether;
	struct rte_ipv4_hdr ip;
	union {
		struct __attribute__((packed)) {
			struct rte_udp_hdr udp;
			struct rte_vxlan_hdr vxlan;
		};
		struct __attribute__((packed)) {
			rte_be16_t flags, type;
			rte_be32_t key;
		} gre;
	};
};

static const struct tunnel {
	const char *what;
	uint16_t head;		/**< bytes of struct outer */
	uint8_t protocol;
	uint64_t tx_flag;
	uint32_t type;		/**< as the X550 tells it */
} tunnels[] = {
	{ "VXLAN", 50, IPPROTO_UDP, RTE_MBUF_F_TX_TUNNEL_VXLAN,
	  OUTER_TYPE | RTE_PTYPE_L4_UDP | RTE_PTYPE_TUNNEL_VXLAN },
	{ "NVGRE", 42, IPPROTO_GRE, RTE_MBUF_F_TX_TUNNEL_GRE,
	  OUTER_TYPE | RTE_PTYPE_TUNNEL_NVGRE },
};

#define VXLAN (&tunnels[0])

static bool knows_tunnels;	/* it is an X550 */

static int
tunnel_port(bool add)
{
	struct rte_eth_udp_tunnel tunnel = {
		.udp_port = UDP_PORT, .prot_type = RTE_ETH_TUNNEL_TYPE_VXLAN,
	};

	return add ? rte_eth_dev_udp_tunnel_port_add(rig.port[PF], &tunnel) :
		     rte_eth_dev_udp_tunnel_port_delete(rig.port[PF], &tunnel);
}

static void
ports_start(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < NB_PORTS; i++) {
		struct rte_eth_dev_info info;

		assert_int_equal(rte_eth_dev_info_get(rig.port[i], &info), 0);
		assert_int_equal((info.rx_offload_capa & OUTER_RX) != 0, knows_tunnels);
		assert_int_equal((info.tx_offload_capa & OUTER_TX) != 0, knows_tunnels);
		restart(i, RTE_ETH_RX_OFFLOAD_CHECKSUM | (knows_tunnels ? OUTER_RX : 0),
			SUMS_TX | (knows_tunnels ? OUTER_TX : 0));
	}
	assert_int_equal(tunnel_port(true), knows_tunnels ? 0 : -ENOTSUP);
}

/* All sums right, the lengths as ethdev has them for a tunnel. */
static struct rte_mbuf *
make(const struct tunnel *tunnel, const struct frame_shape *shape, unsigned int from,
     unsigned int to)
{
	struct frame_ends ends = ends_of(from, to);
	struct rte_mbuf *m = frame_make(rig.pool, shape, &ends);
	struct outer *outer;
	uint32_t inner;

	assert_non_null(m);
	inner = m->pkt_len;
	outer = (struct outer *)rte_pktmbuf_prepend(m, tunnel->head);
	assert_non_null(outer);
	memset(outer, 0, tunnel->head);
	outer->ether = (struct rte_ether_hdr){ ends.dst, ends.src,
					       rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4) };
	outer->ip.version_ihl = RTE_IPV4_VHL_DEF;
	outer->ip.total_length = rte_cpu_to_be_16(tunnel->head - RTE_ETHER_HDR_LEN + inner);
	outer->ip.time_to_live = 64;
	outer->ip.next_proto_id = tunnel->protocol;
	outer->ip.src_addr = rte_cpu_to_be_32(0xc0000201);
	outer->ip.dst_addr = rte_cpu_to_be_32(0xc0000202);
	outer->ip.hdr_checksum = rte_ipv4_cksum(&outer->ip);
	if (tunnel->protocol == IPPROTO_UDP) {
		outer->udp.dst_port = rte_cpu_to_be_16(UDP_PORT);
		outer->udp.dgram_len = rte_cpu_to_be_16(sizeof(outer->udp) +
							sizeof(outer->vxlan) + inner);
		outer->vxlan.vx_flags = rte_cpu_to_be_32(0x08000000);
	} else {
		outer->gre.flags = rte_cpu_to_be_16(0x2000);
		outer->gre.type = rte_cpu_to_be_16(0x6558);
	}
	m->outer_l2_len = RTE_ETHER_HDR_LEN;
	m->outer_l3_len = sizeof(outer->ip);
	m->l2_len = tunnel->head - RTE_ETHER_HDR_LEN - sizeof(outer->ip) + RTE_ETHER_HDR_LEN;
	return m;
}

static uint32_t
inner_type(uint32_t type)
{
	static const struct {
		uint32_t mask, outer, inner;
	} rows[] = {
		{ RTE_PTYPE_L3_MASK, RTE_PTYPE_L3_IPV4, RTE_PTYPE_INNER_L3_IPV4 },
		{ RTE_PTYPE_L3_MASK, RTE_PTYPE_L3_IPV4_EXT, RTE_PTYPE_INNER_L3_IPV4_EXT },
		{ RTE_PTYPE_L3_MASK, RTE_PTYPE_L3_IPV6, RTE_PTYPE_INNER_L3_IPV6 },
		{ RTE_PTYPE_L4_MASK, RTE_PTYPE_L4_TCP, RTE_PTYPE_INNER_L4_TCP },
		{ RTE_PTYPE_L4_MASK, RTE_PTYPE_L4_UDP, RTE_PTYPE_INNER_L4_UDP },
		{ RTE_PTYPE_L4_MASK, RTE_PTYPE_L4_SCTP, RTE_PTYPE_INNER_L4_SCTP },
	};
	uint32_t inner = 0;

	for (size_t i = 0; i < RTE_DIM(rows); i++)
		if ((type & rows[i].mask) == rows[i].outer)
			inner |= rows[i].inner;
	return inner;
}

static bool
inner_is(struct rte_mbuf *m, const struct tunnel *tunnel, const struct frame_shape *shape)
{
	assert_non_null(rte_pktmbuf_adj(m, tunnel->head));
	return frame_is(m, shape, 0);
}

static bool
outer_sum_is_right(const struct rte_mbuf *m)
{
	const struct outer *outer = rte_pktmbuf_mtod(m, const struct outer *);

	return rte_raw_cksum(&outer->ip, sizeof(outer->ip)) == UINT16_MAX;
}

/* Sums spoilt in front of the sender's device are right behind it. */
static void
expect_sums(const struct tunnel *tunnel, size_t kind, size_t way, uint64_t outer)
{
	const struct frame_shape *shape = &kinds[kind].shape;
	unsigned int from = ways[way].from, to = ways[way].to;
	struct rte_mbuf *m = make(tunnel, shape, from, to);
	bool told = knows_tunnels, right;
	uint32_t type;
	uint64_t flags;

	m->ol_flags = kinds[kind].tx_flags | outer | tunnel->tx_flag;
	if ((outer & RTE_MBUF_F_TX_OUTER_IP_CKSUM) != 0)
		spoil(m, offsetof(struct outer, ip.hdr_checksum));
	if (shape->ip == 4)
		spoil(m, tunnel->head + RTE_ETHER_HDR_LEN +
		      offsetof(struct rte_ipv4_hdr, hdr_checksum));
	send_one(from, m);
	m = receive(to);
	flags = m->ol_flags & SUM_FLAGS;
	type = m->packet_type;
	right = outer_sum_is_right(m);
	if (!right || !inner_is(m, tunnel, shape) ||
	    (told && (flags != kinds[kind].rx_flags ||
		      type != (tunnel->type | inner_type(kinds[kind].type)))))
		fail_msg("%s in %s from %u to %u: flags %#lx, type %#x, outer sum right: %d",
			 kinds[kind].what, tunnel->what, from, to, flags, type, right);
	rte_pktmbuf_free(m);
}

static void
inner_sums_are_made(void **state)
{
	(void)state;
	for (size_t i = 0; i < RTE_DIM(kinds); i++)
		for (size_t t = 0; t < RTE_DIM(tunnels); t++)
			for (size_t way = 0; way < RTE_DIM(ways); way++)
				expect_sums(&tunnels[t], i, way, RTE_MBUF_F_TX_OUTER_IPV4);
}

static void
all_sums_are_made(void **state)
{
	(void)state;
	for (size_t i = 0; i < RTE_DIM(kinds) && knows_tunnels; i++)
		for (size_t t = 0; t < RTE_DIM(tunnels); t++)
			for (size_t way = 0; way < RTE_DIM(ways); way++)
				expect_sums(&tunnels[t], i, way, OUTER_SUM);
}

/* Of the outer header alone: nothing is known of what is inside. */
static void
the_outer_sum_alone(void **state)
{
	const struct frame_shape shape = { 4, 0, IPPROTO_TCP, 100, 0 };
	struct rte_mbuf *m;

	(void)state;
	if (!knows_tunnels)
		return;
	m = make(VXLAN, &shape, VF0, VF1);
	m->ol_flags = OUTER_SUM;
	m->l2_len = m->l3_len = m->l4_len = 0;
	spoil(m, offsetof(struct outer, ip.hdr_checksum));
	send_one(VF0, m);
	m = receive(VF1);
	assert_true(outer_sum_is_right(m));
	assert_true(inner_is(m, VXLAN, &shape));
	rte_pktmbuf_free(m);
}

static void
expect_verdict(uint32_t spoil_at, uint64_t verdict, uint32_t type)
{
	const struct frame_shape shape = { 4, 0, IPPROTO_TCP, 100, 0 };
	struct rte_mbuf *m = make(VXLAN, &shape, VF0, VF1);

	if (spoil_at != 0)
		spoil(m, spoil_at);
	send_one(VF0, m);
	m = receive(VF1);
	assert_int_equal(m->ol_flags & SUM_FLAGS, verdict);
	assert_int_equal(m->packet_type, type);
	rte_pktmbuf_free(m);
}

/* Each of the three sums has a verdict of its own. */
static void
wrong_sums_are_told(void **state)
{
	uint32_t type = VXLAN->type | RTE_PTYPE_INNER_L3_IPV4 | RTE_PTYPE_INNER_L4_TCP;

	(void)state;
	if (!knows_tunnels)
		return;
	expect_verdict(0, IP_GOOD | L4_GOOD, type);
	expect_verdict(offsetof(struct outer, ip.hdr_checksum), IP_GOOD | L4_GOOD | OUTER_BAD,
		       type);
	expect_verdict(VXLAN->head + 24, RTE_MBUF_F_RX_IP_CKSUM_BAD | L4_GOOD, type);
	expect_verdict(VXLAN->head + 60, IP_GOOD | RTE_MBUF_F_RX_L4_CKSUM_BAD, type);
}

/* To a port that knows no VXLAN, it is UDP as any other; here UDP without a sum. */
static void
without_a_port_it_is_udp(void **state)
{
	uint32_t plain = RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4 | RTE_PTYPE_L4_UDP;

	(void)state;
	if (knows_tunnels)
		assert_int_equal(tunnel_port(false), 0);
	expect_verdict(0, IP_GOOD, plain);
	expect_verdict(offsetof(struct outer, ip.hdr_checksum), RTE_MBUF_F_RX_IP_CKSUM_BAD, plain);
	if (knows_tunnels)
		assert_int_equal(tunnel_port(true), 0);
}

/* While the PF's own queues stop and start, its VFs' tunnels are known. */
static void
a_restart_of_the_pf_changes_nothing(void **state)
{
	(void)state;
	if (!knows_tunnels)
		return;
	assert_int_equal(rte_eth_dev_stop(rig.port[PF]), 0);
	expect_sums(VXLAN, 0, 0, OUTER_SUM);
	assert_int_equal(rte_eth_dev_start(rig.port[PF]), 0);
	expect_sums(VXLAN, 0, 1, OUTER_SUM);
}

static void
expect_refusal(uint64_t flags, int error)
{
	const struct frame_shape shape = { 4, 0, IPPROTO_TCP, 900, 0 };
	struct rte_mbuf *m = make(VXLAN, &shape, VF0, VF1);

	m->ol_flags = flags;
	m->tso_segsz = 300;
	assert_int_equal(rte_eth_tx_prepare(rig.port[VF0], 0, &m, 1), 0);
	assert_int_equal(rte_errno, error);
	rte_pktmbuf_free(m);
}

static void
what_cannot_be_done_is_refused(void **state)
{
	const uint64_t inner = RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM;
	int error = knows_tunnels ? EINVAL : ENOTSUP;

	(void)state;
	expect_refusal(OUTER_SUM | inner | RTE_MBUF_F_TX_TUNNEL_GTP, error);
	expect_refusal(RTE_MBUF_F_TX_OUTER_IPV6 | RTE_MBUF_F_TX_OUTER_IP_CKSUM | inner, error);
	expect_refusal(RTE_MBUF_F_TX_OUTER_IPV4 | RTE_MBUF_F_TX_OUTER_UDP_CKSUM | inner, ENOTSUP);
	expect_refusal(RTE_MBUF_F_TX_OUTER_IPV4 | RTE_MBUF_F_TX_TUNNEL_VXLAN | inner |
		       RTE_MBUF_F_TX_TCP_SEG, ENOTSUP);	/* TSO was not configured */
	expect_sums(VXLAN, 0, 0, knows_tunnels ? OUTER_SUM : RTE_MBUF_F_TX_OUTER_IPV4);
}

int
main(int argc, char *argv[])
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(ports_start),
		cmocka_unit_test(inner_sums_are_made),
		cmocka_unit_test(all_sums_are_made),
		cmocka_unit_test(the_outer_sum_alone),
		cmocka_unit_test(wrong_sums_are_told),
		cmocka_unit_test(without_a_port_it_is_udp),
		cmocka_unit_test(a_restart_of_the_pf_changes_nothing),
		cmocka_unit_test(what_cannot_be_done_is_refused),
		cmocka_unit_test(no_mbuf_is_lost),
	};
	int failed;

	rig.nb_mbufs = NB_MBUFS;
	rig.nb_desc = NB_DESC;
	rig_open(argc, argv, "wire=null,doorbell=trap", "*:critical");
	knows_tunnels = strcmp(rig.family, "x550") == 0;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rte_eal_cleanup();
	return failed;
}
