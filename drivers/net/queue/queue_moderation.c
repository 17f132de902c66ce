/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * EITR: the interval of a vector, from nanoseconds to the device's units and back.
 *
 * What was asked for is kept, not what the register holds: its unit follows the link's speed.
 */
#include <errno.h>
#include <stdio.h>

#include "queue_interrupts.h"
#include "rte_pmd_sluice_moderation.h"
#include "rxq.h"

static struct port *
port_of(const struct rte_eth_dev *dev)
{
	return dev->data->dev_private;
}

/** EITR's unit at the link's speed; the fast one while there is no link. */
static uint32_t
tick_ns(const struct rte_eth_dev *dev)
{
	const struct family *family = port_of(dev)->family;
	uint32_t mbps = dev->data->dev_link.link_speed;

	return mbps == RTE_ETH_SPEED_NUM_NONE || mbps >= RTE_ETH_SPEED_NUM_1G ?
	       family->eitr_tick_ns : family->vectors.slow_tick_ns;
}

static uint32_t
max_ticks(const struct rte_eth_dev *dev)
{
	return field_get(port_of(dev)->family->eitr_interval, UINT32_MAX);
}

/** Rounded down: rather more interrupts than fewer. */
static uint32_t
ticks_of(const struct rte_eth_dev *dev, uint16_t vector)
{
	return RTE_MIN(port_of(dev)->itr_ns[vector] / tick_ns(dev), max_ticks(dev));
}

void
moderation_write(const struct rte_eth_dev *dev, uint16_t vector, bool keep)
{
	const struct port *port = port_of(dev);
	const struct vectors *vectors = &port->family->vectors;
	uint32_t value = keep ? vectors->keep_counter : 0;

	reg_write(&port->io, queue_reg(&vectors->throttle, vector, 0),
		  field_set(port->family->eitr_interval, value, ticks_of(dev, vector)));
}

void
moderation_restart(const struct rte_eth_dev *dev, uint16_t vector)
{
	const struct port *port = port_of(dev);
	const struct vectors *vectors = &port->family->vectors;
	uint32_t ticks = ticks_of(dev, vector), left;

	if (ticks == 0)
		return;
	/* Rounded down as well, but 0 would end it. */
	left = RTE_MAX(ticks / vectors->counter_ticks, 1U);
	reg_write(&port->io, queue_reg(&vectors->throttle, vector, 0),
		  field_set(vectors->counter,
			    field_set(port->family->eitr_interval, 0, ticks), left));
}

void
moderation_refresh(const struct rte_eth_dev *dev)
{
	const struct family *family = port_of(dev)->family;

	if (family->vectors.slow_tick_ns == family->eitr_tick_ns || !dev->data->dev_started)
		return;
	for (uint16_t v = 1; v <= nb_rx_vectors(dev); v++)
		moderation_write(dev, v, true);
}

uint32_t
moderation_interval_ns(const struct rte_eth_dev *dev, uint16_t id)
{
	uint16_t vector = rx_vector(dev, id);

	return vector == 0 ? 0 : ticks_of(dev, vector) * tick_ns(dev);
}

uint16_t
rx_low_threshold(const struct rte_eth_dev *dev, uint16_t id)
{
	const struct rxq *q = dev->data->rx_queues[id];

	if (q == NULL || rx_vector(dev, id) == 0)
		return 0;
	return rxq_low_threshold(port_of(dev)->family, q->size);
}

unsigned int
moderation_xstats(const struct rte_eth_dev *dev, struct rte_eth_xstat *xstats)
{
	for (uint16_t i = 0; xstats != NULL && i < dev->data->nb_rx_queues; i++)
		xstats[i].value = moderation_interval_ns(dev, i);
	return dev->data->nb_rx_queues;
}

unsigned int
moderation_xstats_names(const struct rte_eth_dev *dev, struct rte_eth_xstat_name *names)
{
	for (uint16_t i = 0; names != NULL && i < dev->data->nb_rx_queues; i++)
		snprintf(names[i].name, sizeof(names[i].name), "rx_q%u_itr_ns", i);
	return dev->data->nb_rx_queues;
}

/* Which ports are ours shows in their operations. */
static int
find_queue(uint16_t port_id, uint16_t queue_id, const struct rte_eth_dev **dev)
{
	const struct rte_eth_dev *found;

	if (!rte_eth_dev_is_valid_port(port_id))
		return -ENODEV;
	found = &rte_eth_devices[port_id];
	if (found->dev_ops->rx_queue_intr_enable != rxq_interrupt_enable)
		return -ENODEV;
	if (queue_id >= found->data->nb_rx_queues)
		return -EINVAL;
	if (rx_vector(found, queue_id) == 0)
		return -ENOTSUP;
	*dev = found;
	return 0;
}

int
rte_pmd_sluice_moderation_get(uint16_t port_id, uint16_t queue_id,
			      struct rte_pmd_sluice_moderation *moderation)
{
	const struct rte_eth_dev *dev;
	int rc = find_queue(port_id, queue_id, &dev);

	if (rc < 0)
		return rc;
	*moderation = (struct rte_pmd_sluice_moderation){
		.interval_ns = moderation_interval_ns(dev, queue_id),
		.granularity_ns = tick_ns(dev),
		.max_ns = max_ticks(dev) * tick_ns(dev),
		.vector = rx_vector(dev, queue_id),
	};
	return 0;
}

int
rte_pmd_sluice_moderation_set(uint16_t port_id, uint16_t queue_id, uint32_t interval_ns)
{
	const struct rte_eth_dev *dev;
	int rc = find_queue(port_id, queue_id, &dev);
	uint16_t vector;

	if (rc < 0)
		return rc;
	if (interval_ns > max_ticks(dev) * tick_ns(dev))
		return -ERANGE;
	vector = rx_vector(dev, queue_id);
	port_of(dev)->itr_ns[vector] = interval_ns;
	if (dev->data->dev_started)
		moderation_write(dev, vector, true);
	return 0;
}

int
rte_pmd_sluice_rx_low_threshold_get(uint16_t port_id, uint16_t queue_id,
				    uint16_t *free_descriptors)
{
	const struct rte_eth_dev *dev;
	int rc = find_queue(port_id, queue_id, &dev);
	uint16_t threshold;

	if (rc < 0)
		return rc;
	threshold = rx_low_threshold(dev, queue_id);
	if (threshold == 0)
		return -ENOTSUP;
	*free_descriptors = threshold;
	return 0;
}

#define ARM_FLAGS (RTE_PMD_SLUICE_ARM_ACKNOWLEDGE | RTE_PMD_SLUICE_ARM_RESTART)

int
rte_pmd_sluice_rx_interrupt_arm(uint16_t port_id, uint16_t queue_id, uint32_t flags)
{
	const struct rte_eth_dev *dev;
	int rc = find_queue(port_id, queue_id, &dev);
	uint16_t vector;

	if (rc < 0)
		return rc;
	if ((flags & ~ARM_FLAGS) != 0)
		return -EINVAL;
	if (port_of(dev)->silent)
		return -EIO;
	vector = rx_vector(dev, queue_id);
	if ((flags & RTE_PMD_SLUICE_ARM_ACKNOWLEDGE) != 0)
		rc = vector_acknowledge(port_of(dev), vector);
	if (rc < 0)
		return rc;
	if ((flags & RTE_PMD_SLUICE_ARM_RESTART) != 0)
		moderation_restart(dev, vector);
	vector_enable(port_of(dev), vector);
	return 0;
}
