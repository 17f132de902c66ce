/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* What a write-back says of a frame (82576 sheet 4.2; 82599 sheet 4.2), as an mbuf says it. */
#include "cases.h"

#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "queue.h"
#include "ring_rig.h"

#define POOL 255
#define SUMS (RTE_ETH_RX_OFFLOAD_IPV4_CKSUM | RTE_ETH_RX_OFFLOAD_UDP_CKSUM | \
	      RTE_ETH_RX_OFFLOAD_TCP_CKSUM)
#define STRIP RTE_ETH_RX_OFFLOAD_VLAN_STRIP
#define HASH  RTE_ETH_RX_OFFLOAD_RSS_HASH
#define OUTER RTE_ETH_RX_OFFLOAD_OUTER_IPV4_CKSUM

#define IP_GOOD RTE_MBUF_F_RX_IP_CKSUM_GOOD
#define IP_BAD	RTE_MBUF_F_RX_IP_CKSUM_BAD
#define L4_GOOD RTE_MBUF_F_RX_L4_CKSUM_GOOD
#define L4_BAD	RTE_MBUF_F_RX_L4_CKSUM_BAD
#define TAG	(RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED)
#define HASHED	RTE_MBUF_F_RX_RSS_HASH
#define OUTER_BAD RTE_MBUF_F_RX_OUTER_IP_CKSUM_BAD

/* Status and error bits as the sheets number them. */
#define VP	BIT(3)
#define UDPCS	BIT(4)
#define L4CS	BIT(5)
#define IPCS	BIT(6)
#define IXSM	BIT(2)
#define LB	BIT(18)
#define GBE_L4E BIT(29)
#define GBE_IPE BIT(30)
#define XG_L4E	BIT(30)
#define XG_IPE	BIT(31)
#define OUTER_CS BIT(8)
#define OUTER_E BIT(26)

#define T_IPV4 0x010
#define T_OPT  0x020
#define T_IPV6 0x040
#define T_EXT  0x080
#define T_TCP  0x100
#define T_UDP  0x200
#define T_SCTP 0x400
#define T_VXLAN 0x800
#define T_TUNNEL BIT(16)

#define GBE  (&family_82576_vf)
#define I350 (&family_i350_vf)
#define XG   (&family_82599_vf)
#define X540 (&family_x540_vf)
#define X550 (&family_x550_pf)

static struct rte_mempool *pool;

static int
init(void **state)
{
	if (rig_init(state) < 0)
		return -1;
	pool = rig_pool(POOL);
	return 0;
}

static void
decode(const struct family *family, const struct rx_wishes *wishes, uint32_t type,
       uint32_t status, uint16_t vlan, struct rte_mbuf *m)
{
	union rx_desc desc = { .write_back = { type, 0xcafe0001, status, 0, vlan } };
	struct rx_decode tables;

	rx_decode_fill(&tables, family, wishes);
	rx_decode(&tables, &desc, status, m);
}

