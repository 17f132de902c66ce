/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <string.h>

#include <rte_malloc.h>
#include <rte_mbuf.h>
#include <rte_memzone.h>

#include "queue.h"
#include "queue_log.h"
#include "ring_start.h"
#include "tx_order.h"
#include "tx_run.h"
#include "txq.h"

void
txq_set_offloads(struct txq *q, uint64_t offloads)
{
	q->offloads = offloads;
	q->requests = tx_requests(offloads);
	q->fast_free = (offloads & RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE) != 0;
}

void
txq_set_limits(struct txq *q, const struct family *family, uint16_t rs_thresh,
	       uint16_t free_thresh)
{
	/* Four write-backs per round of the ring, so that some of it is always coming back. */
	q->rs_thresh = RTE_MIN(rs_thresh, q->size / 4);
	/* Runs of frames are not cut for a mark at once: it may come nearly twice as late. */
	q->rs_limit = 2 * q->rs_thresh - 1;
	if (family->max_rs_thresh != 0) {
		q->rs_thresh = RTE_MIN(q->rs_thresh, family->max_rs_thresh);
		q->rs_limit = RTE_MIN(q->rs_limit,
				      family->max_rs_thresh - 1 + family->max_tx_segments);
	}
	q->free_thresh = RTE_MIN(free_thresh, q->size / 2);
	/*
	 * Up to rs_thresh - 1 descriptors wait for a mark that a later frame will set; a frame
	 * that needs their slots would wait for itself. One may need a context besides.
	 */
	q->max_segments = RTE_MIN(family->max_tx_segments,
				  q->size - q->rs_thresh - (q->requests != 0));
	q->max_buffer = family->max_tx_buffer;
	q->tso = family->tso;
	q->outer_sum = family->txd_outer_sum;
	q->nvgre = family->txd_nvgre;
	q->context_toggle = family->txd_default_context[2] == 0;
	q->status = family->txd_status;
	q->min_bytes = family->min_tx_bytes;
	q->bytes_span = family->max_frame_bytes - RTE_ETHER_CRC_LEN - q->min_bytes;
}

void
txq_clear(struct txq *q)
{
	q->next = 0;
	q->reclaim = 0;
	q->nb_free = q->size - 1;
	q->unmarked = 0;
	q->mark_first = 0;
	q->mark_next = 0;
	q->nb_marks = 0;
	q->has_chains = false;
	q->mixed = 0;
	q->pool = NULL;
	memset(q->context, 0, sizeof(q->context));
	q->context_at = 1;
	tx_alike_nothing(q, q->requests);
}

void
txq_put_default_context(struct txq *q, const struct family *family)
{
	const uint32_t *word = family->txd_default_context;
	volatile union tx_desc *desc = &q->ring[q->next];

	if (word[2] == 0)
		return;
	desc->read.buffer = rte_cpu_to_le_64((uint64_t)word[1] << 32 | word[0]);
	desc->read.command = rte_cpu_to_le_32(word[2]);
	desc->read.status = rte_cpu_to_le_32(word[3]);
	/* It never reports back: the mark of a later frame covers it. */
	q->mbufs[q->next] = NULL;
	q->next = ring_next(q->next, q->size);
	q->nb_free--;
	q->unmarked++;
	note_mixed(q);
}

void
txq_free_frames(struct txq *q)
{
	for (; q->reclaim != q->next; q->reclaim = ring_next(q->reclaim, q->size))
		rte_pktmbuf_free(q->mbufs[q->reclaim]);
	txq_clear(q);
}

/* A queue that does not run takes no frame, should somebody send one. */
static void
txq_close(struct txq *q)
{
	txq_clear(q);
	q->nb_free = 0;
}

static struct txq *
txq_create(struct rte_eth_dev *dev, uint16_t id, uint16_t nb_desc, unsigned int socket)
{
	struct txq *q;

	q = rte_zmalloc_socket("sluice_txq", sizeof(*q), RTE_CACHE_LINE_SIZE, socket);
	if (q == NULL)
		goto no_memory;
	q->mbufs = rte_calloc_socket("sluice_txq_mbufs", nb_desc, sizeof(*q->mbufs), 0, socket);
	if (q->mbufs == NULL)
		goto free_queue;
	q->marks = rte_calloc_socket("sluice_txq_marks", nb_desc, sizeof(*q->marks), 0, socket);
	if (q->marks == NULL)
		goto free_mbufs;
	q->ring_mz = rte_eth_dma_zone_reserve(dev, "sluice_tx", id, nb_desc * sizeof(*q->ring),
					      RING_ALIGN_BYTES, socket);
	if (q->ring_mz == NULL)
		goto free_marks;
	q->ring = q->ring_mz->addr;
	q->size = nb_desc;
	return q;

free_marks:
	rte_free(q->marks);
free_mbufs:
	rte_free(q->mbufs);
free_queue:
	rte_free(q);
no_memory:
	QUEUE_LOG(ERR, "port %u tx queue %u: no memory for %u descriptors",
		  dev->data->port_id, id, nb_desc);
	return NULL;
}

