/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include <rte_cycles.h>
#include <rte_ethdev.h>

#include "generator.h"
#include "profiles.h"
#include "strategy.h"

#define BURST	   32
#define TIMEOUT_MS 1000		/* nothing depends on it: interrupts are not lost */
#define NS_PER_US  1000
#define HZ(n)	   (NS_PER_S / (n))

/* --- Static polling --- */

static void
take_no_note(struct waiting *waiting, uint16_t nb)
{
	(void)waiting;
	(void)nb;
}

static void
return_at_once(struct waiting *waiting)
{
	(void)waiting;
}

/* --- Interrupts at a fixed rate: empty the ring, arm, sleep --- */

static void
note_last(struct waiting *waiting, uint16_t nb)
{
	waiting->received = nb;
}

/*
 * What came while the vector was masked is a cause that arming it sends: between the empty burst
 * and the sleep nothing gets lost, and nothing has to be looked at twice.
 */
static void
wait_for_interrupt(struct waiting *waiting)
{
	if (waiting->received == 0)
		interrupts_sleep(waiting, TIMEOUT_MS);
}

/* --- Adaptive interrupt coalescing as in the paper: a new interval each second --- */

#define PAPER_R	  (1 / 1.2)	/* of its evaluation, as a share */
#define PAPER_LIF 1000.0	/* lowest frequency */

static int
paper_open(struct waiting *waiting)
{
	waiting->sampled_ns = generator_clock_ns();
	return interrupts_open(waiting);
}

static void
paper_received(struct waiting *waiting, uint16_t nb)
{
	waiting->received = nb;
	waiting->frames += nb;
}

static void
paper_wait(struct waiting *waiting)
{
	double seconds, frequency;
	uint64_t now_ns;

	/* It samples where it would sleep: to look at the clock for each burst is no part of it. */
	if (waiting->received != 0)
		return;
	now_ns = generator_clock_ns();
	if (now_ns - waiting->sampled_ns >= NS_PER_S) {
		seconds = (double)(now_ns - waiting->sampled_ns) / NS_PER_S;
		frequency = (double)waiting->frames / seconds / (waiting->ring * PAPER_R);
		if (frequency < PAPER_LIF)
			frequency = PAPER_LIF;
		interrupts_space(waiting, (uint32_t)(NS_PER_S / frequency));
		waiting->sampled_ns = now_ns;
		waiting->frames = 0;
	}
	interrupts_sleep(waiting, TIMEOUT_MS);
}

/* --- l3fwd-power, interrupt mode: 300 empty bursts with pauses, then up to 10 ms of sleep --- */

#define POWER_PATIENCE 10	/* empty bursts that cost nothing */
#define POWER_SUSPEND  300
#define POWER_PAUSE_US 1
#define POWER_EPOLL_MS 10

static void
count_empty(struct waiting *waiting, uint16_t nb)
{
	waiting->empty = nb == 0 ? waiting->empty + 1 : 0;
}

static void
power_wait(struct waiting *waiting)
{
	if (waiting->empty <= POWER_PATIENCE)
		return;
	if (waiting->empty < POWER_SUSPEND) {
		rte_delay_us_block(POWER_PAUSE_US);
		return;
	}
	interrupts_sleep(waiting, POWER_EPOLL_MS);
	rte_eth_dev_rx_intr_disable(waiting->port, 0);
}

/* --- OVS: sleep a little longer after each burst of less than half a batch --- */

#define OVS_BUSY   (BURST / 2)
#define OVS_INC_US 10
#define OVS_MAX_US 100

static int
ovs_open(struct waiting *waiting)
{
	(void)waiting;
	/* Else the kernel adds 50 us to each. */
	return prctl(PR_SET_TIMERSLACK, NS_PER_US, 0, 0, 0);
}

static void
ovs_received(struct waiting *waiting, uint16_t nb)
{
	if (nb >= OVS_BUSY)
		waiting->sleep_us = 0;
	else if (waiting->sleep_us < OVS_MAX_US)
		waiting->sleep_us += OVS_INC_US;
}

