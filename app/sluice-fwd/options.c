/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "wait.h"

/* One option: how it looks in the help, how its value is read and where that goes. */
struct option_row {
	const char *name;
	const char *arg; /* NULL: takes no value */
	const char *help;
	int (*read)(const struct option_row *row, const char *value, struct options *o, char *why);
	size_t field;		  /* offset of what it fills: uint32_t, const char * or bool */
	uint32_t min, max;	  /* of a number */
	const char *const *words; /* of a choice; the index is the value */
};

static const char *const mac_words[] = { "none", "swap", "rewrite", NULL };
static const char *const promisc_words[] = { "auto", "on", "off", NULL };
static const char *const side_words[] = { "rx", "tx", NULL };

static int __attribute__((format(printf, 2, 3)))
refuse(char *why, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why, WHY_BYTES, format, args);
	va_end(args);
	return -EINVAL;
}

static void *
field_of(const struct option_row *row, struct options *o)
{
	return (char *)o + row->field;
}

static bool
number_in(const char *text, uint32_t min, uint32_t max, uint32_t *value, const char **end)
{
	char *stop;
	unsigned long parsed;

	/* strtoul takes a sign and blanks; nobody who types them means what it makes of them. */
	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	parsed = strtoul(text, &stop, 10);
	if (errno != 0 || parsed < min || parsed > max)
		return false;
	*value = parsed;
	*end = stop;
	return true;
}

static int
read_number(const struct option_row *row, const char *value, struct options *o, char *why)
{
	const char *end;

	if (!number_in(value, row->min, row->max, field_of(row, o), &end) || *end != '\0')
		return refuse(why, "--%s %s: want %" PRIu32 " to %" PRIu32, row->name, value,
			      row->min, row->max);
	return 0;
}

static int
read_rxd(const struct option_row *row, const char *value, struct options *o, char *why)
{
	o->rxd_given = true;
	return read_number(row, value, o, why);
}

static int
read_txd(const struct option_row *row, const char *value, struct options *o, char *why)
{
	o->txd_given = true;
	return read_number(row, value, o, why);
}

static int
read_word(const struct option_row *row, const char *value, struct options *o, char *why)
{
	char list[WHY_BYTES / 2] = "";

	for (uint32_t i = 0; row->words[i] != NULL; i++) {
		if (strcmp(row->words[i], value) == 0) {
			*(uint32_t *)field_of(row, o) = i;
			return 0;
		}
		strncat(list, i == 0 ? "" : ", ", sizeof(list) - strlen(list) - 1);
		strncat(list, row->words[i], sizeof(list) - strlen(list) - 1);
	}
	return refuse(why, "--%s %s: want one of %s", row->name, value, list);
}

static int
read_text(const struct option_row *row, const char *value, struct options *o, char *why)
{
	if (value[0] == '\0')
		return refuse(why, "--%s: want %s, got an empty string", row->name, row->arg);
	*(const char **)field_of(row, o) = value;
	return 0;
}

static int
read_mode(const struct option_row *row, const char *value, struct options *o, char *why)
{
	char list[WHY_BYTES / 2];

	if (wait_strategy_find(value) != NULL)
		return read_text(row, value, o, why);
	wait_strategy_list(list, sizeof(list));
	return refuse(why, "--%s %s: want one of %s", row->name, value, list);
}

static int
read_profile(const struct option_row *row, const char *value, struct options *o, char *why)
{
	char list[WHY_BYTES / 2];

	if (aic_preset_find(value) != NULL)
		return read_text(row, value, o, why);
	aic_preset_list(list, sizeof(list));
	return refuse(why, "--%s %s: want one of %s", row->name, value, list);
}

static int
read_flag(const struct option_row *row, const char *value, struct options *o, char *why)
{
	(void)value;
	(void)why;
	*(bool *)field_of(row, o) = true;
	return 0;
}

static bool
port_is_paired(const struct options *o, uint16_t port)
{
	for (uint32_t i = 0; i < o->nb_pairs; i++) {
		if (o->pairs[i].port[0] == port || o->pairs[i].port[1] == port)
			return true;
	}
	return false;
}

/* "0:1,2:3" */
static int
read_pairs(const struct option_row *row, const char *value, struct options *o, char *why)
{
	const char *at = value;

	o->nb_pairs = 0;
	for (;;) {
		uint32_t port[2];

		if (!number_in(at, 0, RTE_MAX_ETHPORTS - 1, &port[0], &at) || *at++ != ':' ||
		    !number_in(at, 0, RTE_MAX_ETHPORTS - 1, &port[1], &at) ||
		    (*at != ',' && *at != '\0'))
			return refuse(why, "--%s %s: want PORT:PORT,... with ports 0 to %u",
				      row->name, value, RTE_MAX_ETHPORTS - 1);
		for (int side = 0; side < 2; side++) {
			if (port[0] == port[1] || port_is_paired(o, port[side]))
				return refuse(why,
					      "--%s %s: port %" PRIu32
					      " is named twice, want each port once",
					      row->name, value, port[side]);
		}
		o->pairs[o->nb_pairs++] = (struct port_pair){ { port[0], port[1] } };
		if (*at++ == '\0')
			return 0;
	}
}

