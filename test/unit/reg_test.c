/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include "cases.h"

#include "reg.h"

static void
test_masks(void **state)
{
	static const struct {
		const char *what;
		uint32_t got, expect;
	} cases[] = {
		{ "bit 0", BIT(0), 0x00000001 },
		{ "bit 31", BIT(31), 0x80000000 },
		{ "a whole word", BITS(31, 0), 0xffffffff },
		{ "one bit as a range", BITS(7, 7), 0x00000080 },
		{ "the lowest bits", BITS(3, 0), 0x0000000f },
		{ "the highest bits", BITS(31, 28), 0xf0000000 },
		{ "EITR's interval", BITS(14, 2), 0x00007ffc },
		{ "RAH's pools", BITS(25, 18), 0x03fc0000 },
	};
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++)
		failed += differs(cases[i].what, cases[i].expect, cases[i].got);
	assert_int_equal(failed, 0);
}

static void
test_fields(void **state)
{
	static const struct {
		const char *what;
		uint32_t mask, word, value, expect;
	} cases[] = {
		{ "into zero", BITS(11, 8), 0, 0x5, 0x00000500 },
		{ "neighbours stay", BITS(11, 8), 0xffffffff, 0, 0xfffff0ff },
		{ "the old value goes", BITS(11, 8), 0x00000f00, 0x5, 0x00000500 },
		{ "widest value", BITS(25, 18), 0, 0xff, 0x03fc0000 },
		{ "whole word", BITS(31, 0), 0x12345678, 0x9abcdef0, 0x9abcdef0 },
		{ "top bit", BIT(31), 0, 1, 0x80000000 },
	};
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++) {
		uint32_t got = field_set(cases[i].mask, cases[i].word, cases[i].value);

		failed += differs(cases[i].what, cases[i].expect, got);
		failed += differs(cases[i].what, cases[i].value, field_get(cases[i].mask, got));
	}
	assert_int_equal(failed, 0);
}

static void
test_array_length(void **state)
{
	uint16_t words[13];

	(void)state;
	(void)words;
	assert_int_equal(ARRAY_LEN(words), 13);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_masks),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_array_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
