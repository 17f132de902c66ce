/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <fnmatch.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agree.h"

#define SHOWN_MAX 200	/* complaints of one scenario */

/** One observation of both ports. */
struct pair {
	const char *what;
	uint64_t qemu, model;
};

void
observe(struct port_under_test *port, uint64_t value, const char *format, ...)
{
	struct record *record;
	va_list args;

	if (port->nb_records == port->max_records) {
		port->max_records = 2 * port->max_records + 64;
		port->record = realloc(port->record, port->max_records * sizeof(*port->record));
		if (port->record == NULL)
			abort();
	}
	record = &port->record[port->nb_records++];
	record->value = value;
	va_start(args, format);
	vsnprintf(record->what, sizeof(record->what), format, args);
	va_end(args);
}

static void
show_value(uint64_t value)
{
	if (value == ABSENT)
		printf("nothing");
	else
		printf("%#"PRIx64, value);
}

static void
complain(const struct pair *pair)
{
	printf("#   %s: QEMU ", pair->what);
	show_value(pair->qemu);
	printf(", model ");
	show_value(pair->model);
	printf("\n");
}

/** How many observations each row of known differences has explained. */
static unsigned int occurred[KNOWN_MAX];

/** The bits of a difference that no row explains. */
static uint64_t
unexplained(const char *scenario, const struct pair *pair)
{
	uint64_t left = pair->qemu ^ pair->model;

	for (size_t i = 0; i < nb_known_differences && left != 0; i++) {
		const struct known_difference *row = &known_differences[i];
		const uint64_t bits = row->bits == 0 ? UINT64_MAX : row->bits;

		/* Nothing has no bits. */
		if (row->bits != 0 && (pair->qemu == ABSENT || pair->model == ABSENT))
			continue;
		if ((left & bits) == 0 || (pair->qemu & bits) != row->qemu ||
		    (pair->model & bits) != row->model ||
		    fnmatch(row->scenario, scenario, 0) != 0 ||
		    fnmatch(row->what, pair->what, 0) != 0)
			continue;
		left &= ~bits;
		occurred[i]++;
	}
	return left;
}

static size_t
find(const struct port_under_test *port, size_t from, const char *what)
{
	while (from < port->nb_records && strcmp(port->record[from].what, what) != 0)
		from++;
	return from;
}

/**
 * Both saw things in the same order, though one may have seen more than the other: the next pair
 * is the next that both have, and before that what only one has.
 */
static bool
next_pair(const struct port_under_test *qemu, const struct port_under_test *model, size_t *q,
	  size_t *m, struct pair *pair)
{
	if (*q == qemu->nb_records && *m == model->nb_records)
		return false;
	if (*q < qemu->nb_records &&
	    find(model, *m, qemu->record[*q].what) == model->nb_records) {
		*pair = (struct pair){ qemu->record[*q].what, qemu->record[*q].value, ABSENT };
		(*q)++;
		return true;
	}
	if (*q == qemu->nb_records || strcmp(qemu->record[*q].what, model->record[*m].what) != 0) {
		*pair = (struct pair){ model->record[*m].what, ABSENT, model->record[*m].value };
		(*m)++;
		return true;
	}
	*pair = (struct pair){ qemu->record[*q].what, qemu->record[*q].value,
			       model->record[*m].value };
	(*q)++;
	(*m)++;
	return true;
}

bool
records_differ(const struct port_under_test *a, const struct port_under_test *b)
{
	if (a->nb_records != b->nb_records)
		return true;
	for (size_t i = 0; i < a->nb_records; i++)
		if (a->record[i].value != b->record[i].value)
			return true;
	return false;
}

unsigned int
records_compare(const char *scenario, struct port_under_test *qemu, struct port_under_test *model,
		bool use_known)
{
	unsigned int complaints = 0;
	size_t q = 0, m = 0;
	struct pair pair;

	while (next_pair(qemu, model, &q, &m, &pair)) {
		if (pair.qemu == pair.model || (use_known && unexplained(scenario, &pair) == 0))
			continue;
		if (complaints++ < SHOWN_MAX)
			complain(&pair);
	}
	qemu->nb_records = 0;
	model->nb_records = 0;
	return complaints;
}

unsigned int
records_check_known(void)
{
	unsigned int complaints = 0;

	for (size_t i = 0; i < nb_known_differences; i++) {
		const struct known_difference *row = &known_differences[i];

		if (occurred[i] == RTE_MAX(row->times, 1u))
			continue;
		printf("#   %s: %s: declared for %u observations, seen in %u: %s\n", row->scenario,
		       row->what, RTE_MAX(row->times, 1u), occurred[i], row->why);
		complaints++;
	}
	return complaints;
}
