/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The life of a PF's and a VF's port on the model: attached and detached, reset, configured anew,
 * with a cable that comes and goes, and taken out.
 *
 * usage: life_test PLUGIN,PLUGIN FAMILY
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <rte_cycles.h>
#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_interrupts.h>

#include "life_rig.h"
#include "ports.h"

#define NB_MBUFS 32768	/* all rings at their largest */
#define HOTPLUGS 3
#define RESTARTS 20
#define MTU	 1400
#define NB_FEW	 16	/* frames that any ring holds */
#define VFS	 (NB_PORTS - 1)
#define NB_STEADY 600	/* after which doorbells are plain stores */

/* --- Attached and detached --- */

/* With their queues, all ports have let go of all. */
static void
expect_nothing_left(const struct holdings *before)
{
	life_stop_all();
	life_reset_all();
	holdings_expect(before);
}

static void
vfs_come_and_go(void **state)
{
	struct holdings before;
	uint16_t port;

	(void)state;
	life_find_ports();
	/* Those of ports that were never started are others: a PF serves before it is. */
	life_reset_all();
	before = holdings_now();
	life_start(PF);
	port = rig.port[VF1];
	for (unsigned int i = 0; i < HOTPLUGS; i++) {
		life_unplug(VF1);
		life_plug(VF1, "auto_reset=off");
		assert_int_equal(rig.port[VF1], port);
		life_start(VF1);
		life_expect_flow(PF, VF1, NB_FEW);
		life_expect_flow(VF1, PF, NB_FEW);
	}
	expect_nothing_left(&before);
}

/* VFs that run find their PF again, each in its way. */
static void
a_pf_comes_and_goes(void **state)
{
	struct holdings before = holdings_now();

	(void)state;
	life_start_all();
	life_expect_flows(NB_FEW);
	events_watch(VF0);
	events_watch(VF1);
	life_unplug(PF);
	events_expect(VF0, RTE_ETH_EVENT_ERR_RECOVERING, 1);
	events_expect(VF1, RTE_ETH_EVENT_INTR_RESET, 1);
	life_plug(PF, "");
	life_start(PF);
	events_expect(VF0, RTE_ETH_EVENT_RECOVERY_SUCCESS, 1);
	assert_int_equal(rte_eth_dev_reset(rig.port[VF1]), 0);
	life_start(VF1);
	life_expect_flows(NB_FEW);
	expect_nothing_left(&before);
}

/* --- Reset and configured anew --- */

static void
reset_leaves_nothing(void **state)
{
	struct holdings before = holdings_now();

	(void)state;
	life_start_all();
	life_expect_flows(LIFE_NB_FRAMES);
	expect_nothing_left(&before);
	/* Not configured any more. */
	for (unsigned int i = 0; i < NB_PORTS; i++)
		assert_int_not_equal(rte_eth_dev_start(rig.port[i]), 0);
}

/** What a port is configured to, one after the other. */
struct round {
	uint16_t nb_queues;	/**< 0: as many as there are */
	uint16_t rx_desc, tx_desc;
	bool rss;
	uint16_t vf_mtu;	/**< an 82599's own cannot change while it serves VFs */
	uint64_t rx_offloads;
};

static const struct round rounds[] = {
	{ 1, 32, 32, false, RTE_ETHER_MTU, 0 },
	{ 0, 4096, 4096, true, MTU, RTE_ETH_RX_OFFLOAD_CHECKSUM },
	{ 1, 512, 32, true, RTE_ETHER_MTU, RTE_ETH_RX_OFFLOAD_SCATTER },
	{ 0, 32, 512, false, MTU, 0 },
	{ 1, 4096, 64, false, RTE_ETHER_MTU, RTE_ETH_RX_OFFLOAD_CHECKSUM },
};

static void
configure(unsigned int which, const struct round *round)
{
	uint16_t mtu = which == PF ? RTE_ETHER_MTU : round->vf_mtu;
	struct rte_eth_conf conf = {
		.rxmode = { .mtu = mtu, .offloads = round->rx_offloads },
	};
	uint16_t port = rig.port[which], nb = round->nb_queues, got;
	struct rte_eth_dev_info info;

	assert_int_equal(rte_eth_dev_info_get(port, &info), 0);
	if (nb == 0)
		nb = info.max_rx_queues;
	/* An I350 with VFs has none. */
	if (round->rss && info.flow_type_rss_offloads != 0) {
		conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
		conf.rx_adv_conf.rss_conf.rss_hf = info.flow_type_rss_offloads;
	}
	assert_int_equal(rte_eth_dev_configure(port, nb, nb, &conf), 0);
	for (uint16_t q = 0; q < nb; q++) {
		assert_int_equal(rte_eth_rx_queue_setup(port, q, round->rx_desc, SOCKET_ID_ANY,
							NULL, rig.pool), 0);
		assert_int_equal(rte_eth_tx_queue_setup(port, q, round->tx_desc, SOCKET_ID_ANY,
							NULL), 0);
	}
	assert_int_equal(rte_eth_dev_start(port), 0);
	assert_int_equal(rte_eth_dev_get_mtu(port, &got), 0);
	assert_int_equal(got, mtu);
}

