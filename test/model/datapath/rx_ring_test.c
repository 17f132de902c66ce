/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dma.h"
#include "frame_make.h"
#include "port_rig.h"

#define RING 32

static struct made made;
static struct received got;

static int
setup(void **state)
{
	struct rig *rig = rig_create(NULL);

	rig_address(rig, 0, rig_mac(0), 0);
	*state = rig;
	return 0;
}

static void
arrive(struct rig *rig, uint32_t payload)
{
	frame_make(&(struct make){ .l4 = MAKE_UDP, .payload = payload }, &made);
	rig_arrives(rig, made.data, made.len);
}

static void
test_wrap(void **state)
{
	struct rig *rig = *state;
	struct rx_ring *rx = rig_rx(rig, 0, &rig->nic->pf, RING);

	rx_give(rx, RING - 1);
	for (unsigned int i = 0; i < 5 * RING; i++) {
		arrive(rig, 18 + i);
		rig_poll(rig);
		assert_true(rx_take(rx, &got));
		assert_int_equal(got.len, made.len);
		assert_memory_equal(got.data, made.data, made.len);
		assert_int_equal(got.status & (RXD_DD | RXD_EOP), RXD_DD | RXD_EOP);
		assert_false(rx_take(rx, &got));
		rx_give(rx, 1);
	}
	assert_int_equal(rx->q->packets, 5 * RING);
	assert_int_equal(rx->q->block[RING_HEAD], 5 * RING % RING);
	assert_int_equal(rig->nic->stats.rx_packets, 5 * RING);
	assert_int_equal(rig_causes.rx[0], 5 * RING);
}

static void
test_causes_once_a_burst(void **state)
{
	struct rig *rig = *state;
	struct rx_ring *rx = rig_rx(rig, 0, &rig->nic->pf, RING);

	rx_give(rx, RING - 1);
	for (unsigned int i = 0; i < 10; i++)
		arrive(rig, 18);
	rig_poll(rig);
	assert_int_equal(rx->q->packets, 10);
	assert_int_equal(rig_causes.rx[0], 1);
}

static void
assert_same(const struct received *a, const struct received *b)
{
	assert_int_equal(a->descriptors, b->descriptors);
	assert_int_equal(a->len, b->len);
	assert_memory_equal(a->data, b->data, a->len);
	assert_int_equal(a->info, b->info);
	assert_int_equal(a->hash, b->hash);
	assert_int_equal(a->status, b->status);
	assert_int_equal(a->vlan, b->vlan);
}

/* The second frame of a burst takes a shorter way, and must not show it. */
static void
test_bursts_as_singles(void **state)
{
	static const struct make makes[] = {
		{ .l4 = MAKE_UDP, .payload = 18 },
		{ .l4 = MAKE_TCP, .payload = 1000 },
		{ .l4 = MAKE_TCP, .payload = 99, .no_sums = true },
		{ .l4 = MAKE_UDP, .payload = 99, .tagged = true, .tci = 0x2005 },
		{ .l4 = MAKE_UDP, .payload = 99, .ipv6 = true },
		{ .l4 = MAKE_SCTP, .payload = 99 },
		{ .l4 = MAKE_UDP, .payload = 1473 },
	};
	static struct received single;
	struct rig *rig = *state;
	struct rx_ring *rx = rig_rx(rig, 0, &rig->nic->pf, RING);

	rig->nic->rss = (struct rss){ .enabled = true, .types = 0x3fe, .key = { 1, 2, 3, 4 } };
	nic_changed(rig->nic);
	rx->q->buffer_bytes = 512;
	rx_give(rx, RING - 1);
	for (size_t i = 0; i < sizeof(makes) / sizeof(makes[0]); i++) {
		struct port_stats before = rig->nic->stats, one;
		bool came;

		frame_make(&makes[i], &made);
		rig_arrives(rig, made.data, made.len);
		rig_poll(rig);
		came = rx_take(rx, &single);
		one = rig->nic->stats;
		for (unsigned int k = 0; k < 4; k++)
			rig_arrives(rig, made.data, made.len);
		rig_poll(rig);
		for (unsigned int k = 0; came && k < 4; k++) {
			assert_true(rx_take(rx, &got));
			assert_same(&got, &single);
			rx_give(rx, got.descriptors);
		}
		assert_false(rx_take(rx, &got));
		for (size_t n = 0; n < sizeof(before) / sizeof(uint64_t); n++) {
			const uint64_t *now = (const uint64_t *)&rig->nic->stats;

			assert_int_equal(now[n] - ((uint64_t *)&one)[n],
					 4 * (((uint64_t *)&one)[n] - ((uint64_t *)&before)[n]));
		}
		rx_give(rx, came ? single.descriptors : 0);
	}
	assert_int_equal(rig->nic->stats.rx_oversize, 5);
	assert_int_equal(rx->q->packets, 30);
	assert_int_equal(rig->nic->pool[0].rx_packets, 30);
}

