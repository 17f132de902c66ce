/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Unmodified drivers on a port of the model, which is the test that the model tells the truth.
 *
 * usage: model_test PLUGIN[,PLUGIN...] FAMILY PF_DRIVER VF_DRIVER MBPS [SPEC]
 *
 * One PF and two VFs in this process, all frames that leave come back (wire=loop).
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
#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_interrupts.h>
#include <rte_log.h>

#include "model_eal.h"
#include "ports.h"

#define NB_MBUFS     4096
#define NB_FRAMES    2000
#define NB_GROUP_FRAMES 64	/* which come back from the wire once more */
#define WAIT_MS	     20000
#define MAILBOX_US   20000
#define SETTLE_US    20000
#define TRIES	     20
#define VENDOR_INTEL 0x8086
#define COMMAND	     0x04
#define BUS_MASTER   0x0004
#define PF_POOL	     2	/* the one after the VFs' */

enum { PF, VF0, VF1, NB_PORTS };

static const char *const device_name[NB_PORTS] = { "0000:f0:00.0", "0000:f0:10.0",
						   "0000:f0:10.1" };

static struct {
	const char *family, *driver[NB_PORTS];
	unsigned int nb_ports;
	uint32_t mbps;
	char spec[512];
	struct rte_mempool *pool;
	uint16_t port[NB_PORTS];
} rig;

static void
find_ports(void)
{
	for (unsigned int i = 0; i < rig.nb_ports; i++) {
		struct rte_eth_dev_info info;

		assert_return_code(rte_eth_dev_get_port_by_name(device_name[i], &rig.port[i]), 0);
		assert_int_equal(rte_eth_dev_info_get(rig.port[i], &info), 0);
		assert_string_equal(info.driver_name, rig.driver[i]);
	}
}

static const struct rte_ether_addr nobody = { { 0x02, 0, 0, 0, 0xee, 0xee } };

/**
 * Where frames for it go. DPDK's igb gives the PF's first address to pool 0, which is VF 0's: so
 * the PF is asked for by another one.
 */
static const struct rte_ether_addr pf_address = { { 0x02, 0, 0, 0, 0xbb, 0 } };

static void
stop_all(void)
{
	for (unsigned int i = rig.nb_ports; i-- > 0;)
		assert_int_equal(rte_eth_dev_stop(rig.port[i]), 0);
}

static struct rte_ether_addr
address_of(unsigned int which)
{
	struct rte_ether_addr mac = pf_address;

	if (which == PF)
		return mac;
	assert_int_equal(rte_eth_macaddr_get(rig.port[which], &mac), 0);
	return mac;
}

static void
expect_flow(unsigned int from, unsigned int to, struct rte_ether_addr dst, unsigned int nb)
{
	const struct flow flow = {
		.from = rig.port[from],
		.to = rig.port[to],
		.dst = dst,
		.nb = nb,
		.pool = rig.pool,
	};

	for (unsigned int i = 0; i < rig.nb_ports; i++)
		port_drain(rig.port[i]);
	assert_int_equal(flow_run(&flow), nb);
}

/** A VF's driver does not wait until the PF has done what it asked for. */
static bool
flow_comes(unsigned int from, unsigned int to, struct rte_ether_addr dst)
{
	const struct flow flow = {
		.from = rig.port[from],
		.to = rig.port[to],
		.dst = dst,
		.nb = 1,
		.pool = rig.pool,
		.patience_ms = 1000,	/* there are more tries */
	};

	rte_delay_us_sleep(MAILBOX_US);
	return flow_run(&flow) == 1;
}

/**
 * DPDK's igb answers each acknowledge of a VF with a message, and throws away a request that comes
 * while it does: how often depends on the scheduler. The VF has to be started again.
 */
static void
start_vf_again(unsigned int which)
{
	uint16_t port = rig.port[which];

	for (unsigned int i = 0; i < TRIES; i++) {
		if (flow_comes(PF, which, address_of(which)))
			return;
		print_message("# port %u starts again, as its mailbox was not answered\n", port);
		assert_int_equal(rte_eth_dev_stop(port), 0);
		assert_int_equal(rte_eth_dev_start(port), 0);
	}
}

static void
start_all(bool rx_interrupts)
{
	const struct port_setup setup = { .pool = rig.pool, .rx_interrupts = rx_interrupts };
	struct rte_ether_addr mac = pf_address;

	for (unsigned int i = 0; i < rig.nb_ports; i++)
		assert_int_equal(port_start(rig.port[i], &setup), 0);
	assert_int_equal(rte_eth_dev_mac_addr_add(rig.port[PF], &mac, PF_POOL), 0);
	/* What no pool has an address for is the PF's to see. */
	assert_int_equal(rte_eth_promiscuous_enable(rig.port[PF]), 0);
	for (unsigned int i = 0; i < rig.nb_ports; i++)
		assert_true(port_link_up(rig.port[i], rig.mbps));
	for (unsigned int i = VF0; i < rig.nb_ports; i++)
		start_vf_again(i);
}

