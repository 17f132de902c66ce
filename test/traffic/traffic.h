/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Send, receive, both or echo over a frame_io, and say how it went.
 */
#ifndef SLUICE_TRAFFIC_TRAFFIC_H
#define SLUICE_TRAFFIC_TRAFFIC_H

#include "args.h"
#include "frame_io.h"

/* SIGINT and SIGTERM end a run early; what was counted is still reported. */
void traffic_catch_signals(void);

/* Run, print READY and the result; returns the exit status. */
int traffic_run(const struct args *args, struct frame_io *io);

/* The exit status for what io_*_open() returned. */
int traffic_open_status(int rc);

#endif /* SLUICE_TRAFFIC_TRAFFIC_H */
