/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Interrupts of Rx queues, and their moderation, of PF and VF on a port of the model.
 *
 * usage: interrupt_test PLUGIN,PLUGIN FAMILY MBPS
 *
 * With doorbell=trap all that a frame brings about has happened when it was sent: a message that is
 * not there then does not come.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <bus_pci_driver.h>
#include <rte_bus.h>
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_interrupts.h>
#include <rte_io.h>
#include <rte_log.h>
#include <rte_mbuf.h>

#include "accesses.h"
#include "interrupt_rig.h"
#include "model_eal.h"
#include "ports.h"
#include "rte_pmd_sluice_moderation.h"

#define NB_MBUFS    4096
#define NB_BURSTS   8
#define NB_THROTTLED 6
#define THROTTLE_NS 1000000

/* 82576 sheet, 6.1, 6.4, 6.6; 82599 sheet, 6.1, 6.3, 6.4. */
static const struct expected families[] = {
	{ "82576", { 0x1524, 0x1524 }, 1000, 8191, 0x280c, 20, 16, 496 },
	{ "i350", { 0x1524, 0x1524 }, 1000, 8191, 0x280c, 20, 16, 496 },
	{ "82599", { 0x0aa0, 0x0108 }, 2048, 511, 0x1014, 22, 64, 448, true },
	{ "x540", { 0x0aa0, 0x0108 }, 2048, 511, 0x1014, 22, 64, 448, true },
	{ "x550", { 0x0aa0, 0x0108 }, 2048, 511, 0x1014, 22, 64, 448, true },
};

/** In which SRRCTL a VF's queue says that few descriptors are free. */
static uint32_t
threshold_written(void)
{
	const uint8_t *bar = pci_of(VF)->mem_resource[0].addr;
	uint32_t srrctl = rte_read32(bar + rig.expect->srrctl);
	uint32_t most = rig.expect->rdmts_max / rig.expect->rdmts_unit;

	return (srrctl >> rig.expect->rdmts_shift & most) * rig.expect->rdmts_unit;
}

static void
without_rx_interrupts_there_are_none(void **state)
{
	struct rte_pmd_sluice_moderation moderation;
	uint16_t free;

	(void)state;
	start_ports(false);
	assert_int_equal(threshold_written(), 0);
	for (unsigned int i = 0; i < NB_PORTS; i++) {
		uint16_t port = rig.port[i];

		assert_int_equal(rte_eth_dev_rx_intr_enable(port, 0), -ENOTSUP);
		assert_int_equal(rte_eth_dev_rx_intr_disable(port, 0), -ENOTSUP);
		assert_int_equal(rte_pmd_sluice_moderation_get(port, 0, &moderation), -ENOTSUP);
		assert_int_equal(rte_pmd_sluice_moderation_set(port, 0, 0), -ENOTSUP);
		assert_int_equal(rte_pmd_sluice_rx_low_threshold_get(port, 0, &free), -ENOTSUP);
	}
	stop_ports();
}

static void
each_burst_wakes(void **state)
{
	(void)state;
	start_ports(true);
	for (unsigned int i = 0; i < NB_PORTS; i++) {
		listen_to(i, true);
		arm_at_rest(i);
		for (unsigned int nb = 1; nb <= NB_BURSTS; nb++) {
			send_frames(i, nb);
			assert_true(wakes(0));
			assert_int_equal(receive_all(i), nb);
			arm_at_rest(i);
		}
		listen_to(i, false);
	}
}

/** The vector masks itself; what comes meanwhile is told when it is armed. */
static void
nothing_comes_until_armed(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < NB_PORTS; i++) {
		listen_to(i, true);
		arm_at_rest(i);
		send_frames(i, 1);
		assert_true(wakes(0));
		assert_int_equal(receive_all(i), 1);
		send_frames(i, 3);
		assert_false(wakes(0));
		arm(i);
		assert_true(wakes(0));
		assert_int_equal(receive_all(i), 3);

		assert_int_equal(rte_eth_dev_rx_intr_disable(rig.port[i], 0), 0);
		send_frames(i, 1);
		assert_false(wakes(0));
		arm(i);
		assert_true(wakes(0));
		assert_int_equal(receive_all(i), 1);
		listen_to(i, false);
	}
}

