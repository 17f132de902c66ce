/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The port's side of a connection: a function, and the process that drives it.
 *
 * Requests are served by whoever calls session_serve(), register accesses by a thread of the
 * session. Memory that the process shares is mapped here, and reachable for its function alone.
 */
#ifndef MODEL_SERVER_SESSION_H
#define MODEL_SERVER_SESSION_H

#include <stdbool.h>

#include "attach.h"

/** A port, and which of its functions somebody has. */
struct served_port {
	struct attach *attach;
	bool pf_taken, vf_taken[NIC_VFS_MAX];
};

struct session;

/** @p sock is the session's from now on. @return NULL: no memory */
struct session *session_create(struct served_port *port, int sock);
/** The function is reset and can be taken again; its memory is unmapped after that. */
void session_free(struct session *session);

/** Its socket is readable. @return 0; -errno: it is over */
int session_serve(struct session *session);
int session_socket(const struct session *session);

#endif /* MODEL_SERVER_SESSION_H */
