/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What is measured (cases), on which devices (groups), and of whom (columns): tables.
 */
#ifndef BENCH_CASES_H
#define BENCH_CASES_H

#include <stdbool.h>
#include <stdint.h>

#define CASE_NAME_BYTES 64
#define COLUMNS_MAX	8

enum bench_op { OP_RX, OP_TX, OP_FORWARD };

/** Names of the operations, as in a case's name. */
extern const char *const bench_ops[];

struct bench_case {
	enum bench_op op;
	uint16_t burst;		/**< frames asked for, and given, at a time */
	uint16_t ring;		/**< descriptors of each queue */
	uint16_t bytes;		/**< of a frame, without CRC */
	uint16_t queues;
	bool cold;		/**< the frames' first lines are in no cache when they arrive */
};

/** Cases of the whole run. @return how many; at most @p max */
unsigned int cases_list(struct bench_case *cases, unsigned int max);
/** "forward-b32-r1024-f60" and so on. */
void case_name(const struct bench_case *c, char name[CASE_NAME_BYTES]);

/** Whose datapath it is, and what it may use. */
struct column {
	const char *name;
	const char *pf_driver, *vf_driver;
	const char *family;	/**< that it is measured on; NULL: all */
	bool ours;
	uint16_t simd;		/**< bits; 0: what the processor has */
	uint64_t tx_offloads;	/**< that are asked for and never used */
};

extern const struct column columns[];
extern const unsigned int nb_columns;

/** Ports that are alike: what is compared. */
struct group {
	const char *name, *family;
	bool is_vf;
};

extern const struct group groups[];
extern const unsigned int nb_groups;

#endif /* BENCH_CASES_H */
