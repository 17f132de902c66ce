/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* Which bursts a port has, and what decides it: offloads, packet types, frame size. */
#include <errno.h>

#include <rte_cpuflags.h>
#include <rte_mbuf.h>
#include <rte_vect.h>

#include "port.h"
#include "queue.h"
#include "rxq.h"
#include "txq.h"

/* The widest vectors that a process has; the queues are the same for all. */
enum width {
	WIDTH_ONE,	/* no vectors */
#ifdef RTE_ARCH_X86_64
	WIDTH_SSE,
#endif
	NB_WIDTHS,
};

#define ROW(burst, text) { { burst, burst##_gated }, text }

struct burst_row {
	queue_burst_t *burst[2];	/* not gated, gated */
	const char *name;
};

static const struct burst_row rx_bursts[][2][2] = {
	/* scattered, full */
	[WIDTH_ONE] = {
		{ ROW(rx_burst, "Plain"), ROW(rx_burst_full, "Full") },
		{ ROW(rx_burst_scatter, "Scattered"),
		  ROW(rx_burst_scatter_full, "Scattered, full") },
	},
#ifdef RTE_ARCH_X86_64
	[WIDTH_SSE] = {
		{ ROW(rx_burst_sse, "Plain, SSE"), ROW(rx_burst_full_sse, "Full, SSE") },
		{ ROW(rx_burst_scatter_sse, "Scattered, SSE"),
		  ROW(rx_burst_scatter_full_sse, "Scattered, full, SSE") },
	},
#endif
};

static const struct burst_row tx_bursts[][2] = {
	/* full */
	[WIDTH_ONE] = { ROW(tx_burst, "Plain"), ROW(tx_burst_full, "Full") },
#ifdef RTE_ARCH_X86_64
	[WIDTH_SSE] = { ROW(tx_burst_sse, "Plain, SSE"), ROW(tx_burst_full_sse, "Full, SSE") },
#endif
};

/* What the processor has, as far as --force-max-simd-bitwidth allows. */
static enum width
widest(void)
{
#ifdef RTE_ARCH_X86_64
	if (rte_vect_get_max_simd_bitwidth() >= RTE_VECT_SIMD_128 &&
	    rte_cpu_get_flag_enabled(RTE_CPUFLAG_SSE4_2) == 1)
		return WIDTH_SSE;
#endif
	return WIDTH_ONE;
}

static bool
rx_wants_full(const struct rte_eth_dev *dev)
{
	const struct port *port = dev->data->dev_private;

	for (uint16_t i = 0; i < dev->data->nb_rx_queues; i++) {
		const struct rxq *q = dev->data->rx_queues[i];
		struct rx_wishes wishes;

		if (q == NULL)
			continue;
		wishes = rxq_wishes(port, q);
		if (rx_wishes_any(&wishes))
			return true;
	}
	return false;
}

static bool
rx_wants_scatter(const struct rte_eth_dev *dev)
{
	const struct port *port = dev->data->dev_private;
	uint64_t offloads = dev->data->dev_conf.rxmode.offloads;

	for (uint16_t i = 0; i < dev->data->nb_rx_queues; i++) {
		const struct rxq *q = dev->data->rx_queues[i];

		offloads |= q != NULL ? q->offloads : 0;
	}
	return (offloads & RTE_ETH_RX_OFFLOAD_SCATTER) != 0 ||
		!queue_frame_fits(dev, port->max_frame);
}

static bool
tx_wants_full(const struct rte_eth_dev *dev)
{
	for (uint16_t i = 0; i < dev->data->nb_tx_queues; i++) {
		const struct txq *q = dev->data->tx_queues[i];

		if (q != NULL && q->requests != 0)
			return true;
	}
	return false;
}

static const struct burst_row *
rx_row_of(const struct rte_eth_dev *dev, enum width width)
{
	const struct port *port = dev->data->dev_private;

	return &rx_bursts[width][dev->data->scattered_rx][port->rx_full];
}

static const struct burst_row *
tx_row_of(const struct rte_eth_dev *dev, enum width width)
{
	const struct port *port = dev->data->dev_private;

	return &tx_bursts[width][port->tx_full];
}

static void
set_bursts(struct rte_eth_dev *dev)
{
	const struct port *port = dev->data->dev_private;

	dev->rx_pkt_burst = rx_row_of(dev, widest())->burst[port->gated];
	dev->tx_pkt_burst = tx_row_of(dev, widest())->burst[port->gated];
}

void
queue_select_bursts(struct rte_eth_dev *dev)
{
	struct port *port = dev->data->dev_private;

	/* A secondary process follows the primary's choice. */
	if (rte_eal_process_type() == RTE_PROC_PRIMARY) {
		port->silent = false;
		dev->data->scattered_rx = rx_wants_scatter(dev);
		port->rx_full = rx_wants_full(dev);
		port->tx_full = tx_wants_full(dev);
	}
	set_bursts(dev);
	dev->tx_pkt_prepare = tx_prepare;
	dev->rx_queue_count = rxq_count;
	dev->rx_descriptor_status = rxq_descriptor_status;
	dev->tx_descriptor_status = txq_descriptor_status;
}

