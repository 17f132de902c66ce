/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Statistics (8.12): which counters of struct port_stats *s and struct pool *p a register shows.
 */
#ifndef MODEL_FAMILY_82576_COUNTERS_H
#define MODEL_FAMILY_82576_COUNTERS_H

#include "nic.h"

/** 32 bits, saturating, cleared by reading. */
#define GBE_COUNTERS(X) \
	X(CRCERRS, 0x4000, s->rx_crc_errors) \
	X(MPC, 0x4010, s->rx_missed) \
	X(RLEC, 0x4040, s->rx_length_errors) \
	X(XONRXC, 0x4048, s->rx_xon) \
	X(XONTXC, 0x404c, s->tx_xon) \
	X(XOFFRXC, 0x4050, s->rx_xoff) \
	X(XOFFTXC, 0x4054, s->tx_xoff) \
	X(FCRUC, 0x4058, s->rx_pause_unsupported) \
	X(PRC64, 0x405c, s->rx_size[0]) \
	X(PRC127, 0x4060, s->rx_size[1]) \
	X(PRC255, 0x4064, s->rx_size[2]) \
	X(PRC511, 0x4068, s->rx_size[3]) \
	X(PRC1023, 0x406c, s->rx_size[4]) \
	X(PRC1522, 0x4070, s->rx_size[5]) \
	X(GPRC, 0x4074, s->rx_packets) \
	X(BPRC, 0x4078, s->rx_broadcast) \
	X(MPRC, 0x407c, s->rx_multicast) \
	X(GPTC, 0x4080, s->tx_packets) \
	X(RNBC, 0x40a0, s->rx_no_buffer) \
	X(RUC, 0x40a4, s->rx_undersize) \
	X(RFC, 0x40a8, s->rx_fragments) \
	X(ROC, 0x40ac, s->rx_oversize) \
	X(RJC, 0x40b0, s->rx_jabber) \
	X(TPR, 0x40d0, s->rx_total_packets) \
	X(TPT, 0x40d4, s->tx_total_packets) \
	X(PTC64, 0x40d8, s->tx_size[0]) \
	X(PTC127, 0x40dc, s->tx_size[1]) \
	X(PTC255, 0x40e0, s->tx_size[2]) \
	X(PTC511, 0x40e4, s->tx_size[3]) \
	X(PTC1023, 0x40e8, s->tx_size[4]) \
	X(PTC1522, 0x40ec, s->tx_size[5]) \
	X(MPTC, 0x40f0, s->tx_multicast) \
	X(BPTC, 0x40f4, s->tx_broadcast) \
	X(RPTHC, 0x4104, s->rx_packets + s->loopback_packets) \
	X(HGPTC, 0x4118, s->tx_packets + s->loopback_packets) \
	X(SSVPC, 0x41a0, gbe_spoofed(nic))

/** 64 bits in two registers: the low one shows, the high one shows and clears both. */
#define GBE_PAIRS(X) \
	X(GORC, 0x4088, s->rx_bytes) \
	X(GOTC, 0x4090, s->tx_bytes) \
	X(TOR, 0x40c0, s->rx_total_bytes) \
	X(TOT, 0x40c8, s->tx_total_bytes) \
	X(HGORC, 0x4128, s->rx_bytes + s->loopback_bytes) \
	X(HGOTC, 0x4130, s->tx_bytes + s->loopback_bytes)

/** Of VF i at 0x10000 + 0x100 * i and up: they wrap, and neither reads nor resets clear them. */
#define GBE_VF_COUNTERS(X) \
	X(PFVFGPRC, 0x10, p->rx_packets) \
	X(PFVFGPTC, 0x14, p->tx_packets) \
	X(PFVFGORC, 0x18, p->rx_bytes) \
	X(PFVFGOTC, 0x34, p->tx_bytes) \
	X(PFVFMPRC, 0x3c, p->rx_multicast)

#define DECLARE_COUNTER(name, offset, value) \
	uint32_t count_##name(struct function *fn, unsigned int i, uint32_t stored);
#define DECLARE_PAIR(name, offset, value) \
	uint32_t count_##name##L(struct function *fn, unsigned int i, uint32_t stored); \
	uint32_t count_##name##H(struct function *fn, unsigned int i, uint32_t stored);
GBE_COUNTERS(DECLARE_COUNTER)
GBE_PAIRS(DECLARE_PAIR)
GBE_VF_COUNTERS(DECLARE_COUNTER)

/* Rows of them. */
#define COUNTER_ROW(name_, offset_, value_) \
	{ .name = #name_, .offset = offset_, .on_read = count_##name_ },
#define PAIR_ROWS(name_, offset_, value_) \
	{ .name = #name_ "L", .offset = offset_, .on_read = count_##name_##L }, \
	{ .name = #name_ "H", .offset = offset_ + 4, .on_read = count_##name_##H },
#define VF_COUNTER_ROW(name_, offset_, value_) \
	{ .name = #name_, .offset = 0x10000 + offset_, .count = 8, .stride = 0x100, \
	  .on_read = count_##name_ },

#endif /* MODEL_FAMILY_82576_COUNTERS_H */
