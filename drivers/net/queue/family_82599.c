/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <rte_ethdev.h>

#include "desc.h"
#include "family.h"

/*
 * 82599, X540 and X550. Section numbers are those of the 82599 sheet. Never run on silicon.
 */

/* SRRCTL (3.3). */
#define SRRCTL_OFFSET	  0x14
#define SRRCTL_BUFFER_KB  BITS(4, 0)	/* 6:5 are not used */
#define SRRCTL_ONE_BUFFER UINT32_C(0x02000400)	/* DESCTYPE 27:25 = 1; BSIZEHDR as after reset */
#define SRRCTL_DROP_EN	  BIT(28)
#define SRRCTL_RDMTS	  BITS(24, 22)
#define RDMTS_UNIT	  64

/* RXDCTL (3.3). It has no thresholds; on 82599 the frame limit's bits must stay 0. */
#define RXDCTL_MAX_FRAME	BITS(13, 0)
#define RXDCTL_MAX_FRAME_ENABLE BIT(15)
#define RXDCTL_STRIP_VLAN	BIT(30)

/*
 * TXDCTL (3.4). PTHRESH 32, HTHRESH 1. WTHRESH is 0, since not every descriptor asks for its
 * write-back; then 40 descriptors may lie between two that do. With 16 to the next mark and 24
 * segments of the frame that bears it these are never exceeded.
 */
#define TXDCTL_THRESHOLDS (UINT32_C(32) | UINT32_C(1) << 8)
#define MAX_RS_THRESH	  16
#define MAX_TX_SEGMENTS	  24	/* and a context before them */
#define TXDCTL_CHOICE { \
	.prefetch = BITS(6, 0), .host = BITS(14, 8), .prefetch_max = 40, .host_min = 1, \
}

/* DCA_RXCTRL, DCA_TXCTRL (3.3, 3.4): write-backs must not overtake the data they vouch for. */
#define DCA_OFFSET	  0x0c
#define DCA_RX_RELAXED	  (BIT(13) | BIT(15))
#define DCA_TX_RELAXED	  BIT(11)

/* Rx write-back, DW2 (4.2): RXE. The checksum verdicts are bits 31 and 30. */
#define RXD_ERRORS	  BIT(29)
#define RXD_SUM_ERRORS	  BITS(31, 30)

/* A tunnel's inner headers (DW0) and wrong outer IPv4 checksum (DW2), which only X550 sees. */
#define RXD_TYPE_TUNNEL	  BIT(16)
#define RXD_OUTER_ERROR	  BIT(26)

/* Erratum 44: UDP over IPv4 without a checksum. */
#define RXD_FALSE_ALARM { .types = RXD_TYPE_UDP }

/* 5.1, 5.2. */
#define RX_OFFLOADS (RTE_ETH_RX_OFFLOAD_IPV4_CKSUM | RTE_ETH_RX_OFFLOAD_UDP_CKSUM | \
		     RTE_ETH_RX_OFFLOAD_TCP_CKSUM | RTE_ETH_RX_OFFLOAD_SCTP_CKSUM | \
		     RTE_ETH_RX_OFFLOAD_RSS_HASH | RTE_ETH_RX_OFFLOAD_SCATTER | \
		     RTE_ETH_RX_OFFLOAD_VLAN_STRIP)
#define TX_OFFLOADS (RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_UDP_CKSUM | \
		     RTE_ETH_TX_OFFLOAD_TCP_CKSUM | RTE_ETH_TX_OFFLOAD_SCTP_CKSUM | \
		     RTE_ETH_TX_OFFLOAD_VLAN_INSERT | RTE_ETH_TX_OFFLOAD_TCP_TSO | \
		     RTE_ETH_TX_OFFLOAD_MULTI_SEGS | RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE)

/* 4.3, Tx data descriptor of X550 for tunnels; X550EM_a has the checksum's bit elsewhere. */
#define TXD_NVGRE	   BIT(16)
#define TXD_OUTER_SUM	   BIT(17)
#define TXD_OUTER_SUM_EM_A BIT(26)

