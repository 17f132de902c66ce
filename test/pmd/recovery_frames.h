/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Frames of the PF, one at a time, and what becomes of them at a VF. With doorbell=trap a frame is
 * where it goes when its burst returns: one that is not there then does not come.
 */
#ifndef SLUICE_TEST_RECOVERY_FRAMES_H
#define SLUICE_TEST_RECOVERY_FRAMES_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_ether.h>

/** Zeroed: a short frame for nobody that is no IP. */
struct probe {
	struct rte_ether_addr dst;
	uint16_t vlan;		/**< VLAN id of a tag; 0: no tag */
	uint16_t bytes;		/**< without CRC and tag; 0: 60, or 100 of a flow */
	uint16_t flow;		/**< TCP over IPv4, addresses as the number says; 0: no IP */
	bool spoilt;		/**< its TCP checksum is wrong */
};

/** Of the last frame that arrived. */
struct arrival {
	uint16_t queue, segments, tci;
	uint32_t bytes;
	uint64_t flags;
	uint32_t type;
};

int probes_open(void);

/** @return how many arrived at @p port, on whichever queue; @p arrival may be NULL */
unsigned int probe_send(uint16_t from, uint16_t port, uint16_t nb_queues,
			const struct probe *probe, struct arrival *arrival);

#endif /* SLUICE_TEST_RECOVERY_FRAMES_H */