static void
test_flags(void **state)
{
	static const struct {
		const char *what;
		const struct family *family;
		uint64_t offloads;
		uint32_t type, status, bytes;
		uint64_t flags;
	} cases[] = {
		{ "nothing asked", GBE, 0, T_TCP | 1, VP | L4CS | IPCS | GBE_IPE, 60, 0 },
		{ "nothing looked at", GBE, SUMS | STRIP | HASH, 0, 0, 60, 0 },
		{ "both good", GBE, SUMS, T_TCP, L4CS | IPCS, 60, IP_GOOD | L4_GOOD },
		{ "UDP good", GBE, SUMS, T_UDP, UDPCS | IPCS, 60, IP_GOOD | L4_GOOD },
		{ "UDP without a sum", GBE, SUMS, T_UDP, IPCS, 60, IP_GOOD },
		{ "IPv6 has no sum", GBE, SUMS, T_TCP | T_IPV6, L4CS, 60, L4_GOOD },
		{ "IP bad", GBE, SUMS, T_TCP, L4CS | IPCS | GBE_IPE, 60, IP_BAD | L4_GOOD },
		{ "L4 bad", GBE, SUMS, T_TCP, L4CS | IPCS | GBE_L4E, 60, IP_GOOD | L4_BAD },
		{ "both bad", GBE, SUMS, T_UDP, UDPCS | IPCS | GBE_L4E | GBE_IPE, 60,
		  IP_BAD | L4_BAD },
		{ "error without a look", GBE, SUMS, 0, GBE_L4E | GBE_IPE, 60, 0 },
		{ "to be ignored", GBE, SUMS, T_TCP, IXSM | L4CS | IPCS | GBE_L4E, 60, 0 },
		{ "to be ignored, but a tag", GBE, SUMS | STRIP, T_TCP, IXSM | IPCS | VP, 60, TAG },
		{ "IP only asked", GBE, RTE_ETH_RX_OFFLOAD_IPV4_CKSUM, T_TCP, L4CS | IPCS, 60,
		  IP_GOOD },
		{ "L4 only asked", GBE, RTE_ETH_RX_OFFLOAD_TCP_CKSUM, T_TCP, L4CS | IPCS, 60,
		  L4_GOOD },
		{ "SCTP of 60 bytes", GBE, SUMS, T_SCTP, L4CS | IPCS | GBE_L4E, 60, IP_GOOD },
		{ "SCTP of 61 bytes", GBE, SUMS, T_SCTP, L4CS | IPCS | GBE_L4E, 61,
		  IP_GOOD | L4_BAD },
		{ "82599 both good", XG, SUMS, T_TCP, L4CS | IPCS, 60, IP_GOOD | L4_GOOD },
		{ "82599 IP bad", XG, SUMS, T_TCP, L4CS | IPCS | XG_IPE, 60, IP_BAD | L4_GOOD },
		{ "82599 L4 bad", XG, SUMS, T_TCP, L4CS | IPCS | XG_L4E, 60, IP_GOOD | L4_BAD },
		{ "82599 flow director", XG, SUMS, T_TCP, BIT(2) | L4CS | IPCS, 60,
		  IP_GOOD | L4_GOOD },
		{ "82599 UDP bad", XG, SUMS, T_UDP, UDPCS | L4CS | IPCS | XG_L4E, 900, IP_GOOD },
		{ "X540 UDP bad", X540, SUMS, T_UDP, UDPCS | IPCS | XG_L4E, 900, IP_GOOD | L4_BAD },
		{ "tag", XG, STRIP, 0, VP, 60, TAG },
		{ "tag, not asked", XG, SUMS, 0, VP, 60, 0 },
		{ "hash", GBE, HASH, T_TCP | 1, 0, 60, HASHED },
		{ "hash of UDP over IPv6", XG, HASH, T_UDP | 9, 0, 60, HASHED },
		{ "no hash", GBE, HASH, T_TCP, 0, 60, 0 },
		{ "flow director's number", XG, HASH, T_TCP | 15, 0, 60, 0 },
		{ "hash, not asked", GBE, SUMS, T_TCP | 1, 0, 60, 0 },
	};
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++) {
		const struct rx_wishes wishes = { .offloads = cases[i].offloads };
		struct rte_mbuf m = { .pkt_len = cases[i].bytes };

		decode(cases[i].family, &wishes, cases[i].type,
		       cases[i].status | RXD_DD | RXD_EOP, 0, &m);
		failed += differs(cases[i].what, cases[i].flags, m.ol_flags);
		failed += differs(cases[i].what, 0xcafe0001, m.hash.rss);
	}
	assert_int_equal(failed, 0);
}

