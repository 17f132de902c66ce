/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include "cmocka_all.h"

#include <string.h>

#include "judge.h"

#define RUN 7
#define COUNT 100

static const struct frame_spec plain = {
	.dst = { 2, 0, 0, 0, 0, 1 },
	.src = { 2, 0, 0, 0, 0, 2 },
	.run = RUN,
	.min_bytes = FRAME_MIN_BYTES,
	.max_bytes = 1514,
	.vlan = NO_VLAN,
};

static int
open_judge(void **state)
{
	static struct judge judge;

	*state = &judge;
	return judge_open(&judge, RUN, COUNT, NO_VLAN);
}

static int
close_judge(void **state)
{
	judge_close(*state);
	return 0;
}

static enum verdict
judge_built(struct judge *judge, const struct frame_spec *spec, uint32_t sequence)
{
	uint8_t data[FRAME_BUFFER_BYTES];
	size_t bytes = frame_build(spec, sequence, data);

	return judge_frame(judge, data, bytes, NO_VLAN);
}

static void
all_frames_arrive(void **state)
{
	struct judge *judge = *state;

	for (uint32_t i = 0; i < COUNT; i++)
		assert_int_equal(judge_built(judge, &plain, i), VERDICT_UNIQUE);
	assert_int_equal(judge->received, COUNT);
	assert_int_equal(judge->unique, COUNT);
	assert_int_equal(judge->reordered, 0);
	assert_int_equal(judge_missing(judge), 0);
}

static void
sizes_cover_the_range(void **state)
{
	struct frame_spec spec = plain;
	uint8_t data[FRAME_BUFFER_BYTES];
	bool seen[10] = { false };

	(void)state;
	spec.min_bytes = 100;
	spec.max_bytes = 109;
	for (uint32_t i = 0; i < 10; i++) {
		size_t bytes = frame_build(&spec, i, data);

		assert_true(bytes >= 100 && bytes <= 109);
		seen[bytes - 100] = true;
	}
	for (int i = 0; i < 10; i++)
		assert_true(seen[i]);
}

static void
a_second_copy_is_a_duplicate(void **state)
{
	struct judge *judge = *state;

	assert_int_equal(judge_built(judge, &plain, 0), VERDICT_UNIQUE);
	assert_int_equal(judge_built(judge, &plain, 0), VERDICT_DUPLICATE);
	assert_int_equal(judge_built(judge, &plain, COUNT - 1), VERDICT_UNIQUE);
	assert_int_equal(judge_built(judge, &plain, COUNT - 1), VERDICT_DUPLICATE);
	assert_int_equal(judge_missing(judge), COUNT - 2);
}

static void
order_is_watched(void **state)
{
	static const uint32_t order[] = { 0, 2, 1, 3, 9, 8, 7 };
	struct judge *judge = *state;

	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		assert_int_equal(judge_built(judge, &plain, order[i]), VERDICT_UNIQUE);
	assert_int_equal(judge->reordered, 3);
}

/* Every single bit behind the addresses: the type's make it foreign, all others corrupt. */
static void
every_flipped_bit_is_noticed(void **state)
{
	struct judge *judge = *state;
	uint8_t data[FRAME_BUFFER_BYTES];
	size_t bytes = frame_build(&plain, 1, data);

	for (size_t bit = 8 * 2 * MAC_BYTES; bit < 8 * bytes; bit++) {
		bool in_type = bit < 8 * (2 * MAC_BYTES + 2);
		enum verdict verdict;

		data[bit / 8] ^= 1 << bit % 8;
		verdict = judge_frame(judge, data, bytes, NO_VLAN);
		data[bit / 8] ^= 1 << bit % 8;
		assert_int_equal(verdict, in_type ? VERDICT_FOREIGN : VERDICT_CORRUPT);
	}
	assert_int_equal(judge_frame(judge, data, bytes, NO_VLAN), VERDICT_UNIQUE);
}

