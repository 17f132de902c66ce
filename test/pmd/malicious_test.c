/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Malicious-driver detection, from a VF's tail behind its ring's end to the PF's handler and back.
 *
 * usage: malicious_test PLUGIN,PLUGIN FAMILY on|none
 *
 * With doorbell=trap the model has worked off a write to a tail when it returns; the PF is asked
 * for what came of it, so that nothing here waits.
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

#include <cmocka.h>

#include <bus_pci_driver.h>
#include <rte_bus.h>
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_io.h>
#include <rte_mbuf.h>

#include "model_eal.h"
#include "ports.h"
#include "rte_pmd_sluice.h"

#define NB_MBUFS     2048
#define PATIENCE_MS  20000
#define BEHIND_RING  0xfffe

enum { PF, VF0, VF1, NB_PORTS };

static const char *const device_name[NB_PORTS] = { "0000:f0:00.0", "0000:f0:10.0",
						   "0000:f0:10.1" };

/* 82576 sheet, 3.5; 82599 sheet, 3.4: a VF's first Tx queue; TDT is at 0x18 of it. */
static const struct expected {
	const char *family;
	uint32_t tail;
} families[] = {
	{ "82576", 0x3818 },
	{ "i350", 0x3818 },
	{ "82599", 0x2018 },
	{ "x540", 0x2018 },
	{ "x550", 0x2018 },
};

static struct {
	const struct expected *expect;
	struct rte_mempool *pool;
	uint16_t port[NB_PORTS];
	struct rte_ether_addr mac[NB_PORTS];
} rig;

static struct {
	_Atomic unsigned int nb;
	uint16_t port, vf, queue;
} told;

static void
on_malicious(uint16_t port, uint16_t vf, uint16_t queue, uint32_t cause, void *ctx)
{
	(void)cause;
	assert_ptr_equal(ctx, &told);
	told.port = port;
	told.vf = vf;
	told.queue = queue;
	told.nb++;
}

/* Of all events: nobody else looks for them. */
static const struct rte_pmd_sluice_handler handler = { .malicious = on_malicious };

static uint32_t *
tail_of(unsigned int which)
{
	struct rte_eth_dev_info info;

	assert_int_equal(rte_eth_dev_info_get(rig.port[which], &info), 0);
	return RTE_PTR_ADD(RTE_DEV_TO_PCI(info.device)->mem_resource[0].addr, rig.expect->tail);
}

static bool
send_one(unsigned int from, unsigned int to)
{
	struct rte_mbuf *m = plain_frame(rig.pool, &rig.mac[to], &rig.mac[from]);
	bool arrived = false;

	assert_non_null(m);
	assert_int_equal(rte_eth_tx_burst(rig.port[from], 0, &m, 1), 1);
	while (rte_eth_rx_burst(rig.port[to], 0, &m, 1) == 1) {
		rte_pktmbuf_free(m);
		arrived = true;
	}
	return arrived;
}

/** What a VF asked the PF for may take a moment. */
static void
wait_for_path(unsigned int from, unsigned int to)
{
	for (unsigned int i = 0; i < PATIENCE_MS; i++) {
		if (send_one(from, to))
			return;
		rte_delay_us_sleep(1000);
	}
	fail_msg("no path from %s to %s", device_name[from], device_name[to]);
}

static uint64_t
xstat(const char *name)
{
	uint64_t id, value;

	assert_int_equal(rte_eth_xstats_get_id_by_name(rig.port[PF], name, &id), 0);
	assert_int_equal(rte_eth_xstats_get_by_id(rig.port[PF], &id, &value, 1), 1);
	return value;
}

/** VF 1 does wrong; with detection, the PF is told of it. */
static void
misbehave(void)
{
	uint32_t *tail = tail_of(VF1);
	uint32_t good = rte_read32(tail);

	rte_write32(BEHIND_RING, tail);
	assert_return_code(rte_pmd_sluice_poll(rig.port[PF]), 0);
	rte_write32(good, tail);
}

/** The handler runs in whichever thread is at it. */
static bool
is_told(unsigned int nb)
{
	for (unsigned int i = 0; i < PATIENCE_MS && told.nb < nb; i++)
		rte_delay_us_sleep(1000);
	return told.nb == nb;
}

static void
it_is_off_at_first(void **state)
{
	(void)state;
	wait_for_path(VF1, PF);
	misbehave();
	assert_true(send_one(VF1, PF));
	assert_int_equal(xstat("malicious_queues"), 0);
}

static void
who_has_none_says_so(void **state)
{
	(void)state;
	assert_int_equal(rte_pmd_sluice_malicious_detect(rig.port[PF], true), -ENOTSUP);
	assert_int_equal(rte_pmd_sluice_malicious_detect(rig.port[PF], false), -ENOTSUP);
	assert_int_equal(rte_pmd_sluice_malicious_release(rig.port[PF], 1), -ENOTSUP);
	misbehave();
	assert_true(send_one(VF1, PF));
}

/** The queue stays stopped, alone, and is told of once. */
static void
the_queue_is_stopped(void **state)
{
	struct rte_pmd_sluice_pool_stats stats;

	(void)state;
	assert_int_equal(rte_pmd_sluice_malicious_detect(rig.port[PF], true), 0);
	assert_true(send_one(VF1, PF));
	assert_int_equal(rte_pmd_sluice_set_handler(rig.port[PF], &handler, &told), 0);
	misbehave();
	assert_true(is_told(1));
	assert_int_equal(told.port, rig.port[PF]);
	assert_int_equal(told.vf, 1);
	assert_int_equal(told.queue, 0);
	assert_false(send_one(VF1, PF));
	assert_true(send_one(VF0, PF));
	assert_return_code(rte_pmd_sluice_poll(rig.port[PF]), 0);
	assert_int_equal(told.nb, 1);
	assert_int_equal(xstat("malicious_queues"), 1);
	assert_int_equal(xstat("vf0_malicious_queues"), 0);
	assert_int_equal(xstat("vf1_malicious_queues"), 1);
	assert_int_equal(rte_pmd_sluice_pool_stats(rig.port[PF], 1, &stats), 0);
	assert_int_equal(stats.malicious, 1);
}

