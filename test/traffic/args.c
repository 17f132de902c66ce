/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"

#define BOTH (BACKEND_DPDK | BACKEND_SOCK)
#define NOT_GIVEN UINT32_MAX
#define FIRST_ROW 256 /* what getopt returns for row 0: beyond its characters */

struct arg_row {
	const char *name;
	const char *value; /* as the help shows it; NULL: none */
	const char *help;
	/* 0; -EINVAL: @p text is not what the row's help says. */
	int (*read)(const struct arg_row *row, const char *text, struct args *args);
	size_t field;
	uint32_t min, max;
	int backends;
};

static void *
field_of(const struct arg_row *row, struct args *args)
{
	return (char *)args + row->field;
}

static int
parse_number(const char *text, uint32_t min, uint32_t max, const char **end, uint32_t *value)
{
	char *stop;
	unsigned long parsed;

	if (text[0] < '0' || text[0] > '9')
		return -EINVAL;
	errno = 0;
	parsed = strtoul(text, &stop, 0);
	if (errno != 0 || parsed < min || parsed > max)
		return -EINVAL;
	*value = parsed;
	*end = stop;
	return 0;
}

static int
read_number(const struct arg_row *row, const char *text, struct args *args)
{
	const char *end;

	if (parse_number(text, row->min, row->max, &end, field_of(row, args)) < 0 || *end != '\0')
		return -EINVAL;
	return 0;
}

static int
read_flag(const struct arg_row *row, const char *text, struct args *args)
{
	(void)text;
	*(bool *)field_of(row, args) = true;
	return 0;
}

static int
read_text(const struct arg_row *row, const char *text, struct args *args)
{
	*(const char **)field_of(row, args) = text;
	return text[0] == '\0' ? -EINVAL : 0;
}

static int
read_mode(const struct arg_row *row, const char *text, struct args *args)
{
	static const char *const words[] = {
		[MODE_SEND] = "send",
		[MODE_RECEIVE] = "receive",
		[MODE_BOTH] = "both",
		[MODE_ECHO] = "echo",
	};

	for (uint32_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i], text) == 0) {
			*(uint32_t *)field_of(row, args) = i;
			return 0;
		}
	}
	return -EINVAL;
}

static int
parse_mac(const char *text, struct mac *mac)
{
	int used = 0;
	uint8_t *b = mac->byte;

	if (sscanf(text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%n", &b[0], &b[1], &b[2], &b[3],
		   &b[4], &b[5], &used) != MAC_BYTES ||
	    text[used] != '\0')
		return -EINVAL;
	mac->given = true;
	return 0;
}

static int
read_mac(const struct arg_row *row, const char *text, struct args *args)
{
	return parse_mac(text, field_of(row, args));
}

static int
read_group(const struct arg_row *row, const char *text, struct args *args)
{
	(void)row;
	if (args->nb_groups == MAX_JOINED)
		return -EINVAL;
	return parse_mac(text, &args->groups[args->nb_groups++]);
}

/* "BYTES" or "MIN-MAX" */
static int
read_size(const struct arg_row *row, const char *text, struct args *args)
{
	const char *end;

	if (parse_number(text, row->min, row->max, &end, &args->min_bytes) < 0)
		return -EINVAL;
	args->max_bytes = args->min_bytes;
	if (*end == '-' &&
	    parse_number(end + 1, args->min_bytes, row->max, &end, &args->max_bytes) < 0)
		return -EINVAL;
	return *end == '\0' ? 0 : -EINVAL;
}

static int
read_vlan(const struct arg_row *row, const char *text, struct args *args)
{
	const char *end;
	uint32_t vid;

	if (parse_number(text, row->min, row->max, &end, &vid) < 0 || *end != '\0')
		return -EINVAL;
	args->vlan = vid;
	return 0;
}

static int
read_join_vlan(const struct arg_row *row, const char *text, struct args *args)
{
	const char *end;
	uint32_t vid;

	if (args->nb_vlans == MAX_JOINED ||
	    parse_number(text, row->min, row->max, &end, &vid) < 0 || *end != '\0')
		return -EINVAL;
	args->vlans[args->nb_vlans++] = vid;
	return 0;
}

#define INTO(member) offsetof(struct args, member)

