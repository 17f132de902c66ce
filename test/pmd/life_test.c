/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The life of a PF's and a VF's port on the model: reset, recovery, hotplug, removal, and all of
 * it again and again.
 *
 * usage: life_test PLUGIN,PLUGIN FAMILY MBPS [CYCLES]
 *
 * VF 0 recovers by itself (auto_reset=on), VF 1 leaves that to us.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <rte_cycles.h>
#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_memzone.h>

#include "ports.h"

#define NB_MBUFS	2048
#define NB_FRAMES	200
#define WAIT_MS		10000
#define DEFAULT_CYCLES	3	/* a soak has more */
#define HOTPLUGS	5
#define PF_RESETS	3
#define MTU		1400

enum { PF, VF0, VF1, NB_PORTS };

static const char *const device_name[] = { "0000:f0:00.0", "0000:f0:10.0", "0000:f0:10.1" };

static struct {
	char *plugins;
	char spec[256];
	uint32_t mbps;
	unsigned int cycles;
	struct rte_mempool *pool;
	uint16_t port[NB_PORTS];
} rig;

static atomic_uint events[NB_PORTS][RTE_ETH_EVENT_MAX];

static int
on_event(uint16_t port __rte_unused, enum rte_eth_event_type type, void *arg,
	 void *ret __rte_unused)
{
	const uintptr_t which = (uintptr_t)arg;

	atomic_fetch_add(&events[which][type], 1);
	return 0;
}

static void
watch(unsigned int which)
{
	static const enum rte_eth_event_type types[] = {
		RTE_ETH_EVENT_INTR_RESET, RTE_ETH_EVENT_INTR_RMV, RTE_ETH_EVENT_ERR_RECOVERING,
		RTE_ETH_EVENT_RECOVERY_SUCCESS, RTE_ETH_EVENT_RECOVERY_FAILED,
	};

	for (size_t i = 0; i < RTE_DIM(types); i++) {
		atomic_store(&events[which][types[i]], 0);
		assert_int_equal(rte_eth_dev_callback_register(rig.port[which], types[i], on_event,
							       (void *)(uintptr_t)which), 0);
	}
}

/** Rx bursts of all ports go on meanwhile, as an application's would. */
static void
expect_event(unsigned int which, enum rte_eth_event_type type)
{
	for (unsigned int i = 0; i < WAIT_MS; i++) {
		if (atomic_load(&events[which][type]) != 0)
			break;
		for (unsigned int p = 0; p < NB_PORTS; p++)
			port_drain(rig.port[p]);
		rte_delay_us_sleep(1000);
	}
	assert_int_equal(atomic_load(&events[which][type]), 1);
}

static unsigned int
nb_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int nb = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		nb++;
	closedir(dir);
	return nb;
}

static void
count_memzone(const struct rte_memzone *zone, void *arg)
{
	(void)zone;
	++*(unsigned int *)arg;
}

/** What must be as before when the ports are. */
struct holdings {
	unsigned int fds, memzones, mbufs;
};

static struct holdings
holdings_now(void)
{
	struct holdings now = { .fds = nb_fds(), .mbufs = rte_mempool_avail_count(rig.pool) };

	rte_memzone_walk(count_memzone, &now.memzones);
	return now;
}

static void
expect_holdings(const struct holdings *before)
{
	struct holdings now = holdings_now();

	assert_int_equal(now.mbufs, before->mbufs);
	assert_int_equal(now.memzones, before->memzones);
	assert_int_equal(now.fds, before->fds);
}

static void
start(unsigned int which)
{
	const struct port_setup setup = { .pool = rig.pool };

	assert_int_equal(port_start(rig.port[which], &setup), 0);
	assert_true(port_link_up(rig.port[which], rig.mbps));
}

static void
start_all(void)
{
	for (unsigned int i = 0; i < NB_PORTS; i++)
		start(i);
}

/** The PF last: a VF would wait for one that serves. */
static void
reset_all(void)
{
	for (unsigned int i = NB_PORTS; i-- > 0;)
		assert_int_equal(rte_eth_dev_reset(rig.port[i]), 0);
}

