/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * sluicectl: the table of subcommands, and the options, which are the same for all. What it says to
 * --help is what its man page and its completion are made of. One thread.
 */

#include <ctype.h>
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "ctl.h"
#include "version.h"

static int
version_main(struct ctl *ctl, int argc, char **argv)
{
	(void)ctl;
	if (argc > 1)
		return ctl_refuse("version: %s is one word too many", argv[1]);
	printf("sluicectl %s\n", sluice_version);
	return EX_OK;
}

static const struct subcommand {
	const char *name;
	int (*run)(struct ctl *ctl, int argc, char **argv);
	const char *args;
	const char *help;
} subcommands[] = {
	{ "show", show_main, "[PORT] [vf N]", "state, policy and counters" },
	{ "set", set_main, "[PORT] vf N KEY VALUE ...", "change a VF's policy" },
	{ "quarantine", quarantine_main, "[PORT] vf N [REASON ...]",
	  "shut a VF off until it is released or reset by its function" },
	{ "release", release_main, "[PORT] vf N", "end a VF's quarantine or throttling" },
	{ "vfs", vfs_main, "[PORT] create N | destroy",
	  "another number of VFs; none: destroy. While nobody uses one" },
	{ "token", token_main, "", "the VF token that users of VFs need" },
	{ "watch", watch_main, "[PORT] [vf N]",
	  "requests, verdicts and changes as they happen, until Ctrl-C" },
	{ "capture", capture_main, "[PORT] vf N -w F [FILTER]",
	  "what a VF receives, as a pcap file, until Ctrl-C" },
	{ "top", top_main, "", "rates of all VFs, live; or after a second, with --once" },
	{ "metrics", metrics_main, "", "counters as Prometheus reads them" },
	{ "doctor", doctor_main, "[FILE] [--report]",
	  "what this host lacks to run sluiced with FILE, and what mends it" },
	{ "validate", validate_main, "FILE", "is this configuration good?" },
	{ "stop", stop_main, "[--drain [--timeout S]]", "end the daemon" },
	{ "upgrade", upgrade_main, "", "start the installed program in the daemon's place" },
	{ "version", version_main, "", "what this is, and what it was built of" },
};

#define NB_SUBCOMMANDS (sizeof(subcommands) / sizeof(subcommands[0]))

#define KEY_FORMAT "  %-16s  %-46s  %s\n"
#define ARGS_WIDTH 33 /* of a subcommand's name and arguments; the man page goes by that too */

static void
usage(FILE *stream)
{
	fprintf(stream, "usage: sluicectl [options] SUBCOMMAND ...\n\n");
	for (size_t i = 0; i < NB_SUBCOMMANDS; i++)
		fprintf(stream, "  %s %-*s  %s\n", subcommands[i].name,
			ARGS_WIDTH - (int)strlen(subcommands[i].name), subcommands[i].args,
			subcommands[i].help);
	fprintf(stream,
		"\n"
		"      --socket PATH  of the daemon (default " CONFIG_DEFAULT_SOCKET ")\n"
		"      --port PORT    the PF, such as 0000:01:00.0, if there are several\n"
		"      --vf N         the VF, as \"vf N\"\n"
		"      --json         print JSON: the daemon's reply as it is\n"
		"      --once         of top: one table, as text\n"
		"      --report       doctor: text to send, with machine and counters, no secrets\n"
		"      --drain        stop: when no VF is in use any more\n"
		"  -w F               capture: into this file, or - for a pipe\n"
		"  -c N               capture: end after so many packets\n"
		"  -s BYTES           capture: no more of each packet\n"
		"      --seconds S    capture: end after S seconds\n"
		"      --timeout S    stop --drain: wait no longer than S seconds\n"
		"      --version      print what version says\n"
		"  -h, --help         print this\n"
		"\n"
		"KEY and VALUE:\n");
	for (const struct policy_key *key = policy_keys; key->name != NULL; key++)
		fprintf(stream, KEY_FORMAT, key->name, key->values, key->help);
	fprintf(stream, KEY_FORMAT, "hold", "on or off",
		"keep these keys when the file is read again");
}

