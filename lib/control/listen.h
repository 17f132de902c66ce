/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Unix socket addresses. Internal to lib/control.
 */
#ifndef SLUICE_CONTROL_LISTEN_H
#define SLUICE_CONTROL_LISTEN_H

#include <sys/types.h>
#include <sys/un.h>

#include "protocol.h"

/** @return 0, or -ENAMETOOLONG */
int socket_address(const char *path, struct sockaddr_un *address);

/**
 * A listening, non-blocking socket that anybody may connect to; its directory is made if it is
 * missing.
 *
 * @param group  of the file; ACCESS_NO_GROUP: the process's
 * @return the descriptor, or -errno with one line in @p error
 */
int listen_on(const char *path, gid_t group, char error[CONTROL_ERROR_BYTES]);

#endif /* SLUICE_CONTROL_LISTEN_H */