static void
stop_all(void)
{
	for (unsigned int i = NB_PORTS; i-- > 0;)
		assert_int_equal(rte_eth_dev_stop(rig.port[i]), 0);
}

/* All of NB_FRAMES, each way; the VFs' addresses may be new. */
static unsigned int
frames_between(unsigned int from, unsigned int to)
{
	struct flow flow = {
		.from = rig.port[from], .to = rig.port[to], .nb = NB_FRAMES, .pool = rig.pool,
	};

	assert_int_equal(rte_eth_macaddr_get(flow.to, &flow.dst), 0);
	port_drain(flow.to);
	return flow_run(&flow);
}

static void
expect_frames(void)
{
	assert_int_equal(frames_between(PF, VF0), NB_FRAMES);
	assert_int_equal(frames_between(VF0, VF1), NB_FRAMES);
	assert_int_equal(frames_between(VF1, PF), NB_FRAMES);
}

static uint64_t
xstat(unsigned int which, const char *name)
{
	uint64_t id, value;

	assert_int_equal(rte_eth_xstats_get_id_by_name(rig.port[which], name, &id), 0);
	assert_int_equal(rte_eth_xstats_get_by_id(rig.port[which], &id, &value, 1), 1);
	return value;
}

static void
find_port(unsigned int which)
{
	assert_return_code(rte_eth_dev_get_port_by_name(device_name[which], &rig.port[which]), 0);
}

static void
plug(unsigned int which, const char *args)
{
	assert_int_equal(rte_eal_hotplug_add("sluicemodel", device_name[which], args), 0);
	find_port(which);
}

static void
unplug(unsigned int which)
{
	uint16_t port;

	assert_int_equal(rte_eal_hotplug_remove("sluicemodel", device_name[which]), 0);
	assert_int_equal(rte_eth_dev_get_port_by_name(device_name[which], &port), -ENODEV);
}

static void
ports_come_and_go(void **state)
{
	struct holdings before;
	uint16_t port;

	(void)state;
	for (unsigned int i = 0; i < NB_PORTS; i++)
		find_port(i);
	/* An 82599's VF sends only with a PF that runs. */
	start(PF);
	unplug(VF1);
	before = holdings_now();
	port = rig.port[VF1];
	for (unsigned int i = 0; i < HOTPLUGS; i++) {
		plug(VF1, "auto_reset=off");
		assert_int_equal(rig.port[VF1], port);
		start(VF1);
		unplug(VF1);
		expect_holdings(&before);
	}
	plug(VF1, "auto_reset=off");
	assert_int_equal(rte_eth_dev_stop(rig.port[PF]), 0);
}

static void
a_running_pf_comes_and_goes(void **state)
{
	struct holdings before;

	(void)state;
	unplug(PF);
	before = holdings_now();
	for (unsigned int i = 0; i < 2; i++) {
		plug(PF, "");
		start(PF);
		unplug(PF);
		expect_holdings(&before);
	}
	plug(PF, "");
	reset_all();
}

static void
reset_leaves_nothing(void **state)
{
	struct holdings before = holdings_now();

	(void)state;
	start_all();
	expect_frames();
	stop_all();
	/* The PF last: it resets its VFs. */
	for (unsigned int i = NB_PORTS; i-- > 0;) {
		assert_int_equal(rte_eth_dev_reset(rig.port[i]), 0);
		/* Not configured any more. */
		assert_int_not_equal(rte_eth_dev_start(rig.port[i]), 0);
	}
	start_all();
	expect_frames();
	stop_all();
	reset_all();
	expect_holdings(&before);
}

