/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * lib/hybrid on a PF of the model, while a thread sends to it from a VF at random moments.
 *
 * usage: hybrid_test PLUGIN,PLUGIN FAMILY MBPS
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <pthread.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "hybrid.h"
#include "model_eal.h"
#include "ports.h"

#define NB_MBUFS      4096
#define BURST         32
#define NB_MOMENTS    1500
#define NB_ROUNDS     3
#define OVERSLEPT_MAX 2
#define NB_WAKES      300
#define PAUSE_US      150
#define MANY          200
#define BUSY_ROUNDS   5000

enum { PF, VF, NB_PORTS };

static const char *const device_name[NB_PORTS] = { "0000:f0:00.0", "0000:f0:10.0" };

static struct {
	const char *family;
	uint32_t mbps;
	struct rte_mempool *pool;
	uint16_t port[NB_PORTS];
	struct rte_ether_addr mac[NB_PORTS];
	struct hybrid *hybrid;
	atomic_uint received, told, heard;
	atomic_bool stop;
	unsigned int sent; /* the sender's, until it has ended */
	uint64_t seed;
} rig;

/* Of [0, below); the sender's. */
static uint32_t
random_below(uint32_t below)
{
	rig.seed = rig.seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(rig.seed >> 33) % below;
}

static unsigned int
send_frames(unsigned int nb)
{
	unsigned int sent = 0;

	while (sent < nb) {
		struct rte_mbuf *m = plain_frame(rig.pool, &rig.mac[PF], &rig.mac[VF]);

		if (m == NULL)
			break;
		if (rte_eth_tx_burst(rig.port[VF], 0, &m, 1) != 1) {
			rte_pktmbuf_free(m);
			break;
		}
		sent++;
	}
	return sent;
}

static unsigned int
receive_burst(uint16_t port)
{
	struct rte_mbuf *burst[BURST];
	unsigned int nb = rte_eth_rx_burst(port, 0, burst, BURST);

	rte_pktmbuf_free_bulk(burst, nb);
	return nb;
}

static struct hybrid_stats
stats_now(void)
{
	struct hybrid_stats stats;

	hybrid_get_stats(rig.hybrid, 0, &stats);
	return stats;
}

/* --- Ports --- */

static int
start_ports(void **state)
{
	const struct port_setup setup = { .pool = rig.pool, .rx_interrupts = true };

	(void)state;
	for (unsigned int i = 0; i < NB_PORTS; i++)
		assert_int_equal(port_open(device_name[i], &setup, &rig.port[i], &rig.mac[i]), 0);
	for (unsigned int i = 0; i < NB_PORTS; i++)
		assert_true(port_link_up(rig.port[i], rig.mbps));
	/* What a VF asked the PF for may take a moment. */
	for (unsigned int i = 0; i < MANY; i++) {
		send_frames(1);
		if (receive_burst(rig.port[PF]) != 0)
			break;
		rte_delay_us_sleep(10000);
	}
	port_drain(rig.port[PF]);
	return 0;
}

static void
open_hybrid(const char *profile)
{
	const struct hybrid_queue queue = { rig.port[PF], 0 };
	struct hybrid_config config;

	assert_int_equal(hybrid_profile(&config, profile), 0);
	assert_int_equal(hybrid_open(&rig.hybrid, &config, &queue, 1), 0);
	atomic_store(&rig.received, 0);
	atomic_store(&rig.stop, false);
	rig.sent = 0;
}

/* --- Other threads --- */

/* The next one only when the last was received: one that nobody wakes for is late by 250 ms. */
static void *
send_at_random_moments(void *arg)
{
	(void)arg;
	for (unsigned int i = 0; i < NB_MOMENTS; i++) {
		rig.sent += send_frames(1 + random_below(3));
		while (atomic_load(&rig.received) < rig.sent)
			rte_delay_us_sleep(1 + random_below(10));
		if (random_below(2) == 0)
			rte_delay_us_sleep(1 + random_below(PAUSE_US));
	}
	atomic_store(&rig.stop, true);
	hybrid_wake(rig.hybrid);
	return NULL;
}

static void *
wake_at_random_moments(void *arg)
{
	(void)arg;
	for (unsigned int i = 1; i <= NB_WAKES; i++) {
		atomic_store(&rig.told, i);
		hybrid_wake(rig.hybrid);
		while (atomic_load(&rig.heard) < i)
			rte_delay_us_sleep(1 + random_below(10));
		if (random_below(2) == 0)
			rte_delay_us_sleep(1 + random_below(PAUSE_US));
	}
	atomic_store(&rig.stop, true);
	hybrid_wake(rig.hybrid);
	return NULL;
}

/* --- Tests --- */

/* @return sleeps that ended by their time though a frame was there */
static uint64_t
receive_asleep(const char *profile)
{
	struct hybrid_stats stats;
	pthread_t sender;

	open_hybrid(profile);
	assert_int_equal(pthread_create(&sender, NULL, send_at_random_moments, NULL), 0);
	while (!atomic_load(&rig.stop)) {
		unsigned int nb = receive_burst(rig.port[PF]);

		atomic_fetch_add(&rig.received, nb);
		hybrid_received(rig.hybrid, 0, nb);
		hybrid_wait(rig.hybrid);
	}
	pthread_join(sender, NULL);
	stats = stats_now();
	hybrid_close(rig.hybrid);
	assert_true(rig.sent >= NB_MOMENTS);
	assert_int_equal(atomic_load(&rig.received), rig.sent);
	assert_int_equal(stats.packets, rig.sent);
	assert_true(stats.interrupt && stats.moderated);
	assert_true(stats.sleeps > 0);
	return stats.overslept;
}

