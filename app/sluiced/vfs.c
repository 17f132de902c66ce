/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * Another number of VFs while the daemon runs: all of them go, others come, and the PF is set up
 * anew, as its pools are dealt out by that number. All or nothing: what fails is taken back the
 * same way. The books are not whole meanwhile, so that who dies has a successor that goes back to
 * the number of before (hold.c).
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "daemon.h"
#include "rte_pmd_sluice.h"

/* One way; the way back is one more. */
struct way {
	const struct config_port *config;
	uint16_t num_vfs;
	const struct vf_policy *policies; /* CONFIG_VFS_MAX; NULL: those in the service */
};

static const struct vf_policy *
policy_of(const struct port *port, const struct way *way, uint16_t vf)
{
	return way->policies != NULL ? &way->policies[vf] : &port->service->vf[vf].policy;
}

/* Its thread has the PF's queue, which would be set up anew. */
static int
check_capture(const struct port *port, char why[CONTROL_ERROR_BYTES])
{
	if (port->capture == NULL)
		return 0;
	snprintf(why, CONTROL_ERROR_BYTES, "%s: a capture runs: end it first", port->iov.pci);
	return -EBUSY;
}

static int
check_number(const struct port *port, const struct way *way, char why[CONTROL_ERROR_BYTES])
{
	uint16_t enabled, most;
	int rc = rte_pmd_sluice_vf_limits(port->port_id, &enabled, &most);

	if (rc < 0) {
		snprintf(why, CONTROL_ERROR_BYTES, "%s: %s", port->iov.pci, strerror(-rc));
		return rc;
	}
	if (way->num_vfs > most) {
		snprintf(why, CONTROL_ERROR_BYTES, "num_vfs: %u is not in 0..%u", way->num_vfs,
			 most);
		return -ERANGE;
	}
	if (way->config->external && enabled != way->num_vfs) {
		snprintf(why, CONTROL_ERROR_BYTES,
			 "num_vfs: %s is external and has %u VFs: who made them is to make %u "
			 "first",
			 port->iov.pci, enabled, way->num_vfs);
		return -EBUSY;
	}
	return 0;
}

/* A VF may have something to do with one that would be gone. */
static int
check_policies(const struct port *port, const struct way *way, char why[CONTROL_ERROR_BYTES])
{
	for (uint16_t vf = 0; vf < way->num_vfs; vf++) {
		struct reader reader = { .path = "" };

		if (check_policy(&reader, policy_of(port, way, vf), vf, way->num_vfs) == 0)
			continue;
		snprintf(why, CONTROL_ERROR_BYTES, "num_vfs: %u: VF %u: %.400s", way->num_vfs, vf,
			 reader.error);
		return -ERANGE;
	}
	return 0;
}

/* Before the books are said to be in pieces: VFs that are in use are to have their PF. */
static int
check_use(const struct port *port, const struct way *way, char why[CONTROL_ERROR_BYTES])
{
	struct iov_problem problem;
	int rc = 0;

	if (!way->config->external)
		rc = iov_port_check_vfs(&port->iov, way->num_vfs, &problem);
	if (rc < 0)
		snprintf(why, CONTROL_ERROR_BYTES, "%s", problem.line);
	return rc;
}

static int
set_number(struct port *port, const struct way *way, bool *touched, char why[CONTROL_ERROR_BYTES])
{
	struct iov_request request =
		ports_request(&port->daemon->config, way->config, way->num_vfs);
	struct iov_port next = port->iov;
	struct iov_problem problem;
	int rc = 0;

	*touched = true;
	if (way->config->external)
		iov_port_external(&iov_root_system, &request, &next);
	else
		rc = iov_port_set_vfs(&next, &request, touched, &problem);
	if (rc < 0) {
		snprintf(why, CONTROL_ERROR_BYTES, "%s", problem.line);
		return rc;
	}
	pthread_mutex_lock(&port->lock);
	port->iov = next;
	for (uint16_t vf = 0; vf < CONFIG_VFS_MAX && way->policies != NULL; vf++)
		port->service->vf[vf].policy = way->policies[vf];
	/* What was seen and said of VFs that are gone. */
	memset(port->limit, 0, sizeof(port->limit));
	memset(&port->watching, 0, sizeof(port->watching));
	pthread_mutex_unlock(&port->lock);
	return 0;
}

static int
go(struct port *port, const struct way *way, bool *touched, char why[CONTROL_ERROR_BYTES])
{
	struct iov_problem problem;
	int rc = set_number(port, way, touched, why);

	if (rc == 0)
		rc = ports_restart(port, way->config, why);
	if (rc < 0 || way->config->external)
		return rc;
	/* As at the start, only now that their mailboxes are answered. */
	rc = iov_port_bind_vfs(&port->iov, &problem);
	if (rc < 0)
		snprintf(why, CONTROL_ERROR_BYTES, "%s", problem.line);
	return rc;
}

/* The port serves nobody: whoever starts it anew has the number of before. */
static void
give_up(struct daemon *daemon, const struct port *port, const char *why)
{
	log_line(CONFIG_LOG_ERROR, "%s: cannot go back to its VFs of before: %s", port->iov.pci,
		 why);
	if (hold_everything(daemon))
		daemon->leave = LEAVE_TO_SUCCESSOR;
	daemon->stopping = true;
	daemon->status = EX_OSERR;
}

static int
go_or_return(struct port *port, const struct way *way, const struct way *back,
	     char why[CONTROL_ERROR_BYTES])
{
	char unsaid[CONTROL_ERROR_BYTES] = "";
	bool touched;
	int rc = go(port, way, &touched, why);

	if (rc < 0 && touched && go(port, back, &touched, unsaid) < 0) {
		give_up(port->daemon, port, unsaid);
		return rc;
	}
	if (port->kept != NULL) {
		kept_set_num_vfs(port->kept, port->iov.num_vfs);
		kept_set_whole(port->kept, true);
	}
	return rc;
}

int
vfs_change(struct port *port, const struct config_port *config, const struct config_port *old,
	   uint16_t num_vfs, const struct vf_policy *policies, char why[CONTROL_ERROR_BYTES])
{
	static struct vf_policy before[CONFIG_VFS_MAX]; /* large; the main thread's */
	const struct way way = { config, num_vfs, policies };
	const struct way back = { old, port->service->nb_vfs, before };
	int rc;

	if (num_vfs == port->service->nb_vfs)
		return 0;
	for (uint16_t vf = 0; vf < CONFIG_VFS_MAX; vf++)
		before[vf] = port->service->vf[vf].policy;
	rc = check_capture(port, why);
	if (rc == 0)
		rc = check_number(port, &way, why);
	if (rc == 0)
		rc = check_policies(port, &way, why);
	if (rc == 0)
		rc = check_use(port, &way, why);
	if (rc < 0)
		return rc;
	if (port->kept != NULL)
		kept_set_whole(port->kept, false);
	return go_or_return(port, &way, &back, why);
}
