/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* Anti-spoof of what a pool sends: 82576 sheet 8.7, 82599 sheet 8.5. */
#include "engine.h"

static bool
etype_allowed(const struct nic *nic, uint16_t etype)
{
	for (unsigned int i = 0; i < NIC_ETYPES_MAX; i++) {
		const struct etype_filter *filter = &nic->filters.etype[i];

		if (filter->enabled && filter->tx_antispoof && filter->etype == etype)
			return false;
	}
	return true;
}

/* An untagged frame is not a VLAN's: its pool's default tag was added before. */
static bool
sender_allowed(const struct nic *nic, unsigned int p, uint64_t src, const struct sight *sight)
{
	const struct pool *pool = &nic->pool[p];

	if (pool->spoof_mac && !pool_has_mac(nic, p, src))
		return false;
	return !pool->spoof_vlan || !sight->tagged || pool_has_vlan(nic, p, sight->tci & 0xfff);
}

bool
spoof_allowed(struct nic *nic, const struct frame *frame, const struct sight *sight)
{
	unsigned int p = (unsigned int)frame->source_pool;
	struct honest *honest = &datapath_of(nic)->honest[p];
	struct pool *pool = &nic->pool[p];
	uint64_t src = mac_number(frame->data + MAC_LEN);
	uint64_t tag = sight->tagged ? 0x1000u | (sight->tci & 0xfff) : 0;
	uint64_t key = src | tag << 48;
	uint64_t stamp = nic->generation + 1ULL;
	bool known = honest->key == key && honest->stamp == stamp;

	if (!known && sender_allowed(nic, p, src, sight)) {
		*honest = (struct honest){ .key = key, .stamp = stamp };
		known = true;
	}
	if (known && !(pool->spoof_etype && !etype_allowed(nic, sight->etype)))
		return true;
	if (pool->count_spoofed)
		pool->spoofed++;
	return false;
}
