/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* Mirroring: 82576 sheet 8.11, 82599 sheet 8.8. A copy for the pool that looks on. */
#include "engine.h"

static bool
vlan_rows_match(const struct nic *nic, uint64_t rows, uint16_t vid)
{
	for (unsigned int i = 0; i < nic->family->nb_vlvfs; i++) {
		const struct vlvf *row = &nic->filters.vlvf[i];

		if ((rows >> i & 1) != 0 && row->valid && row->vlan == vid)
			return true;
	}
	return false;
}

static bool
rule_matches(const struct nic *nic, const struct mirror *rule, uint64_t pools,
	     const struct sight *sight, bool to_wire, bool from_wire)
{
	if (rule->pools_in && (pools & rule->pool_bits) != 0)
		return true;
	if ((rule->uplink && from_wire) || (rule->downlink && to_wire))
		return true;
	return rule->vlans && sight->tagged &&
	       vlan_rows_match(nic, rule->vlan_rows, sight->tci & 0xfff);
}

uint64_t
mirror_pools(const struct nic *nic, uint64_t pools, const struct sight *sight,
	     const struct frame *frame, bool to_wire)
{
	uint64_t seen_by = pools;

	for (unsigned int i = 0; i < NIC_MIRRORS_MAX; i++) {
		const struct mirror *rule = &nic->filters.mirror[i];

		if (rule->to_pool < nic->family->nb_pools && nic->pool[rule->to_pool].rx_enabled &&
		    rule->to_pool != frame->source_pool &&
		    rule_matches(nic, rule, pools, sight, to_wire, frame->from_wire))
			seen_by |= 1ULL << rule->to_pool;
	}
	return seen_by;
}
