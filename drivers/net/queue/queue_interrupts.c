/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <sys/eventfd.h>

#include <rte_errno.h>
#include <rte_interrupts.h>

#include "queue_interrupts.h"
#include "queue_log.h"

#define VECTORS_A_REGISTER 32
#define NS_PER_US	   1000
#define IVAR_ENTRY	   UINT32_C(0xff)

void
rx_interrupts_share(struct port *port, uint16_t nb_vfs)
{
	const struct vectors *vectors = &port->family->vectors;

	port->nb_vectors = vectors->count;
	if (vectors->vf_cause_bits != 0)
		port->nb_vectors = RTE_MIN(vectors->count,
					   vectors->cause_bits - nb_vfs * vectors->vf_cause_bits);
}

int
rx_interrupts_init(struct port *port, const char *name, uint16_t nb_vfs, uint32_t itr_us)
{
	const struct family *family = port->family;
	uint32_t max_ns = (family->eitr_interval >> __builtin_ctz(family->eitr_interval)) *
			  family->eitr_tick_ns;
	uint16_t v;

	rx_interrupts_share(port, nb_vfs);
	if (itr_us > max_ns / NS_PER_US) {
		QUEUE_LOG(ERR, "%s: itr_us=%u: allowed is 0 to %u with an %s", name, itr_us,
			  max_ns / NS_PER_US, family->name);
		return -ERANGE;
	}
	for (v = 0; v < family->vectors.count; v++)
		port->itr_ns[v] = v == 0 ? 0 : itr_us * NS_PER_US;
	return 0;
}

int
rx_interrupts_configure(const struct rte_eth_dev *dev)
{
	uint16_t nb = nb_rx_vectors(dev);

	if (dev->data->dev_conf.intr_conf.rxq == 0)
		return 0;
	if (dev->intr_handle == NULL || !rte_intr_cap_multiple(dev->intr_handle)) {
		QUEUE_LOG(ERR, "port %u: interrupts of Rx queues need MSI-X by vfio-pci",
			  dev->data->port_id);
		return -ENOTSUP;
	}
	if (nb < dev->data->nb_rx_queues)
		QUEUE_LOG(NOTICE, "port %u: %u Rx queues share %u interrupt vectors",
			  dev->data->port_id, dev->data->nb_rx_queues, nb);
	return 0;
}

/** Which descriptor is whose: as rte_eth_dev_rx_intr_ctl_q() looks it up. */
static int
list_vectors(const struct rte_eth_dev *dev)
{
	uint16_t i;

	if (rte_intr_vec_list_alloc(dev->intr_handle, "sluice_vectors",
				    dev->data->nb_rx_queues) < 0)
		return -rte_errno;
	for (i = 0; i < dev->data->nb_rx_queues; i++)
		if (rte_intr_vec_list_index_set(dev->intr_handle, i, rx_vector(dev, i)) < 0)
			return -rte_errno;
	return 0;
}

static rte_spinlock_t *
descriptors_lock(const struct rte_eth_dev *dev)
{
	struct port *port = dev->data->dev_private;

	return &port->descriptors_lock;
}

int
rx_interrupts_open(const struct rte_eth_dev *dev)
{
	uint16_t nb = nb_rx_vectors(dev);
	int rc;

	if (nb == 0)
		return 0;
	rte_spinlock_lock(descriptors_lock(dev));
	rc = rte_intr_efd_enable(dev->intr_handle, nb);
	rte_spinlock_unlock(descriptors_lock(dev));
	if (rc == 0)
		rc = list_vectors(dev);
	if (rc < 0) {
		QUEUE_LOG(ERR, "port %u: no descriptors for %u interrupt vectors: %s",
			  dev->data->port_id, nb, rte_strerror(-rc));
		rx_interrupts_close(dev);
	}
	return rc;
}

void
rx_interrupts_close(const struct rte_eth_dev *dev)
{
	rte_spinlock_lock(descriptors_lock(dev));
	rte_intr_efd_disable(dev->intr_handle);
	rte_spinlock_unlock(descriptors_lock(dev));
	rte_intr_vec_list_free(dev->intr_handle);
}

