/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The command line of frames-dpdk and frames-sock.
 */
#ifndef SLUICE_TRAFFIC_ARGS_H
#define SLUICE_TRAFFIC_ARGS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "judge.h"

#define MAX_JOINED   16
#define MAX_SEGMENTS 8

enum mode {
	MODE_SEND,
	MODE_RECEIVE,
	MODE_BOTH, /* send, and receive what comes back or arrives at the other port */
	MODE_ECHO, /* send out what came, MACs swapped */
};

/* Which program is asking; an option may be known to one of them only. */
enum backend {
	BACKEND_DPDK = 1,
	BACKEND_SOCK = 2,
};

struct mac {
	uint8_t byte[MAC_BYTES];
	bool given;
};

struct args {
	uint32_t mode;
	struct mac dst, src;
	uint32_t count;
	uint32_t min_bytes, max_bytes;
	uint32_t burst, gap_us;
	uint32_t run;
	uint32_t timeout_s;
	uint32_t patience_s;
	uint32_t linger_ms;
	int vlan;
	bool promisc, json, help;
	struct mac groups[MAX_JOINED];
	uint32_t nb_groups;

	/* frames-dpdk */
	uint32_t send_port, receive_port;
	uint32_t segments;
	uint32_t mtu;
	struct mac set_mac;
	uint16_t vlans[MAX_JOINED];
	uint32_t nb_vlans;

	/* frames-sock */
	const char *netdev;
};

/* 0; -EINVAL after a line on standard error that names the offender and what is allowed. */
int args_parse(struct args *args, enum backend backend, int argc, char **argv);

void args_usage(FILE *out, const char *program, enum backend backend);

#endif /* SLUICE_TRAFFIC_ARGS_H */