static void
ovs_wait(struct waiting *waiting)
{
	const struct timespec time = { .tv_nsec = waiting->sleep_us * NS_PER_US };

	if (waiting->sleep_us != 0)
		nanosleep(&time, NULL);
}

static void
ovs_close(struct waiting *waiting)
{
	(void)waiting;
	prctl(PR_SET_TIMERSLACK, 0, 0, 0, 0);
}

/* --- net_dim --- */

static int
dim_open(struct waiting *waiting)
{
	waiting->dim = (struct dim){ .profile = 1, .state = DIM_RIGHT };
	return interrupts_open(waiting);
}

static void
dim_received(struct waiting *waiting, uint16_t nb)
{
	waiting->received = nb;
	waiting->dim_frames += nb;
}

static void
dim_wait(struct waiting *waiting)
{
	if (waiting->received != 0)
		return;
	if (dim_event(&waiting->dim, generator_clock_ns(), waiting->dim_frames,
		      waiting->dim_frames * GENERATOR_BYTES))
		interrupts_space(waiting, dim_interval_ns(&waiting->dim));
	interrupts_sleep(waiting, TIMEOUT_MS);
}

#define FIXED(hz, text) { \
	.name = "fixed-" text, .what = "an interrupt, at most " text "Hz; until a burst is empty", \
	.interval_ns = HZ(hz), .open = interrupts_open, .received = note_last, \
	.wait = wait_for_interrupt, .close = interrupts_close, \
}

#define PROFILE(profile, text, ms) { \
	.name = profile, .what = "lib/hybrid, profile " profile ": " text, .warm_up_ms = ms, \
	.ring = profile_ring, .open = profile_open, .received = profile_received, \
	.wait = profile_wait, .wake = profile_wake, .interval = profile_interval, \
	.close = profile_close, \
}

const struct strategy strategies[] = {
	{ .name = "poll", .what = "static polling", .received = take_no_note,
	  .wait = return_at_once },
	FIXED(20000, "20k"),
	FIXED(8000, "8k"),
	FIXED(2000, "2k"),
	FIXED(1000, "1k"),
	{ .name = "aic-1s", .what = "the paper's AIC: r = 1/1.2, lif = 1000, sampled once a second",
	  .interval_ns = HZ(1000), .warm_up_ms = 1200, .open = paper_open,
	  .received = paper_received, .wait = paper_wait, .close = interrupts_close },
	{ .name = "l3fwd-power",
	  .what = "DPDK's l3fwd-power: 300 empty bursts, then epoll of 10 ms",
	  .open = interrupts_open, .received = count_empty, .wait = power_wait,
	  .close = interrupts_close },
	{ .name = "ovs-sleep", .what = "OVS's pmd-sleep-max=100: 10 us more per burst below 16",
	  .by_time = true,
	  .open = ovs_open, .received = ovs_received, .wait = ovs_wait, .close = ovs_close },
	{ .name = "net-dim",
	  .what = "Linux's net_dim: 1, 8, 64, 128 or 256 us, after 64 interrupts",
	  .interval_ns = 8000, .open = dim_open, .received = dim_received, .wait = dim_wait,
	  .close = interrupts_close },
	PROFILE("balanced", "little CPU, and no loss when the load jumps", 0),
	PROFILE("latency", "it spins when the load is worth it", 0),
	PROFILE("eco", "the least CPU, with a ring of 4096", 0),
	PROFILE("paper", "the formula as published, sampled once a second", 1200),
};

const unsigned int nb_strategies = sizeof(strategies) / sizeof(strategies[0]);

const struct strategy *
strategy_find(const char *name)
{
	for (unsigned int i = 0; i < nb_strategies; i++)
		if (strcmp(strategies[i].name, name) == 0)
			return &strategies[i];
	return NULL;
}
