/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * frames-dpdk: numbered frames through ethdev ports of any driver, and a verdict on them.
 *
 * Two ports of one process (a VF to another):
 *	frames-dpdk -l 1 -m 64 -a 0000:01:10.0 -a 0000:01:10.2 -- \
 *		--send-port 0 --receive-port 1 --json
 * One side of a path; the other is another process or frames-sock:
 *	frames-dpdk -l 1 -m 64 -a 0000:01:10.0 -- --mode receive --json
 *	frames-dpdk -l 1 -m 64 -a 0000:01:10.0 -- --mode send --dst 52:54:00:00:00:01 --json
 *
 * "READY MAC" appears on standard error when the receiver listens, the result on standard output
 * at the end. --timeout counts from READY, or in mode both from the last frame sent: give a
 * receiver as long as the sender takes to start. 32 frames each 2 ms, the default, is a pace that
 * QEMU's igb carries without loss.
 *
 * Exit status: 0 all that was asked for was sent and arrived, none corrupt; 1 it was not;
 * 64 usage; 69 no port or no link; 77 the port refused a --set-mac, --promisc, --join-...
 */
#include <err.h>
#include <string.h>
#include <sysexits.h>

#include <rte_eal.h>
#include <rte_errno.h>

#include "args.h"
#include "frame_io.h"
#include "traffic.h"

static void
usage(const char *program)
{
	args_usage(stdout, program, BACKEND_DPDK);
}

/* Of argv, what follows "--"; that word takes the place of the program's name. */
static int
own_args(int argc, char ***argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp((*argv)[i], "--") == 0) {
			*argv += i;
			return argc - i;
		}
	}
	return 1;
}

int
main(int argc, char **argv)
{
	char **own_argv = argv;
	int own_argc = own_args(argc, &own_argv);
	struct frame_io *io;
	struct args args;
	int rc;

	if (args_parse(&args, BACKEND_DPDK, own_argc, own_argv) < 0)
		return EX_USAGE;
	if (args.help) {
		usage(argv[0]);
		return EX_OK;
	}
	rte_set_application_usage_hook(usage);
	if (rte_eal_init(argc, argv) < 0) {
		warnx("EAL did not start: %s", rte_strerror(rte_errno));
		return EX_UNAVAILABLE;
	}

	rc = io_ethdev_open(&args, &io);
	if (rc < 0) {
		rc = traffic_open_status(rc);
	} else {
		traffic_catch_signals();
		rc = traffic_run(&args, io);
		io->ops->close(io);
	}
	rte_eal_cleanup();
	return rc;
}
