/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What the PF can hold its VFs to besides filters, told by the frames that arrive.
 *
 * usage: policy_test PLUGIN,PLUGIN FAMILY
 *
 * Nothing fails for being slow: a limit is a bound on what arrives in the time that went by.
 */
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include <rte_cycles.h>
#include <rte_ethdev.h>

#include "policy_rig.h"
#include "rte_pmd_sluice.h"

#define CRC_BYTES	 4
#define RATE_MBPS	 20
#define RATE_FRAMES	 48
#define RATE_BYTES	 1000
#define STORM_KBPS	 64
#define STORM_BYTES	 832	/* of a tenth of a second: 13 units of 64 */
#define STORM_FRAMES	 64
#define FLOOR_US	 100
#define CEILING_US	 400
#define INTERVAL(us)	 ((us) << 2)
#define INTERVAL_OF(reg) ((reg) >> 2 & 0x1fff)
#define SPOOFED_FRAMES	 3
#define PATIENCE_MS	 20000

static const struct rte_ether_addr broadcast = { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };
static const struct rte_ether_addr nobody = { { 0x02, 0x99, 0, 0, 0, 1 } };

static uint64_t
now_us(void)
{
	return rte_get_timer_cycles() * 1000000 / rte_get_timer_hz();
}

/* --- Tx rate --- */

static struct frames
rated(uint16_t queue)
{
	return (struct frames){ .from = VF1, .queue = queue, .dst = rig_mac(VF0),
				.bytes = RATE_BYTES, .nb = RATE_FRAMES };
}

/** Send over each of the queues. @return the rate at which all of it arrived, in kbit/s */
static uint64_t
measure_kbps(uint16_t queues)
{
	uint64_t bits = 0, start, us;

	rig_receive(VF0);
	start = now_us();
	for (uint16_t q = 0; q < queues; q++) {
		struct frames frames = rated(q);

		assert_int_equal(rig_send(&frames), RATE_FRAMES);
		/* A queue's first frame need not wait. */
		bits += (RATE_FRAMES - 1) * (RATE_BYTES + CRC_BYTES) * 8;
	}
	assert_int_equal(rig_await(VF0, queues * RATE_FRAMES), queues * RATE_FRAMES);
	us = now_us() - start;
	return bits * 1000 / RTE_MAX(us, 1u);
}

static void
assert_no_limit(void)
{
	struct frames frames = rated(0);

	assert_int_equal(rig_pass(&frames, VF0), RATE_FRAMES);
}

/* cmocka's assert_in_range() has another name from release to release. */
static bool
between(uint64_t value, uint64_t low, uint64_t high)
{
	return value >= low && value <= high;
}

static void
a_rate_is_kept(void **state)
{
	uint16_t pf = rig_port(PF);

	(void)state;
	assert_no_limit();
	assert_int_equal(rte_pmd_sluice_pool_set_tx_rate(pf, NB_PORTS - 1, 0), -EINVAL);
	assert_int_equal(rte_pmd_sluice_pool_set_tx_rate(pf, 1, 0), 0);
	if (family->min_rate == 0) {
		assert_int_equal(rte_pmd_sluice_pool_set_tx_rate(pf, 1, RATE_MBPS), -ENOTSUP);
		assert_no_limit();
		return;
	}
	assert_int_equal(rte_pmd_sluice_pool_set_tx_rate(pf, 1, family->mbps + 1), -ERANGE);
	if (family->min_rate > 1)
		assert_int_equal(rte_pmd_sluice_pool_set_tx_rate(pf, 1, family->min_rate - 1),
				 -ERANGE);
	assert_int_equal(rte_pmd_sluice_pool_set_tx_rate(pf, 1, RATE_MBPS), 0);
	assert_true(between(measure_kbps(1), 1, RATE_MBPS * 1000 + 500));
	/* Neighbours are not held up. */
	assert_true(rig_one(VF2, VF0));
	assert_int_equal(rte_pmd_sluice_pool_set_tx_rate(pf, 1, family->mbps), 0);
	assert_no_limit();
}

