/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* The key ports[].watch: what is watched of each VF, and what is done then. */

#include "watch.h"
#include "watch_keys.h"

static int
read_number(struct reader *reader, const json_t *value, uint32_t min, uint32_t max, void *field)
{
	uint32_t *number = field;
	int64_t integer = 0;
	int rc = read_integer(reader, value, min, max, &integer);

	if (rc == 0)
		*number = (uint32_t)integer;
	return rc;
}

static int
read_limit(struct reader *reader, const json_t *value, void *field)
{
	return read_number(reader, value, 0, WATCH_LIMIT_MAX, field);
}

static int
read_window_ms(struct reader *reader, const json_t *value, void *field)
{
	return read_number(reader, value, WATCH_WINDOW_MS_MIN, WATCH_WINDOW_MS_MAX, field);
}

static int
read_release_s(struct reader *reader, const json_t *value, void *field)
{
	return read_number(reader, value, 0, WATCH_RELEASE_S_MAX, field);
}

static int
read_action(struct reader *reader, const json_t *value, void *field)
{
	const char *text = json_string_value(value);
	enum watch_action *action = field;

	*action = text == NULL ? WATCH_NB_ACTIONS : watch_action_find(text);
	if (*action == WATCH_NB_ACTIONS)
		return reader_refuse_value(reader, value,
					   "\"log\", \"throttle\", \"nack\" or \"quarantine\"");
	return 0;
}

static const struct key rule_keys[] = {
	{ "limit", false, offsetof(struct watch_rule, limit), read_limit },
	{ "window_ms", false, offsetof(struct watch_rule, window_ms), read_window_ms },
	{ "action", false, offsetof(struct watch_rule, action), read_action },
	{ "release_s", false, offsetof(struct watch_rule, release_s), read_release_s },
	{ NULL },
};

static int
read_rule(struct reader *reader, const json_t *value, void *field)
{
	return reader_object(reader, value, rule_keys, field);
}

/* What these count is not requests, so leaving requests unanswered does not lessen it. */
static int
read_unthrottled_rule(struct reader *reader, const json_t *value, void *field)
{
	const struct watch_rule *rule = field;
	int rc = read_rule(reader, value, field);

	if (rc == 0 && rule->action == WATCH_THROTTLE) {
		(void)reader_enter(reader, "action");
		return reader_refuse(reader, "\"throttle\" is for mailbox, resets and lock only");
	}
	return rc;
}

#define RULE_AT(kind) (offsetof(struct watch_rules, rule) + (kind) * sizeof(struct watch_rule))

static const struct key watch_keys[] = {
	{ "mailbox", false, RULE_AT(WATCH_MAILBOX), read_rule },
	{ "resets", false, RULE_AT(WATCH_RESETS), read_rule },
	{ "spoof", false, RULE_AT(WATCH_SPOOF), read_unthrottled_rule },
	{ "malicious", false, RULE_AT(WATCH_MALICIOUS), read_unthrottled_rule },
	{ "broadcast", false, RULE_AT(WATCH_BROADCAST), read_unthrottled_rule },
	{ "lock", false, RULE_AT(WATCH_LOCK), read_rule },
	{ NULL },
};

int
read_watch(struct reader *reader, const json_t *value, void *rules)
{
	return reader_object(reader, value, watch_keys, rules);
}
