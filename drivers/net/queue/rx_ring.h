/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What the Rx bursts have in common: taking slots one by one, and giving buffers back.
 *
 * Any burst may follow any other on the same queue; those with vectors leave to the functions here
 * whatever does not fit their groups.
 */
#ifndef SLUICE_RX_RING_H
#define SLUICE_RX_RING_H

#include <rte_mbuf.h>

#include "rxq.h"

/** What came of a look at the ring. */
struct rx_taken {
	uint16_t slots;
	uint16_t frames;
};

/**
 * Take at most @p slots slots, and at most @p nb_pkts frames out of them; count both. The buffers
 * are not given back yet.
 */
typedef struct rx_taken rx_take_t(struct rxq *q, struct rte_mbuf **pkts, uint16_t nb_pkts,
				  uint16_t slots);

rx_take_t rx_take, rx_take_full, rx_take_scatter, rx_take_scatter_full;

/** Buffers that the device may have filled: beyond them lie holes, with old write-backs. */
static inline uint16_t
rx_buffers(const struct rxq *q)
{
	return q->size - q->holes;
}

typedef uint16_t rx_fill_t(struct rxq *q, uint16_t count);

/** Give back the buffers taken: whole portions, and one tail write for all of them. */
static __rte_always_inline void
rx_give_back(struct rxq *q, rx_fill_t *fill)
{
	uint16_t before = q->give;

	/* One hole stays: tail == head would tell the device that it has no buffers. */
	while (q->holes > q->give_thresh && fill(q, q->give_thresh) == q->give_thresh)
		;
	/* rte_write32's barrier: the descriptors are in memory before the tail moves. */
	if (q->give != before)
		rte_write32(rte_cpu_to_le_32(q->give), q->tail);
}

#endif /* SLUICE_RX_RING_H */
