/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <assert.h>

#include "pool_ops.h"
#include "rte_pmd_sluice.h"

/* Two headers name these bits, as neither the driver nor the service includes the other's. */
static_assert((int)POOL_ACCEPT_UNTAGGED == RTE_PMD_SLUICE_ACCEPT_UNTAGGED, "accept bits");
static_assert((int)POOL_ACCEPT_BROADCAST == RTE_PMD_SLUICE_ACCEPT_BROADCAST, "accept bits");
static_assert((int)POOL_ACCEPT_MULTICAST == RTE_PMD_SLUICE_ACCEPT_MULTICAST, "accept bits");
static_assert((int)POOL_ACCEPT_ALL_MULTICAST == RTE_PMD_SLUICE_ACCEPT_ALL_MULTICAST,
	      "accept bits");
static_assert((int)POOL_ACCEPT_ALL_UNICAST == RTE_PMD_SLUICE_ACCEPT_ALL_UNICAST, "accept bits");
static_assert((int)POOL_ACCEPT_LARGER == RTE_PMD_SLUICE_ACCEPT_LARGER, "accept bits");
static_assert(POOL_MIRROR_NONE == RTE_PMD_SLUICE_MIRROR_NONE, "mirror");
static_assert(POOL_MIRROR_PF == RTE_PMD_SLUICE_MIRROR_PF, "mirror");

/* No loopback: all families have one switch for the whole port. */
const struct pool_ops pmd_pool_ops = {
	.reset = rte_pmd_sluice_pool_reset,
	.enable = rte_pmd_sluice_pool_enable,
	.disable = rte_pmd_sluice_pool_disable,
	.add_mac = rte_pmd_sluice_pool_add_mac,
	.remove_mac = rte_pmd_sluice_pool_remove_mac,
	.set_multicast = rte_pmd_sluice_pool_set_multicast,
	.set_accept = rte_pmd_sluice_pool_set_accept,
	.add_vlan = rte_pmd_sluice_pool_add_vlan,
	.remove_vlan = rte_pmd_sluice_pool_remove_vlan,
	.set_port_vlan = rte_pmd_sluice_pool_set_port_vlan,
	.set_max_frame = rte_pmd_sluice_pool_set_max_frame,
	.set_spoof_check = rte_pmd_sluice_pool_set_spoof_check,
	.get_info = rte_pmd_sluice_pool_get_info,
	.get_rss = rte_pmd_sluice_pool_get_rss,
	.set_tx_rate = rte_pmd_sluice_pool_set_tx_rate,
	.set_mirror = rte_pmd_sluice_pool_set_mirror,
	.set_drop = rte_pmd_sluice_pool_set_drop,
	.limit_interrupts = rte_pmd_sluice_pool_limit_interrupts,
	.hold_off = rte_pmd_sluice_hold_off,
};
