/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* The port's counters of frames; bytes count the CRC: 82576 sheet 8.12, 82599 sheet 8.9. */
#include "engine.h"

void
stats_to_wire(struct nic *nic)
{
	struct port_stats *stats = &nic->stats;
	struct datapath *dp = datapath_of(nic);
	uint64_t bytes = 0, multicast = 0, broadcast = 0;

	for (unsigned int i = 0; i < dp->nb_out; i++) {
		uint32_t len = dp->out[i].len + CRC_BYTES;

		bytes += len;
		stats->tx_size[size_class(len)]++;
		if ((dp->out[i].data[0] & 1) == 0)
			continue;
		if (mac_number(dp->out[i].data) == 0xffffffffffffULL)
			broadcast++;
		else
			multicast++;
	}
	stats->tx_packets += dp->nb_out;
	stats->tx_total_packets += dp->nb_out;
	stats->tx_bytes += bytes;
	stats->tx_total_bytes += bytes;
	stats->tx_multicast += multicast;
	stats->tx_broadcast += broadcast;
}
