/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Which lcore serves which queue pair. Pure: the machine is described by the caller.
 */
#ifndef SLUICE_FWD_PLACE_H
#define SLUICE_FWD_PLACE_H

#include <stdbool.h>
#include <stdint.h>

#define NODE_ANY        (-1)
#define MAX_NODES       64
#define PLACE_MAX_PAIRS 128 /* as many as DPDK has lcores */

struct place_lcore {
	unsigned int id;
	uint64_t nodes; /* bit n: it may run on NUMA node n; 0: not known */
	bool main;
	bool taken; /* in: not to be used; out: serves a pair */
};

struct place_pair {
	int node;           /* wanted; NODE_ANY: no wish */
	unsigned int lcore; /* out: an lcore's id */
	bool placed;        /* out: there, or no wish */
	bool confine;       /* out: that lcore may run elsewhere too, and should not */
};

/**
 * Give every queue pair an lcore of its own.
 *
 * On the node that the pair wants first; what is left over serves the others. The main lcore
 * comes last on its node, since it has the console and the signals as well.
 *
 * @return 0; -ENOSPC fewer lcores than pairs, nothing is assigned
 */
int place_pairs(struct place_pair *pairs, unsigned int nb_pairs, struct place_lcore *lcores,
		unsigned int nb_lcores);

#endif /* SLUICE_FWD_PLACE_H */
