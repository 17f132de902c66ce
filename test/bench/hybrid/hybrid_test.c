/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* What of the benchmark is arithmetic: its histogram, its loads, and net_dim's rule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dim.h"
#include "histogram.h"
#include "load.h"

#define MS UINT64_C(1000000)

/* --- Histogram --- */

static void
test_a_value_is_in_its_bucket(void **state)
{
	uint64_t value = 1;

	(void)state;
	for (unsigned int i = 0; i < 64; i++)
		assert_int_equal(histogram_index(i), i);
	for (unsigned int i = 0; i < 20000 && value < UINT64_C(1) << HISTOGRAM_MAX_BITS; i++) {
		unsigned int index = histogram_index(value);

		assert_true(value <= histogram_upper(index));
		assert_true(index == 0 || value > histogram_upper(index - 1));
		assert_true(histogram_upper(index) - value <= value / 32);
		value += 1 + value / 300;
	}
	assert_int_equal(histogram_index(UINT64_MAX), HISTOGRAM_BUCKETS - 1);
	assert_int_equal(histogram_upper(HISTOGRAM_BUCKETS - 1),
			 (UINT64_C(1) << HISTOGRAM_MAX_BITS) - 1);
}

static void
test_quantiles(void **state)
{
	static struct histogram histogram;

	(void)state;
	histogram_clear(&histogram);
	assert_int_equal(histogram_quantile(&histogram, 0.5), 0);
	for (uint64_t value = 1; value <= 50; value++)
		histogram_add(&histogram, value);
	assert_int_equal(histogram_quantile(&histogram, 0), 1);
	assert_int_equal(histogram_quantile(&histogram, 0.5), 25);
	assert_int_equal(histogram_quantile(&histogram, 0.51), 26);
	assert_int_equal(histogram_quantile(&histogram, 0.99), 50);
	assert_int_equal(histogram_quantile(&histogram, 1), 50);
	histogram_add(&histogram, 1000000);
	/* No more than was seen, though its bucket goes on. */
	assert_int_equal(histogram_quantile(&histogram, 1), 1000000);
	assert_int_equal(histogram.count, 51);
}

/* --- Loads --- */

static void
test_frames_are_due_at_their_times(void **state)
{
	const struct load *load = load_find("1M");
	struct pacer pacer;
	uint64_t due_ns[64];

	(void)state;
	pacer_start(&pacer, load, 5e6, 1024, false, 1000);
	assert_int_equal(pacer_due(&pacer, 999, due_ns, 64), 0);
	assert_int_equal(pacer_due(&pacer, 1000, due_ns, 64), 1);
	assert_int_equal(due_ns[0], 1000);
	assert_int_equal(pacer_due(&pacer, 1999, due_ns, 64), 0);
	assert_int_equal(pacer_due(&pacer, 4000, due_ns, 64), 3);
	assert_int_equal(due_ns[0], 2000);
	assert_int_equal(due_ns[2], 4000);
	/* What nobody asked for is still to come. */
	assert_int_equal(pacer_due(&pacer, 1000 + MS, due_ns, 64), 64);
	assert_int_equal(due_ns[63], 68000);
	pacer_shift(&pacer, 2 * MS);
	assert_int_equal(pacer_due(&pacer, 1000 + MS, due_ns, 64), 0);
	assert_int_equal(pacer_due(&pacer, 1000 + 2 * MS + 68000, due_ns, 64), 1);
	assert_int_equal(due_ns[0], 2 * MS + 69000);
}

static unsigned int
all_due(struct pacer *pacer, uint64_t now_ns)
{
	uint64_t due_ns[64], last_ns = 0;
	unsigned int nb, all = 0;

	while ((nb = pacer_due(pacer, now_ns, due_ns, 64)) != 0) {
		for (unsigned int i = 0; i < nb; i++) {
			assert_true(due_ns[i] >= last_ns && due_ns[i] <= now_ns);
			last_ns = due_ns[i];
		}
		all += nb;
	}
	return all;
}

