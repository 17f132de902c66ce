/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <string.h>

#include <rte_malloc.h>
#include <rte_mbuf.h>
#include <rte_memzone.h>

#include "queue.h"
#include "queue_interrupts.h"
#include "queue_log.h"
#include "ring_start.h"
#include "rxq.h"

#define KB 1024

uint16_t
rxq_buffer_kb(const struct family *family, uint16_t data_room)
{
	uint16_t kb = data_room < RTE_PKTMBUF_HEADROOM ?
		0 : (data_room - RTE_PKTMBUF_HEADROOM) / KB;

	return RTE_MIN(kb, family->buffer_kb_max);
}

void
rxq_set_limits(struct rxq *q, const struct family *family, uint16_t kb)
{
	q->buffer_kb = kb;
	q->buffer_bytes = kb * KB;
	q->max_segments = (family->max_frame_bytes + q->buffer_bytes - 1) / q->buffer_bytes;
}

uint16_t
rxq_give_thresh(uint16_t size, uint16_t wanted)
{
	uint16_t thresh = wanted != 0 ? wanted : QUEUE_DEFAULT_GIVE_THRESH;

	/* With more than half of the ring held back, the device would run out too early. */
	return RTE_MIN(thresh, size / 2);
}

uint16_t
rxq_low_threshold(const struct family *family, uint16_t size)
{
	uint32_t steps = size / 2 / family->low_threshold_unit;

	return RTE_MIN(steps, field_get(family->srrctl_low_threshold, UINT32_MAX)) *
	       family->low_threshold_unit;
}

uint64_t
rxq_rearm_word(uint16_t port_id)
{
	struct rte_mbuf m = {
		.data_off = RTE_PKTMBUF_HEADROOM,
		.nb_segs = 1,
		.port = port_id,
	};

	uint64_t word;

	rte_mbuf_refcnt_set(&m, 1);
	memcpy(&word, (const uint8_t *)&m + REARM_OFFSET, sizeof(word));
	return word;
}

static int
check_pool(const struct rte_eth_dev *dev, uint16_t id, struct rte_mempool *pool)
{
	const struct port *port = dev->data->dev_private;
	uint16_t data_room = rte_pktmbuf_data_room_size(pool);

	if (rxq_buffer_kb(port->family, data_room) == 0) {
		QUEUE_LOG(ERR, "port %u rx queue %u: mbufs of pool %s have a data room of %u bytes,"
			  " %u are needed", dev->data->port_id, id, pool->name, data_room,
			  RTE_PKTMBUF_HEADROOM + KB);
		return -EINVAL;
	}
	return 0;
}

/* Is the distance from an mbuf to the bus address of its data the same all over a pool? */
struct distance {
	uint64_t bytes;
	bool known, differs;
};

static void
measure_distance(struct rte_mempool *pool, void *opaque, void *obj, unsigned int index)
{
	struct distance *distance = opaque;
	const struct rte_mbuf *m = obj;
	/* Data that is attached now is not what a fresh mbuf has. */
	uint64_t data = RTE_MBUF_DIRECT(m) ? m->buf_iova :
		rte_mempool_virt2iova(m) + sizeof(*m) + rte_pktmbuf_priv_size(pool);
	uint64_t bytes = data + RTE_PKTMBUF_HEADROOM - (uintptr_t)m;

	RTE_SET_USED(index);
	distance->differs |= distance->known && bytes != distance->bytes;
	distance->bytes = bytes;
	distance->known = true;
}

/* With bus addresses that are virtual ones it is; unless the data is in memory of its own. */
void
rxq_set_pool(struct rxq *q, struct rte_mempool *pool)
{
	struct distance distance = { .known = false };

	rte_mempool_obj_iter(pool, measure_distance, &distance);
	q->pool = pool;
	q->data_distance = distance.bytes;
	q->data_is_near = distance.known && !distance.differs &&
		pool->populated_size == pool->size &&
		(rte_pktmbuf_priv_flags(pool) & RTE_PKTMBUF_POOL_F_PINNED_EXT_BUF) == 0;
}

static void
spread(uint32_t words[4], uint32_t word)
{
	for (unsigned int i = 0; i < 4; i++)
		words[i] = word;
}

void
rxq_set_wishes(struct rxq *q, const struct family *family, const struct rx_wishes *wishes)
{
	rx_decode_fill(&q->decode, family, wishes);
	spread(q->same.status, RXD_DD | RXD_EOP);
	spread(q->same.status_mask,
	       RXD_DD | RXD_EOP | q->error_bits | q->decode.vlan_swapped);
	spread(q->same.limit, UINT32_C(0xffff0000) | q->buffer_bytes);
	spread(q->same.special, q->decode.type_special);
	q->same.rearm[0] = q->rearm;
}