/* Of a tunnel's outer header: only that its sum is wrong is told, and of no frame else. */
static void
test_outer_flags(void **state)
{
	static const struct {
		const char *what;
		const struct family *family;
		uint64_t offloads;
		uint32_t type, status;
		uint64_t flags;
	} cases[] = {
		{ "outer sum good", X550, SUMS | OUTER, T_TUNNEL | T_TCP, OUTER_CS | L4CS | IPCS,
		  IP_GOOD | L4_GOOD },
		{ "outer sum bad", X550, SUMS | OUTER, T_TUNNEL | T_TCP,
		  OUTER_CS | OUTER_E | L4CS | IPCS, IP_GOOD | L4_GOOD | OUTER_BAD },
		{ "outer sum bad, inner ones too", X550, SUMS | OUTER, T_TUNNEL | T_VXLAN,
		  OUTER_CS | OUTER_E | L4CS | IPCS | XG_IPE | XG_L4E,
		  IP_BAD | L4_BAD | OUTER_BAD },
		{ "outer sum bad, not asked", X550, SUMS, T_TUNNEL, OUTER_CS | OUTER_E, 0 },
		{ "outer sum not looked at", X550, OUTER, T_TUNNEL, OUTER_E, 0 },
		{ "no tunnel", X550, OUTER, T_TCP, OUTER_CS | OUTER_E, 0 },
		{ "X540 has none", X540, OUTER, T_TUNNEL, OUTER_CS | OUTER_E, 0 },
	};
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++) {
		const struct rx_wishes wishes = { .offloads = cases[i].offloads };
		struct rte_mbuf m = { .pkt_len = 110 };

		decode(cases[i].family, &wishes, cases[i].type,
		       cases[i].status | RXD_DD | RXD_EOP, 0, &m);
		failed += differs(cases[i].what, cases[i].flags, m.ol_flags);
	}
	assert_int_equal(failed, 0);
}

/* Only the I350, and only in frames from a neighbour, swaps the tag's bytes. */
static void
test_tags(void **state)
{
	static const struct {
		const char *what;
		const struct family *family;
		uint32_t status;
		uint16_t tci;
	} cases[] = {
		{ "82576 from the wire", GBE, VP, 0xe123 },
		{ "82576 from a neighbour", GBE, VP | LB, 0xe123 },
		{ "I350 from the wire", I350, VP, 0xe123 },
		{ "I350 from a neighbour", I350, VP | LB, 0x23e1 },
		{ "82599 from a neighbour", XG, VP | LB, 0xe123 },
	};
	const struct rx_wishes wishes = { .offloads = STRIP };
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++) {
		struct rte_mbuf m = { .pkt_len = 60 };

		decode(cases[i].family, &wishes, 0, cases[i].status, 0xe123, &m);
		failed += differs(cases[i].what, cases[i].tci, m.vlan_tci);
	}
	assert_int_equal(failed, 0);
}

static void
test_types(void **state)
{
	static const struct {
		const char *what;
		uint32_t type, expect;
	} cases[] = {
		{ "other", 0, RTE_PTYPE_L2_ETHER },
		{ "IPv4", T_IPV4, RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4 },
		{ "IPv4 with options", T_IPV4 | T_OPT | T_UDP,
		  RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4_EXT | RTE_PTYPE_L4_UDP },
		{ "TCP/IPv4", T_IPV4 | T_TCP | 1,
		  RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4 | RTE_PTYPE_L4_TCP },
		{ "SCTP/IPv4", T_IPV4 | T_SCTP,
		  RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4 | RTE_PTYPE_L4_SCTP },
		{ "UDP/IPv6", T_IPV6 | T_UDP,
		  RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV6 | RTE_PTYPE_L4_UDP },
		{ "TCP/IPv6 with extensions", T_IPV6 | T_EXT | T_TCP,
		  RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV6_EXT | RTE_PTYPE_L4_TCP },
		{ "UDP/IPv6 in IPv4", T_IPV4 | T_IPV6 | T_UDP,
		  RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4 | RTE_PTYPE_TUNNEL_IP |
		  RTE_PTYPE_INNER_L3_IPV6 | RTE_PTYPE_INNER_L4_UDP },
		{ "Ethertype filter's number", BIT(15) | T_IPV4 | T_TCP, RTE_PTYPE_L2_ETHER },
	};
	const struct rx_wishes all = { 0 };
	const struct rx_wishes no_l3 = { .types_off = RTE_PTYPE_L3_MASK };
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++) {
		struct rte_mbuf m = { .pkt_len = 60 };

		decode(GBE, &all, cases[i].type, 0, 0, &m);
		failed += differs(cases[i].what, cases[i].expect, m.packet_type);
		decode(XG, &no_l3, cases[i].type, 0, 0, &m);
		failed += differs(cases[i].what, cases[i].expect & ~RTE_PTYPE_L3_MASK,
				  m.packet_type);
	}
	assert_int_equal(failed, 0);
}

