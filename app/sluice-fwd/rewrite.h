/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The MAC edit: what happens to the addresses of a burst between Rx and Tx. Pure; frees nothing.
 *
 * none     as a wire does, for ports on different segments: between two ports of one switch nothing
 *          would end a circle.
 * swap     back to whoever sent it: destination and source change places. A frame to a group has
 *          no address that could become a source; the port's own takes its place.
 * rewrite  as a router does: the source becomes the address of the port that the frame leaves by,
 *          the destination the next hop if there is one. A group destination stays: its members
 *          are behind every port.
 *
 * rewrite refuses a frame that one of the pair's two ports has sent. A switch that hands a
 * pool's broadcasts back to that pool, or to the pair's other one (QEMU's igb does both, since it
 * has no "local loopback enable" per pool), would otherwise keep them circling for ever.
 */
#ifndef SLUICE_FWD_REWRITE_H
#define SLUICE_FWD_REWRITE_H

#include <stdint.h>

#include <rte_ether.h>
#include <rte_mbuf.h>

#include "options.h"

struct mac_edit {
	struct rte_ether_addr rx_own; /* of the port that received */
	struct rte_ether_addr tx_own; /* of the port that sends */
	struct next_hop next_hop;
};

/**
 * Edit a burst in place.
 *
 * @return frames to send: m[0] to m[n - 1] in their order; the refused ones follow in any order
 *
 * The 14 bytes of the Ethernet header are taken to lie in the first segment. A runt's edit ends in
 * the buffer's unused room, which is there since an mbuf holds the smallest frame.
 */
typedef uint16_t mac_edit_burst(const struct mac_edit *edit, struct rte_mbuf **m, uint16_t nb);

/* Never NULL. */
mac_edit_burst *mac_edit_for(enum mac_mode mode);

#endif /* SLUICE_FWD_REWRITE_H */
