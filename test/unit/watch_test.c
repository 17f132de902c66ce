/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* What the header promises, over streams of events made up by a generator that always makes the
 * same, each beside a list of all events that is counted the slow way. */

#include "cases.h"

#include <string.h>

#include "watch.h"

#define EVENTS_MAX 4000
#define STREAMS	   400

static uint64_t seed;

/* Of [0, below). */
static uint32_t
random_below(uint32_t below)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(seed >> 33) % below;
}

/* All events since the monitor began to count. */
struct list {
	uint64_t at_ms[EVENTS_MAX];
	uint32_t nb[EVENTS_MAX];
	unsigned int used;
};

/* In the last `ms` milliseconds, this one included. */
static uint64_t
in_last(const struct list *list, uint64_t now_ms, uint64_t ms)
{
	uint64_t nb = 0;

	for (unsigned int i = list->used; i > 0 && list->at_ms[i - 1] + ms > now_ms; i--)
		nb += list->nb[i - 1];
	return nb;
}

static struct watch_rules
random_rules(enum watch_kind kind, enum watch_action action)
{
	static const uint32_t windows[] = { 8, 9, 15, 100, 1000, 4321 };
	struct watch_rules rules = { 0 };

	rules.rule[kind] = (struct watch_rule){
		.limit = 1 + random_below(200),
		.window_ms = windows[random_below(CASES(windows))],
		.action = action,
		.release_s = random_below(4),
	};
	return rules;
}

/* One event, beside the list. */
static unsigned int
check_event(struct watch *watch, const struct watch_rules *rules, enum watch_kind kind,
	    struct list *list, uint64_t now_ms)
{
	const struct watch_rule *rule = &rules->rule[kind];
	uint64_t slots_ms = (uint64_t)(rule->window_ms / WATCH_SLOTS) * (WATCH_SLOTS - 1);
	uint32_t nb = random_below(8) == 0 ? random_below(rule->limit + 2) : 1;
	struct watch_event event;
	unsigned int failed = 0;

	list->at_ms[list->used] = now_ms;
	list->nb[list->used++] = nb;
	if (watch_count(watch, rules, kind, nb, now_ms, &event)) {
		failed += differs("above the limit", 1,
				  in_last(list, now_ms, rule->window_ms) > rule->limit);
		failed += differs("kind", kind, event.kind);
		failed += differs("action", rule->action, event.action);
		failed += differs("more were seen than allowed", 1, event.seen > rule->limit);
		return failed;
	}
	return differs("at or below the limit", 0, in_last(list, now_ms, slots_ms) > rule->limit);
}

/* Until it acts, or for as long as the list is. */
static unsigned int
check_stream(enum watch_kind kind, enum watch_action action)
{
	const struct watch_rules rules = random_rules(kind, action);
	const uint32_t pause_ms = 1 + rules.rule[kind].window_ms / (1 + random_below(300));
	uint64_t now_ms = (uint64_t)random_below(1000000) << random_below(30);
	static struct list list;
	struct watch watch = { 0 };
	struct watch_event event;
	unsigned int failed = 0;

	list.used = 0;
	while (failed == 0 && list.used < EVENTS_MAX &&
	       watch_in_force(&watch, &event) == WATCH_NOTHING) {
		now_ms += random_below(2 * pause_ms);
		failed = check_event(&watch, &rules, kind, &list, now_ms);
	}
	if (failed > 0)
		print_error("# %s: limit %u in %u ms, event %u\n", watch_kind_name(kind),
			    rules.rule[kind].limit, rules.rule[kind].window_ms, list.used);
	return failed;
}

static void
test_acts_above_the_limit_only(void **state)
{
	unsigned int failed = 0;

	(void)state;
	for (seed = 1; seed <= STREAMS; seed++)
		failed += check_stream(seed % WATCH_NB_KINDS, WATCH_LOG + seed % 4);
	assert_int_equal(failed, 0);
}

/* Exactly as many as allowed, in each window, for ever: nothing. One more: at once. */
static void
test_the_limit_itself(void **state)
{
	const struct watch_rules rules = { .rule[WATCH_MAILBOX] = { 100, 1000, WATCH_NACK, 0 } };
	struct watch watch = { 0 };
	struct watch_event event;
	uint64_t now_ms = 12345;
	char text[WATCH_TEXT_BYTES];

	(void)state;
	for (unsigned int window = 0; window < 50; window++, now_ms += 1000)
		assert_false(watch_count(&watch, &rules, WATCH_MAILBOX, 100, now_ms, &event));
	now_ms -= 1000;
	assert_true(watch_count(&watch, &rules, WATCH_MAILBOX, 1, now_ms, &event));
	assert_int_equal(event.seen, 101);
	assert_int_equal(event.until_ms, 0);
	watch_event_text(&event, text);
	assert_string_equal(text, "mailbox flood, 101 requests in 1000 ms");
	/* Said once, however much more there is. */
	assert_false(watch_count(&watch, &rules, WATCH_MAILBOX, 1000, now_ms, &event));
}