static const struct arg_row rows[] = {
	{ "mode", "MODE", "send, receive, both or echo [both]", read_mode, INTO(mode), 0, 0, BOTH },
	{ "dst", "MAC", "where to [the receiving port, if it is another one of this process]",
	  read_mac, INTO(dst), 0, 0, BOTH },
	{ "src", "MAC", "where from [the sending port]", read_mac, INTO(src), 0, 0, BOTH },
	{ "count", "N", "frames, 1 to 10000000 [2048]", read_number, INTO(count), 1, 10000000,
	  BOTH },
	{ "size", "BYTES|MIN-MAX", "60 to 9014, without FCS and VLAN tag [60]", read_size, 0,
	  FRAME_MIN_BYTES, FRAME_MAX_BYTES, BOTH },
	{ "burst", "N", "frames sent at once, 1 to 256 [32]", read_number, INTO(burst), 1, 256,
	  BOTH },
	{ "gap-us", "US", "pause between two bursts, up to 1000000 [2000]", read_number,
	  INTO(gap_us), 0, 1000000, BOTH },
	{ "run-id", "X", "a number both sides share, up to 4294967295 [1]", read_number, INTO(run),
	  0, UINT32_MAX, BOTH },
	{ "timeout", "S", "of waiting for frames, 1 to 86400 [10]", read_number, INTO(timeout_s), 1,
	  86400, BOTH },
	{ "patience", "S", "of waiting for room to send a burst, 1 to 86400 [1]", read_number,
	  INTO(patience_s), 1, 86400, BOTH },
	{ "linger-ms", "MS", "listen on when all are there: duplicates, up to 60000 [0]",
	  read_number, INTO(linger_ms), 0, 60000, BOTH },
	{ "vlan", "VID", "send: with that tag; receive: only that VLAN counts; 0 to 4095 [no tag]",
	  read_vlan, 0, 0, 4095, BOTH },
	{ "promisc", NULL, "receive what is addressed to others", read_flag, INTO(promisc), 0, 0,
	  BOTH },
	{ "join-group", "MAC", "receive that multicast group; up to 16 times", read_group, 0, 0, 0,
	  BOTH },
	{ "json", NULL, "the result as one line of JSON", read_flag, INTO(json), 0, 0, BOTH },
	{ "help", NULL, "print this", read_flag, INTO(help), 0, 0, BOTH },
	{ "send-port", "PORT", "0 to 31 [the receiving one, or 0]", read_number, INTO(send_port), 0,
	  31, BACKEND_DPDK },
	{ "receive-port", "PORT", "0 to 31 [the sending one, or 0]", read_number,
	  INTO(receive_port), 0, 31, BACKEND_DPDK },
	{ "segments", "N", "mbufs that a sent frame is cut into, 1 to 8 [1]", read_number,
	  INTO(segments), 1, MAX_SEGMENTS, BACKEND_DPDK },
	{ "mtu", "BYTES", "68 to 9000; beyond the buffers, with scatter Rx [the driver's]",
	  read_number, INTO(mtu), 68, 9000, BACKEND_DPDK },
	{ "set-mac", "MAC", "make it the receiving port's address", read_mac, INTO(set_mac), 0, 0,
	  BACKEND_DPDK },
	{ "join-vlan", "VID", "receiving port joins it, 0 to 4095; up to 16 times", read_join_vlan,
	  0, 0, 4095, BACKEND_DPDK },
	{ "netdev", "NAME", "the interface, an existing one", read_text, INTO(netdev), 0, 0,
	  BACKEND_SOCK },
};

#define NB_ROWS (sizeof(rows) / sizeof(rows[0]))

void
args_usage(FILE *out, const char *program, enum backend backend)
{
	fprintf(out, "Usage: %s %s[options]\n\n", program,
		backend == BACKEND_DPDK ? "[EAL options] -- " : "--netdev NAME ");
	for (size_t i = 0; i < NB_ROWS; i++) {
		char left[40];

		if ((rows[i].backends & backend) == 0)
			continue;
		snprintf(left, sizeof(left), "--%s %s", rows[i].name,
			 rows[i].value == NULL ? "" : rows[i].value);
		fprintf(out, "  %-22s %s\n", left, rows[i].help);
	}
}

static int
parse_all(struct args *args, int argc, char **argv, const struct option *wanted)
{
	optind = 0; /* GNU: start over, EAL has used getopt too */
	opterr = 0;
	for (;;) {
		int at = optind == 0 ? 1 : optind;
		int got = getopt_long(argc, argv, ":", wanted, NULL);
		const struct arg_row *row;

		if (got == -1)
			break;
		if (got < FIRST_ROW) {
			warnx("%s: %s", argv[at],
			      got == ':' ? "want a value" : "unknown option, see --help");
			return -EINVAL;
		}
		row = &rows[got - FIRST_ROW];
		if (row->read(row, optarg, args) < 0) {
			warnx("--%s %s: want %s", row->name, optarg, row->help);
			return -EINVAL;
		}
	}
	if (optind == argc)
		return 0;
	warnx("%s: unexpected, all options start with --", argv[optind]);
	return -EINVAL;
}

static void
settle_ports(struct args *args)
{
	if (args->send_port == NOT_GIVEN)
		args->send_port = args->receive_port == NOT_GIVEN ? 0 : args->receive_port;
	if (args->receive_port == NOT_GIVEN)
		args->receive_port = args->send_port;
}

static int
check_together(const struct args *args, enum backend backend)
{
	bool sends = args->mode == MODE_SEND || args->mode == MODE_BOTH;

	if (args->help)
		return 0;
	if (backend == BACKEND_SOCK && args->netdev == NULL) {
		warnx("--netdev: want the name of an interface");
		return -EINVAL;
	}
	if (sends && !args->dst.given &&
	    (backend == BACKEND_SOCK || args->send_port == args->receive_port)) {
		warnx("--dst: want the address to send to");
		return -EINVAL;
	}
	return 0;
}

int
args_parse(struct args *args, enum backend backend, int argc, char **argv)
{
	struct option wanted[NB_ROWS + 1] = { 0 };
	size_t nb = 0;

	*args = (struct args){
		.mode = MODE_BOTH,
		.count = 2048,
		.min_bytes = FRAME_MIN_BYTES,
		.max_bytes = FRAME_MIN_BYTES,
		.burst = 32,
		.gap_us = 2000,
		.run = 1,
		.timeout_s = 10,
		.patience_s = 1,
		.vlan = NO_VLAN,
		.segments = 1,
		.send_port = NOT_GIVEN,
		.receive_port = NOT_GIVEN,
	};
	for (size_t i = 0; i < NB_ROWS; i++) {
		if ((rows[i].backends & backend) == 0)
			continue;
		wanted[nb].name = rows[i].name;
		wanted[nb].has_arg = rows[i].value == NULL ? no_argument : required_argument;
		wanted[nb++].val = FIRST_ROW + i;
	}
	if (parse_all(args, argc, argv, wanted) < 0)
		return -EINVAL;
	settle_ports(args);
	return check_together(args, backend);
}
