/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* Counting in windows of slots, and what begins and ends by it. */

#include <stdio.h>
#include <string.h>

#include "watch.h"

#define MS_PER_S 1000

static const struct {
	const char *name, *what, *events;
} kinds[WATCH_NB_KINDS] = {
	[WATCH_MAILBOX] = { "mailbox", "mailbox flood", "requests" },
	[WATCH_RESETS] = { "resets", "reset storm", "RESETs" },
	[WATCH_SPOOF] = { "spoof", "spoofed sources", "findings" },
	[WATCH_MALICIOUS] = { "malicious", "malicious driver", "queues stopped" },
	[WATCH_BROADCAST] = { "broadcast", "broadcast storm", "frames" },
	[WATCH_LOCK] = { "lock", "mailbox hogged", "locks taken back" },
};

static const char *const action_names[WATCH_NB_ACTIONS] = {
	[WATCH_NOTHING] = "nothing",
	[WATCH_LOG] = "log",
	[WATCH_THROTTLE] = "throttle",
	[WATCH_NACK] = "nack",
	[WATCH_QUARANTINE] = "quarantine",
};

const struct watch_rules watch_rules_default = { .rule = {
	[WATCH_MAILBOX] = { 1000, 1000, WATCH_LOG, 0 },
	[WATCH_RESETS] = { 50, 10000, WATCH_LOG, 0 },
	[WATCH_SPOOF] = { 5, 10000, WATCH_LOG, 0 },
	[WATCH_MALICIOUS] = { 5, 10000, WATCH_LOG, 0 },
	[WATCH_BROADCAST] = { 10000, 1000, WATCH_LOG, 0 },
	[WATCH_LOCK] = { 20, 1000, WATCH_LOG, 0 },
} };

/* Rounded down, so that all slots together are no longer than the window. */
static uint64_t
slot_of(const struct watch_rule *rule, uint64_t now_ms)
{
	uint32_t slot_ms = rule->window_ms / WATCH_SLOTS;

	return now_ms / (slot_ms > 0 ? slot_ms : 1);
}

/* Slots that lie behind the window are emptied; a step back in time is another rule's slots. */
static void
advance(struct watch_monitor *monitor, uint64_t slot)
{
	if (slot < monitor->slot || slot - monitor->slot >= WATCH_SLOTS) {
		memset(monitor->count, 0, sizeof(monitor->count));
		monitor->slot = slot;
	}
	while (monitor->slot < slot)
		monitor->count[++monitor->slot % WATCH_SLOTS] = 0;
}

static void
add(uint32_t *count, uint64_t nb)
{
	*count = nb < UINT32_MAX - *count ? *count + (uint32_t)nb : UINT32_MAX;
}

static uint64_t
sum(const struct watch_monitor *monitor)
{
	uint64_t seen = 0;

	for (unsigned int i = 0; i < WATCH_SLOTS; i++)
		seen += monitor->count[i];
	return seen;
}

static uint64_t
end_of(const struct watch_rule *rule, uint64_t now_ms)
{
	if (rule->release_s != 0)
		return now_ms + (uint64_t)rule->release_s * MS_PER_S;
	if (rule->action != WATCH_LOG)
		return 0;
	return now_ms + (rule->window_ms > WATCH_LOG_AGAIN_MS ? rule->window_ms :
								WATCH_LOG_AGAIN_MS);
}

static struct watch_event
event_of(enum watch_kind kind, const struct watch_monitor *monitor)
{
	return (struct watch_event){
		.kind = kind,
		.action = monitor->acting,
		.seen = monitor->seen,
		.window_ms = monitor->window_ms,
		.until_ms = monitor->until_ms,
	};
}

