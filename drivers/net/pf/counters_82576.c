/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The port's statistics registers (82576 sheet, 8.12). They count the whole port, VFs included.
 */
#include "gbe.h"

const struct pf_counter counters_82576[NB_COUNTERS_82576] = {
	{ "port_rx_crc_errors",		0x4000, .rx_error = true },
	{ "port_rx_align_errors",	0x4004, .rx_error = true },
	{ "port_rx_symbol_errors",	0x4008, .rx_error = true },
	{ "port_rx_errors",		0x400c, .rx_error = true },
	{ "port_rx_missed_packets",	0x4010, .rx_missed = true },
	{ "port_tx_single_collisions",	0x4014 },
	{ "port_tx_excessive_collisions", 0x4018, .tx_error = true },
	{ "port_tx_multiple_collisions", 0x401c },
	{ "port_tx_late_collisions",	0x4020, .tx_error = true },
	{ "port_tx_collisions",		0x4028 },
	{ "port_tx_deferred",		0x4030 },
	{ "port_tx_no_carrier",		0x4034 },
	{ "port_tx_discarded_by_mac",	0x403c, .tx_error = true },
	{ "port_rx_length_errors",	0x4040, .rx_error = true },
	{ "port_rx_xon_packets",	0x4048 },
	{ "port_tx_xon_packets",	0x404c },
	{ "port_rx_xoff_packets",	0x4050 },
	{ "port_tx_xoff_packets",	0x4054 },
	{ "port_rx_unsupported_pause",	0x4058 },
	{ "port_rx_size_64",		0x405c },
	{ "port_rx_size_65_to_127",	0x4060 },
	{ "port_rx_size_128_to_255",	0x4064 },
	{ "port_rx_size_256_to_511",	0x4068 },
	{ "port_rx_size_512_to_1023",	0x406c },
	{ "port_rx_size_1024_to_max",	0x4070 },
	{ "port_rx_good_packets",	0x4074 },
	{ "port_rx_broadcast_packets",	0x4078 },
	{ "port_rx_multicast_packets",	0x407c },
	{ "port_tx_good_packets",	0x4080 },
	{ "port_rx_good_bytes",		0x4088, .wide = true },
	{ "port_tx_good_bytes",		0x4090, .wide = true },
	{ "port_rx_no_buffers",		0x40a0 },
	{ "port_rx_undersized",		0x40a4 },
	{ "port_rx_fragments",		0x40a8, .rx_error = true },
	{ "port_rx_oversized",		0x40ac, .rx_error = true },
	{ "port_rx_jabbers",		0x40b0, .rx_error = true },
	{ "port_rx_total_bytes",	0x40c0, .wide = true },
	{ "port_tx_total_bytes",	0x40c8, .wide = true },
	{ "port_rx_total_packets",	0x40d0 },
	{ "port_tx_total_packets",	0x40d4 },
	{ "port_tx_size_64",		0x40d8 },
	{ "port_tx_size_65_to_127",	0x40dc },
	{ "port_tx_size_128_to_255",	0x40e0 },
	{ "port_tx_size_256_to_511",	0x40e4 },
	{ "port_tx_size_512_to_1023",	0x40e8 },
	{ "port_tx_size_1024_to_max",	0x40ec },
	{ "port_tx_multicast_packets",	0x40f0 },
	{ "port_tx_broadcast_packets",	0x40f4 },
	{ "port_tx_tso_packets",	0x40f8 },
	{ "port_interrupts_asserted",	0x4100 },
	{ "port_tx_spoofed_packets",	0x41a0 },
};

_Static_assert(NB_COUNTERS_82576 <= PF_COUNTERS_MAX, "raise PF_COUNTERS_MAX");