static void
all_pairs(unsigned int nb)
{
	for (unsigned int from = 0; from < rig.nb_ports; from++)
		for (unsigned int to = 0; to < rig.nb_ports; to++)
			if (from != to)
				expect_flow(from, to, address_of(to), nb);
}

static void
ports_are_there_and_start(void **state)
{
	(void)state;
	find_ports();
	for (unsigned int i = 0; i < rig.nb_ports; i++) {
		struct rte_ether_addr mac;

		assert_int_equal(rte_eth_macaddr_get(rig.port[i], &mac), 0);
		assert_true(rte_is_valid_assigned_ether_addr(&mac));
	}
	start_all(false);
}

static void
frames_go_between_all_functions(void **state)
{
	(void)state;
	all_pairs(NB_FRAMES);
}

static void
frames_go_out_and_come_back(void **state)
{
	(void)state;
	expect_flow(PF, PF, nobody, NB_FRAMES);
	expect_flow(VF0, PF, nobody, NB_FRAMES);
}

/** A VF's address is the PF's to set: asked for by mailbox. */
static void
the_mailbox_sets_an_address(void **state)
{
	struct rte_ether_addr mac = { { 0x02, 0, 0, 0, 0xaa, 0x01 } };
	struct rte_ether_addr group = { { 0x01, 0, 0x5e, 0, 0, 0x17 } };
	struct rte_ether_addr other = { { 0x01, 0, 0x5e, 0, 0, 0x18 } };

	(void)state;
	for (unsigned int i = 0; i < TRIES; i++) {
		assert_int_equal(rte_eth_dev_default_mac_addr_set(rig.port[VF0], &mac), 0);
		if (flow_comes(PF, VF0, mac))
			break;
		start_vf_again(VF0);
	}
	expect_flow(PF, VF0, mac, NB_FRAMES);
	expect_flow(VF1, VF0, mac, NB_FRAMES);
	/* DPDK's ixgbe turns the filter on for a group of its own only, not for a VF's. */
	assert_int_equal(rte_eth_dev_set_mc_addr_list(rig.port[PF], &other, 1), 0);
	assert_int_equal(rte_eth_dev_set_mc_addr_list(rig.port[VF0], &group, 1), 0);
	for (unsigned int i = 0; i < TRIES && !flow_comes(VF1, VF0, group); i++)
		assert_int_equal(rte_eth_dev_set_mc_addr_list(rig.port[VF0], &group, 1), 0);
	expect_flow(VF1, VF0, group, NB_GROUP_FRAMES);
}

static uint64_t
ipackets_of(unsigned int which)
{
	struct rte_eth_stats stats;

	assert_int_equal(rte_eth_stats_get(rig.port[which], &stats), 0);
	return stats.ipackets;
}

/*
 * In a plain page of registers a counter is a little late, and some drivers count what they hand
 * out, not what has arrived. What came before a frame is counted when the next one has come.
 */
static uint64_t
settled_ipackets(unsigned int which)
{
	uint64_t before, now;

	port_drain(rig.port[which]);
	for (unsigned int i = 0; i < 2; i++)
		expect_flow(PF, which, address_of(which), 1);
	now = ipackets_of(which);
	do {
		before = now;
		rte_delay_us_sleep(SETTLE_US);
		now = ipackets_of(which);
	} while (now != before);
	return now;
}

static void
counters_count(void **state)
{
	struct rte_eth_stats stats;
	uint64_t before;

	(void)state;
	/* Behind the group's frames on their way back. */
	expect_flow(VF1, PF, nobody, 1);
	before = settled_ipackets(VF1);
	expect_flow(PF, VF1, address_of(VF1), NB_FRAMES);
	for (unsigned int i = 0; i < WAIT_MS && ipackets_of(VF1) - before < NB_FRAMES; i++)
		rte_delay_us_sleep(1000);
	assert_int_equal(ipackets_of(VF1) - before, NB_FRAMES);
	assert_int_equal(rte_eth_stats_get(rig.port[PF], &stats), 0);
	assert_int_not_equal(stats.opackets, 0);
}

static void
ports_start_again(void **state)
{
	(void)state;
	stop_all();
	start_all(false);
	all_pairs(NB_FRAMES / 10);
}