static void
test_scatter(void **state)
{
	static const uint32_t sizes[] = { 256, 257, 511, 512, 513, 1400 };
	struct rig *rig = *state;
	struct rx_ring *rx = rig_rx(rig, 0, &rig->nic->pf, RING);

	rx->q->buffer_bytes = 256;
	rx_give(rx, RING - 1);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		arrive(rig, sizes[i] - 42);
		rig_poll(rig);
		assert_true(rx_take(rx, &got));
		assert_int_equal(got.len, sizes[i]);
		assert_int_equal(got.descriptors, (sizes[i] + 255) / 256);
		assert_memory_equal(got.data, made.data, made.len);
		rx_give(rx, got.descriptors);
	}
}

static void
test_scatter_needs_all(void **state)
{
	struct rig *rig = *state;
	struct rx_ring *rx = rig_rx(rig, 0, &rig->nic->pf, RING);

	rx->q->buffer_bytes = 256;
	rx_give(rx, 3);
	arrive(rig, 4 * 256 - 42);
	arrive(rig, 3 * 256 - 42);
	rig_poll(rig);
	assert_int_equal(rx->q->drops, 1);
	assert_true(rx_take(rx, &got));
	assert_int_equal(got.len, 3 * 256);
}

static void
test_drop_en(void **state)
{
	struct rig *rig = *state;
	struct rx_ring *rx = rig_rx(rig, 0, &rig->nic->pf, RING);

	rx_give(rx, 2);
	for (unsigned int i = 0; i < 5; i++)
		arrive(rig, 18);
	rig_poll(rig);
	assert_int_equal(rx->q->packets, 2);
	assert_int_equal(rx->q->drops, 3);
	rx_give(rx, 8);
	assert_int_equal(rx_queue_run(rig->nic, rx->q), 0);
}

/* Two pools; the first has no descriptors and does not drop. */
static void
test_head_of_line(void **state)
{
	struct rig *rig = *state;
	struct rx_ring *slow, *quick;

	rig_virtualise(rig, 2);
	slow = rig_rx(rig, 0, &rig->nic->vf[0], RING);
	quick = rig_rx(rig, 2, &rig->nic->vf[1], RING);
	slow->q->drop_en = false;
	rx_give(quick, RING - 1);
	for (unsigned int i = 0; i < 4; i++) {
		frame_make(&(struct make){ .dst = rig_mac(i % 2), .l4 = MAKE_UDP,
					   .payload = 100 + i }, &made);
		rig_arrives(rig, made.data, made.len);
	}
	rig_poll(rig);
	assert_false(rx_take(quick, &got));
	assert_non_null(slow->q->backlog);
	assert_int_equal(rig->nic->stats.rx_no_buffer, 1);
	/* One more descriptor: one more frame for each, in order. */
	rx_give(slow, 1);
	assert_int_equal(rx_queue_run(rig->nic, slow->q), 2);
	assert_true(rx_take(slow, &got));
	assert_int_equal(got.len, 142);
	assert_true(rx_take(quick, &got));
	assert_int_equal(got.len, 143);
	assert_false(rx_take(quick, &got));
	rx_give(slow, 1);
	rig_poll(rig);
	assert_true(rx_take(quick, &got));
	assert_int_equal(got.len, 145);
	assert_null(slow->q->backlog);
	assert_int_equal(slow->q->drops + quick->q->drops, 0);
}

