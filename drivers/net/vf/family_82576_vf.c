/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include "dpdk_compat.h"
#include "vf.h"

/* Section numbers are those of the 82576 sheet. */

/* 8.12. Octets include the CRC. */
static const struct vf_counter counters[] = {
	{ "rx_hw_packets", { 0x0f10 } },		/* GPRC */
	{ "tx_hw_packets", { 0x0f14 } },		/* GPTC */
	{ "rx_hw_bytes", { 0x0f18 } },			/* GORC */
	{ "tx_hw_bytes", { 0x0f34 } },			/* GOTC */
	{ "rx_hw_multicast_packets", { 0x0f3c } },	/* MPRC */
	{ "rx_hw_loopback_packets", { 0x0f40 } },	/* GPRLBC */
	{ "tx_hw_loopback_packets", { 0x0f44 } },	/* GPTLBC */
	{ "rx_hw_loopback_bytes", { 0x0f48 } },		/* GORLBC */
	{ "tx_hw_loopback_bytes", { 0x0f50 } },		/* GOTLBC */
};
static_assert(ARRAY_LEN(counters) <= VF_COUNTERS_MAX, "room in struct vf_counters");

/* 2.12, 3.3, 6.6; neither VTEICR nor V2PMAILBOX, which forget what was read. */
static const struct reg_range registers[] = {
	{ 0x0000, 1 },		/* CTRL */
	{ 0x0008, 1 },		/* STATUS */
	{ 0x0f0c, 1 },		/* PSRTYPE */
	{ 0x1524, 1 },		/* VTEIMS */
	{ 0x152c, 2 },		/* VTEIAC, VTEIAM */
	{ 0x1680, 3 },		/* VTEITR */
	{ 0x1700, 1 },		/* VTIVAR */
	{ 0x1740, 1 },		/* VTIVAR_MISC */
};

#define COMMON \
	.dialect = &vf_dialect_82576, \
	\
	.control = { 0x0000 }, \
	.control_reset = BIT(26), \
	\
	/* The PF's STATUS, read only (2.3, 2.12). */ \
	.status = { 0x0008 }, \
	.link = { 0x0008 }, \
	.link_up = BIT(1), \
	.link_full_duplex = BIT(0), \
	.link_speed = BITS(7, 6), \
	.speeds = { 10, 100, 1000, 1000 }, \
	.speed_capa = RTE_ETH_LINK_SPEED_10M_HD | RTE_ETH_LINK_SPEED_10M | \
		RTE_ETH_LINK_SPEED_100M_HD | RTE_ETH_LINK_SPEED_100M | RTE_ETH_LINK_SPEED_1G, \
	\
	/* 7.1 */ \
	.mailbox = { 0x0c40 }, \
	.mailbox_memory = { 0x0800 }, \
	\
	.header_split = { 0x0f0c },	/* PSRTYPE (3.3) */ \
	\
	/* 6.6 */ \
	.vector_cause = { 0x1580 },		/* VTEICR */ \
	.vector_auto_clear = { 0x152c },	/* VTEIAC */ \
	.vector_auto_mask = { 0x1530 },		/* VTEIAM */ \
	.mailbox_vector = { 0x1740 },		/* VTIVAR_MISC */ \
	.mailbox_vector_valid = BIT(7), \
	\
	.counters = counters, \
	.nb_counters = ARRAY_LEN(counters), \
	.dump = { registers, ARRAY_LEN(registers) }

/* 5.5. The port's: these types are what our PF hashes unless told otherwise. */
static const struct rss_regs rss_82576 = {
	.types = RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_TCP |
		RTE_ETH_RSS_IPV6 | RTE_ETH_RSS_NONFRAG_IPV6_TCP,
	.queues = 2, .by_pool = true,
};

const struct vf_family vf_family_82576 = {
	.queues = &family_82576_vf,
	.rss = &rss_82576,
	.tells_queues = true,
	/* What 24 receive addresses leave to one of seven VFs, about twice over (1, 8.6). */
	.max_mac_addrs = 8,
	COMMON,
};

const struct vf_family vf_family_i350 = {
	.queues = &family_i350_vf,
	/* Likewise, of 32. */
	.max_mac_addrs = 10,
	COMMON,
};
