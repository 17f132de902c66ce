/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Loading, enabling and disabling a ring; the Rx and Tx blocks agree in these registers.
 */
#ifndef SLUICE_RING_START_H
#define SLUICE_RING_START_H

#include "dpdk_compat.h"
#include "family.h"
#include "mmio.h"

/** What a queue's registers are to hold. */
struct ring {
	const struct queue_bank *bank;
	uint16_t queue;		/**< register block */
	uint64_t address;	/**< of the descriptors, as the device sees it */
	uint32_t bytes;
	uint32_t control;	/**< RXDCTL or TXDCTL, without QUEUE_ENABLE */
};

/** RXDCTL or TXDCTL with the chosen thresholds in place of those of @p word. */
uint32_t ring_thresholds_word(uint32_t word, const struct ring_thresholds *choice,
			      const struct rte_eth_thresh *chosen);

/**
 * What the family can do of what an application wants; all 0 means that it does not care.
 *
 * How many descriptors are written back at once is never its choice: other numbers lose write-backs
 * or bear no RS marks (82576 sheet, 3.5; 82599 sheet, 3.4).
 *
 * @param word  the family's default word
 */
struct rte_eth_thresh ring_thresholds_fit(uint32_t word, const struct ring_thresholds *choice,
					  const struct rte_eth_thresh *wanted);

/**
 * Disable the queue and wait for it, 10 ms at most: then its memory may be another's.
 *
 * @return 0, also on a device that has left the bus; -ETIMEDOUT
 */
int ring_disable(const struct mmio *io, const struct queue_bank *bank, uint16_t queue);

/** Disable the queue, and set base, length, head and tail; 0, or -EIO if it does not follow. */
int ring_load(const struct mmio *io, const struct ring *ring);

/** Enable the queue and wait for it; 0 or -EIO. */
int ring_enable(const struct mmio *io, const struct ring *ring);

#endif /* SLUICE_RING_START_H */
