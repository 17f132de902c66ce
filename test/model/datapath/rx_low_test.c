/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/** @file When a ring's free descriptors are down to its threshold (RDMTS). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "frame_make.h"
#include "port_rig.h"

static struct made made;
static struct received got;

static int
setup(void **state)
{
	struct rig *rig = rig_create(NULL);

	rig_address(rig, 0, rig_mac(0), 0);
	frame_make(&(struct make){ .l4 = MAKE_UDP, .payload = 18 }, &made);
	*state = rig;
	return 0;
}

/* In one burst. @return how often the threshold was told of */
static unsigned int
arrive(struct rig *rig, unsigned int nb)
{
	unsigned int before = rig_causes.rx_low[0];

	for (unsigned int i = 0; i < nb; i++)
		rig_arrives(rig, made.data, made.len);
	rig_poll(rig);
	return rig_causes.rx_low[0] - before;
}

static void
take(struct rx_ring *rx, unsigned int nb)
{
	for (unsigned int i = 0; i < nb; i++)
		assert_true(rx_take(rx, &got));
	rx_give(rx, nb);
}

static void
edge_of(uint32_t nb_desc)
{
	struct rig *rig;
	struct rx_ring *rx;
	uint32_t free = nb_desc - 1;

	setup((void **)&rig);
	rx = rig_rx(rig, 0, &rig->nic->pf, nb_desc);
	rx->q->low_threshold = 16;
	rx_give(rx, free);
	while (--free > 16)
		assert_int_equal(arrive(rig, 1), 0);
	assert_int_equal(arrive(rig, 1), 1);
	/* Not again while it has not more than that, */
	assert_int_equal(arrive(rig, 1), 0);
	take(rx, 1);
	assert_int_equal(arrive(rig, 1), 0);
	/* and again from one above it. */
	take(rx, 3);
	assert_int_equal(arrive(rig, 1), 0);
	assert_int_equal(arrive(rig, 1), 1);
	rig_free(rig);
}

static void
test_edge(void **state)
{
	(void)state;
	edge_of(24);
	edge_of(64);
	edge_of(512);
	edge_of(4096);
}

static void
test_burst_passes_it(void **state)
{
	struct rig *rig = *state;
	struct rx_ring *rx = rig_rx(rig, 0, &rig->nic->pf, 64);
	unsigned int rx_before;

	rx->q->low_threshold = 16;
	rx_give(rx, 63);
	rx_before = rig_causes.rx[0];
	assert_int_equal(arrive(rig, 60), 1);
	assert_int_equal(rig_causes.rx[0] - rx_before, 1);
	/* All is given back, and goes in the next burst. */
	take(rx, 60);
	assert_int_equal(arrive(rig, 63), 1);
	/* None is free, and frames are dropped: that is no arrival. */
	assert_int_equal(arrive(rig, 10), 0);
}

static void
test_few_from_the_start(void **state)
{
	struct rig *rig = *state;
	struct rx_ring *rx = rig_rx(rig, 0, &rig->nic->pf, 64);

	rx->q->low_threshold = 16;
	rx_give(rx, 16);
	assert_int_equal(arrive(rig, 10), 0);
	rx_give(rx, 11);
	assert_int_equal(arrive(rig, 1), 1);
}

static void
test_off(void **state)
{
	struct rig *rig = *state;
	struct rx_ring *rx = rig_rx(rig, 0, &rig->nic->pf, 64);

	rx_give(rx, 63);
	assert_int_equal(arrive(rig, 63), 0);
	assert_int_equal(arrive(rig, 1), 0);
	take(rx, 63);
	assert_int_equal(arrive(rig, 63), 0);
}

/* A frame takes as many descriptors as it needs: the threshold need not be met exactly. */
static void
test_scatter_passes_it(void **state)
{
	struct rig *rig = *state;
	struct rx_ring *rx = rig_rx(rig, 0, &rig->nic->pf, 64);

	rx->q->low_threshold = 16;
	rx->q->buffer_bytes = 1024;
	rig->nic->port.max_frame = 0;
	nic_changed(rig->nic);
	rx_give(rx, 18);
	frame_make(&(struct make){ .l4 = MAKE_UDP, .payload = 3000 }, &made);
	assert_int_equal(arrive(rig, 1), 1);
	assert_int_equal(arrive(rig, 1), 0);
}

static struct rx_ring *given_while;
static const struct wire_ops *plain;

static unsigned int
give_and_recv(struct wire *wire, struct wire_frame *frame, unsigned int nb)
{
	if (rx_take(given_while, &got))
		rx_give(given_while, 40);
	return plain->recv(wire, frame, nb);
}

/* A burst uses up all that is free, software gives more, and the burst goes on. */
static void
test_refilled_meanwhile(void **state)
{
	struct wire_ops refill;
	struct rig *rig = *state;

	plain = rig->wire->wire.ops;
	refill = *plain;
	refill.recv = give_and_recv;
	rig->wire->wire.ops = &refill;
	given_while = rig_rx(rig, 0, &rig->nic->pf, 64);
	given_while->q->low_threshold = 16;
	rx_give(given_while, 20);
	assert_int_equal(arrive(rig, 64 + 6), 1);
	assert_int_equal(given_while->q->packets, 20 + 6);
	rig->wire->wire.ops = plain;
}

static void
test_vfs_apart(void **state)
{
	struct rig *rig = *state;
	struct rx_ring *low, *other;

	rig_virtualise(rig, 2);
	low = rig_rx(rig, 0, &rig->nic->vf[0], 64);
	other = rig_rx(rig, 2, &rig->nic->vf[1], 64);
	low->q->low_threshold = other->q->low_threshold = 16;
	rx_give(low, 63);
	rx_give(other, 63);
	for (unsigned int i = 0; i < 100; i++) {
		frame_make(&(struct make){ .dst = rig_mac(i % 2), .l4 = MAKE_UDP,
					   .payload = 18 }, &made);
		if (i % 2 == 0 || i < 20)
			rig_arrives(rig, made.data, made.len);
	}
	rig_poll(rig);
	assert_int_equal(low->q->packets, 50);
	assert_int_equal(rig_causes.rx_low[0], 1);
	assert_int_equal(other->q->packets, 10);
	assert_int_equal(rig_causes.rx_low[2], 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(test_edge, setup),
		RIG_TEST(test_burst_passes_it, setup),
		RIG_TEST(test_few_from_the_start, setup),
		RIG_TEST(test_off, setup),
		RIG_TEST(test_scatter_passes_it, setup),
		RIG_TEST(test_refilled_meanwhile, setup),
		RIG_TEST(test_vfs_apart, setup),
	};

	return cmocka_run_group_tests_name("rx low threshold", tests, NULL, NULL);
}