/* 4.3: PAYLEN has 18 bits, of which 16 are known to work. The other limits are the 82576's. */
#define TSO_LIMITS { \
	.max_bytes = 64 * 1024 - 1, .max_header = 512, \
	.min_segment = 64, .max_segment = 9216, \
}
#define MAX_TX_BUFFER	  16383	/* 4.3 */

/*
 * 4.5: the internal switch reads a frame's header by a context, and CC says which: index 0, with
 * an Ethernet header and no checksum to insert.
 */
#define TXD_CHECK_CONTEXT BIT(7)
#define DEFAULT_CONTEXT { \
	UINT32_C(14) << TXC_MAC_SHIFT, \
	0, \
	TXC_CONTEXT | TXD_ADVANCED | TXC_L4_TYPE_NONE << TXC_L4_TYPE_SHIFT, \
	0, \
}

#define MAX_FRAME_BYTES	  9728	/* with virtualisation (1.2) */
#define MIN_TX_BYTES	  17	/* 4.3 */

/* EITR (6.3). */
#define EITR_INTERVAL	  BITS(11, 3)
#define EITR_TICK_NS	  2048
#define EITR_SLOW_TICK_NS 20480		/* at 100 Mb/s */
#define EITR_KEEP	  BIT(31)
#define EITR_COUNTER	 BITS(27, 21)
#define EITR_COUNTER_TICKS 4	/* 9 bits, the upper 7 of which are shown */

/* EIMS_EX, EIMC_EX (6.1): all vectors in one place; EIMS has the first 16 once more. */
#define PF_VECTORS \
	.vectors = { \
		.count = 64, \
		.enable = 0x0aa0, .disable = 0x0ab0, \
		.ivar = 0x0900, .ivar_apart = 1, \
		.throttle = { .base = 0x0820, .high_base = 0x12300, .split = 24, .count = 64, \
			      .stride = 4 }, \
		.slow_tick_ns = EITR_SLOW_TICK_NS, \
		.keep_counter = EITR_KEEP, \
		.counter = EITR_COUNTER, .counter_ticks = EITR_COUNTER_TICKS, \
		.acknowledge = 0x0800, .nb_acknowledge = 16, \
	}

/* 6.4 */
#define VF_VECTORS \
	.vectors = { \
		.count = 3, \
		.enable = 0x0108, .disable = 0x010c, \
		.ivar = 0x0120, .ivar_apart = 1, \
		.throttle = { .base = 0x0820, .split = 3, .count = 3, .stride = 4 }, \
		.slow_tick_ns = EITR_SLOW_TICK_NS, \
		.keep_counter = EITR_KEEP, \
		.counter = EITR_COUNTER, .counter_ticks = EITR_COUNTER_TICKS, \
		.acknowledge = 0x0100, .nb_acknowledge = 3, \
	}

/* 3.1. What PF and VF, and all members of the family, have in common. */
#define COMMON \
	.rxq_srrctl = SRRCTL_OFFSET, \
	.srrctl_drop_en = SRRCTL_DROP_EN, \
	.srrctl_buffer_kb = SRRCTL_BUFFER_KB, \
	.srrctl_one_buffer = SRRCTL_ONE_BUFFER, \
	.srrctl_low_threshold = SRRCTL_RDMTS, .low_threshold_unit = RDMTS_UNIT, \
	.buffer_kb_max = 16, \
	.rxd_errors = RXD_ERRORS, \
	.rxd_sum_errors = RXD_SUM_ERRORS, \
	.txdctl_thresholds = TXDCTL_THRESHOLDS, \
	.txdctl_choice = TXDCTL_CHOICE, \
	.tso = TSO_LIMITS, \
	.rxdctl_strip_vlan = RXDCTL_STRIP_VLAN, \
	.rxq_dca = DCA_OFFSET, .rxq_relaxed = DCA_RX_RELAXED, \
	.txq_dca = DCA_OFFSET, .txq_relaxed = DCA_TX_RELAXED, \
	.txd_default_context = DEFAULT_CONTEXT, \
	.txd_status = TXD_CHECK_CONTEXT, \
	.nb_desc_min = 32, .nb_desc_max = 4096, .nb_desc_align = 8,	/* 3.2 */ \
	.max_frame_bytes = MAX_FRAME_BYTES, \
	.min_tx_bytes = MIN_TX_BYTES, \
	.max_tx_segments = MAX_TX_SEGMENTS, \
	.max_tx_buffer = MAX_TX_BUFFER, \
	.max_rs_thresh = MAX_RS_THRESH, \
	.eitr_interval = EITR_INTERVAL, .eitr_tick_ns = EITR_TICK_NS

