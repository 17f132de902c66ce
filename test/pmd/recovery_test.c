/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What becomes of a VF's port when its PF is reset: VF 0 recovers by itself, VF 1 is reset by us.
 *
 * usage: recovery_test PLUGIN,PLUGIN FAMILY
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

#include <cmocka.h>

#include <ethdev_driver.h>
#include <rte_cycles.h>
#include <rte_eal.h>

#include "codec_82599.h"
#include "life_rig.h"
#include "ports.h"
#include "recovery_frames.h"
#include "recovery_rig.h"
#include "recovery_service.h"

#define NB_MBUFS 4096
#define BURST	 16
#define SMALL_RING 64

static struct force force[NB_PORTS];

static void
expect_recovered(unsigned int nb)
{
	events_expect(VF0, RTE_ETH_EVENT_RECOVERY_SUCCESS, nb);
	assert_int_equal(events_seen(VF0, RTE_ETH_EVENT_INTR_RESET), 0);
	assert_int_equal(events_seen(VF0, RTE_ETH_EVENT_RECOVERY_FAILED), 0);
	assert_true(port_link_up(rig.port[VF0], rig.traits->mbps));
}

/* --- What comes back --- */

static void
all_is_in_force(void **state)
{
	(void)state;
	life_find_ports();
	assert_int_equal(service_attach(rig.port[PF]), 0);
	pf_start();
	for (unsigned int i = VF0; i <= VF1; i++) {
		vf_start_told(i);
		flows_learn(i, &force[i]);
		force_expect(i, &force[i]);
	}
}

static void
all_comes_back_by_itself(void **state)
{
	uint64_t received, recovered = life_xstat(VF0, "auto_resets");
	struct rte_eth_stats stats;

	(void)state;
	interrupts_listen(VF0);
	force[VF0].interrupts = true;
	force_expect(VF0, &force[VF0]);
	assert_int_equal(rte_eth_stats_get(rig.port[VF0], &stats), 0);
	received = stats.ipackets;
	events_watch(VF0);
	events_watch(VF1);
	pf_reset();
	pf_start();
	expect_recovered(1);
	assert_int_equal(events_seen(VF0, RTE_ETH_EVENT_ERR_RECOVERING), 1);
	assert_int_equal(life_xstat(VF0, "auto_resets"), recovered + 1);
	assert_int_equal(rte_eth_stats_get(rig.port[VF0], &stats), 0);
	assert_int_equal(stats.ipackets, received);
	force_expect(VF0, &force[VF0]);
}

/* What an application has to do without auto_reset; what ethdev and we know outlasts that. */
static void
all_comes_back_by_hand(void **state)
{
	uint16_t port = rig.port[VF1];

	(void)state;
	events_expect(VF1, RTE_ETH_EVENT_INTR_RESET, 1);
	assert_int_equal(events_seen(VF1, RTE_ETH_EVENT_ERR_RECOVERING), 0);
	assert_int_equal(rte_eth_dev_reset(port), 0);
	assert_int_not_equal(rte_eth_dev_start(port), 0);
	assert_int_equal(vf_start(VF1, NONE_DEFERRED), 0);
	assert_true(port_link_up(port, rig.traits->mbps));
	flows_learn(VF1, &force[VF1]);
	force_expect(VF1, &force[VF1]);
	assert_int_equal(events_seen(VF1, RTE_ETH_EVENT_INTR_RESET), 1);
	assert_int_equal(rte_eth_dev_stop(port), 0);
}

static atomic_bool traffic_ends;

/** What an lcore does, whatever happens to the port. */
static void *
traffic(void *arg)
{
	struct rte_mbuf *burst[BURST];
	uint16_t nb, port = rig.port[VF0];

	(void)arg;
	while (!atomic_load(&traffic_ends)) {
		for (uint16_t q = 0; q < rig.traits->vf_queues; q++) {
			nb = rte_eth_rx_burst(port, q, burst, BURST);
			rte_pktmbuf_free_bulk(burst, nb);
			if (rte_pktmbuf_alloc_bulk(rig.pool, burst, BURST) != 0)
				continue;
			for (size_t i = 0; i < BURST; i++)
				memset(rte_pktmbuf_append(burst[i], 64), 0xff, 64);
			nb = rte_eth_tx_burst(port, q, burst, BURST);
			rte_pktmbuf_free_bulk(&burst[nb], BURST - nb);
			rte_eth_tx_done_cleanup(port, q, 0);
		}
		sched_yield();
	}
	return NULL;
}

