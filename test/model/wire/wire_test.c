/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Specs and their error lines; the wires that need nothing of the machine.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire.h"

#define CASES(a) (sizeof(a) / sizeof((a)[0]))
#define BURST 32

static const struct {
	const char *spec;
	const char *error[2];	/* both are in the line: the offender, and what is allowed */
} wrong_specs[] = {
	{ "", { "no kind \"\"", "none, null, loop, pcap, tap, gen or socket" } },
	{ "nul", { "no kind \"nul\"", "none, null, loop, pcap, tap, gen or socket" } },
	{ "nulls:", { "no kind \"nulls\"", "none, null" } },
	{ "null:fast", { "wire \"null:fast\"", "no options" } },
	{ "loop:1", { "\"1\"", "no options" } },
	{ "gen:sise=60", { "no option \"sise\"",
			   "size, rate, count, dst, src, flows or vlan" } },
	{ "gen:size=59", { "size=59", "from 60 to 9000" } },
	{ "gen:size=9001", { "size=9001", "from 60 to 9000" } },
	{ "gen:size=60k", { "size=60k", "number" } },
	{ "gen:size=-1", { "size=-1", "number" } },
	{ "gen:size=", { "size=:", "number" } },
	{ "gen:size", { "size needs a value", "=" } },
	{ "gen:count=18446744073709551616", { "count=18446744073709551616", "number" } },
	{ "gen:flows=0", { "flows=0", "from 1 to 4096" } },
	{ "gen:vlan=4095", { "vlan=4095", "from 1 to 4094" } },
	{ "gen:dst=02:00:00:00:00", { "dst=02:00:00:00:00:", "02:00:00:00:00:01" } },
	{ "gen:dst=02:00:00:00:00:0g", { "0g", "02:00:00:00:00:01" } },
	{ "gen:dst=02:00:00:00:00:001", { "\"1\"", "an option is wanted behind dst" } },
	{ "gen:rate=1:", { "\":\"", "an option is wanted behind rate" } },
	{ "gen::rate=1", { "no option \"\"", "size, rate" } },
	{ "pcap:loop=1", { "loop takes no value", "" } },
	{ "pcap:rx=", { "rx=:", "name of a file" } },
	{ "pcap:rx=/nonexistent/a.pcap", { "rx=/nonexistent/a.pcap", "No such file" } },
	{ "pcap:tx=/nonexistent/a.pcap", { "tx=/nonexistent/a.pcap", "No such file" } },
	{ "pcap:rx=/dev/null:rx=/dev/null", { "rx=/dev/null", "cannot be read" } },
	{ "tap", { "\"\" is no interface name", "15 characters" } },
	{ "tap:sixteen-letters-", { "sixteen-letters-", "15 characters" } },
	{ "tap:a/b", { "a/b", "without /" } },
	{ "socket", { "path of a socket", "107 characters" } },
	{ "socket:/nonexistent/s", { "/nonexistent/s", "No such file" } },
	{ "socket:/dev/null/s", { "/dev/null/s", "Not a directory" } },
	{ "socket:/dev/null", { "/dev/null", "non-socket" } },
};

static void
wrong_specs_are_explained(void **state)
{
	unsigned int failed = 0;
	size_t i;

	(void)state;
	for (i = 0; i < CASES(wrong_specs); i++) {
		char error[200] = "untouched";
		struct wire *wire = wire_create(wrong_specs[i].spec, error, sizeof(error));

		if (wire == NULL && strstr(error, wrong_specs[i].error[0]) != NULL &&
		    strstr(error, wrong_specs[i].error[1]) != NULL && strchr(error, '\n') == NULL)
			continue;
		print_error("# \"%s\": %s \"%s\"\n", wrong_specs[i].spec,
			    wire == NULL ? "refused with" : "accepted", error);
		wire_free(wire);
		failed++;
	}
	assert_int_equal(failed, 0);
}

static void
an_error_line_is_cut_to_its_room(void **state)
{
	char spec[5000], error[24];

	(void)state;
	memset(error, '#', sizeof(error));
	memset(spec, 'x', sizeof(spec));
	spec[sizeof(spec) - 1] = '\0';
	assert_null(wire_create(spec, error, 20));
	assert_int_equal(strlen(error), 19);
	assert_memory_equal(error + 20, "####", 4);
}