/* Released once, neither before its time nor never. */
static unsigned int
check_release(enum watch_action action)
{
	const struct watch_rules rules = random_rules(WATCH_MAILBOX, action);
	const struct watch_rule *rule = &rules.rule[WATCH_MAILBOX];
	uint64_t begin_ms = 1 + random_below(1000000), until_ms = 0;
	struct watch watch = { 0 };
	struct watch_event event;
	unsigned int released = 0, failed = 0;

	if (rule->release_s > 0)
		until_ms = begin_ms + 1000 * (uint64_t)rule->release_s;
	else if (action == WATCH_LOG)
		until_ms = begin_ms + 60000;
	failed += differs("begins", 1, watch_count(&watch, &rules, WATCH_MAILBOX, rule->limit + 1,
						   begin_ms, &event));
	failed += differs("until", (long long)until_ms, (long long)event.until_ms);
	for (uint64_t now_ms = begin_ms; now_ms < begin_ms + 8000; now_ms += 1 + random_below(40)) {
		bool due = until_ms != 0 && now_ms >= until_ms;
		bool ended;

		(void)watch_count(&watch, &rules, WATCH_MAILBOX, released > 0 ? 0 : 1, now_ms,
				  &event);
		ended = watch_expire(&watch, now_ms, &event);
		failed += differs("released when due, once", due && released == 0, ended);
		released += ended;
		failed += differs("in force", released > 0 ? WATCH_NOTHING : action,
				  watch_in_force(&watch, &event));
	}
	failed += differs("released in the end", until_ms != 0 && until_ms < begin_ms + 8000,
			  released);
	return failed;
}

static void
test_released_exactly_once(void **state)
{
	unsigned int failed = 0;

	(void)state;
	for (seed = 1; seed <= STREAMS; seed++)
		failed += check_release(WATCH_LOG + seed % 4);
	assert_int_equal(failed, 0);
}

/* From the start of throttling on, no more than the limit's rate; and not much less, if asked. */
static unsigned int
check_throttle(void)
{
	const struct watch_rules rules = random_rules(WATCH_MAILBOX, WATCH_THROTTLE);
	const struct watch_rule *rule = &rules.rule[WATCH_MAILBOX];
	const uint64_t begin_ms = 1 + random_below(1000000), time_ms = 20 * rule->window_ms;
	uint64_t served = 0;
	struct watch watch = { 0 };
	struct watch_event event;
	unsigned int failed = 0;

	failed += differs("begins", 1, watch_count(&watch, &rules, WATCH_MAILBOX, rule->limit + 1,
						   begin_ms, &event));
	for (uint64_t ms = 0; ms <= time_ms && failed == 0; ms++) {
		for (unsigned int i = random_below(2 * rule->limit + 2); i > 0; i--)
			served += watch_judge(&watch, &rules, false, begin_ms + ms) ==
				  WATCH_NOTHING;
		failed += differs("no more than the rate", 1,
				  served * rule->window_ms <= ms * rule->limit);
	}
	failed += differs("and not much less", 1,
			  served + 1 + 2 * (uint64_t)rule->limit >= 20 * (uint64_t)rule->limit);
	return failed;
}

static void
test_throttle_bounds_the_rate(void **state)
{
	unsigned int failed = 0;

	(void)state;
	for (seed = 1; seed <= 60; seed++)
		failed += check_throttle();
	assert_int_equal(failed, 0);
}

static void
test_throttled_resets(void **state)
{
	const struct watch_rules rules = { .rule[WATCH_RESETS] = { 2, 1000, WATCH_THROTTLE, 5 } };
	struct watch watch = { 0 };
	struct watch_event event;

	(void)state;
	assert_true(watch_count(&watch, &rules, WATCH_RESETS, 3, 1000, &event));
	assert_int_equal(watch_judge(&watch, &rules, true, 1000), WATCH_THROTTLE);
	assert_int_equal(watch_judge(&watch, &rules, false, 1000), WATCH_NOTHING);
	assert_int_equal(watch_judge(&watch, &rules, true, 1500), WATCH_NOTHING);
	assert_int_equal(watch_judge(&watch, &rules, true, 1500), WATCH_THROTTLE);
}

static void
test_the_strongest_counts(void **state)
{
	const struct watch_rules rules = { .rule = {
		[WATCH_MAILBOX] = { 1, 1000, WATCH_THROTTLE, 5 },
		[WATCH_SPOOF] = { 1, 1000, WATCH_NACK, 2 },
	} };
	struct watch watch = { 0 };
	struct watch_event event;

	(void)state;
	assert_int_equal(watch_judge(&watch, &rules, false, 1000), WATCH_NOTHING);
	assert_true(watch_count(&watch, &rules, WATCH_MAILBOX, 2, 1000, &event));
	assert_true(watch_count(&watch, &rules, WATCH_SPOOF, 2, 1000, &event));
	assert_int_equal(watch_in_force(&watch, &event), WATCH_NACK);
	assert_int_equal(event.kind, WATCH_SPOOF);
	assert_int_equal(watch_judge(&watch, &rules, false, 1000), WATCH_NACK);
	assert_true(watch_expire(&watch, 3000, &event));
	assert_int_equal(event.kind, WATCH_SPOOF);
	assert_false(watch_expire(&watch, 3000, &event));
	assert_int_equal(watch_in_force(&watch, &event), WATCH_THROTTLE);
	watch_clear(&watch);
	assert_int_equal(watch_in_force(&watch, &event), WATCH_NOTHING);
	assert_int_equal(watch_judge(&watch, &rules, false, 3000), WATCH_NOTHING);
}

