/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include "rewrite.h"

static uint16_t
keep_burst(const struct mac_edit *edit, struct rte_mbuf **m, uint16_t nb)
{
	(void)edit;
	(void)m;
	return nb;
}

static uint16_t
swap_burst(const struct mac_edit *edit, struct rte_mbuf **m, uint16_t nb)
{
	for (uint16_t i = 0; i < nb; i++) {
		struct rte_ether_hdr *eth = rte_pktmbuf_mtod(m[i], struct rte_ether_hdr *);
		struct rte_ether_addr was_dst = eth->dst_addr;

		eth->dst_addr = eth->src_addr;
		eth->src_addr = rte_is_multicast_ether_addr(&was_dst) ? edit->tx_own : was_dst;
	}
	return nb;
}

static uint16_t
rewrite_burst(const struct mac_edit *edit, struct rte_mbuf **m, uint16_t nb)
{
	uint16_t kept = 0;

	for (uint16_t i = 0; i < nb; i++) {
		struct rte_mbuf *frame = m[i];
		struct rte_ether_hdr *eth = rte_pktmbuf_mtod(frame, struct rte_ether_hdr *);

		if (rte_is_same_ether_addr(&eth->src_addr, &edit->rx_own) ||
		    rte_is_same_ether_addr(&eth->src_addr, &edit->tx_own))
			continue;
		eth->src_addr = edit->tx_own;
		if (edit->next_hop.given && !rte_is_multicast_ether_addr(&eth->dst_addr))
			eth->dst_addr = edit->next_hop.addr;

		/* What is refused drifts behind what is kept. */
		m[i] = m[kept];
		m[kept++] = frame;
	}
	return kept;
}

mac_edit_burst *
mac_edit_for(enum mac_mode mode)
{
	static mac_edit_burst *const bursts[] = {
		[MAC_NONE] = keep_burst,
		[MAC_SWAP] = swap_burst,
		[MAC_REWRITE] = rewrite_burst,
	};

	return bursts[mode];
}
