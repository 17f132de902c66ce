/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "access.h"

/* What is not in this table is for operators only, as is any command to come. */
static const bool is_for_all[] = {
	[CONTROL_SHOW] = true,
	[CONTROL_WATCH] = true,
};

#define NB_CMDS (sizeof(is_for_all) / sizeof(is_for_all[0]))

bool
control_may(enum control_cmd cmd, const struct control_peer *peer)
{
	return peer->is_operator || (cmd < NB_CMDS && is_for_all[cmd]);
}

int
access_group(const char *name, gid_t *gid)
{
	const struct group *entry;

	errno = 0;
	entry = getgrnam(name[0] == '\0' ? CONTROL_DEFAULT_GROUP : name);
	*gid = entry == NULL ? ACCESS_NO_GROUP : entry->gr_gid;
	return entry == NULL && name[0] != '\0' ? -ENOENT : 0;
}

/* The kernel says so from Linux 4.13 on; before that, it is the primary group that counts. */
static bool
is_member(int fd, const struct ucred *cred, gid_t group)
{
	socklen_t bytes = 0;
	gid_t *groups;
	bool found = cred->gid == group;

	if (found || group == ACCESS_NO_GROUP)
		return found;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &bytes) == 0 || errno != ERANGE)
		return false;
	groups = malloc(bytes);
	if (groups == NULL)
		return false;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &bytes) == 0)
		for (size_t i = 0; i < bytes / sizeof(gid_t); i++)
			found |= groups[i] == group;
	free(groups);
	return found;
}

int
access_peer(int fd, uid_t owner, gid_t group, struct control_peer *peer)
{
	socklen_t bytes = sizeof(struct ucred);
	struct ucred cred;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &bytes) < 0)
		return -errno;
	*peer = (struct control_peer){
		.pid = cred.pid,
		.uid = cred.uid,
		.is_operator = cred.uid == 0 || cred.uid == owner || is_member(fd, &cred, group),
	};
	return 0;
}
