/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <string.h>

#include "family_82576.h"
#include "family_82576_counters.h"

#define INDEX_COUNTER(name, offset, value) COUNTER_##name,
enum { GBE_COUNTERS(INDEX_COUNTER) GBE_PAIRS(INDEX_COUNTER) NB_COUNTERS };

_Static_assert(NB_COUNTERS <= GBE_COUNTERS_MAX, "struct gbe has too few");

static uint64_t
gbe_spoofed(const struct nic *nic)
{
	uint64_t sum = 0;

	for (unsigned int p = 0; p < nic->family->nb_pools; p++)
		if (nic->pool[p].count_spoofed)
			sum += nic->pool[p].spoofed;
	return sum;
}

/** What has come since the last take. */
static uint64_t
since(struct nic *nic, unsigned int which, uint64_t now, bool take)
{
	uint64_t *taken = &gbe_of(nic)->counted[which];
	uint64_t value = now - *taken;

	if (take && !nic->peeking)
		*taken = now;
	return value;
}

#define DEFINE_COUNTER(name, offset, expression) \
	uint32_t \
	count_##name(struct function *fn, unsigned int i, uint32_t stored) \
	{ \
		struct nic *nic = fn->nic; \
		const struct port_stats *s = &nic->stats; \
		uint64_t value = since(nic, COUNTER_##name, expression, true); \
		(void)i; \
		(void)s; \
		(void)stored; \
		return value > UINT32_MAX ? UINT32_MAX : value; \
	}
GBE_COUNTERS(DEFINE_COUNTER)

#define DEFINE_PAIR(name, offset, expression) \
	uint32_t \
	count_##name##L(struct function *fn, unsigned int i, uint32_t stored) \
	{ \
		const struct port_stats *s = &fn->nic->stats; \
		(void)i; \
		(void)stored; \
		return (uint32_t)since(fn->nic, COUNTER_##name, expression, false); \
	} \
	uint32_t \
	count_##name##H(struct function *fn, unsigned int i, uint32_t stored) \
	{ \
		const struct port_stats *s = &fn->nic->stats; \
		(void)i; \
		(void)stored; \
		return since(fn->nic, COUNTER_##name, expression, true) >> 32; \
	}
GBE_PAIRS(DEFINE_PAIR)

#define DEFINE_VF_COUNTER(name, offset, expression) \
	uint32_t \
	count_##name(struct function *fn, unsigned int i, uint32_t stored) \
	{ \
		const struct pool *p = &fn->nic->pool[i]; \
		(void)stored; \
		return (uint32_t)(expression); \
	}
GBE_VF_COUNTERS(DEFINE_VF_COUNTER)

void
gbe_reset_stats(struct nic *nic)
{
	struct gbe *gbe = gbe_of(nic);

	memset(&nic->stats, 0, sizeof(nic->stats));
	memset(gbe->counted, 0, sizeof(gbe->counted));
	memset(gbe->spoofed_read, 0, sizeof(gbe->spoofed_read));
	for (unsigned int p = 0; p < nic->family->nb_pools; p++) {
		struct pool *pool = &nic->pool[p];

		pool->rx_packets = pool->rx_bytes = pool->rx_multicast = pool->rx_drops = 0;
		pool->tx_packets = pool->tx_bytes = pool->spoofed = 0;
	}
}
