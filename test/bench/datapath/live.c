/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include <rte_cycles.h>

#include "live.h"

#define TURN_MS	    20
#define TRIES	    50
#define MS_PER_S    1000
#define WIRE_FRAMES 32	/* that it takes from the wire before it looks at what is to be sent */

struct device {
	struct card *card;
	atomic_bool stop;
	pthread_t thread;
};

/* The wire is never idle: what finds no descriptor is lost. */
static void *
device_main(void *arg)
{
	struct device *device = arg;

	while (!atomic_load_explicit(&device->stop, memory_order_relaxed))
		(void)card_run(device->card, WIRE_FRAMES);
	return NULL;
}

/* Anywhere but on the processor where EAL has put its caller. */
static int
start_device(struct device *device, struct card *card)
{
	pthread_attr_t attributes;
	cpu_set_t others;
	int rc;

	device->card = card;
	atomic_init(&device->stop, false);
	memset(&others, 0xff, sizeof(others));
	CPU_CLR(sched_getcpu(), &others);
	pthread_attr_init(&attributes);
	pthread_attr_setaffinity_np(&attributes, sizeof(others), &others);
	rc = pthread_create(&device->thread, &attributes, device_main, device);
	pthread_attr_destroy(&attributes);
	return -rc;
}

static void
stop_device(struct device *device)
{
	atomic_store(&device->stop, true);
	pthread_join(device->thread, NULL);
}

/* Polls that find nothing count for the time that passes, and for no frame. */
static struct live_turn
forward_for(const struct span *span, uint64_t cycles)
{
	uint64_t begin = rte_rdtsc(), busy = 0, frames = 0, now;

	do {
		unsigned int done;
		uint64_t cost = span_run(span, OP_FORWARD, &done);

		busy += done != 0 ? cost : 0;
		frames += done;
		now = rte_rdtsc();
	} while (now - begin < cycles);
	return (struct live_turn){
		.cycles = frames == 0 ? 0 : (double)busy / frames,
		.mpps = (double)frames / (now - begin) * rte_get_tsc_hz() / 1e6,
	};
}

bool
live_possible(void)
{
	return sysconf(_SC_NPROCESSORS_ONLN) > 1;
}

static int
run_once(struct card *card, const struct span *span, struct live_turn *turn)
{
	struct device device;
	int rc = start_device(&device, card);

	if (rc != 0)
		return rc;
	*turn = forward_for(span, rte_get_tsc_hz() / MS_PER_S * TURN_MS);
	stop_device(&device);
	if (card_feed(card)->wrong != 0)
		return -EBADMSG;
	return turn->mpps == 0 ? -ENODATA : 0;
}

int
live_run(struct target *target, const struct bench_case *c, struct live_turn *turn)
{
	const struct span span = {
		.places = target->places, .nb_places = target->nb_places, .burst = c->burst,
		.nb = c->burst, .mark = frames_mark(c),
	};
	int rc = -ENODATA;

	/* Others may have had the device's processor for all of a turn. */
	for (unsigned int i = 0; i < TRIES && rc == -ENODATA; i++)
		rc = run_once(target->card, &span, turn);
	return rc;
}
