/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Who may ask the daemon for what. Anybody may connect; the kernel says who that is, and all that
 * changes something, or tells a secret, is for operators.
 */
#ifndef SLUICE_CONTROL_ACCESS_H
#define SLUICE_CONTROL_ACCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "protocol.h"

/** Whose members are operators where the configuration names no group; it need not exist. */
#define CONTROL_DEFAULT_GROUP "sluice"

#define ACCESS_NO_GROUP ((gid_t)-1)

/** Who asks, by the kernel's word. */
struct control_peer {
	pid_t pid;
	uid_t uid;
	bool is_operator; /**< root, the daemon's own user, or a member of the control group */
};

/** May this peer give this command? */
bool control_may(enum control_cmd cmd, const struct control_peer *peer);

/**
 * The control group's number; ACCESS_NO_GROUP without one.
 *
 * @param name  as configured; empty: CONTROL_DEFAULT_GROUP, if there is such a group
 * @return 0; or -ENOENT, there is no group @p name
 */
int access_group(const char *name, gid_t *gid);

/** Who is at the other end of a Unix socket; 0 or -errno. */
int access_peer(int fd, uid_t owner, gid_t group, struct control_peer *peer);

#endif /* SLUICE_CONTROL_ACCESS_H */