static struct rxq *
rxq_create(struct rte_eth_dev *dev, uint16_t id, uint16_t nb_desc, unsigned int socket)
{
	struct rxq *q;

	q = rte_zmalloc_socket("sluice_rxq", sizeof(*q), RTE_CACHE_LINE_SIZE, socket);
	if (q == NULL)
		goto no_memory;
	q->mbufs = rte_calloc_socket("sluice_rxq_mbufs", nb_desc, sizeof(*q->mbufs), 0, socket);
	if (q->mbufs == NULL)
		goto free_queue;
	q->ring_mz = rte_eth_dma_zone_reserve(dev, "sluice_rx", id, nb_desc * sizeof(*q->ring),
					      RING_ALIGN_BYTES, socket);
	if (q->ring_mz == NULL)
		goto free_mbufs;
	q->ring = q->ring_mz->addr;
	q->size = nb_desc;
	q->holes = nb_desc;
	return q;

free_mbufs:
	rte_free(q->mbufs);
free_queue:
	rte_free(q);
no_memory:
	QUEUE_LOG(ERR, "port %u rx queue %u: no memory for %u descriptors",
		  dev->data->port_id, id, nb_desc);
	return NULL;
}

int
rxq_setup(struct rte_eth_dev *dev, uint16_t id, uint16_t nb_desc, unsigned int socket,
	  const struct rte_eth_rxconf *conf, struct rte_mempool *pool)
{
	const struct port *port = dev->data->dev_private;
	const struct family *family = port->family;
	struct reg tail = queue_reg(&family->rxq, port_hw_queue(port, id), RXQ_RDT);
	struct rxq *q;
	int rc;

	rc = check_pool(dev, id, pool);
	if (rc < 0)
		return rc;
	q = rxq_create(dev, id, nb_desc, socket);
	if (q == NULL)
		return -ENOMEM;

	rxq_set_pool(q, pool);
	q->tail = port->io.bar + tail.offset;
	q->rearm = rxq_rearm_word(dev->data->port_id);
	q->error_bits = family->rxd_errors;
	q->wanted_give_thresh = rxq_give_thresh(nb_desc, conf->rx_free_thresh);
	q->give_thresh = RXQ_GIVE_NEVER;
	q->thresholds = ring_thresholds_fit(family->rxdctl_thresholds, &family->rxdctl_choice,
					    &conf->rx_thresh);
	q->offloads = conf->offloads | dev->data->dev_conf.rxmode.offloads;
	q->deferred = conf->rx_deferred_start;
	rxq_set_limits(q, family, rxq_buffer_kb(family, rte_pktmbuf_data_room_size(pool)));
	/* A queue without DROP_EN stalls the others of its port, and of the other functions. */
	q->drop = conf->rx_drop_en || family->rx_always_drop || dev->data->nb_rx_queues > 1;
	dev->data->rx_queues[id] = q;
	dev->data->rx_queue_state[id] = RTE_ETH_QUEUE_STATE_STOPPED;
	queue_widen_bursts(dev);
	return 0;
}

void
rxq_release(struct rte_eth_dev *dev, uint16_t id)
{
	struct rxq *q = dev->data->rx_queues[id];

	if (q == NULL)
		return;
	dev->data->rx_queues[id] = NULL;
	rte_memzone_free(q->ring_mz);
	rte_free(q->mbufs);
	rte_free(q);
}

/* Back to a ring without a single buffer. */
static void
rxq_empty(struct rxq *q)
{
	for (; q->holes < q->size; q->holes++) {
		rte_mbuf_raw_free(q->mbufs[q->next]);
		q->next = ring_next(q->next, q->size);
	}
	rte_pktmbuf_free(q->head);
	q->head = NULL;
	q->skipping = false;
	q->next = 0;
	q->give = 0;
	q->give_thresh = RXQ_GIVE_NEVER;
}

struct rx_wishes
rxq_wishes(const struct port *port, const struct rxq *q)
{
	struct rx_wishes wishes = { .offloads = q->offloads, .types_off = port->types_off };

	/* A port VLAN's tag is taken off, but none of the application's business. */
	if (port->strip_vlan)
		wishes.offloads &= ~RTE_ETH_RX_OFFLOAD_VLAN_STRIP;
	return wishes;
}

/* RXDCTL but for its enable bit. */
static uint32_t
rxq_control(const struct port *port, const struct rxq *q)
{
	const struct family *family = port->family;
	uint32_t word = ring_thresholds_word(family->rxdctl_thresholds, &family->rxdctl_choice,
					     &q->thresholds);

	if (family->rxdctl_max_frame != 0)
		word = field_set(family->rxdctl_max_frame, word | family->rxdctl_max_frame_enable,
				 port->max_frame);
	if (port->strip_vlan || (q->offloads & RTE_ETH_RX_OFFLOAD_VLAN_STRIP) != 0)
		word |= family->rxdctl_strip_vlan;
	return word;
}