/* Only the X550 looks into tunnels. */
static void
test_tunnel_types(void **state)
{
	static const uint32_t outer = RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4_EXT_UNKNOWN |
				      RTE_PTYPE_INNER_L2_ETHER;
	static const uint32_t vxlan = RTE_PTYPE_L4_UDP | RTE_PTYPE_TUNNEL_VXLAN;
	const struct {
		const char *what;
		uint32_t type, expect;
	} cases[] = {
		{ "VXLAN, other", T_VXLAN, vxlan },
		{ "VXLAN, IPv4", T_VXLAN | T_IPV4, vxlan | RTE_PTYPE_INNER_L3_IPV4 },
		{ "VXLAN, TCP over IPv4 with options", T_VXLAN | T_IPV4 | T_OPT | T_TCP,
		  vxlan | RTE_PTYPE_INNER_L3_IPV4_EXT | RTE_PTYPE_INNER_L4_TCP },
		{ "VXLAN, UDP over IPv6", T_VXLAN | T_IPV6 | T_UDP,
		  vxlan | RTE_PTYPE_INNER_L3_IPV6 | RTE_PTYPE_INNER_L4_UDP },
		{ "VXLAN, SCTP behind extensions", T_VXLAN | T_IPV6 | T_EXT | T_SCTP,
		  vxlan | RTE_PTYPE_INNER_L3_IPV6_EXT | RTE_PTYPE_INNER_L4_SCTP },
		{ "VXLAN, IPv6 in IPv4", T_VXLAN | T_IPV4 | T_IPV6 | T_UDP,
		  vxlan | RTE_PTYPE_INNER_L3_IPV4 },
		{ "NVGRE, TCP over IPv4", T_IPV4 | T_TCP, RTE_PTYPE_TUNNEL_NVGRE |
		  RTE_PTYPE_INNER_L3_IPV4 | RTE_PTYPE_INNER_L4_TCP },
	};
	const struct rx_wishes all = { 0 }, no_inner = { .types_off = RTE_PTYPE_INNER_L3_MASK };
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++) {
		struct rte_mbuf m = { .pkt_len = 110 };

		decode(X550, &all, T_TUNNEL | cases[i].type, 0, 0, &m);
		failed += differs(cases[i].what, outer | cases[i].expect, m.packet_type);
		decode(X550, &no_inner, T_TUNNEL | cases[i].type, 0, 0, &m);
		failed += differs(cases[i].what,
				  (outer | cases[i].expect) & ~RTE_PTYPE_INNER_L3_MASK,
				  m.packet_type);
		decode(X550, &all, T_TUNNEL | BIT(15) | cases[i].type, 0, 0, &m);
		failed += differs(cases[i].what, RTE_PTYPE_L2_ETHER, m.packet_type);
		decode(X540, &all, T_TUNNEL | cases[i].type, 0, 0, &m);
		failed += differs(cases[i].what, RTE_PTYPE_L2_ETHER, m.packet_type);
	}
	assert_int_equal(failed, 0);
}

/* In the parts of a type. */
static bool
has_part(uint32_t type, uint32_t part)
{
	static const uint32_t layers[] = {
		RTE_PTYPE_L2_MASK, RTE_PTYPE_L3_MASK, RTE_PTYPE_L4_MASK, RTE_PTYPE_TUNNEL_MASK,
		RTE_PTYPE_INNER_L2_MASK, RTE_PTYPE_INNER_L3_MASK, RTE_PTYPE_INNER_L4_MASK,
	};

	for (size_t k = 0; k < CASES(layers); k++)
		if ((type & layers[k]) == part)
			return true;
	return false;
}

/* Takes all parts out of @p type that are announced. */
static uint32_t
without_announced(const struct family *family, uint32_t type)
{
	const uint32_t *announced = rx_decode_types(family);
	uint32_t left = type;

	for (unsigned int i = 0; announced[i] != RTE_PTYPE_UNKNOWN; i++)
		if (has_part(type, announced[i]))
			left &= ~announced[i];
	return left;
}