static void
expect_interrupt(unsigned int from, unsigned int to, struct rte_ether_addr dst)
{
	uint16_t port = rig.port[to];
	struct rte_epoll_event event;
	unsigned int tries;

	port_drain(port);
	/* DPDK's igbvf has none. */
	if (rte_eth_dev_rx_intr_enable(port, 0) == -ENOTSUP)
		return;
	assert_int_equal(rte_eth_dev_rx_intr_ctl_q(port, 0, RTE_EPOLL_PER_THREAD,
						   RTE_INTR_EVENT_ADD, NULL), 0);
	for (unsigned int i = 0; i < 3; i++) {
		/* A cause of before may still be there; then there is none without a frame. */
		for (tries = 0; tries < TRIES; tries++) {
			if (rte_epoll_wait(RTE_EPOLL_PER_THREAD, &event, 1, 20) == 0)
				break;
			assert_int_equal(rte_eth_dev_rx_intr_enable(port, 0), 0);
		}
		assert_true(tries < TRIES);
		expect_flow(from, to, dst, 1);
		assert_int_equal(rte_epoll_wait(RTE_EPOLL_PER_THREAD, &event, 1, WAIT_MS), 1);
		assert_int_equal(rte_eth_dev_rx_intr_enable(port, 0), 0);
	}
	assert_int_equal(rte_eth_dev_rx_intr_disable(port, 0), 0);
	assert_int_equal(rte_eth_dev_rx_intr_ctl_q(port, 0, RTE_EPOLL_PER_THREAD,
						   RTE_INTR_EVENT_DEL, NULL), 0);
}

static void
frames_interrupt(void **state)
{
	(void)state;
	stop_all();
	start_all(true);
	expect_interrupt(PF, VF1, address_of(VF1));
	expect_interrupt(VF1, VF0, address_of(VF0));
	all_pairs(NB_FRAMES / 10);
}

static struct rte_pci_device *
pci_of(unsigned int which)
{
	struct rte_eth_dev_info info;

	assert_int_equal(rte_eth_dev_info_get(rig.port[which], &info), 0);
	return RTE_DEV_TO_PCI(info.device);
}

static void
configuration_space_is_there(void **state)
{
	struct rte_pci_device *pci = pci_of(VF0);
	uint16_t command, ids[2];
	struct flow flow = {
		.from = rig.port[VF1],
		.to = rig.port[VF0],
		.dst = address_of(VF0),
		.nb = 1,
		.pool = rig.pool,
		.patience_ms = 200,	/* none is to come */
	};

	(void)state;
	assert_int_equal(rte_pci_read_config(pci, ids, sizeof(ids), 0), sizeof(ids));
	assert_int_equal(ids[0], VENDOR_INTEL);
	assert_int_equal(ids[1], pci->id.device_id);
	assert_int_equal(rte_pci_read_config(pci, &command, sizeof(command), COMMAND), 2);
	assert_true(command & BUS_MASTER);
	/* Without it the function neither reads nor writes memory. */
	command &= ~BUS_MASTER;
	assert_int_equal(rte_pci_write_config(pci, &command, sizeof(command), COMMAND), 2);
	assert_int_equal(flow_run(&flow), 0);
	command |= BUS_MASTER;
	assert_int_equal(rte_pci_write_config(pci, &command, sizeof(command), COMMAND), 2);
	expect_flow(VF1, VF0, address_of(VF0), 1);
}

static void
a_function_goes_and_comes_back(void **state)
{
	const struct port_setup setup = { .pool = rig.pool };
	struct rte_eth_dev_info info;
	uint16_t port;

	(void)state;
	assert_int_equal(rte_eth_dev_info_get(rig.port[VF1], &info), 0);
	assert_int_equal(rte_eth_dev_stop(rig.port[VF1]), 0);
	assert_true(rte_eth_dev_close(rig.port[VF1]) >= 0);
	assert_int_equal(rte_dev_remove(info.device), 0);
	assert_int_not_equal(rte_eth_dev_get_port_by_name(device_name[VF1], &port), 0);

	assert_int_equal(rte_dev_probe(device_name[VF1]), 0);
	find_ports();
	assert_int_equal(port_start(rig.port[VF1], &setup), 0);
	start_vf_again(VF1);
	all_pairs(NB_FRAMES / 10);
}

static void
the_port_goes_and_comes_back(void **state)
{
	(void)state;
	stop_all();
	for (unsigned int i = rig.nb_ports; i-- > 0;)
		assert_true(rte_eth_dev_close(rig.port[i]) >= 0);	/* ixgbe: 1 */
	assert_int_equal(rte_eal_hotplug_remove("vdev", "sluicemodel0"), 0);
	assert_int_equal(rte_eth_dev_count_avail(), 0);
	assert_int_equal(rte_eal_hotplug_add("vdev", "sluicemodel0", rig.spec), 0);
	find_ports();
	start_all(false);
	all_pairs(NB_FRAMES / 10);
}

