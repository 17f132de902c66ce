/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "switch_rig.h"

static void
test_unicast(void **state)
{
	struct rig *rig = *state;

	for (int from = WIRE; from < POOLS; from++)
		for (unsigned int to = 0; to < POOLS; to++)
			expect(rig, "unicast", from, rig_mac(to), -1,
			       from == (int)to ? 0 : 1u << to);
	for (int from = 0; from < POOLS; from++)
		expect(rig, "unknown", from, stranger, -1, TO_WIRE);
	expect(rig, "unknown", WIRE, stranger, -1, 0);
	assert_int_equal(rig->nic->stats.rx_filtered, 1);
	rig->nic->filters.drop_unmatched = false;
	rig->nic->filters.default_pool = 3;
	nic_changed(rig->nic);
	expect(rig, "unknown, default pool", WIRE, stranger, -1, 1 << 3);
	expect(rig, "unknown, from a pool", 0, stranger, -1, TO_WIRE);
	expect(rig, "a multicast has no default pool", WIRE, multicast, -1, 0);
	rig->nic->pool[1].all_unicast = true;
	nic_changed(rig->nic);
	expect(rig, "promiscuous", WIRE, stranger, -1, 1 << 1);
	expect(rig, "promiscuous, from a pool", 0, stranger, -1, 1 << 1 | TO_WIRE);
	expect(rig, "promiscuous, others'", 0, rig_mac(2), -1, 1 << 1 | 1 << 2);
}

static void
test_shared_address(void **state)
{
	struct rig *rig = *state;

	rig_address(rig, 10, stranger, 0x6);
	expect(rig, "two owners", WIRE, stranger, -1, 0x6);
	expect(rig, "two owners", 1, stranger, -1, 0x4);
	rig->nic->filters.replicate = false;
	nic_changed(rig->nic);
	expect(rig, "no replication", WIRE, stranger, -1, 0x2);
	rig->nic->filters.default_pool = 2;
	nic_changed(rig->nic);
	expect(rig, "no replication, the default pool first", WIRE, stranger, -1, 0x4);
}

static void
test_broadcast(void **state)
{
	struct rig *rig = *state;

	expect(rig, "broadcast", WIRE, broadcast, -1, 0xf);
	for (int from = 0; from < POOLS; from++)
		expect(rig, "broadcast", from, broadcast, -1, (0xfu & ~(1u << from)) | TO_WIRE);
	rig->nic->pool[2].accept_broadcast = false;
	rig->nic->pool[3].rx_enabled = false;
	nic_changed(rig->nic);
	expect(rig, "fewer want it", WIRE, broadcast, -1, 0x3);
	assert_int_equal(rig->nic->stats.rx_broadcast, 2);
	assert_int_equal(rig->nic->stats.tx_broadcast, 4);
}

static void
test_multicast(void **state)
{
	struct rig *rig = *state;
	struct filters *filters = &rig->nic->filters;
	uint32_t hash = (uint32_t)(multicast[5] << 8 | multicast[4]) >> 4;

	expect(rig, "nobody", WIRE, multicast, -1, 0);
	rig->nic->pool[0].accept_multicast_hash = rig->nic->pool[1].accept_multicast_hash = true;
	rig->nic->pool[2].all_multicast = true;
	nic_changed(rig->nic);
	expect(rig, "all multicast", WIRE, multicast, -1, 0x4);
	assert_int_equal(got.status & RXD_PIF, 0);
	filters->mta[hash / 32] |= 1u << (hash % 32);
	nic_changed(rig->nic);
	expect(rig, "hash", WIRE, multicast, -1, 0x7);
	assert_int_equal(got.status & RXD_PIF, RXD_PIF);
	expect(rig, "hash, from a pool", 1, multicast, -1, 0x5 | TO_WIRE);
	/* Another window of the address. */
	filters->hash_shift = 3;
	nic_changed(rig->nic);
	expect(rig, "another hash", WIRE, multicast, -1, 0x4);
	hash = (uint32_t)(multicast[5] << 8 | multicast[4]) & 0xfff;
	filters->mta[hash / 32] |= 1u << (hash % 32);
	nic_changed(rig->nic);
	expect(rig, "another hash", WIRE, multicast, -1, 0x7);
	assert_int_equal(rig->nic->stats.rx_multicast, 4);
	assert_int_equal(rig->nic->pool[2].rx_multicast, 5);
}