/** All queues together, whenever they were started. */
static void
a_rate_is_of_all_queues(void **state)
{
	uint16_t pf = rig_port(PF);

	(void)state;
	if (family->min_rate == 0 || !family->two_queues)
		return;
	assert_int_equal(rte_eth_dev_stop(rig_port(VF1)), 0);
	assert_int_equal(rig_start(VF1, 2), 0);
	rig_wait_for_path(VF1, VF0);
	assert_int_equal(rte_pmd_sluice_pool_set_tx_rate(pf, 1, RATE_MBPS), 0);
	assert_true(between(measure_kbps(2), 1, RATE_MBPS * 1000 + 500));
	assert_int_equal(rte_eth_dev_tx_queue_stop(rig_port(VF1), 1), 0);
	rig_poll();
	assert_true(between(measure_kbps(1), 1, RATE_MBPS * 1000 + 500));
	assert_int_equal(rte_eth_dev_tx_queue_start(rig_port(VF1), 1), 0);
	rig_poll();
	assert_true(between(measure_kbps(2), 1, RATE_MBPS * 1000 + 500));
}

static void
a_reset_ends_the_rate(void **state)
{
	(void)state;
	if (family->min_rate != 0)
		assert_int_equal(rte_pmd_sluice_pool_set_tx_rate(rig_port(PF), 1, RATE_MBPS), 0);
	rig_restart(VF1);
	rig_wait_for_path(VF1, VF0);
	assert_no_limit();
}

/* --- Mirrors --- */

static void
a_mirror_shows_what_arrives(void **state)
{
	const struct frames out = { .from = VF1, .dst = &nobody, .nb = 1 };
	uint16_t pf = rig_port(PF);

	(void)state;
	assert_int_equal(rte_pmd_sluice_pool_set_mirror(pf, 1, 1), -EINVAL);
	assert_int_equal(rte_pmd_sluice_pool_set_mirror(pf, 1, NB_PORTS - 1), -EINVAL);
	assert_int_equal(rte_pmd_sluice_pool_set_mirror(pf, 1, RTE_PMD_SLUICE_MIRROR_PF), 0);
	rig_receive(PF);
	assert_true(rig_one(VF2, VF1));
	assert_int_equal(rig_receive(PF), 1);
	assert_true(rig_one(VF2, VF3));
	assert_int_equal(rig_receive(PF), 0);
	/* What it sends is nobody's who does not receive it. */
	assert_int_equal(rig_pass(&out, PF), 0);
	/* Elsewhere now, and not there any more. */
	assert_int_equal(rte_pmd_sluice_pool_set_mirror(pf, 1, 4), 0);
	rig_receive(VF4);
	assert_true(rig_one(VF2, VF1));
	assert_int_equal(rig_receive(PF), 0);
	assert_int_equal(rig_receive(VF4), 1);
	assert_int_equal(rte_pmd_sluice_pool_set_mirror(pf, 1, RTE_PMD_SLUICE_MIRROR_NONE), 0);
	assert_true(rig_one(VF2, VF1));
	assert_int_equal(rig_receive(VF4), 0);
}

static void
set_mirror(uint16_t vf, uint16_t to, int expected)
{
	assert_int_equal(rte_pmd_sluice_pool_set_mirror(rig_port(PF), vf, to), expected);
}

/** Who looks on at several needs one rule. */
static void
four_may_look_on(void **state)
{
	const uint16_t none = RTE_PMD_SLUICE_MIRROR_NONE;

	(void)state;
	set_mirror(0, RTE_PMD_SLUICE_MIRROR_PF, 0);
	set_mirror(1, 2, 0);
	set_mirror(2, 3, 0);
	set_mirror(3, 4, 0);
	set_mirror(4, 0, -ENOSPC);
	set_mirror(4, RTE_PMD_SLUICE_MIRROR_PF, 0);
	rig_receive(PF);
	assert_true(rig_one(VF2, VF0) && rig_one(VF2, VF4));
	assert_int_equal(rig_receive(PF), 2);
	/* VF 4 was refused nothing that it had. */
	set_mirror(4, 0, -ENOSPC);
	assert_true(rig_one(VF2, VF4));
	assert_int_equal(rig_receive(PF), 1);
	/* Its own rule goes with it, if it was alone there. */
	set_mirror(3, 1, 0);
	set_mirror(1, none, 0);
	set_mirror(4, 0, 0);
	rig_receive(VF0);
	assert_true(rig_one(VF2, VF4));
	assert_int_equal(rig_receive(PF), 0);
	assert_int_equal(rig_receive(VF0), 1);
	for (uint16_t vf = 0; vf < NB_PORTS - 1; vf++)
		set_mirror(vf, none, 0);
	assert_true(rig_one(VF2, VF0));
	assert_int_equal(rig_receive(PF), 0);
}