/** With VFs, DPDK's PFs give vectors to queues that are not theirs. */
static void
frames_interrupt_without_vfs(void **state)
{
	const struct port_setup setup = { .pool = rig.pool, .rx_interrupts = true };
	char spec[sizeof(rig.spec) + 16];

	(void)state;
	assert_int_equal(rte_eal_hotplug_remove("vdev", "sluicemodel0"), 0);
	snprintf(spec, sizeof(spec), "%s,vfs=0", rig.spec);
	assert_int_equal(rte_eal_hotplug_add("vdev", "sluicemodel0", spec), 0);
	rig.nb_ports = 1;
	find_ports();
	assert_int_equal(port_start(rig.port[PF], &setup), 0);
	assert_int_equal(rte_eth_promiscuous_enable(rig.port[PF]), 0);
	assert_true(port_link_up(rig.port[PF], rig.mbps));
	expect_interrupt(PF, PF, nobody);
	assert_int_equal(rte_eth_dev_stop(rig.port[PF]), 0);
}

static void
expect_refusal(const char *spec, const char *line)
{
	char text[4096] = "";
	FILE *log = fmemopen(text, sizeof(text), "w");

	assert_non_null(log);
	rte_openlog_stream(log);
	assert_int_not_equal(rte_eal_hotplug_add("vdev", "sluicemodel1", spec), 0);
	rte_openlog_stream(NULL);
	fclose(log);
	if (strstr(text, line) == NULL)
		print_error("%s\nhas no line: %s\n", text, line);
	assert_non_null(strstr(text, line));
}

static void
bad_specs_are_refused(void **state)
{
	(void)state;
	expect_refusal("family=82598", "sluicemodel1: family=82598: allowed is 82576, i350, ");
	expect_refusal("vfs=1", "sluicemodel1: family=: is missing; allowed is 82576");
	expect_refusal("family=82576,vfs=9", "sluicemodel1: vfs=9: allowed is 0 to ");
	expect_refusal("family=82576,vfs=many", "sluicemodel1: vfs=many: allowed is a number");
	expect_refusal("family=82576,wire=rope", "sluicemodel1: wire=rope: ");
	expect_refusal("family=82576,doorbell=", "sluicemodel1: doorbell=: allowed is poll, trap");
	expect_refusal("family=82576,colour=red", "sluicemodel1: colour=red: no such key; known ");
	expect_refusal("family=82576,pf_driver=net_none",
		       "0000:f1:00.0 (8086:10c9): no driver net_none for it is loaded");
}

static int
start_eal(const char *plugins)
{
	return model_eal_start(&(struct model_eal){ .plugins = plugins, .spec = { rig.spec } });
}

int
main(int argc, char *argv[])
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(ports_are_there_and_start),
		cmocka_unit_test(frames_go_between_all_functions),
		cmocka_unit_test(frames_go_out_and_come_back),
		cmocka_unit_test(the_mailbox_sets_an_address),
		cmocka_unit_test(counters_count),
		cmocka_unit_test(ports_start_again),
		cmocka_unit_test(frames_interrupt),
		cmocka_unit_test(configuration_space_is_there),
		cmocka_unit_test(a_function_goes_and_comes_back),
		cmocka_unit_test(the_port_goes_and_comes_back),
		cmocka_unit_test(frames_interrupt_without_vfs),
		cmocka_unit_test(bad_specs_are_refused),
	};
	int failed;

	if (argc < 6) {
		fprintf(stderr, "usage: %s PLUGINS FAMILY PF_DRIVER VF_DRIVER MBPS [SPEC]\n",
			argv[0]);
		return 64;
	}
	rig.nb_ports = NB_PORTS;
	rig.family = argv[2];
	rig.driver[PF] = argv[3];
	rig.driver[VF0] = rig.driver[VF1] = argv[4];
	rig.mbps = strtoul(argv[5], NULL, 10);
	snprintf(rig.spec, sizeof(rig.spec),
		 "family=%s,vfs=2,wire=loop,pf_driver=%s,vf_driver=%s%s%s", rig.family,
		 rig.driver[PF], rig.driver[VF0], argc > 6 ? "," : "", argc > 6 ? argv[6] : "");
	if (start_eal(argv[1]) < 0)
		return 1;
	rig.pool = model_eal_frames(NB_MBUFS);
	if (rig.pool == NULL)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rte_eal_cleanup();
	return failed;
}
