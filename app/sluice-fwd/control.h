/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The thread that is not forwarding: tables on time, the end by signal or by duration.
 *
 * All lcores may forward, the main one too, so that one lcore is enough for one pair.
 */
#ifndef SLUICE_FWD_CONTROL_H
#define SLUICE_FWD_CONTROL_H

#include <pthread.h>
#include <stdatomic.h>

#include "forward.h"
#include "options.h"
#include "stats.h"

struct control {
	const struct options *o;
	struct stats *stats;
	struct queue_pair *pairs;
	unsigned int nb_pairs;
	atomic_bool *stop;
	pthread_t thread;
};

/* Hold SIGINT and SIGTERM back in this thread and all that it starts: the control thread waits
 * for them. To be called before EAL starts its threads.
 */
void control_block_signals(void);

/* Start the thread; it says that forwarding has begun. 0 or -errno. */
int control_start(struct control *control);

/* End it as a signal would, from any thread. */
void control_end(void);

void control_join(struct control *control);

#endif /* SLUICE_FWD_CONTROL_H */