/* Until what began last has ended too. */
static void
wait_until_received(void)
{
	for (unsigned int i = 0; i < LIFE_WAIT_MS && !vf_receives(VF0); i++)
		rte_delay_us_sleep(1000);
	assert_true(vf_receives(VF0));
}

/* Under traffic; the first time the PF forgets the VF just when it is asked for the last thing. */
static void
a_pf_is_reset_while_a_vf_recovers(void **state)
{
	pthread_t thread;
	unsigned int resets;

	(void)state;
	assert_int_equal(rte_eth_allmulticast_enable(rig.port[VF0]), 0);
	force[VF0].all_multicast = true;
	force_expect(VF0, &force[VF0]);
	assert_int_equal(rte_eth_promiscuous_enable(rig.port[VF0]), 0);
	force[VF0].promiscuous = true;
	force_expect(VF0, &force[VF0]);

	events_watch(VF0);
	atomic_store(&traffic_ends, false);
	assert_int_equal(pthread_create(&thread, NULL, traffic, NULL), 0);
	atomic_store(&service_switches.forget_at, rig.traits->queues_are_told ?
		     (unsigned int)MBX_82599_RECEIVE_MODE : (unsigned int)MBX_SET_PROMISCUOUS);
	resets = atomic_load(&service_switches.nb_resets);
	pf_reset();
	pf_start();
	while (atomic_load(&service_switches.nb_resets) < resets + 2)
		rte_delay_us_sleep(1000);
	assert_int_equal(atomic_load(&service_switches.forget_at), 0);
	pf_reset();
	pf_start();
	atomic_store(&traffic_ends, true);
	assert_int_equal(pthread_join(thread, NULL), 0);
	wait_until_received();
	assert_int_equal(events_seen(VF0, RTE_ETH_EVENT_RECOVERY_FAILED), 0);
	/* Once more, as no news of the second reset may still be under way. */
	force[VF0].interrupts = false;
	force_expect(VF0, &force[VF0]);
	assert_int_equal(rte_eth_promiscuous_disable(rig.port[VF0]), 0);
	assert_int_equal(rte_eth_allmulticast_disable(rig.port[VF0]), 0);
	force[VF0].promiscuous = false;
	force[VF0].all_multicast = false;
	force_expect(VF0, &force[VF0]);
	assert_int_equal(rte_eth_dev_stop(rig.port[VF0]), 0);
}

static void
expect_states(uint16_t queue, uint8_t expected)
{
	struct rte_eth_rxq_info rx;
	struct rte_eth_txq_info tx;
	struct rte_mbuf *m = rte_pktmbuf_alloc(rig.pool);
	uint16_t port = rig.port[VF0], nb;

	assert_int_equal(rte_eth_rx_queue_info_get(port, queue, &rx), 0);
	assert_int_equal(rte_eth_tx_queue_info_get(port, queue, &tx), 0);
	assert_int_equal(rx.queue_state, expected);
	assert_int_equal(tx.queue_state, expected);
	assert_non_null(m);
	memset(rte_pktmbuf_append(m, 64), 0xff, 64);
	nb = rte_eth_tx_burst(port, queue, &m, 1);
	assert_int_equal(nb, expected == RTE_ETH_QUEUE_STATE_STARTED);
	if (nb == 0)
		rte_pktmbuf_free(m);
}

static void
set_queue(uint16_t queue, bool runs)
{
	uint16_t port = rig.port[VF0];

	if (runs) {
		assert_int_equal(rte_eth_dev_rx_queue_start(port, queue), 0);
		assert_int_equal(rte_eth_dev_tx_queue_start(port, queue), 0);
	} else {
		assert_int_equal(rte_eth_dev_rx_queue_stop(port, queue), 0);
		assert_int_equal(rte_eth_dev_tx_queue_stop(port, queue), 0);
	}
}

