/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * What root can do and we do not need goes before DPDK makes threads, as each thread has its own.
 * What is left to do is with files that are root's, and needs no capability: sysfs, vfio's nodes,
 * our state.
 */

#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/prctl.h>

#include <cap-ng.h>

#include "access.h"
#include "daemon.h"

/* vfio pins the memory that a device reaches, beyond what others may lock. */
#define KEPT CAP_IPC_LOCK

/* The control group alone: whoever is of it may give it a file of his own, the control socket. */
static int
keep_one_group(const char *control_group)
{
	gid_t group;
	int rc = access_group(control_group, &group);

	if (rc < 0 || !capng_have_capability(CAPNG_EFFECTIVE, CAP_SETGID))
		return 0; /* who has to know learns it from the control socket */
	return setgroups(group == ACCESS_NO_GROUP ? 0 : 1, &group) < 0 ? -errno : 0;
}

static int
drop_capabilities(void)
{
	bool keep = capng_have_capability(CAPNG_PERMITTED, KEPT);
	bool bounds = capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP);

	capng_clear(CAPNG_SELECT_BOTH);
	if (keep && capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, KEPT) < 0)
		return -EINVAL;
	return capng_apply(bounds ? CAPNG_SELECT_BOTH : CAPNG_SELECT_CAPS) < 0 ? -EPERM : 0;
}

int
privilege_drop(const struct config *config)
{
	int rc;

	if (!config->sandbox)
		return 0;
	rc = capng_get_caps_process() < 0 ? -EINVAL : keep_one_group(config->control_group);
	if (rc == 0)
		rc = drop_capabilities();
	if (rc == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		rc = -errno;
	if (rc < 0)
		log_line(CONFIG_LOG_ERROR,
			 "cannot drop privileges: %s; \"sandbox\": false does without",
			 strerror(-rc));
	return rc;
}
