/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * A PF's and two VFs' ports that are stopped, reset, detached and started again and again, while
 * the others, and the port at hand as long as it may, send and receive. Then nothing is left over.
 *
 * usage: soak_test PLUGIN,PLUGIN FAMILY CYCLES
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_mbuf.h>

#include "life_rig.h"

#define NB_MBUFS    8192
#define BURST	    8
#define FRAME_BYTES 128
#define NB_ALIVE    50		/* frames that show that a port receives */
#define TELL_EVERY  50		/* cycles */

/* Frames come from the wire too, all the time. */
#define SPEC "wire=gen:rate=20000:size=200,vf_args=auto_reset=on"

static unsigned int nb_cycles;

/* --- Traffic --- */

static struct {
	pthread_t thread;
	atomic_bool ends;	/**< or has not begun */
	atomic_uint ports;	/**< a bit for each that may be polled */
	atomic_ulong rounds;
} traffic = { .ends = true };

/* To all: nobody's address is asked for. The source must be the port's own. */
static void
send_some(uint16_t port)
{
	struct rte_mbuf *burst[BURST];
	struct rte_ether_hdr *ether;
	uint16_t nb;

	if (rte_pktmbuf_alloc_bulk(rig.pool, burst, BURST) != 0)
		return;
	for (size_t i = 0; i < BURST; i++) {
		ether = (struct rte_ether_hdr *)rte_pktmbuf_append(burst[i], FRAME_BYTES);
		memset(ether, 0xff, FRAME_BYTES);
		rte_eth_macaddr_get(port, &ether->src_addr);
		ether->ether_type = rte_cpu_to_be_16(0x88b5);
	}
	nb = rte_eth_tx_burst(port, 0, burst, BURST);
	rte_pktmbuf_free_bulk(&burst[nb], BURST - nb);
}

static void *
poll_ports(void *arg)
{
	struct rte_mbuf *burst[4 * BURST];
	uint16_t nb;

	while (!atomic_load(&traffic.ends)) {
		unsigned int ports = atomic_load(&traffic.ports);

		for (unsigned int i = 0; i < NB_PORTS; i++) {
			if ((ports & 1u << i) == 0)
				continue;
			nb = rte_eth_rx_burst(rig.port[i], 0, burst, RTE_DIM(burst));
			rte_pktmbuf_free_bulk(burst, nb);
			send_some(rig.port[i]);
		}
		atomic_fetch_add(&traffic.rounds, 1);
		sched_yield();
	}
	return arg;
}

/** As an application does before it stops a port: nobody polls it any more. */
static void
leave(unsigned int which)
{
	unsigned long rounds;

	atomic_fetch_and(&traffic.ports, ~(1u << which));
	rounds = atomic_load(&traffic.rounds);
	while (atomic_load(&traffic.rounds) < rounds + 2)
		rte_delay_us_sleep(100);
}

static void
start(unsigned int which)
{
	life_start(which);
	atomic_fetch_or(&traffic.ports, 1u << which);
}

/** The port, and what an application does to it under traffic. */
static void
stop_port(unsigned int which)
{
	leave(which);
	assert_int_equal(rte_eth_dev_stop(rig.port[which]), 0);
}

static void
expect_life(const char *after)
{
	for (unsigned int i = 0; i < NB_PORTS; i++) {
		struct rte_eth_stats first, now;
		unsigned int ms = 0;

		assert_int_equal(rte_eth_stats_get(rig.port[i], &first), 0);
		do {
			if (ms++ == LIFE_WAIT_MS)
				fail_msg("%s receives nothing after %s", device_name[i], after);
			rte_delay_us_sleep(1000);
			assert_int_equal(rte_eth_stats_get(rig.port[i], &now), 0);
		} while (now.ipackets < first.ipackets + NB_ALIVE);
	}
}

/* --- Cycles --- */

static void
restart(unsigned int which)
{
	stop_port(which);
	start(which);
}

static void
reset(unsigned int which)
{
	stop_port(which);
	assert_int_equal(rte_eth_dev_reset(rig.port[which]), 0);
	start(which);
}

