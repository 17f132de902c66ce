/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <rte_mbuf.h>

#include "port.h"
#include "queue.h"
#include "queue_log.h"
#include "ring_start.h"
#include "rxq.h"
#include "txq.h"

RTE_LOG_REGISTER(sluice_logtype_queue, pmd.net.sluice.queue, NOTICE)

#define DEFAULT_RING  512
#define DEFAULT_BURST 32

void
queue_dev_info(const struct rte_eth_dev *dev, struct rte_eth_dev_info *info)
{
	const struct port *port = dev->data->dev_private;
	const struct family *family = port->family;
	struct rte_eth_desc_lim limits = {
		.nb_max = family->nb_desc_max,
		.nb_min = family->nb_desc_min,
		.nb_align = family->nb_desc_align,
		.nb_seg_max = family->max_tx_segments,
		.nb_mtu_seg_max = family->max_tx_segments,
	};
	struct rte_eth_dev_portconf defaults = {
		.burst_size = DEFAULT_BURST, .ring_size = DEFAULT_RING, .nb_queues = 1,
	};
	const struct rte_eth_thresh any = { 0 };

	info->max_rx_queues = port_queues(port).rx;
	info->max_tx_queues = port_queues(port).tx;
	info->min_rx_bufsize = 1024;	/* the unit of SRRCTL's buffer size */
	info->max_rx_pktlen = family->max_frame_bytes;
	info->max_mtu = family->max_frame_bytes - QUEUE_FRAME_OVERHEAD;
	info->min_mtu = RTE_ETHER_MIN_MTU;
	info->rx_desc_lim = limits;
	info->tx_desc_lim = limits;
	info->default_rxportconf = defaults;
	info->default_txportconf = defaults;
	info->rx_queue_offload_capa |= family->rx_queue_offloads;
	info->rx_offload_capa |= family->rx_queue_offloads;
	if (port_is_alone(port))
		info->rx_offload_capa |= family->rx_alone_offloads;
	info->tx_queue_offload_capa |= family->tx_queue_offloads;
	info->tx_offload_capa |= family->tx_queue_offloads;
	info->dev_capa |= RTE_ETH_DEV_CAPA_RUNTIME_RX_QUEUE_SETUP |
		RTE_ETH_DEV_CAPA_RUNTIME_TX_QUEUE_SETUP;
	info->default_rxconf.rx_thresh = ring_thresholds_fit(family->rxdctl_thresholds,
							     &family->rxdctl_choice, &any);
	info->default_rxconf.rx_free_thresh = QUEUE_DEFAULT_GIVE_THRESH;
	info->default_rxconf.rx_drop_en = family->rx_always_drop;
	info->default_txconf.tx_thresh = ring_thresholds_fit(family->txdctl_thresholds,
							     &family->txdctl_choice, &any);
	info->default_txconf.tx_rs_thresh = QUEUE_DEFAULT_RS_THRESH;
	info->default_txconf.tx_free_thresh = QUEUE_DEFAULT_FREE_THRESH;
}

bool
queue_frame_fits(const struct rte_eth_dev *dev, uint32_t max_frame)
{
	for (uint16_t i = 0; i < dev->data->nb_rx_queues; i++) {
		const struct rxq *q = dev->data->rx_queues[i];

		if (q != NULL && max_frame > (uint32_t)q->buffer_kb * 1024)
			return false;
	}
	return true;
}

static bool
is_rx_deferred(const struct rte_eth_dev *dev, uint16_t id)
{
	const struct rxq *q = dev->data->rx_queues[id];

	return q != NULL && q->deferred;
}

static bool
is_tx_deferred(const struct rte_eth_dev *dev, uint16_t id)
{
	const struct txq *q = dev->data->tx_queues[id];

	return q != NULL && q->deferred;
}

int
queues_start(struct rte_eth_dev *dev)
{
	int rc = 0;

	for (uint16_t i = 0; i < dev->data->nb_tx_queues && rc == 0; i++)
		rc = is_tx_deferred(dev, i) ? 0 : txq_start(dev, i);
	for (uint16_t i = 0; i < dev->data->nb_rx_queues && rc == 0; i++)
		rc = is_rx_deferred(dev, i) ? 0 : rxq_start(dev, i);
	if (rc < 0)
		queues_stop(dev);
	return rc;
}

