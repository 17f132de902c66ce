/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <endian.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "switch_rig.h"

#define CRC_BYTES 4

static void
test_spoof(void **state)
{
	struct rig *rig = *state;
	struct pool *pool = &rig->nic->pool[0];

	pool->spoof_mac = pool->count_spoofed = true;
	nic_changed(rig->nic);
	expect(rig, "honest", 0, rig_mac(1), -1, 0x2);
	frame_make(&(struct make){ .dst = rig_mac(1), .src = rig_mac(2), .l4 = MAKE_UDP }, &made);
	assert_int_equal(send_made(rig, 0), 0);
	frame_make(&(struct make){ .dst = stranger, .src = stranger, .l4 = MAKE_UDP }, &made);
	assert_int_equal(send_made(rig, 0), 0);
	assert_int_equal(pool->spoofed, 2);
	assert_int_equal(pool->tx_packets, 1);
	assert_int_equal(send_made(rig, 1), TO_WIRE);
	/* An address given, and taken away again. */
	rig_address(rig, 20, stranger, 0x1);
	frame_make(&(struct make){ .dst = rig_mac(1), .src = stranger, .l4 = MAKE_UDP }, &made);
	assert_int_equal(send_made(rig, 0), 0x2);
	rig->nic->filters.rar[20].valid = false;
	nic_changed(rig->nic);
	assert_int_equal(send_made(rig, 0), 0);
	pool->spoof_mac = false;
	nic_changed(rig->nic);
	assert_int_equal(send_made(rig, 0), 0x2);
	pool->count_spoofed = false;
	pool->spoof_mac = true;
	nic_changed(rig->nic);
	assert_int_equal(send_made(rig, 0), 0);
	assert_int_equal(pool->spoofed, 3);
}

/* Liars among the honest: what was found out of one is not held for another. */
static void
test_spoof_in_a_burst(void **state)
{
	struct rig *rig = *state;
	struct pool *pool = &rig->nic->pool[0];
	unsigned int honest = 0;

	pool->spoof_mac = pool->count_spoofed = true;
	nic_changed(rig->nic);
	for (unsigned int i = 0; i < 20; i++) {
		bool lies = i % 3 == 1;

		frame_make(&(struct make){ .dst = rig_mac(1), .src = rig_mac(lies ? 2 : 0),
					   .l4 = MAKE_UDP, .payload = i }, &made);
		tx_frame(&rig->tx[0], made.data, made.len);
		honest += !lies;
	}
	tx_bell(&rig->tx[0]);
	rig_poll(rig);
	assert_int_equal(pool->spoofed, 20 - honest);
	assert_int_equal(pool->tx_packets, honest);
	assert_int_equal(rig->nic->pool[1].rx_packets, honest);
	while (rx_take(&rig->rx[RIG_QUEUES_PER_POOL], &got)) {
		assert_memory_equal(got.data + MAC_LEN, rig_mac(0), MAC_LEN);
		assert_true((got.status & RIG_LOOPBACK) != 0);
		honest--;
	}
	assert_int_equal(honest, 0);
	assert_int_equal(rig->nic->stats.loopback_packets, pool->tx_packets);
}

static void
test_spoof_vlan_and_etype(void **state)
{
	struct rig *rig = *state;
	struct pool *pool = &rig->nic->pool[0];

	rig_vlan(rig, 0, 100, 0x3);
	rig_vlan(rig, 1, 200, 0x2);
	pool->spoof_vlan = pool->count_spoofed = true;
	nic_changed(rig->nic);
	expect(rig, "its VLAN", 0, stranger, 100, TO_WIRE);
	expect(rig, "not its VLAN", 0, stranger, 200, 0);
	expect(rig, "none", 0, stranger, -1, TO_WIRE);
	/* The default tag is what counts. */
	pool->vlan_insert = VLAN_DEFAULT;
	pool->default_tag = 200;
	nic_changed(rig->nic);
	expect(rig, "a default that is not its own", 0, stranger, -1, 0);
	pool->default_tag = 100;
	nic_changed(rig->nic);
	expect(rig, "its default", 0, stranger, -1, TO_WIRE);
	assert_int_equal(pool->spoofed, 2);
	pool->vlan_insert = VLAN_BY_DESCRIPTOR;
	rig->nic->filters.etype[7] = (struct etype_filter){
		.enabled = true, .tx_antispoof = true, .etype = 0x0800,
	};
	nic_changed(rig->nic);
	expect(rig, "an ethertype that it may send", 0, stranger, -1, TO_WIRE);
	pool->spoof_etype = true;
	nic_changed(rig->nic);
	expect(rig, "an ethertype that it may not send", 0, stranger, -1, 0);
	expect(rig, "another may", 1, stranger, -1, TO_WIRE);
	assert_int_equal(pool->spoofed, 3);
}