static void
test_nothing_overflows(void **state)
{
	struct watch_rules rules = { .rule[WATCH_SPOOF] = { WATCH_LIMIT_MAX, WATCH_WINDOW_MS_MAX,
							    WATCH_NACK, WATCH_RELEASE_S_MAX } };
	struct watch_rule *rule = &rules.rule[WATCH_SPOOF];
	uint64_t now_ms = UINT64_MAX / 2;
	struct watch watch = { 0 };
	struct watch_event event;

	(void)state;
	/* A counter that stands still at its end, in each slot. */
	rule->limit = 0;
	for (unsigned int i = 0; i < 2 * WATCH_SLOTS; i++)
		assert_false(watch_count(&watch, &rules, WATCH_SPOOF, UINT64_MAX, now_ms, &event));
	rule->limit = WATCH_LIMIT_MAX;
	assert_false(watch_count(&watch, &rules, WATCH_SPOOF, WATCH_LIMIT_MAX, now_ms, &event));
	assert_true(watch_count(&watch, &rules, WATCH_SPOOF, UINT64_MAX, now_ms, &event));
	assert_int_equal(event.seen, UINT32_MAX);
	for (unsigned int i = 0; i < 2 * WATCH_SLOTS; i++, now_ms += 400000)
		assert_false(watch_count(&watch, &rules, WATCH_SPOOF, UINT64_MAX, now_ms, &event));

	/* The largest budget there can be, filled and spent. */
	watch_clear(&watch);
	rules.rule[WATCH_MAILBOX] = *rule;
	rules.rule[WATCH_MAILBOX].action = WATCH_THROTTLE;
	assert_true(watch_count(&watch, &rules, WATCH_MAILBOX, UINT64_MAX, now_ms, &event));
	assert_int_equal(watch_judge(&watch, &rules, false, now_ms), WATCH_THROTTLE);
	now_ms += 10 * (uint64_t)WATCH_WINDOW_MS_MAX;
	for (unsigned int i = 0; i < 100; i++)
		assert_int_equal(watch_judge(&watch, &rules, false, now_ms), WATCH_NOTHING);
	assert_true(watch.monitor[WATCH_MAILBOX].budget <
		    (uint64_t)WATCH_LIMIT_MAX * WATCH_WINDOW_MS_MAX);
}

/* Rules may change, and a monitor's slots are another rule's then: it counts anew. */
static void
test_other_rules(void **state)
{
	struct watch_rules rules = { .rule[WATCH_MAILBOX] = { 10, 8, WATCH_NACK, 0 } };
	struct watch watch = { 0 };
	struct watch_event event;

	(void)state;
	assert_false(watch_count(&watch, &rules, WATCH_MAILBOX, 10, 1000000, &event));
	rules.rule[WATCH_MAILBOX].window_ms = 80000;
	assert_false(watch_count(&watch, &rules, WATCH_MAILBOX, 10, 1000000, &event));
	assert_true(watch_count(&watch, &rules, WATCH_MAILBOX, 1, 1000000, &event));
}

static void
test_words(void **state)
{
	unsigned int failed = 0;

	(void)state;
	for (enum watch_action action = WATCH_LOG; action < WATCH_NB_ACTIONS; action++)
		failed += differs("found again", action,
				  watch_action_find(watch_action_name(action)));
	failed += differs("no action", WATCH_NB_ACTIONS, watch_action_find("nothing"));
	failed += differs("no word", WATCH_NB_ACTIONS, watch_action_find(""));
	for (enum watch_kind kind = 0; kind < WATCH_NB_KINDS; kind++) {
		const struct watch_rule *rule = &watch_rules_default.rule[kind];

		failed += differs("by default it is logged", WATCH_LOG, rule->action);
		failed += differs("in a window", 1, rule->window_ms >= WATCH_WINDOW_MS_MIN);
	}
	assert_int_equal(failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_acts_above_the_limit_only),
		cmocka_unit_test(test_the_limit_itself),
		cmocka_unit_test(test_released_exactly_once),
		cmocka_unit_test(test_throttle_bounds_the_rate),
		cmocka_unit_test(test_throttled_resets),
		cmocka_unit_test(test_the_strongest_counts),
		cmocka_unit_test(test_nothing_overflows),
		cmocka_unit_test(test_other_rules),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
