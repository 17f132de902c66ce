/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include "cmocka_all.h"

#include <errno.h>
#include <string.h>

#include "options.h"
#include "words.h"

static int
parse(struct options *o, const char *line, char *why)
{
	char *argv[WORDS_MAX];
	int argc = words_split("sluice-fwd", line, argv);

	why[0] = '\0';
	return options_parse(o, argc, argv, why);
}

static void
defaults_are_those_of_the_help(void **state)
{
	char why[WHY_BYTES];
	struct options o;

	(void)state;
	assert_int_equal(parse(&o, "", why), 0);
	assert_int_equal(o.nb_pairs, 0);
	assert_int_equal(o.queues, 1);
	assert_int_equal(o.rxd, 512);
	assert_int_equal(o.txd, 512);
	assert_false(o.rxd_given || o.txd_given);
	assert_int_equal(o.burst, 32);
	assert_int_equal(o.mac_mode, MAC_NONE);
	assert_int_equal(o.promisc, PROMISC_AUTO);
	assert_int_equal(o.capture_side, CAPTURE_RX);
	assert_string_equal(o.mode, "poll");
	assert_null(o.capture);
}

static void
everything_at_once(void **state)
{
	char why[WHY_BYTES];
	struct options o;

	(void)state;
	assert_int_equal(parse(&o,
			       "--pairs 0:3,2:1 --mac-mode rewrite --eth-dest 3,02:00:00:00:00:09 "
			       "--queues=2 --rxd 1024 --mtu 9000 --promisc off --capture-side tx "
			       "--capture a.pcap",
			       why),
			 0);
	assert_int_equal(o.nb_pairs, 2);
	assert_int_equal(o.pairs[0].port[1], 3);
	assert_int_equal(o.pairs[1].port[0], 2);
	assert_int_equal(o.mac_mode, MAC_REWRITE);
	assert_true(o.eth_dest[3].given);
	assert_int_equal(o.eth_dest[3].addr.addr_bytes[5], 9);
	assert_false(o.eth_dest[0].given);
	assert_int_equal(o.queues, 2);
	assert_true(o.rxd_given);
	assert_false(o.txd_given);
	assert_int_equal(o.mtu, 9000);
	assert_int_equal(o.promisc, PROMISC_OFF);
	assert_int_equal(o.capture_side, CAPTURE_TX);
	assert_string_equal(o.capture, "a.pcap");
}

/* Each line is refused, and the complaint names the offender and what would do. */
static const struct {
	const char *line, *offender, *allowed;
} refused[] = {
	{ "--pairs 0", "--pairs 0", "PORT:PORT" },
	{ "--pairs 0:1,", "0:1,", "PORT:PORT" },
	{ "--pairs 0:1;2:3", "0:1;2:3", "PORT:PORT" },
	{ "--pairs -1:0", "-1:0", "0 to 31" },
	{ "--pairs 0:32", "0:32", "0 to 31" },
	{ "--pairs 0:0", "port 0", "once" },
	{ "--pairs 0:1,2:1", "port 1", "once" },
	{ "--pairs 0:1,2:2", "port 2", "once" },
	{ "--rxd 7", "--rxd 7", "8 to 32768" },
	{ "--rxd 99999999999999999999", "--rxd", "8 to 32768" },
	{ "--txd 4k", "--txd 4k", "8 to 32768" },
	{ "--burst 0", "--burst 0", "1 to 256" },
	{ "--burst +1", "--burst +1", "1 to 256" },
	{ "--queues 65", "--queues 65", "1 to 64" },
	{ "--mtu 67", "--mtu 67", "68 to" },
	{ "--mac-mode router", "router", "none, swap, rewrite" },
	{ "--promisc yes", "yes", "auto, on, off" },
	{ "--mode nap", "nap", "poll, interrupt, hybrid" },
	{ "--mode hybrid --profile fast", "fast", "balanced, latency, eco, paper" },
	{ "--mode hybrid --aic r=1.2", "--aic r=1.2", "more than 0, up to 1" },
	{ "--mode hybrid --aic lif=1k,q=7", "--aic q", "want r, lif" },
	{ "--mode poll --profile eco", "--profile", "--mode interrupt or hybrid" },
	{ "--aic r=0.5", "--aic", "--mode interrupt or hybrid" },
	{ "--capture-side both", "both", "rx, tx" },
	{ "--capture-snaplen 63", "63", "64 to 65535" },
	{ "--eth-dest 0", "--eth-dest 0", "PORT,MAC" },
	{ "--eth-dest 0,02:00:00:00:00", "02:00:00:00:00", "PORT,MAC" },
	{ "--eth-dest 0,00:00:00:00:00:00", "00:00", "other than zero" },
	{ "--eth-dest 0,02:00:00:00:00:01", "--eth-dest 0", "rewrite" },
	{ "--mac-mode swap --eth-dest 0,02:00:00:00:00:01", "--eth-dest 0", "rewrite" },
	{ "--capture-filter tcp", "--capture-filter", "--capture FILE" },
	{ "--burst", "--burst", "value" },
	{ "--brust 3", "--brust", "unknown" },
	{ "0:1", "0:1", "--" },
};

