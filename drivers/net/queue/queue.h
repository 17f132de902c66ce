/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The shared datapath as the PF and VF drivers see it: set-up, start, stop, bursts.
 *
 * The functions of the first group are dev_ops with ethdev's own signatures. Start and stop work
 * on all queues of the port, in the data sheet's order (82576 sheet, 3.6).
 */
#ifndef SLUICE_QUEUE_H
#define SLUICE_QUEUE_H

#include "dpdk_compat.h"

/** Largest frame - MTU: Ethernet header, one VLAN tag, CRC. */
#define QUEUE_FRAME_OVERHEAD (RTE_ETHER_HDR_LEN + RTE_VLAN_HLEN + RTE_ETHER_CRC_LEN)

/* Thresholds of a queue whose configuration leaves them 0; small rings get less. */
#define QUEUE_DEFAULT_GIVE_THRESH 32	/* Rx buffers given back at a time */
#define QUEUE_DEFAULT_RS_THRESH	  32	/* Tx descriptors per write-back */
#define QUEUE_DEFAULT_FREE_THRESH 32	/* free Tx descriptors below which to reclaim */

/* dev_ops. */
int rxq_setup(struct rte_eth_dev *dev, uint16_t id, uint16_t nb_desc, unsigned int socket,
	      const struct rte_eth_rxconf *conf, struct rte_mempool *pool);
int txq_setup(struct rte_eth_dev *dev, uint16_t id, uint16_t nb_desc, unsigned int socket,
	      const struct rte_eth_txconf *conf);
void rxq_release(struct rte_eth_dev *dev, uint16_t id);
void txq_release(struct rte_eth_dev *dev, uint16_t id);
void rxq_info_get(struct rte_eth_dev *dev, uint16_t id, struct rte_eth_rxq_info *info);
void txq_info_get(struct rte_eth_dev *dev, uint16_t id, struct rte_eth_txq_info *info);
/** Enable a queue; -EINVAL it is not set up, -ENOMEM, -EIO. Then it is stopped. */
int rxq_start(struct rte_eth_dev *dev, uint16_t id);
int txq_start(struct rte_eth_dev *dev, uint16_t id);
/** Disable a queue and free its mbufs. Harmless when it is not running. */
int rxq_stop(struct rte_eth_dev *dev, uint16_t id);
int txq_stop(struct rte_eth_dev *dev, uint16_t id);
int txq_done_cleanup(void *txq, uint32_t limit);
int queue_rx_burst_mode(struct rte_eth_dev *dev, uint16_t id, struct rte_eth_burst_mode *mode);
int queue_tx_burst_mode(struct rte_eth_dev *dev, uint16_t id, struct rte_eth_burst_mode *mode);
const uint32_t *queue_supported_types(struct rte_eth_dev *dev, size_t *nb);
PTYPES_GET_OP(queue_supported_types)
int queue_set_types(struct rte_eth_dev *dev, uint32_t mask);
/** Strip tags on one queue; families without such a switch take it as the port's setting. */
void queue_strip_vlan_set(struct rte_eth_dev *dev, uint16_t id, int on);

/**
 * The queues' part of vlan_offload_set: follow rxmode.offloads.
 *
 * @param mask  RTE_ETH_VLAN_*_MASK of what changed
 */
void queues_vlan_offload(struct rte_eth_dev *dev, int mask);

/** What a port's table of operations has of these. */
#define QUEUE_DEV_OPS \
	.rx_queue_setup = rxq_setup, \
	.tx_queue_setup = txq_setup, \
	.rx_queue_release = rxq_release, \
	.tx_queue_release = txq_release, \
	.rx_queue_start = rxq_start, \
	.rx_queue_stop = rxq_stop, \
	.tx_queue_start = txq_start, \
	.tx_queue_stop = txq_stop, \
	.tx_done_cleanup = txq_done_cleanup, \
	.get_monitor_addr = rxq_monitor, \
	.vlan_strip_queue_set = queue_strip_vlan_set, \
	.dev_supported_ptypes_get = queue_supported_types_op, \
	.dev_ptypes_set = queue_set_types, \
	QUEUE_INFO_OPS

