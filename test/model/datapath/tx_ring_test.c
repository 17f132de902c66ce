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

static void
make(uint32_t payload)
{
	frame_make(&(struct make){ .dst = rig_mac(40), .l4 = MAKE_UDP, .payload = payload }, &made);
}

static void
assert_sent(struct rig *rig, unsigned int i, const uint8_t *data, uint32_t len)
{
	assert_true(i < rig->wire->nb_sent);
	assert_int_equal(rig->wire->sent[i].len, len);
	assert_memory_equal(rig->wire->sent[i].data, data, len);
}

static void
test_wrap(void **state)
{
	struct rig *rig = *state;
	struct tx_ring *tx = rig_tx(rig, 0, &rig->nic->pf, RING);
	uint64_t bytes = 0;

	for (unsigned int i = 0; i < 3 * RING; i++) {
		uint32_t at = tx->next;

		make(18 + i);
		bytes += made.len;
		tx_frame(tx, made.data, made.len);
		tx_bell(tx);
		rig_poll(rig);
		assert_sent(rig, i, made.data, made.len);
		assert_true(tx_done(tx, at));
	}
	assert_int_equal(tx->q->packets, 3 * RING);
	assert_int_equal(tx->q->bytes, bytes);
	assert_int_equal(tx->q->block[RING_HEAD], 3 * RING % RING);
	assert_int_equal(rig->nic->stats.tx_packets, 3 * RING);
	assert_int_equal(rig->nic->stats.tx_bytes, bytes + 3 * RING * 4);
	assert_int_equal(rig_causes.tx[0], 3 * RING);
	assert_int_equal(rig->nic->odd.bad_descriptors, 0);
}

static void
test_report_only_where_asked(void **state)
{
	struct rig *rig = *state;
	struct tx_ring *tx = rig_tx(rig, 0, &rig->nic->pf, RING);

	make(100);
	for (unsigned int i = 0; i < 6; i++)
		tx_put(tx, made.data, made.len, TXD_DATA | TXD_EOP | (i == 3 ? TXD_RS : 0),
		       made.len << 14);
	tx_bell(tx);
	rig_poll(rig);
	for (unsigned int i = 0; i < 6; i++)
		assert_int_equal(tx_done(tx, i), i == 3);
	assert_int_equal(rig->wire->nb_sent, 6);
	assert_int_equal(rig_causes.tx[0], 1);
	make(101);
	tx_put(tx, made.data, made.len, TXD_DATA | TXD_EOP, made.len << 14);
	tx_bell(tx);
	rig_poll(rig);
	assert_int_equal(rig_causes.tx[0], 1);
}

static void
test_head_write_back(void **state)
{
	struct rig *rig = *state;
	struct tx_ring *tx = rig_tx(rig, 0, &rig->nic->pf, RING);
	uint32_t *head = calloc(1, sizeof(*head));

	tx->q->head_writeback = (uintptr_t)head;
	make(100);
	for (unsigned int i = 0; i < 3; i++)
		tx_frame(tx, made.data, made.len);
	tx_bell(tx);
	rig_poll(rig);
	assert_int_equal(*head, 3);
	for (unsigned int i = 0; i < 3; i++)
		assert_false(tx_done(tx, i));
	free(head);
}

static void
test_segments(void **state)
{
	struct rig *rig = *state;
	struct tx_ring *tx = rig_tx(rig, 0, &rig->nic->pf, RING);
	uint32_t parts[] = { 14, 1, 200, 0, 300 }, at = 0;

	make(515 - 42);
	for (unsigned int i = 0; i < 5; i++) {
		tx_put(tx, made.data + at, parts[i],
		       TXD_DATA | (i == 4 ? TXD_EOP | TXD_RS : 0), made.len << 14);
		at += parts[i];
		/* Nothing is sent before the last one is there. */
		tx_bell(tx);
		rig_poll(rig);
		assert_int_equal(rig->wire->nb_sent, i == 4);
	}
	assert_sent(rig, 0, made.data, made.len);
	assert_true(tx_done(tx, 4));
	assert_false(tx_done(tx, 0));
	assert_int_equal(tx->q->block[RING_HEAD], 5);
}

static void
test_beyond_the_tail(void **state)
{
	struct rig *rig = *state;
	struct tx_ring *tx = rig_tx(rig, 0, &rig->nic->pf, RING);

	make(100);
	tx_frame(tx, made.data, made.len);
	tx_bell(tx);
	/* Would be a fault, were it read. */
	tx_put_raw(tx, 8, TXD_DATA | TXD_EOP | TXD_RS | 100 | (uint64_t)100 << 46);
	rig_poll(rig);
	assert_int_equal(rig->wire->nb_sent, 1);
	assert_int_equal(rig->nic->pf.dma_faults, 0);
	tx_bell(tx);
	rig_poll(rig);
	assert_int_equal(rig->nic->pf.dma_faults, 1);
	assert_true(rig->nic->pf.stopped);
	assert_int_equal(rig->wire->nb_sent, 1);
}