/* Frames that are no IP come to queue 0; of MTU 1400, those that fit. */
static void
configuration_goes_round(void **state)
{
	struct holdings before = holdings_now();

	(void)state;
	for (size_t r = 0; r < RTE_DIM(rounds); r++) {
		for (unsigned int i = 0; i < NB_PORTS; i++)
			configure(i, &rounds[r]);
		for (unsigned int i = 0; i < NB_PORTS; i++)
			assert_true(port_link_up(rig.port[i], rig.traits->mbps));
		life_expect_flows(NB_FEW);
		life_stop_all();
	}
	expect_nothing_left(&before);
}

/* --- Stopped under traffic --- */

static atomic_bool sender_ends;

/* To all, of which the PF gets a copy while it runs. */
static void *
sender(void *arg)
{
	struct rte_mbuf *burst[NB_FEW];
	uint16_t nb, port = rig.port[VF0];
	struct rte_ether_hdr *ether;

	while (!atomic_load(&sender_ends)) {
		if (rte_pktmbuf_alloc_bulk(rig.pool, burst, NB_FEW) != 0)
			continue;
		for (size_t i = 0; i < NB_FEW; i++) {
			ether = (struct rte_ether_hdr *)rte_pktmbuf_append(burst[i], 64);
			memset(ether, 0xff, 64);
			rte_eth_macaddr_get(port, &ether->src_addr);
		}
		nb = rte_eth_tx_burst(port, 0, burst, NB_FEW);
		rte_pktmbuf_free_bulk(&burst[nb], NB_FEW - nb);
		sched_yield();
	}
	return arg;
}

/* Its queues' memory is new each time, and the device is not to use that of before. */
static void
a_pf_restarts_while_frames_come(void **state)
{
	struct holdings before = holdings_now();
	struct rte_mbuf *m;
	pthread_t thread;

	(void)state;
	life_start_all();
	atomic_store(&sender_ends, false);
	assert_int_equal(pthread_create(&thread, NULL, sender, NULL), 0);
	for (unsigned int restart = 0; restart < RESTARTS; restart++) {
		unsigned int nb = 0;

		assert_int_equal(rte_eth_dev_stop(rig.port[PF]), 0);
		life_start(PF);
		for (unsigned int i = 0; i < LIFE_WAIT_MS && nb < NB_STEADY; i++) {
			while (rte_eth_rx_burst(rig.port[PF], 0, &m, 1) == 1) {
				/* And back, to nobody. */
				if (rte_eth_tx_burst(rig.port[PF], 0, &m, 1) != 1)
					rte_pktmbuf_free(m);
				nb++;
			}
			rte_delay_us_sleep(1000);
		}
		assert_true(nb >= NB_STEADY);
	}
	atomic_store(&sender_ends, true);
	assert_int_equal(pthread_join(thread, NULL), 0);
	expect_nothing_left(&before);
}

/* --- A cable that comes and goes --- */

/* A port of its own, and one at the other end of its cable. */
enum { FLAP_PF, FLAP_VF, NB_FLAPS };

static const char *const flap_name[NB_FLAPS] = { "0000:f1:00.0", "0000:f1:10.0" };

static struct {
	char path[64];
	uint16_t port[NB_FLAPS];
	atomic_uint changes[NB_FLAPS];
} flap;

static int
on_change(uint16_t port __rte_unused, enum rte_eth_event_type type __rte_unused, void *arg,
	  void *ret __rte_unused)
{
	atomic_fetch_add((atomic_uint *)arg, 1);
	return 0;
}

static void
plug_end(const char *name, unsigned int nb_vfs)
{
	char spec[256];

	snprintf(spec, sizeof(spec), "family=%s,vfs=%u,wire=socket:%s", rig.traits->family, nb_vfs,
		 flap.path);
	assert_int_equal(rte_eal_hotplug_add("vdev", name, spec), 0);
}

