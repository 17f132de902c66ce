/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <stdio.h>

#include <rte_ethdev.h>
#include <rte_vect.h>

#include "cases.h"

const char *const bench_ops[] = {
	[OP_RX] = "rx", [OP_TX] = "tx", [OP_FORWARD] = "forward", NULL,
};

const struct column columns[] = {
	{ .name = "sluice", .pf_driver = "net_sluice_pf", .vf_driver = "net_sluice_vf",
	  .ours = true },
	{ .name = "sluice-scalar", .pf_driver = "net_sluice_pf", .vf_driver = "net_sluice_vf",
	  .ours = true, .simd = RTE_VECT_SIMD_DISABLED },
	{ .name = "ixgbe-vector", .pf_driver = "net_ixgbe", .vf_driver = "net_ixgbe_vf",
	  .family = "82599" },
	{ .name = "ixgbe-scalar", .pf_driver = "net_ixgbe", .vf_driver = "net_ixgbe_vf",
	  .family = "82599", .simd = RTE_VECT_SIMD_DISABLED },
	/* What they fall back to as soon as a port may have to send something special. */
	{ .name = "ixgbe-full", .pf_driver = "net_ixgbe", .vf_driver = "net_ixgbe_vf",
	  .family = "82599", .tx_offloads = RTE_ETH_TX_OFFLOAD_MULTI_SEGS },
	{ .name = "igb", .pf_driver = "net_e1000_igb", .vf_driver = "net_e1000_igb_vf",
	  .family = "82576" },
};
const unsigned int nb_columns = RTE_DIM(columns);

const struct group groups[] = {
	{ .name = "82599-pf", .family = "82599" },
	{ .name = "82599-vf", .family = "82599", .is_vf = true },
	{ .name = "82576-pf", .family = "82576" },
	{ .name = "82576-vf", .family = "82576", .is_vf = true },
};
const unsigned int nb_groups = RTE_DIM(groups);

/** What differs from a burst of 32 through a ring of 1024, frames of 60 bytes, one queue, warm. */
static const struct bench_case variants[] = {
	{ .burst = 32 },
	{ .burst = 4 },
	{ .burst = 8 },
	{ .burst = 64 },
	{ .ring = 256 },
	{ .ring = 512 },
	{ .ring = 4096 },
	{ .bytes = 1514 },
	{ .cold = true },
};

unsigned int
cases_list(struct bench_case *cases, unsigned int max)
{
	unsigned int nb = 0;

	for (unsigned int v = 0; v < RTE_DIM(variants); v++)
		for (unsigned int op = OP_RX; bench_ops[op] != NULL && nb < max; op++) {
			struct bench_case *c = &cases[nb++];

			*c = variants[v];
			c->op = op;
			c->burst = c->burst != 0 ? c->burst : 32;
			c->ring = c->ring != 0 ? c->ring : 1024;
			c->bytes = c->bytes != 0 ? c->bytes : 60;
			c->queues = c->queues != 0 ? c->queues : 1;
		}
	return nb;
}

void
case_name(const struct bench_case *c, char name[CASE_NAME_BYTES])
{
	char queues[16] = "";

	if (c->queues > 1)
		snprintf(queues, sizeof(queues), "-q%u", c->queues);
	snprintf(name, CASE_NAME_BYTES, "%s-b%u-r%u-f%u%s%s", bench_ops[c->op], c->burst, c->ring,
		 c->bytes, queues, c->cold ? "-cold" : "");
}
