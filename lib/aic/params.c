/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Parameters: their presets, and the text that changes them. A new one is a member of struct
 * aic_params and a row of keys[].
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "estimator.h"

#define WORD_BYTES 64
#define ROUNDING   1e-3
#define NB(a)	   (sizeof(a) / sizeof((a)[0]))

/* A suffix, and by what it multiplies. */
struct unit {
	const char *suffix;
	double factor;
};

static const struct unit time_units[] = {
	{ "ns", 1 }, { "us", 1e3 }, { "ms", 1e6 }, { "s", 1e9 }, { NULL, 0 },
};
static const struct unit count_units[] = {
	{ "", 1 }, { "k", 1e3 }, { "M", 1e6 }, { NULL, 0 },
};
static const struct unit share_units[] = {
	{ "", AIC_ONE }, { NULL, 0 },
};

/* A number that has a name of its own. */
struct word {
	const char *name;
	uint64_t value;
};

static const struct word estimate_words[] = {
	{ "mean", AIC_MEAN }, { "ewma", AIC_EWMA }, { "peak", AIC_PEAK }, { NULL, 0 },
};
static const struct word switch_words[] = { { "off", 0 }, { "on", 1 }, { NULL, 0 } };
static const struct word line_words[] = { { "off", 0 }, { "auto", AIC_PPS_AUTO }, { NULL, 0 } };
static const struct word guard_words[] = { { "off", 0 }, { NULL, 0 } };

struct key {
	const char *name;
	const char *allowed;
	size_t offset, bytes;
	const struct unit *units;	/* NULL: words only */
	const struct word *words;	/* NULL: none */
	uint64_t min, max;		/* of a number */
};

#define MEMBER(member) \
	.offset = offsetof(struct aic_params, member), \
	.bytes = sizeof(((struct aic_params *)NULL)->member)

static const struct key keys[] = {
	{ "r", "more than 0, up to 1", MEMBER(r), share_units, NULL, 1, AIC_ONE },
	{ "lif", "1 to 1M interrupts a second", MEMBER(lif_hz), count_units, NULL, 1,
	  AIC_HZ_MAX },
	{ "period", "10us to 10s, with its unit", MEMBER(period_ns), time_units, NULL,
	  AIC_PERIOD_NS_MIN, AIC_PERIOD_NS_MAX },
	{ "estimator", "mean, ewma or peak", MEMBER(estimator), .words = estimate_words },
	{ "weight", "more than 0, up to 1", MEMBER(weight), share_units, NULL, 1, AIC_ONE },
	{ "missed", "on or off", MEMBER(missed), .words = switch_words },
	{ "hysteresis", "0 to 0.5", MEMBER(hysteresis), share_units, NULL, 0, AIC_ONE / 2 },
	{ "guard", "off, or up to 1", MEMBER(guard), share_units, guard_words, 1, AIC_ONE },
	{ "line", "off, auto, or 1 to 1000M packets a second", MEMBER(line_pps), count_units,
	  line_words, 1, AIC_PPS_MAX },
};

static const struct aic_preset presets[] = {
	{
		.name = "balanced",
		.text = "few wake-ups, and no loss when the load jumps",
		.ring = 4096,
		.params = {
			.r = 500000, .lif_hz = 1500, .period_ns = 1000000,
			.estimator = AIC_PEAK, .weight = 10000, .missed = 1,
			.hysteresis = 100000, .guard = 125000, .line_pps = AIC_PPS_AUTO,
		},
	},
	{
		.name = "latency",
		.text = "short intervals, and spinning when the load makes it worth it",
		.ring = 2048,
		.params = {
			.r = 500000, .lif_hz = 20000, .period_ns = 1000000,
			.estimator = AIC_PEAK, .weight = 50000, .missed = 1,
			.hysteresis = 100000, .guard = 62500, .line_pps = AIC_PPS_AUTO,
		},
	},
	{
		.name = "eco",
		.text = "as few wake-ups as large rings allow",
		.ring = 4096,
		.params = {
			.r = 900000, .lif_hz = 250, .period_ns = 1000000,
			.estimator = AIC_PEAK, .weight = 50000, .missed = 1,
			.hysteresis = 100000, .guard = 250000, .line_pps = 5000000,
		},
	},
	{
		.name = "paper",
		.text = "as published: the mean of one second, and nothing beside",
		.ring = 1024,
		.params = {
			.r = 833333, .lif_hz = 1000, .period_ns = AIC_NS_PER_S,
			.estimator = AIC_MEAN, .weight = AIC_ONE, .missed = 0,
			.hysteresis = 0, .guard = 0, .line_pps = 0,
		},
	},
};

const struct aic_preset *
aic_presets(size_t *nb)
{
	*nb = NB(presets);
	return presets;
}

const struct aic_preset *
aic_preset_find(const char *name)
{
	for (size_t i = 0; i < NB(presets); i++) {
		if (strcmp(presets[i].name, name) == 0)
			return &presets[i];
	}
	return NULL;
}

void
aic_preset_list(char *text, size_t bytes)
{
	size_t used = 0;

	for (size_t i = 0; i < NB(presets) && used < bytes; i++)
		used += snprintf(text + used, bytes - used, "%s%s", i == 0 ? "" : ", ",
				 presets[i].name);
}