/* What comes behind a blocked frame waits, also in the burst that began before it. */
static void
test_nobody_overtakes(void **state)
{
	static const unsigned int to[] = { 1, 1, 1, 0, 1, 1 };
	struct rig *rig = *state;
	struct rx_ring *slow, *quick;

	rig_virtualise(rig, 2);
	slow = rig_rx(rig, 0, &rig->nic->vf[0], RING);
	quick = rig_rx(rig, 2, &rig->nic->vf[1], RING);
	slow->q->drop_en = false;
	rx_give(quick, RING - 1);
	for (unsigned int i = 0; i < sizeof(to) / sizeof(to[0]); i++) {
		frame_make(&(struct make){ .dst = rig_mac(to[i]), .l4 = MAKE_UDP, .payload = 100 },
			   &made);
		rig_arrives(rig, made.data, made.len);
	}
	rig_poll(rig);
	assert_int_equal(quick->q->packets, 3);
	rx_give(slow, 1);
	rig_poll(rig);
	assert_int_equal(quick->q->packets, 5);
}

/* Frames of all sizes in and out of the port's memory, round and round: none is spoilt. */
static void
test_memory_churn(void **state)
{
	struct rig *rig = *state;
	struct rx_ring *rx = rig_rx(rig, 0, &rig->nic->pf, RING);
	uint32_t seed = 7, number = 0, last = 0, nb = 0;

	rx->q->drop_en = false;
	for (unsigned int round = 0; round < 400; round++) {
		for (unsigned int i = 0; i < 20; i++) {
			seed = seed * 1103515245 + 12345;
			frame_make(&(struct make){ .l4 = MAKE_UDP,
						   .payload = 20 + (seed >> 10) % 1400 }, &made);
			number++;
			memcpy(made.data + 50, &number, sizeof(number));
			rig_arrives(rig, made.data, made.len);
		}
		rx_give(rx, (seed >> 8) % 20);
		rig_poll(rig);
		while (rx_take(rx, &got)) {
			uint32_t is;

			memcpy(&is, got.data + 50, sizeof(is));
			assert_true(is > last);
			last = is;
			nb++;
			for (uint32_t i = 12; i + 42 < got.len; i++)
				assert_int_equal(got.data[42 + i], (uint8_t)(i * 7 + (i >> 8)));
		}
	}
	assert_int_equal(nb, rx->q->packets);
	assert_true(rig->nic->stats.rx_missed > 1000 && nb > 2000);
}

static void
test_drop_en_blocks_nobody(void **state)
{
	struct rig *rig = *state;
	struct rx_ring *quick;

	rig_virtualise(rig, 2);
	rig_rx(rig, 0, &rig->nic->vf[0], RING);
	quick = rig_rx(rig, 2, &rig->nic->vf[1], RING);
	rx_give(quick, RING - 1);
	for (unsigned int i = 0; i < 4; i++) {
		frame_make(&(struct make){ .dst = rig_mac(i % 2), .l4 = MAKE_UDP,
					   .payload = 100 }, &made);
		rig_arrives(rig, made.data, made.len);
	}
	rig_poll(rig);
	assert_int_equal(quick->q->packets, 2);
	assert_int_equal(rig->nic->rxq[0].drops, 2);
	assert_int_equal(rig->nic->pool[0].rx_drops, 2);
}

