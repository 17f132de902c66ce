/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * Storm control: 82576 sheet 8.10. What is above the limit reaches no pool until the interval ends;
 * it still goes to the wire.
 */
#include "engine.h"

static void
storm_turn(struct nic *nic, struct storm_control *storm)
{
	uint64_t now = datapath_of(nic)->now_ns;

	if (now - storm->interval_start_ns < storm->interval_ns)
		return;
	storm->interval_start_ns = now;
	for (unsigned int kind = 0; kind < 2; kind++) {
		storm->seen_bytes[kind] = 0;
		storm->blocked[kind] = false;
		for (unsigned int p = 0; p < nic->family->nb_pools; p++)
			nic->pool[p].storm_bytes[kind] = 0;
	}
}

bool
storm_allows(struct nic *nic, const struct sight *sight, uint32_t bytes)
{
	struct storm_control *storm = &nic->filters.storm;
	unsigned int kind = sight->cast == CAST_BROAD ? 0 : 1;

	if (sight->cast == CAST_UNI || !(kind == 0 ? storm->broadcast : storm->multicast))
		return true;
	storm_turn(nic, storm);
	storm->seen_bytes[kind] += bytes + CRC_BYTES;
	if (storm->seen_bytes[kind] > storm->limit_bytes[kind])
		storm->blocked[kind] = true;
	if (!storm->blocked[kind])
		return true;
	nic->stats.storm_drops++;
	return false;
}

void
storm_count_pool(struct nic *nic, unsigned int pool, enum cast cast, uint32_t bytes)
{
	nic->pool[pool].storm_bytes[cast == CAST_BROAD ? 0 : 1] += bytes + CRC_BYTES;
}