static void
test_phases_take_turns(void **state)
{
	struct pacer pacer;

	(void)state;
	pacer_start(&pacer, load_find("on-off"), 1e6, 1024, false, 0);
	assert_int_equal(all_due(&pacer, 10 * MS - 1), 10000);
	assert_true(pacer_pps(&pacer) == 1e6);
	assert_int_equal(all_due(&pacer, 20 * MS - 1), 0);
	assert_true(pacer_pps(&pacer) == 0);
	/* However late it is asked. */
	assert_int_equal(all_due(&pacer, 110 * MS - 1), 50000);
	pacer_start(&pacer, load_find("burst"), 1e6, 512, false, 0);
	assert_int_equal(all_due(&pacer, 20 * MS), 512);
	pacer_start(&pacer, load_find("0"), 1e6, 512, false, 0);
	assert_int_equal(all_due(&pacer, 1000 * MS), 0);
}

static void
test_who_is_late_knows_by_how_much(void **state)
{
	struct pacer pacer;

	(void)state;
	pacer_start(&pacer, load_find("on-off"), 1e6, 1024, false, MS);
	assert_int_equal(pacer_late_ns(&pacer, 0), 0);
	assert_int_equal(pacer_late_ns(&pacer, MS), 0);
	assert_int_equal(all_due(&pacer, 2 * MS), 1001);
	assert_int_equal(pacer_late_ns(&pacer, 2 * MS), 0);
	assert_int_equal(pacer_late_ns(&pacer, 2 * MS + 51000), 50000);
	pacer_shift(&pacer, 50000);
	assert_int_equal(pacer_late_ns(&pacer, 2 * MS + 51000), 0);
	/* Silence is nothing to be late with. */
	all_due(&pacer, 11 * MS + 50000);
	assert_int_equal(pacer_late_ns(&pacer, 20 * MS), 0);
}

static void
test_a_step_waits_below(void **state)
{
	struct pacer pacer;

	(void)state;
	pacer_start(&pacer, load_find("2k-full"), 1e6, 1024, true, 0);
	assert_int_equal(all_due(&pacer, 2000 * MS - 1), 4000);
	pacer_start(&pacer, load_find("2k-full"), 1e6, 1024, false, 0);
	assert_int_equal(all_due(&pacer, 500 * MS - 1), 1000);
	assert_int_equal(all_due(&pacer, 501 * MS - 1), 1000);
}

/* --- net_dim --- */

/** 64 interrupts at such rates a ms. @return whether the profile changed */
static bool
stretch(struct dim *dim, uint64_t *now_ns, uint64_t *frames, double ms, uint64_t more)
{
	bool changed = false;

	for (unsigned int i = 0; i < 64; i++) {
		*now_ns += (uint64_t)(ms * 1e6 / 64);
		*frames += more / 64;
		changed |= dim_event(dim, *now_ns, *frames, *frames * 60);
	}
	return changed;
}

static void
test_dim_goes_where_interrupts_are_fewer(void **state)
{
	struct dim dim = { .profile = 1, .state = DIM_RIGHT };
	uint64_t now_ns = 1, frames = 0;

	(void)state;
	assert_int_equal(dim_interval_ns(&dim), 8000);
	dim_event(&dim, now_ns, 0, 0);
	/* As many frames, with half as many interrupts: better each time, up to the last one. */
	for (double ms = 1; ms <= 8; ms *= 2)
		stretch(&dim, &now_ns, &frames, ms, (uint64_t)(ms * 64000));
	assert_int_equal(dim_interval_ns(&dim), 256000);
	/* It parks there while all stays as it is. */
	for (unsigned int i = 0; i < 20; i++)
		stretch(&dim, &now_ns, &frames, 8, 8 * 64000);
	assert_int_equal(dim.state, DIM_ON_TOP);
	/* And leaves when the load is another one. */
	assert_true(stretch(&dim, &now_ns, &frames, 8, 8 * 640));
	assert_int_equal(dim_interval_ns(&dim), 128000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_value_is_in_its_bucket),
		cmocka_unit_test(test_quantiles),
		cmocka_unit_test(test_frames_are_due_at_their_times),
		cmocka_unit_test(test_phases_take_turns),
		cmocka_unit_test(test_who_is_late_knows_by_how_much),
		cmocka_unit_test(test_a_step_waits_below),
		cmocka_unit_test(test_dim_goes_where_interrupts_are_fewer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