/* The last queue was never started, the first was stopped. One alone has been both. */
static void
queues_that_were_stopped_stay_so(void **state)
{
	uint16_t last = rig.traits->vf_queues - 1;

	(void)state;
	assert_int_equal(vf_start(VF0, LAST_DEFERRED), 0);
	if (last == 0)
		set_queue(0, true);
	set_queue(0, false);
	events_watch(VF0);
	pf_reset();
	pf_start();
	expect_recovered(1);
	for (uint16_t q = 0; q <= last; q++)
		expect_states(q, RTE_ETH_QUEUE_STATE_STOPPED);
	assert_false(vf_receives(VF0));
	for (uint16_t q = 0; q <= last; q++) {
		set_queue(q, true);
		expect_states(q, RTE_ETH_QUEUE_STATE_STARTED);
	}
	/* An 82576's PF looks which queues run when it is asked for something. */
	assert_int_equal(rte_eth_dev_set_mtu(rig.port[VF0], RECOVERY_MTU), 0);
	flows_learn(VF0, &force[VF0]);
	force_expect(VF0, &force[VF0]);
}

/* --- What does not --- */

static void
expect_failed(void)
{
	uint64_t failed = life_xstat(VF0, "auto_resets_failed");
	struct rte_mbuf *m = rte_pktmbuf_alloc(rig.pool);
	struct rte_eth_link link;

	events_watch(VF0);
	pf_reset();
	pf_start();
	events_expect(VF0, RTE_ETH_EVENT_RECOVERY_FAILED, 1);
	assert_int_equal(events_seen(VF0, RTE_ETH_EVENT_ERR_RECOVERING), 1);
	assert_int_equal(events_seen(VF0, RTE_ETH_EVENT_RECOVERY_SUCCESS), 0);
	assert_int_equal(life_xstat(VF0, "auto_resets_failed"), failed + 1);
	assert_int_equal(rte_eth_link_get_nowait(rig.port[VF0], &link), 0);
	assert_int_equal(link.link_status, RTE_ETH_LINK_DOWN);
	assert_non_null(m);
	memset(rte_pktmbuf_append(m, 64), 0xff, 64);
	assert_int_equal(rte_eth_tx_burst(rig.port[VF0], 0, &m, 1), 0);
	rte_pktmbuf_free(m);
	assert_false(vf_receives(VF0));
}

static void
an_address_refused_is_final_until_reset(void **state)
{
	(void)state;
	atomic_store(&service_switches.refuse_mac, true);
	expect_failed();
	atomic_store(&service_switches.refuse_mac, false);
	assert_int_equal(rte_eth_dev_reset(rig.port[VF0]), 0);
	assert_int_equal(vf_start(VF0, NONE_DEFERRED), 0);
	assert_true(port_link_up(rig.port[VF0], rig.traits->mbps));
	flows_learn(VF0, &force[VF0]);
	force_expect(VF0, &force[VF0]);
}

/* Where no PF tells, an address once more; and the port is closed as it is. */
static void
too_few_queues_are_final_until_detached(void **state)
{
	(void)state;
	atomic_store(&service_switches.queues, 1);
	atomic_store(&service_switches.refuse_mac, !rig.traits->queues_are_told);
	expect_failed();
	atomic_store(&service_switches.queues, 0);
	atomic_store(&service_switches.refuse_mac, false);
	life_unplug(VF0);
	life_plug(VF0, "auto_reset=on");
	vf_start_told(VF0);
	flows_learn(VF0, &force[VF0]);
	force_expect(VF0, &force[VF0]);
}

/* --- What comes between --- */

/* A PF that was reset serves nobody before it is started: that long, operations fail. */
static void
begin_in_vain(void)
{
	struct rte_eth_link link;

	events_watch(VF0);
	pf_reset();
	events_expect(VF0, RTE_ETH_EVENT_ERR_RECOVERING, 1);
	assert_int_equal(rte_eth_dev_set_mtu(rig.port[VF0], RTE_ETHER_MTU), -EAGAIN);
	assert_int_equal(rte_eth_link_get_nowait(rig.port[VF0], &link), 0);
	assert_int_equal(link.link_status, RTE_ETH_LINK_DOWN);
}

/** Nor does the port lack anything. */
static void
expect_not_failed(void)
{
	assert_true(port_link_up(rig.port[VF0], rig.traits->mbps));
	assert_int_equal(events_seen(VF0, RTE_ETH_EVENT_RECOVERY_FAILED), 0);
	flows_learn(VF0, &force[VF0]);
	force_expect(VF0, &force[VF0]);
}

