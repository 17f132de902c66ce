/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <stdio.h>

#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_vect.h>

#include "cases.h"

const char *const bench_ops[] = {
	[OP_RX] = "rx", [OP_TX] = "tx", [OP_FORWARD] = "forward", [OP_IDLE] = "idle", NULL,
};

const struct column columns[] = {
	{ .name = "sluice", .pf_driver = "net_sluice_pf", .vf_driver = "net_sluice_vf",
	  .ours = true },
	{ .name = "sluice-scalar", .pf_driver = "net_sluice_pf", .vf_driver = "net_sluice_vf",
	  .ours = true, .simd = RTE_VECT_SIMD_DISABLED, .alone = true },
	{ .name = "ixgbe-vector", .pf_driver = "net_ixgbe", .vf_driver = "net_ixgbe_vf",
	  .family = "82599" },
	{ .name = "ixgbe-scalar", .pf_driver = "net_ixgbe", .vf_driver = "net_ixgbe_vf",
	  .family = "82599", .simd = RTE_VECT_SIMD_DISABLED, .alone = true },
	/* What they fall back to as soon as a port may have to send something special. */
	{ .name = "ixgbe-full", .pf_driver = "net_ixgbe", .vf_driver = "net_ixgbe_vf",
	  .family = "82599", .tx_offloads = RTE_ETH_TX_OFFLOAD_MULTI_SEGS, .alone = true },
	{ .name = "igb", .pf_driver = "net_e1000_igb", .vf_driver = "net_e1000_igb_vf",
	  .family = "82576" },
};
const unsigned int nb_columns = RTE_DIM(columns);

const struct group groups[] = {
	{ .name = "82599-pf", .family = "82599" },
	{ .name = "82599-vf", .family = "82599", .is_vf = true },
	{ .name = "82576-pf", .family = "82576" },
	{ .name = "82576-vf", .family = "82576", .is_vf = true },
	{ .name = "82599-vfs", .family = "82599", .is_vf = true, .is_many = true },
	{ .name = "82576-vfs", .family = "82576", .is_vf = true, .is_many = true },
};
const unsigned int nb_groups = RTE_DIM(groups);

#define SUMS_RX	 (RTE_ETH_RX_OFFLOAD_IPV4_CKSUM | RTE_ETH_RX_OFFLOAD_UDP_CKSUM | \
		  RTE_ETH_RX_OFFLOAD_TCP_CKSUM)
#define SUMS_TX	 (RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_UDP_CKSUM | \
		  RTE_ETH_TX_OFFLOAD_TCP_CKSUM)
#define BUFFER	 1024	/* the least that the NICs know, and two make a frame of 1514 bytes */
#define MSS	 1460
#define TCP_HEAD 54
#define TSO_SIZE (TCP_HEAD + 3 * MSS)

const struct bench_set bench_sets[] = {
	[SET_NONE] = { .name = NULL },
	/* What DPDK's drivers always tell, and ours unless rte_eth_dev_set_ptypes() asks not to. */
	[SET_TYPES] = { .name = "types", .packet_types = true },
	[SET_OFFLOADS] = {
		.name = "offloads", .packet_types = true, .vlan = true, .sums = true,
		.rx_offloads = SUMS_RX | RTE_ETH_RX_OFFLOAD_VLAN_STRIP |
			       RTE_ETH_RX_OFFLOAD_RSS_HASH,
		.tx_offloads = SUMS_TX | RTE_ETH_TX_OFFLOAD_VLAN_INSERT,
	},
	[SET_SEGMENTS] = {
		.name = "segments", .buffer = BUFFER,
		.rx_offloads = RTE_ETH_RX_OFFLOAD_SCATTER,
		.tx_offloads = RTE_ETH_TX_OFFLOAD_MULTI_SEGS,
	},
	[SET_TSO] = {
		.name = "tso", .sums = true, .mss = MSS,
		.tx_offloads = SUMS_TX | RTE_ETH_TX_OFFLOAD_TCP_TSO |
			       RTE_ETH_TX_OFFLOAD_MULTI_SEGS,
	},
};

#define OPS_VFS (1u << OP_RX | 1u << OP_FORWARD | 1u << OP_IDLE)
#define OPS_ALL (1u << OP_RX | 1u << OP_TX | 1u << OP_FORWARD)

