/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Strict reading of JSON values: the configuration file and the control protocol share it, and the
 * wording of refusals.
 */
#ifndef SLUICE_VALUE_H
#define SLUICE_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "message.h"

#define VALUE_ERROR_BYTES 512
#define VALUE_PATH_BYTES  160

#define PCI_BYTES      13 /**< "0000:01:00.0" and its end */
#define MAC_TEXT_BYTES 18 /**< "02:00:00:00:00:01" and its end */

/** Where a reader is, and what it found wrong first. */
struct reader {
	char path[VALUE_PATH_BYTES]; /**< "ports[0].vfs[2]" */
	bool failed;
	char error[VALUE_ERROR_BYTES]; /**< "ports[0].vfs[2].vlan: 5000 is not in 0..4094" */
};

/** Many keys of one kind, by their numbers from 0 on. */
struct key_set {
	/** @return NULL: there are no more */
	const char *(*name)(size_t i);
	/** As struct key's, with @p field of the row that names the set. */
	int (*read)(struct reader *reader, size_t i, const json_t *value, void *field);
	/** What is right for its value, as a JSON Schema; NULL: not described. */
	json_t *(*schema)(size_t i);
};

/** One key of an object. Arrays of these end with a row that has neither name nor set. */
struct key {
	const char *name;
	bool required;
	size_t offset; /**< of the field in the object read */
	/** Reads @p value into @p field; on refusal, reader_refuse() and -EINVAL. */
	int (*read)(struct reader *reader, const json_t *value, void *field);
	const struct key_set *set; /**< instead of the above, but for the offset: these keys */
	const char *schema;        /**< what is right for its value, as a JSON Schema */
	const struct key *items;   /**< instead: it is an array of objects with these keys… */
	const char *rules;         /**< …and what else is right for such an object */
};

/**
 * Read an object: each key known, no required key missing, each value taken by its function.
 *
 * @return 0, or -EINVAL with reader->error filled
 */
int reader_object(struct reader *reader, const json_t *value, const struct key *keys, void *object);

/** Step into `path.name` or `path[index]`; the result is handed to reader_leave(). */
size_t reader_enter(struct reader *reader, const char *name);
size_t reader_enter_index(struct reader *reader, size_t index);
void reader_leave(struct reader *reader, size_t mark);

/** Keep the first refusal, prefixed with the path; always -EINVAL. */
__attribute__((format(printf, 2, 3))) int reader_refuse(struct reader *reader, const char *format,
							...);

/** Refuse @p value, shown as it was written: `VALUE is not EXPECTED`. */
__attribute__((format(printf, 3, 4))) int
reader_refuse_value(struct reader *reader, const json_t *value, const char *format, ...);

/** Text from outside becomes part of one printable line: '?' for each byte that is not ASCII. */
void value_make_printable(char *text);

/** An integer of [min, max]. */
int read_integer(struct reader *reader, const json_t *value, int64_t min, int64_t max,
		 int64_t *integer);

/** true, false, "on" or "off", into a bool. */
int read_switch(struct reader *reader, const json_t *value, void *on);

/** Non-empty printable text that fits. */
int read_text(struct reader *reader, const json_t *value, char *text, size_t bytes);

/** dddd:bb:dd.f, put into lower case, into PCI_BYTES characters. */
int read_pci(struct reader *reader, const json_t *value, void *pci);

/** @return 0, or -EINVAL for anything but six hexadecimal bytes with colons */
int mac_parse(const char *text, struct mac_addr *mac);

void mac_format(const struct mac_addr *mac, char text[MAC_TEXT_BYTES]);

#endif /* SLUICE_VALUE_H */
