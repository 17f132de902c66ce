/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/** @file A model port at a socket: who connects may take one of its functions. */
#ifndef MODEL_SERVER_SERVER_H
#define MODEL_SERVER_SERVER_H

#include "attach.h"

/**
 * Listen at @p path; a socket that nobody listens at any more is replaced.
 *
 * @return the socket, or -errno: -EADDRINUSE: somebody does listen there
 */
int server_listen(const char *path);

/**
 * Serve until a signal comes from @p signal_fd, a signalfd. SIGUSR1 is none: it prints how many
 * register accesses each function has asked for.
 *
 * @return 0 or -errno
 */
int server_run(struct attach *port, int listener, int signal_fd);

#endif /* MODEL_SERVER_SERVER_H */