static void
a_reset_ends_the_mirror(void **state)
{
	(void)state;
	set_mirror(1, RTE_PMD_SLUICE_MIRROR_PF, 0);
	set_mirror(2, 1, 0);
	rig_restart(VF1);
	rig_wait_for_path(VF2, VF1);
	rig_receive(PF);
	assert_true(rig_one(VF2, VF1));
	assert_int_equal(rig_receive(PF), 0);
	/* It is not VF 1's setting that VF 1 looks on. */
	assert_true(rig_one(VF3, VF2));
	assert_int_equal(rig_receive(VF1), 1);
	set_mirror(2, RTE_PMD_SLUICE_MIRROR_NONE, 0);
}

/* --- Full rings --- */

static void
fill_ring(unsigned int which)
{
	const struct frames frames = { .from = VF1, .dst = rig_mac(which), .nb = RING + 8 };

	assert_int_equal(rig_send(&frames), RING + 8);
}

static void
a_full_ring_drops(void **state)
{
	(void)state;
	rig_receive(VF0);
	fill_ring(VF0);
	assert_true(rig_one(VF1, VF2));
	assert_true(between(rig_receive(VF0), RING / 2, RING));
}

/** The VF must not drop by itself, as our driver has it do. */
static void
a_full_ring_may_block(void **state)
{
	volatile uint32_t *control = rig_register(VF0, family->drop_register);
	const struct frames next = { .from = VF1, .dst = rig_mac(VF2), .nb = 1 };
	uint16_t pf = rig_port(PF);

	(void)state;
	*control &= ~family->drop_bit;
	fill_ring(VF0);
	assert_true(rig_one(VF1, VF2));
	rig_receive(VF0);

	assert_int_equal(rte_pmd_sluice_pool_set_drop(pf, 0, false), 0);
	fill_ring(VF0);
	assert_int_equal(rig_pass(&next, VF2), 0);
	assert_int_equal(rig_await(VF0, RING + 8), RING + 8);
	assert_int_equal(rig_await(VF2, 1), 1);

	/* It is the operator's to end that. */
	fill_ring(VF0);
	assert_int_equal(rig_pass(&next, VF2), 0);
	assert_int_equal(rte_pmd_sluice_pool_set_drop(pf, 0, true), 0);
	assert_int_equal(rig_await(VF2, 1), 1);
	assert_true(between(rig_receive(VF0), RING / 2, RING));

	assert_int_equal(rte_pmd_sluice_pool_set_drop(pf, 0, false), 0);
	rig_restart(VF0);
	rig_wait_for_path(VF1, VF0);
	*control &= ~family->drop_bit;
	a_full_ring_drops(state);
}

/* --- Interrupts --- */

/** A poll puts it right, or whoever it meets. */
static void
await_interval(const volatile uint32_t *vector, uint32_t us)
{
	rig_poll();
	for (unsigned int i = 0; i < PATIENCE_MS && INTERVAL_OF(*vector) != us; i++) {
		rte_delay_us_sleep(1000);
		rig_poll();
	}
	assert_int_equal(INTERVAL_OF(*vector), us);
}

static void
intervals_are_kept(void **state)
{
	volatile uint32_t *vector;
	uint16_t pf = rig_port(PF);

	(void)state;
	assert_int_equal(rte_pmd_sluice_pool_limit_interrupts(pf, 1, 0, 0), 0);
	if (family->throttle == 0) {
		assert_int_equal(rte_pmd_sluice_pool_limit_interrupts(pf, 1, FLOOR_US, 0),
				 -ENOTSUP);
		return;
	}
	assert_int_equal(rte_pmd_sluice_pool_limit_interrupts(pf, 1, 8192, 0), -ERANGE);
	assert_int_equal(rte_pmd_sluice_pool_limit_interrupts(pf, 1, 0, 8192), -ERANGE);
	assert_int_equal(rte_pmd_sluice_pool_limit_interrupts(pf, 1, 2, 1), -EINVAL);
	for (unsigned int v = 0; v < 3; v++) {
		volatile uint32_t *neighbour = rig_register(VF2, family->throttle + 4 * v);

		vector = rig_register(VF1, family->throttle + 4 * v);
		*vector = *neighbour = INTERVAL(0);
		assert_int_equal(rte_pmd_sluice_pool_limit_interrupts(pf, 1, FLOOR_US, CEILING_US),
				 0);
		assert_int_equal(INTERVAL_OF(*vector), FLOOR_US);
		assert_int_equal(INTERVAL_OF(*neighbour), 0);
		*vector = INTERVAL(2 * CEILING_US);
		await_interval(vector, CEILING_US);
		*vector = INTERVAL(FLOOR_US + 1);
		await_interval(vector, FLOOR_US + 1);
		assert_int_equal(rte_pmd_sluice_pool_limit_interrupts(pf, 1, 0, 0), 0);
		*vector = INTERVAL(0);
		await_interval(vector, 0);
	}
	assert_int_equal(rte_pmd_sluice_pool_limit_interrupts(pf, 1, FLOOR_US, 0), 0);
	rig_restart(VF1);
	rig_wait_for_path(VF1, VF0);
	*vector = INTERVAL(0);
	await_interval(vector, 0);
}

