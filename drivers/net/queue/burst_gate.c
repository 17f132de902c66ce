/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* The bursts of ports that recover by themselves: each behind its queue's gate. */
#include "gate.h"
#include "queue.h"
#include "rxq.h"
#include "txq.h"

#define GATED_RX(burst) \
	uint16_t \
	burst##_gated(void *rxq, struct rte_mbuf **pkts, uint16_t nb_pkts) \
	{ \
		return receive(rxq, pkts, nb_pkts, burst); \
	}

#define GATED_TX(burst) \
	uint16_t \
	burst##_gated(void *txq, struct rte_mbuf **pkts, uint16_t nb_pkts) \
	{ \
		return transmit(txq, pkts, nb_pkts, burst); \
	}

static inline uint16_t
receive(struct rxq *q, struct rte_mbuf **pkts, uint16_t nb_pkts, eth_rx_burst_t burst)
{
	uint16_t nb;

	if (!gate_enter(&q->gate))
		return 0;
	nb = burst(q, pkts, nb_pkts);
	gate_leave(&q->gate);
	return nb;
}

GATED_RX(rx_burst)
GATED_RX(rx_burst_full)
GATED_RX(rx_burst_scatter)
GATED_RX(rx_burst_scatter_full)

#ifdef RTE_ARCH_X86_64
GATED_RX(rx_burst_sse)
GATED_RX(rx_burst_full_sse)
GATED_RX(rx_burst_scatter_sse)
GATED_RX(rx_burst_scatter_full_sse)
#endif

static inline uint16_t
transmit(struct txq *q, struct rte_mbuf **pkts, uint16_t nb_pkts, eth_tx_burst_t burst)
{
	uint16_t nb;

	if (!gate_enter(&q->gate))
		return 0;
	nb = burst(q, pkts, nb_pkts);
	gate_leave(&q->gate);
	return nb;
}

GATED_TX(tx_burst)
GATED_TX(tx_burst_full)

#ifdef RTE_ARCH_X86_64
GATED_TX(tx_burst_sse)
GATED_TX(tx_burst_full_sse)
#endif

int
txq_done_cleanup_gated(void *txq, uint32_t limit)
{
	struct txq *q = txq;
	int rc;

	if (!gate_enter(&q->gate))
		return 0;
	rc = txq_done_cleanup(q, limit);
	gate_leave(&q->gate);
	return rc;
}

static void
set_gates(const struct rte_eth_dev *dev, void (*set)(struct gate *gate))
{
	for (uint16_t i = 0; i < dev->data->nb_rx_queues; i++) {
		struct rxq *q = dev->data->rx_queues[i];

		if (q != NULL)
			set(&q->gate);
	}
	for (uint16_t i = 0; i < dev->data->nb_tx_queues; i++) {
		struct txq *q = dev->data->tx_queues[i];

		if (q != NULL)
			set(&q->gate);
	}
}

void
queues_close_gates(const struct rte_eth_dev *dev)
{
	set_gates(dev, gate_close);
}

void
queues_open_gates(const struct rte_eth_dev *dev)
{
	set_gates(dev, gate_open);
}

bool
queues_are_left(const struct rte_eth_dev *dev)
{
	for (uint16_t i = 0; i < dev->data->nb_rx_queues; i++) {
		struct rxq *q = dev->data->rx_queues[i];

		if (q != NULL && !gate_is_left(&q->gate))
			return false;
	}
	for (uint16_t i = 0; i < dev->data->nb_tx_queues; i++) {
		struct txq *q = dev->data->tx_queues[i];

		if (q != NULL && !gate_is_left(&q->gate))
			return false;
	}
	return true;
}
