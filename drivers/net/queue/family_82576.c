/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <rte_ethdev.h>

#include "desc.h"
#include "family.h"

/* Section numbers are those of the 82576 sheet. */

/* SRRCTL (3.4). */
#define SRRCTL_BUFFER_KB  BITS(6, 0)
#define SRRCTL_ONE_BUFFER UINT32_C(0x02000000)	/* DESCTYPE 27:25 = 1 */
#define SRRCTL_DROP_EN	  BIT(31)
#define SRRCTL_RDMTS	  BITS(24, 20)
#define RDMTS_UNIT	  16

/* RQDPC (3.1). */
#define RQDPC		0x30
#define RQDPC_COUNT	BITS(11, 0)

/*
 * RXDCTL and TXDCTL thresholds (3.5). WTHRESH is 1 in all of them: a larger one loses write-backs
 * on an 82576 VF and delays them at low load on both functions.
 */
#define DCTL_THRESHOLDS(prefetch, host, write_back) \
	(UINT32_C(prefetch) | UINT32_C(host) << 8 | UINT32_C(write_back) << 16)
#define RXDCTL_THRESHOLDS DCTL_THRESHOLDS(8, 8, 1)
#define TXDCTL_THRESHOLDS DCTL_THRESHOLDS(8, 1, 1)

/* Each may be chosen, but for the WTHRESH of 1. */
#define THRESHOLD_CHOICE { .prefetch = BITS(4, 0), .host = BITS(12, 8), .prefetch_max = 31 }

/* Rx write-back, DW2 (4.2): CE, SE, SEQ, CXE, RXE; not the checksum verdicts IPE and L4E. */
#define RXD_ERRORS (BIT(24) | BIT(25) | BIT(26) | BIT(28) | BIT(31))
#define RXD_SUM_ERRORS BITS(30, 29)
#define RXD_IXSM       BIT(2)

/* In frames from a neighbour on the I350, the tag is big endian: LB (4.2). */
#define RXD_LOOPBACK   BIT(18)

/* 4.2: SCTP in the shortest of frames. */
#define RXD_FALSE_ALARM { .types = RXD_TYPE_SCTP, .bytes = 60 }

/*
 * 5.1. What a VF gets is for the PF to set up: RXCSUM is the port's, and taking tags off the
 * pool's.
 */
#define RX_OFFLOADS (RTE_ETH_RX_OFFLOAD_IPV4_CKSUM | RTE_ETH_RX_OFFLOAD_UDP_CKSUM | \
		     RTE_ETH_RX_OFFLOAD_TCP_CKSUM | RTE_ETH_RX_OFFLOAD_SCTP_CKSUM | \
		     RTE_ETH_RX_OFFLOAD_RSS_HASH | RTE_ETH_RX_OFFLOAD_SCATTER)

#define RX_ALONE_OFFLOADS \
	(RTE_ETH_RX_OFFLOAD_VLAN_STRIP | RTE_ETH_RX_OFFLOAD_KEEP_CRC)	/* 3.8, 5.4 */

/* 5.2. */
#define TX_OFFLOADS (RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_UDP_CKSUM | \
		     RTE_ETH_TX_OFFLOAD_TCP_CKSUM | RTE_ETH_TX_OFFLOAD_SCTP_CKSUM | \
		     RTE_ETH_TX_OFFLOAD_VLAN_INSERT | RTE_ETH_TX_OFFLOAD_TCP_TSO | \
		     RTE_ETH_TX_OFFLOAD_MULTI_SEGS | RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE)

/* 5.2. PAYLEN has 18 bits. */
#define TSO_LIMITS { \
	.max_bytes = 256 * 1024 - 1, .max_header = 512, \
	.min_segment = 64, .max_segment = 9216, \
}
#define MAX_TX_BUFFER 32767	/* 4.3 */

#define MAX_FRAME_BYTES 9728	/* RLPML's limit (3.8) */
#define MIN_TX_BYTES	17	/* TCTL.PSP pads from here; Linux's igb pads shorter ones itself */

/* Not a limit of the chip but of QEMU's igb, which drops frames of more fragments (9.7). */
#define MAX_TX_SEGMENTS 64

/* EITR (6.4). */
#define EITR_INTERVAL BITS(14, 2)
#define EITR_TICK_NS  1000
#define EITR_KEEP     BIT(31)
#define EITR_COUNTER  BITS(30, 21)
#define EITR_COUNTER_TICKS 8	/* 13 bits, the upper 10 of which are shown */

/*
 * What PF and VF have in common (6.1, 6.4, 6.6): EIMS, EIMC, EITR. A VF has three of EICR's bits,
 * as EITR has registers; the PF's vectors end where the last VF's begin. An access to EICR masks
 * all vectors of EIAM.
 */
