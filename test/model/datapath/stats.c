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
	uint64_t bytes = (uint64_t)dp->nb_out * CRC_BYTES, multicast = 0, broadcast = 0;
	uint64_t larger = 0;

	for (unsigned int i = 0; i < dp->nb_out; i++) {
		uint32_t len = dp->out[i].len;

		bytes += len;
		if (len > FRAME_BYTES_MIN) {
			larger++;
			stats->tx_size[size_class(len + CRC_BYTES)]++;
		}
		if ((dp->out[i].data[0] & 1) == 0)
			continue;
		if (mac_number(dp->out[i].data) == 0xffffffffffffULL)
			broadcast++;
		else
			multicast++;
	}
	stats->tx_size[0] += dp->nb_out - larger;
	stats->tx_packets += dp->nb_out;
	stats->tx_total_packets += dp->nb_out;
	stats->tx_bytes += bytes;
	stats->tx_total_bytes += bytes;
	stats->tx_multicast += multicast;
	stats->tx_broadcast += broadcast;
}
