/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * frames-sock: numbered frames through a network interface of the kernel, and a verdict on them.
 *
 *	frames-sock --netdev eth1 --mode receive --json
 *	frames-sock --netdev eth1 --mode send --dst 52:54:00:00:00:01 --json
 *	frames-sock --netdev eth1 --mode echo --timeout 60
 *
 * For everything else see frames_dpdk.c: output, pace and exit status are the same.
 */
#include <sysexits.h>

#include "args.h"
#include "frame_io.h"
#include "traffic.h"

int
main(int argc, char **argv)
{
	struct frame_io *io;
	struct args args;
	int rc;

	if (args_parse(&args, BACKEND_SOCK, argc, argv) < 0)
		return EX_USAGE;
	if (args.help) {
		args_usage(stdout, argv[0], BACKEND_SOCK);
		return EX_OK;
	}
	rc = io_packet_open(&args, &io);
	if (rc < 0)
		return traffic_open_status(rc);
	traffic_catch_signals();
	rc = traffic_run(&args, io);
	io->ops->close(io);
	return rc;
}
