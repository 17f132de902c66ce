/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Malicious-driver detection: the device stops a queue whose driver hands it what makes no sense.
 *
 * A queue stays stopped until its VF resets itself, or is released. What families differ in is a
 * struct malicious_row; NULL in its place: the family has no such detection.
 */
#ifndef SLUICE_PF_MALICIOUS_H
#define SLUICE_PF_MALICIOUS_H

#include <stdbool.h>
#include <stdint.h>

#include "reg.h"

#define MALICIOUS_SIDES 2	/* receiver, transmitter */
#define MALICIOUS_WORDS 4	/* a bit for each of 128 queues */

struct pf;

/** Where one side is switched, and where it tells what it found. */
struct malicious_side {
	struct reg control;
	uint32_t enable;	/**< bits there */
	struct reg blocked;	/**< the first of the words with a bit per queue stopped */
	uint8_t shift;		/**< of queue 0's bit */
	struct reg cause;	/**< of the last one */
};

struct malicious_row {
	struct malicious_side side[MALICIOUS_SIDES];
	uint8_t nb_sides, nb_words;
	/** `blocked` forgets when read, and a queue runs when it is enabled anew; else a 1 there
	 *  lets it run. */
	bool read_clears;
	/* Who spoofed: a bit per queue in the first `blocked`, forgotten when read; or a bit of the
	 * cause, and which queue. 0: it is told otherwise, or not at all. */
	uint32_t spoofers, spoof_cause, spoof_queue;
	struct reg unmask, mask;	/**< the interrupt's, if `enable` has no bit for it */
	uint32_t interrupt;		/**< bit there; 0: none is needed */
};

/** What one port knows; under the port's lock. */
struct malicious {
	bool on;
	uint32_t stopped[MALICIOUS_SIDES][MALICIOUS_WORDS];	/**< queues told of */
};

/** As the device arguments say. @return 0; -ENOTSUP, logged, if it cannot be on */
int malicious_init(struct pf *pf, bool on);
/** Write the switch, and forget what was stopped: after a reset of the device. */
void malicious_start(struct pf *pf);
/** With the port's lock held. @return 0 or -ENOTSUP */
int malicious_switch(struct pf *pf, bool on);
/** Fetch what was stopped since, and tell the handler. Without the lock. @return queues, >= 0 */
int malicious_serve(struct pf *pf);
/** The VF's queues may run: they were disabled. */
void malicious_forget(struct pf *pf, uint16_t vf);
/** Let the VF's queues run on. @return 0 or -ENOTSUP */
int malicious_release(struct pf *pf, uint16_t vf);

#endif /* SLUICE_PF_MALICIOUS_H */