void
queues_stop(struct rte_eth_dev *dev)
{
	for (uint16_t i = 0; i < dev->data->nb_rx_queues; i++)
		rxq_stop(dev, i);
	for (uint16_t i = 0; i < dev->data->nb_tx_queues; i++)
		txq_stop(dev, i);
}

void
queues_free(struct rte_eth_dev *dev)
{
	for (uint16_t i = 0; i < dev->data->nb_rx_queues; i++)
		rxq_release(dev, i);
	for (uint16_t i = 0; i < dev->data->nb_tx_queues; i++)
		txq_release(dev, i);
	dev->data->nb_rx_queues = 0;
	dev->data->nb_tx_queues = 0;
}

/*
 * What the device dropped for lack of buffers. Reading the register clears it: a secondary process
 * shows what the primary read last.
 */
static void
read_dropped(const struct rte_eth_dev *dev, uint16_t id)
{
	const struct port *port = dev->data->dev_private;
	const struct family *family = port->family;
	struct rxq *q = dev->data->rx_queues[id];
	uint32_t value;

	if (family->rxq_dropped == 0 || rte_eal_process_type() != RTE_PROC_PRIMARY ||
	    dev->data->rx_queue_state[id] != RTE_ETH_QUEUE_STATE_STARTED)
		return;
	value = reg_read(&port->io, queue_reg(&family->rxq, port_hw_queue(port, id),
					      family->rxq_dropped));
	if (value != REG_ALL_ONES)
		q->dropped += field_get(family->rxq_dropped_count, value);
}

static void
add_rx(const struct rte_eth_dev *dev, uint16_t id, struct rte_eth_stats *stats,
       struct eth_queue_stats *queues)
{
	const struct rxq *q = dev->data->rx_queues[id];
	uint64_t packets = q->count.packets - q->base.packets;
	uint64_t bytes = q->count.bytes - q->base.bytes;
	uint64_t errors = q->count.errors - q->base.errors;

	read_dropped(dev, id);
	stats->ipackets += packets;
	stats->ibytes += bytes;
	stats->ierrors += errors;
	stats->imissed += q->dropped;
	stats->rx_nombuf += q->count.no_mbuf - q->base.no_mbuf;
	if (queues != NULL && id < RTE_ETHDEV_QUEUE_STAT_CNTRS) {
		queues->q_ipackets[id] = packets;
		queues->q_ibytes[id] = bytes;
		queues->q_errors[id] = errors + q->dropped;
	}
}

static void
add_tx(const struct rte_eth_dev *dev, uint16_t id, struct rte_eth_stats *stats,
       struct eth_queue_stats *queues)
{
	const struct txq *q = dev->data->tx_queues[id];
	uint64_t packets = q->count.packets - q->base.packets;
	uint64_t bytes = q->count.bytes - q->base.bytes;

	stats->opackets += packets;
	stats->obytes += bytes;
	stats->oerrors += q->count.errors - q->base.errors;
	if (queues != NULL && id < RTE_ETHDEV_QUEUE_STAT_CNTRS) {
		queues->q_opackets[id] = packets;
		queues->q_obytes[id] = bytes;
	}
}

void
queue_stats_add(const struct rte_eth_dev *dev, struct rte_eth_stats *stats,
		struct eth_queue_stats *queues)
{
	for (uint16_t i = 0; i < dev->data->nb_rx_queues; i++)
		if (dev->data->rx_queues[i] != NULL)
			add_rx(dev, i, stats, queues);
	for (uint16_t i = 0; i < dev->data->nb_tx_queues; i++)
		if (dev->data->tx_queues[i] != NULL)
			add_tx(dev, i, stats, queues);
}

/* The counters themselves belong to the bursts, which may be running: remember where they are. */
void
queue_stats_reset(struct rte_eth_dev *dev)
{
	for (uint16_t i = 0; i < dev->data->nb_rx_queues; i++) {
		struct rxq *q = dev->data->rx_queues[i];

		if (q == NULL)
			continue;
		read_dropped(dev, i);
		q->base = q->count;
		q->dropped = 0;
	}
	for (uint16_t i = 0; i < dev->data->nb_tx_queues; i++) {
		struct txq *q = dev->data->tx_queues[i];

		if (q != NULL)
			q->base = q->count;
	}
}