static void
test_fault_stops_only_its_function(void **state)
{
	struct rig *rig = *state;
	struct tx_ring *bad, *good;

	rig_virtualise(rig, 2);
	bad = rig_tx(rig, 0, &rig->nic->vf[0], RING);
	good = rig_tx(rig, 2, &rig->nic->vf[1], RING);
	rig->nic->vf[0].dma.identity = false;
	assert_int_equal(dma_map(&rig->nic->vf[0].dma, (uintptr_t)bad->desc, RING * 16,
				 bad->desc), 0);
	make(100);
	tx_frame(bad, made.data, made.len);
	tx_bell(bad);
	tx_frame(good, made.data, made.len);
	tx_bell(good);
	rig_poll(rig);
	rig_poll(rig);
	assert_true(rig->nic->vf[0].stopped);
	assert_int_equal(rig->nic->vf[0].dma_faults, 1);
	assert_false(tx_done(bad, 0));
	assert_true(tx_done(good, 0));
	assert_int_equal(rig->wire->nb_sent, 1);
}

static void
test_budget(void **state)
{
	struct rig *rig = *state;
	struct tx_ring *tx = rig_tx(rig, 0, &rig->nic->pf, RING);

	make(100);
	for (unsigned int i = 0; i < 20; i++)
		tx_frame(tx, made.data, made.len);
	tx_bell(tx);
	assert_int_equal(tx_queue_run(rig->nic, tx->q, 7), 7);
	assert_int_equal(rig->wire->nb_sent, 7);
	assert_int_equal(tx_queue_run(rig->nic, tx->q, 100), 13);
	assert_int_equal(tx_queue_run(rig->nic, tx->q, 100), 0);
}

static void
test_gates(void **state)
{
	struct rig *rig = *state;
	struct tx_ring *tx;

	rig_virtualise(rig, 2);
	tx = rig_tx(rig, 0, &rig->nic->vf[0], RING);
	make(100);
	tx_frame(tx, made.data, made.len);
	tx_bell(tx);
	rig->nic->pool[0].tx_enabled = false;
	rig_poll(rig);
	rig->nic->pool[0].tx_enabled = true;
	rig->nic->port.tx_enabled = false;
	rig_poll(rig);
	rig->nic->port.tx_enabled = true;
	tx->q->block[RING_CONTROL] = 0;
	rig_poll(rig);
	tx->q->block[RING_CONTROL] = RING_ENABLE;
	rig->nic->vf[0].bus_master = false;
	rig_poll(rig);
	assert_int_equal(rig->wire->nb_sent, 0);
	rig->nic->vf[0].bus_master = true;
	rig_poll(rig);
	assert_int_equal(rig->wire->nb_sent, 1);
}

/* What hardware would choke on. */
static const struct {
	const char *what;
	uint64_t high;
} malformed[] = {
	{ "a type that is none", TXD_DEXT | 5u << 20 | TXD_EOP | 100 | (uint64_t)100 << 46 },
	{ "no bytes", TXD_DATA | TXD_EOP },
	{ "less than an Ethernet header", TXD_DATA | TXD_EOP | 13 | (uint64_t)13 << 46 },
	{ "longer than any frame", TXD_DATA | TXD_EOP | 16385 | (uint64_t)16385 << 46 },
	{ "PAYLEN that is not the length", TXD_DATA | TXD_EOP | 100 | (uint64_t)99 << 46 },
	{ "a tag from no context", TXD_DATA | TXD_EOP | TXD_VLE | 100 | (uint64_t)100 << 46 },
	{ "a checksum without a context", TXD_DATA | TXD_EOP | 100 |
	  (uint64_t)(STA_TXSM | 100 << 14) << 32 },
	{ "segments without a context", TXD_DATA | TXD_EOP | TXD_TSE | 100 |
	  (uint64_t)46 << 46 },
	{ "a legacy sum outside the frame", TXD_EOP | TXD_IC | 200u << 16 | 100 },
};

static void
put_malformed(struct tx_ring *tx, size_t i)
{
	static uint8_t buffer[RIG_FRAME_BYTES + 64];

	tx_put_raw(tx, (uintptr_t)buffer, malformed[i].high | TXD_RS);
}