static void
taking_one_is_free_and_arming_one_write(void **state)
{
	struct access access;

	(void)state;
	for (unsigned int i = 0; i < NB_PORTS; i++) {
		uintptr_t bar = (uintptr_t)pci_of(i)->mem_resource[0].addr;

		listen_to(i, true);
		arm_at_rest(i);
		send_frames(i, 1);
		accesses_start();
		assert_true(wakes(0));
		assert_int_equal(accesses_stop(&access), 0);
		receive_all(i);
		accesses_start();
		arm(i);
		assert_int_equal(accesses_stop(&access), 1);
		assert_true(access.write);
		assert_int_equal(access.address - bar, rig.expect->arm[i]);
		listen_to(i, false);
	}
}

static void
intervals_are_rounded_and_bounded(void **state)
{
	const uint32_t max_ns = rig.expect->tick_ns * rig.expect->max_ticks;
	struct rte_pmd_sluice_moderation got;

	(void)state;
	for (unsigned int i = 0; i < NB_PORTS; i++) {
		uint16_t port = rig.port[i];

		set_interval(port, 0);
		set_interval(port, rig.expect->tick_ns - 1);
		set_interval(port, rig.expect->tick_ns);
		set_interval(port, 50000);
		set_interval(port, max_ns);
		assert_int_equal(rte_pmd_sluice_moderation_set(port, 0, max_ns + 1), -ERANGE);
		assert_int_equal(xstat_of(port), max_ns);
		assert_int_equal(rte_pmd_sluice_moderation_set(port, 1, 0), -EINVAL);
		set_interval(port, 0);
	}
	assert_int_equal(rte_pmd_sluice_moderation_get(NB_PORTS + 9, 0, &got), -ENODEV);
}

/** The model's clock is ours, and its throttle exact: sooner than that is wrong, later is not. */
static void
interrupts_keep_their_interval(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < NB_PORTS; i++) {
		struct rte_pmd_sluice_moderation got;
		uint64_t first = 0;

		listen_to(i, true);
		set_interval(rig.port[i], THROTTLE_NS);
		assert_int_equal(rte_pmd_sluice_moderation_get(rig.port[i], 0, &got), 0);
		arm_at_rest(i);
		for (unsigned int n = 0; n < NB_THROTTLED; n++) {
			uint64_t before = now_ns();

			/* Fired between sending and now, so not before what was read then. */
			send_frames(i, 1);
			assert_true(wakes(LONG_MS));
			first = n == 0 ? before : first;
			assert_int_equal(receive_all(i), 1);
			arm(i);
		}
		assert_true(now_ns() - first >= (NB_THROTTLED - 1) * (uint64_t)got.interval_ns);
		set_interval(rig.port[i], 0);
		listen_to(i, false);
	}
}

/**
 * From two descriptors above the threshold, within one interval.
 *
 * @return false: it was over too soon, on a machine with other things to do
 */
static bool
threshold_cuts_an_interval(unsigned int which, uint16_t nb_desc, uint16_t threshold,
			   uint64_t interval_ns)
{
	bool early, at_once;
	uint64_t begun;

	rte_eth_dev_rx_intr_disable(rig.port[which], 0);
	receive_all(which);
	while (wakes(0))
		;
	send_frames(which, nb_desc - 1 - threshold - 2);
	rte_delay_us_sleep(interval_ns / 1000 + 1);
	begun = now_ns();
	arm(which);
	assert_true(wakes(LONG_MS));
	arm(which);
	send_frames(which, 1);
	early = wakes(0);
	send_frames(which, 1);
	at_once = wakes(0);
	if (now_ns() - begun >= interval_ns)
		return false;
	assert_false(early);
	assert_true(at_once);
	return true;
}

