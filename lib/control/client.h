/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The CLI's end of the control socket.
 */
#ifndef SLUICE_CONTROL_CLIENT_H
#define SLUICE_CONTROL_CLIENT_H

#include "protocol.h"

/**
 * Send one request line and read one reply line.
 *
 * @param timeout_ms  for the whole exchange
 * @param reply  the line without its newline; to be freed
 * @return 0; or -errno with one line in @p error: -ENOENT, -ECONNREFUSED (no daemon), -EACCES,
 *         -ETIMEDOUT, -EPROTO (hung up or too long)
 */
int control_call(const char *path, const char *request, unsigned int timeout_ms, char **reply,
		 char error[CONTROL_ERROR_BYTES]);

/**
 * The same, and go on reading what comes behind the reply, until somebody hangs up.
 *
 * @param timeout_ms  for request and reply
 * @return the descriptor, non-blocking; or as control_call()
 */
int control_open(const char *path, const char *request, unsigned int timeout_ms, char **reply,
		 char error[CONTROL_ERROR_BYTES]);

#endif /* SLUICE_CONTROL_CLIENT_H */