static void
test_unicast_hash(void **state)
{
	struct rig *rig = *state;
	uint32_t hash = (uint32_t)(stranger[5] << 8 | stranger[4]) >> 4;

	rig->nic->pool[1].accept_unicast_hash = true;
	rig->nic->filters.uta[hash / 32] |= 1u << (hash % 32);
	nic_changed(rig->nic);
	expect(rig, "hash", WIRE, stranger, -1, 0x2);
	expect(rig, "hash, from a pool, is no known address", 0, stranger, -1, 0x2 | TO_WIRE);
	hash = (uint32_t)(rig_mac(2)[5] << 8 | rig_mac(2)[4]) >> 4;
	rig->nic->filters.uta[hash / 32] |= 1u << (hash % 32);
	nic_changed(rig->nic);
	expect(rig, "who has an owner needs no hash", WIRE, rig_mac(2), -1, 0x4);
}

static void
test_vlan(void **state)
{
	struct rig *rig = *state;

	rig_vlan(rig, 0, 100, 0x3);
	rig_vlan(rig, 1, 200, 0xc);
	for (int from = 0; from < POOLS; from++) {
		int own = from < 2 ? 100 : 200;
		unsigned int mates = (from < 2 ? 0x3u : 0xcu) & ~(1u << from);

		expect(rig, "own VLAN", from, broadcast, own, mates | TO_WIRE);
		for (unsigned int to = 0; to < POOLS; to++)
			expect(rig, "unicast in a VLAN", from, rig_mac(to), own, mates & 1u << to);
	}
	expect(rig, "from the wire", WIRE, broadcast, 100, 0x3);
	expect(rig, "from the wire", WIRE, rig_mac(2), 100, 0);
	expect(rig, "no such VLAN", WIRE, rig_mac(2), 300, 0);
	rig->nic->pool[3].all_vlans = true;
	nic_changed(rig->nic);
	expect(rig, "promiscuous, but not beyond the port's", WIRE, broadcast, 300, 0);
	expect(rig, "promiscuous", WIRE, broadcast, 100, 0xb);
	rig->nic->filters.vlan_filter = false;
	nic_changed(rig->nic);
	expect(rig, "no filter of the port", WIRE, broadcast, 300, 0xf);
	rig->nic->filters.vlan_filter = true;
	rig->nic->pool[0].accept_untagged = false;
	nic_changed(rig->nic);
	expect(rig, "untagged", WIRE, broadcast, -1, 0xe);
	rig->nic->filters.drop_unmatched = false;
	rig->nic->filters.default_pool = 1;
	nic_changed(rig->nic);
	expect(rig, "own address, wrong VLAN, default pool", WIRE, rig_mac(0), -1, 0x2);
}

