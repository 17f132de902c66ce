/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <err.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <time.h>

#include "doors.h"
#include "gang.h"
#include "messages.h"
#include "start.h"

#define NUMBER_AT   44	/* in a frame; of 8 bytes */
#define TURN_AT	    52	/* which load it is of */
#define SAMPLES_MAX 1000000
#define NS	    UINT64_C(1000000000)
#define ROUNDS	    16	/* of the device, before others may have it */
#define FEW_ROUNDS  4	/* where there are several devices, which take turns on its processor */
#define TURN_MS	    10	/* until it is looked whether there is an end */

static struct {
	pthread_t thread;
	pthread_mutex_t lock;
	atomic_uint waiting;	/* for the lock: the thread would take it at once again */
	atomic_bool stop;

	/* Under the lock. */
	struct setup *setup;
	double gap_ns;		/* 0: none is sent */
	uint64_t begin_ns, due, turn, back;
	uint64_t out;		/* frames that the wire has handed out */
	uint32_t *sample_ns;
} device = { .lock = PTHREAD_MUTEX_INITIALIZER };

static uint64_t
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS + (uint64_t)now.tv_nsec;
}

static uint64_t
due_ns(uint64_t number)
{
	return device.begin_ns + (uint64_t)((double)number * device.gap_ns);
}

static void
on_out(struct feed *feed, uint8_t *data)
{
	uint64_t due = due_ns(device.out++);

	(void)feed;
	memcpy(data + NUMBER_AT, &due, sizeof(due));
	memcpy(data + TURN_AT, &device.turn, sizeof(device.turn));
}

static bool
on_back(const struct feed *feed, const uint8_t *data, uint32_t bytes)
{
	uint64_t due, turn;

	if (bytes != feed->len[0])
		return false;
	memcpy(&due, data + NUMBER_AT, sizeof(due));
	memcpy(&turn, data + TURN_AT, sizeof(turn));
	if (turn == device.turn && device.back < SAMPLES_MAX)
		device.sample_ns[device.back++] = (uint32_t)(now_ns() - due);
	return true;
}

static void
work(void)
{
	struct setup *setup = device.setup;
	unsigned int nb = 0;

	if (setup == NULL)
		return;
	doors_look(setup->card, setup->kind->has_vfs ? setup->nb : 0);
	for (uint64_t now = now_ns(); device.gap_ns != 0 && due_ns(device.due) <= now; nb++)
		device.due++;
	(void)card_run(setup->card, nb);
}

static void *
run(void *arg)
{
	bool is_alone = gang_size() == 1;

	/* What runs besides shall not take its processor, if it may say so. */
	(void)setpriority(PRIO_PROCESS, 0, PRIO_MIN);
	while (!atomic_load_explicit(&device.stop, memory_order_relaxed)) {
		/* A turn handed on is soon back; who yields may wait for a slice of anybody. */
		if (!is_alone && !gang_turn(TURN_MS))
			continue;
		pthread_mutex_lock(&device.lock);
		for (unsigned int i = 0; i < (is_alone ? ROUNDS : FEW_ROUNDS); i++)
			work();
		pthread_mutex_unlock(&device.lock);
		if (!is_alone)
			gang_pass();
		while (atomic_load(&device.waiting) != 0)
			sched_yield();
	}
	return arg;
}

static void
lock(void)
{
	atomic_fetch_add(&device.waiting, 1);
	pthread_mutex_lock(&device.lock);
	atomic_fetch_sub(&device.waiting, 1);
}

void
messages_start(int cpu)
{
	device.sample_ns = calloc(SAMPLES_MAX, sizeof(*device.sample_ns));
	if (device.sample_ns == NULL)
		err(EX_OSERR, "memory");
	start_thread(&device.thread, cpu, run, NULL);
}

void
messages_stop(void)
{
	atomic_store(&device.stop, true);
	pthread_join(device.thread, NULL);
	free(device.sample_ns);
}

void
messages_to(struct setup *setup)
{
	lock();
	device.setup = setup;
	if (setup != NULL) {
		card_feed(setup->card)->on_out = on_out;
		card_feed(setup->card)->is_right = on_back;
	}
	pthread_mutex_unlock(&device.lock);
}

void
messages_rate(unsigned int rate)
{
	lock();
	device.gap_ns = rate == 0 ? 0 : (double)NS / rate;
	if (rate != 0) {
		device.begin_ns = now_ns();
		device.due = device.out = device.back = 0;
		device.turn++;
	}
	pthread_mutex_unlock(&device.lock);
}

bool
messages_are_back(void)
{
	bool all;

	lock();
	all = device.back >= device.out;
	pthread_mutex_unlock(&device.lock);
	return all;
}

static int
by_size(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

static double
quantile_us(double share)
{
	if (device.back == 0)
		return 0;
	return device.sample_ns[(uint64_t)((double)(device.back - 1) * share + 0.5)] / 1e3;
}

void
messages_result(struct messages_result *result)
{
	lock();
	qsort(device.sample_ns, device.back, sizeof(*device.sample_ns), by_size);
	*result = (struct messages_result){
		.sent = device.out, .back = device.back, .p50_us = quantile_us(0.5),
		.p95_us = quantile_us(0.95), .p99_us = quantile_us(0.99),
	};
	pthread_mutex_unlock(&device.lock);
}