static void
test_malformed_are_skipped(void **state)
{
	struct rig *rig = *state;
	struct tx_ring *tx = rig_tx(rig, 0, &rig->nic->pf, RING);
	size_t nb = sizeof(malformed) / sizeof(malformed[0]);

	make(100);
	for (size_t i = 0; i < nb; i++) {
		put_malformed(tx, i);
		tx_frame(tx, made.data, made.len);
		tx_bell(tx);
		rig_poll(rig);
		if (rig->nic->odd.bad_descriptors != i + 1 || rig->wire->nb_sent != i + 1)
			fail_msg("%s: not seen, or more than it was lost", malformed[i].what);
		assert_sent(rig, (unsigned int)i, made.data, made.len);
	}
	assert_int_equal(tx->q->drops, nb);
	assert_false(tx->q->stuck);
	assert_int_equal(rig_causes.mdd_tx, 0);
}

static void
test_malformed_stop_the_queue(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++) {
		struct rig *rig = rig_create(NULL);
		struct tx_ring *bad = rig_tx(rig, 0, &rig->nic->pf, RING);
		struct tx_ring *good = rig_tx(rig, 2, &rig->nic->pf, RING);

		rig->nic->port.mdd_tx = true;
		nic_changed(rig->nic);
		make(100);
		put_malformed(bad, i);
		tx_frame(bad, made.data, made.len);
		tx_bell(bad);
		tx_frame(good, made.data, made.len);
		tx_bell(good);
		rig_poll(rig);
		rig_poll(rig);
		if (!bad->q->stuck || rig_causes.mdd_tx != 1 || rig->wire->nb_sent != 1)
			fail_msg("%s: did not stop its queue, once, alone", malformed[i].what);
		assert_true(tx_done(good, 0));
		rig_free(rig);
	}
}

static void
test_too_many_segments(void **state)
{
	struct rig *rig = *state;
	struct tx_ring *tx = rig_tx(rig, 0, &rig->nic->pf, 128);

	rig->family.tx_segments_max = 40;
	make(1000);
	for (unsigned int nb = 40; nb <= 41; nb++) {
		for (unsigned int i = 0; i < nb; i++)
			tx_put(tx, made.data + i, i == 0 ? 1000 : 1,
			       TXD_DATA | (i == nb - 1 ? TXD_EOP : 0), (1000 + nb - 1) << 14);
		tx_bell(tx);
		rig_poll(rig);
		assert_int_equal(rig->wire->nb_sent, 1);
	}
	assert_true(rig->nic->odd.bad_descriptors >= 1);
}

static void
test_bad_tail(void **state)
{
	struct rig *rig = *state;
	struct tx_ring *tx = rig_tx(rig, 0, &rig->nic->pf, RING);

	make(100);
	tx_frame(tx, made.data, made.len);
	tx->q->block[RING_TAIL] = RING;
	rig_poll(rig);
	rig_poll(rig);
	assert_int_equal(rig->nic->odd.bad_descriptors, 1);
	assert_int_equal(rig->wire->nb_sent, 0);
	tx_bell(tx);
	rig_poll(rig);
	assert_int_equal(rig->wire->nb_sent, 1);
	rig->nic->port.mdd_tx = true;
	tx->q->block[RING_TAIL] = 0xffffffff;
	rig_poll(rig);
	assert_true(tx->q->stuck);
	assert_int_equal(rig_causes.mdd_tx, 1);
}

static void
test_context_check(void **state)
{
	static const struct tx_context context = { .mac_len = 14, .l4_type = 3 };
	struct rig *rig = *state;
	struct tx_ring *tx;

	rig->family.context_check = true;
	rig_virtualise(rig, 2);
	tx = rig_tx(rig, 0, &rig->nic->vf[0], RING);
	frame_make(&(struct make){ .src = rig_mac(0), .l4 = MAKE_UDP, .payload = 100 }, &made);
	/* Nobody looks for malicious drivers: it may do without, whatever else is checked. */
	rig->nic->pool[0].spoof_mac = true;
	nic_changed(rig->nic);
	tx_frame(tx, made.data, made.len);
	tx_bell(tx);
	rig_poll(rig);
	assert_int_equal(tx->q->packets, 1);
	/* CC, but of a context that was never written. */
	tx_put(tx, made.data, made.len, TXD_DATA | TXD_EOP, STA_CC | made.len << 14);
	tx_bell(tx);
	rig_poll(rig);
	assert_int_equal(tx->q->packets, 1);
	assert_int_equal(rig->nic->odd.bad_descriptors, 1);
	rig->nic->port.mdd_tx = true;
	tx_put_context(tx, &context, 0);
	tx_put(tx, made.data, made.len, TXD_DATA | TXD_EOP, STA_CC | made.len << 14);
	tx_bell(tx);
	rig_poll(rig);
	assert_int_equal(tx->q->packets, 2);
	tx_frame(tx, made.data, made.len);
	tx_bell(tx);
	rig_poll(rig);
	assert_int_equal(tx->q->packets, 2);
	assert_true(tx->q->stuck);
}

