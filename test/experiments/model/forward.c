/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* What a tenant does with its frames, and what the software switch does. */
#include <rte_common.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "setup.h"

static void
send_all(uint16_t port, struct rte_mbuf **m, uint16_t nb)
{
	uint16_t sent = rte_eth_tx_burst(port, 0, m, nb);

	if (unlikely(sent != nb))
		rte_pktmbuf_free_bulk(&m[sent], nb - sent);
}

static inline void
swap(struct rte_mbuf *m)
{
	struct rte_ether_hdr *header = rte_pktmbuf_mtod(m, struct rte_ether_hdr *);
	struct rte_ether_addr address = header->dst_addr;

	header->dst_addr = header->src_addr;
	header->src_addr = address;
}

unsigned int
setup_answer(const struct tenant *tenant)
{
	struct rte_mbuf *m[BURST];
	unsigned int all = 0;
	uint16_t nb;

	while ((nb = rte_eth_rx_burst(tenant->port, 0, m, BURST)) != 0) {
		for (uint16_t i = 0; i < nb; i++)
			swap(m[i]);
		send_all(tenant->port, m, nb);
		all += nb;
	}
	return all;
}

/** The switch's: which tenant has the address. @return NULL: none, it is for the wire */
static const struct tenant *
look_up(const struct setup *setup, const struct rte_mbuf *m)
{
	const struct rte_ether_hdr *header = rte_pktmbuf_mtod(m, const struct rte_ether_hdr *);
	uint8_t number = header->dst_addr.addr_bytes[RTE_ETHER_ADDR_LEN - 1];

	if (number >= setup->nb ||
	    !rte_is_same_ether_addr(&header->dst_addr, &setup->tenant[number].mac))
		return NULL;
	return &setup->tenant[number];
}

unsigned int
setup_switch(const struct setup *setup, uint16_t from)
{
	struct rte_mbuf *m[BURST];
	unsigned int all = 0;
	uint16_t nb, first;

	while ((nb = rte_eth_rx_burst(from, 0, m, BURST)) != 0) {
		for (uint16_t i = first = 0; i < nb; i++) {
			const struct tenant *to = look_up(setup, m[i]);

			/* Frames that follow each other to one place go together. */
			if (i + 1 < nb && look_up(setup, m[i + 1]) == to)
				continue;
			send_all(to == NULL ? setup->pf : to->host, &m[first], i + 1 - first);
			first = i + 1;
		}
		all += nb;
	}
	return all;
}
