/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What a PF driver says about itself and a VF's pool, as far as VFs or their operator ask for it.
 */
#ifndef SLUICE_POOL_INFO_H
#define SLUICE_POOL_INFO_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Whose words a port's VFs speak: the vocabulary of a hardware family. */
enum mbx_dialect {
	MBX_DIALECT_82576,	/**< and I350 */
	MBX_DIALECT_82599,	/**< and X540, X550 */
	MBX_NB_DIALECTS,
};

#define POOL_RSS_ENTRIES   128
#define POOL_RSS_KEY_BYTES 40

/** A pool of queues, as the hardware is set up. */
struct pool_info {
	uint16_t rx_queues, tx_queues;
	/**
	 * The port's largest frame where pools have no limit of their own: with CRC, without VLAN
	 * tag. 0: they have.
	 */
	uint32_t shared_max_frame;
	/* What the operator may hold a VF to; the largest is 0 where there is no such limit. */
	uint32_t min_tx_mbps, max_tx_mbps;
	uint32_t max_interrupt_us;
};

/** How received frames are spread over the queues of pools. */
struct pool_rss {
	uint8_t queue[POOL_RSS_ENTRIES];	/**< of the pool, by the hash's low bits */
	uint8_t key[POOL_RSS_KEY_BYTES];
};

#ifdef __cplusplus
}
#endif

#endif /* SLUICE_POOL_INFO_H */
