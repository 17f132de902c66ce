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

enum bench_op { OP_RX, OP_TX, OP_FORWARD, OP_IDLE };

/** Names of the operations, as in a case's name. */
extern const char *const bench_ops[];

/** What a port is asked to do with frames, besides moving them. */
struct bench_set {
	const char *name;	/**< as in a case's name; NULL: nothing */
	bool packet_types;
	bool vlan;		/**< frames have a tag, which the port takes off, or puts on */
	bool sums;		/**< it makes checksums, and checks them */
	uint64_t rx_offloads, tx_offloads;
	uint16_t buffer;	/**< bytes of a frame in an mbuf; 0: as many as there are */
	uint16_t mss;		/**< of what it cuts into frames; 0: nothing */
};

enum bench_set_index { SET_NONE, SET_TYPES, SET_OFFLOADS, SET_SEGMENTS, SET_TSO };
extern const struct bench_set bench_sets[];

struct bench_case {
	enum bench_op op;
	uint16_t burst;		/**< frames asked for, and given, at a time */
	uint16_t ring;		/**< descriptors of each queue */
	uint16_t bytes;		/**< of a frame, without CRC */
	uint16_t queues;	/**< of each port */
	uint16_t ports;		/**< VFs of one card, each with as many frames; 0: a port alone */
	bool cold;		/**< the frames' first lines are in no cache when they arrive */
	enum bench_set_index set;
};

/**
 * Cases of the whole run.
 *
 * @param counted  also those that are there for counting alone
 * @return how many; at most @p max
 */
unsigned int cases_list(struct bench_case *cases, unsigned int max, bool counted);
/** "forward-b32-r1024-f60" and so on. */
void case_name(const struct bench_case *c, char name[CASE_NAME_BYTES]);
/** Mbufs of a frame. */
unsigned int case_segments(const struct bench_case *c);
/** Frames on the wire, of one that is sent. */
unsigned int case_cuts(const struct bench_case *c);

/** Whose datapath it is, and what it may use. */
struct column {
	const char *name;
	const char *pf_driver, *vf_driver;
	const char *family;	/**< that it is measured on; NULL: all */
	bool ours;
	uint16_t simd;		/**< bits; 0: what the processor has */
	uint64_t tx_offloads;	/**< that are asked for and never used: only without others */
	bool alone;		/**< not where many ports are measured */
};

extern const struct column columns[];
extern const unsigned int nb_columns;

/** Ports that are alike: what is compared. */
struct group {
	const char *name, *family;
	bool is_vf;
	bool is_many;		/**< as many VFs as there are, and DPDK has ports for */
};

extern const struct group groups[];
extern const unsigned int nb_groups;

#endif /* BENCH_CASES_H */