/** More queues, then fewer, and what goes with them. */
static void
configure_round(unsigned int which, uint16_t nb, uint16_t mtu, uint64_t rx_offloads)
{
	struct rte_eth_conf conf = { .rxmode = { .mtu = mtu, .offloads = rx_offloads } };
	uint16_t port = rig.port[which], got;

	assert_int_equal(rte_eth_dev_configure(port, nb, nb, &conf), 0);
	for (uint16_t q = 0; q < nb; q++) {
		assert_int_equal(rte_eth_rx_queue_setup(port, q, 64 << q, SOCKET_ID_ANY, NULL,
							rig.pool), 0);
		assert_int_equal(rte_eth_tx_queue_setup(port, q, 128 << q, SOCKET_ID_ANY, NULL),
				 0);
	}
	assert_int_equal(rte_eth_dev_start(port), 0);
	assert_int_equal(rte_eth_dev_get_mtu(port, &got), 0);
	assert_int_equal(got, mtu);
}

static void
configuration_goes_round(void **state)
{
	struct holdings before = holdings_now();

	(void)state;
	for (unsigned int round = 0; round < 3; round++) {
		for (unsigned int i = 0; i < NB_PORTS; i++) {
			struct rte_eth_dev_info info;

			assert_int_equal(rte_eth_dev_info_get(rig.port[i], &info), 0);
			/* An 82599's own frame size cannot change while it serves VFs. */
			configure_round(i, RTE_MIN(round == 1 ? 2 : 1, info.max_rx_queues),
					round == 2 || i == PF ? RTE_ETHER_MTU : MTU,
					round == 1 ? RTE_ETH_RX_OFFLOAD_CHECKSUM : 0);
			assert_true(port_link_up(rig.port[i], rig.mbps));
		}
		stop_all();
	}
	start_all();
	expect_frames();
	stop_all();
	reset_all();
	expect_holdings(&before);
}

static struct rte_ether_addr second_mac = { { 0x02, 0, 0, 0, 0xcc, 1 } };
static struct rte_ether_addr group = { { 0x01, 0, 0x5e, 1, 2, 3 } };

static void
configure_vf0(void)
{
	assert_int_equal(rte_eth_dev_set_mtu(rig.port[VF0], MTU + 100), 0);
	assert_int_equal(rte_eth_dev_mac_addr_add(rig.port[VF0], &second_mac, 0), 0);
	assert_int_equal(rte_eth_dev_set_mc_addr_list(rig.port[VF0], &group, 1), 0);
}

/* Frames for the second address and for the group arrive, as those for the first. */
static void
expect_configured_vf0(void)
{
	struct flow flow = {
		.from = rig.port[PF], .to = rig.port[VF0], .nb = 16, .pool = rig.pool,
		.dst = second_mac,
	};
	uint16_t mtu;

	assert_int_equal(flow_run(&flow), flow.nb);
	flow.dst = group;
	assert_int_equal(flow_run(&flow), flow.nb);
	assert_int_equal(rte_eth_dev_get_mtu(flow.to, &mtu), 0);
	assert_int_equal(mtu, MTU + 100);
}

static void
reset_pf(void)
{
	assert_int_equal(rte_eth_dev_stop(rig.port[PF]), 0);
	assert_int_equal(rte_eth_dev_reset(rig.port[PF]), 0);
	start(PF);
}

static void
a_vf_recovers_from_a_reset_of_the_pf(void **state)
{
	struct holdings before = holdings_now();
	uint64_t recovered;

	(void)state;
	start_all();
	configure_vf0();
	expect_configured_vf0();
	recovered = xstat(VF0, "auto_resets");
	watch(VF0);
	watch(VF1);
	/* Some frames are in the rings when it comes. */
	assert_int_equal(frames_between(VF1, VF0), NB_FRAMES);
	reset_pf();
	expect_event(VF0, RTE_ETH_EVENT_RECOVERY_SUCCESS);
	expect_event(VF1, RTE_ETH_EVENT_INTR_RESET);
	assert_int_equal(events[VF0][RTE_ETH_EVENT_INTR_RESET], 0);
	assert_true(events[VF0][RTE_ETH_EVENT_ERR_RECOVERING] > 0);
	assert_true(xstat(VF0, "auto_resets") > recovered);
	assert_int_equal(xstat(VF0, "auto_resets_failed"), 0);
	assert_true(port_link_up(rig.port[VF0], rig.mbps));
	expect_configured_vf0();
	assert_int_equal(frames_between(PF, VF0), NB_FRAMES);
	assert_int_equal(frames_between(VF0, PF), NB_FRAMES);

	/* The other one by hand. */
	assert_int_equal(rte_eth_dev_stop(rig.port[VF1]), 0);
	assert_int_equal(rte_eth_dev_reset(rig.port[VF1]), 0);
	start(VF1);
	expect_frames();
	stop_all();
	reset_all();
	expect_holdings(&before);
}