static void
test_strip_and_hide(void **state)
{
	struct rig *rig = *state;
	uint32_t len;

	rig_vlan(rig, 0, 100, 0xf);
	expect(rig, "kept", WIRE, rig_mac(0), 0xe000 | 100, 0x1);
	assert_int_equal(got.status & RXD_VP, RXD_VP);
	assert_int_equal(got.len, made.len);
	assert_memory_equal(got.data, made.data, made.len);
	len = made.len - 4;
	rig->nic->rxq[0].strip_vlan = rig->nic->pool[1].strip_vlan = true;
	rig->nic->pool[2].hide_vlan = true;
	nic_changed(rig->nic);
	for (unsigned int p = 0; p < 3; p++) {
		expect(rig, "out", WIRE, rig_mac(p), 0xe000 | 100, 1u << p);
		assert_int_equal(got.status & RXD_VP, p == 2 ? 0 : RXD_VP);
		assert_int_equal(got.vlan, p == 2 ? 0 : 0xe000 | 100);
		assert_int_equal(got.len, len);
		assert_memory_equal(got.data, made.data, 12);
		assert_memory_equal(got.data + 12, made.data + 16, len - 12);
	}
	/* The pool's own switch is for unicast; for all others there is one of the port. */
	rig->nic->filters.vlvf[0].pools = 0x2;
	nic_changed(rig->nic);
	expect(rig, "broadcast", WIRE, broadcast, 100, 0x2);
	assert_int_equal(got.len, len + 4);
	rig->nic->filters.strip_replicated = true;
	nic_changed(rig->nic);
	expect(rig, "broadcast", WIRE, broadcast, 100, 0x2);
	assert_int_equal(got.len, len);
}

/* A default tag is beside the frame as it comes to the other pool. */
static void
test_port_vlan(void **state)
{
	struct rig *rig = *state;

	rig_vlan(rig, 0, 100, 0x3);
	for (unsigned int p = 0; p < 2; p++) {
		rig->nic->pool[p].vlan_insert = VLAN_DEFAULT;
		rig->nic->pool[p].default_tag = 0x2000 | 100;
		rig->nic->pool[p].accept_untagged = false;
	}
	nic_changed(rig->nic);
	expect(rig, "within", 0, rig_mac(1), -1, 0x2);
	assert_int_equal(got.len, made.len + 4);
	assert_memory_equal(got.data + 12, ((const uint8_t[]){ 0x81, 0, 0x20, 100 }), 4);
	assert_memory_equal(got.data + 16, made.data + 12, made.len - 12);
	rig->nic->pool[1].strip_vlan = true;
	nic_changed(rig->nic);
	expect(rig, "within, stripped", 0, rig_mac(1), -1, 0x2);
	assert_int_equal(got.vlan, 0x2000 | 100);
	assert_memory_equal(got.data, made.data, made.len);
	expect(rig, "to outside", 0, rig_mac(2), -1, 0);
	expect(rig, "from outside", 2, rig_mac(0), -1, 0);
	expect(rig, "broadcast", 0, broadcast, -1, 0x2 | TO_WIRE);
	rig->family.rxd.loopback_vlan_swapped = true;
	expect(rig, "swapped", 0, rig_mac(1), -1, 0x2);
	assert_int_equal(got.vlan, 0x6420);
}

static void
test_loopback_off(void **state)
{
	struct rig *rig = *state;

	rig->nic->filters.loopback = false;
	nic_changed(rig->nic);
	expect(rig, "none", 0, rig_mac(1), -1, TO_WIRE);
	expect(rig, "none", 0, broadcast, -1, TO_WIRE);
}

static void
test_pool_max_frame(void **state)
{
	struct rig *rig = *state;

	rig->nic->pool[1].max_frame = 200;
	nic_changed(rig->nic);
	frame_make(&(struct make){ .dst = broadcast, .l4 = MAKE_UDP, .payload = 196 - 42 }, &made);
	assert_int_equal(send_made(rig, WIRE), 0xf);
	frame_make(&(struct make){ .dst = broadcast, .l4 = MAKE_UDP, .payload = 197 - 42 }, &made);
	assert_int_equal(send_made(rig, WIRE), 0xd);
	assert_int_equal(rig->nic->stats.rx_oversize, 0);
	frame_make(&(struct make){ .dst = rig_mac(1), .l4 = MAKE_UDP, .payload = 197 - 42 }, &made);
	assert_int_equal(send_made(rig, WIRE), 0);
	assert_int_equal(rig->nic->stats.rx_oversize, 1);
	assert_int_equal(rig->nic->pool[1].rx_drops, 2);
}

