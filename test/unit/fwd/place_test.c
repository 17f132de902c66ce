/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include "cmocka_all.h"

#include <errno.h>

#include "place.h"

#define MAX 4
#define NODE(n) (UINT64_C(1) << (n))

static const struct {
	const char *what;
	unsigned int nb_lcores, nb_pairs;
	struct place_lcore lcores[MAX];
	int nodes[MAX]; /* wanted */
	struct place_pair expect[MAX];
} cases[] = {
	{ "one lcore serves one pair", 1, 1, { { 3, NODE(0), .main = true } }, { NODE_ANY },
	  { { NODE_ANY, 3, .placed = true } } },
	{ "the main lcore comes last", 2, 1, { { 0, NODE(0), .main = true }, { 1, NODE(0) } },
	  { 0 }, { { 0, 1, .placed = true } } },
	{ "but before an lcore of another node", 2, 1,
	  { { 0, NODE(0), .main = true }, { 1, NODE(1) } }, { 0 }, { { 0, 0, .placed = true } } },
	{ "a pair without a wish takes no one's place", 2, 2, { { 1, NODE(0) }, { 2, NODE(1) } },
	  { NODE_ANY, 0 }, { { NODE_ANY, 2, .placed = true }, { 0, 1, .placed = true } } },
	{ "neither does one that cannot have its wish", 2, 2, { { 1, NODE(0) }, { 2, NODE(0) } },
	  { 1, 0 }, { { 1, 2, .placed = false }, { 0, 1, .placed = true } } },
	{ "an lcore of two nodes is kept for need", 2, 1,
	  { { 1, NODE(0) | NODE(1) }, { 2, NODE(1) } }, { 1 }, { { 1, 2, .placed = true } } },
	{ "and is then confined", 2, 2, { { 1, NODE(0) | NODE(1) }, { 2, NODE(1) } }, { 1, 1 },
	  { { 1, 2, .placed = true }, { 1, 1, .placed = true, .confine = true } } },
	{ "nobody knows the lcore's node", 1, 1, { { 1, 0 } }, { 0 },
	  { { 0, 1, .placed = false } } },
};

static void
pairs_get_the_lcores_they_should(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct place_lcore lcores[MAX];
		struct place_pair pairs[MAX] = { 0 };

		for (int j = 0; j < MAX; j++) {
			lcores[j] = cases[i].lcores[j];
			pairs[j].node = cases[i].nodes[j];
		}
		assert_int_equal(
			place_pairs(pairs, cases[i].nb_pairs, lcores, cases[i].nb_lcores), 0);
		for (unsigned int j = 0; j < cases[i].nb_pairs; j++) {
			const struct place_pair *want = &cases[i].expect[j];

			if (pairs[j].lcore != want->lcore || pairs[j].placed != want->placed ||
			    pairs[j].confine != want->confine)
				fail_msg("%s: pair %u on lcore %u", cases[i].what, j,
					 pairs[j].lcore);
		}
	}
}

static void
too_few_lcores_are_refused(void **state)
{
	struct place_lcore lcores[2] = { { .id = 0, .main = true }, { .id = 1, .taken = true } };
	struct place_pair pairs[2] = { { .node = NODE_ANY }, { .node = NODE_ANY } };

	(void)state;
	assert_int_equal(place_pairs(pairs, 2, lcores, 2), -ENOSPC);
	assert_false(lcores[0].taken);
	assert_int_equal(place_pairs(pairs, 1, lcores, 2), 0);
	assert_int_equal(pairs[0].lcore, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pairs_get_the_lcores_they_should),
		cmocka_unit_test(too_few_lcores_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
