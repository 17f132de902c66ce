/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The generator's frames, their pace, and its verdict on what comes back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "generator.h"

#define BURST 64
#define CASES(a) (sizeof(a) / sizeof((a)[0]))

static uint64_t fake_now_ns;

static uint64_t
fake_clock(void)
{
	return fake_now_ns;
}

static struct wire *
open_generator(const char *spec)
{
	char error[200];
	struct wire *wire = wire_create(spec, error, sizeof(error));

	if (wire == NULL)
		fail_msg("%s", error);
	return wire;
}

/* The sum of 16-bit words, right where a checksum is among them. */
static uint16_t
internet_sum(const uint8_t *data, uint32_t bytes, uint32_t sum)
{
	uint32_t i;

	for (i = 0; i < bytes; i++)
		sum += i % 2 == 0 ? (uint32_t)data[i] << 8 : data[i];
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

static const struct {
	const char *spec;
	uint32_t len;
	bool tagged;
} shapes[] = {
	{ "gen", 60, false },
	{ "gen:vlan=5", 60, true },
	{ "gen:size=61:flows=3", 61, false },
	{ "gen:size=1514:flows=7", 1514, false },
	{ "gen:size=9000:vlan=5:flows=100", 9000, true },
};

static void
frames_are_right(void **state)
{
	const uint8_t dst[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	const uint8_t tag[4] = { 0x81, 0x00, 0x00, 0x05 };
	struct wire_frame frame[BURST];
	size_t s;
	unsigned int i, n;

	(void)state;
	for (s = 0; s < CASES(shapes); s++) {
		struct wire *gen = open_generator(shapes[s].spec);
		uint32_t headers = shapes[s].tagged ? 18 : 14;

		for (n = 0; n < 3; n++) {
			assert_int_equal(gen->ops->recv(gen, frame, BURST), BURST);
			for (i = 0; i < BURST; i++) {
				const uint8_t *data = frame[i].data, *ip = data + headers;
				uint32_t udp_bytes = frame[i].len - headers - 20;

				assert_int_equal(frame[i].len, shapes[s].len);
				assert_memory_equal(data, dst, 6);
				if (shapes[s].tagged)
					assert_memory_equal(data + 12, tag, 4);
				assert_int_equal(ip[2] << 8 | ip[3], frame[i].len - headers);
				assert_int_equal(ip[24] << 8 | ip[25], udp_bytes);
				assert_int_equal(internet_sum(ip, 20, 0), 0xffff);
				assert_int_equal(internet_sum(ip + 12, 8 + udp_bytes,
							      17 + udp_bytes), 0xffff);
			}
		}
		wire_free(gen);
	}
}

static void
addresses_and_tag_are_those_of_the_spec(void **state)
{
	const uint8_t expected[16] = {
		2, 0, 0, 0, 0, 0x0a, 2, 0, 0, 0, 0, 0x0b, 0x81, 0, 0x0f, 0xfe,
	};
	struct wire *gen = open_generator(
		"gen:dst=02:00:00:00:00:0a:src=02:00:00:00:00:0B:vlan=4094");
	struct wire_frame frame;

	(void)state;
	assert_int_equal(gen->ops->recv(gen, &frame, 1), 1);
	assert_memory_equal(frame.data, expected, sizeof(expected));
	wire_free(gen);
}

static void
flows_differ_and_come_in_turn(void **state)
{
	struct wire *gen = open_generator("gen:flows=100");
	uint8_t addresses[100][12];
	struct wire_frame frame;
	unsigned int i, k;

	(void)state;
	for (i = 0; i < 250; i++) {
		assert_int_equal(gen->ops->recv(gen, &frame, 1), 1);
		if (i >= 100) {
			assert_memory_equal(addresses[i % 100], frame.data + 26, 12);
			continue;
		}
		memcpy(addresses[i], frame.data + 26, 12);
		for (k = 0; k < i; k++) {
			assert_memory_not_equal(addresses[i], addresses[k], 4);
			assert_memory_not_equal(addresses[i] + 8, addresses[k] + 8, 2);
		}
	}
	wire_free(gen);
}

static void
count_is_an_end(void **state)
{
	struct wire *gen = open_generator("gen:count=70");
	struct wire_frame frame[BURST];

	(void)state;
	assert_int_equal(gen->ops->recv(gen, frame, BURST), 64);
	assert_int_equal(gen->ops->recv(gen, frame, BURST), 6);
	assert_int_equal(gen->ops->recv(gen, frame, BURST), 0);
	assert_int_equal(gen->received_frames, 70);
	assert_int_equal(gen->received_bytes, 70 * 60);
	wire_free(gen);
}

/* Fetch for @p ms milliseconds, once in @p step_us. */
static uint64_t
fetch(struct wire *gen, unsigned int ms, unsigned int step_us)
{
	uint64_t before = gen->received_frames, end_ns = fake_now_ns + ms * UINT64_C(1000000);
	struct wire_frame frame[BURST];

	while (fake_now_ns < end_ns) {
		fake_now_ns += step_us * UINT64_C(1000);
		while (gen->ops->recv(gen, frame, BURST) == BURST)
			;
	}
	return gen->received_frames - before;
}

/* cmocka's assert_in_range() has another name from release to release. */
static bool
between(uint64_t value, uint64_t low, uint64_t high)
{
	return value >= low && value <= high;
}

static void
rate_is_kept(void **state)
{
	static const struct {
		const char *spec;
		unsigned int ms, step_us;
		uint64_t least, most;
	} rates[] = {
		{ "gen:rate=1000000", 100, 10, 99990, 100000 },
		{ "gen:rate=1000000", 100, 1000, 99000, 100000 },
		{ "gen:rate=999", 1000, 100, 998, 999 },
		{ "gen:rate=1", 10000, 1000, 9, 10 },
		/* Fetched too seldom, one each time. */
		{ "gen:rate=1", 60000, 6000000, 9, 10 },
		/* A pause is not made up for: no more than what 10 ms bring. */
		{ "gen:rate=1000000", 1000, 500000, 10001, 20002 },
	};
	struct wire_frame frame;
	size_t i;

	(void)state;
	for (i = 0; i < CASES(rates); i++) {
		struct wire *gen = open_generator(rates[i].spec);

		wire_gen_set_clock(gen, fake_clock);
		assert_int_equal(gen->ops->recv(gen, &frame, 1), 0);
		assert_true(between(fetch(gen, rates[i].ms, rates[i].step_us),
				    rates[i].least, rates[i].most));
		wire_free(gen);
	}
}

static void
the_clock_is_the_machines(void **state)
{
	const struct timespec pause = { .tv_nsec = 3000000 };
	struct wire *gen = open_generator("gen:rate=10000:count=100");
	struct wire_frame frame[BURST];

	(void)state;
	assert_int_equal(gen->ops->recv(gen, frame, BURST), 0);
	nanosleep(&pause, NULL);
	assert_true(between(gen->ops->recv(gen, frame, BURST), 30, BURST));
	wire_free(gen);
}

/* --- The verdict --- */

#define KEPT 8
#define FRAME_ROOM 80

struct kept {
	struct wire *gen;
	uint8_t data[KEPT][FRAME_ROOM];
	uint32_t len;
};

static void
keep_frames(struct kept *kept, const char *spec)
{
	struct wire_frame frame[KEPT];
	unsigned int i;

	kept->gen = open_generator(spec);
	assert_int_equal(kept->gen->ops->recv(kept->gen, frame, KEPT), KEPT);
	for (i = 0; i < KEPT; i++)
		memcpy(kept->data[i], frame[i].data, frame[i].len);
	kept->len = frame[0].len;
}

static void
give_back(struct kept *kept, unsigned int i)
{
	const struct wire_frame frame = { kept->data[i], kept->len };

	assert_int_equal(kept->gen->ops->send(kept->gen, &frame, 1), 1);
}

static const struct {
	const char *what, *spec;
	const char *order;	/* digits: which frames come back */
	struct wire_gen_stats expect;
} orders[] = {
	{ "all", "gen", "01234567", { .good = 8 } },
	{ "none", "gen", "", { 0 } },
	{ "a gap", "gen", "0124567", { .good = 7, .missing = 1 } },
	{ "the first lost", "gen", "234567", { .good = 6, .missing = 2 } },
	{ "the last lost: not known yet", "gen", "012345", { .good = 6 } },
	{ "a duplicate", "gen", "0112", { .good = 3, .duplicates = 1 } },
	{ "a late duplicate", "gen", "012340", { .good = 5, .duplicates = 1 } },
	{ "one overtaken", "gen", "01324", { .good = 5, .reordered = 1 } },
	{ "a late one twice", "gen", "0211", { .good = 3, .reordered = 1, .duplicates = 1 } },
	{ "flows may overtake each other", "gen:flows=2", "02461357", { .good = 8 } },
	{ "within a flow none may", "gen:flows=2", "042613", { .good = 6, .reordered = 1,
							     .missing = 1 } },
};

static unsigned int
stats_differ(const char *what, const struct wire_gen_stats *expect, const struct wire *gen)
{
	const struct wire_gen_stats *got = wire_gen_stats(gen);

	if (memcmp(expect, got, sizeof(*got)) == 0)
		return 0;
	print_error("# %s: good %d missing %d duplicates %d reordered %d corrupt %d foreign %d\n",
		    what, (int)got->good, (int)got->missing, (int)got->duplicates,
		    (int)got->reordered, (int)got->corrupt, (int)got->foreign);
	return 1;
}

static void
order_is_judged(void **state)
{
	unsigned int failed = 0;
	const char *digit;
	size_t i;

	(void)state;
	for (i = 0; i < CASES(orders); i++) {
		struct kept kept;

		keep_frames(&kept, orders[i].spec);
		for (digit = orders[i].order; *digit != '\0'; digit++)
			give_back(&kept, (unsigned int)(*digit - '0'));
		failed += stats_differ(orders[i].what, &orders[i].expect, kept.gen);
		wire_free(kept.gen);
	}
	assert_int_equal(failed, 0);
}

/* Every bit from the IP header on is vouched for, or says that the frame is not ours. */
static void
every_changed_bit_is_found(void **state)
{
	const struct wire_gen_stats *stats;
	unsigned int bit, wrong = 0;
	struct kept kept;

	(void)state;
	keep_frames(&kept, "gen:size=65:flows=4");
	stats = wire_gen_stats(kept.gen);
	for (bit = 12 * 8; bit < kept.len * 8; bit++) {
		uint64_t found = stats->corrupt + stats->foreign;
		bool of_ports = bit / 8 - 34 < 4, of_checksum = bit / 8 - 40 < 2;

		/* UDP's ports may be exchanged on the way, and its checksum left to an offload. */
		if (of_ports || of_checksum)
			continue;
		kept.data[3][bit / 8] ^= (uint8_t)(1 << bit % 8);
		give_back(&kept, 3);
		kept.data[3][bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (stats->corrupt + stats->foreign != found + 1) {
			print_error("# bit %u of byte %u\n", bit % 8, bit / 8);
			wrong++;
		}
	}
	assert_int_equal(wrong, 0);
	assert_int_equal(stats->good, 0);
	give_back(&kept, 3);
	assert_int_equal(stats->good, 1);
	wire_free(kept.gen);
}

static void
wrong_lengths_are_found(void **state)
{
	struct wire_gen_stats expect = { 0 };
	struct kept kept;

	(void)state;
	keep_frames(&kept, "gen:size=64");
	for (kept.len = 0; kept.len < 54; kept.len++, expect.foreign++)
		give_back(&kept, 0);
	for (; kept.len < 64; kept.len++, expect.corrupt++)
		give_back(&kept, 0);
	kept.len = 65;
	give_back(&kept, 0);
	expect.corrupt++;
	assert_int_equal(stats_differ("lengths", &expect, kept.gen), 0);
	wire_free(kept.gen);
}

static void
a_number_never_made_is_corrupt(void **state)
{
	struct wire *young = open_generator("gen:count=1");
	struct wire_frame frame;
	struct kept kept;

	(void)state;
	keep_frames(&kept, "gen");
	frame = (struct wire_frame){ kept.data[0], kept.len };
	young->ops->send(young, &frame, 1);
	assert_int_equal(wire_gen_stats(young)->corrupt, 1);
	young->ops->recv(young, &(struct wire_frame){ NULL, 0 }, 1);
	young->ops->send(young, &frame, 1);
	assert_int_equal(wire_gen_stats(young)->good, 1);
	frame.data = kept.data[1];
	young->ops->send(young, &frame, 1);
	assert_int_equal(wire_gen_stats(young)->corrupt, 2);
	wire_free(young);
	wire_free(kept.gen);
}

static void
tags_may_come_and_go(void **state)
{
	struct kept kept;
	uint8_t data[FRAME_ROOM] = { 0 };

	(void)state;
	keep_frames(&kept, "gen:vlan=5");
	memcpy(data, kept.data[0], 12);
	memcpy(data + 12, kept.data[0] + 16, 44);
	memcpy(kept.data[0], data, 60);
	give_back(&kept, 0);	/* without its tag, and padded */
	kept.len = 56;
	give_back(&kept, 0);	/* and not padded: seen before */
	assert_int_equal(stats_differ("stripped", &(struct wire_gen_stats){
		.good = 1, .duplicates = 1 }, kept.gen), 0);
	wire_free(kept.gen);

	keep_frames(&kept, "gen");
	memcpy(data, kept.data[0], 12);
	memcpy(data + 12, (const uint8_t[4]){ 0x81, 0, 0, 9 }, 4);
	memcpy(data + 16, kept.data[0] + 12, 48);
	memcpy(kept.data[0], data, 64);
	kept.len = 64;
	give_back(&kept, 0);
	assert_int_equal(stats_differ("tagged", &(struct wire_gen_stats){ .good = 1 },
				      kept.gen), 0);
	wire_free(kept.gen);
}

/* Some that were kept back come again when the window has left them behind. */
static void
the_window_moves_on(void **state)
{
	struct wire_frame frame[BURST];
	struct wire_gen_stats expect = { .good = 1, .duplicates = 2 };
	struct kept kept;
	unsigned int n;

	(void)state;
	keep_frames(&kept, "gen:flows=4");
	for (n = 0; n < (2u << 20); n += BURST)
		kept.gen->ops->recv(kept.gen, frame, BURST);
	assert_int_equal(kept.gen->ops->send(kept.gen, &frame[63], 1), 1);
	expect.missing = kept.gen->received_frames - 1;
	give_back(&kept, 0);
	give_back(&kept, 0);
	assert_int_equal(stats_differ("window", &expect, kept.gen), 0);
	kept.gen->ops->send(kept.gen, frame, BURST);
	expect.good += 63;
	expect.missing -= 63;
	expect.duplicates++;
	expect.reordered += 15;	/* those of the flow whose last had come */
	assert_int_equal(stats_differ("late burst", &expect, kept.gen), 0);
	wire_free(kept.gen);
}

static void
only_a_generator_has_a_verdict(void **state)
{
	struct wire *null = open_generator("null");

	(void)state;
	assert_null(wire_gen_stats(null));
	wire_free(null);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_are_right),
		cmocka_unit_test(addresses_and_tag_are_those_of_the_spec),
		cmocka_unit_test(flows_differ_and_come_in_turn),
		cmocka_unit_test(count_is_an_end),
		cmocka_unit_test(rate_is_kept),
		cmocka_unit_test(the_clock_is_the_machines),
		cmocka_unit_test(order_is_judged),
		cmocka_unit_test(every_changed_bit_is_found),
		cmocka_unit_test(wrong_lengths_are_found),
		cmocka_unit_test(a_number_never_made_is_corrupt),
		cmocka_unit_test(tags_may_come_and_go),
		cmocka_unit_test(the_window_moves_on),
		cmocka_unit_test(only_a_generator_has_a_verdict),
	};

	return cmocka_run_group_tests_name("wire-generator", tests, NULL, NULL);
}
