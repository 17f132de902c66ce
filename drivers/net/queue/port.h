/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What a PF port and a VF port have in common; the first member of both private structures.
 */
#ifndef SLUICE_PORT_H
#define SLUICE_PORT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <rte_spinlock.h>

#include "family.h"
#include "mmio.h"
#include "queue_rss.h"

#define PORT_VECTORS_MAX 64

struct port {
	struct mmio io;			/**< BAR 0 */
	const struct family *family;
	struct family row;		/**< what family points to after port_share_family() */
	uint16_t first_queue;		/**< register block of the port's queue 0 */
	uint32_t max_frame;		/**< bytes with CRC and VLAN tag, as set by the MTU */
	bool strip_vlan;		/**< there is a port VLAN, and its tag reaches us */
	uint32_t types_off;		/**< RTE_PTYPE_* bits that the application does not want */
	/* Which bursts were chosen: a secondary process follows. */
	bool rx_full, tx_full;
	bool gated;			/**< behind gates, for a port that recovers by itself */
	_Atomic bool silent;		/**< the device is gone: see queue_silence_bursts() */
	uint16_t nb_vectors;		/**< MSI-X vectors that are the port's */
	rte_spinlock_t descriptors_lock;	/**< the vectors' descriptors stay open */
	struct rss rss;
	_Atomic uint32_t itr_ns[PORT_VECTORS_MAX];	/**< between a vector's interrupts */
};

/**
 * Make a family's row readable from secondary processes: they share this structure, but have the
 * tables of the driver at other addresses.
 */
static inline void
port_share_family(struct port *port, const struct family *family)
{
	port->row = *family;
	port->family = &port->row;
}

/** Is there no other function whose frames go the port's ways? */
static inline bool
port_is_alone(const struct port *port)
{
	return port->first_queue == 0 && port->family->rx_alone_offloads != 0;
}

/** How many queues the port has. */
static inline struct queue_numbers
port_queues(const struct port *port)
{
	const struct family *family = port->family;

	if (port_is_alone(port))
		return family->alone;
	return (struct queue_numbers){ family->max_queues, family->max_queues };
}

/** Register block of the port's queue @p q. */
static inline uint16_t
port_hw_queue(const struct port *port, uint16_t q)
{
	return port->first_queue + q * (port_is_alone(port) ? 1 : port->family->queue_step);
}

#endif /* SLUICE_PORT_H */
