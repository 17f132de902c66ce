/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Operations of a PF that concern the port as a whole, on the model: flow control and so on.
 *
 * usage: ops_test PLUGIN,PLUGIN FAMILY
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <bus_pci_driver.h>
#include <rte_cycles.h>
#include <rte_eal.h>

#include "model_eal.h"
#include "ops.h"

#define NB_MBUFS 1024
#define ROOM	 (10240 + RTE_PKTMBUF_HEADROOM)	/* for a jumbo frame */
#define WAIT_US	 100
#define TRIES	 100000
#define FEW	 50
#define ETYPE	 0x88b5
#define TAG_TYPE 0x88a8
#define TCI	 0x123

static const char *const device_name[NB_PORTS] = {
	"0000:f0:00.0", "0000:f1:00.0", "0000:f1:10.0", "0000:f1:10.1",
};

/* 82576 sheet, 2.1, 2.11; 82599 sheet, 2.1, 2.5. */
#define GBE \
	.rx_pause = 0x0000, .rx_pause_bit = RTE_BIT32(27), \
	.tx_pause = 0x0000, .tx_pause_bit = RTE_BIT32(28), \
	.led = 0x0e00, .led_mask = 0xffff0000, .led_on = 0x0e0f0000, .led_off = 0x0f0f0000, \
	.water_unit = 1, .counts_unsupported = true, .negotiates = true

#define XGBE \
	.rx_pause = 0x4294, .rx_pause_bit = RTE_BIT32(3), \
	.tx_pause = 0x3d00, .tx_pause_bit = RTE_BIT32(3), \
	.led = 0x0200, .led_mask = 0x8f, .led_on = 0x0e, .led_off = 0x0f, \
	.water_unit = 1024, .max_frame = 0x4268, .has_tag_type = true

static const struct ops_family families[] = {
	{ "82576", GBE, .all_by_hash = true },
	{ "i350", GBE },
	{ "82599", XGBE, .shares_frame = true, .all_by_hash = true },
	{ "x540", XGBE, .negotiates = true },
	{ "x550", XGBE, .negotiates = true, .vxlan_port = 0x507c },
};

struct ops_rig rig;

void
ops_start(unsigned int which, uint16_t mtu)
{
	const struct rte_eth_conf conf = { .rxmode.mtu = mtu };

	ops_start_as(which, &conf);
}

void
ops_start_as(unsigned int which, const struct rte_eth_conf *conf)
{
	struct rte_eth_link link = { 0 };
	uint16_t port = rig.port[which];

	assert_int_equal(rte_eth_dev_stop(port), 0);
	assert_int_equal(rte_eth_dev_configure(port, 1, 1, conf), 0);
	assert_int_equal(rte_eth_rx_queue_setup(port, 0, OPS_RING, SOCKET_ID_ANY, NULL, rig.pool),
			 0);
	assert_int_equal(rte_eth_tx_queue_setup(port, 0, OPS_RING, SOCKET_ID_ANY, NULL), 0);
	assert_int_equal(rte_eth_dev_start(port), 0);
	for (unsigned int i = 0; i < TRIES && !link.link_status; i++) {
		assert_int_equal(rte_eth_link_get_nowait(port, &link), 0);
		if (!link.link_status)
			rte_delay_us_sleep(WAIT_US);
	}
	assert_true(link.link_status);
}

volatile uint32_t *
ops_register(unsigned int which, uint32_t offset)
{
	struct rte_eth_dev_info info;

	assert_int_equal(rte_eth_dev_info_get(rig.port[which], &info), 0);
	return RTE_PTR_ADD(RTE_DEV_TO_PCI(info.device)->mem_resource[0].addr, offset);
}

uint64_t
ops_xstat(unsigned int which, const char *name)
{
	uint64_t id, value;

	assert_int_equal(rte_eth_xstats_get_id_by_name(rig.port[which], name, &id), 0);
	assert_int_equal(rte_eth_xstats_get_by_id(rig.port[which], &id, &value, 1), 1);
	return value;
}