/*
 * Pools have two queues each, side by side (1.4: 64 pools). Without pools and traffic classes MTQC
 * knows 64 Tx queues (3.5).
 */
#define PF_QUEUES \
	.rxq = { .base = 0x1000, .high_base = 0xd000, .split = 64, .count = 128, .stride = 0x40 }, \
	.txq = { .base = 0x6000, .split = 128, .count = 128, .stride = 0x40 }, \
	PF_VECTORS, \
	.rx_alone_offloads = RTE_ETH_RX_OFFLOAD_KEEP_CRC, \
	.max_queues = 2, \
	.queue_step = 1, \
	.alone = { .rx = 128, .tx = 64 }

/*
 * max_queues is what any PF gives its VFs, and is set anew by what ours says (GET_QUEUES). A VF's
 * head-of-line blocking would stop the whole port.
 */
#define VF_QUEUES \
	.rxq = { .base = 0x1000, .split = 8, .count = 8, .stride = 0x40 }, \
	.txq = { .base = 0x2000, .split = 8, .count = 8, .stride = 0x40 }, \
	VF_VECTORS, \
	.rx_always_drop = true, \
	.max_queues = 2, \
	.queue_step = 1

#define OWN_FRAME_LIMIT \
	.rxdctl_max_frame = RXDCTL_MAX_FRAME, \
	.rxdctl_max_frame_enable = RXDCTL_MAX_FRAME_ENABLE

#define FALSE_ALARM .rxd_false_alarm = RXD_FALSE_ALARM

#define NO_TUNNELS \
	.rxd_type_void = RXD_TYPE_ETHERTYPE | RXD_TYPE_TUNNEL, \
	.rx_queue_offloads = RX_OFFLOADS, \
	.tx_queue_offloads = TX_OFFLOADS

#define TUNNELS \
	.rxd_type_void = RXD_TYPE_ETHERTYPE, \
	.rxd_type_tunnel = RXD_TYPE_TUNNEL, \
	.rxd_outer_wrong = RXD_OUTER_SUM | RXD_OUTER_ERROR, \
	.rx_queue_offloads = RX_OFFLOADS | RTE_ETH_RX_OFFLOAD_OUTER_IPV4_CKSUM, \
	.tx_queue_offloads = TX_OFFLOADS | RTE_ETH_TX_OFFLOAD_OUTER_IPV4_CKSUM, \
	.txd_nvgre = TXD_NVGRE

const struct family family_82599_pf = {
	.name = "82599 PF", PF_QUEUES, FALSE_ALARM, NO_TUNNELS, COMMON,
};
const struct family family_82599_vf = {
	.name = "82599 VF", VF_QUEUES, FALSE_ALARM, NO_TUNNELS, COMMON,
};

/* From X540 on each queue has a frame limit. */
const struct family family_x540_pf = {
	.name = "X540 PF", PF_QUEUES, OWN_FRAME_LIMIT, NO_TUNNELS, COMMON,
};
const struct family family_x540_vf = {
	.name = "X540 VF", VF_QUEUES, OWN_FRAME_LIMIT, NO_TUNNELS, COMMON,
};

const struct family family_x550_pf = {
	.name = "X550 PF", PF_QUEUES, OWN_FRAME_LIMIT, TUNNELS, .txd_outer_sum = TXD_OUTER_SUM,
	COMMON,
};
const struct family family_x550_vf = {
	.name = "X550 VF", VF_QUEUES, OWN_FRAME_LIMIT, TUNNELS, .txd_outer_sum = TXD_OUTER_SUM,
	COMMON,
};
const struct family family_x550em_a_vf = {
	.name = "X550EM_a VF", VF_QUEUES, OWN_FRAME_LIMIT, TUNNELS,
	.txd_outer_sum = TXD_OUTER_SUM_EM_A, COMMON,
};
