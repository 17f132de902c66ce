/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* Rates of all VFs: what two looks at their counters differ by. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include <ncurses.h>

#include "ctl.h"

#define INTERVAL_MS 1000
#define LINE_BYTES  160
#define BITS        8

struct look {
	uint64_t at_ms;
	struct control_reply reply;
};

static const struct {
	const char *title, *counter;
	unsigned int times, per; /* of a counter's difference in a second */
} columns[] = {
	{ "rx-pps", "rx_packets", 1, 1 },    { "rx-kbit/s", "rx_bytes", BITS, 1000 },
	{ "tx-pps", "tx_packets", 1, 1 },    { "tx-kbit/s", "tx_bytes", BITS, 1000 },
	{ "requests/s", "requests", 1, 1 },  { "refused/s", "nacked", 1, 1 },
	{ "malformed/s", "malformed", 1, 1 },
};

#define NB_COLUMNS (sizeof(columns) / sizeof(columns[0]))

/* Where lines go: a terminal, or what --once is redirected to. */
typedef void print_line_t(const char *line);

static int
take_look(const struct ctl *ctl, struct look *look)
{
	struct ctl quiet = *ctl;
	struct control_request request;
	struct timespec now;
	int rc = ctl_request(ctl, CONTROL_SHOW, &request);

	quiet.json = false;
	if (rc == EX_OK)
		rc = ctl_ask(&quiet, &request, &look->reply);
	clock_gettime(CLOCK_MONOTONIC, &now);
	look->at_ms = now.tv_sec * UINT64_C(1000) + now.tv_nsec / 1000000;
	return rc;
}

static json_t *
ports_of(const struct look *look)
{
	return json_object_get(look->reply.object, "ports");
}

/* The VF at the same place, as long as it is the same. */
static int64_t
counter_of(const struct look *look, size_t port, size_t vf, const char *name)
{
	const json_t *vfs = json_object_get(json_array_get(ports_of(look), port), "vfs");
	const json_t *counters = json_object_get(json_array_get(vfs, vf), "counters");

	return json_integer_value(json_object_get(counters, name));
}

static uint64_t
rate(const struct look looks[2], size_t port, size_t vf, size_t column)
{
	int64_t before = counter_of(&looks[0], port, vf, columns[column].counter);
	int64_t after = counter_of(&looks[1], port, vf, columns[column].counter);
	uint64_t ms = looks[1].at_ms - looks[0].at_ms;

	/* A daemon that was started anew counts from 0. */
	if (after < before || ms == 0)
		return 0;
	return (uint64_t)(after - before) * columns[column].times * 1000 / columns[column].per / ms;
}

static const char *
text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text == NULL ? "" : text;
}

static void
print_table(const struct look looks[2], print_line_t *print)
{
	const json_t *port, *vf;
	char line[LINE_BYTES];
	size_t i, j;
	int used = snprintf(line, sizeof(line), "%-12s %3s %-11s", "port", "vf", "state");

	for (size_t c = 0; c < NB_COLUMNS; c++)
		used += snprintf(line + used, sizeof(line) - used, " %11s", columns[c].title);
	print(line);
	json_array_foreach(ports_of(&looks[1]), i, port)
	{
		json_array_foreach(json_object_get(port, "vfs"), j, vf)
		{
			used = snprintf(line, sizeof(line), "%-12.12s %3" PRId64 " %-11.11s",
					text_of(port, "pci"),
					(int64_t)json_integer_value(json_object_get(vf, "vf")),
					text_of(vf, "state"));
			for (size_t c = 0; c < NB_COLUMNS; c++)
				used += snprintf(line + used, sizeof(line) - used, " %11" PRIu64,
						 rate(looks, i, j, c));
			print(line);
		}
	}
}

/* The rates by their counters' names. */
static void
print_json(const struct look looks[2])
{
	json_t *list = json_array();
	const json_t *port, *vf;
	size_t i, j;
	char *text;

	json_array_foreach(ports_of(&looks[1]), i, port)
	{
		json_array_foreach(json_object_get(port, "vfs"), j, vf)
		{
			json_t *object = json_pack("{s:s, s:O, s:s}", "port", text_of(port, "pci"),
						   "vf", json_object_get(vf, "vf"), "state",
						   text_of(vf, "state"));

			for (size_t c = 0; c < NB_COLUMNS; c++)
				(void)json_object_set_new(object, columns[c].title,
							  json_integer(rate(looks, i, j, c)));
			(void)json_array_append_new(list, object);
		}
	}
	text = json_dumps(list, JSON_COMPACT);
	puts(text == NULL ? "[]" : text);
	free(text);
	json_decref(list);
}

static void
print_to_stdout(const char *line)
{
	puts(line);
}

static void
print_to_screen(const char *line)
{
	int y = getcury(stdscr);

	addnstr(line, COLS);
	move(y + 1, 0);
}

static int
top_once(const struct ctl *ctl, struct look looks[2])
{
	const struct timespec interval = { .tv_sec = INTERVAL_MS / 1000 };
	int rc;

	(void)nanosleep(&interval, NULL);
	rc = take_look(ctl, &looks[1]);
	if (rc != EX_OK)
		return rc;
	if (ctl->json)
		print_json(looks);
	else
		print_table(looks, print_to_stdout);
	json_decref(looks[1].reply.object);
	return EX_OK;
}

/* Until q is pressed, or the daemon goes: which is told when the screen is the shell's again. */
static int
top_live(const struct ctl *ctl, struct look looks[2])
{
	int rc = EX_OK;

	if (initscr() == NULL)
		return ctl_refuse("top: no terminal; try --once");
	cbreak();
	noecho();
	curs_set(0);
	timeout(INTERVAL_MS);
	while (getch() != 'q') {
		rc = take_look(ctl, &looks[1]);
		if (rc != EX_OK)
			break;
		erase();
		move(0, 0);
		print_table(looks, print_to_screen);
		printw("q: quit");
		refresh();
		json_decref(looks[0].reply.object);
		looks[0] = looks[1];
	}
	endwin();
	return rc;
}

int
top_main(struct ctl *ctl, int argc, char **argv)
{
	struct look looks[2];
	int rc;

	if (argc > 1)
		return ctl_refuse("%s: not expected here", argv[1]);
	rc = take_look(ctl, &looks[0]);
	if (rc != EX_OK)
		return rc;
	rc = ctl->once || ctl->json ? top_once(ctl, looks) : top_live(ctl, looks);
	json_decref(looks[0].reply.object);
	return rc;
}