/* Under the lock, since a number that was closed may be another file by now. */
void
rx_interrupts_wake(const struct rte_eth_dev *dev)
{
	rte_spinlock_lock(descriptors_lock(dev));
	for (int i = 0; i < rte_intr_nb_efd_get(dev->intr_handle); i++)
		if (eventfd_write(rte_intr_efds_index_get(dev->intr_handle, i), 1) < 0)
			QUEUE_LOG(NOTICE, "port %u: who sleeps on vector %d was not woken: %s",
				  dev->data->port_id, i + 1, rte_strerror(errno));
	rte_spinlock_unlock(descriptors_lock(dev));
}

void
vector_enable(const struct port *port, uint16_t vector)
{
	struct reg reg = { port->family->vectors.enable + vector / VECTORS_A_REGISTER * 4 };

	reg_write(&port->io, reg, BIT(vector % VECTORS_A_REGISTER));
}

void
vector_disable(const struct port *port, uint16_t vector)
{
	struct reg reg = { port->family->vectors.disable + vector / VECTORS_A_REGISTER * 4 };

	reg_write(&port->io, reg, BIT(vector % VECTORS_A_REGISTER));
}

int
vector_acknowledge(const struct port *port, uint16_t vector)
{
	if (vector >= port->family->vectors.nb_acknowledge)
		return -ENOTSUP;
	reg_write(&port->io, (struct reg){ port->family->vectors.acknowledge }, BIT(vector));
	return 0;
}

/** Lead the port's Rx queue to a vector; 0: to none. */
static void
write_ivar(const struct rte_eth_dev *dev, uint16_t id, uint16_t vector)
{
	const struct port *port = dev->data->dev_private;
	uint16_t apart = port->family->vectors.ivar_apart;
	uint16_t queue = port_hw_queue(port, id);
	uint32_t index = queue / (2 * apart) * apart + queue % apart;
	struct reg reg = { port->family->vectors.ivar + 4 * index };
	unsigned int shift = queue / apart % 2 * 16;
	uint32_t entry = vector != 0 ? vector | IVAR_VALID : 0;

	reg_update(&port->io, reg, IVAR_ENTRY << shift, entry << shift);
}

void
rx_interrupts_start(const struct rte_eth_dev *dev)
{
	const struct port *port = dev->data->dev_private;
	uint16_t nb = nb_rx_vectors(dev);
	uint16_t i;

	/*
	 * Masked first, whatever came before: a cause that is latched from then is sent by its
	 * arming if that is an edge, and by nothing at all under QEMU if it is not (9.8).
	 */
	for (i = 1; i <= nb; i++) {
		vector_disable(port, i);
		moderation_write(dev, i, false);
	}
	for (i = 0; nb != 0 && i < dev->data->nb_rx_queues; i++)
		write_ivar(dev, i, rx_vector(dev, i));
}

void
rx_interrupts_stop(const struct rte_eth_dev *dev)
{
	const struct port *port = dev->data->dev_private;
	uint16_t nb = nb_rx_vectors(dev);
	uint16_t i;

	for (i = 1; i <= nb; i++)
		vector_disable(port, i);
	for (i = 0; nb != 0 && i < dev->data->nb_rx_queues; i++)
		write_ivar(dev, i, 0);
}

uint32_t
rx_interrupts_vectors(const struct rte_eth_dev *dev)
{
	uint16_t nb = 1 + nb_rx_vectors(dev);

	return nb < 32 ? BIT(nb) - 1 : UINT32_MAX;
}

int
rxq_interrupt_enable(struct rte_eth_dev *dev, uint16_t id)
{
	const struct port *port = dev->data->dev_private;
	uint16_t vector = rx_vector(dev, id);

	if (vector == 0)
		return -ENOTSUP;
	if (port->silent)
		return -EIO;
	vector_enable(port, vector);
	return 0;
}

int
rxq_interrupt_disable(struct rte_eth_dev *dev, uint16_t id)
{
	uint16_t vector = rx_vector(dev, id);

	if (vector == 0)
		return -ENOTSUP;
	vector_disable(dev->data->dev_private, vector);
	return 0;
}
