/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The mailbox between the PF and one VF of an 82576, register by register (82576 sheet, 7.1, 7.2).
 *
 * A transcription of its own: it shares no bit definition with the code under test, only the
 * function table it is reached through. Each side sees it as a struct mailbox_io; both may be used
 * from two threads.
 */
#ifndef SLUICE_MAILBOX_MODEL_H
#define SLUICE_MAILBOX_MODEL_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "channel.h"

#define MODEL_WORDS 16

struct mailbox_model {
	pthread_mutex_t lock;

	/* The registers. */
	uint32_t buffer[MODEL_WORDS];
	bool pf_owns, vf_owns;			/* PFU, VFU */
	bool message, acknowledged;		/* PFSTS, PFACK: cleared by the VF's read */
	bool resetting, reset_done;		/* RSTI, RSTD: the VF's read clears the latter */
	bool vf_request, vf_ack;		/* the VF's bits of MBVFICR: cleared by writing 1 */

	/* What goes wrong. */
	bool gone;		/* left the bus: all reads are all ones */
	bool dead;		/* the control registers read 0 and take no write */

	/* What was seen. */
	unsigned int reads[MODEL_WORDS];	/* of each word, by the PF */
	unsigned int unlocked;	/* buffer accesses of a side that did not own it */

	/* Time. */
	bool real_time;		/* delays sleep; else they advance the clock below */
	uint64_t clock_us;
	/** Called in each delay, after the clock has advanced: the other side's turn. */
	void (*meanwhile)(struct mailbox_model *model);
	void *meanwhile_ctx;
};

void model_create(struct mailbox_model *model);
void model_free(struct mailbox_model *model);

struct mailbox_io model_pf_io(struct mailbox_model *model);
struct mailbox_io model_vf_io(struct mailbox_model *model);

/** MBVFICR's request bit: returns it and writes 1 to it if it was set. */
bool model_take_request(struct mailbox_model *model);

/** MBVFICR's acknowledge bit, likewise. */
bool model_take_ack(struct mailbox_model *model);

#endif /* SLUICE_MAILBOX_MODEL_H */