static void
stop_ends_a_recovery(void **state)
{
	(void)state;
	begin_in_vain();
	assert_int_equal(rte_eth_dev_stop(rig.port[VF0]), 0);
	pf_start();
	assert_int_equal(rte_eth_dev_start(rig.port[VF0]), 0);
	expect_not_failed();
	assert_int_equal(events_seen(VF0, RTE_ETH_EVENT_RECOVERY_SUCCESS), 0);
}

static void *
reset_vf0(void *arg)
{
	*(int *)arg = rte_eth_dev_reset(rig.port[VF0]);
	return NULL;
}

static int
reset_in_callback(uint16_t port, enum rte_eth_event_type event, void *arg, void *ret)
{
	_Atomic int *rc = arg;

	(void)event;
	(void)ret;
	atomic_store(rc, rte_eth_dev_reset(port));
	return 0;
}

/* In the thread that tells of it, and that serves the PF's mailbox besides. */
static void
a_reset_in_the_callback_ends_a_recovery(void **state)
{
	static _Atomic int rc;
	uint16_t port = rig.port[VF0];

	(void)state;
	atomic_store(&rc, 1);
	assert_int_equal(rte_eth_dev_callback_register(port, RTE_ETH_EVENT_ERR_RECOVERING,
						       reset_in_callback, (void *)&rc), 0);
	events_watch(VF0);
	pf_reset();
	for (unsigned int i = 0; i < LIFE_WAIT_MS && atomic_load(&rc) == 1; i++)
		rte_delay_us_sleep(1000);
	assert_int_equal(atomic_load(&rc), 0);
	assert_int_equal(rte_eth_dev_callback_unregister(port, RTE_ETH_EVENT_ERR_RECOVERING,
							 reset_in_callback, (void *)&rc), 0);
	pf_start();
	assert_int_equal(vf_start(VF0, NONE_DEFERRED), 0);
	expect_not_failed();
	assert_int_equal(events_seen(VF0, RTE_ETH_EVENT_RECOVERY_SUCCESS), 0);
}

/* It is as the application left it, and works when it is started. */
static void
a_queue_is_set_up_while_a_vf_recovers(void **state)
{
	const struct rte_eth_rxconf conf = { .offloads = RTE_ETH_RX_OFFLOAD_CHECKSUM };
	uint16_t port = rig.port[VF0], last = rig.traits->vf_queues - 1;
	struct rte_eth_txq_info tx;
	struct rte_eth_rxq_info rx;

	(void)state;
	begin_in_vain();
	set_queue(last, false);
	assert_int_equal(rte_eth_rx_queue_setup(port, last, SMALL_RING, SOCKET_ID_ANY, &conf,
						rig.pool), 0);
	assert_int_equal(rte_eth_tx_queue_setup(port, last, SMALL_RING, SOCKET_ID_ANY, NULL), 0);
	pf_start();
	expect_recovered(1);
	assert_int_equal(rte_eth_rx_queue_info_get(port, last, &rx), 0);
	assert_int_equal(rte_eth_tx_queue_info_get(port, last, &tx), 0);
	assert_int_equal(rx.nb_desc, SMALL_RING);
	assert_int_equal(tx.nb_desc, SMALL_RING);
	expect_states(last, RTE_ETH_QUEUE_STATE_STOPPED);
	set_queue(last, true);
	expect_states(last, RTE_ETH_QUEUE_STATE_STARTED);
	/* All as it is configured again, lest later tests miss what that queue was not given. */
	assert_int_equal(rte_eth_dev_stop(port), 0);
	assert_int_equal(vf_start(VF0, NONE_DEFERRED), 0);
	expect_not_failed();
}

/* If it comes in time. */
static void
a_reset_by_another_thread_ends_a_recovery(void **state)
{
	pthread_t thread;
	int rc = 1;

	(void)state;
	begin_in_vain();
	assert_int_equal(pthread_create(&thread, NULL, reset_vf0, &rc), 0);
	pf_start();
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(rc, 0);
	assert_int_equal(vf_start(VF0, NONE_DEFERRED), 0);
	expect_not_failed();
}

static atomic_bool restarts_end;

/* Whenever it may be: a start finds no PF, or one that goes. */
static void *
restart_vf0(void *arg)
{
	unsigned int *nb = arg;

	do {
		if (rte_eth_dev_stop(rig.port[VF0]) == 0 && vf_start(VF0, NONE_DEFERRED) == 0)
			++*nb;
	} while (!atomic_load(&restarts_end));
	return NULL;
}