/* The port's memory is full some day; then frames are missed, and all that was kept comes. */
static void
test_memory_full(void **state)
{
	struct rig *rig = *state;
	struct rx_ring *rx = rig_rx(rig, 0, &rig->nic->pf, RING);
	uint64_t kept, taken = 0;

	rx->q->drop_en = false;
	frame_make(&(struct make){ .l4 = MAKE_UDP, .payload = 1400 }, &made);
	for (unsigned int round = 0; round < 2; round++) {
		uint64_t missed = rig->nic->stats.rx_missed;

		for (unsigned int i = 0; i < 1000; i += 100) {
			for (unsigned int k = 0; k < 100; k++)
				rig_arrives(rig, made.data, made.len);
			rig_poll(rig);
		}
		kept = 1000 - (rig->nic->stats.rx_missed - missed);
		assert_true(kept >= 200 && kept <= 500);
		assert_true(rig_causes.missed > 0);
		rx_give(rx, RING - 1);
		for (taken = 0; taken < kept; taken++) {
			rig_poll(rig);
			assert_true(rx_take(rx, &got));
			assert_memory_equal(got.data, made.data, made.len);
			rx_give(rx, 1);
		}
		rig_poll(rig);
		assert_false(rx_take(rx, &got));
		/* The second round starts in the middle of the memory, with no descriptors. */
		rx->q->block[RING_TAIL] = rx->q->head;
	}
}

static void
test_vf_reset_unblocks(void **state)
{
	struct rig *rig = *state;
	struct rx_ring *slow, *quick;

	rig_virtualise(rig, 2);
	slow = rig_rx(rig, 0, &rig->nic->vf[0], RING);
	quick = rig_rx(rig, 2, &rig->nic->vf[1], RING);
	slow->q->drop_en = false;
	rx_give(quick, RING - 1);
	for (unsigned int i = 0; i < 2; i++) {
		frame_make(&(struct make){ .dst = rig_mac(i), .l4 = MAKE_UDP, .payload = 100 },
			   &made);
		rig_arrives(rig, made.data, made.len);
	}
	rig_poll(rig);
	assert_int_equal(quick->q->packets, 0);
	datapath_reset(rig->nic, RESET_VF, 0);
	rig_poll(rig);
	assert_int_equal(quick->q->packets, 1);
	rx_give(slow, 4);
	rig_poll(rig);
	assert_int_equal(slow->q->packets, 0);
}

static void
test_fault_stops_only_its_function(void **state)
{
	struct rig *rig = *state;
	struct rx_ring *bad, *good;

	rig_virtualise(rig, 2);
	bad = rig_rx(rig, 0, &rig->nic->vf[0], RING);
	good = rig_rx(rig, 2, &rig->nic->vf[1], RING);
	rig->nic->vf[0].dma.identity = false;
	assert_int_equal(dma_map(&rig->nic->vf[0].dma, (uintptr_t)bad->desc, RING * 16,
				 bad->desc), 0);
	rx_give(bad, RING - 1);
	rx_give(good, RING - 1);
	for (unsigned int i = 0; i < 6; i++) {
		frame_make(&(struct make){ .dst = rig_mac(i % 2), .l4 = MAKE_UDP,
					   .payload = 100 }, &made);
		rig_arrives(rig, made.data, made.len);
	}
	rig_poll(rig);
	assert_true(rig->nic->vf[0].stopped);
	assert_int_equal(rig->nic->vf[0].dma_faults, 1);
	assert_int_equal(bad->q->packets, 0);
	assert_false(rx_take(bad, &got));
	assert_false(rig->nic->vf[1].stopped);
	assert_int_equal(good->q->packets, 3);
}

static void
test_bad_tail(void **state)
{
	struct rig *rig = *state;
	struct rx_ring *rx = rig_rx(rig, 0, &rig->nic->pf, RING);

	rx->q->block[RING_TAIL] = RING;
	arrive(rig, 18);
	rig_poll(rig);
	assert_int_equal(rx->q->drops, 1);
	assert_false(rx->q->stuck);
	rig->nic->port.mdd_rx = true;
	nic_changed(rig->nic);
	arrive(rig, 18);
	rig_poll(rig);
	assert_true(rx->q->stuck);
	assert_int_equal(rig_causes.mdd_rx, 1);
}