static void
start_flapping(void)
{
	const struct port_setup setup = { .pool = rig.pool, .rx_interrupts = true };

	snprintf(flap.path, sizeof(flap.path), "/tmp/sluice-life-%d.sock", (int)getpid());
	plug_end("sluicemodel1", 1);
	plug_end("sluicemodel2", 0);
	for (unsigned int i = 0; i < NB_FLAPS; i++) {
		assert_int_equal(rte_eth_dev_get_port_by_name(flap_name[i], &flap.port[i]), 0);
		assert_int_equal(port_start(flap.port[i], &setup), 0);
		assert_true(port_link_up(flap.port[i], rig.traits->mbps));
		assert_int_equal(rte_eth_dev_callback_register(flap.port[i],
			RTE_ETH_EVENT_INTR_LSC, on_change, &flap.changes[i]), 0);
		assert_int_equal(rte_eth_dev_rx_intr_ctl_q(flap.port[i], 0, RTE_EPOLL_PER_THREAD,
							   RTE_INTR_EVENT_ADD, NULL), 0);
	}
}

/** The event has come, and then the link is as it says. */
static void
expect_change(unsigned int which, uint16_t status)
{
	struct rte_eth_link link;

	for (unsigned int i = 0; i < LIFE_WAIT_MS; i++) {
		if (atomic_load(&flap.changes[which]) != 0)
			break;
		rte_delay_us_sleep(1000);
	}
	assert_int_not_equal(atomic_exchange(&flap.changes[which], 0), 0);
	assert_int_equal(rte_eth_link_get_nowait(flap.port[which], &link), 0);
	assert_int_equal(link.link_status, status);
}

/* Asleep until the frame comes, if it has not come before. */
static void
expect_wake(unsigned int from, unsigned int to)
{
	struct flow flow = { .from = flap.port[from], .to = flap.port[to], .nb = 1,
			     .pool = rig.pool };
	struct rte_epoll_event event;

	assert_int_equal(rte_eth_macaddr_get(flow.to, &flow.dst), 0);
	/* Armed, at rest: an empty wake-up of before is not taken for the frame's. */
	do {
		assert_int_equal(rte_eth_dev_rx_intr_enable(flow.to, 0), 0);
		port_drain(flow.to);
	} while (rte_epoll_wait(RTE_EPOLL_PER_THREAD, &event, 1, 0) == 1);
	assert_int_equal(flow_run(&flow), 1);
	assert_int_equal(rte_epoll_wait(RTE_EPOLL_PER_THREAD, &event, 1, LIFE_WAIT_MS), 1);
}

static void
links_come_and_go(void **state)
{
	struct rte_epoll_event event;
	struct holdings before;

	(void)state;
	/* The thread's epoll instance comes with its first use. */
	assert_int_equal(rte_epoll_wait(RTE_EPOLL_PER_THREAD, &event, 1, 0), 0);
	before = holdings_now();
	start_flapping();
	expect_wake(FLAP_PF, FLAP_VF);
	assert_int_equal(rte_eal_hotplug_remove("vdev", "sluicemodel2"), 0);
	for (unsigned int i = 0; i < NB_FLAPS; i++)
		expect_change(i, RTE_ETH_LINK_DOWN);
	plug_end("sluicemodel2", 0);
	for (unsigned int i = 0; i < NB_FLAPS; i++)
		expect_change(i, RTE_ETH_LINK_UP);
	expect_wake(FLAP_PF, FLAP_VF);
	expect_wake(FLAP_VF, FLAP_PF);
	assert_int_equal(rte_eal_hotplug_remove("vdev", "sluicemodel2"), 0);
	assert_int_equal(rte_eal_hotplug_remove("vdev", "sluicemodel1"), 0);
	holdings_expect(&before);
}

/* --- Taken out --- */

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

/* While its PF is being reset, and it tries to recover from that. */
static void
a_vf_is_taken_out_while_it_recovers(void **state)
{
	(void)state;
	life_start_all();
	events_watch(VF0);
	assert_int_equal(rte_eth_dev_stop(rig.port[PF]), 0);
	assert_int_equal(rte_eth_dev_reset(rig.port[PF]), 0);
	events_expect(VF0, RTE_ETH_EVENT_ERR_RECOVERING, 1);
	life_take_out(device_name[VF0]);
	events_expect(VF0, RTE_ETH_EVENT_INTR_RMV, 1);
	events_expect(VF0, RTE_ETH_EVENT_RECOVERY_FAILED, 1);
	expect_dead(VF0);
	assert_int_equal(events_seen(VF0, RTE_ETH_EVENT_RECOVERY_SUCCESS), 0);
	assert_int_equal(rte_eth_dev_close(rig.port[VF0]), 0);
}

/** An lcore that waits for its queue, for as long as there is one. */
struct sleeper {
	pthread_t thread;
	uint16_t port;
	unsigned int wakes;
	atomic_bool asleep;
	const char *complaint;
};

