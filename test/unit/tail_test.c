/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include "cases.h"

#include "tail.h"

#define WAKES 20000

static uint64_t seed = 1;

/* Of [0, below), always the same ones. */
static uint32_t
random_below(uint32_t below)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(seed >> 33) % below;
}

/* Of lateness that is spread evenly over 100 us it rests near the end. */
static void
it_rests_near_the_99th_percentile(void **state)
{
	unsigned int later = 0;
	uint64_t tail_ns = 0;

	(void)state;
	for (unsigned int i = 0; i < 2 * WAKES; i++) {
		uint64_t late_ns = random_below(100000);

		later += i >= WAKES && late_ns > tail_ns;
		tail_ns = tail_after(tail_ns, late_ns);
	}
	assert_true(later > WAKES / 1000);
	assert_true(later < WAKES / 10);
}

static void
a_stolen_processor_is_forgotten(void **state)
{
	uint64_t tail_ns = 60000;

	(void)state;
	tail_ns = tail_after(tail_ns, UINT64_MAX);
	assert_true(tail_ns > 60000);
	assert_true(tail_ns <= TAIL_MAX_NS);
	for (unsigned int i = 0; i < 2000; i++)
		tail_ns = tail_after(tail_ns, 50000);
	assert_true(tail_ns >= 50000 && tail_ns <= 51000);
	for (unsigned int i = 0; i < 100; i++)
		tail_ns = tail_after(tail_ns, UINT64_MAX);
	assert_int_equal(tail_ns, TAIL_MAX_NS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_rests_near_the_99th_percentile),
		cmocka_unit_test(a_stolen_processor_is_forgotten),
	};

	return cmocka_run_group_tests_name("tail", tests, NULL, NULL);
}
