/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include "cmocka_all.h"

#include <errno.h>
#include <string.h>

#include "args.h"
#include "words.h"

static int
parse(struct args *args, enum backend backend, const char *line)
{
	char *argv[WORDS_MAX];
	int argc = words_split("frames", line, argv);

	return args_parse(args, backend, argc, argv);
}

static void
ports_follow_each_other(void **state)
{
	static const struct {
		const char *line;
		uint32_t send, receive;
	} cases[] = {
		{ "--mode receive", 0, 0 },
		{ "--mode receive --receive-port 2", 2, 2 },
		{ "--mode echo --send-port 3", 3, 3 },
		{ "--send-port 1 --receive-port 0", 1, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct args args;

		assert_int_equal(parse(&args, BACKEND_DPDK, cases[i].line), 0);
		assert_int_equal(args.send_port, cases[i].send);
		assert_int_equal(args.receive_port, cases[i].receive);
	}
}

static void
values_are_read(void **state)
{
	struct args args;

	(void)state;
	assert_int_equal(parse(&args, BACKEND_SOCK,
			       "--netdev eth0 --mode send --dst 02:00:00:00:00:ff --size 60-9014 "
			       "--vlan 4095 --run-id 0x10 --join-group 01:00:5e:00:00:01 --json"),
			 0);
	assert_int_equal(args.mode, MODE_SEND);
	assert_int_equal(args.dst.byte[5], 0xff);
	assert_false(args.src.given);
	assert_int_equal(args.min_bytes, 60);
	assert_int_equal(args.max_bytes, 9014);
	assert_int_equal(args.vlan, 4095);
	assert_int_equal(args.run, 16);
	assert_int_equal(args.nb_groups, 1);
	assert_true(args.json);
	assert_int_equal(args.count, 2048);
}

static void
bad_input_is_refused(void **state)
{
	static const struct {
		enum backend backend;
		const char *line;
	} cases[] = {
		{ BACKEND_SOCK, "--mode receive" },
		{ BACKEND_SOCK, "--netdev x --mode send" },
		{ BACKEND_SOCK, "--netdev x --mode receive --segments 2" },
		{ BACKEND_DPDK, "--netdev x --mode receive" },
		{ BACKEND_DPDK, "--mode both" },
		{ BACKEND_DPDK, "--mode sniff" },
		{ BACKEND_DPDK, "--mode receive --size 59" },
		{ BACKEND_DPDK, "--mode receive --size 100-99" },
		{ BACKEND_DPDK, "--mode receive --size 60-" },
		{ BACKEND_DPDK, "--mode receive --count 0" },
		{ BACKEND_DPDK, "--mode receive --vlan 4096" },
		{ BACKEND_DPDK, "--mode receive --segments 9" },
		{ BACKEND_DPDK, "--mode send --dst 02:00:00:00:00" },
		{ BACKEND_DPDK, "--mode send --dst 02:00:00:00:00:01:02" },
		{ BACKEND_DPDK, "--mode" },
		{ BACKEND_DPDK, "receive" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct args args;

		if (parse(&args, cases[i].backend, cases[i].line) != -EINVAL)
			fail_msg("%s", cases[i].line);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ports_follow_each_other),
		cmocka_unit_test(values_are_read),
		cmocka_unit_test(bad_input_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
