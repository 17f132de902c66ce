/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Flow control of a PF that hears what it sends, PAUSE frames included.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "ops.h"

#define ETYPE_CONTROL 0x8808
#define ETYPE_OTHER   0x88b5
#define QUANTA	      0x1234

static const struct rte_ether_addr pause_group = { { 0x01, 0x80, 0xc2, 0x00, 0x00, 0x01 } };

static struct rte_eth_fc_conf
get(void)
{
	struct rte_eth_fc_conf conf;

	assert_int_equal(rte_eth_dev_flow_ctrl_get(rig.port[ALONE], &conf), 0);
	return conf;
}

static void
set(struct rte_eth_fc_conf conf)
{
	assert_int_equal(rte_eth_dev_flow_ctrl_set(rig.port[ALONE], &conf), 0);
}

static void
expect_on(bool rx, bool tx)
{
	const struct ops_family *family = rig.family;

	assert_int_equal((*ops_register(ALONE, family->rx_pause) & family->rx_pause_bit) != 0, rx);
	assert_int_equal((*ops_register(ALONE, family->tx_pause) & family->tx_pause_bit) != 0, tx);
}

void
flow_control_is_off_at_first(void **state)
{
	struct rte_eth_fc_conf conf = get();

	(void)state;
	assert_int_equal(conf.mode, RTE_ETH_FC_NONE);
	assert_int_equal(conf.autoneg, 1);
	assert_int_equal(conf.send_xon, 1);
	assert_true(conf.low_water > 0 && conf.low_water < conf.high_water);
	expect_on(false, false);
	/* What was got can be set, and sending switched on with it. */
	set(conf);
	conf.mode = RTE_ETH_FC_FULL;
	set(conf);
	conf.mode = RTE_ETH_FC_NONE;
	set(conf);
	expect_on(false, false);
}

static void
expect_same(const struct rte_eth_fc_conf *wanted)
{
	struct rte_eth_fc_conf conf = get();

	assert_int_equal(conf.mode, wanted->mode);
	assert_int_equal(conf.high_water, wanted->high_water);
	assert_int_equal(conf.low_water, wanted->low_water);
	assert_int_equal(conf.pause_time, wanted->pause_time);
	assert_int_equal(conf.send_xon, wanted->send_xon);
	assert_int_equal(conf.mac_ctrl_frame_fwd, wanted->mac_ctrl_frame_fwd);
	assert_int_equal(conf.autoneg, wanted->autoneg);
}

/* Over stop and start, reset, and a link that went: as set, and in force. */
void
flow_control_is_kept(void **state)
{
	struct rte_eth_fc_conf conf = {
		.high_water = 20480 / rig.family->water_unit,
		.low_water = 4096 / rig.family->water_unit,
		.pause_time = QUANTA, .mode = RTE_ETH_FC_FULL, .mac_ctrl_frame_fwd = 1,
	};

	(void)state;
	set(conf);
	expect_same(&conf);
	expect_on(true, true);
	ops_start(ALONE, RTE_ETHER_MTU);
	expect_same(&conf);
	expect_on(true, true);
	assert_int_equal(rte_eth_dev_stop(rig.port[ALONE]), 0);
	assert_int_equal(rte_eth_dev_reset(rig.port[ALONE]), 0);
	ops_start(ALONE, RTE_ETHER_MTU);
	expect_same(&conf);
	expect_on(true, true);
	conf = (struct rte_eth_fc_conf){ .autoneg = 1 };
	set(conf);
	expect_same(&conf);
	expect_on(false, false);
}

void
flow_control_that_makes_no_sense(void **state)
{
	const struct rte_eth_fc_conf good = {
		.high_water = 20480 / rig.family->water_unit,
		.low_water = 4096 / rig.family->water_unit,
		.pause_time = QUANTA, .mode = RTE_ETH_FC_TX_PAUSE,
	};
	struct rte_eth_fc_conf bad[5];

	(void)state;
	for (size_t i = 0; i < RTE_DIM(bad); i++)
		bad[i] = good;
	bad[0].high_water = 1024 * 1024 / rig.family->water_unit;
	bad[1].low_water = good.high_water;
	bad[2].low_water = 0;
	bad[3].pause_time = 0;
	bad[4].mode = RTE_ETH_FC_FULL + 1;
	for (size_t i = 0; i < RTE_DIM(bad); i++)
		assert_int_equal(rte_eth_dev_flow_ctrl_set(rig.port[ALONE], &bad[i]), -EINVAL);
	expect_on(false, false);
	/* Nothing is sent: then marks and time do not matter. */
	bad[2].mode = bad[3].mode = RTE_ETH_FC_RX_PAUSE;
	set(bad[2]);
	set(bad[3]);
	bad[3].mode = RTE_ETH_FC_NONE;
	set(bad[3]);
	assert_int_equal(rte_eth_dev_flow_ctrl_get(rig.port[VF0], &bad[0]), -ENOTSUP);
}

/*
 * The other end of the model's cable has symmetric PAUSE, and no other: who only sends is not
 * understood. Without negotiation it is as set.
 */