static const char *const right_specs[] = {
	"none", "null", "null:", "loop", "pcap", "pcap:", "gen", "gen:size=9000:flows=4096",
	"gen:dst=02:00:00:00:00:01:src=02:00:00:00:00:02:vlan=7:rate=5:count=3",
};

static void
right_specs_make_wires(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < CASES(right_specs); i++) {
		char error[200];
		struct wire *wire = wire_create(right_specs[i], error, sizeof(error));

		if (wire == NULL)
			fail_msg("%s", error);
		assert_string_equal(error, "");
		assert_memory_equal(wire->ops->name, right_specs[i], strlen(wire->ops->name));
		wire_free(wire);
	}
	wire_free(NULL);
}

static struct wire *
open_wire(const char *spec)
{
	char error[200];
	struct wire *wire = wire_create(spec, error, sizeof(error));

	if (wire == NULL)
		fail_msg("%s", error);
	return wire;
}

static unsigned int
send_one(struct wire *wire, const uint8_t *data, uint32_t len)
{
	const struct wire_frame frame = { data, len };

	return wire->ops->send(wire, &frame, 1);
}

static void
nothing_comes_out_of_none_and_null(void **state)
{
	static const uint8_t data[60];
	struct wire *none = open_wire("none"), *null = open_wire("null");
	struct wire_frame frame[BURST];

	(void)state;
	assert_int_equal(none->mbps, 0);
	assert_int_not_equal(null->mbps, 0);
	assert_int_equal(send_one(none, data, 60), 0);
	assert_int_equal(send_one(null, data, 60), 1);
	assert_int_equal(none->ops->recv(none, frame, BURST), 0);
	assert_int_equal(null->ops->recv(null, frame, BURST), 0);
	assert_int_equal(none->ops->fd(none), -1);
	assert_int_equal(none->sent_frames, 0);
	assert_int_equal(none->lost_frames, 1);
	assert_int_equal(null->sent_frames, 1);
	assert_int_equal(null->sent_bytes, 60);
	assert_int_equal(null->lost_frames, 0);
	wire_free(none);
	wire_free(null);
}

/* A frame whose content and length follow from its number. */
static uint32_t
make_frame(uint8_t *data, uint32_t number)
{
	uint32_t len = 14 + number * 2654435761u % 9715, i;

	memcpy(data, &number, sizeof(number));
	for (i = sizeof(number); i < len; i++)
		data[i] = (uint8_t)(number + i);
	return len;
}

static bool
is_frame(const struct wire_frame *frame, uint32_t number)
{
	uint8_t expected[9728 + 1];
	uint32_t len = make_frame(expected, number);

	return frame->len == len && memcmp(frame->data, expected, len) == 0;
}

/* Several times around the ring, with all lengths, so that records meet its end at all places. */
static void
pass_frames(struct wire *from, struct wire *to, uint32_t nb)
{
	static uint8_t data[BURST][9728 + 1];
	struct wire_frame frame[BURST];
	uint32_t sent = 0, received = 0;
	unsigned int i, burst, taken;

	while (received < nb) {
		burst = 1 + sent % BURST;
		for (i = 0; i < burst; i++) {
			frame[i].len = make_frame(data[i], sent + i);
			frame[i].data = data[i];
		}
		sent += from->ops->send(from, frame, burst);
		taken = to->ops->recv(to, frame, BURST);
		for (i = 0; i < taken; i++)
			assert_true(is_frame(&frame[i], received++));
	}
	assert_int_equal(from->sent_frames, sent);
	assert_int_equal(to->received_frames, received);
}

static void
loop_gives_back_what_it_got(void **state)
{
	struct wire *loop = open_wire("loop");

	(void)state;
	pass_frames(loop, loop, 3000);
	wire_free(loop);
}

static void
cable_passes_frames_both_ways(void **state)
{
	struct wire *end[2];

	(void)state;
	assert_int_equal(wire_cable(end), 0);
	pass_frames(end[0], end[1], 2000);
	pass_frames(end[1], end[0], 2000);
	wire_free(end[0]);
	wire_free(end[1]);
}