static uint8_t *its_buffers;

static void
lie_meanwhile(void)
{
	for (unsigned int i = 0; i < RING; i++)
		memcpy(its_buffers + (size_t)i * RIG_TX_STRIDE + MAC_LEN, rig_mac(2), MAC_LEN);
}

/* What a VF writes to its buffers after they were judged goes nowhere. */
static void
test_rewritten_on_the_way(void **state)
{
	struct rig *rig = *state;

	rig->nic->pool[0].spoof_mac = true;
	nic_changed(rig->nic);
	its_buffers = rig->tx[0].buffers;
	rig->wire->meanwhile = lie_meanwhile;
	frame_make(&(struct make){ .dst = stranger, .src = rig_mac(0), .l4 = MAKE_UDP }, &made);
	for (unsigned int i = 0; i < 20; i++)
		tx_frame(&rig->tx[0], made.data, made.len);
	tx_bell(&rig->tx[0]);
	rig_poll(rig);
	assert_memory_equal(its_buffers + MAC_LEN, rig_mac(2), MAC_LEN);
	assert_int_equal(rig->wire->nb_sent, 20);
	for (unsigned int i = 0; i < 20; i++)
		assert_memory_equal(rig->wire->sent[i].data, made.data, made.len);
}

/* A receiver in league with the sender: its buffer is the one that is being sent. */
static void
test_sent_from_a_receive_buffer(void **state)
{
	struct rig *rig = *state;
	struct rx_ring *accomplice = &rig->rx[1 * RIG_QUEUES_PER_POOL];
	struct received got_next;

	rig_vlan(rig, 0, 100, 0xf);
	accomplice->q->strip_vlan = true;
	accomplice->desc[0] = htole64((uintptr_t)rig->tx[0].buffers);
	frame_make(&(struct make){ .dst = broadcast, .src = rig_mac(0), .l4 = MAKE_UDP,
				   .tagged = true, .tci = 100, .payload = 60 }, &made);
	tx_frame(&rig->tx[0], made.data, made.len);
	tx_bell(&rig->tx[0]);
	rig_poll(rig);
	assert_true(memcmp(rig->tx[0].buffers, made.data, made.len - 4) != 0);
	assert_true(rx_take(&rig->rx[2 * RIG_QUEUES_PER_POOL], &got_next));
	assert_int_equal(got_next.len, made.len);
	assert_memory_equal(got_next.data, made.data, made.len);
	assert_int_equal(rig->wire->nb_sent, 1);
	assert_memory_equal(rig->wire->sent[0].data, made.data, made.len);
}

static void
test_mirrors(void **state)
{
	struct rig *rig = *state;
	struct mirror *rule = &rig->nic->filters.mirror[2];

	rig_vlan(rig, 5, 100, 0x3);
	*rule = (struct mirror){ .pools_in = true, .pool_bits = 0x2, .to_pool = 3 };
	nic_changed(rig->nic);
	expect(rig, "pool", WIRE, rig_mac(1), -1, 0xa);
	expect(rig, "pool", 0, rig_mac(1), -1, 0xa);
	expect(rig, "pool", 0, rig_mac(2), -1, 0x4);
	expect(rig, "not to whom it is from", 3, rig_mac(1), -1, 0x2);
	*rule = (struct mirror){ .uplink = true, .to_pool = 3 };
	nic_changed(rig->nic);
	expect(rig, "uplink", WIRE, rig_mac(0), -1, 0x9);
	expect(rig, "uplink, for nobody else", WIRE, stranger, -1, 0x8);
	expect(rig, "uplink", 0, rig_mac(1), -1, 0x2);
	*rule = (struct mirror){ .downlink = true, .to_pool = 3 };
	nic_changed(rig->nic);
	expect(rig, "downlink", 0, stranger, -1, 0x8 | TO_WIRE);
	expect(rig, "downlink", 0, rig_mac(1), -1, 0x2);
	*rule = (struct mirror){ .vlans = true, .vlan_rows = 1 << 5, .to_pool = 3 };
	nic_changed(rig->nic);
	expect(rig, "VLAN", 0, rig_mac(1), 100, 0xa);
	expect(rig, "VLAN", 0, rig_mac(1), -1, 0x2);
	rig->nic->pool[3].rx_enabled = false;
	nic_changed(rig->nic);
	expect(rig, "a pool that is off", 0, rig_mac(1), 100, 0x2);
}