/* --- The switch --- */

static void
assert_leaves_by_the_wire(unsigned int from, unsigned int to)
{
	uint64_t before = rig_xstat("port_tx_good_packets");

	for (unsigned int i = 0; i < PATIENCE_MS; i++) {
		assert_false(rig_one(from, to));
		if (rig_xstat("port_tx_good_packets") == before + 1)
			return;
		rte_delay_us_sleep(1000);
	}
	fail_msg("port %u sends nothing", from);
}

static void
neighbours_meet_inside_or_not(void **state)
{
	uint64_t before;

	(void)state;
	assert_int_equal(rte_pmd_sluice_loopback(rig_port(PF), false), 0);
	assert_leaves_by_the_wire(VF1, VF0);
	assert_leaves_by_the_wire(PF, VF0);
	assert_int_equal(rte_pmd_sluice_loopback(rig_port(PF), true), 0);
	before = rig_xstat("port_tx_good_packets");
	assert_true(rig_one(VF1, VF0));
	assert_int_equal(rig_xstat("port_tx_good_packets") - before, 0);
}

static void
assert_storm_is_limited(void)
{
	const struct frames frames = { .from = VF1, .dst = &broadcast, .nb = STORM_FRAMES };
	uint64_t start = now_us(), passed, windows;

	passed = rig_pass(&frames, VF0);
	windows = (now_us() - start) / 100000 + 2;
	assert_true(passed <= windows * (STORM_BYTES / (BYTES_MIN + CRC_BYTES)));
}

static void
a_storm_is_limited(void **state)
{
	const struct frames storm = { .from = VF1, .dst = &broadcast, .nb = STORM_FRAMES };
	const struct frames calm = { .from = VF1, .dst = rig_mac(VF0), .nb = STORM_FRAMES };
	uint16_t pf = rig_port(PF);

	(void)state;
	assert_int_equal(rig_pass(&storm, VF0), STORM_FRAMES);
	assert_int_equal(rte_pmd_sluice_storm_control(pf, 0, 0), 0);
	if (!family->storm_control) {
		assert_int_equal(rte_pmd_sluice_storm_control(pf, STORM_KBPS, 0), -ENOTSUP);
		return;
	}
	assert_int_equal(rte_pmd_sluice_storm_control(pf, 1000001, 0), -ERANGE);
	assert_int_equal(rte_pmd_sluice_storm_control(pf, 0, STORM_KBPS), 0);
	assert_int_equal(rig_pass(&storm, VF0), STORM_FRAMES);
	assert_int_equal(rte_pmd_sluice_storm_control(pf, STORM_KBPS, 0), 0);
	assert_storm_is_limited();
	assert_int_equal(rig_pass(&calm, VF0), STORM_FRAMES);
	assert_int_equal(rte_pmd_sluice_storm_control(pf, 0, 0), 0);
	assert_int_equal(rig_pass(&storm, VF0), STORM_FRAMES);
}

/* --- What is not a VF's to send --- */

static void
control_frames_are_refused(void **state)
{
	static const uint16_t etypes[] = { 0x8808, RTE_ETHER_TYPE_LLDP };
	uint64_t before = rig_xstat("port_tx_spoofed_packets");

	(void)state;
	for (size_t i = 0; i < RTE_DIM(etypes); i++) {
		struct frames frames = { .from = VF1, .dst = rig_mac(VF0), .etype = etypes[i],
					 .nb = 1 };

		assert_int_equal(rig_pass(&frames, VF0), !family->refuses_pause);
		frames.from = PF;
		assert_int_equal(rig_pass(&frames, VF0), 1);
	}
	assert_int_equal(rig_xstat("port_tx_spoofed_packets") - before,
			 family->refuses_pause ? RTE_DIM(etypes) : 0);
}

static uint64_t
spoofed_by(uint16_t vf)
{
	struct rte_pmd_sluice_pool_stats stats;

	assert_int_equal(rte_pmd_sluice_pool_stats(rig_port(PF), vf, &stats), 0);
	return stats.spoofed;
}

