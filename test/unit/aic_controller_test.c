/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* What is in force after any counts. */

#include "cases.h"

#include <string.h>

#include "controller.h"
#include "seeded_random.h"

#define RUNS  2000
#define STEPS 200

__extension__ typedef unsigned __int128 wide;

static struct aic_params
random_params(void)
{
	return (struct aic_params){
		.r = random_in(1, AIC_ONE),
		.lif_hz = random_in(1, AIC_HZ_MAX),
		.period_ns = random_in(AIC_PERIOD_NS_MIN, 10000000),
		.estimator = random_bits() % AIC_NB_ESTIMATES,
		.weight = random_in(1, AIC_ONE),
		.missed = random_bits() % 2,
		.hysteresis = random_in(0, AIC_ONE / 2),
		.guard = random_in(0, AIC_ONE),
		.line_pps = random_bits() % 2 == 0 ? 0 : random_in(1, AIC_PPS_MAX),
	};
}

static uint32_t
peak_of(const struct aic_controller *c)
{
	if (c->served_pps == 0 || c->params.line_pps < c->served_pps)
		return c->params.line_pps;
	return c->served_pps;
}

static void
check(const struct aic_controller *c)
{
	const struct aic_params *p = &c->params;
	uint64_t t = c->interval_ns;
	uint32_t pps = c->estimator.pps;

	if ((wide)pps * t * AIC_ONE > (wide)c->bufs * p->r * AIC_NS_PER_S)
		fail_msg("%u buffers, r %u: too many come in %" PRIu64 " ns at %u", c->bufs, p->r,
			 t, pps);
	if (t != 0 && (wide)pps * (t + c->tail_ns) > (wide)c->bufs * AIC_NS_PER_S &&
	    (wide)pps * c->tail_ns > (wide)c->limits.low_bufs * AIC_NS_PER_S)
		fail_msg("no room for the tail");
	if (t > aic_cap_ns(peak_of(c), c->bufs, c->limits.low_bufs, c->tail_ns))
		fail_msg("%" PRIu64 " ns: not short enough for a sudden %u", t, peak_of(c));
	if ((wide)t * p->lif_hz > AIC_NS_PER_S)
		fail_msg("%" PRIu64 " ns: below lif %u", t, p->lif_hz);
	if (c->limits.granularity_ns > 1 && t % c->limits.granularity_ns != 0)
		fail_msg("%" PRIu64 " ns: not in steps", t);
	if (c->limits.max_ns != 0 && t > c->limits.max_ns)
		fail_msg("%" PRIu64 " ns: more than the device has", t);
}

/* One of all that can happen. */
static bool
step(struct aic_controller *c, uint64_t *now_ns)
{
	switch (random_bits() % 7) {
	case 0:
		return aic_found(c, random_in(0, c->bufs), random_in(0, 1000000));
	case 1:
		return aic_raise(c, random_in(0, UINT32_MAX));
	case 2:
		return aic_set_tail(c, random_in(0, 1000000));
	case 3:
		return aic_served(c, random_in(0, UINT32_MAX));
	default:
		*now_ns += random_in(0, 2 * c->params.period_ns);
		return aic_count(c, random_in(0, 1000000), random_in(0, 1000000), *now_ns);
	}
}

static void
what_is_in_force_is_never_too_long(void **state)
{
	(void)state;
	for (unsigned int run = 0; run < RUNS; run++) {
		struct aic_params params = random_params();
		uint32_t bufs = random_in(1, 65536);
		struct aic_limits limits = {
			.granularity_ns = random_in(0, 10000),
			.max_ns = random_in(0, 10000000),
			.low_bufs = random_bits() % 2 == 0 ? 0 : random_in(1, bufs),
		};
		uint64_t now_ns = random_bits() >> 8;
		struct aic_controller c;

		aic_open(&c, &params, bufs, &limits, random_in(0, 1000000), now_ns);
		check(&c);
		for (unsigned int i = 0; i < STEPS; i++) {
			uint64_t before_ns = c.interval_ns;
			bool changed = step(&c, &now_ns);

			if (!changed && c.interval_ns != before_ns)
				fail_msg("changed, and nobody was told");
			check(&c);
		}
	}
}

static const struct aic_limits device = { .granularity_ns = 1000, .max_ns = 8191000 };

static struct aic_controller
opened(const char *preset, uint32_t bufs, uint64_t tail_ns)
{
	struct aic_params params = aic_preset_find(preset)->params;
	struct aic_controller c;

	params.line_pps = 0;
	aic_open(&c, &params, bufs, &device, tail_ns, 0);
	return c;
}

/* A rate that wavers by less than the hysteresis costs one write. */
static void
a_wavering_rate_is_not_worth_a_write(void **state)
{
	struct aic_controller c = opened("balanced", 1024, 0);
	unsigned int writes = 0;

	(void)state;
	for (unsigned int i = 1; i <= 1000; i++)
		writes += aic_count(&c, 5000 + (i % 2 == 0 ? 100 : -100), 0, i * 1000000);
	assert_int_equal(writes, 1);
	check(&c);
}

