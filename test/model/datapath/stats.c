/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* The port's counters of frames; bytes count the CRC: 82576 sheet 8.12, 82599 sheet 8.9. */
#include "engine.h"

void
stats_sent(struct nic *nic, const struct wire_frame *frames, unsigned int nb)
{
	uint64_t bytes = (uint64_t)nb * CRC_BYTES, multicast = 0, broadcast = 0, larger = 0;
	struct port_stats *stats = &nic->stats;

	for (unsigned int i = 0; i < nb; i++) {
		uint32_t len = frames[i].len;

		bytes += len;
		if (len > FRAME_BYTES_MIN) {
			larger++;
			stats->tx_size[size_class(len + CRC_BYTES)]++;
		}
		if ((frames[i].data[0] & 1) == 0)
			continue;
		if (mac_number(frames[i].data) == 0xffffffffffffULL)
			broadcast++;
		else
			multicast++;
	}
	stats->tx_size[0] += nb - larger;
	stats->tx_packets += nb;
	stats->tx_total_packets += nb;
	stats->tx_bytes += bytes;
	stats->tx_total_bytes += bytes;
	stats->tx_multicast += multicast;
	stats->tx_broadcast += broadcast;
}