/** What differs from a burst of 32 through a ring of 1024, frames of 60 bytes, one queue, warm. */
static const struct {
	struct bench_case c;
	unsigned int ops;	/* by bits */
	bool counted;		/* instructions alone, as a ring is soon through */
} variants[] = {
	{ { .burst = 32 }, OPS_ALL },
	{ { .set = SET_OFFLOADS }, OPS_ALL },
	{ { .set = SET_TYPES }, 1u << OP_RX | 1u << OP_FORWARD },
	{ { .set = SET_SEGMENTS, .bytes = 1514 }, OPS_ALL },
	{ { .set = SET_TSO, .bytes = TSO_SIZE }, 1u << OP_TX },
	{ { .queues = 4 }, OPS_ALL },
	{ { .burst = 4 }, OPS_ALL },
	{ { .burst = 8 }, OPS_ALL },
	{ { .burst = 64 }, OPS_ALL },
	{ { .ring = 256 }, OPS_ALL },
	{ { .ring = 512 }, OPS_ALL },
	{ { .ring = 4096 }, OPS_ALL },
	{ { .bytes = 1514 }, OPS_ALL },
	{ { .cold = true }, OPS_ALL },
	{ { .ports = 1, .ring = 256 }, OPS_VFS },
	{ { .ports = 2, .ring = 256 }, OPS_VFS },
	{ { .ports = 4, .ring = 256 }, OPS_VFS },
	{ { .ports = 7, .ring = 256 }, OPS_VFS },
	{ { .ports = 15, .ring = 256 }, OPS_VFS },
	{ { .ports = 31, .ring = 256 }, OPS_VFS },
	{ { .ports = 63, .ring = 256 }, OPS_VFS },
	{ { .ring = 256, .set = SET_OFFLOADS }, OPS_ALL, true },
	{ { .ring = 256, .set = SET_TYPES }, 1u << OP_RX, true },
	{ { .ring = 256, .set = SET_SEGMENTS, .bytes = 1514 }, OPS_ALL, true },
	{ { .ring = 256, .set = SET_TSO, .bytes = TSO_SIZE }, 1u << OP_TX, true },
};

static void
fill(struct bench_case *c, unsigned int variant, unsigned int op)
{
	*c = variants[variant].c;
	c->op = op;
	c->burst = c->burst != 0 ? c->burst : 32;
	c->ring = c->ring != 0 ? c->ring : 1024;
	c->bytes = c->bytes != 0 ? c->bytes : 60;
	c->queues = c->queues != 0 ? c->queues : 1;
}

unsigned int
cases_list(struct bench_case *cases, unsigned int max, bool counted)
{
	unsigned int nb = 0;

	for (unsigned int v = 0; v < RTE_DIM(variants); v++)
		for (unsigned int op = OP_RX; bench_ops[op] != NULL && nb < max; op++)
			if ((variants[v].ops >> op & 1) != 0 && (counted || !variants[v].counted))
				fill(&cases[nb++], v, op);
	return nb;
}

void
case_name(const struct bench_case *c, char name[CASE_NAME_BYTES])
{
	const char *set = bench_sets[c->set].name;
	char more[32] = "";

	if (c->queues > 1)
		snprintf(more, sizeof(more), "-q%u", c->queues);
	if (c->ports != 0)
		snprintf(more, sizeof(more), "-vfs%u", c->ports);
	snprintf(name, CASE_NAME_BYTES, "%s-b%u-r%u-f%u%s%s%s%s", bench_ops[c->op], c->burst,
		 c->ring, c->bytes, more, set == NULL ? "" : "-", set == NULL ? "" : set,
		 c->cold ? "-cold" : "");
}

unsigned int
case_segments(const struct bench_case *c)
{
	uint16_t buffer = bench_sets[c->set].buffer;

	if (buffer == 0)
		buffer = RTE_MBUF_DEFAULT_DATAROOM;
	return (c->bytes + buffer - 1) / buffer;
}

unsigned int
case_cuts(const struct bench_case *c)
{
	uint16_t mss = bench_sets[c->set].mss;

	return mss == 0 ? 1 : (c->bytes - TCP_HEAD + mss - 1) / mss;
}
