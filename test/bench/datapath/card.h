/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * A model port that works only when it is told to: the device of the datapath benchmark.
 *
 * A driver that starts wants a device that answers, so a thread runs all cards (cards_awake()).
 * What is measured is software alone: then that thread rests (cards_rest()), the tails are plain
 * memory (card_open()), and between two measurements the caller has the device do its work
 * (card_run()). No access traps while a card is open: card_traps() tells whether that is so.
 */
#ifndef BENCH_CARD_H
#define BENCH_CARD_H

#include <stdint.h>

#include "feed.h"

#define CARDS_MAX    16
#define CARD_VFS_MAX 63

struct attach;
struct card;

struct card_config {
	const char *family;
	const char *pf_driver, *vf_driver;
	unsigned int nb_vfs;
};

/**
 * Make it and have drivers take PF and VFs; EAL is initialised.
 *
 * @param why  a line, if it fails
 * @return 0 or -errno
 */
int card_create(struct card **card, const struct card_config *config, const char **why);
/** Its ports are closed. */
void card_free(struct card *card);

/** @param vf  from 0; -1: the PF. @return number of the DPDK port */
uint16_t card_port(const struct card *card, int vf);
struct feed *card_feed(struct card *card);
/** The model's port, for who knows its inside. */
struct attach *card_attach(const struct card *card);

/** The thread that runs all cards works, or has come to rest. It rests at first. */
void cards_awake(void);
void cards_rest(void);

/**
 * Tails of all queues that run are plain memory, until the card is closed; as are the registers
 * that share a page with them, where writes are lost. 0 or -errno
 */
int card_open(struct card *card);
void card_close(struct card *card);

/**
 * Do all there is to do.
 *
 * @param frames  so many come from the wire first
 * @return how many of them found no descriptor
 */
unsigned int card_run(struct card *card, unsigned int frames);

/**
 * Where the device will put what comes next.
 *
 * @return how many; at most @p max
 */
unsigned int card_buffers(const struct card *card, const uint8_t **buffers, unsigned int max);

/** Accesses that trapped. */
uint64_t card_traps(const struct card *card);

#endif /* BENCH_CARD_H */