static void
few_descriptors_wait_for_no_interval(void **state)
{
	static const uint16_t rings[] = { 64, 256, 1024 };
	const uint32_t max_ns = rig.expect->tick_ns * rig.expect->max_ticks;
	uint16_t free;

	(void)state;
	for (size_t r = 0; r < RTE_DIM(rings); r++) {
		uint16_t expect = RTE_MIN(rings[r] / 2 / rig.expect->rdmts_unit *
					  rig.expect->rdmts_unit, rig.expect->rdmts_max);

		rig.nb_rx_desc = rings[r];
		start_ports(true);
		assert_int_equal(threshold_written(), expect);
		for (unsigned int i = 0; i < NB_PORTS; i++) {
			int rc = rte_pmd_sluice_rx_low_threshold_get(rig.port[i], 0, &free);
			unsigned int tries = 0;

			assert_int_equal(rc, expect != 0 ? 0 : -ENOTSUP);
			if (rc != 0)
				continue;
			assert_int_equal(free, expect);
			listen_to(i, true);
			set_interval(rig.port[i], max_ns);
			while (!threshold_cuts_an_interval(i, rings[r], expect, max_ns))
				assert_true(++tries < LONG_MS);
			set_interval(rig.port[i], 0);
			receive_all(i);
			listen_to(i, false);
		}
		stop_ports();
	}
	rig.nb_rx_desc = 0;
	assert_int_equal(rte_pmd_sluice_rx_low_threshold_get(rig.port[PF], 1, &free), -EINVAL);
	assert_int_equal(rte_pmd_sluice_rx_low_threshold_get(NB_PORTS + 9, 0, &free), -ENODEV);
}

static int
on_reset(uint16_t port, enum rte_eth_event_type event, void *arg, void *result)
{
	(void)port;
	(void)event;
	(void)result;
	*(volatile bool *)arg = true;
	return 0;
}

/** Vector 0 goes on beside those of the queues. */
static void
a_reset_of_the_pf_is_told(void **state)
{
	void *arg = (void *)(uintptr_t)&rig.reset_wanted;

	(void)state;
	assert_int_equal(rte_eth_dev_callback_register(rig.port[VF], RTE_ETH_EVENT_INTR_RESET,
						       on_reset, arg), 0);
	assert_int_equal(rte_eth_dev_reset(rig.port[PF]), 0);
	for (unsigned int i = 0; i < LONG_MS && !rig.reset_wanted; i++)
		rte_delay_us_sleep(1000);
	assert_true(rig.reset_wanted);
	assert_int_equal(rte_eth_dev_callback_unregister(rig.port[VF], RTE_ETH_EVENT_INTR_RESET,
							 on_reset, arg), 0);
	assert_int_equal(rte_eth_dev_reset(rig.port[VF]), 0);
	each_burst_wakes(state);
	stop_ports();
}

static void
without_msix_they_are_refused(void **state)
{
	struct rte_eth_conf conf = { .intr_conf.rxq = 1 };

	(void)state;
	for (unsigned int i = 0; i < NB_PORTS; i++) {
		struct rte_intr_handle *handle = pci_of(i)->intr_handle;

		assert_int_equal(rte_intr_type_set(handle, RTE_INTR_HANDLE_VFIO_LEGACY), 0);
		assert_int_equal(rte_eth_dev_configure(rig.port[i], 1, 1, &conf), -ENOTSUP);
		assert_int_equal(rte_intr_type_set(handle, RTE_INTR_HANDLE_VFIO_MSIX), 0);
		assert_int_equal(rte_eth_dev_configure(rig.port[i], 1, 1, &conf), 0);
	}
}

/* --- Devargs --- */