/* 1000 bytes of broadcast in 10 ms. */
static void
test_storm(void **state)
{
	struct rig *rig = *state;
	struct storm_control *storm = &rig->nic->filters.storm;

	storm->broadcast = true;
	storm->interval_ns = 10000000;
	storm->limit_bytes[0] = 1000;
	rig->nic->clock.now_ns = 1000000000;
	nic_changed(rig->nic);
	/* 102 bytes and the CRC. */
	for (unsigned int i = 0; i < 9; i++)
		expect(rig, "calm", WIRE, broadcast, -1, 0xf);
	assert_int_equal(rig->nic->pool[0].storm_bytes[0], 9 * 106);
	for (unsigned int i = 0; i < 5; i++) {
		expect(rig, "storm", WIRE, broadcast, -1, 0);
		expect(rig, "storm", 0, broadcast, -1, TO_WIRE);
		expect(rig, "unicast in a storm", WIRE, rig_mac(1), -1, 0x2);
	}
	assert_int_equal(rig->nic->stats.storm_drops, 10);
	assert_true(storm->blocked[0]);
	rig->nic->clock.now_ns += 9999999;
	expect(rig, "not over yet", WIRE, broadcast, -1, 0);
	rig->nic->clock.now_ns += 1;
	expect(rig, "over", WIRE, broadcast, -1, 0xf);
	assert_false(storm->blocked[0]);
	rig->nic->pool[0].all_multicast = true;
	nic_changed(rig->nic);
	for (unsigned int i = 0; i < 20; i++)
		expect(rig, "nobody limits multicast", WIRE, multicast, -1, 0x1);
}

/* LLE: a pool that wants to hear itself. */
static void
test_self_loopback(void **state)
{
	struct rig *rig = *state;

	expect(rig, "not to itself", 0, broadcast, -1, 0xe | TO_WIRE);
	expect(rig, "not to itself", 0, rig_mac(0), -1, 0);
	rig->nic->filters.self_loopback = 0x1;
	nic_changed(rig->nic);
	expect(rig, "to itself too", 0, broadcast, -1, 0xf | TO_WIRE);
	expect(rig, "to itself", 0, rig_mac(0), -1, 0x1);
	expect(rig, "not for another", 1, broadcast, -1, 0xd | TO_WIRE);
	rig->nic->filters.loopback = false;
	nic_changed(rig->nic);
	expect(rig, "no loopback at all", 0, broadcast, -1, TO_WIRE);
}

static void
expect_longest(struct rig *rig, int from, int vid, unsigned int max)
{
	for (unsigned int len = max - 1; len <= max + 1; len++) {
		struct make make = { .dst = rig_mac(1), .src = rig_mac(0), .l4 = MAKE_UDP,
				     .payload = 200, .tagged = vid >= 0,
				     .tci = (uint16_t)vid };

		frame_make(&make, &made);
		make.payload += len - CRC_BYTES - made.len;
		frame_make(&make, &made);
		assert_int_equal(made.len + CRC_BYTES, len);
		assert_int_equal(send_made(rig, from), len <= max ? 0x2 : 0);
	}
}

/* 1518 with the CRC, or 1522 tagged; LPE counts the tag like anything else. */
static void
test_longest_frame(void **state)
{
	struct rig *rig = *state;
	struct pool *pool = &rig->nic->pool[1];

	rig_vlan(rig, 0, 100, 0x3);
	expect_longest(rig, WIRE, -1, 1518);
	expect_longest(rig, WIRE, 100, 1522);
	rig->nic->port.tags_count = true;
	nic_changed(rig->nic);
	expect_longest(rig, WIRE, -1, 1518);
	expect_longest(rig, WIRE, 100, 1518);
	pool->max_frame = 1000;
	nic_changed(rig->nic);
	expect_longest(rig, 0, -1, 1000);
	expect_longest(rig, WIRE, 100, 1004);
	pool->tags_count = true;
	nic_changed(rig->nic);
	expect_longest(rig, 0, -1, 1000);
	expect_longest(rig, WIRE, 100, 1000);
	expect_longest(rig, 0, 100, 1000);
	/* A tag that the sender's pool puts in counts, too. */
	rig->nic->pool[0].vlan_insert = VLAN_DEFAULT;
	rig->nic->pool[0].default_tag = 100;
	nic_changed(rig->nic);
	expect_longest(rig, 0, -1, 996);
}