static void
test_rss_in_pool(void **state)
{
	struct rig *rig = *state;
	struct rx_ring *second = rig_rx(rig, 3, &rig->nic->vf[1], RING);
	unsigned int on_second = 0;

	rx_give(second, RING - 1);
	rig->nic->pool[1].nb_queues = 2;
	rig->nic->pool[1].rss = true;
	rig->nic->rss = (struct rss){ .enabled = true, .types = 0x3fe, .reta_size = 128,
				      .key = { 0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2,
					       0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0 } };
	for (unsigned int i = 0; i < 128; i++)
		rig->nic->rss.reta[i] = (uint8_t)(i % 16);
	nic_changed(rig->nic);
	for (uint16_t flow = 0; flow < 64; flow++) {
		bool first;
		uint32_t hash;

		frame_make(&(struct make){ .dst = rig_mac(1), .l4 = MAKE_UDP, .payload = 40,
					   .dport = flow }, &made);
		hash = rss_toeplitz(rig->nic->rss.key, made.data + made.l3_at + 12, 12);
		first = send_made(rig, 0) == 0x2;
		assert_int_equal(first, hash % 2 == 0);
		if (!first) {
			assert_true(rx_take(second, &got));
			rx_give(second, 1);
			on_second++;
		}
		assert_int_equal(got.hash, hash);
	}
	assert_true(on_second >= 10 && on_second <= 54);
	/* A neighbour's RSS is not its. */
	frame_make(&(struct make){ .dst = rig_mac(2), .l4 = MAKE_UDP, .payload = 40 }, &made);
	assert_int_equal(send_made(rig, 0), 0x4);
}

static void
test_etype_queue(void **state)
{
	struct rig *rig = *state;
	struct rx_ring *control = rig_rx(rig, 100, &rig->nic->pf, RING);

	rx_give(control, RING - 1);
	rig->nic->filters.etype[2] = (struct etype_filter){
		.enabled = true, .to_queue = true, .etype = 0x0800, .queue = 100,
	};
	nic_changed(rig->nic);
	expect(rig, "elsewhere", WIRE, rig_mac(1), -1, 0);
	assert_true(rx_take(control, &got));
	assert_int_equal(got.info, 1 << 15 | 2 << 4);
}

static void
test_not_virtualised(void **state)
{
	struct rig *rig = *state;
	struct filters *filters = &rig->nic->filters;
	struct port_stats before;

	filters->virtualised = filters->accept_broadcast = false;
	filters->vlan_filter = false;
	nic_changed(rig->nic);
	expect(rig, "own", WIRE, rig_mac(0), -1, 0x1);
	expect(rig, "other", WIRE, stranger, -1, 0);
	expect(rig, "broadcast", WIRE, broadcast, -1, 0);
	expect(rig, "multicast", WIRE, multicast, -1, 0);
	filters->accept_broadcast = filters->all_multicast = filters->promiscuous = true;
	nic_changed(rig->nic);
	expect(rig, "promiscuous", WIRE, stranger, -1, 0x1);
	expect(rig, "broadcast", WIRE, broadcast, -1, 0x1);
	expect(rig, "multicast", WIRE, multicast, -1, 0x1);
	expect(rig, "tagged", WIRE, rig_mac(0), 7, 0x1);
	filters->vlan_filter = true;
	rig->nic->port.strip_vlan = true;
	nic_changed(rig->nic);
	expect(rig, "tagged, filtered", WIRE, rig_mac(0), 7, 0);
	filters->vfta[0] = 1u << 7;
	nic_changed(rig->nic);
	expect(rig, "tagged, let in", WIRE, rig_mac(0), 7, 0x1);
	assert_int_equal(got.vlan, 7);
	expect(rig, "sent", 0, rig_mac(1), -1, TO_WIRE);
	rig->nic->port.mac_loopback = true;
	nic_changed(rig->nic);
	before = rig->nic->stats;
	frame_make(&(struct make){ .dst = rig_mac(0), .l4 = MAKE_UDP, .payload = 60 }, &made);
	tx_frame(&rig->tx[2], made.data, made.len);
	tx_bell(&rig->tx[2]);
	rig_poll(rig);
	assert_true(rx_take(&rig->rx[0], &got));
	assert_memory_equal(got.data, made.data, made.len);
	assert_int_equal(rig->wire->nb_sent, 0);
	/* The MAC sent it, and received it. */
	assert_int_equal(rig->nic->stats.tx_packets - before.tx_packets, 1);
	assert_int_equal(rig->nic->stats.tx_bytes - before.tx_bytes, made.len + 4);
	assert_int_equal(rig->nic->stats.tx_size[1] - before.tx_size[1], 1);
	assert_int_equal(rig->nic->stats.rx_total_packets - before.rx_total_packets, 1);
}

