/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "value.h"

/* How much of a refused value a message shows. */
#define SHOWN_CHARS 64

void
value_make_printable(char *text)
{
	for (; *text != '\0'; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}

size_t
reader_enter(struct reader *reader, const char *name)
{
	size_t mark = strlen(reader->path);

	snprintf(reader->path + mark, sizeof(reader->path) - mark, "%s%.*s", mark == 0 ? "" : ".",
		 SHOWN_CHARS, name);
	return mark;
}

size_t
reader_enter_index(struct reader *reader, size_t index)
{
	size_t mark = strlen(reader->path);

	snprintf(reader->path + mark, sizeof(reader->path) - mark, "[%zu]", index);
	return mark;
}

void
reader_leave(struct reader *reader, size_t mark)
{
	reader->path[mark] = '\0';
}

static int
refuse(struct reader *reader, const char *shown, const char *format, va_list args)
{
	size_t used;

	if (reader->failed)
		return -EINVAL;
	reader->failed = true;
	snprintf(reader->error, sizeof(reader->error), "%s%s%s", reader->path,
		 reader->path[0] == '\0' ? "" : ": ", shown);
	used = strlen(reader->error);
	vsnprintf(reader->error + used, sizeof(reader->error) - used, format, args);
	/* The path is made of the keys that were there, whatever they are. */
	value_make_printable(reader->error);
	return -EINVAL;
}

int
reader_refuse(struct reader *reader, const char *format, ...)
{
	va_list args;
	int rc;

	va_start(args, format);
	rc = refuse(reader, "", format, args);
	va_end(args);
	return rc;
}

/* The value as JSON; never more than one short line. */
static void
show_value(const json_t *value, char *shown, size_t bytes)
{
	char *text;

	if (json_is_object(value) || json_is_array(value)) {
		snprintf(shown, bytes, "%s", json_is_object(value) ? "an object" : "an array");
		return;
	}
	text = json_dumps(value, JSON_ENCODE_ANY | JSON_ENSURE_ASCII);
	if (text != NULL && strlen(text) > SHOWN_CHARS)
		snprintf(shown, bytes, "%.*s...", SHOWN_CHARS, text);
	else
		snprintf(shown, bytes, "%s", text == NULL ? "this" : text);
	free(text);
}

int
reader_refuse_value(struct reader *reader, const json_t *value, const char *format, ...)
{
	char shown[SHOWN_CHARS + 16], prefix[SHOWN_CHARS + 32];
	va_list args;
	int rc;

	show_value(value, shown, sizeof(shown));
	snprintf(prefix, sizeof(prefix), "%s is not ", shown);
	va_start(args, format);
	rc = refuse(reader, prefix, format, args);
	va_end(args);
	return rc;
}

static bool
is_end(const struct key *key)
{
	return key->name == NULL && key->set == NULL;
}

/* The row of a key, and its number in the row's set. */
static const struct key *
find_key(const struct key *keys, const char *name, size_t *number)
{
	const char *member;

	for (; !is_end(keys); keys++) {
		if (keys->name != NULL && strcmp(keys->name, name) == 0)
			return keys;
		for (size_t i = 0; keys->set != NULL && (member = keys->set->name(i)) != NULL; i++)
			if (strcmp(member, name) == 0) {
				*number = i;
				return keys;
			}
	}
	return NULL;
}

static void
list_key(char known[VALUE_ERROR_BYTES], const char *name)
{
	size_t used = strlen(known);

	snprintf(known + used, VALUE_ERROR_BYTES - used, "%s%s", used == 0 ? "" : ", ", name);
}

static int
refuse_key(struct reader *reader, const struct key *keys)
{
	char known[VALUE_ERROR_BYTES] = "";
	const char *member;

	for (; !is_end(keys); keys++) {
		if (keys->name != NULL)
			list_key(known, keys->name);
		for (size_t i = 0; keys->set != NULL && (member = keys->set->name(i)) != NULL; i++)
			list_key(known, member);
	}
	return reader_refuse(reader, "no such key; there are %s", known);
}

static int
read_key(struct reader *reader, const json_t *value, const struct key *keys, const char *name,
	 char *object)
{
	size_t number = 0;
	const struct key *key = find_key(keys, name, &number);

	if (key == NULL)
		return refuse_key(reader, keys);
	if (key->set != NULL)
		return key->set->read(reader, number, value, object + key->offset);
	return key->read(reader, value, object + key->offset);
}

static int
read_known_keys(struct reader *reader, const json_t *value, const struct key *keys, void *object)
{
	/* jansson iterates over const objects only through its non-const interface. */
	json_t *members = (json_t *)(uintptr_t)value, *member;
	const char *name;

	json_object_foreach(members, name, member)
	{
		size_t mark = reader_enter(reader, name);
		int rc = read_key(reader, member, keys, name, object);

		if (rc < 0)
			return rc;
		reader_leave(reader, mark);
	}
	return 0;
}

int
reader_object(struct reader *reader, const json_t *value, const struct key *keys, void *object)
{
	int rc;

	if (!json_is_object(value))
		return reader_refuse_value(reader, value, "an object");
	rc = read_known_keys(reader, value, keys, object);
	if (rc < 0)
		return rc;
	for (; !is_end(keys); keys++)
		if (keys->required && json_object_get(value, keys->name) == NULL) {
			(void)reader_enter(reader, keys->name);
			return reader_refuse(reader, "missing");
		}
	return 0;
}

int
read_integer(struct reader *reader, const json_t *value, int64_t min, int64_t max, int64_t *integer)
{
	if (!json_is_integer(value) || json_integer_value(value) < min ||
	    json_integer_value(value) > max)
		return reader_refuse_value(reader, value, "in %lld..%lld", (long long)min,
					   (long long)max);
	*integer = json_integer_value(value);
	return 0;
}

int
read_switch(struct reader *reader, const json_t *value, void *field)
{
	const char *text = json_string_value(value);
	bool *on = field;

	if (json_is_boolean(value))
		*on = json_is_true(value);
	else if (text != NULL && (strcmp(text, "on") == 0 || strcmp(text, "off") == 0))
		*on = strcmp(text, "on") == 0;
	else
		return reader_refuse_value(reader, value, "true, false, \"on\" or \"off\"");
	return 0;
}

int
read_text(struct reader *reader, const json_t *value, char *text, size_t bytes)
{
	const char *string = json_string_value(value);
	size_t length = json_string_length(value);

	/* jansson refuses a NUL inside a string, so the length is strlen's. */
	if (string == NULL || length == 0 || length >= bytes)
		return reader_refuse_value(reader, value, "text of 1..%zu characters", bytes - 1);
	for (size_t i = 0; i < length; i++)
		if (iscntrl((unsigned char)string[i]))
			return reader_refuse_value(reader, value, "printable text");
	memcpy(text, string, length + 1);
	return 0;
}

static bool
matches(const char *text, const char *form)
{
	for (; *form != '\0'; form++, text++) {
		unsigned char c = *text;

		if (*form == 'x'   ? !isxdigit(c)
		    : *form == '7' ? c < '0' || c > '7'
				   : c != (unsigned char)*form)
			return false;
	}
	return *text == '\0';
}

int
read_pci(struct reader *reader, const json_t *value, void *field)
{
	const char *text = json_string_value(value);
	char *pci = field;

	if (text == NULL || !matches(text, "xxxx:xx:xx.7"))
		return reader_refuse_value(reader, value, "a PCI address like \"0000:01:00.0\"");
	for (size_t i = 0; i < PCI_BYTES; i++)
		pci[i] = tolower((unsigned char)text[i]);
	return 0;
}

int
mac_parse(const char *text, struct mac_addr *mac)
{
	if (!matches(text, "xx:xx:xx:xx:xx:xx"))
		return -EINVAL;
	for (size_t i = 0; i < MAC_BYTES; i++)
		mac->byte[i] = strtoul(text + 3 * i, NULL, 16);
	return 0;
}

void
mac_format(const struct mac_addr *mac, char text[MAC_TEXT_BYTES])
{
	const uint8_t *b = mac->byte;

	snprintf(text, MAC_TEXT_BYTES, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3],
		 b[4], b[5]);
}