struct rte_mbuf *
ops_frame(const struct rte_ether_addr *dst, uint16_t etype, uint32_t bytes)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(rig.pool);
	struct rte_ether_hdr *header;

	assert_non_null(m);
	header = (struct rte_ether_hdr *)rte_pktmbuf_append(m, bytes);
	memset(header, 0, bytes);
	header->dst_addr = *dst;
	header->ether_type = rte_cpu_to_be_16(etype);
	return m;
}

void
ops_send(unsigned int from, struct rte_mbuf *m)
{
	struct rte_ether_hdr *header = rte_pktmbuf_mtod(m, struct rte_ether_hdr *);
	unsigned int i;

	assert_int_equal(rte_eth_macaddr_get(rig.port[from], &header->src_addr), 0);
	for (i = 0; i < TRIES && rte_eth_tx_burst(rig.port[from], 0, &m, 1) == 0; i++)
		rte_delay_us_sleep(WAIT_US);
	assert_true(i < TRIES);
}

struct rte_mbuf *
ops_receive(unsigned int to, bool patient)
{
	struct rte_mbuf *m;

	for (unsigned int i = 0; i < (patient ? TRIES : FEW); i++) {
		if (rte_eth_rx_burst(rig.port[to], 0, &m, 1) == 1)
			return m;
		rte_delay_us_sleep(WAIT_US);
	}
	if (patient)
		fail_msg("no frame for %s", device_name[to]);
	return NULL;
}

void
ops_drain(unsigned int which)
{
	struct rte_mbuf *m;

	while (rte_eth_rx_burst(rig.port[which], 0, &m, 1) == 1)
		rte_pktmbuf_free(m);
}

static void
led_goes_on_and_off(void **state)
{
	const struct ops_family *family = rig.family;
	volatile uint32_t *led = ops_register(ALONE, family->led);
	uint32_t others = *led & ~family->led_mask;

	(void)state;
	assert_int_equal(rte_eth_led_on(rig.port[ALONE]), 0);
	assert_int_equal(*led, others | family->led_on);
	assert_int_equal(rte_eth_led_off(rig.port[ALONE]), 0);
	assert_int_equal(*led, others | family->led_off);
	assert_int_equal(rte_eth_led_on(rig.port[VF0]), -ENOTSUP);
}

static void
expect_tag(uint64_t rx_offloads)
{
	const struct rte_eth_conf conf = {
		.rxmode.offloads = rx_offloads,
		.txmode.offloads = RTE_ETH_TX_OFFLOAD_VLAN_INSERT,
	};
	struct rte_ether_addr mac;
	struct rte_mbuf *m;
	const uint16_t *type;

	ops_start_as(ALONE, &conf);
	assert_int_equal(rte_eth_macaddr_get(rig.port[ALONE], &mac), 0);
	m = ops_frame(&mac, ETYPE, 100);
	m->ol_flags = RTE_MBUF_F_TX_VLAN;
	m->vlan_tci = TCI;
	ops_send(ALONE, m);
	m = ops_receive(ALONE, true);
	type = rte_pktmbuf_mtod_offset(m, const uint16_t *, 2 * RTE_ETHER_ADDR_LEN);
	if ((rx_offloads & RTE_ETH_RX_OFFLOAD_VLAN_STRIP) != 0) {
		assert_int_not_equal(m->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED, 0);
		assert_int_equal(m->vlan_tci, TCI);
		assert_int_equal(*type, rte_cpu_to_be_16(ETYPE));
	} else {
		assert_int_equal(*type, rte_cpu_to_be_16(TAG_TYPE));
	}
	rte_pktmbuf_free(m);
}

