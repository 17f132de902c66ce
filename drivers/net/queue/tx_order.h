/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What a frame asks the device for, checked, and as words of its descriptors.
 *
 * An 82576 VF stops for good at a malformed context; so what is wrong here never reaches the ring.
 */
#ifndef SLUICE_TX_ORDER_H
#define SLUICE_TX_ORDER_H

#include <rte_mbuf.h>

#include "txq.h"

/* The flags that only say what a frame is: IP versions, and the kind of tunnel. */
#define TX_OUTER_IP  (RTE_MBUF_F_TX_OUTER_IPV4 | RTE_MBUF_F_TX_OUTER_IPV6)
#define TX_IS	     (RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IPV6 | TX_OUTER_IP | \
		      RTE_MBUF_F_TX_TUNNEL_MASK)

/* All others are requests. */
#define TX_REQUESTS  (RTE_MBUF_F_TX_OFFLOAD_MASK & ~TX_IS)

/* Those that refer to headers whose lengths the mbuf must give: of a tunnel, to the inner ones. */
#define TX_INNER_SUMS (RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_L4_MASK | RTE_MBUF_F_TX_TCP_SEG)
#define TX_SUMS	     (TX_INNER_SUMS | RTE_MBUF_F_TX_OUTER_IP_CKSUM)

struct tx_order {
	struct tx_context context;	/**< high 0: it needs none */
	uint32_t command, status;	/**< of the data descriptors, but for the context's index */
};

/** Where the IP header is, in a tunnel the inner one; as ethdev's lengths have it. */
static inline uint32_t
tx_l3_at(const struct rte_mbuf *frame)
{
	uint32_t at = frame->l2_len;

	if ((frame->ol_flags & TX_OUTER_IP) != 0)
		at += frame->outer_l2_len + frame->outer_l3_len;
	return at;
}

/** Bytes in front of the payload of TSO, which is never in a tunnel. */
static inline uint32_t
tx_headers(const struct rte_mbuf *frame)
{
	return (uint32_t)frame->l2_len + frame->l3_len + frame->l4_len;
}

/** The RTE_MBUF_F_TX_* flags that offloads RTE_ETH_TX_OFFLOAD_* make good. */
uint64_t tx_requests(uint64_t offloads);

/**
 * Is the frame one that the device can send, with what it asks for?
 *
 * @param asked  its flags that the queue makes good
 */
bool tx_order_is_sound(const struct txq *q, const struct rte_mbuf *frame, uint64_t asked);

/** How long a sound frame with these flags and header lengths is at least; 0: no matter. */
uint32_t tx_order_min_bytes(const struct rte_mbuf *frame, uint64_t asked);

/** Work out the words for a sound frame. */
void tx_order_make(const struct txq *q, const struct rte_mbuf *frame, uint64_t asked,
		   struct tx_order *order);

#endif /* SLUICE_TX_ORDER_H */