void
rxq_refresh(const struct rte_eth_dev *dev, uint16_t id)
{
	const struct port *port = dev->data->dev_private;
	const struct family *family = port->family;
	struct rxq *q = dev->data->rx_queues[id];
	struct rx_wishes wishes = rxq_wishes(port, q);

	rxq_set_wishes(q, family, &wishes);
	if (dev->data->rx_queue_state[id] == RTE_ETH_QUEUE_STATE_STARTED)
		reg_write(&port->io, queue_reg(&family->rxq, port_hw_queue(port, id), RXQ_RXDCTL),
			  rxq_control(port, q) | QUEUE_ENABLE);
}

static uint32_t
rxq_srrctl(const struct rte_eth_dev *dev, uint16_t id)
{
	const struct port *port = dev->data->dev_private;
	const struct family *family = port->family;
	const struct rxq *q = dev->data->rx_queues[id];
	uint32_t word = family->srrctl_one_buffer | (q->drop ? family->srrctl_drop_en : 0);

	word = field_set(family->srrctl_low_threshold, word,
			 rx_low_threshold(dev, id) / family->low_threshold_unit);
	return field_set(family->srrctl_buffer_kb, word, q->buffer_kb);
}

/* The registers of a disabled queue, and then its enable bit (82576 sheet, 3.6). */
static int
rxq_program(const struct rte_eth_dev *dev, uint16_t id)
{
	const struct port *port = dev->data->dev_private;
	const struct family *family = port->family;
	const struct rxq *q = dev->data->rx_queues[id];
	uint16_t hw_queue = port_hw_queue(port, id);
	struct ring ring = {
		.bank = &family->rxq,
		.queue = hw_queue,
		.address = q->ring_mz->iova,
		.bytes = q->size * sizeof(*q->ring),
		.control = rxq_control(port, q),
	};
	int rc;

	rc = ring_load(&port->io, &ring);
	if (rc < 0)
		return rc;
	reg_write(&port->io, queue_reg(&family->rxq, hw_queue, family->rxq_srrctl),
		  rxq_srrctl(dev, id));
	if (family->rxq_dca != 0)
		reg_update(&port->io, queue_reg(&family->rxq, hw_queue, family->rxq_dca),
			   family->rxq_relaxed, 0);
	return ring_enable(&port->io, &ring);
}

int
rxq_start(struct rte_eth_dev *dev, uint16_t id)
{
	const struct port *port = dev->data->dev_private;
	struct rxq *q = dev->data->rx_queues[id];
	struct rx_wishes wishes;
	int rc;

	if (q == NULL) {
		QUEUE_LOG(ERR, "port %u rx queue %u: not set up", dev->data->port_id, id);
		return -EINVAL;
	}
	wishes = rxq_wishes(port, q);
	rxq_set_wishes(q, port->family, &wishes);
	q->give_thresh = q->wanted_give_thresh;
	if (rxq_fill(q, q->size - 1) < q->size - 1) {
		QUEUE_LOG(ERR, "port %u rx queue %u: pool %s has fewer than %u free mbufs",
			  dev->data->port_id, id, q->pool->name, q->size - 1);
		rc = -ENOMEM;
		goto empty;
	}
	rc = rxq_program(dev, id);
	if (rc < 0) {
		QUEUE_LOG(ERR, "port %u rx queue %u: does not come up: %s",
			  dev->data->port_id, id, rte_strerror(-rc));
		goto stop;
	}
	/* Only an enabled queue takes its tail. */
	rte_write32(rte_cpu_to_le_32(q->give), q->tail);
	dev->data->rx_queue_state[id] = RTE_ETH_QUEUE_STATE_STARTED;
	return 0;

stop:
	ring_disable(&port->io, &port->family->rxq, port_hw_queue(port, id));
empty:
	rxq_empty(q);
	return rc;
}

int
rxq_stop(struct rte_eth_dev *dev, uint16_t id)
{
	const struct port *port = dev->data->dev_private;
	struct rxq *q = dev->data->rx_queues[id];

	if (q == NULL || dev->data->rx_queue_state[id] != RTE_ETH_QUEUE_STATE_STARTED)
		return 0;
	dev->data->rx_queue_state[id] = RTE_ETH_QUEUE_STATE_STOPPED;
	if (ring_disable(&port->io, &port->family->rxq, port_hw_queue(port, id)) < 0)
		QUEUE_LOG(WARNING, "port %u rx queue %u: stays enabled", dev->data->port_id, id);
	rxq_empty(q);
	return 0;
}

void
rxq_info_get(struct rte_eth_dev *dev, uint16_t id, struct rte_eth_rxq_info *info)
{
	const struct rxq *q = dev->data->rx_queues[id];

	info->mp = q->pool;
	info->nb_desc = q->size;
	info->rx_buf_size = q->buffer_kb * KB;
	info->scattered_rx = dev->data->scattered_rx;
	info->queue_state = dev->data->rx_queue_state[id];
	info->conf.rx_thresh = q->thresholds;
	info->conf.rx_free_thresh = q->wanted_give_thresh;
	info->conf.rx_drop_en = q->drop;
	info->conf.rx_deferred_start = q->deferred;
	info->conf.offloads = q->offloads;
}