static atomic_bool traffic_ends;

/** What an lcore does, whatever happens to the port. */
static void *
traffic(void *arg)
{
	struct rte_mbuf *burst[16];
	uint16_t nb;

	(void)arg;
	while (!atomic_load(&traffic_ends)) {
		nb = rte_eth_rx_burst(rig.port[VF0], 0, burst, RTE_DIM(burst));
		rte_pktmbuf_free_bulk(burst, nb);
		if (rte_pktmbuf_alloc_bulk(rig.pool, burst, RTE_DIM(burst)) != 0)
			continue;
		for (size_t i = 0; i < RTE_DIM(burst); i++)
			memset(rte_pktmbuf_append(burst[i], 64), 0xff, 64);
		nb = rte_eth_tx_burst(rig.port[VF0], 0, burst, RTE_DIM(burst));
		rte_pktmbuf_free_bulk(&burst[nb], RTE_DIM(burst) - nb);
		rte_eth_tx_done_cleanup(rig.port[VF0], 0, 0);
		sched_yield();
	}
	return NULL;
}

static void
lcores_go_on_while_a_vf_recovers(void **state)
{
	struct holdings before = holdings_now();
	pthread_t thread;

	(void)state;
	start_all();
	atomic_store(&traffic_ends, false);
	assert_int_equal(pthread_create(&thread, NULL, traffic, NULL), 0);
	for (unsigned int i = 0; i < PF_RESETS; i++) {
		uint64_t recovered = xstat(VF0, "auto_resets");

		reset_pf();
		for (unsigned int ms = 0; ms < WAIT_MS; ms++) {
			if (xstat(VF0, "auto_resets") > recovered)
				break;
			rte_delay_us_sleep(1000);
		}
		assert_true(xstat(VF0, "auto_resets") > recovered);
	}
	atomic_store(&traffic_ends, true);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_true(port_link_up(rig.port[VF0], rig.mbps));
	assert_int_equal(frames_between(PF, VF0), NB_FRAMES);
	assert_int_equal(frames_between(VF0, PF), NB_FRAMES);
	stop_all();
	reset_all();
	expect_holdings(&before);
}

/* Start, frames, stop; each third time a reset; frames are left in the rings. */
static void
cycles(void **state)
{
	struct holdings before = holdings_now();

	(void)state;
	for (unsigned int cycle = 0; cycle < rig.cycles; cycle++) {
		start_all();
		expect_frames();
		stop_all();
		if (cycle % 3 != 2)
			continue;
		reset_all();
		expect_holdings(&before);
	}
	start_all();
	stop_all();
	reset_all();
	expect_holdings(&before);
}

static void
take_out(const char *name)
{
	char *plugin = strndup(rig.plugins, strcspn(rig.plugins, ","));
	void *handle = dlopen(plugin, RTLD_NOW | RTLD_NOLOAD);
	int (*take)(const char *name);

	assert_non_null(handle);
	*(void **)&take = dlsym(handle, "sluicemodel_take_out");
	assert_non_null(take);
	assert_int_equal(take(name), 0);
	dlclose(handle);
	free(plugin);
}