/** It goes on where it was stopped: with the frame that waited. */
static void
the_pf_may_release_it(void **state)
{
	(void)state;
	assert_int_equal(rte_pmd_sluice_malicious_release(rig.port[PF], 2), -EINVAL);
	assert_int_equal(rte_pmd_sluice_malicious_release(rig.port[PF], 1), 0);
	assert_true(send_one(VF1, PF));
	assert_int_equal(told.nb, 1);
	misbehave();
	assert_true(is_told(2));
	assert_false(send_one(VF1, PF));
}

static void
switched_off_it_releases_all(void **state)
{
	(void)state;
	assert_int_equal(rte_pmd_sluice_malicious_detect(rig.port[PF], false), 0);
	assert_true(send_one(VF1, PF));
	misbehave();
	assert_true(send_one(VF1, PF));
	assert_int_equal(told.nb, 2);
	assert_int_equal(rte_pmd_sluice_malicious_detect(rig.port[PF], true), 0);
}

/** Under the default service, which has nothing to add but a line in the log. */
static void
the_vf_resets_itself(void **state)
{
	const struct port_setup setup = { .pool = rig.pool };

	(void)state;
	misbehave();
	assert_true(is_told(3));
	assert_false(send_one(VF1, PF));
	assert_int_equal(rte_pmd_sluice_set_handler(rig.port[PF], NULL, NULL), 0);
	assert_int_equal(rte_eth_dev_reset(rig.port[VF1]), 0);
	assert_int_equal(port_start(rig.port[VF1], &setup), 0);
	assert_int_equal(rte_eth_dev_reset(rig.port[VF0]), 0);
	assert_int_equal(port_start(rig.port[VF0], &setup), 0);
	wait_for_path(VF1, PF);
	wait_for_path(VF0, PF);
	misbehave();
	assert_false(send_one(VF1, PF));
	/* The interrupt's thread may be at it. */
	for (unsigned int i = 0; i < PATIENCE_MS && xstat("vf1_malicious_queues") < 4; i++)
		rte_delay_us_sleep(1000);
	assert_int_equal(xstat("vf1_malicious_queues"), 4);
	assert_int_equal(told.nb, 3);
}

static int
plug(const char *what)
{
	char spec[256];

	snprintf(spec, sizeof(spec), "family=%s,vfs=1,doorbell=trap,pf_args=mdd=%s",
		 rig.expect->family, what);
	return rte_eal_hotplug_add("vdev", "sluicemodel1", spec);
}

static void
it_may_be_a_devarg(void **state)
{
	bool has = *(bool *)*state;

	assert_int_equal(plug("off"), 0);
	assert_int_equal(rte_eal_hotplug_remove("vdev", "sluicemodel1"), 0);
	if (!has) {
		assert_int_not_equal(plug("on"), 0);
		return;
	}
	assert_int_equal(plug("on"), 0);
	assert_int_equal(rte_eal_hotplug_remove("vdev", "sluicemodel1"), 0);
}

static int
start_ports(void **state)
{
	const struct port_setup setup = { .pool = rig.pool };

	(void)state;
	for (unsigned int i = 0; i < NB_PORTS; i++)
		if (port_open(device_name[i], &setup, &rig.port[i], &rig.mac[i]) < 0)
			return -1;
	return 0;
}

static int
start_eal(const char *plugins)
{
	char spec[256];

	snprintf(spec, sizeof(spec), "family=%s,vfs=2,wire=null,doorbell=trap",
		 rig.expect->family);
	return model_eal_start(&(struct model_eal){ .plugins = plugins, .spec = { spec } });
}

int
main(int argc, char *argv[])
{
	static bool yes = true, no;
	static const struct CMUnitTest with[] = {
		cmocka_unit_test(it_is_off_at_first),
		cmocka_unit_test(the_queue_is_stopped),
		cmocka_unit_test(the_pf_may_release_it),
		cmocka_unit_test(switched_off_it_releases_all),
		cmocka_unit_test(the_vf_resets_itself),
		cmocka_unit_test_prestate(it_may_be_a_devarg, &yes),
	};
	static const struct CMUnitTest without[] = {
		cmocka_unit_test(it_is_off_at_first),
		cmocka_unit_test(who_has_none_says_so),
		cmocka_unit_test_prestate(it_may_be_a_devarg, &no),
	};
	int failed;

	for (size_t i = 0; argc == 4 && i < RTE_DIM(families); i++)
		if (strcmp(families[i].family, argv[2]) == 0)
			rig.expect = &families[i];
	if (rig.expect == NULL) {
		fprintf(stderr, "usage: %s PLUGINS FAMILY on|none\n", argv[0]);
		return 64;
	}
	if (start_eal(argv[1]) < 0)
		return 1;
	rig.pool = model_eal_frames(NB_MBUFS);
	if (rig.pool == NULL)
		return 1;
	if (strcmp(argv[3], "none") == 0)
		failed = cmocka_run_group_tests(without, start_ports, NULL);
	else
		failed = cmocka_run_group_tests(with, start_ports, NULL);
	rte_eal_cleanup();
	return failed;
}