/* "PORT,MAC" */
static int
read_eth_dest(const struct option_row *row, const char *value, struct options *o, char *why)
{
	struct rte_ether_addr addr;
	const char *at;
	uint32_t port;

	if (!number_in(value, 0, RTE_MAX_ETHPORTS - 1, &port, &at) || *at++ != ',' ||
	    rte_ether_unformat_addr(at, &addr) < 0)
		return refuse(why, "--%s %s: want PORT,MAC with ports 0 to %u", row->name, value,
			      RTE_MAX_ETHPORTS - 1);
	if (rte_is_zero_ether_addr(&addr))
		return refuse(why, "--%s %s: want an address other than zero", row->name, value);
	o->eth_dest[port] = (struct next_hop){ .addr = addr, .given = true };
	return 0;
}

#define NUMBER(low, high) .read = read_number, .min = (low), .max = (high)
#define INTO(member) .field = offsetof(struct options, member)

static const struct option_row rows[] = {
	{ "pairs", "A:B,C:D", "ports that forward to each other [0:1,2:3 and so on]", read_pairs },
	{ "mac-mode", "MODE",
	  "none, swap (back to the sender), rewrite (as a router does) [none]",
	  read_word, INTO(mac_mode), .words = mac_words },
	{ "eth-dest", "PORT,MAC", "rewrite: destination of the frames that leave PORT [kept]",
	  read_eth_dest },
	{ "promisc", "MODE", "on, off or auto: on where the port allows it [auto]", read_word,
	  INTO(promisc), .words = promisc_words },
	{ "queues", "N", "queue pairs between two ports, each with its own lcore [1]",
	  NUMBER(1, MAX_QUEUES), INTO(queues) },
	{ "rxd", "N", "descriptors of an Rx queue [512; hybrid: its profile's]", read_rxd,
	  INTO(rxd), 8, 32768 },
	{ "txd", "N", "descriptors of a Tx queue [512; hybrid: as --rxd]", read_txd,
	  INTO(txd), 8, 32768 },
	{ "burst", "N", "frames taken from an Rx queue at once [32]", NUMBER(1, MAX_BURST),
	  INTO(burst) },
	{ "mtu", "BYTES", "largest payload, for all ports [1500]", NUMBER(68, 16110),
	  INTO(mtu) },
	{ "mode", "MODE", "poll, interrupt, or hybrid: an lcore sleeps when it may [poll]",
	  read_mode, INTO(mode) },
	{ "profile", "NAME", "of the modes that sleep: balanced, latency, eco, paper [balanced]",
	  read_profile, INTO(profile) },
	{ "aic", "KEY=VALUE,...", "its parameters: r=0.8,lif=2k,period=1ms,...", read_text,
	  INTO(aic) },
	{ "stats-period", "S", "seconds between two tables, 0 for none [0]", NUMBER(0, 86400),
	  INTO(stats_period_s) },
	{ "stats-json", "FILE", "report at the end", read_text, INTO(stats_json) },
	{ "duration", "S", "end after so many seconds, 0 for a signal [0]", NUMBER(0, 31536000),
	  INTO(duration_s) },
	{ "capture", "FILE", "write what passes to a pcap file", read_text, INTO(capture) },
	{ "capture-filter", "EXPR", "of that, only what matches (pcap-filter(7))", read_text,
	  INTO(capture_filter) },
	{ "capture-side", "SIDE", "rx: as received, tx: as sent [rx]", read_word,
	  INTO(capture_side), .words = side_words },
	{ "capture-snaplen", "BYTES", "bytes kept of a frame [65535]", NUMBER(64, 65535),
	  INTO(capture_snaplen_bytes) },
	{ "version", NULL, "print the version", read_flag, INTO(version) },
	{ "help", NULL, "print this", read_flag, INTO(help) },
};

#define NB_ROWS (sizeof(rows) / sizeof(rows[0]))

void
options_usage(FILE *out, const char *program)
{
	fprintf(out, "Usage: %s [EAL options] -- [options]\n\n", program);
	for (size_t i = 0; i < NB_ROWS; i++) {
		char left[40];

		snprintf(left, sizeof(left), "--%s %s", rows[i].name,
			 rows[i].arg == NULL ? "" : rows[i].arg);
		fprintf(out, "  %-26s %s\n", left, rows[i].help);
	}
}