static void
a_pf_is_reset_while_a_vf_is_configured(void **state)
{
	unsigned int nb_starts = 0;
	pthread_t thread;

	(void)state;
	atomic_store(&restarts_end, false);
	assert_int_equal(pthread_create(&thread, NULL, restart_vf0, &nb_starts), 0);
	for (unsigned int i = 0; i < 2; i++) {
		pf_reset();
		pf_start();
	}
	atomic_store(&restarts_end, true);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_true(nb_starts > 0);
	assert_int_equal(rte_eth_dev_stop(rig.port[VF0]), 0);
	assert_int_equal(vf_start(VF0, NONE_DEFERRED), 0);
	wait_until_received();
	flows_learn(VF0, &force[VF0]);
	force_expect(VF0, &force[VF0]);
}

/* --- The table of operations --- */

/* That neither change queues or filters nor need them as they are; or that end a recovery. */
static const struct {
	size_t at;
	const char *name;
} free_ops[] = {
#define FREE(op) { offsetof(struct eth_dev_ops, op), #op }
	FREE(dev_configure), FREE(dev_stop), FREE(dev_close), FREE(dev_reset),
	FREE(is_removed), FREE(dev_infos_get), FREE(link_update), FREE(get_reg),
	FREE(stats_get), FREE(stats_reset), FREE(xstats_get), FREE(xstats_get_names),
	FREE(xstats_reset), FREE(rss_hash_conf_get), FREE(reta_query), FREE(rxq_info_get),
	FREE(txq_info_get), FREE(rx_burst_mode_get), FREE(tx_burst_mode_get),
	FREE(dev_supported_ptypes_get), FREE(rx_queue_intr_enable), FREE(rx_queue_intr_disable),
	FREE(get_monitor_addr),
};

static bool
is_free(size_t at)
{
	for (size_t i = 0; i < RTE_DIM(free_ops); i++)
		if (free_ops[i].at == at)
			return true;
	return false;
}

static void
each_operation_waits_or_need_not(void **state)
{
	const uint8_t *held = (const uint8_t *)rte_eth_devices[rig.port[VF0]].dev_ops;
	const uint8_t *plain = (const uint8_t *)rte_eth_devices[rig.port[VF1]].dev_ops;
	static const uint8_t none[sizeof(void *)];

	(void)state;
	for (size_t at = 0; at < sizeof(struct eth_dev_ops); at += sizeof(none)) {
		bool same = memcmp(held + at, plain + at, sizeof(none)) == 0;

		if (memcmp(plain + at, none, sizeof(none)) != 0 && same != is_free(at))
			fail_msg("operation %zu of struct eth_dev_ops: %s", at / sizeof(none),
				 same ? "does not wait for a recovery" : "waits");
	}
}

static void
nothing_is_left(void **state)
{
	(void)state;
	for (unsigned int i = NB_PORTS; i-- > 0;)
		assert_int_equal(rte_eth_dev_stop(rig.port[i]), 0);
	assert_int_equal(rte_mempool_avail_count(rig.pool), NB_MBUFS);
}

int
main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_is_in_force),
		cmocka_unit_test(each_operation_waits_or_need_not),
		cmocka_unit_test(all_comes_back_by_itself),
		cmocka_unit_test(all_comes_back_by_hand),
		cmocka_unit_test(a_pf_is_reset_while_a_vf_recovers),
		cmocka_unit_test(queues_that_were_stopped_stay_so),
		cmocka_unit_test(an_address_refused_is_final_until_reset),
		cmocka_unit_test(too_few_queues_are_final_until_detached),
		cmocka_unit_test(stop_ends_a_recovery),
		cmocka_unit_test(a_reset_by_another_thread_ends_a_recovery),
		cmocka_unit_test(a_reset_in_the_callback_ends_a_recovery),
		cmocka_unit_test(a_queue_is_set_up_while_a_vf_recovers),
		cmocka_unit_test(a_pf_is_reset_while_a_vf_is_configured),
		cmocka_unit_test(nothing_is_left),
	};
	int failed;

	if (argc != 3) {
		fprintf(stderr, "usage: %s PLUGIN,PLUGIN FAMILY\n", argv[0]);
		return 64;
	}
	if (life_open(argv[1], argv[2], "wire=null,doorbell=trap,vf_args=auto_reset=on",
		      NB_MBUFS) < 0 || probes_open() < 0)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rte_eal_cleanup();
	return failed;
}
