/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/** @file Kinds of frames: what to ask the sender's device for, and what the receiver's says. */
#ifndef SLUICE_TEST_OFFLOAD_KINDS_H
#define SLUICE_TEST_OFFLOAD_KINDS_H

#include <netinet/in.h>

#include <rte_mbuf_ptype.h>

#include "offload_frames.h"

#define IP_GOOD RTE_MBUF_F_RX_IP_CKSUM_GOOD
#define L4_GOOD RTE_MBUF_F_RX_L4_CKSUM_GOOD

static const struct {
	const char *what;
	struct frame_shape shape;
	uint64_t tx_flags, rx_flags;
	uint32_t type;
} kinds[] = {
	{ "TCP over IPv4", { 4, 0, IPPROTO_TCP, 100, 0 },
	  RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_TCP_CKSUM,
	  IP_GOOD | L4_GOOD, RTE_PTYPE_L3_IPV4 | RTE_PTYPE_L4_TCP },
	{ "UDP over IPv4", { 4, 0, IPPROTO_UDP, 333, 0 },
	  RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_UDP_CKSUM,
	  IP_GOOD | L4_GOOD, RTE_PTYPE_L3_IPV4 | RTE_PTYPE_L4_UDP },
	{ "SCTP over IPv4", { 4, 0, IPPROTO_SCTP, 64, 0 },
	  RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_SCTP_CKSUM,
	  IP_GOOD | L4_GOOD, RTE_PTYPE_L3_IPV4 | RTE_PTYPE_L4_SCTP },
	{ "UDP behind IPv4 options", { 4, 12, IPPROTO_UDP, 90, 0 },
	  RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_UDP_CKSUM,
	  IP_GOOD | L4_GOOD, RTE_PTYPE_L3_IPV4_EXT | RTE_PTYPE_L4_UDP },
	{ "TCP over IPv6", { 6, 0, IPPROTO_TCP, 1000, 0 },
	  RTE_MBUF_F_TX_IPV6 | RTE_MBUF_F_TX_TCP_CKSUM,
	  L4_GOOD, RTE_PTYPE_L3_IPV6 | RTE_PTYPE_L4_TCP },
	{ "UDP over IPv6", { 6, 0, IPPROTO_UDP, 77, 0 },
	  RTE_MBUF_F_TX_IPV6 | RTE_MBUF_F_TX_UDP_CKSUM,
	  L4_GOOD, RTE_PTYPE_L3_IPV6 | RTE_PTYPE_L4_UDP },
	{ "neither", { 4, 0, IPPROTO_ICMP, 60, 0 },
	  RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM, IP_GOOD, RTE_PTYPE_L3_IPV4 },
	{ "TCP in three mbufs", { 4, 0, IPPROTO_TCP, 900, 3 },
	  RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_TCP_CKSUM,
	  IP_GOOD | L4_GOOD, RTE_PTYPE_L3_IPV4 | RTE_PTYPE_L4_TCP },
};

#endif /* SLUICE_TEST_OFFLOAD_KINDS_H */