/*
 * A running port only ever gets a burst that does more: all of them work on the same queues, and
 * the one that is running may go on.
 */
void
queue_widen_bursts(struct rte_eth_dev *dev)
{
	struct port *port = dev->data->dev_private;
	struct rte_eth_fp_ops *ops = &rte_eth_fp_ops[dev->data->port_id];

	if (!dev->data->dev_started)
		return;
	dev->data->scattered_rx |= rx_wants_scatter(dev);
	port->rx_full |= rx_wants_full(dev);
	port->tx_full |= tx_wants_full(dev);
	set_bursts(dev);
	ops->rx_pkt_burst = dev->rx_pkt_burst;
	ops->tx_pkt_burst = dev->tx_pkt_burst;
}

void
queue_silence_bursts(struct rte_eth_dev *dev)
{
	struct rte_eth_fp_ops *ops = &rte_eth_fp_ops[dev->data->port_id];
	struct port *port = dev->data->dev_private;

	port->silent = true;
	dev->rx_pkt_burst = rte_eth_pkt_burst_dummy;
	dev->tx_pkt_burst = rte_eth_pkt_burst_dummy;
	if (!dev->data->dev_started)
		return;
	ops->rx_pkt_burst = rte_eth_pkt_burst_dummy;
	ops->tx_pkt_burst = rte_eth_pkt_burst_dummy;
}

/* Which width has the port? What is allowed may have changed since it started. */
static int
tell_mode(const struct rte_eth_dev *dev, queue_burst_t *burst, struct rte_eth_burst_mode *mode,
	  const struct burst_row *(*row_of)(const struct rte_eth_dev *dev, enum width width))
{
	const struct port *port = dev->data->dev_private;
	enum width width = widest();

	for (enum width i = WIDTH_ONE; i < NB_WIDTHS; i++)
		if (row_of(dev, i)->burst[port->gated] == burst)
			width = i;
	snprintf(mode->info, sizeof(mode->info), "%s", row_of(dev, width)->name);
	return 0;
}

int
queue_rx_burst_mode(struct rte_eth_dev *dev, uint16_t id, struct rte_eth_burst_mode *mode)
{
	RTE_SET_USED(id);
	return tell_mode(dev, dev->rx_pkt_burst, mode, rx_row_of);
}

int
queue_tx_burst_mode(struct rte_eth_dev *dev, uint16_t id, struct rte_eth_burst_mode *mode)
{
	RTE_SET_USED(id);
	return tell_mode(dev, dev->tx_pkt_burst, mode, tx_row_of);
}

static void
refresh(struct rte_eth_dev *dev)
{
	for (uint16_t i = 0; i < dev->data->nb_rx_queues; i++)
		if (dev->data->rx_queues[i] != NULL)
			rxq_refresh(dev, i);
	queue_widen_bursts(dev);
}

const uint32_t *
queue_supported_types(struct rte_eth_dev *dev, size_t *nb)
{
	const struct port *port = dev->data->dev_private;
	const uint32_t *types = rx_decode_types(port->family);

	for (*nb = 0; types[*nb] != RTE_PTYPE_UNKNOWN;)
		++*nb;
	return types;
}

int
queue_set_types(struct rte_eth_dev *dev, uint32_t mask)
{
	struct port *port = dev->data->dev_private;

	port->types_off = ~mask;
	refresh(dev);
	return 0;
}

static void
strip(struct rte_eth_dev *dev, uint16_t id, bool on)
{
	struct rxq *q = dev->data->rx_queues[id];

	if (q == NULL)
		return;
	q->offloads &= ~RTE_ETH_RX_OFFLOAD_VLAN_STRIP;
	if (on)
		q->offloads |= RTE_ETH_RX_OFFLOAD_VLAN_STRIP;
}

void
queue_strip_vlan_set(struct rte_eth_dev *dev, uint16_t id, int on)
{
	strip(dev, id, on != 0);
	refresh(dev);
}

void
queues_vlan_offload(struct rte_eth_dev *dev, int mask)
{
	uint64_t offloads = dev->data->dev_conf.rxmode.offloads;

	if ((mask & RTE_ETH_VLAN_STRIP_MASK) == 0)
		return;
	for (uint16_t i = 0; i < dev->data->nb_rx_queues; i++)
		strip(dev, i, (offloads & RTE_ETH_RX_OFFLOAD_VLAN_STRIP) != 0);
	for (uint16_t i = 0; i < dev->data->nb_tx_queues; i++)
		if (dev->data->tx_queues[i] != NULL)
			txq_choose_inserter(dev, i);
	refresh(dev);
}

void
queues_set_max_frame(const struct rte_eth_dev *dev)
{
	for (uint16_t i = 0; i < dev->data->nb_rx_queues; i++)
		if (dev->data->rx_queues[i] != NULL)
			rxq_refresh(dev, i);
}