static void
full_cable_loses_the_newest(void **state)
{
	static uint8_t data[1000];
	struct wire_frame frame[BURST];
	struct wire *end[2];
	uint32_t number = 0, fitted, received = 0;
	unsigned int i, taken;

	(void)state;
	assert_int_equal(wire_cable(end), 0);
	do {
		memcpy(data, &number, sizeof(number));
		number++;
	} while (send_one(end[0], data, sizeof(data)) == 1);
	fitted = number - 1;
	assert_true(fitted >= 400 && fitted <= 600);
	assert_int_equal(end[0]->lost_frames, 1);
	/* What was handed out is ours until the next call: nothing fits before that. */
	assert_int_equal(end[1]->ops->recv(end[1], frame, 1), 1);
	assert_int_equal(send_one(end[0], data, sizeof(data)), 0);
	received = 1;
	while ((taken = end[1]->ops->recv(end[1], frame, BURST)) > 0) {
		for (i = 0; i < taken; i++)
			assert_memory_equal(frame[i].data, &(uint32_t){ received + i }, 4);
		received += taken;
	}
	assert_int_equal(received, fitted);
	assert_int_equal(send_one(end[0], data, sizeof(data)), 1);
	assert_int_equal(end[0]->lost_frames, 2);
	wire_free(end[1]);
	wire_free(end[0]);
}

static void
too_long_a_frame_is_lost(void **state)
{
	static uint8_t data[16385];
	struct wire *loop = open_wire("loop");

	(void)state;
	assert_int_equal(send_one(loop, data, 16385), 0);
	assert_int_equal(send_one(loop, data, 16384), 1);
	assert_int_equal(loop->lost_frames, 1);
	wire_free(loop);
}

static void
carrier_goes_with_the_other_end(void **state)
{
	struct wire_frame frame[BURST];
	uint8_t data[60] = { 1, 2, 3 };
	struct wire *end[2];

	(void)state;
	assert_int_equal(wire_cable(end), 0);
	assert_int_not_equal(end[0]->mbps, 0);
	assert_int_equal(send_one(end[1], data, sizeof(data)), 1);
	wire_free(end[1]);
	assert_int_equal(end[0]->ops->recv(end[0], frame, BURST), 1);
	assert_memory_equal(frame[0].data, data, sizeof(data));
	assert_int_equal(end[0]->mbps, 0);
	assert_int_equal(send_one(end[0], data, sizeof(data)), 0);
	wire_free(end[0]);
}

#define THREAD_FRAMES 20000

static void *
send_from_a_thread(void *arg)
{
	struct wire *wire = arg;
	uint8_t data[1514] = { 0 };
	uint32_t number = 0;

	while (number < THREAD_FRAMES) {
		uint32_t len = 60 + number % 1455;

		memcpy(data, &number, sizeof(number));
		memcpy(data + len - sizeof(number), &number, sizeof(number));
		if (send_one(wire, data, len) == 1)
			number++;
		else
			sched_yield();
	}
	return NULL;
}

static void
cable_joins_two_threads(void **state)
{
	struct wire_frame frame[BURST];
	struct wire *end[2];
	uint32_t received = 0, wrong = 0;
	pthread_t thread;
	unsigned int i, taken;

	(void)state;
	assert_int_equal(wire_cable(end), 0);
	assert_int_equal(pthread_create(&thread, NULL, send_from_a_thread, end[0]), 0);
	while (received < THREAD_FRAMES) {
		taken = end[1]->ops->recv(end[1], frame, BURST);
		if (taken == 0)
			sched_yield();
		for (i = 0; i < taken; i++, received++) {
			wrong += frame[i].len != 60 + received % 1455;
			wrong += memcmp(frame[i].data, &received, 4) != 0;
			wrong += memcmp(frame[i].data + frame[i].len - 4, &received, 4) != 0;
		}
	}
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(wrong, 0);
	assert_int_equal(end[0]->sent_frames, THREAD_FRAMES);
	assert_int_equal(end[0]->sent_bytes, end[1]->received_bytes);
	wire_free(end[0]);
	wire_free(end[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_specs_are_explained),
		cmocka_unit_test(an_error_line_is_cut_to_its_room),
		cmocka_unit_test(right_specs_make_wires),
		cmocka_unit_test(nothing_comes_out_of_none_and_null),
		cmocka_unit_test(loop_gives_back_what_it_got),
		cmocka_unit_test(cable_passes_frames_both_ways),
		cmocka_unit_test(full_cable_loses_the_newest),
		cmocka_unit_test(too_long_a_frame_is_lost),
		cmocka_unit_test(carrier_goes_with_the_other_end),
		cmocka_unit_test(cable_joins_two_threads),
	};

	return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