static void
test_disabled(void **state)
{
	struct rig *rig = *state;
	struct rx_ring *rx = rig_rx(rig, 0, &rig->nic->pf, RING);

	rx_give(rx, RING - 1);
	rx->q->block[RING_CONTROL] = 0;
	arrive(rig, 18);
	rig_poll(rig);
	assert_false(rx_take(rx, &got));
	rx->q->block[RING_CONTROL] = RING_ENABLE;
	rig->nic->pf.bus_master = false;
	arrive(rig, 18);
	rig_poll(rig);
	assert_false(rx_take(rx, &got));
	assert_int_equal(rig->nic->pool[0].rx_drops, 2);
}

static void
test_legacy(void **state)
{
	struct rig *rig = *state;
	struct rx_ring *rx = rig_rx(rig, 0, &rig->nic->pf, RING);
	uint64_t low, high;

	rx->q->desc_type = RX_LEGACY;
	rx->q->strip_vlan = true;
	rx_give(rx, RING - 1);
	low = rx->desc[0];
	frame_make(&(struct make){ .l4 = MAKE_UDP, .payload = 100, .tagged = true, .tci = 0x6123 },
		   &made);
	made.data[made.payload_at] ^= 1;
	rig_arrives(rig, made.data, made.len);
	rig_poll(rig);
	high = rx->desc[1];
	assert_true(rx->desc[0] == low);
	assert_int_equal(high & 0xffff, made.len - 4);
	assert_int_equal(high >> 32 & 0xff, RXD_DD | RXD_EOP | RXD_VP | RXD_UDPCS | RXD_L4CS |
					    RXD_IPCS);
	assert_int_equal(high >> 40 & 0xff, RIG_ERROR_L4 >> 24);
	assert_int_equal(high >> 48, 0x6123);
}

static void
test_split(void **state)
{
	static uint8_t headers[RING][256];
	struct rig *rig = *state;
	struct rx_ring *rx = rig_rx(rig, 0, &rig->nic->pf, RING);

	rx->q->desc_type = RX_SPLIT_ALWAYS;
	rx->q->header_bytes = 256;
	rx_give(rx, 4);
	for (unsigned int i = 0; i < 4; i++)
		rx->desc[2 * i + 1] = (uintptr_t)headers[i];
	frame_make(&(struct make){ .l4 = MAKE_TCP, .payload = 100 }, &made);
	rig_arrives(rig, made.data, made.len);
	rig_poll(rig);
	assert_true(rx_take(rx, &got));
	assert_int_equal(got.len, 100);
	assert_int_equal(got.info >> 31, 1);
	assert_int_equal(got.info >> 21 & 0x3ff, 54);
	assert_memory_equal(headers[0], made.data, 54);
	assert_memory_equal(got.data, made.data + 54, 100);
	/* Nothing to split behind: as much as fits. */
	memset(made.data + 12, 0x88, 400);
	rig_arrives(rig, made.data, 400);
	rig_poll(rig);
	assert_true(rx_take(rx, &got));
	assert_int_equal(got.len, 400 - 256);
	assert_memory_equal(headers[1], made.data, 256);
	/* In a descriptor that splits only what it knows. */
	rx->q->desc_type = RX_SPLIT;
	rig_arrives(rig, made.data, 400);
	rig_poll(rig);
	assert_true(rx_take(rx, &got));
	assert_int_equal(got.len, 400);
	assert_int_equal(got.info >> 31, 0);
}