/** And those of them that a secondary process may use. */
#define QUEUE_INFO_OPS \
	.rxq_info_get = rxq_info_get, \
	.txq_info_get = txq_info_get, \
	.rx_burst_mode_get = queue_rx_burst_mode, \
	.tx_burst_mode_get = queue_tx_burst_mode

/**
 * The queue-related members of dev_info, from the family's row. Offload capabilities are added
 * to what is there.
 */
void queue_dev_info(const struct rte_eth_dev *dev, struct rte_eth_dev_info *info);

/** Does a frame of @p max_frame bytes fit one mbuf of every Rx queue set up so far? */
bool queue_frame_fits(const struct rte_eth_dev *dev, uint32_t max_frame);

/**
 * Choose the burst functions from the configuration: scatter when a frame of the port's
 * max_frame may not fit one mbuf of an Rx queue, or when the application asked for it; and the
 * full ones when it asked for what only descriptors say. To be called at start, when all queues
 * are set up; in a secondary process, at probe.
 */
void queue_select_bursts(struct rte_eth_dev *dev);

/** A queue of a running port was set up or asked for more: go over to bursts that do more. */
void queue_widen_bursts(struct rte_eth_dev *dev);

/**
 * Fill the rings and enable every queue of the port but those whose start is deferred.
 *
 * @return 0; -ENOMEM out of mbufs; -EIO a queue did not come up. On failure all are stopped.
 */
int queues_start(struct rte_eth_dev *dev);

/** The port's max_frame changed: tell the running queues, where they have a limit each. */
void queues_set_max_frame(const struct rte_eth_dev *dev);

/** Disable every queue and free the mbufs it holds. Safe on a device that is gone. */
void queues_stop(struct rte_eth_dev *dev);

/** Free every queue of the port (dev_close). */
void queues_free(struct rte_eth_dev *dev);

/* Software counters: packets and bytes per queue, no_mbuf, as ethdev's stats want them. */
void queue_stats_add(const struct rte_eth_dev *dev, struct rte_eth_stats *stats,
		     struct eth_queue_stats *queues);
void queue_stats_reset(struct rte_eth_dev *dev);

typedef uint16_t queue_burst_t(void *queue, struct rte_mbuf **pkts, uint16_t nb_pkts);

/* Bursts, set by queue_select_bursts(). */
queue_burst_t rx_burst, rx_burst_full, rx_burst_scatter, rx_burst_scatter_full;
queue_burst_t tx_burst, tx_burst_full, tx_prepare;

/* With vectors, where the processor has them. */
queue_burst_t rx_burst_sse, rx_burst_full_sse, rx_burst_scatter_sse, rx_burst_scatter_full_sse;

queue_burst_t tx_burst_sse, tx_burst_full_sse;

/* The same behind gates (gate.h). */
queue_burst_t rx_burst_gated, rx_burst_full_gated, rx_burst_scatter_gated,
	rx_burst_scatter_full_gated;
queue_burst_t rx_burst_sse_gated, rx_burst_full_sse_gated, rx_burst_scatter_sse_gated,
	rx_burst_scatter_full_sse_gated;
queue_burst_t tx_burst_gated, tx_burst_full_gated, tx_burst_sse_gated, tx_burst_full_sse_gated;
int txq_done_cleanup_gated(void *txq, uint32_t limit);

/** Bursts that begin from now on do nothing and return 0; see also queues_are_left(). */
void queues_close_gates(const struct rte_eth_dev *dev);
void queues_open_gates(const struct rte_eth_dev *dev);
/** Closed before: has the last burst ended that was in? */
bool queues_are_left(const struct rte_eth_dev *dev);

/**
 * The device is gone: bursts of this process do nothing from the next one on, and no Rx queue can
 * be waited for.
 */
void queue_silence_bursts(struct rte_eth_dev *dev);

/* What fast-path callbacks of ethdev tell; set together with the bursts. */
rx_queue_count_t rxq_count(void *rxq);
int rxq_descriptor_status(void *rxq, uint16_t offset);
int txq_descriptor_status(void *txq, uint16_t offset);

/** What changes when the next frame comes (rte_eth_get_monitor_addr()). @return 0; -EINVAL */
int rxq_monitor(void *rxq, struct rte_power_monitor_cond *condition);

#endif /* SLUICE_QUEUE_H */