static void
test_double_vlan(void **state)
{
	static const uint8_t outer[] = { 0x88, 0xa8, 0x00, 0x09 };
	struct rig *rig = *state;

	rig->nic->filters.double_vlan = true;
	rig->nic->filters.outer_vlan_etype = 0x88a8;
	rig->nic->pool[1].strip_vlan = true;
	rig_vlan(rig, 0, 100, 0x2);
	frame_make(&(struct make){ .dst = rig_mac(1), .l4 = MAKE_UDP, .payload = 60,
				   .tagged = true, .tci = 100 }, &made);
	memmove(made.data + 16, made.data + 12, made.len - 12);
	memcpy(made.data + 12, outer, 4);
	made.len += 4;
	assert_int_equal(send_made(rig, WIRE), 0x2);
	assert_int_equal(got.vlan, 100);
	assert_int_equal(got.len, made.len - 4);
	assert_memory_equal(got.data + 12, outer, 4);
	assert_int_equal(got.status >> 9 & 1, 1);
}

static void
test_counters(void **state)
{
	struct rig *rig = *state;
	const struct port_stats *stats = &rig->nic->stats;

	send_frame(rig, 0, rig_mac(1), -1);
	send_frame(rig, 0, stranger, -1);
	send_frame(rig, WIRE, rig_mac(0), -1);
	send_frame(rig, WIRE, broadcast, -1);
	assert_int_equal(rig->nic->pool[0].tx_packets, 2);
	assert_int_equal(rig->nic->pool[0].tx_bytes, 2 * (made.len + 4));
	assert_int_equal(rig->nic->pool[1].rx_packets, 2);
	assert_int_equal(rig->nic->pool[1].rx_bytes, 2 * (made.len + 4));
	assert_int_equal(stats->loopback_packets, 1);
	assert_int_equal(stats->tx_packets, 1);
	assert_int_equal(stats->tx_bytes, made.len + 4);
	assert_int_equal(stats->tx_size[1], 1);
	assert_int_equal(stats->rx_packets, 2);
	assert_int_equal(stats->rx_bytes, 2 * (made.len + 4));
	assert_int_equal(stats->rx_size[1], 2);
	assert_int_equal(stats->rx_total_bytes, 2 * (made.len + 4));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(test_unicast, switch_setup),
		RIG_TEST(test_shared_address, switch_setup),
		RIG_TEST(test_broadcast, switch_setup),
		RIG_TEST(test_multicast, switch_setup),
		RIG_TEST(test_unicast_hash, switch_setup),
		RIG_TEST(test_vlan, switch_setup),
		RIG_TEST(test_strip_and_hide, switch_setup),
		RIG_TEST(test_port_vlan, switch_setup),
		RIG_TEST(test_loopback_off, switch_setup),
		RIG_TEST(test_pool_max_frame, switch_setup),
		RIG_TEST(test_rss_in_pool, switch_setup),
		RIG_TEST(test_etype_queue, switch_setup),
		RIG_TEST(test_not_virtualised, switch_setup),
		RIG_TEST(test_double_vlan, switch_setup),
		RIG_TEST(test_counters, switch_setup),
	};

	return cmocka_run_group_tests_name("switch", tests, NULL, NULL);
}