/* Known when a frame comes, and put into those that go; over start and reset. */
static void
tags_have_another_type(void **state)
{
	uint16_t port = rig.port[ALONE];

	(void)state;
	assert_int_equal(rte_eth_dev_set_vlan_ether_type(port, RTE_ETH_VLAN_TYPE_INNER, TAG_TYPE),
			 -ENOTSUP);
	assert_int_equal(rte_eth_dev_set_vlan_ether_type(rig.port[PF], RTE_ETH_VLAN_TYPE_OUTER,
							 TAG_TYPE), -ENOTSUP);
	assert_int_equal(rte_eth_dev_set_vlan_ether_type(port, RTE_ETH_VLAN_TYPE_OUTER, TAG_TYPE),
			 rig.family->has_tag_type ? 0 : -ENOTSUP);
	if (!rig.family->has_tag_type)
		return;
	expect_tag(RTE_ETH_RX_OFFLOAD_VLAN_STRIP);
	expect_tag(0);
	assert_int_equal(rte_eth_dev_stop(port), 0);
	assert_int_equal(rte_eth_dev_reset(port), 0);
	expect_tag(0);
	assert_int_equal(rte_eth_dev_set_vlan_ether_type(port, RTE_ETH_VLAN_TYPE_OUTER,
							 RTE_ETHER_TYPE_VLAN), 0);
	ops_start(ALONE, RTE_ETHER_MTU);
}

static int
start_eal(const char *plugins)
{
	char alone[256], pools[256];
	const struct model_eal setup = {
		.plugins = plugins, .spec = { alone, pools }, .log_level = "*:critical",
	};

	snprintf(alone, sizeof(alone), "family=%s,vfs=0,wire=loop,doorbell=trap,"
		 "pf_driver=net_sluice_pf", rig.family->name);
	snprintf(pools, sizeof(pools), "family=%s,vfs=2,wire=null,doorbell=trap,"
		 "pf_driver=net_sluice_pf,vf_driver=net_sluice_vf", rig.family->name);
	return model_eal_start(&setup);
}

/** VFs find a PF that serves them only once it runs. */
static int
start_ports(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < NB_PORTS; i++) {
		if (rte_eth_dev_get_port_by_name(device_name[i], &rig.port[i]) != 0)
			return -1;
		ops_start(i, RTE_ETHER_MTU);
	}
	return 0;
}

int
main(int argc, char *argv[])
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(led_goes_on_and_off),
		cmocka_unit_test(tags_have_another_type),
		cmocka_unit_test(tunnel_ports_come_and_go),
		cmocka_unit_test(tunnel_ports_outlast_a_reset),
		cmocka_unit_test(flow_control_is_off_at_first),
		cmocka_unit_test(flow_control_is_kept),
		cmocka_unit_test(flow_control_that_makes_no_sense),
		cmocka_unit_test(flow_control_is_agreed_on),
		cmocka_unit_test(pause_is_heeded),
		cmocka_unit_test(pause_is_sent),
		cmocka_unit_test(mtu_changes_while_vfs_run),
		cmocka_unit_test(a_vf_of_old_gets_no_jumbo_frames),
		cmocka_unit_test(a_vfs_counts_as_last_read_are_free),
		cmocka_unit_test(unicast_passes_by_hash),
		cmocka_unit_test(unicast_passes_to_promiscuous_vfs),
		cmocka_unit_test(a_port_alone_has_no_unicast_hash),
		cmocka_unit_test(an_address_gets_another_pool),
	};
	int failed;

	for (size_t i = 0; argc == 3 && i < RTE_DIM(families); i++)
		if (strcmp(families[i].name, argv[2]) == 0)
			rig.family = &families[i];
	if (rig.family == NULL) {
		fprintf(stderr, "usage: %s PLUGIN,PLUGIN FAMILY\n", argv[0]);
		return 64;
	}
	if (start_eal(argv[1]) < 0)
		return 1;
	rig.pool = rte_pktmbuf_pool_create("frames", NB_MBUFS, 0, 0, ROOM, SOCKET_ID_ANY);
	if (rig.pool == NULL)
		return 1;
	failed = cmocka_run_group_tests(tests, start_ports, NULL);
	rte_eal_cleanup();
	return failed;
}