/* What fades comes back to the longest interval. */
static void
at_rest_it_is_lif_again(void **state)
{
	struct aic_controller c = opened("balanced", 1024, 50000);
	uint64_t at_rest_ns = c.interval_ns;

	(void)state;
	assert_int_equal(at_rest_ns, 666000);
	assert_true(aic_count(&c, 10000, 0, 1000000));
	assert_true(c.interval_ns < 100000);
	assert_true(aic_count(&c, 0, 0, 1000000000));
	assert_int_equal(c.interval_ns, at_rest_ns);
}

static void
a_full_ring_shortens_at_once(void **state)
{
	struct aic_controller c = opened("balanced", 1024, 50000);
	struct aic_controller paper = opened("paper", 1024, 50000);

	(void)state;
	/* A few say nothing, even if they came in no time. */
	assert_false(aic_found(&c, 127, 1000));
	assert_true(aic_found(&c, 500, 100000));
	assert_true(c.interval_ns <= 1024 * 200 - 50000);
	assert_false(aic_found(&paper, 1024, 1000));
	assert_false(aic_raise(&paper, AIC_PPS_MAX));
}

/* The paper counts what was received; what found no buffer makes ours quicker. */
static void
misses_count(void **state)
{
	struct aic_controller c = opened("balanced", 1024, 0);
	struct aic_controller paper = opened("paper", 1024, 0);

	(void)state;
	aic_count(&c, 1000, 4000, 1000000);
	assert_int_equal(c.estimator.pps, 5000000);
	aic_count(&paper, 1000000, 4000000, AIC_NS_PER_S);
	assert_int_equal(paper.estimator.pps, 1000000);
}

static void
the_cap_is_for_a_sudden_line_rate(void **state)
{
	struct aic_params params = aic_preset_find("balanced")->params;
	struct aic_controller c;

	(void)state;
	params.line_pps = 5000000;
	aic_open(&c, &params, 1024, &device, 100000, 0);
	assert_int_equal(c.interval_ns, 104000);
	/* There is no room at all: it does not become shorter than makes sense. */
	aic_set_tail(&c, 300000);
	assert_int_equal(c.interval_ns, AIC_CAP_NS_MIN);
	aic_set_tail(&c, 100000);
	assert_int_equal(c.interval_ns, 104000);
}

/* With the device's interrupt for few buffers the interval is the formula's, line rate or not. */
static void
few_buffers_left_end_an_interval_as_well(void **state)
{
	const struct aic_limits low = {
		.granularity_ns = 1000, .max_ns = 8191000, .low_bufs = 448,
	};
	struct aic_params params = aic_preset_find("balanced")->params;
	struct aic_controller c;

	(void)state;
	params.line_pps = 5000000;
	params.lif_hz = 2000;
	aic_open(&c, &params, 1024, &low, 60000, 0);
	/* As good as idle, it is ready by itself: 1024 come in 204.8 us, 60 us late. */
	assert_int_equal(c.interval_ns, 144000);
	assert_true(aic_count(&c, 100, 0, 1000000));
	assert_int_equal(c.interval_ns, 500000);
	/* Much is no burst now, and a ring that was full is one. */
	assert_false(aic_found(&c, 1000, 100000));
	assert_false(aic_raise(&c, 10000000));
	assert_true(aic_found(&c, 1024, 100000));
	assert_true(c.interval_ns < 100000);
	/* They do not last for half of the tail: what can come of a sudden counts. */
	params.line_pps = 10000000;
	aic_open(&c, &params, 4096, &low, 100000, 0);
	aic_count(&c, 100, 0, 1000000);
	assert_int_equal(c.interval_ns, 309000);
	/* But not what nobody could take. */
	assert_true(aic_served(&c, 8000000));
	assert_int_equal(c.interval_ns, 500000);
	assert_false(aic_served(&c, 7000000));
	assert_true(aic_served(&c, 9000000));
	assert_int_equal(c.interval_ns, 355000);
	/* Nor does a ring that was found full say more: what it would leave is no interval. */
	(void)aic_found(&c, 8192, 100000);
	assert_int_equal(c.estimator.pps, 9000000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_in_force_is_never_too_long),
		cmocka_unit_test(a_wavering_rate_is_not_worth_a_write),
		cmocka_unit_test(at_rest_it_is_lif_again),
		cmocka_unit_test(a_full_ring_shortens_at_once),
		cmocka_unit_test(misses_count),
		cmocka_unit_test(the_cap_is_for_a_sudden_line_rate),
		cmocka_unit_test(few_buffers_left_end_an_interval_as_well),
	};

	random_start();
	return cmocka_run_group_tests_name("aic_controller", tests, NULL, NULL);
}
