/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include <rte_lcore.h>

#include "control.h"
#include "dpdk_compat.h"

#define NEVER INT64_MAX

static sigset_t
ending_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	return set;
}

void
control_block_signals(void)
{
	sigset_t set = ending_signals();

	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * MS_PER_S + now.tv_nsec / 1000000;
}

/* True: a signal came before the moment did. */
static bool
signal_before(int64_t moment_ms)
{
	sigset_t set = ending_signals();

	for (;;) {
		int64_t left_ms = moment_ms - now_ms();
		struct timespec left;

		if (left_ms <= 0)
			return false;
		left = (struct timespec){
			.tv_sec = left_ms / MS_PER_S,
			.tv_nsec = left_ms % MS_PER_S * 1000000,
		};
		if (sigtimedwait(&set, NULL, moment_ms == NEVER ? NULL : &left) > 0)
			return true;
	}
}

static int64_t
next_after(int64_t moment_ms, uint32_t period_s)
{
	return period_s == 0 ? NEVER : moment_ms + (int64_t)period_s * MS_PER_S;
}

static control_thread_end
control_main(void *arg)
{
	struct control *control = arg;
	int64_t table_ms = next_after(now_ms(), control->o->stats_period_s);
	int64_t end_ms = next_after(now_ms(), control->o->duration_s);

	puts("sluice-fwd: forwarding");
	fflush(stdout);
	while (!signal_before(table_ms < end_ms ? table_ms : end_ms)) {
		if (now_ms() >= end_ms)
			break;
		stats_print(control->stats, stdout);
		table_ms = next_after(now_ms(), control->o->stats_period_s);
	}

	atomic_store(control->stop, true);
	for (unsigned int i = 0; i < control->nb_pairs; i++)
		wait_wake(&control->pairs[i].wait);
	return 0;
}

int
control_start(struct control *control)
{
	return control_thread_create(&control->thread, "fwd-control", control_main, control);
}

void
control_end(void)
{
	kill(getpid(), SIGTERM);
}

void
control_join(struct control *control)
{
	pthread_join(control->thread, NULL);
}