/* Without VFE no VLAN keeps anybody out, and untagged frames need no AUPE. */
static void
test_no_vlan_filter(void **state)
{
	struct rig *rig = *state;

	rig_vlan(rig, 0, 100, 0x2);
	rig->nic->pool[2].accept_untagged = false;
	nic_changed(rig->nic);
	expect(rig, "its VLAN", WIRE, rig_mac(1), 100, 0x2);
	expect(rig, "not its VLAN", WIRE, rig_mac(0), 100, 0);
	expect(rig, "in no table", WIRE, rig_mac(1), 200, 0);
	expect(rig, "untagged", WIRE, broadcast, -1, 0xb);
	rig->nic->filters.vlan_filter = false;
	nic_changed(rig->nic);
	expect(rig, "not its VLAN", WIRE, rig_mac(0), 100, 0x1);
	expect(rig, "in no table", WIRE, rig_mac(1), 200, 0x2);
	expect(rig, "in no table", 0, rig_mac(1), 200, 0x2);
	expect(rig, "untagged", WIRE, broadcast, -1, 0xf);
	expect(rig, "tagged, for all", 3, broadcast, 300, 0x7 | TO_WIRE);
}

/*
 * A VF that would stop the link's partner. No switch knows PAUSE by itself: it is a multicast
 * frame, unless the PF forbids its ethertype, which X550 alone lets it do (82599 sheet 8.1a, 8.5).
 */
static void
test_pause_from_a_pool(void **state)
{
	static const uint8_t pause_address[MAC_LEN] = { 0x01, 0x80, 0xc2, 0, 0, 0x01 };
	struct rig *rig = *state;
	struct pool *pool = &rig->nic->pool[0];

	frame_make(&(struct make){ .dst = pause_address, .src = rig_mac(0), .l4 = MAKE_NONE },
		   &made);
	memcpy(made.data + 12, ((const uint8_t[]){ 0x88, 0x08, 0, 1, 0xff, 0xff }), 6);
	assert_int_equal(send_made(rig, 0), TO_WIRE);
	rig->nic->pool[1].all_multicast = true;
	pool->spoof_mac = pool->count_spoofed = true;
	nic_changed(rig->nic);
	assert_int_equal(send_made(rig, 0), TO_WIRE | 0x2);
	/* As PFs set it up; each half alone does nothing. */
	rig->nic->filters.etype[7] = (struct etype_filter){
		.enabled = true, .tx_antispoof = true, .etype = 0x8808,
	};
	nic_changed(rig->nic);
	assert_int_equal(send_made(rig, 0), TO_WIRE | 0x2);
	pool->spoof_etype = true;
	nic_changed(rig->nic);
	assert_int_equal(send_made(rig, 0), 0);
	assert_int_equal(pool->spoofed, 1);
	rig->nic->filters.etype[7].tx_antispoof = false;
	nic_changed(rig->nic);
	assert_int_equal(send_made(rig, 0), TO_WIRE | 0x2);
	rig->nic->filters.etype[7].tx_antispoof = true;
	nic_changed(rig->nic);
	expect(rig, "anything else", 0, rig_mac(1), -1, 0x2);
}

static void
test_source_pruning(void **state)
{
	struct rig *rig = *state;

	frame_make(&(struct make){ .dst = broadcast, .src = rig_mac(1), .l4 = MAKE_UDP }, &made);
	assert_int_equal(send_made(rig, WIRE), 0xf);
	rig->nic->filters.source_pruned = 0x6;
	nic_changed(rig->nic);
	assert_int_equal(send_made(rig, WIRE), 0xd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(test_spoof, switch_setup),
		RIG_TEST(test_spoof_in_a_burst, switch_setup),
		RIG_TEST(test_spoof_vlan_and_etype, switch_setup),
		RIG_TEST(test_rewritten_on_the_way, switch_setup),
		RIG_TEST(test_sent_from_a_receive_buffer, switch_setup),
		RIG_TEST(test_mirrors, switch_setup),
		RIG_TEST(test_storm, switch_setup),
		RIG_TEST(test_self_loopback, switch_setup),
		RIG_TEST(test_longest_frame, switch_setup),
		RIG_TEST(test_no_vlan_filter, switch_setup),
		RIG_TEST(test_pause_from_a_pool, switch_setup),
		RIG_TEST(test_source_pruning, switch_setup),
	};

	return cmocka_run_group_tests_name("switch guards", tests, NULL, NULL);
}
