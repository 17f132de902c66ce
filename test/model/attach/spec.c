/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spec.h"

#define NO_FUNCTION (PF_INDEX - 1)

struct key {
	const char *name;
	const char *may_be;
	bool (*take)(struct spec *spec, const struct key *key, const char *value);
	size_t text;		/**< of keys that are kept as they are: where */
};

static bool
take_number(const char *value, unsigned long max, unsigned long *number)
{
	char *end;

	errno = 0;
	*number = strtoul(value, &end, 10);
	return *value >= '0' && *value <= '9' && *end == '\0' && errno == 0 && *number <= max;
}

static bool
take_family(struct spec *spec, const struct key *key, const char *value)
{
	(void)key;
	spec->family = nic_family_find(value);
	return spec->family != NULL;
}

static bool
take_vfs(struct spec *spec, const struct key *key, const char *value)
{
	unsigned long number = 0;
	bool ok = take_number(value, NIC_VFS_MAX, &number);

	(void)key;
	spec->vfs = number;
	return ok;
}

static bool
take_doorbell(struct spec *spec, const struct key *key, const char *value)
{
	(void)key;
	spec->doorbell = strcmp(value, "trap") == 0 ? DOORBELL_TRAP : DOORBELL_POLL;
	return spec->doorbell == DOORBELL_TRAP || strcmp(value, "poll") == 0;
}

static bool
take_core(struct spec *spec, const struct key *key, const char *value)
{
	unsigned long number = 0;
	bool ok = take_number(value, CPU_SETSIZE - 1, &number);

	(void)key;
	spec->core = number;
	return ok;
}

static bool
take_ports(struct spec *spec, const struct key *key, const char *value)
{
	(void)key;
	spec->probe_pf = strcmp(value, "vfs") != 0;
	spec->probe_vfs = strcmp(value, "pf") != 0;
	return strcmp(value, "pf+vfs") == 0 || !spec->probe_pf || !spec->probe_vfs;
}

static bool
take_mac(struct spec *spec, const struct key *key, const char *value)
{
	uint8_t *mac = spec->mac;
	int end = 0;

	(void)key;
	spec->has_mac = true;
	return sscanf(value, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%n", &mac[0], &mac[1], &mac[2],
		      &mac[3], &mac[4], &mac[5], &end) == MAC_LEN && value[end] == '\0' &&
	       (mac[0] & 1) == 0;
}

/** pf, vfN or vfN-M */
static bool
take_function(struct spec *spec, const struct key *key, const char *value)
{
	char first[8] = "";
	unsigned long number = 0, last = 0;
	const char *dash = strchr(value, '-');

	(void)key;
	spec->first = PF_INDEX;
	spec->last = PF_INDEX;
	if (strcmp(value, "pf") == 0)
		return true;
	if (strncmp(value, "vf", 2) != 0)
		return false;
	snprintf(first, sizeof(first), "%.*s", dash == NULL ? 7 : (int)(dash - value) - 2,
		 value + 2);
	if (!take_number(first, NIC_VFS_MAX - 1, &number) ||
	    !take_number(dash == NULL ? first : dash + 1, NIC_VFS_MAX - 1, &last))
		return false;
	spec->first = number;
	spec->last = last;
	return last >= number;
}

static bool
take_text(struct spec *spec, const struct key *key, const char *value)
{
	char *text = (char *)spec + key->text;

	if (*value == '\0' || strlen(value) >= SPEC_TEXT_BYTES)
		return false;
	strcpy(text, value);
	return true;
}

#define TEXT(field, values) { #field, values, take_text, offsetof(struct spec, field) }

static const struct key keys[] = {
	{ "family", "82576, i350, 82599, x540, x550", take_family },
	{ "vfs", "a number, up to as many as the family has", take_vfs },
	{ "doorbell", "poll, trap", take_doorbell },
	{ "core", "a processor's number", take_core },
	{ "ports", "pf+vfs, pf, vfs", take_ports },
	{ "mac", "a unicast address as 02:00:00:00:00:01", take_mac },
	TEXT(wire, "none, null, loop, pcap:..., tap:..., gen:..., socket:..."),
	TEXT(connect, "the socket of a sluice-model"),
	{ "function", "with connect: pf, vf0, vf0-7", take_function },
	TEXT(pf_args, "the PF's devargs, [in=brackets,if=several]"),
	TEXT(vf_args, "each VF's devargs, [in=brackets,if=several]"),
	TEXT(pf_driver, "a PCI driver's name"),
	TEXT(vf_driver, "a PCI driver's name"),
};