static int
check_together(const struct options *o, char *why)
{
	for (unsigned int port = 0; port < RTE_MAX_ETHPORTS; port++) {
		if (o->eth_dest[port].given && o->mac_mode != MAC_REWRITE)
			return refuse(why, "--eth-dest %u,...: want --mac-mode rewrite with it",
				      port);
	}
	if ((o->profile != NULL || o->aic != NULL) && strcmp(o->mode, "poll") == 0)
		return refuse(why, "--%s: want --mode interrupt or hybrid with it",
			      o->profile != NULL ? "profile" : "aic");
	if (o->capture_filter != NULL && o->capture == NULL)
		return refuse(why, "--capture-filter: want --capture FILE with it");
	return 0;
}

/* The profile, and what --aic changes of it. */
static int
settle_hybrid(struct options *o, char *why)
{
	char problem[WHY_BYTES - 8];

	hybrid_profile(&o->hybrid, o->profile == NULL ? "balanced" : o->profile);
	/* Who has slept sends what he finds quicker than the wire takes it: Tx as large as Rx. */
	if (!o->rxd_given && strcmp(o->mode, "hybrid") == 0)
		o->rxd = o->hybrid.ring;
	if (!o->txd_given && strcmp(o->mode, "hybrid") == 0)
		o->txd = o->rxd;
	if (o->aic == NULL ||
	    aic_params_parse(&o->hybrid.params, o->aic, problem, sizeof(problem)) == 0)
		return 0;
	return refuse(why, "--aic %s", problem);
}

static int
read_all(struct options *o, int argc, char **argv, const struct option *wanted, char *why)
{
	int rc = 0;
	int which;

	optind = 0; /* GNU: start over, EAL has used getopt too */
	opterr = 0;
	while (rc == 0) {
		int at = optind == 0 ? 1 : optind;
		int got = getopt_long(argc, argv, ":", wanted, &which);

		if (got == -1)
			break;
		if (got == ':')
			return refuse(why, "%s: want a value", argv[at]);
		if (got == '?')
			return refuse(why, "%s: unknown option, see --help", argv[at]);
		rc = rows[which].read(&rows[which], optarg, o, why);
	}
	if (rc == 0 && optind < argc)
		return refuse(why, "%s: unexpected, all options start with --", argv[optind]);
	return rc;
}

int
options_parse(struct options *o, int argc, char **argv, char *why)
{
	struct option wanted[NB_ROWS + 1] = { 0 };
	int rc;

	*o = (struct options){
		.queues = 1,
		.rxd = 512,
		.txd = 512,
		.burst = 32,
		.mode = "poll",
		.capture_snaplen_bytes = 65535,
	};
	for (size_t i = 0; i < NB_ROWS; i++) {
		wanted[i].name = rows[i].name;
		wanted[i].has_arg = rows[i].arg == NULL ? no_argument : required_argument;
	}

	rc = read_all(o, argc, argv, wanted, why);
	if (rc < 0)
		return rc;
	rc = settle_hybrid(o, why);
	if (rc < 0)
		return rc;
	return check_together(o, why);
}

static bool
port_exists(uint16_t port, const uint16_t *ports, uint16_t nb_ports)
{
	for (uint16_t i = 0; i < nb_ports; i++) {
		if (ports[i] == port)
			return true;
	}
	return false;
}

static int
pair_neighbours(struct options *o, const uint16_t *ports, uint16_t nb_ports, char *why)
{
	if (nb_ports % 2 != 0)
		return refuse(why, "%u ports do not pair up: want an even number, or --pairs",
			      nb_ports);
	for (uint16_t i = 0; i < nb_ports; i += 2)
		o->pairs[o->nb_pairs++] = (struct port_pair){ { ports[i], ports[i + 1] } };
	return 0;
}

int
options_pair(struct options *o, const uint16_t *ports, uint16_t nb_ports, char *why)
{
	if (nb_ports == 0) {
		refuse(why, "no ports: bind a device to vfio-pci, or name one with --vdev");
		return -ENODEV;
	}
	if (o->nb_pairs == 0 && pair_neighbours(o, ports, nb_ports, why) < 0)
		return -EINVAL;

	for (uint32_t i = 0; i < o->nb_pairs * 2; i++) {
		uint16_t port = o->pairs[i / 2].port[i % 2];

		if (!port_exists(port, ports, nb_ports))
			return refuse(why, "--pairs: no port %u, want %u to %u", port, ports[0],
				      ports[nb_ports - 1]);
	}
	for (uint16_t port = 0; port < RTE_MAX_ETHPORTS; port++) {
		if (o->eth_dest[port].given && !port_is_paired(o, port))
			return refuse(why, "--eth-dest %u,...: port %u is in no pair", port, port);
	}
	return 0;
}