static void
attach_anew(unsigned int which)
{
	leave(which);
	life_unplug(which);
	life_plug(which, which == PF ? "" : which == VF0 ? "auto_reset=on" : "auto_reset=off");
	start(which);
}

static void
expect_recovered(void)
{
	events_expect(VF0, RTE_ETH_EVENT_RECOVERY_SUCCESS, 1);
	events_expect(VF1, RTE_ETH_EVENT_INTR_RESET, 1);
	assert_int_equal(events_seen(VF0, RTE_ETH_EVENT_RECOVERY_FAILED), 0);
	reset(VF1);
}

static void
reset_pf(unsigned int which)
{
	events_watch(VF0);
	events_watch(VF1);
	reset(which);
	expect_recovered();
}

static void
attach_pf_anew(unsigned int which)
{
	events_watch(VF0);
	events_watch(VF1);
	attach_anew(which);
	expect_recovered();
}

static const struct {
	const char *what;
	unsigned int which;
	void (*act)(unsigned int which);
} kinds[] = {
	{ "VF 1's stop and start", VF1, restart },
	{ "VF 1's reset", VF1, reset },
	{ "VF 1's detachment", VF1, attach_anew },
	{ "the PF's stop and start", PF, restart },
	{ "the PF's reset", PF, reset_pf },
	{ "VF 0's stop and start", VF0, restart },
	{ "VF 0's reset", VF0, reset },
	{ "VF 0's detachment", VF0, attach_anew },
	{ "the PF's detachment", PF, attach_pf_anew },
	{ "the PF's second reset", PF, reset_pf },
};

static void
begin(void)
{
	atomic_store(&traffic.ends, false);
	assert_int_equal(pthread_create(&traffic.thread, NULL, poll_ports, NULL), 0);
	for (unsigned int i = 0; i < NB_PORTS; i++)
		start(i);
	expect_life("all ports' start");
}

static void
end(const struct holdings *before)
{
	for (unsigned int i = NB_PORTS; i-- > 0;)
		stop_port(i);
	atomic_store(&traffic.ends, true);
	assert_int_equal(pthread_join(traffic.thread, NULL), 0);
	life_reset_all();
	holdings_expect(before);
}

static void
tell(unsigned int cycle, time_t since)
{
	struct holdings now = holdings_now();

	printf("# %s: %u cycles in %ld s: %u mbufs, %u memzones, %u descriptors\n",
	       rig.traits->family, cycle, (long)(time(NULL) - since), now.mbufs, now.memzones,
	       now.fds);
	fflush(stdout);
}

static void
cycles_leave_nothing(void **state)
{
	time_t since = time(NULL);
	struct holdings before;

	(void)state;
	life_find_ports();
	life_reset_all();
	before = holdings_now();
	tell(0, since);
	begin();
	for (unsigned int cycle = 0; cycle < nb_cycles; cycle++) {
		size_t kind = cycle % RTE_DIM(kinds);

		kinds[kind].act(kinds[kind].which);
		expect_life(kinds[kind].what);
		/* What is left over shows with nobody at work. */
		if (kind != RTE_DIM(kinds) - 1)
			continue;
		end(&before);
		if ((cycle + 1) % TELL_EVERY == 0)
			tell(cycle + 1, since);
		begin();
	}
	end(&before);
	tell(nb_cycles, since);
}

/* After a failure it is still at work. */
static int
end_traffic(void **state)
{
	(void)state;
	if (!atomic_exchange(&traffic.ends, true))
		pthread_join(traffic.thread, NULL);
	return 0;
}

int
main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(cycles_leave_nothing, end_traffic),
	};
	int failed;

	nb_cycles = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;
	if (nb_cycles == 0) {
		fprintf(stderr, "usage: %s PLUGIN,PLUGIN FAMILY CYCLES\n", argv[0]);
		return 64;
	}
	if (life_open(argv[1], argv[2], SPEC, NB_MBUFS) < 0)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rte_eal_cleanup();
	return failed;
}
