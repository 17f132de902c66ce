/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include "dpdk_compat.h"
#include "vf.h"

/* Section numbers are those of the 82599 sheet. Never run on silicon. */

/* 8.9. Octets have 36 bits, of which these are the low ones. */
static const struct vf_counter counters[] = {
	{ "rx_hw_packets", { 0x101c } },		/* VFGPRC */
	{ "tx_hw_packets", { 0x201c } },		/* VFGPTC */
	{ "rx_hw_bytes", { 0x1020 } },			/* VFGORC */
	{ "tx_hw_bytes", { 0x2020 } },			/* VFGOTC */
	{ "rx_hw_multicast_packets", { 0x1034 } },	/* VFMPRC */
};
static_assert(ARRAY_LEN(counters) <= VF_COUNTERS_MAX, "room in struct vf_counters");

/* 2.9, 3.5, 6.4; neither VTEICR, VFMAILBOX nor VFLINKS, which forget what was read. */
static const struct reg_range registers[] = {
	{ 0x0008, 1 },		/* VFSTATUS */
	{ 0x0108, 1 },		/* VTEIMS */
	{ 0x0110, 2 },		/* VTEIAC, VTEIAM */
	{ 0x0120, 4 },		/* VTIVAR */
	{ 0x0140, 1 },		/* VTIVAR_MISC */
	{ 0x0300, 1 },		/* VFPSRTYPE */
	{ 0x0820, 3 },		/* VTEITR */
};

/* 3.5. The port's: these types are what PFs hash unless told otherwise. */
static const struct rss_regs rss_of_port = {
	.types = RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_TCP |
		RTE_ETH_RSS_IPV6 | RTE_ETH_RSS_NONFRAG_IPV6_TCP,
	.queues = 4, .by_pool = true,
};

/* 3.5: VFMRQC, VFRSSRK, VFRETA. */
static const struct rss_regs rss_x550 = {
	.control = { 0x3000 }, .on = BIT(0),
	.key = { 0x3100 }, .table = { 0x3200 },
	.types = RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_NONFRAG_IPV4_UDP |
		RTE_ETH_RSS_IPV6 | RTE_ETH_RSS_NONFRAG_IPV6_TCP | RTE_ETH_RSS_NONFRAG_IPV6_UDP |
		RTE_ETH_RSS_IPV6_EX | RTE_ETH_RSS_IPV6_TCP_EX | RTE_ETH_RSS_IPV6_UDP_EX,
	.entries = 64, .queues = 4, .by_pool = true,
};

#define COMMON \
	.dialect = &vf_dialect_82599, \
	\
	.control = { 0x0000 },		/* VFCTRL */ \
	.control_reset = BIT(26), \
	.status = { 0x0008 },		/* VFSTATUS: nothing in it is for a VF (2.9) */ \
	.status_may_be_0 = true, \
	.reset_us = 50000,		/* 10.4 */ \
	\
	/* 2.8: VFLINKS is as LINKS. */ \
	.link = { 0x0010 }, \
	.link_up = BIT(30), \
	.link_speed = BITS(29, 28), \
	.speeds = { 10, 100, 1000, 10000 }, \
	\
	/* 7.1 */ \
	.mailbox = { 0x02fc }, \
	.mailbox_memory = { 0x0200 }, \
	\
	/* 3.5: VFPSRTYPE, RQPL */ \
	.header_split = { 0x0300 }, \
	.spread = BITS(31, 29), \
	\
	/* 6.4 */ \
	.vector_cause = { 0x0100 },		/* VTEICR */ \
	.vector_auto_clear = { 0x0110 },	/* VTEIAC */ \
	.vector_auto_mask = { 0x0114 },		/* VTEIAM */ \
	.mailbox_vector = { 0x0140 },		/* VTIVAR_MISC */ \
	.mailbox_vector_valid = BIT(7), \
	\
	.counters = counters, \
	.nb_counters = ARRAY_LEN(counters), \
	.dump = { registers, ARRAY_LEN(registers) }, \
	\
	/* What Linux's and our own PF give an untrusted VF is little more. */ \
	.max_mac_addrs = 16

const struct vf_family vf_family_82599 = {
	.queues = &family_82599_vf,
	.rss = &rss_of_port,
	.port_rss_entries = POOL_RSS_ENTRIES,
	.speed_capa = RTE_ETH_LINK_SPEED_1G | RTE_ETH_LINK_SPEED_10G,
	COMMON,
};

const struct vf_family vf_family_x540 = {
	.queues = &family_x540_vf,
	.rss = &rss_of_port,
	.port_rss_entries = POOL_RSS_ENTRIES,
	.speed_capa = RTE_ETH_LINK_SPEED_100M | RTE_ETH_LINK_SPEED_1G | RTE_ETH_LINK_SPEED_10G,
	COMMON,
};

#define X550 \
	.speed_capa = RTE_ETH_LINK_SPEED_100M | RTE_ETH_LINK_SPEED_1G | \
		RTE_ETH_LINK_SPEED_2_5G | RTE_ETH_LINK_SPEED_5G | RTE_ETH_LINK_SPEED_10G, \
	.link_other_speed = BIT(27), \
	.other_speeds = { 10, 5000, 1000, 2500 }, \
	\
	.rss = &rss_x550

const struct vf_family vf_family_x550 = { .queues = &family_x550_vf, X550, COMMON };
const struct vf_family vf_family_x550em_a = { .queues = &family_x550em_a_vf, X550, COMMON };