static void
list_keys(char *to, size_t bytes)
{
	size_t nb = 0;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]) && nb < bytes; i++)
		nb += snprintf(&to[nb], bytes - nb, "%s%s", i == 0 ? "" : ", ", keys[i].name);
}

static int
take_pair(struct spec *spec, const char *name, const char *value, char *error)
{
	char known[SPEC_ERROR_BYTES / 2];

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strcmp(keys[i].name, name) != 0)
			continue;
		if (keys[i].take(spec, &keys[i], value))
			return 0;
		snprintf(error, SPEC_ERROR_BYTES, "%s=%s: allowed is %s", name, value,
			 keys[i].may_be);
		return -EINVAL;
	}
	list_keys(known, sizeof(known));
	snprintf(error, SPEC_ERROR_BYTES, "%s=%s: no such key; known are %s", name, value, known);
	return -EINVAL;
}

/** Ends the pair at its comma. @return what follows, or NULL */
static char *
split_pair(char *text)
{
	bool in_brackets = false;

	for (; *text != '\0'; text++) {
		if (*text == '[')
			in_brackets = true;
		else if (*text == ']')
			in_brackets = false;
		else if (*text == ',' && !in_brackets)
			break;
	}
	if (*text == '\0')
		return NULL;
	*text = '\0';
	return text + 1;
}

/** Ends the key at its sign. @return the value, without its brackets */
static char *
split_value(char *pair)
{
	char *value = strchr(pair, '=');
	size_t nb;

	if (value == NULL)
		return pair + strlen(pair);
	*value++ = '\0';
	nb = strlen(value);
	if (value[0] == '[' && nb >= 2 && value[nb - 1] == ']') {
		value[nb - 1] = '\0';
		value++;
	}
	return value;
}

/** The port has its family, wire and VFs already. */
static int
check_elsewhere(const struct spec *spec, char *error)
{
	if (spec->family != NULL || spec->vfs != 0) {
		snprintf(error, SPEC_ERROR_BYTES, "family, vfs: with connect they are that port's");
		return -EINVAL;
	}
	if (spec->last == NO_FUNCTION) {
		snprintf(error, SPEC_ERROR_BYTES, "function=: is missing; allowed is pf, vf0, "
			 "vf0-7");
		return -EINVAL;
	}
	return 0;
}

static int
check_here(struct spec *spec, char *error)
{
	if (spec->family == NULL) {
		snprintf(error, SPEC_ERROR_BYTES, "family=: is missing; allowed is %s",
			 keys[0].may_be);
		return -EINVAL;
	}
	if (spec->vfs > spec->family->max_vfs) {
		snprintf(error, SPEC_ERROR_BYTES, "vfs=%u: allowed is 0 to %u with family=%s",
			 spec->vfs, spec->family->max_vfs, spec->family->name);
		return -EINVAL;
	}
	if (spec->last != NO_FUNCTION) {
		snprintf(error, SPEC_ERROR_BYTES, "function=: goes with connect; here it is ports");
		return -EINVAL;
	}
	spec->last = (int)spec->vfs - 1;
	return 0;
}

int
spec_parse(const char *text, struct spec *spec, char error[SPEC_ERROR_BYTES])
{
	char *copy = strdup(text), *next;
	int rc = 0;

	*spec = (struct spec){
		.core = -1,
		.probe_pf = true,
		.probe_vfs = true,
		.wire = "null",
		.first = PF_INDEX,
		.last = NO_FUNCTION,
	};
	if (copy == NULL) {
		snprintf(error, SPEC_ERROR_BYTES, "no memory");
		return -EINVAL;
	}
	for (char *pair = copy; rc == 0 && pair != NULL && *pair != '\0'; pair = next) {
		next = split_pair(pair);
		rc = take_pair(spec, pair, split_value(pair), error);
	}
	free(copy);
	if (rc != 0)
		return rc;
	if (spec->connect[0] != '\0')
		return check_elsewhere(spec, error);
	return check_here(spec, error);
}