/* A sleep may end by its time in the very moment in which a frame comes; hardly ever twice, unless
 * others have the processors: the thread that is to wake it is late by as much as a sleep then. A
 * wake-up that is lost by its order is lost in each round.
 */
static void
no_frame_is_slept_over(const char *profile)
{
	uint64_t overslept = UINT64_MAX;

	for (unsigned int round = 0; round < NB_ROUNDS && overslept > OVERSLEPT_MAX; round++)
		overslept = receive_asleep(profile);
	assert_true(overslept <= OVERSLEPT_MAX);
}

static void
balanced_sleeps_over_no_frame(void **state)
{
	(void)state;
	no_frame_is_slept_over("balanced");
}

static void
latency_sleeps_over_no_frame(void **state)
{
	(void)state;
	no_frame_is_slept_over("latency");
}

static void
hybrid_wake_ends_each_sleep(void **state)
{
	unsigned int late = 0;
	pthread_t waker;

	(void)state;
	open_hybrid("eco");
	atomic_store(&rig.told, 0);
	atomic_store(&rig.heard, 0);
	assert_int_equal(pthread_create(&waker, NULL, wake_at_random_moments, NULL), 0);
	while (!atomic_load(&rig.stop)) {
		uint64_t timed = stats_now().timed_wakes;
		unsigned int told;

		hybrid_received(rig.hybrid, 0, receive_burst(rig.port[PF]));
		hybrid_wait(rig.hybrid);
		told = atomic_load(&rig.told);
		late += told != atomic_load(&rig.heard) && stats_now().timed_wakes != timed;
		atomic_store(&rig.heard, told);
	}
	pthread_join(waker, NULL);
	assert_true(stats_now().sleeps >= 1 && stats_now().sleeps <= 4 * NB_WAKES);
	hybrid_close(rig.hybrid);
	assert_true(late <= 2);
}

/* The line's smallest frames would fill the ring sooner; the device's interrupt for few descriptors
 * is there before. Next to idle that is not relied on.
 */
static void
few_descriptors_allow_long_intervals(void **state)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	struct hybrid_stats idle, busy;

	(void)state;
	open_hybrid("balanced");
	idle = busy = stats_now();
	assert_true(idle.low_bufs >= 1 && idle.low_bufs <= idle.bufs / 2);
	/* A full burst is followed by another, so nobody sleeps. */
	for (unsigned int i = 0; i < BUSY_ROUNDS && busy.interval_ns < 450000; i++) {
		nanosleep(&pause, NULL);
		hybrid_received(rig.hybrid, 0, HYBRID_BURST);
		hybrid_wait(rig.hybrid);
		busy = stats_now();
	}
	hybrid_close(rig.hybrid);
	assert_true(busy.interval_ns >= 450000 && busy.interval_ns <= 1000000);
	assert_true(idle.interval_ns <= busy.interval_ns);
}

static void
what_cannot_be_waited_for_is_refused(void **state)
{
	struct hybrid_queue queues[HYBRID_QUEUES_MAX + 1] = { { RTE_MAX_ETHPORTS - 1, 0 } };
	const struct hybrid_queue beyond = { rig.port[PF], 1 };
	struct hybrid_config config;
	struct hybrid *hybrid;

	(void)state;
	assert_int_equal(hybrid_profile(&config, "fast"), -EINVAL);
	assert_int_equal(hybrid_profile(&config, "paper"), 0);
	assert_int_equal(hybrid_open(&hybrid, &config, queues, 0), -EINVAL);
	assert_int_equal(hybrid_open(&hybrid, &config, queues, HYBRID_QUEUES_MAX + 1), -EINVAL);
	assert_int_equal(hybrid_open(&hybrid, &config, queues, 1), -EINVAL);
	assert_int_equal(hybrid_open(&hybrid, &config, &beyond, 1), -EINVAL);
	hybrid_close(NULL);
}

static int
start_eal(const char *plugins)
{
	char spec[64];

	snprintf(spec, sizeof(spec), "family=%s,vfs=1,wire=null,doorbell=trap", rig.family);
	return model_eal_start(&(struct model_eal){ .plugins = plugins, .spec = { spec } });
}

int
main(int argc, char *argv[])
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(balanced_sleeps_over_no_frame),
		cmocka_unit_test(latency_sleeps_over_no_frame),
		cmocka_unit_test(hybrid_wake_ends_each_sleep),
		cmocka_unit_test(few_descriptors_allow_long_intervals),
		cmocka_unit_test(what_cannot_be_waited_for_is_refused),
	};
	int failed;

	if (argc != 4) {
		fprintf(stderr, "usage: %s PLUGINS FAMILY MBPS\n", argv[0]);
		return 64;
	}
	rig.family = argv[2];
	rig.mbps = strtoul(argv[3], NULL, 10);
	rig.seed = time(NULL);
	fprintf(stderr, "# seed %llu\n", (unsigned long long)rig.seed);
	if (start_eal(argv[1]) < 0)
		return 1;
	rig.pool = rte_pktmbuf_pool_create("frames", NB_MBUFS, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
					   SOCKET_ID_ANY);
	if (rig.pool == NULL)
		return 1;
	failed = cmocka_run_group_tests(tests, start_ports, NULL);
	rte_eal_cleanup();
	return failed;
}