static void
check_announced(const struct family *family)
{
	const uint32_t *announced = rx_decode_types(family);
	unsigned int tunnel_rows = family->rxd_type_tunnel != 0 ? RX_TUNNEL_ROWS : 0;
	const struct rx_wishes all = { 0 };
	struct rx_decode tables;

	rx_decode_fill(&tables, family, &all);
	for (unsigned int i = 0; announced[i] != RTE_PTYPE_UNKNOWN; i++) {
		bool seen = false;

		for (unsigned int row = 0; row < RX_TYPE_ROWS; row++)
			seen |= has_part(tables.types[row], announced[i]);
		for (unsigned int row = 0; row < tunnel_rows; row++)
			seen |= has_part(tables.tunnel_types[row], announced[i]);
		assert_true(seen);
	}
	for (unsigned int row = 0; row < RX_TYPE_ROWS; row++)
		assert_int_equal(without_announced(family, tables.types[row]), 0);
	for (unsigned int row = 0; row < tunnel_rows; row++)
		assert_int_equal(without_announced(family, tables.tunnel_types[row]), 0);
}

/* Every type that can come out is announced, and the other way round. */
static void
test_announced_types(void **state)
{
	(void)state;
	check_announced(XG);
	check_announced(X550);
}

/* The plain burst does for these; for any other wish it does not. */
static void
test_wishes(void **state)
{
	static const struct {
		const char *what;
		struct rx_wishes wishes;
		bool any;
	} cases[] = {
		{ "none", { 0, UINT32_MAX }, false },
		{ "scatter", { RTE_ETH_RX_OFFLOAD_SCATTER, UINT32_MAX }, false },
		{ "VLAN filter", { RTE_ETH_RX_OFFLOAD_VLAN_FILTER, UINT32_MAX }, false },
		{ "types", { 0, 0 }, true },
		{ "some types", { 0, ~RTE_PTYPE_L4_MASK }, true },
		{ "checksum", { RTE_ETH_RX_OFFLOAD_UDP_CKSUM, UINT32_MAX }, true },
		{ "hash", { HASH, UINT32_MAX }, true },
		{ "outer checksum", { OUTER, UINT32_MAX }, true },
		{ "strip", { STRIP, UINT32_MAX }, true },
		{ "CRC", { RTE_ETH_RX_OFFLOAD_KEEP_CRC, UINT32_MAX }, true },
	};
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++)
		failed += differs(cases[i].what, cases[i].any, rx_wishes_any(&cases[i].wishes));
	assert_int_equal(failed, 0);
}

/* The CRC is not part of the frame, wherever the buffers' borders are. */
static void
test_kept_crc(void **state)
{
	static const struct {
		const char *what;
		uint16_t lengths[3];
		uint32_t bytes;
		uint16_t segments;	/* 0: dropped */
	} cases[] = {
		{ "one buffer", { 64 }, 60, 1 },
		{ "two buffers", { 2048, 100 }, 2144, 2 },
		{ "CRC alone in the last", { 2048, 4 }, 2048, 1 },
		{ "CRC in two buffers", { 2048, 3 }, 2047, 1 },
		{ "three buffers, CRC in two", { 2048, 2048, 1 }, 4093, 2 },
		{ "less than a CRC", { 3 }, 0, 0 },
	};
	const struct rx_wishes wishes = { .offloads = RTE_ETH_RX_OFFLOAD_KEEP_CRC };
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++) {
		struct rx_rig *rig = rx_rig_create(pool, 64, 16);
		struct rte_mbuf *m = NULL;

		rxq_set_wishes(&rig->q, GBE, &wishes);
		for (unsigned int k = 0; k < 3 && cases[i].lengths[k] != 0; k++)
			rx_rig_write(rig, cases[i].lengths[k],
				     k == 2 || cases[i].lengths[k + 1] == 0 ? RXD_EOP : 0);
		failed += differs(cases[i].what, cases[i].segments != 0,
				  rx_burst_scatter_full(&rig->q, &m, 1));
		if (m != NULL) {
			rte_mbuf_sanity_check(m, 1);
			failed += differs(cases[i].what, cases[i].bytes, m->pkt_len);
			failed += differs(cases[i].what, cases[i].segments, m->nb_segs);
			rte_pktmbuf_free(m);
		}
		rx_rig_free(rig);
	}
	assert_int_equal(failed, 0);
	assert_int_equal(rte_mempool_avail_count(pool), POOL);
}

