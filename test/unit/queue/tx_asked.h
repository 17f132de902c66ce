/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What a frame can ask for, and the bits of descriptors that say it: short names for tables.
 */
#ifndef SLUICE_TEST_TX_ASKED_H
#define SLUICE_TEST_TX_ASKED_H

#include <rte_ethdev.h>
#include <rte_mbuf.h>

#define ALL  (RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_UDP_CKSUM | \
	      RTE_ETH_TX_OFFLOAD_TCP_CKSUM | RTE_ETH_TX_OFFLOAD_SCTP_CKSUM | \
	      RTE_ETH_TX_OFFLOAD_VLAN_INSERT | RTE_ETH_TX_OFFLOAD_TCP_TSO)

#define V4   RTE_MBUF_F_TX_IPV4
#define V6   RTE_MBUF_F_TX_IPV6
#define IP   RTE_MBUF_F_TX_IP_CKSUM
#define TCP  RTE_MBUF_F_TX_TCP_CKSUM
#define UDP  RTE_MBUF_F_TX_UDP_CKSUM
#define SCTP RTE_MBUF_F_TX_SCTP_CKSUM
#define TSO  RTE_MBUF_F_TX_TCP_SEG
#define VLAN RTE_MBUF_F_TX_VLAN

/* Word 2 of a context: DTYP 2, DEXT, and L4T; word 3 of a data descriptor: IXSM, TXSM. */
#define CONTEXT(l4t, bits) (0x20200000 | (l4t) << 11 | (bits))
#define IPV4_BIT 0x400
#define IXSM	 0x100
#define TXSM	 0x200
#define VLE	 0x40000000u

#endif /* SLUICE_TEST_TX_ASKED_H */