static void
a_wrong_length_is_corrupt(void **state)
{
	struct judge *judge = *state;
	uint8_t data[FRAME_BUFFER_BYTES] = { 0 };
	size_t bytes = frame_build(&plain, 1, data);

	/* An FCS left on, and every truncation that leaves the type. */
	assert_int_equal(judge_frame(judge, data, bytes + 4, NO_VLAN), VERDICT_CORRUPT);
	for (size_t cut = 18; cut < bytes; cut++)
		assert_int_equal(judge_frame(judge, data, cut, NO_VLAN), VERDICT_CORRUPT);
	for (size_t cut = 0; cut < 18; cut++)
		assert_int_equal(judge_frame(judge, data, cut, NO_VLAN), VERDICT_FOREIGN);
}

static void
other_traffic_is_foreign(void **state)
{
	struct judge *judge = *state;
	struct frame_spec other_run = plain;
	uint8_t arp[FRAME_MIN_BYTES] = { [12] = 0x08, [13] = 0x06 };

	other_run.run = RUN + 1;
	assert_int_equal(judge_built(judge, &other_run, 0), VERDICT_FOREIGN);
	assert_int_equal(judge_built(judge, &plain, COUNT), VERDICT_FOREIGN);
	assert_int_equal(judge_frame(judge, arp, sizeof(arp), NO_VLAN), VERDICT_FOREIGN);
	assert_false(frame_is_ours(arp, sizeof(arp)));
	assert_int_equal(judge->unique, 0);
}

static void
addresses_may_change(void **state)
{
	struct judge *judge = *state;
	uint8_t data[FRAME_BUFFER_BYTES];
	size_t bytes = frame_build(&plain, 1, data);

	frame_swap_macs(data);
	assert_memory_equal(data, plain.src, MAC_BYTES);
	assert_memory_equal(data + MAC_BYTES, plain.dst, MAC_BYTES);
	assert_int_equal(judge_frame(judge, data, bytes, NO_VLAN), VERDICT_UNIQUE);
}

static const struct {
	const char *what;
	int sent, stripped, wanted;
	enum verdict verdict;
	uint64_t tagged;
} vlan_cases[] = {
	{ "untagged, none asked for", NO_VLAN, NO_VLAN, NO_VLAN, VERDICT_UNIQUE, 0 },
	{ "tagged, none asked for", 5, NO_VLAN, NO_VLAN, VERDICT_UNIQUE, 1 },
	{ "taken out on the way, none asked for", NO_VLAN, 5, NO_VLAN, VERDICT_UNIQUE, 1 },
	{ "the right one", 5, NO_VLAN, 5, VERDICT_UNIQUE, 1 },
	{ "the right one, taken out, with a priority", NO_VLAN, 0xe005, 5, VERDICT_UNIQUE, 1 },
	{ "another one", 6, NO_VLAN, 5, VERDICT_FOREIGN, 0 },
	{ "none where one is wanted", NO_VLAN, NO_VLAN, 5, VERDICT_FOREIGN, 0 },
	{ "VLAN 0 is a tag", 0, NO_VLAN, 0, VERDICT_UNIQUE, 1 },
};

static void
vlans_are_told_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(vlan_cases); i++) {
		struct frame_spec spec = plain;
		uint8_t data[FRAME_BUFFER_BYTES];
		struct judge judge;
		size_t bytes;

		spec.vlan = vlan_cases[i].sent;
		bytes = frame_build(&spec, 3, data);
		assert_int_equal(judge_open(&judge, RUN, COUNT, vlan_cases[i].wanted), 0);
		if (judge_frame(&judge, data, bytes, vlan_cases[i].stripped) !=
			    vlan_cases[i].verdict ||
		    judge.tagged != vlan_cases[i].tagged)
			fail_msg("%s", vlan_cases[i].what);
		judge_close(&judge);
	}
}

int
main(void)
{
#define WITH_JUDGE(test) cmocka_unit_test_setup_teardown(test, open_judge, close_judge)
	const struct CMUnitTest tests[] = {
		WITH_JUDGE(all_frames_arrive),
		cmocka_unit_test(sizes_cover_the_range),
		WITH_JUDGE(a_second_copy_is_a_duplicate),
		WITH_JUDGE(order_is_watched),
		WITH_JUDGE(every_flipped_bit_is_noticed),
		WITH_JUDGE(a_wrong_length_is_corrupt),
		WITH_JUDGE(other_traffic_is_foreign),
		WITH_JUDGE(addresses_may_change),
		cmocka_unit_test(vlans_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