static int __attribute__((format(printf, 3, 4)))
refuse(char *why, size_t bytes, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why, bytes, format, args);
	va_end(args);
	return -EINVAL;
}

static const struct key *
find_key(const char *name)
{
	for (size_t i = 0; i < NB(keys); i++) {
		if (strcmp(keys[i].name, name) == 0)
			return &keys[i];
	}
	return NULL;
}

static bool
read_word(const struct key *key, const char *text, uint64_t *value)
{
	for (const struct word *w = key->words; w != NULL && w->name != NULL; w++) {
		if (strcmp(w->name, text) == 0) {
			*value = w->value;
			return true;
		}
	}
	return false;
}

static bool
read_number(const struct key *key, const char *text, uint64_t *value)
{
	/* strtod takes signs, blanks, hexadecimals and words, too. */
	size_t digits = strspn(text, "0123456789.");
	char number[WORD_BYTES];
	double parsed;
	char *end;

	if (key->units == NULL || digits == 0 || digits >= sizeof(number))
		return false;
	memcpy(number, text, digits);
	number[digits] = '\0';
	parsed = strtod(number, &end);
	if (*end != '\0')
		return false;
	for (const struct unit *unit = key->units; unit->suffix != NULL; unit++) {
		if (strcmp(unit->suffix, text + digits) != 0)
			continue;
		parsed *= unit->factor;
		if (parsed > (double)key->max)
			return false;
		*value = (uint64_t)(parsed + 0.5);
		/* Half an interrupt a second is not meant to be one. */
		if (key->units != share_units && (parsed - (double)*value > ROUNDING ||
						  (double)*value - parsed > ROUNDING))
			return false;
		return *value >= key->min;
	}
	return false;
}

static void
put(struct aic_params *params, const struct key *key, uint64_t value)
{
	char *at = (char *)params + key->offset;
	uint32_t narrow = value;

	if (key->bytes == sizeof(narrow))
		memcpy(at, &narrow, sizeof(narrow));
	else
		memcpy(at, &value, sizeof(value));
}

static uint64_t
get(const struct aic_params *params, const struct key *key)
{
	const char *at = (const char *)params + key->offset;
	uint64_t value;
	uint32_t narrow;

	if (key->bytes == sizeof(narrow)) {
		memcpy(&narrow, at, sizeof(narrow));
		return narrow;
	}
	memcpy(&value, at, sizeof(value));
	return value;
}

/* One "key=value"; the text is cut up. */
static int
parse_one(struct aic_params *params, char *text, char *why, size_t bytes)
{
	char *value = strchr(text, '=');
	const struct key *key;
	uint64_t number;

	if (value != NULL)
		*value++ = '\0';
	key = find_key(text);
	if (key == NULL)
		return refuse(why, bytes,
			      "%s: no such parameter, want r, lif, period, estimator, weight, "
			      "missed, hysteresis, guard or line",
			      text[0] == '\0' ? "(empty)" : text);
	if (value == NULL)
		return refuse(why, bytes, "%s: want %s=VALUE, %s", text, text, key->allowed);
	if (!read_word(key, value, &number) && !read_number(key, value, &number))
		return refuse(why, bytes, "%s=%s: want %s", text, value, key->allowed);
	put(params, key, number);
	return 0;
}

int
aic_params_parse(struct aic_params *params, const char *text, char *why, size_t bytes)
{
	struct aic_params changed = *params;

	for (;;) {
		size_t length = strcspn(text, ",");
		char one[WORD_BYTES];
		int rc;

		if (length >= sizeof(one))
			return refuse(why, bytes, "%.20s...: too long, want KEY=VALUE", text);
		memcpy(one, text, length);
		one[length] = '\0';
		rc = parse_one(&changed, one, why, bytes);
		if (rc < 0)
			return rc;
		text += length;
		if (*text++ == '\0')
			break;
	}
	*params = changed;
	return 0;
}

/* In the largest unit that leaves no remainder. */
static int
print_number(const struct key *key, uint64_t value, char *text, size_t bytes)
{
	const struct unit *best = key->units;

	if (key->units == share_units)
		return snprintf(text, bytes, "%g", (double)value / AIC_ONE);
	for (const struct unit *unit = key->units; unit->suffix != NULL; unit++) {
		if (value % (uint64_t)unit->factor == 0)
			best = unit;
	}
	return snprintf(text, bytes, "%" PRIu64 "%s", value / (uint64_t)best->factor,
			best->suffix);
}

static int
print_value(const struct key *key, uint64_t value, char *text, size_t bytes)
{
	for (const struct word *w = key->words; w != NULL && w->name != NULL; w++) {
		if (w->value == value)
			return snprintf(text, bytes, "%s", w->name);
	}
	return print_number(key, value, text, bytes);
}

void
aic_params_text(const struct aic_params *params, char text[AIC_TEXT_BYTES])
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < NB(keys) && used < AIC_TEXT_BYTES; i++) {
		used += snprintf(text + used, AIC_TEXT_BYTES - used, "%s%s=", i == 0 ? "" : ",",
				 keys[i].name);
		if (used < AIC_TEXT_BYTES)
			used += print_value(&keys[i], get(params, &keys[i]), text + used,
					    AIC_TEXT_BYTES - used);
	}
}