#define VECTORS(nb) \
	.count = (nb), \
	.enable = 0x1524, .disable = 0x1528, \
	.ivar = 0x1700, \
	.throttle = { .base = 0x1680, .split = (nb), .count = (nb), .stride = 4 }, \
	.slow_tick_ns = EITR_TICK_NS, \
	.keep_counter = EITR_KEEP, \
	.counter = EITR_COUNTER, .counter_ticks = EITR_COUNTER_TICKS

/* What PF and VF of 82576 and I350 have in common. */
#define COMMON \
	.rxq_srrctl = 0x0c, \
	.rxq_dropped = RQDPC, \
	.rxq_dropped_count = RQDPC_COUNT, \
	.srrctl_drop_en = SRRCTL_DROP_EN, \
	.srrctl_buffer_kb = SRRCTL_BUFFER_KB, \
	.srrctl_one_buffer = SRRCTL_ONE_BUFFER, \
	.srrctl_low_threshold = SRRCTL_RDMTS, .low_threshold_unit = RDMTS_UNIT, \
	.buffer_kb_max = 16, \
	.rxd_errors = RXD_ERRORS, \
	.rxd_sum_errors = RXD_SUM_ERRORS, \
	.rxd_sums_void = RXD_IXSM, \
	.rxd_type_void = RXD_TYPE_ETHERTYPE, \
	.rxd_false_alarm = RXD_FALSE_ALARM, \
	.rxdctl_thresholds = RXDCTL_THRESHOLDS, \
	.txdctl_thresholds = TXDCTL_THRESHOLDS, \
	.rxdctl_choice = THRESHOLD_CHOICE, \
	.txdctl_choice = THRESHOLD_CHOICE, \
	.rx_queue_offloads = RX_OFFLOADS, \
	.tx_queue_offloads = TX_OFFLOADS, \
	.tso = TSO_LIMITS, \
	.nb_desc_min = 32, .nb_desc_max = 4096, .nb_desc_align = 8,	/* 3.6c */ \
	.max_frame_bytes = MAX_FRAME_BYTES, \
	.min_tx_bytes = MIN_TX_BYTES, \
	.max_tx_segments = MAX_TX_SEGMENTS, \
	.max_tx_buffer = MAX_TX_BUFFER, \
	.eitr_interval = EITR_INTERVAL, .eitr_tick_ns = EITR_TICK_NS

/* A pool's queues are p and p + 8, so a PF with VFs uses every eighth block (3.1, 3.2). */
const struct family family_82576_pf = {
	.name = "82576 PF",
	.rxq = { .base = 0xc000, .split = 16, .count = 16, .stride = 0x40 },
	.txq = { .base = 0xe000, .split = 16, .count = 16, .stride = 0x40 },
	.max_queues = 2,
	.queue_step = 8,
	.alone = { 16, 16 },
	.rx_alone_offloads = RX_ALONE_OFFLOADS,
	.insert_needs_strip = true,
	.vectors = { VECTORS(10), .cause_bits = 25, .vf_cause_bits = 3, .ivar_apart = 8 },
	COMMON,
};

/* A VF sees its queues in its own BAR, in the old register blocks (3.3). */
const struct family family_82576_vf = {
	.name = "82576 VF",
	.rxq = { .base = 0x2800, .split = 2, .count = 2, .stride = 0x100 },
	.txq = { .base = 0x3800, .split = 2, .count = 2, .stride = 0x100 },
	.rx_always_drop = true,
	.max_queues = 2,
	.queue_step = 1,
	.vectors = { VECTORS(3), .ivar_apart = 1 },
	COMMON,
};

/* The I350 has one queue for each pool. Never run on silicon. */
const struct family family_i350_pf = {
	.name = "I350 PF",
	.rxq = { .base = 0xc000, .split = 8, .count = 8, .stride = 0x40 },
	.txq = { .base = 0xe000, .split = 8, .count = 8, .stride = 0x40 },
	.rxd_vlan_swapped = RXD_LOOPBACK,
	.max_queues = 1,
	.queue_step = 1,
	.alone = { 8, 8 },
	.rx_alone_offloads = RX_ALONE_OFFLOADS,
	.insert_needs_strip = true,
	.vectors = { VECTORS(10), .cause_bits = 25, .vf_cause_bits = 3, .ivar_apart = 1 },
	COMMON,
};

const struct family family_i350_vf = {
	.name = "I350 VF",
	.rxq = { .base = 0x2800, .split = 1, .count = 1, .stride = 0x100 },
	.txq = { .base = 0x3800, .split = 1, .count = 1, .stride = 0x100 },
	.rxd_vlan_swapped = RXD_LOOPBACK,
	.rx_always_drop = true,
	.max_queues = 1,
	.queue_step = 1,
	.vectors = { VECTORS(3), .ivar_apart = 1 },
	COMMON,
};