static void
expect_dead(unsigned int which)
{
	struct rte_ether_addr mac = { { 0x02, 0, 0, 0, 0xdd, 1 } };
	uint16_t port = rig.port[which];
	struct rte_mbuf *m = rte_pktmbuf_alloc(rig.pool);
	struct rte_eth_stats stats;
	struct rte_eth_link link;

	assert_non_null(m);
	assert_non_null(rte_pktmbuf_append(m, 64));
	assert_int_equal(rte_eth_rx_burst(port, 0, &m, 1), 0);
	assert_int_equal(rte_eth_tx_burst(port, 0, &m, 1), 0);
	rte_pktmbuf_free(m);
	assert_int_equal(rte_eth_dev_is_removed(port), 1);
	assert_int_equal(rte_eth_link_get_nowait(port, &link), 0);
	assert_int_equal(link.link_status, RTE_ETH_LINK_DOWN);
	assert_int_equal(rte_eth_dev_mac_addr_add(port, &mac, 0), -EIO);
	assert_int_equal(rte_eth_stats_get(port, &stats), 0);
	assert_int_equal(rte_eth_dev_stop(port), 0);
	assert_int_equal(rte_eth_dev_start(port), -EIO);
	assert_int_equal(rte_eth_dev_reset(port), -EIO);
}

static void
ports_survive_their_removal(void **state)
{
	unsigned int mbufs = rte_mempool_avail_count(rig.pool);

	(void)state;
	start_all();
	for (unsigned int i = 0; i < NB_PORTS; i++)
		watch(i);
	expect_frames();
	take_out(device_name[PF]);
	for (unsigned int i = 0; i < NB_PORTS; i++)
		expect_event(i, RTE_ETH_EVENT_INTR_RMV);
	for (unsigned int i = 0; i < NB_PORTS; i++)
		expect_dead(i);
	for (unsigned int i = NB_PORTS; i-- > 0;) {
		/* Nobody told it twice. */
		assert_int_equal(events[i][RTE_ETH_EVENT_INTR_RMV], 1);
		assert_int_equal(rte_eth_dev_close(rig.port[i]), 0);
	}
	assert_int_equal(rte_mempool_avail_count(rig.pool), mbufs);
}

static int
start_dpdk(void **state)
{
	const char *second = strchr(rig.plugins, ',') + 1;
	char *first = strndup(rig.plugins, strcspn(rig.plugins, ","));
	const char *arguments[] = { "life_test", "-l", "0", "--no-huge", "--no-pci", "-m", "256",
			      "--no-shconf", "--no-telemetry",
			      "-d", first, "-d", second, "--vdev", rig.spec };

	(void)state;
	if (rte_eal_init(RTE_DIM(arguments), (char **)(uintptr_t)arguments) < 0)
		return -1;
	rig.pool = rte_pktmbuf_pool_create("life", NB_MBUFS, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
					   SOCKET_ID_ANY);
	return rig.pool == NULL ? -1 : 0;
}

static int
stop_dpdk(void **state)
{
	(void)state;
	return rte_eal_cleanup();
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ports_come_and_go),
		cmocka_unit_test(a_running_pf_comes_and_goes),
		cmocka_unit_test(reset_leaves_nothing),
		cmocka_unit_test(configuration_goes_round),
		cmocka_unit_test(a_vf_recovers_from_a_reset_of_the_pf),
		cmocka_unit_test(lcores_go_on_while_a_vf_recovers),
		cmocka_unit_test(cycles),
		cmocka_unit_test(ports_survive_their_removal),
	};

	if (argc < 4) {
		fprintf(stderr, "usage: %s PLUGIN,PLUGIN FAMILY MBPS [CYCLES]\n", argv[0]);
		return 2;
	}
	rig.plugins = argv[1];
	rig.mbps = strtoul(argv[3], NULL, 10);
	rig.cycles = argc > 4 ? strtoul(argv[4], NULL, 10) : DEFAULT_CYCLES;
	snprintf(rig.spec, sizeof(rig.spec), "sluicemodel0,family=%s,vfs=2,wire=null,"
		 "vf_args=auto_reset=on", argv[2]);
	return cmocka_run_group_tests(tests, start_dpdk, stop_dpdk);
}