/** Who polls may find that another thread is at it. */
static void
await_spoofed(uint16_t vf, uint64_t expected)
{
	rig_poll();
	for (unsigned int i = 0; i < PATIENCE_MS && spoofed_by(vf) < expected; i++) {
		rte_delay_us_sleep(1000);
		rig_poll();
	}
	assert_int_equal(spoofed_by(vf), expected);
}

static void
spoofers_are_told(void **state)
{
	const struct frames frames = { .from = VF1, .dst = rig_mac(VF0), .src = &nobody,
				       .nb = SPOOFED_FRAMES };
	uint64_t before = rig_xstat("port_tx_spoofed_packets"), told;

	(void)state;
	assert_int_equal(rte_pmd_sluice_pool_set_spoof_check(rig_port(PF), 1, true), 0);
	rig_poll();
	told = spoofed_by(1);
	for (unsigned int times = 1; times <= 2; times++) {
		assert_int_equal(rig_pass(&frames, VF0), 0);
		await_spoofed(1, told + times * family->tells_spoofers);
	}
	assert_int_equal(spoofed_by(2), 0);
	assert_int_equal(rig_xstat("vf1_seen_spoofing"), spoofed_by(1));
	assert_int_equal(rig_xstat("port_tx_spoofed_packets") - before, 2 * SPOOFED_FRAMES);
	assert_int_equal(rte_pmd_sluice_pool_set_spoof_check(rig_port(PF), 1, false), 0);
	assert_int_equal(rig_pass(&frames, VF0), SPOOFED_FRAMES);
}

/* --- The PF's own reset --- */

/** What is the port's stays, what is a pool's goes: whoever serves the VFs is told of that. */
static void
after_a_reset_of_the_pf(void **state)
{
	uint16_t pf = rig_port(PF);

	(void)state;
	if (family->min_rate != 0)
		assert_int_equal(rte_pmd_sluice_pool_set_tx_rate(pf, 1, RATE_MBPS), 0);
	set_mirror(0, RTE_PMD_SLUICE_MIRROR_PF, 0);
	assert_int_equal(rte_pmd_sluice_loopback(pf, false), 0);
	if (family->storm_control)
		assert_int_equal(rte_pmd_sluice_storm_control(pf, STORM_KBPS, 0), 0);
	rig_restart(PF);
	for (unsigned int vf = VF0; vf <= VF2; vf++)
		rig_restart(vf);
	assert_leaves_by_the_wire(VF1, VF0);
	assert_int_equal(rte_pmd_sluice_loopback(pf, true), 0);
	rig_wait_for_path(VF1, VF0);
	rig_wait_for_path(VF2, VF0);
	if (family->storm_control)
		assert_storm_is_limited();
	assert_int_equal(rte_pmd_sluice_storm_control(pf, 0, 0), 0);
	rig_receive(PF);
	assert_no_limit();
	assert_int_equal(rig_receive(PF), 0);
}

static int
start_all(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < NB_PORTS; i++)
		if (rig_start(i, 1) < 0)
			return -1;
	return 0;
}

static void
all_ports_meet(void **state)
{
	(void)state;
	for (unsigned int i = VF0; i < NB_PORTS; i++) {
		rig_wait_for_path(PF, i);
		rig_wait_for_path(i, PF);
	}
}

int
main(int argc, char *argv[])
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_ports_meet),
		cmocka_unit_test(a_rate_is_kept),
		cmocka_unit_test(a_rate_is_of_all_queues),
		cmocka_unit_test(a_reset_ends_the_rate),
		cmocka_unit_test(a_mirror_shows_what_arrives),
		cmocka_unit_test(four_may_look_on),
		cmocka_unit_test(a_reset_ends_the_mirror),
		cmocka_unit_test(a_full_ring_drops),
		cmocka_unit_test(a_full_ring_may_block),
		cmocka_unit_test(intervals_are_kept),
		cmocka_unit_test(neighbours_meet_inside_or_not),
		cmocka_unit_test(a_storm_is_limited),
		cmocka_unit_test(control_frames_are_refused),
		cmocka_unit_test(spoofers_are_told),
		cmocka_unit_test(after_a_reset_of_the_pf),
	};
	int failed;

	if (argc != 3 || rig_open(argv[1], argv[2]) < 0) {
		fprintf(stderr, "usage: %s PLUGINS FAMILY\n", argv[0]);
		return 64;
	}
	failed = cmocka_run_group_tests(tests, start_all, NULL);
	rte_eal_cleanup();
	return failed;
}