bool
watch_count(struct watch *watch, const struct watch_rules *rules, enum watch_kind kind, uint64_t nb,
	    uint64_t now_ms, struct watch_event *event)
{
	const struct watch_rule *rule = &rules->rule[kind];
	struct watch_monitor *monitor = &watch->monitor[kind];
	uint64_t seen;

	if (rule->limit == 0 || rule->action == WATCH_NOTHING)
		return false;
	advance(monitor, slot_of(rule, now_ms));
	add(&monitor->count[monitor->slot % WATCH_SLOTS], nb);
	seen = sum(monitor);
	if (monitor->acting != WATCH_NOTHING || seen <= rule->limit)
		return false;
	*monitor = (struct watch_monitor){
		.slot = monitor->slot,
		.acting = rule->action,
		.until_ms = end_of(rule, now_ms),
		.seen = seen < UINT32_MAX ? (uint32_t)seen : UINT32_MAX,
		.window_ms = rule->window_ms,
		/* What a window allows has just been served: it begins with nothing. */
		.budget_ms = now_ms,
	};
	*event = event_of(kind, monitor);
	return true;
}

/* A bucket of the limit's size, filled once in a window. */
static bool
spend(struct watch_monitor *monitor, const struct watch_rule *rule, uint64_t now_ms)
{
	uint64_t passed_ms = now_ms > monitor->budget_ms ? now_ms - monitor->budget_ms : 0;
	uint64_t full = (uint64_t)rule->limit * rule->window_ms;

	monitor->budget_ms = now_ms;
	if (passed_ms >= rule->window_ms)
		monitor->budget = full;
	else
		monitor->budget += passed_ms * rule->limit;
	if (monitor->budget > full)
		monitor->budget = full;
	if (monitor->budget < rule->window_ms)
		return false;
	monitor->budget -= rule->window_ms;
	return true;
}

enum watch_action
watch_judge(struct watch *watch, const struct watch_rules *rules, bool is_reset, uint64_t now_ms)
{
	enum watch_action judged = WATCH_NOTHING;

	for (unsigned int kind = 0; kind < WATCH_NB_KINDS; kind++) {
		struct watch_monitor *monitor = &watch->monitor[kind];

		if (monitor->acting >= WATCH_NACK)
			return WATCH_NACK;
		if (monitor->acting != WATCH_THROTTLE || rules->rule[kind].limit == 0 ||
		    (kind == WATCH_RESETS && !is_reset))
			continue;
		if (!spend(monitor, &rules->rule[kind], now_ms))
			judged = WATCH_THROTTLE;
	}
	return judged;
}

bool
watch_expire(struct watch *watch, uint64_t now_ms, struct watch_event *event)
{
	for (unsigned int kind = 0; kind < WATCH_NB_KINDS; kind++) {
		struct watch_monitor *monitor = &watch->monitor[kind];

		if (monitor->acting == WATCH_NOTHING || monitor->until_ms == 0 ||
		    now_ms < monitor->until_ms)
			continue;
		*event = event_of(kind, monitor);
		/* What was counted meanwhile is past too. */
		memset(monitor, 0, sizeof(*monitor));
		return true;
	}
	return false;
}

enum watch_action
watch_in_force(const struct watch *watch, struct watch_event *event)
{
	enum watch_action strongest = WATCH_NOTHING;

	for (unsigned int kind = 0; kind < WATCH_NB_KINDS; kind++) {
		if (watch->monitor[kind].acting <= strongest)
			continue;
		strongest = watch->monitor[kind].acting;
		*event = event_of(kind, &watch->monitor[kind]);
	}
	return strongest;
}

void
watch_clear(struct watch *watch)
{
	memset(watch, 0, sizeof(*watch));
}

const char *
watch_kind_name(enum watch_kind kind)
{
	return (unsigned int)kind < WATCH_NB_KINDS ? kinds[kind].name : "?";
}

const char *
watch_action_name(enum watch_action action)
{
	return (unsigned int)action < WATCH_NB_ACTIONS ? action_names[action] : "?";
}

enum watch_action
watch_action_find(const char *name)
{
	unsigned int action = WATCH_LOG;

	while (action < WATCH_NB_ACTIONS && strcmp(action_names[action], name) != 0)
		action++;
	return action;
}

void
watch_event_text(const struct watch_event *event, char text[WATCH_TEXT_BYTES])
{
	snprintf(text, WATCH_TEXT_BYTES, "%s, %u %s in %u ms", kinds[event->kind].what, event->seen,
		 kinds[event->kind].events, event->window_ms);
}
