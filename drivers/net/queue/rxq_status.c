/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* What an application may ask about an Rx ring without taking anything from it. */
#include <errno.h>

#include <rte_power_intrinsics.h>

#include "queue.h"
#include "rxq.h"

static bool
is_done(const struct rxq *q, uint32_t offset)
{
	uint32_t slot = q->next + offset;

	if (slot >= q->size)
		slot -= q->size;
	return (rte_le_to_cpu_32(q->ring[slot].write_back.status) & RXD_DD) != 0;
}

/* The device fills the slots in order, so the first that is not done can be searched for. */
rx_queue_count_t
rxq_count(void *rxq)
{
	const struct rxq *q = rxq;
	uint32_t done = 0, open = q->size - q->holes;

	while (done < open) {
		uint32_t middle = (done + open) / 2;

		if (is_done(q, middle))
			done = middle + 1;
		else
			open = middle;
	}
	return done;
}

int
rxq_descriptor_status(void *rxq, uint16_t offset)
{
	const struct rxq *q = rxq;

	if (offset >= q->size)
		return -EINVAL;
	if (offset >= q->size - q->holes)
		return RTE_ETH_RX_DESC_UNAVAIL;
	return is_done(q, offset) ? RTE_ETH_RX_DESC_DONE : RTE_ETH_RX_DESC_AVAIL;
}

/* @return whether there is no need to sleep */
static int
is_written(const uint64_t status, const uint64_t opaque[RTE_POWER_MONITOR_OPAQUE_SZ])
{
	RTE_SET_USED(opaque);
	return (rte_le_to_cpu_32((uint32_t)status) & RXD_DD) != 0 ? -1 : 0;
}

int
rxq_monitor(void *rxq, struct rte_power_monitor_cond *condition)
{
	const struct rxq *q = rxq;

	if (q == NULL)
		return -EINVAL;
	*condition = (struct rte_power_monitor_cond){
		.addr = &q->ring[q->next].write_back.status,
		.size = sizeof(q->ring[q->next].write_back.status),
		.fn = is_written,
	};
	return 0;
}