/* @return whether it is an option with a text, which is kept as it was typed */
static bool
keep_text(struct ctl *ctl, int option, const char *text)
{
	static const struct {
		int option;
		size_t field;
	} rows[] = {
		{ 'k', offsetof(struct ctl, socket) },	{ 'p', offsetof(struct ctl, port) },
		{ 'n', offsetof(struct ctl, vf) },	{ 't', offsetof(struct ctl, timeout) },
		{ 'w', offsetof(struct ctl, file) },	{ 'c', offsetof(struct ctl, count) },
		{ 's', offsetof(struct ctl, snaplen) }, { 'S', offsetof(struct ctl, seconds) },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].option == option) {
			memcpy((char *)ctl + rows[i].field, &text, sizeof(text));
			return true;
		}
	return false;
}

static void
apply_option(struct ctl *ctl, int option, const char *word)
{
	switch (option) {
	case 'j':
		ctl->json = true;
		break;
	case 'o':
		ctl->once = true;
		break;
	case 'r':
		ctl->report = true;
		break;
	case 'd':
		ctl->drain = true;
		break;
	case 'v':
		exit(version_main(ctl, 0, NULL));
	case 'h':
		usage(stdout);
		exit(EX_OK);
	default:
		exit(ctl_refuse("%s: no such option, or nothing after it; see --help", word));
	}
}

/* Options may stand anywhere; returns the index of the first word that is none. */
static int
parse_options(int argc, char **argv, struct ctl *ctl)
{
	static const struct option options[] = {
		{ "socket", required_argument, NULL, 'k' },
		{ "port", required_argument, NULL, 'p' },
		{ "vf", required_argument, NULL, 'n' },
		{ "json", no_argument, NULL, 'j' },
		{ "once", no_argument, NULL, 'o' },
		{ "report", no_argument, NULL, 'r' },
		{ "drain", no_argument, NULL, 'd' },
		{ "timeout", required_argument, NULL, 't' },
		{ "seconds", required_argument, NULL, 'S' },
		{ "version", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL },
	};
	int option;

	opterr = 0; /* one line, ours */
	while ((option = getopt_long(argc, argv, "hc:s:w:", options, NULL)) != -1)
		if (!keep_text(ctl, option, optarg))
			apply_option(ctl, option, argv[optind - 1]);
	return optind;
}

static int
refuse_subcommand(const char *name)
{
	char list[256] = "";

	for (size_t i = 0; i < NB_SUBCOMMANDS; i++) {
		size_t used = strlen(list);

		snprintf(list + used, sizeof(list) - used, "%s%s", used == 0 ? "" : ", ",
			 subcommands[i].name);
	}
	return ctl_refuse("%s: no such subcommand; there are %s", name, list);
}

/* No option is a digit: it is a number, which its place will find too small. */
static int
count_before_negative(int argc, char **argv)
{
	int nb = 1;

	while (nb < argc && !(argv[nb][0] == '-' && isdigit((unsigned char)argv[nb][1])))
		nb++;
	return nb;
}

int
main(int argc, char **argv)
{
	struct ctl ctl = { .socket = NULL };
	int first = parse_options(count_before_negative(argc, argv), argv, &ctl);

	ctl.is_default_socket = ctl.socket == NULL;
	if (ctl.is_default_socket)
		ctl.socket = CONFIG_DEFAULT_SOCKET;
	if (first == argc) {
		usage(stderr);
		return EX_USAGE;
	}
	for (size_t i = 0; i < NB_SUBCOMMANDS; i++)
		if (strcmp(argv[first], subcommands[i].name) == 0)
			return subcommands[i].run(&ctl, argc - first, argv + first);
	return refuse_subcommand(argv[first]);
}
