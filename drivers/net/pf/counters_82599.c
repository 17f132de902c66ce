/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The port's statistics registers (82599 sheet, 8.9). They count the whole port, VFs included.
 */
#include "xgbe.h"

const struct pf_counter counters_82599[] = {
	{ "port_rx_crc_errors",		0x4000, .rx_error = true },
	{ "port_rx_illegal_bytes",	0x4004, .rx_error = true },
	{ "port_rx_byte_errors",	0x4008, .rx_error = true },
	{ "port_rx_missed_packets",	0x3fa0, .rx_missed = true },
	/* The PF's own queues count in the second of 16 counters, the VFs' in the first. */
	{ "rx_no_descriptor",		0x1470, .rx_missed = true },
	{ "vfs_rx_no_descriptor",	0x1430 },
	{ "port_local_faults",		0x4034 },
	{ "port_remote_faults",		0x4038 },
	{ "port_rx_length_errors",	0x4040, .rx_error = true },
	{ "port_tx_xon_packets",	0x3f60 },
	{ "port_tx_xoff_packets",	0x3f68 },
	{ "port_rx_xon_packets",	0x41a4 },
	{ "port_rx_xoff_packets",	0x41a8 },
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
	{ "port_rx_undersized",		0x40a4 },
	{ "port_rx_fragments",		0x40a8, .rx_error = true },
	{ "port_rx_oversized",		0x40ac, .rx_error = true },
	{ "port_rx_jabbers",		0x40b0, .rx_error = true },
	{ "port_rx_total_bytes",	0x40c0, .wide = true },
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
	/* Not an error: on 82599 it counts UDP frames without a checksum as well (5.1). */
	{ "port_rx_checksum_errors",	0x4120 },
	{ "port_rx_dma_packets",	0x2f50 },
	{ "port_rx_loopback_packets",	0x2f68 },
	{ "port_tx_dma_packets",	0x87a0 },
	{ "port_tx_spoofed_packets",	0x8780 },
};

_Static_assert(sizeof(counters_82599) / sizeof(counters_82599[0]) == NB_COUNTERS_82599, "its size");
_Static_assert(NB_COUNTERS_82599 <= PF_COUNTERS_MAX, "raise PF_COUNTERS_MAX");
