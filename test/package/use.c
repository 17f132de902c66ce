/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What an application writes that uses lib/aic, lib/hybrid and the PMD as they are installed: it
 * prints the interval of 1 Mpps, and that of a queue's interrupts on port 0, which is net_sluice's.
 */
#include <inttypes.h>
#include <stdio.h>

#include <rte_eal.h>
#include <rte_ethdev.h>

#include <hybrid.h>
#include <rte_pmd_sluice.h>

int
main(int argc, char **argv)
{
	struct rte_eth_dev_info info;
	struct hybrid_config config;

	if (rte_eal_init(argc, argv) < 0 || hybrid_profile(&config, "balanced") < 0 ||
	    rte_eth_dev_info_get(0, &info) < 0 || rte_pmd_sluice_dialect(0) < 0)
		return 1;
	printf("%s, %" PRIu64 " ns\n", info.driver_name,
	       aic_interval_ns(1000000, config.ring, config.params.r, config.params.lif_hz));
	return 0;
}
