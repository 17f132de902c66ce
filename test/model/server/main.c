/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * sluice-model: a port of the device model, for any number of processes.
 *
 *	sluice-model --listen /tmp/nic.sock --family 82599 --vfs 63 --wire null
 *	sluiced-on-model -c FILE	# "eal": ["--vdev=sluicemodel0,connect=...,function=pf"]
 *	dpdk-testpmd --no-huge -d librte_bus_sluicemodel.so -d librte_net_sluice.so
 *		--vdev sluicemodel0,connect=/tmp/nic.sock,function=vf0
 */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sysexits.h>
#include <unistd.h>

#include "server.h"
#include "wire.h"

#define FDS_WANTED 4096	/* a vector of each queue of 64 VFs, and more */

struct arguments {
	const char *listen, *wire;
	struct attach_options options;
};

static void
usage(FILE *stream)
{
	fprintf(stream,
		"usage: sluice-model --listen PATH --family NAME [OPTIONS]\n"
		"\n"
		"A model port for any number of processes: who connects to PATH takes the PF\n"
		"or a VF. A function whose process goes is reset, and can be taken again.\n"
		"\n"
		"  --listen PATH   the socket\n"
		"  --family NAME   82576, i350, 82599, x540 or x550\n"
		"  --vfs N         VFs that there are [0]\n"
		"  --wire SPEC     none, loop, pcap:..., tap:..., gen:..., socket:... [null]\n"
		"  --mac MAC       the PF's address [02:51:1c:e0:00:00]\n"
		"  --awake         never sleep: doorbells that are plain memory stay it\n"
		"  --help          print this\n"
		"\n"
		"SIGUSR1 prints how many register accesses each function has asked for.\n");
}

static void
take_family(struct arguments *args, const char *text)
{
	args->options.family = nic_family_find(text);
	if (args->options.family == NULL)
		errx(EX_USAGE, "--family %s: want 82576, i350, 82599, x540 or x550", text);
}

static void
take_vfs(struct arguments *args, const char *text)
{
	char *end;
	unsigned long nb = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end != '\0' || nb > NIC_VFS_MAX)
		errx(EX_USAGE, "--vfs %s: want a number up to %u", text, NIC_VFS_MAX);
	args->options.nb_vfs = nb;
}

static void
take_mac(struct arguments *args, const char *text)
{
	uint8_t *mac = args->options.mac;
	int end = 0;

	if (sscanf(text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%n", &mac[0], &mac[1], &mac[2],
		   &mac[3], &mac[4], &mac[5], &end) != MAC_LEN || text[end] != '\0' ||
	    (mac[0] & 1) != 0)
		errx(EX_USAGE, "--mac %s: want a unicast address like 02:00:00:00:00:01", text);
}

static void
check(const struct arguments *args)
{
	const struct nic_family *family = args->options.family;

	if (args->listen == NULL || family == NULL)
		errx(EX_USAGE, "--listen and --family are missing; see --help");
	if (args->options.nb_vfs > family->max_vfs)
		errx(EX_USAGE, "--vfs %u: %s has up to %u", args->options.nb_vfs, family->name,
		     family->max_vfs);
}

static void
parse(int argc, char **argv, struct arguments *args)
{
	static const struct option known[] = {
		{ "listen", required_argument, NULL, 'l' },
		{ "family", required_argument, NULL, 'f' },
		{ "vfs", required_argument, NULL, 'v' },
		{ "wire", required_argument, NULL, 'w' },
		{ "mac", required_argument, NULL, 'm' },
		{ "awake", no_argument, NULL, 'a' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL },
	};
	int option;

	while ((option = getopt_long(argc, argv, "h", known, NULL)) != -1) {
		if (option == 'h') {
			usage(stdout);
			exit(EX_OK);
		} else if (option == '?') {
			exit(EX_USAGE);
		} else if (option == 'a') {
			args->options.awake = true;
		} else if (option == 'f') {
			take_family(args, optarg);
		} else if (option == 'v') {
			take_vfs(args, optarg);
		} else if (option == 'm') {
			take_mac(args, optarg);
		} else if (option == 'l') {
			args->listen = optarg;
		} else {
			args->wire = optarg;
		}
	}
	if (optind < argc)
		errx(EX_USAGE, "%s: all options begin with --; see --help", argv[optind]);
	check(args);
}

/** Before there is a thread that would take them. */
static int
catch_signals(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGUSR1);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void
allow_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= FDS_WANTED)
		return;
	limit.rlim_cur = limit.rlim_max < FDS_WANTED ? limit.rlim_max : FDS_WANTED;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		warn("at most %ju open files", (uintmax_t)limit.rlim_cur);
}

static struct attach *
create_port(struct arguments *args)
{
	char error[256];
	struct attach *port;

	args->options.wire = wire_create(args->wire, error, sizeof(error));
	if (args->options.wire == NULL)
		errx(EX_USAGE, "--wire %s: %s", args->wire, error);
	port = attach_create(&args->options);
	if (port == NULL)
		err(EX_OSERR, "no port");
	return port;
}

static void
report(const struct attach *port, const struct wire *wire)
{
	printf("sluice-model: %" PRIu64 " register accesses; %" PRIu64 " frames to the wire, "
	       "%" PRIu64 " from it\n", attach_counters(port)->traps, wire->sent_frames,
	       wire->received_frames);
}

int
main(int argc, char **argv)
{
	struct arguments args = {
		.wire = "null",
		.options = {
			.mac = { 0x02, 0x51, 0x1c, 0xe0, 0x00, 0x00 },
			.doorbell = DOORBELL_POLL,
		},
	};
	struct attach *port;
	int signal_fd, listener, rc;

	parse(argc, argv, &args);
	signal_fd = catch_signals();
	allow_descriptors();
	port = create_port(&args);
	listener = server_listen(args.listen);
	if (listener < 0)
		errx(EX_UNAVAILABLE, "--listen %s: %s", args.listen, strerror(-listener));
	printf("sluice-model: %s with %u VFs at %s\n", args.options.family->name,
	       args.options.nb_vfs, args.listen);
	fflush(stdout);
	rc = server_run(port, listener, signal_fd);
	unlink(args.listen);
	report(port, args.options.wire);
	attach_free(port);
	if (rc < 0)
		errx(EX_OSERR, "%s", strerror(-rc));
	return EX_OK;
}