static void
bad_input_is_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		char why[WHY_BYTES];
		struct options o;

		if (parse(&o, refused[i].line, why) != -EINVAL ||
		    strstr(why, refused[i].offender) == NULL ||
		    strstr(why, refused[i].allowed) == NULL || strchr(why, '\n') != NULL)
			fail_msg("%s: \"%s\"", refused[i].line, why);
	}
}

static void
neighbours_pair_up(void **state)
{
	static const uint16_t ports[] = { 0, 1, 4, 6 };
	char why[WHY_BYTES];
	struct options o;

	(void)state;
	parse(&o, "", why);
	assert_int_equal(options_pair(&o, ports, 4, why), 0);
	assert_int_equal(o.nb_pairs, 2);
	assert_int_equal(o.pairs[1].port[0], 4);
	assert_int_equal(o.pairs[1].port[1], 6);
}

static const struct {
	const char *line;
	uint16_t nb_ports; /* 0, 1, 2... */
	int rc;
	const char *complaint;
} pairings[] = {
	{ "", 0, -ENODEV, "no ports" },
	{ "", 3, -EINVAL, "3 ports do not pair up" },
	{ "--pairs 0:2", 3, 0, "" },
	{ "--pairs 0:3", 3, -EINVAL, "no port 3, want 0 to 2" },
	{ "--mac-mode rewrite --pairs 0:1 --eth-dest 2,02:00:00:00:00:01", 3, -EINVAL,
	  "port 2 is in no pair" },
};

static void
pairs_are_checked_against_the_ports(void **state)
{
	static const uint16_t ports[] = { 0, 1, 2 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pairings); i++) {
		char why[WHY_BYTES];
		struct options o;

		assert_int_equal(parse(&o, pairings[i].line, why), 0);
		if (options_pair(&o, ports, pairings[i].nb_ports, why) != pairings[i].rc ||
		    strstr(why, pairings[i].complaint) == NULL)
			fail_msg("%s: \"%s\"", pairings[i].line, why);
	}
}

static void
as_many_pairs_as_there_can_be(void **state)
{
	uint16_t ports[RTE_MAX_ETHPORTS];
	char why[WHY_BYTES];
	struct options o;

	(void)state;
	for (uint16_t i = 0; i < RTE_MAX_ETHPORTS; i++)
		ports[i] = i;
	parse(&o, "", why);
	assert_int_equal(options_pair(&o, ports, RTE_MAX_ETHPORTS, why), 0);
	assert_int_equal(o.nb_pairs, MAX_PAIRS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_those_of_the_help),
		cmocka_unit_test(everything_at_once),
		cmocka_unit_test(bad_input_is_named),
		cmocka_unit_test(neighbours_pair_up),
		cmocka_unit_test(pairs_are_checked_against_the_ports),
		cmocka_unit_test(as_many_pairs_as_there_can_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
