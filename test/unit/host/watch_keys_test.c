/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* The key ports[].watch: what is taken, and what is refused by which name. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "watch.h"
#include "watch_keys.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static int
read_text_of(const char *text, struct watch_rules *rules, struct reader *reader)
{
	json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);
	int rc;

	assert_non_null(value);
	*reader = (struct reader){ .path = "watch" };
	rc = read_watch(reader, value, rules);
	json_decref(value);
	return rc;
}

static const struct {
	const char *text, *error;
} bad_cases[] = {
	{ "[]", "watch: an array is not an object" },
	{ "{\"flood\":{}}", "watch.flood: no such key; there are mailbox, resets, spoof, malicious,"
			    " broadcast, lock" },
	{ "{\"lock\":1}", "watch.lock: 1 is not an object" },
	{ "{\"lock\":{\"max\":1}}",
	  "watch.lock.max: no such key; there are limit, window_ms, action, release_s" },
	{ "{\"lock\":{\"limit\":1000000001}}",
	  "watch.lock.limit: 1000000001 is not in 0..1000000000" },
	{ "{\"lock\":{\"limit\":-1}}", "watch.lock.limit: -1 is not in 0..1000000000" },
	{ "{\"lock\":{\"window_ms\":7}}", "watch.lock.window_ms: 7 is not in 8..3600000" },
	{ "{\"lock\":{\"release_s\":-1}}", "watch.lock.release_s: -1 is not in 0..2592000" },
	{ "{\"lock\":{\"action\":\"kill\"}}",
	  "watch.lock.action: \"kill\" is not \"log\", \"throttle\", \"nack\" or \"quarantine\"" },
	{ "{\"lock\":{\"action\":null}}",
	  "watch.lock.action: null is not \"log\", \"throttle\", \"nack\" or \"quarantine\"" },
	{ "{\"spoof\":{\"action\":\"throttle\"}}",
	  "watch.spoof.action: \"throttle\" is for mailbox, resets and lock only" },
	{ "{\"malicious\":{\"action\":\"throttle\"}}",
	  "watch.malicious.action: \"throttle\" is for mailbox, resets and lock only" },
	{ "{\"broadcast\":{\"action\":\"throttle\"}}",
	  "watch.broadcast.action: \"throttle\" is for mailbox, resets and lock only" },
};

static void
test_bad_values_are_named(void **state)
{
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad_cases); i++) {
		struct watch_rules rules = watch_rules_default;
		struct reader reader;
		int rc = read_text_of(bad_cases[i].text, &rules, &reader);

		if (rc == -EINVAL && strcmp(reader.error, bad_cases[i].error) == 0)
			continue;
		print_error("%s: got %d, %s\n", bad_cases[i].text, rc, reader.error);
		failed++;
	}
	assert_int_equal(failed, 0);
}

/* What is left out is as it was. */
static void
test_good_values(void **state)
{
	struct watch_rules rules = watch_rules_default;
	struct reader reader;

	(void)state;
	assert_int_equal(read_text_of("{\"mailbox\":{\"limit\":3000,\"action\":\"quarantine\","
				      "\"release_s\":2592000},"
				      "\"lock\":{\"action\":\"throttle\",\"window_ms\":8},"
				      "\"spoof\":{\"limit\":0},"
				      "\"broadcast\":{\"limit\":1000000000,\"action\":\"nack\"}}",
				      &rules, &reader),
			 0);
	assert_int_equal(rules.rule[WATCH_MAILBOX].limit, 3000);
	assert_int_equal(rules.rule[WATCH_MAILBOX].action, WATCH_QUARANTINE);
	assert_int_equal(rules.rule[WATCH_MAILBOX].release_s, 2592000);
	assert_int_equal(rules.rule[WATCH_MAILBOX].window_ms,
			 watch_rules_default.rule[WATCH_MAILBOX].window_ms);
	assert_int_equal(rules.rule[WATCH_LOCK].action, WATCH_THROTTLE);
	assert_int_equal(rules.rule[WATCH_LOCK].window_ms, 8);
	assert_int_equal(rules.rule[WATCH_SPOOF].limit, 0);
	assert_int_equal(rules.rule[WATCH_BROADCAST].limit, WATCH_LIMIT_MAX);
	assert_int_equal(rules.rule[WATCH_BROADCAST].action, WATCH_NACK);
	assert_memory_equal(&rules.rule[WATCH_RESETS], &watch_rules_default.rule[WATCH_RESETS],
			    sizeof(rules.rule[0]));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_values_are_named),
		cmocka_unit_test(test_good_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
