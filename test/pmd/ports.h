/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/** @file Ports of any driver, and numbered frames through them. */
#ifndef SLUICE_TEST_PORTS_H
#define SLUICE_TEST_PORTS_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_ether.h>
#include <rte_mempool.h>

struct rte_mbuf;

struct port_setup {
	struct rte_mempool *pool;
	bool rx_interrupts;	/**< if the driver has them */
	uint16_t nb_rx_desc, rx_free_thresh;	/**< 0: as usual */
};

/** Configure one queue each way and start. @return 0 or -errno, with a line on stderr */
int port_start(uint16_t port, const struct port_setup *setup);
/** The same by its device's name. @param port, mac  filled: its number and address */
int port_open(const char *device, const struct port_setup *setup, uint16_t *port,
	      struct rte_ether_addr *mac);
/** @return whether the link is up within seconds, at @p mbps */
bool port_link_up(uint16_t port, uint32_t mbps);

/** Frames numbered from a first one, whose length and bytes follow from their number. */
struct flow {
	uint16_t from, to;
	struct rte_ether_addr dst;
	unsigned int nb;
	struct rte_mempool *pool;
	unsigned int patience_ms;	/**< how long to wait for the next one; 0: long */
};

/**
 * Send, and receive what arrives with that number and content, in order.
 *
 * @return how many arrived as they were sent; others than the flow's are not counted
 */
unsigned int flow_run(const struct flow *flow);

/** As short as frames can be, with nothing in it but addresses. @return NULL: no mbufs */
struct rte_mbuf *plain_frame(struct rte_mempool *pool, const struct rte_ether_addr *dst,
			     const struct rte_ether_addr *src);

/** Throw away what waits in the receive ring. */
void port_drain(uint16_t port);

#endif /* SLUICE_TEST_PORTS_H */
