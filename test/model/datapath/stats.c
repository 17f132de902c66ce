/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* The port's counters of frames; bytes count the CRC: 82576 sheet 8.12, 82599 sheet 8.9. */
#include "engine.h"

/* 64, 65-127, 128-255, 256-511, 512-1023, above. */
static unsigned int
size_class(uint32_t bytes)
{
	unsigned int log2;

	if (bytes <= 64)
		return 0;
	log2 = 31 - (unsigned int)__builtin_clz(bytes);
	return log2 >= 10 ? 5 : log2 - 5;
}

void
stats_from_wire(struct nic *nic, const struct sight *sight, uint32_t bytes)
{
	struct port_stats *stats = &nic->stats;

	stats->rx_packets++;
	stats->rx_bytes += bytes + CRC_BYTES;
	stats->rx_size[size_class(bytes + CRC_BYTES)]++;
	stats->rx_multicast += sight->cast == CAST_MULTI;
	stats->rx_broadcast += sight->cast == CAST_BROAD;
}

void
stats_to_wire(struct nic *nic, enum cast cast, uint32_t bytes)
{
	struct port_stats *stats = &nic->stats;

	stats->tx_packets++;
	stats->tx_total_packets++;
	stats->tx_bytes += bytes + CRC_BYTES;
	stats->tx_total_bytes += bytes + CRC_BYTES;
	stats->tx_size[size_class(bytes + CRC_BYTES)]++;
	stats->tx_multicast += cast == CAST_MULTI;
	stats->tx_broadcast += cast == CAST_BROAD;
}