int
txq_setup(struct rte_eth_dev *dev, uint16_t id, uint16_t nb_desc, unsigned int socket,
	  const struct rte_eth_txconf *conf)
{
	const struct port *port = dev->data->dev_private;
	const struct family *family = port->family;
	struct reg tail = queue_reg(&family->txq, port_hw_queue(port, id), TXQ_TDT);
	uint16_t rs_thresh = conf->tx_rs_thresh != 0 ?
		conf->tx_rs_thresh : QUEUE_DEFAULT_RS_THRESH;
	uint16_t free_thresh = conf->tx_free_thresh != 0 ?
		conf->tx_free_thresh : QUEUE_DEFAULT_FREE_THRESH;
	struct txq *q;

	q = txq_create(dev, id, nb_desc, socket);
	if (q == NULL)
		return -ENOMEM;

	q->tail = port->io.bar + tail.offset;
	txq_set_offloads(q, conf->offloads | dev->data->dev_conf.txmode.offloads);
	txq_set_limits(q, family, rs_thresh, free_thresh);
	q->thresholds = ring_thresholds_fit(family->txdctl_thresholds, &family->txdctl_choice,
					    &conf->tx_thresh);
	q->deferred = conf->tx_deferred_start;
	txq_close(q);
	dev->data->tx_queues[id] = q;
	dev->data->tx_queue_state[id] = RTE_ETH_QUEUE_STATE_STOPPED;
	queue_widen_bursts(dev);
	return 0;
}

void
txq_release(struct rte_eth_dev *dev, uint16_t id)
{
	struct txq *q = dev->data->tx_queues[id];

	if (q == NULL)
		return;
	dev->data->tx_queues[id] = NULL;
	rte_memzone_free(q->ring_mz);
	rte_free(q->marks);
	rte_free(q->mbufs);
	rte_free(q);
}

void
txq_choose_inserter(const struct rte_eth_dev *dev, uint16_t id)
{
	const struct port *port = dev->data->dev_private;
	struct txq *q = dev->data->tx_queues[id];
	uint64_t offloads = dev->data->dev_conf.rxmode.offloads;

	q->insert_by_software = port->family->insert_needs_strip && port_is_alone(port) &&
		(offloads & RTE_ETH_RX_OFFLOAD_VLAN_STRIP) == 0;
}

static int
txq_program(const struct port *port, const struct txq *q, uint16_t hw_queue)
{
	const struct family *family = port->family;
	struct ring ring = {
		.bank = &family->txq,
		.queue = hw_queue,
		.address = q->ring_mz->iova,
		.bytes = q->size * sizeof(*q->ring),
		.control = ring_thresholds_word(family->txdctl_thresholds, &family->txdctl_choice,
						&q->thresholds),
	};
	int rc;

	rc = ring_load(&port->io, &ring);
	if (rc < 0)
		return rc;
	/* A reset leaves these alone: the last owner may have had heads written to its memory. */
	reg_write(&port->io, queue_reg(ring.bank, hw_queue, TXQ_TDWBAL), 0);
	reg_write(&port->io, queue_reg(ring.bank, hw_queue, TXQ_TDWBAH), 0);
	if (family->txq_dca != 0)
		reg_update(&port->io, queue_reg(ring.bank, hw_queue, family->txq_dca),
			   family->txq_relaxed, 0);
	return ring_enable(&port->io, &ring);
}

int
txq_start(struct rte_eth_dev *dev, uint16_t id)
{
	const struct port *port = dev->data->dev_private;
	struct txq *q = dev->data->tx_queues[id];
	int rc;

	if (q == NULL) {
		QUEUE_LOG(ERR, "port %u tx queue %u: not set up", dev->data->port_id, id);
		return -EINVAL;
	}
	rc = txq_program(port, q, port_hw_queue(port, id));
	if (rc < 0) {
		QUEUE_LOG(ERR, "port %u tx queue %u: does not come up: %s",
			  dev->data->port_id, id, rte_strerror(-rc));
		ring_disable(&port->io, &port->family->txq, port_hw_queue(port, id));
		return rc;
	}
	txq_clear(q);
	txq_choose_inserter(dev, id);
	txq_put_default_context(q, port->family);
	if (q->next != 0)
		rte_write32(rte_cpu_to_le_32(q->next), q->tail);
	dev->data->tx_queue_state[id] = RTE_ETH_QUEUE_STATE_STARTED;
	return 0;
}

int
txq_stop(struct rte_eth_dev *dev, uint16_t id)
{
	const struct port *port = dev->data->dev_private;
	struct txq *q = dev->data->tx_queues[id];

	if (q == NULL || dev->data->tx_queue_state[id] != RTE_ETH_QUEUE_STATE_STARTED)
		return 0;
	dev->data->tx_queue_state[id] = RTE_ETH_QUEUE_STATE_STOPPED;
	if (ring_disable(&port->io, &port->family->txq, port_hw_queue(port, id)) < 0)
		QUEUE_LOG(WARNING, "port %u tx queue %u: stays enabled", dev->data->port_id, id);
	txq_free_frames(q);
	txq_close(q);
	return 0;
}

void
txq_info_get(struct rte_eth_dev *dev, uint16_t id, struct rte_eth_txq_info *info)
{
	const struct txq *q = dev->data->tx_queues[id];

	info->nb_desc = q->size;
	info->queue_state = dev->data->tx_queue_state[id];
	info->conf.tx_thresh = q->thresholds;
	info->conf.tx_rs_thresh = q->rs_thresh;
	info->conf.tx_free_thresh = q->free_thresh;
	info->conf.tx_deferred_start = q->deferred;
	info->conf.offloads = q->offloads;
}
