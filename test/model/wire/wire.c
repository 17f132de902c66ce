/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Wires from their specs.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kinds.h"

#define MAC_BYTES 6
#define MAC_CHARS 17	/* 02:00:00:00:00:01 */
#define CLEAN_MAX 96	/* characters of a spec that an error line shows */

static const struct wire_kind {
	const char *name;
	struct wire *(*create)(const struct wire_spec *spec);
} kinds[] = {
	{ "none", wire_none_create },
	{ "null", wire_null_create },
	{ "loop", wire_loop_create },
	{ "pcap", wire_pcap_create },
	{ "tap", wire_tap_create },
	{ "gen", wire_gen_create },
	{ "socket", wire_socket_create },
};

#define NB_KINDS (sizeof(kinds) / sizeof(kinds[0]))

void
wire_fail(const struct wire_spec *spec, const char *format, ...)
{
	va_list args;
	int length;

	length = snprintf(spec->error, spec->error_bytes, "wire \"%.*s%s\": ", CLEAN_MAX,
			  spec->text, strlen(spec->text) > CLEAN_MAX ? "..." : "");
	if (length < 0 || (size_t)length >= spec->error_bytes)
		return;
	va_start(args, format);
	vsnprintf(spec->error + length, spec->error_bytes - (size_t)length, format, args);
	va_end(args);
}

/* "a, b or c", for an error line. */
static void
list_names(char *list, size_t bytes, const char *(*name)(const void *table, unsigned int i),
	   const void *table, unsigned int nb)
{
	size_t used = 0;
	unsigned int i;
	int rc;

	list[0] = '\0';
	for (i = 0; i < nb && used < bytes; i++) {
		const char *before = i == 0 ? "" : i + 1 < nb ? ", " : " or ";

		rc = snprintf(list + used, bytes - used, "%s%s", before, name(table, i));
		if (rc < 0)
			return;
		used += (size_t)rc;
	}
}

static const char *
kind_name(const void *table, unsigned int i)
{
	return ((const struct wire_kind *)table)[i].name;
}

static const char *
option_name(const void *table, unsigned int i)
{
	return ((const struct wire_option *)table)[i].key;
}

static int
parse_number(const struct wire_spec *spec, const struct wire_option *option, const char *value,
	     size_t length)
{
	uint64_t number = 0;
	size_t i;

	for (i = 0; i < length; i++) {
		unsigned int digit = (unsigned char)value[i] - '0';

		if (digit > 9 || number > (UINT64_MAX - digit) / 10)
			break;
		number = number * 10 + digit;
	}
	if (length == 0 || i < length || number < option->min || number > option->max) {
		wire_fail(spec, "%s=%.*s: a number from %llu to %llu is wanted", option->key,
			  (int)length, value, (unsigned long long)option->min,
			  (unsigned long long)option->max);
		return -EINVAL;
	}
	*(uint64_t *)option->value = number;
	return 0;
}

static int
parse_mac(const struct wire_spec *spec, const struct wire_option *option, const char *value,
	  size_t length)
{
	uint8_t mac[MAC_BYTES];
	int used = 0;

	if (length != MAC_CHARS ||
	    sscanf(value, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%n", &mac[0], &mac[1], &mac[2],
		   &mac[3], &mac[4], &mac[5], &used) != MAC_BYTES || used != MAC_CHARS) {
		wire_fail(spec, "%s=%.*s: an address like 02:00:00:00:00:01 is wanted",
			  option->key, (int)length, value);
		return -EINVAL;
	}
	memcpy(option->value, mac, sizeof(mac));
	return 0;
}

static int
parse_file(const struct wire_spec *spec, const struct wire_option *option, const char *value,
	   size_t length)
{
	char **file = option->value;

	if (length == 0) {
		wire_fail(spec, "%s=: the name of a file is wanted", option->key);
		return -EINVAL;
	}
	free(*file);
	*file = strndup(value, length);
	if (*file == NULL) {
		wire_fail(spec, "no memory");
		return -ENOMEM;
	}
	return 0;
}

/* One option; @p value is NULL where there is no '='. */
static int
parse_option(const struct wire_spec *spec, const struct wire_option *option, const char *value,
	     size_t length)
{
	if ((option->type == WIRE_FLAG) != (value == NULL)) {
		wire_fail(spec, "%s %s", option->key,
			  value == NULL ? "needs a value: =..." : "takes no value");
		return -EINVAL;
	}
	switch (option->type) {
	case WIRE_FLAG:
		*(bool *)option->value = true;
		return 0;
	case WIRE_NUMBER:
		return parse_number(spec, option, value, length);
	case WIRE_MAC:
		return parse_mac(spec, option, value, length);
	case WIRE_FILE:
		return parse_file(spec, option, value, length);
	}
	return -EINVAL;
}

static const struct wire_option *
find_option(const struct wire_spec *spec, const struct wire_option *option, unsigned int nb,
	    const char *key, size_t length)
{
	char allowed[100];
	unsigned int i;

	for (i = 0; i < nb; i++)
		if (strlen(option[i].key) == length && memcmp(option[i].key, key, length) == 0)
			return &option[i];
	list_names(allowed, sizeof(allowed), option_name, option, nb);
	wire_fail(spec, "no option \"%.*s\"; allowed: %s", (int)length, key, allowed);
	return NULL;
}

int
wire_options(const struct wire_spec *spec, const struct wire_option *option, unsigned int nb)
{
	const char *at = spec->args;

	while (*at != '\0') {
		size_t key_length = strcspn(at, "=:");
		const char *value = at[key_length] == '=' ? at + key_length + 1 : NULL;
		size_t length = value == NULL ? 0 : strcspn(value, ":");
		const struct wire_option *found;
		int rc;

		found = find_option(spec, option, nb, at, key_length);
		if (found == NULL)
			return -EINVAL;
		if (value != NULL && found->type == WIRE_MAC)
			length = strnlen(value, MAC_CHARS);
		rc = parse_option(spec, found, value, length);
		if (rc < 0)
			return rc;
		at += key_length;
		if (value != NULL)
			at = value + length;
		if (*at == '\0')
			break;
		/* A MAC address of the right length may have something else than a colon behind. */
		if (*at != ':' || at[1] == '\0') {
			wire_fail(spec, "\"%s\": an option is wanted behind %s", at, found->key);
			return -EINVAL;
		}
		at++;
	}
	return 0;
}

struct wire *
wire_create(const char *spec, char *error, size_t error_bytes)
{
	struct wire_spec parts = { spec, "", error, error_bytes };
	size_t length = strcspn(spec, ":");
	char allowed[100];
	unsigned int i;

	if (error_bytes > 0)
		error[0] = '\0';
	if (spec[length] == ':')
		parts.args = spec + length + 1;
	for (i = 0; i < NB_KINDS; i++)
		if (strlen(kinds[i].name) == length && memcmp(kinds[i].name, spec, length) == 0)
			return kinds[i].create(&parts);
	list_names(allowed, sizeof(allowed), kind_name, kinds, NB_KINDS);
	wire_fail(&parts, "no kind \"%.*s\"; allowed: %s",
		  length > CLEAN_MAX ? CLEAN_MAX : (int)length, spec, allowed);
	return NULL;
}

void
wire_free(struct wire *wire)
{
	if (wire != NULL)
		wire->ops->free(wire);
}
