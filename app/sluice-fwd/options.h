/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What the user asked for: the command line after EAL's `--`, checked. No port is looked at.
 */
#ifndef SLUICE_FWD_OPTIONS_H
#define SLUICE_FWD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <rte_config.h>
#include <rte_ether.h>

#include "hybrid.h"

#define MAX_PAIRS  (RTE_MAX_ETHPORTS / 2)
#define MAX_QUEUES 64
#define MAX_BURST  256
#define WHY_BYTES  200

enum mac_mode {
	MAC_NONE,
	MAC_SWAP,
	MAC_REWRITE,
};

enum promisc_mode {
	PROMISC_AUTO, /* on where the port allows it */
	PROMISC_ON,   /* on, or the program ends */
	PROMISC_OFF,
};

enum capture_side {
	CAPTURE_RX, /* as received, before the MAC edit */
	CAPTURE_TX, /* as sent, after it */
};

struct port_pair {
	uint16_t port[2];
};

struct next_hop {
	struct rte_ether_addr addr;
	bool given;
};

struct options {
	struct port_pair pairs[MAX_PAIRS];
	uint32_t nb_pairs; /* 0: neighbours in port order */
	struct next_hop eth_dest[RTE_MAX_ETHPORTS];
	uint32_t mac_mode; /* enum mac_mode */
	uint32_t promisc;  /* enum promisc_mode */
	uint32_t queues;
	uint32_t rxd, txd;
	bool rxd_given, txd_given;
	uint32_t burst;
	uint32_t mtu; /* 0: as the driver comes */
	uint32_t stats_period_s;
	uint32_t duration_s; /* 0: until a signal */
	const char *stats_json;
	const char *mode;
	const char *profile;
	const char *aic;
	struct hybrid_config hybrid; /* of profile and aic */
	const char *capture;
	const char *capture_filter;
	uint32_t capture_side; /* enum capture_side */
	uint32_t capture_snaplen_bytes;
	bool version;
	bool help;
};

/**
 * Read the command line.
 *
 * @param argv  as main() has it: argv[0] is not read; its order may change
 * @param why   at least WHY_BYTES; on -EINVAL one line that names the offender and what is allowed
 * @return 0; -EINVAL
 *
 * Strings in @p o point into @p argv.
 */
int options_parse(struct options *o, int argc, char **argv, char *why);

/**
 * Settle the pairs against the ports that exist: fills in the default, refuses unknown ports.
 *
 * @param ports  ids in ascending order
 * @return 0; -ENODEV no ports at all; -EINVAL, and @p why says it
 */
int options_pair(struct options *o, const uint16_t *ports, uint16_t nb_ports, char *why);

void options_usage(FILE *out, const char *program);

#endif /* SLUICE_FWD_OPTIONS_H */
