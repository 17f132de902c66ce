/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Interrupts of Rx queues, and how far apart they are kept: the same for PF and VF ports.
 *
 * Queue i has vector 1 + i % n; n is the number of queues, or of vectors where there are fewer.
 * Vector 0 is the driver's own, for mailbox and link.
 *
 * The device masks a vector and clears its cause as it sends the message (auto-mask, auto-clear;
 * the PF's and VF's own files set that up), so that taking an interrupt touches no register, and
 * arming it again is one write. What is written back to the ring while the vector is masked stays
 * latched as its cause and is sent at once when it is armed: no frame is overlooked, and most
 * wake-ups after a burst are followed by an empty one. Who sleeps should nevertheless arm the
 * interrupt, poll once more, and sleep only then: under QEMU a PF of other make can clear the
 * causes of its VFs (82576 sheet, 9.8).
 */
#ifndef SLUICE_QUEUE_INTERRUPTS_H
#define SLUICE_QUEUE_INTERRUPTS_H

#include "dpdk_compat.h"
#include "port.h"

/**
 * How many vectors the port has, of which VFs took some, and their interval until told otherwise;
 * to be called at probe.
 *
 * @param name  of the device, for the log
 * @return 0; -ERANGE after a line in the log: there is no such interval
 */
int rx_interrupts_init(struct port *port, const char *name, uint16_t nb_vfs, uint32_t itr_us);

/** How many are left by another number of VFs; intervals stay. To be called at a reset. */
void rx_interrupts_share(struct port *port, uint16_t nb_vfs);

/** For dev_configure. @return 0; -ENOTSUP after a line in the log */
int rx_interrupts_configure(const struct rte_eth_dev *dev);

/**
 * Open a descriptor per vector, before rte_intr_enable(); nothing if Rx interrupts are off.
 *
 * @return 0 or -errno, after a line in the log; then nothing is open
 */
int rx_interrupts_open(const struct rte_eth_dev *dev);

/** Close them, after rte_intr_disable(). Applications' epoll instances lose them. */
void rx_interrupts_close(const struct rte_eth_dev *dev);

/** The device is gone: who sleeps must look at it once more, since nothing else will wake him. */
void rx_interrupts_wake(const struct rte_eth_dev *dev);

/** Lead queues to vectors, which stay masked until the application wants them. */
void rx_interrupts_start(const struct rte_eth_dev *dev);
void rx_interrupts_stop(const struct rte_eth_dev *dev);

/** Vectors in use, vector 0 included: a bit each of the first 32. */
uint32_t rx_interrupts_vectors(const struct rte_eth_dev *dev);

/** Arm or mask one vector. */
void vector_enable(const struct port *port, uint16_t vector);
void vector_disable(const struct port *port, uint16_t vector);

/** Forget a vector's cause. @return 0; -ENOTSUP that would take more with it */
int vector_acknowledge(const struct port *port, uint16_t vector);

/* dev_ops. -ENOTSUP: no interrupts are configured; -EIO: the device is gone. */
int rxq_interrupt_enable(struct rte_eth_dev *dev, uint16_t id);
int rxq_interrupt_disable(struct rte_eth_dev *dev, uint16_t id);

/* queue_moderation.c */

/** Write the interval of a vector; @p keep: one that has begun ends as it would have. */
void moderation_write(const struct rte_eth_dev *dev, uint16_t vector, bool keep);

/** Write it, of which all is left again; nothing if there is none. */
void moderation_restart(const struct rte_eth_dev *dev, uint16_t vector);

/** The link has another speed: so perhaps has the unit. */
void moderation_refresh(const struct rte_eth_dev *dev);

/** Interval of an Rx queue as the device keeps it, in ns; 0: none, or no interrupt. */
uint32_t moderation_interval_ns(const struct rte_eth_dev *dev, uint16_t id);

/** At as many free descriptors an Rx queue's vector waits for no interval; 0: at none. */
uint16_t rx_low_threshold(const struct rte_eth_dev *dev, uint16_t id);

/* Extended statistics rx_q<i>_itr_ns; @return how many. NULL: only that. */
unsigned int moderation_xstats(const struct rte_eth_dev *dev, struct rte_eth_xstat *xstats);
unsigned int moderation_xstats_names(const struct rte_eth_dev *dev,
				     struct rte_eth_xstat_name *names);

/** How many vectors the Rx queues have; 0: Rx interrupts are off. */
static inline uint16_t
nb_rx_vectors(const struct rte_eth_dev *dev)
{
	const struct port *port = dev->data->dev_private;

	if (dev->data->dev_conf.intr_conf.rxq == 0 || port->nb_vectors < 2)
		return 0;
	return RTE_MIN(dev->data->nb_rx_queues, port->nb_vectors - 1);
}

/** Vector of an Rx queue; 0: none. */
static inline uint16_t
rx_vector(const struct rte_eth_dev *dev, uint16_t id)
{
	uint16_t nb = nb_rx_vectors(dev);

	return nb == 0 ? 0 : 1 + id % nb;
}

#endif /* SLUICE_QUEUE_INTERRUPTS_H */