static int
plug(const char *which, uint32_t itr_us, char *log, size_t bytes)
{
	FILE *stream = fmemopen(log, bytes, "w");
	char spec[256];
	int rc;

	assert_non_null(stream);
	snprintf(spec, sizeof(spec), "family=%s,vfs=1,doorbell=trap,%s_args=itr_us=%u",
		 rig.expect->family, which, itr_us);
	rte_openlog_stream(stream);
	rc = rte_eal_hotplug_add("vdev", "sluicemodel1", spec);
	rte_openlog_stream(NULL);
	fclose(stream);
	return rc;
}

static void
an_interval_may_be_a_devarg(void **state)
{
	static const struct {
		const char *key, *device;
	} functions[] = { { "pf", "0000:f1:00.0" }, { "vf", "0000:f1:10.0" } };
	const struct port_setup setup = { .pool = rig.pool, .rx_interrupts = true };
	const uint32_t max_us = rig.expect->tick_ns * rig.expect->max_ticks / 1000;

	(void)state;
	for (size_t i = 0; i < RTE_DIM(functions); i++) {
		char log[4096] = "", line[128];
		uint16_t pf, port;

		assert_int_equal(plug(functions[i].key, 100, log, sizeof(log)), 0);
		assert_int_equal(rte_eth_dev_get_port_by_name(functions[0].device, &pf), 0);
		assert_int_equal(rte_eth_dev_get_port_by_name(functions[i].device, &port), 0);
		assert_int_equal(port_start(pf, &setup), 0);
		if (port != pf)
			assert_int_equal(port_start(port, &setup), 0);
		assert_int_equal(xstat_of(port), 100000 / rig.expect->tick_ns *
				 rig.expect->tick_ns);
		assert_int_equal(rte_eal_hotplug_remove("vdev", "sluicemodel1"), 0);

		assert_int_not_equal(plug(functions[i].key, max_us + 1, log, sizeof(log)), 0);
		snprintf(line, sizeof(line), "sluice: %s: itr_us=%u: allowed is 0 to %u with an ",
			 functions[i].device, max_us + 1, max_us);
		assert_non_null(strstr(log, line));
	}
}

static int
start_eal(const char *plugins)
{
	char spec[256];

	snprintf(spec, sizeof(spec), "family=%s,vfs=1,wire=null,doorbell=trap",
		 rig.expect->family);
	return model_eal_start(&(struct model_eal){ .plugins = plugins, .spec = { spec } });
}

int
main(int argc, char *argv[])
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_rx_interrupts_there_are_none),
		cmocka_unit_test(few_descriptors_wait_for_no_interval),
		cmocka_unit_test(each_burst_wakes),
		cmocka_unit_test(nothing_comes_until_armed),
		cmocka_unit_test(taking_one_is_free_and_arming_one_write),
		cmocka_unit_test(arming_writes_no_more_than_it_must),
		cmocka_unit_test(arming_forgets_what_was_polled),
		cmocka_unit_test(arming_restarts_the_interval),
		cmocka_unit_test(intervals_are_rounded_and_bounded),
		cmocka_unit_test(interrupts_keep_their_interval),
		cmocka_unit_test(a_reset_of_the_pf_is_told),
		cmocka_unit_test(without_msix_they_are_refused),
		cmocka_unit_test(an_interval_may_be_a_devarg),
	};
	int failed;

	for (size_t i = 0; argc == 4 && i < RTE_DIM(families); i++)
		if (strcmp(families[i].family, argv[2]) == 0)
			rig.expect = &families[i];
	if (rig.expect == NULL) {
		fprintf(stderr, "usage: %s PLUGINS FAMILY MBPS\n", argv[0]);
		return 64;
	}
	rig.mbps = strtoul(argv[3], NULL, 10);
	if (start_eal(argv[1]) < 0 || accesses_watch() < 0)
		return 1;
	rig.pool = model_eal_frames(NB_MBUFS);
	if (rig.pool == NULL)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rte_eal_cleanup();
	return failed;
}