/* 1000 bytes at 8 Mbit/s take 1 ms. */
static void
test_rate_limit(void **state)
{
	struct rig *rig = *state;
	struct tx_ring *tx = rig_tx(rig, 0, &rig->nic->pf, RING);

	rig->nic->clock.now_ns = 5000000000;
	tx->q->rate.bits_per_s = 8000000;
	make(996 - 42);
	for (unsigned int i = 0; i < 10; i++)
		tx_frame(tx, made.data, made.len);
	tx_bell(tx);
	for (unsigned int ms = 0; ms < 5; ms++) {
		rig_poll(rig);
		assert_int_equal(rig->wire->nb_sent, ms + 1);
		assert_int_equal(nic_next_event_ns(rig->nic), 5000000000 + (ms + 1) * 1000000);
		rig->nic->clock.now_ns += 999999;
		rig_poll(rig);
		assert_int_equal(rig->wire->nb_sent, ms + 1);
		rig->nic->clock.now_ns += 1;
	}
	/* A late poll is made up for, a long pause is not. */
	rig->nic->clock.now_ns += 100000000;
	rig_poll(rig);
	assert_int_equal(rig->wire->nb_sent, 7);
	for (unsigned int i = 0; i < 10; i++) {
		rig->nic->clock.now_ns += 10000000;
		rig_poll(rig);
	}
	assert_int_equal(rig->wire->nb_sent, 10);
	rig_poll(rig);
	assert_true(nic_next_event_ns(rig->nic) == UINT64_MAX);
	tx->q->rate.bits_per_s = 0;
	for (unsigned int i = 0; i < 10; i++)
		tx_frame(tx, made.data, made.len);
	tx_bell(tx);
	rig_poll(rig);
	assert_int_equal(rig->wire->nb_sent, 20);
}

static void
test_no_link(void **state)
{
	struct rig *rig = *state;
	struct tx_ring *tx = rig_tx(rig, 0, &rig->nic->pf, RING);

	rig->nic->port.link_up = false;
	nic_changed(rig->nic);
	make(100);
	tx_frame(tx, made.data, made.len);
	tx_bell(tx);
	rig_poll(rig);
	assert_int_equal(rig->wire->nb_sent, 0);
	assert_int_equal(rig->nic->stats.tx_packets, 0);
	assert_true(tx_done(tx, 0));
}

/* Stopped in the midst of a burst in which every descriptor wants a report. */
static void
test_stopped_in_a_burst(void **state)
{
	struct rig *rig = *state;
	struct tx_ring *tx = rig_tx(rig, 0, &rig->nic->vf[0], 128);
	struct rx_ring *rx = rig_rx(rig, 0, &rig->nic->vf[0], 64);

	rig_virtualise(rig, 1);
	rig->nic->filters.self_loopback = 0x1;
	nic_changed(rig->nic);
	rx_give(rx, 63);
	rx->desc[2 * 20] = 0;	/* nothing is there */
	frame_make(&(struct make){ .dst = rig_mac(0), .src = rig_mac(0), .l4 = MAKE_UDP }, &made);
	for (unsigned int i = 0; i < 127; i++)
		tx_frame(tx, made.data, made.len);
	tx_bell(tx);
	rig_poll(rig);
	assert_true(rig->nic->vf[0].stopped);
	assert_int_equal(rx->q->packets, 20);
	assert_false(tx_done(tx, 126));
	rig_poll(rig);
	assert_int_equal(rx->q->packets, 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(test_wrap, rig_setup),
		RIG_TEST(test_report_only_where_asked, rig_setup),
		RIG_TEST(test_head_write_back, rig_setup),
		RIG_TEST(test_segments, rig_setup),
		RIG_TEST(test_beyond_the_tail, rig_setup),
		RIG_TEST(test_fault_stops_only_its_function, rig_setup),
		RIG_TEST(test_stopped_in_a_burst, rig_setup),
		RIG_TEST(test_budget, rig_setup),
		RIG_TEST(test_gates, rig_setup),
		RIG_TEST(test_malformed_are_skipped, rig_setup),
		cmocka_unit_test(test_malformed_stop_the_queue),
		RIG_TEST(test_too_many_segments, rig_setup),
		RIG_TEST(test_bad_tail, rig_setup),
		RIG_TEST(test_context_check, rig_setup),
		RIG_TEST(test_rate_limit, rig_setup),
		RIG_TEST(test_no_link, rig_setup),
	};

	return cmocka_run_group_tests_name("tx rings", tests, NULL, NULL);
}