/* All four bursts hand out the same frames; the full ones with what there is to say. */
static void
test_bursts(void **state)
{
	static const struct {
		eth_rx_burst_t burst;
		uint64_t flags;
		uint32_t type;
	} cases[] = {
		{ rx_burst, 0, 0 },
		{ rx_burst_scatter, 0, 0 },
		{ rx_burst_full, IP_GOOD | L4_BAD, RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4 },
		{ rx_burst_scatter_full, IP_GOOD | L4_BAD, RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4 },
	};
	const struct rx_wishes wishes = { .offloads = SUMS };

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++) {
		struct rx_rig *rig = rx_rig_create(pool, 64, 16);
		struct rte_mbuf *m = NULL;

		rxq_set_wishes(&rig->q, GBE, &wishes);
		rx_rig_write(rig, 61, RXD_EOP | IPCS | L4CS | GBE_L4E);
		rig->ring[0].write_back.type = T_IPV4;
		assert_int_equal(cases[i].burst(&rig->q, &m, 1), 1);
		assert_int_equal(m->pkt_len, 61);
		assert_int_equal(m->ol_flags, cases[i].flags);
		assert_int_equal(m->packet_type, cases[i].type);
		rte_pktmbuf_free(m);
		rx_rig_free(rig);
	}
	assert_int_equal(rte_mempool_avail_count(pool), POOL);
}

static void
test_status(void **state)
{
	struct rx_rig *rig = rx_rig_create(pool, 40, 16);
	struct rte_mbuf *pkts[40];

	(void)state;
	/* Half of a round first, so that the ring's end lies within. */
	for (unsigned int i = 0; i < 24; i++)
		rx_rig_write(rig, 60, RXD_EOP);
	assert_int_equal(rxq_count(&rig->q), 24);
	assert_int_equal(rx_burst(&rig->q, pkts, 24), 24);
	rte_pktmbuf_free_bulk(pkts, 24);
	for (unsigned int done = 0; done <= rx_rig_room(rig); done++) {
		uint16_t open = rig->q.size - rig->q.holes;

		assert_int_equal(rxq_count(&rig->q), done);
		for (uint16_t i = 0; i < 40; i++) {
			int expect = i >= open ? RTE_ETH_RX_DESC_UNAVAIL :
				i < done ? RTE_ETH_RX_DESC_DONE : RTE_ETH_RX_DESC_AVAIL;

			assert_int_equal(rxq_descriptor_status(&rig->q, i), expect);
		}
		rx_rig_write(rig, 60, RXD_EOP);
	}
	assert_int_equal(rxq_descriptor_status(&rig->q, 40), -EINVAL);
	rx_rig_free(rig);
	assert_int_equal(rte_mempool_avail_count(pool), POOL);
}

/* Sleep until the next slot is written, and not if it was. */
static void
test_monitor(void **state)
{
	struct rx_rig *rig = rx_rig_create(pool, 40, 16);
	struct rte_power_monitor_cond condition = { 0 };
	struct rte_mbuf *pkts[40];

	(void)state;
	assert_int_equal(rxq_monitor(NULL, &condition), -EINVAL);
	for (unsigned int i = 0; i < 60; i++) {
		volatile uint32_t *status;

		assert_int_equal(rxq_monitor(&rig->q, &condition), 0);
		assert_int_equal(condition.size, sizeof(*status));
		status = condition.addr;
		assert_int_equal(condition.fn(*status, condition.opaque), 0);
		rx_rig_write(rig, 60, RXD_EOP);
		assert_int_equal(condition.fn(*status, condition.opaque), -1);
		assert_int_equal(rx_burst(&rig->q, pkts, 1), 1);
		rte_pktmbuf_free(pkts[0]);
	}
	rx_rig_free(rig);
	assert_int_equal(rte_mempool_avail_count(pool), POOL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_tags),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_outer_flags),
		cmocka_unit_test(test_tunnel_types),
		cmocka_unit_test(test_announced_types),
		cmocka_unit_test(test_wishes),
		cmocka_unit_test(test_kept_crc),
		cmocka_unit_test(test_bursts),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_monitor),
	};

	return cmocka_run_group_tests(tests, init, NULL);
}
