/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/** @file A PF and two VFs of our drivers on the model, and single frames from one to another. */
#ifndef SLUICE_TEST_OFFLOAD_RIG_H
#define SLUICE_TEST_OFFLOAD_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "offload_frames.h"

#define WAIT_US 200
#define TRIES	100000

enum { PF, VF0, VF1, NB_PORTS };

struct offload_rig {
	const char *family;
	unsigned int nb_mbufs;
	uint16_t nb_desc;	/**< of each ring */
	struct rte_mempool *pool;
	uint16_t port[NB_PORTS];
	unsigned int nb_ports;	/**< of them, that are there */
};
extern struct offload_rig rig;

/**
 * EAL, ports and mbufs; exits with a line if it fails. The rig's two sizes are set.
 *
 * @param argv  PLUGIN,PLUGIN FAMILY
 * @param model  what else the model is to be, such as "wire=loop"
 * @param log_level  as in struct model_eal
 */
void rig_open(int argc, char *argv[], const char *model, const char *log_level);
/** The PF's device, for who takes the model away and brings another one. */
const char *rig_pf_device(void);

/** Stop, and start with these. */
void restart(unsigned int which, uint64_t rx_offloads, uint64_t tx_offloads);

struct frame_ends ends_of(unsigned int from, unsigned int to);
void send_one(unsigned int from, struct rte_mbuf *m);
/** Waits for it. */
struct rte_mbuf *receive(unsigned int to);
/** A byte of the frame is another one. */
void spoil(struct rte_mbuf *m, uint32_t at);

/** A test: all ports stop, and all mbufs are back. */
void no_mbuf_is_lost(void **state);

#endif /* SLUICE_TEST_OFFLOAD_RIG_H */
