/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * A command line as a line.
 */
#ifndef SLUICE_TEST_FWD_WORDS_H
#define SLUICE_TEST_FWD_WORDS_H

#include "cmocka_all.h"

#include <string.h>

#define WORDS_MAX 32

/**
 * Split a line at its blanks.
 *
 * @param argv  filled: the program's name, the words, NULL; good until the next call
 * @return how many there are, with the name
 */
static inline int
words_split(const char *program, const char *line, char *argv[WORDS_MAX])
{
	static char name[32], text[512];
	char *word, *rest = text;
	int argc = 0;

	assert_true(strlen(program) < sizeof(name) && strlen(line) < sizeof(text));
	argv[argc++] = strcpy(name, program);
	strcpy(text, line);
	while ((word = strsep(&rest, " ")) != NULL && *line != '\0') {
		assert_true(argc < WORDS_MAX - 1);
		argv[argc++] = word;
	}
	argv[argc] = NULL;
	return argc;
}

#endif /* SLUICE_TEST_FWD_WORDS_H */