static void *
sleeper(void *arg)
{
	struct sleeper *self = arg;
	struct rte_epoll_event event;
	int rc;

	rc = rte_eth_dev_rx_intr_ctl_q(self->port, 0, RTE_EPOLL_PER_THREAD, RTE_INTR_EVENT_ADD,
				       NULL);
	while (rc == 0) {
		rc = rte_eth_dev_rx_intr_enable(self->port, 0);
		if (rc < 0)
			break;
		port_drain(self->port);
		atomic_store(&self->asleep, true);
		if (rte_epoll_wait(RTE_EPOLL_PER_THREAD, &event, 1, LIFE_WAIT_MS) != 1)
			break;
		self->wakes++;
	}
	if (rc != -EIO)
		self->complaint = rc == 0 ? "overslept" : "not told why it cannot sleep";
	return NULL;
}

static void
start_sleeper(unsigned int which, struct sleeper *self)
{
	const struct port_setup setup = { .pool = rig.pool, .rx_interrupts = true };

	*self = (struct sleeper){ .port = rig.port[which] };
	assert_int_equal(port_start(self->port, &setup), 0);
	events_watch(which);
	assert_int_equal(pthread_create(&self->thread, NULL, sleeper, self), 0);
	while (!atomic_load(&self->asleep))
		rte_delay_us_sleep(1000);
}

static void
expect_awake(struct sleeper *self)
{
	assert_int_equal(pthread_join(self->thread, NULL), 0);
	if (self->complaint != NULL)
		fail_msg("port %u: %s", self->port, self->complaint);
	assert_true(self->wakes > 0);
}

static void
ports_are_taken_out_while_lcores_sleep(void **state)
{
	static const unsigned int left[] = { PF, VF1 };
	struct sleeper sleepers[NB_PORTS];

	(void)state;
	assert_int_equal(rte_eth_dev_stop(rig.port[VF1]), 0);
	for (size_t i = 0; i < RTE_DIM(left); i++)
		start_sleeper(left[i], &sleepers[i]);
	life_take_out(device_name[PF]);
	for (size_t i = 0; i < RTE_DIM(left); i++)
		expect_awake(&sleepers[i]);
	for (size_t i = 0; i < RTE_DIM(left); i++) {
		events_expect(left[i], RTE_ETH_EVENT_INTR_RMV, 1);
		expect_dead(left[i]);
	}
	for (size_t i = RTE_DIM(left); i-- > 0;) {
		/* Nobody was told twice. */
		events_expect(left[i], RTE_ETH_EVENT_INTR_RMV, 1);
		assert_int_equal(rte_eth_dev_close(rig.port[left[i]]), 0);
	}
	assert_int_equal(rte_mempool_avail_count(rig.pool), NB_MBUFS);
}

/* With so many VFs at it from its next reset on. */
static void
restart_with_vfs(unsigned int nb_vfs)
{
	struct rte_eth_dev_info info;

	life_set_vfs(nb_vfs);
	life_reset_pf();
	assert_int_equal(rte_eth_dev_info_get(rig.port[PF], &info), 0);
	assert_int_equal(info.max_vfs, nb_vfs);
}

/* So many pools are VFs', and the PF's is behind them. Who stays finds its PF again. */
static void
vfs_change_their_number(void **state)
{
	static const unsigned int numbers[] = { 1, 7, VFS };
	struct holdings before = holdings_now();

	(void)state;
	life_start_all();
	life_unplug(VF1);
	for (size_t i = 0; i < RTE_DIM(numbers); i++) {
		events_watch(VF0);
		restart_with_vfs(numbers[i]);
		events_expect(VF0, RTE_ETH_EVENT_RECOVERY_SUCCESS, 1);
		life_expect_flow(PF, VF0, NB_FEW);
		life_expect_flow(VF0, PF, NB_FEW);
	}
	life_unplug(VF0);
	restart_with_vfs(0);
	restart_with_vfs(VFS);
	life_plug(VF0, "auto_reset=on");
	life_plug(VF1, "auto_reset=off");
	life_start(VF0);
	life_start(VF1);
	life_expect_flows(NB_FEW);
	expect_nothing_left(&before);
}

int
main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(vfs_come_and_go),
		cmocka_unit_test(a_pf_comes_and_goes),
		cmocka_unit_test(reset_leaves_nothing),
		cmocka_unit_test(configuration_goes_round),
		cmocka_unit_test(a_pf_restarts_while_frames_come),
		cmocka_unit_test(links_come_and_go),
		cmocka_unit_test(vfs_change_their_number),
		cmocka_unit_test(a_vf_is_taken_out_while_it_recovers),
		cmocka_unit_test(ports_are_taken_out_while_lcores_sleep),
	};
	int failed;

	if (argc != 3) {
		fprintf(stderr, "usage: %s PLUGIN,PLUGIN FAMILY\n", argv[0]);
		return 64;
	}
	if (life_open(argv[1], argv[2], "wire=null,vf_args=auto_reset=on", NB_MBUFS) < 0)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rte_eal_cleanup();
	return failed;
}