void
flow_control_is_agreed_on(void **state)
{
	static const struct {
		enum rte_eth_fc_mode mode;
		bool rx, tx, tx_agreed;
	} modes[] = {
		{ RTE_ETH_FC_NONE, false, false, false },
		{ RTE_ETH_FC_RX_PAUSE, true, false, false },
		{ RTE_ETH_FC_TX_PAUSE, false, true, false },
		{ RTE_ETH_FC_FULL, true, true, true },
	};
	struct rte_eth_fc_conf conf = get();

	(void)state;
	conf.pause_time = QUANTA;
	conf.high_water = 20480 / rig.family->water_unit;
	conf.low_water = 4096 / rig.family->water_unit;
	for (size_t i = 0; i < RTE_DIM(modes); i++) {
		conf.mode = modes[i].mode;
		conf.autoneg = 0;
		set(conf);
		expect_on(modes[i].rx, modes[i].tx);
		conf.autoneg = 1;
		set(conf);
		expect_on(modes[i].rx, rig.family->negotiates ? modes[i].tx_agreed : modes[i].tx);
	}
	conf.mode = RTE_ETH_FC_NONE;
	set(conf);
}

static void
send_pause(uint16_t quanta)
{
	struct rte_mbuf *m = ops_frame(&pause_group, ETYPE_CONTROL, 60);
	uint8_t *payload = rte_pktmbuf_mtod_offset(m, uint8_t *, RTE_ETHER_HDR_LEN);

	payload[1] = 1;
	payload[2] = quanta >> 8;
	payload[3] = (uint8_t)quanta;
	ops_send(ALONE, m);
}

static void
send_to_itself(unsigned int nb)
{
	struct rte_ether_addr mac;

	assert_int_equal(rte_eth_macaddr_get(rig.port[ALONE], &mac), 0);
	for (unsigned int i = 0; i < nb; i++)
		ops_send(ALONE, ops_frame(&mac, ETYPE_OTHER, 1000));
}

/* It waits for us: a PAUSE is over before the test's patience is. */
void
pause_is_heeded(void **state)
{
	struct rte_eth_fc_conf conf = get();
	struct rte_mbuf *m;
	uint64_t before;

	(void)state;
	conf.mode = RTE_ETH_FC_RX_PAUSE;
	conf.autoneg = 0;
	set(conf);
	assert_int_equal(rte_eth_allmulticast_enable(rig.port[ALONE]), 0);
	before = ops_xstat(ALONE, "port_rx_xoff_packets");
	send_pause(QUANTA);
	send_to_itself(1);
	m = ops_receive(ALONE, true);
	assert_int_equal(m->pkt_len, 1000);
	rte_pktmbuf_free(m);
	assert_int_equal(ops_xstat(ALONE, "port_rx_xoff_packets"), before + 1);
	before = ops_xstat(ALONE, "port_rx_xon_packets");
	send_pause(0);
	send_to_itself(1);
	rte_pktmbuf_free(ops_receive(ALONE, true));
	assert_int_equal(ops_xstat(ALONE, "port_rx_xon_packets"), before + 1);
	/* Unheeded it is any multicast. */
	conf.mode = RTE_ETH_FC_NONE;
	set(conf);
	send_pause(QUANTA);
	m = ops_receive(ALONE, true);
	assert_int_equal(m->pkt_len, 60);
	rte_pktmbuf_free(m);
	if (rig.family->counts_unsupported)
		assert_int_equal(ops_xstat(ALONE, "port_rx_unsupported_pause"), 1);
	assert_int_equal(rte_eth_allmulticast_disable(rig.port[ALONE]), 0);
}

/* Nobody receives: ring and buffer fill, and the other end, which is this one, is told. */
void
pause_is_sent(void **state)
{
	struct rte_eth_fc_conf conf = get();
	unsigned int nb = 0;

	(void)state;
	conf.mode = RTE_ETH_FC_TX_PAUSE;
	conf.autoneg = 0;
	conf.send_xon = 1;
	conf.pause_time = QUANTA;
	conf.high_water = 8192 / rig.family->water_unit;
	conf.low_water = 2048 / rig.family->water_unit;
	set(conf);
	/* The ring, and 8 KB behind it. */
	send_to_itself(OPS_RING - 4);
	assert_int_equal(ops_xstat(ALONE, "port_tx_xoff_packets"), 0);
	while (ops_xstat(ALONE, "port_tx_xoff_packets") == 0) {
		assert_true(nb < 8 * OPS_RING);
		send_to_itself(1);
		nb++;
	}
	assert_true(nb >= 8);
	assert_int_equal(ops_xstat(ALONE, "port_tx_xon_packets"), 0);
	nb += OPS_RING - 4;
	for (unsigned int i = 0; i < nb; i++)
		rte_pktmbuf_free(ops_receive(ALONE, true));
	assert_int_equal(ops_xstat(ALONE, "port_tx_xon_packets"), 1);
	conf.mode = RTE_ETH_FC_NONE;
	conf.autoneg = 1;
	set(conf);
}