static void
test_crc_kept(void **state)
{
	struct rig *rig = *state;
	struct rx_ring *rx = rig_rx(rig, 0, &rig->nic->pf, RING);
	uint32_t crc = ~0u;

	rig->nic->port.strip_crc = false;
	nic_changed(rig->nic);
	rx_give(rx, 4);
	arrive(rig, 100);
	rig_poll(rig);
	assert_true(rx_take(rx, &got));
	assert_int_equal(got.len, made.len + 4);
	for (uint32_t i = 0; i < got.len * 8; i++)
		crc = crc >> 1 ^ (((got.data[i / 8] >> (i % 8) ^ crc) & 1) != 0 ? 0xedb88320 : 0);
	/* What a frame with its own CRC leaves. */
	assert_int_equal(crc, 0xdebb20e3);
}

static void
test_short_is_padded(void **state)
{
	static const uint8_t zeros[18];
	struct rig *rig = *state;
	struct rx_ring *rx = rig_rx(rig, 0, &rig->nic->pf, RING);

	rx_give(rx, RING - 1);
	arrive(rig, 300);
	rig->wire->in[0].len = 42;
	rig_poll(rig);
	assert_true(rx_take(rx, &got));
	assert_int_equal(got.len, 60);
	assert_memory_equal(got.data, made.data, 42);
	assert_memory_equal(got.data + 42, zeros, sizeof(zeros));
}

static void
test_mac_limits(void **state)
{
	struct rig *rig = *state;
	struct rx_ring *rx = rig_rx(rig, 0, &rig->nic->pf, RING);
	struct frame bad = { .data = made.data, .len = 60, .from_wire = true, .bad_crc = true,
			     .source_pool = -1 };
	struct frame runt = { .data = made.data, .len = 59, .from_wire = true, .source_pool = -1 };

	rx_give(rx, RING - 1);
	frame_make(&(struct make){ .l4 = MAKE_UDP, .payload = 1514 - 42 }, &made);
	switch_from_wire(rig->nic, &runt);
	rig_arrives(rig, made.data, 1515);
	rig_arrives(rig, made.data, 1514);
	frame_make(&(struct make){ .l4 = MAKE_UDP, .payload = 1514 - 42, .tagged = true }, &made);
	rig_arrives(rig, made.data, 1518);
	rig_poll(rig);
	assert_int_equal(rx->q->packets, 2);
	assert_int_equal(rig->nic->stats.rx_undersize, 1);
	assert_int_equal(rig->nic->stats.rx_oversize, 1);
	assert_int_equal(rig->nic->stats.rx_total_packets, 3);
	rig->nic->filters.store_bad = true;
	switch_from_wire(rig->nic, &bad);
	assert_int_equal(rig->nic->stats.rx_crc_errors, 1);
	assert_true(rx_take(rx, &got) && rx_take(rx, &got) && rx_take(rx, &got));
	assert_true((got.status & RIG_ERROR_RXE) != 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(test_wrap, setup),
		RIG_TEST(test_causes_once_a_burst, setup),
		RIG_TEST(test_bursts_as_singles, setup),
		RIG_TEST(test_scatter, setup),
		RIG_TEST(test_scatter_needs_all, setup),
		RIG_TEST(test_drop_en, setup),
		RIG_TEST(test_head_of_line, setup),
		RIG_TEST(test_nobody_overtakes, setup),
		RIG_TEST(test_memory_churn, setup),
		RIG_TEST(test_drop_en_blocks_nobody, setup),
		RIG_TEST(test_memory_full, setup),
		RIG_TEST(test_vf_reset_unblocks, setup),
		RIG_TEST(test_fault_stops_only_its_function, setup),
		RIG_TEST(test_bad_tail, setup),
		RIG_TEST(test_disabled, setup),
		RIG_TEST(test_legacy, setup),
		RIG_TEST(test_split, setup),
		RIG_TEST(test_crc_kept, setup),
		RIG_TEST(test_short_is_padded, setup),
		RIG_TEST(test_mac_limits, setup),
	};

	return cmocka_run_group_tests_name("rx rings", tests, NULL, NULL);
}
