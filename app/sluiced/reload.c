/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * What SIGHUP does to ports and VFs: the file's numbers of VFs, their policies and the ports'
 * switches, all or none. The main thread's.
 *
 * What was set live and is to be held stays, whatever the file says. Only the main thread changes
 * policies and what is held, so it reads them without the port's lock.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon.h"

/* What was in force before a reload. */
struct before {
	uint16_t num_vfs[CONFIG_PORTS_MAX];
	struct vf_policy policy[CONFIG_PORTS_MAX][CONFIG_VFS_MAX];
	uint32_t held[CONFIG_PORTS_MAX][CONFIG_VFS_MAX];
};

static void
remember(const struct daemon *daemon, struct before *before)
{
	for (int i = 0; i < daemon->nb_open; i++) {
		const struct vf_service *service = daemon->port[i].service;

		before->num_vfs[i] = service->nb_vfs;
		for (int vf = 0; vf < CONFIG_VFS_MAX; vf++) {
			before->policy[i][vf] = service->vf[vf].policy;
			before->held[i][vf] = service->vf[vf].held;
		}
	}
}

/* Is it as it was, and not set up anew with other VFs? */
static bool
same_number(const struct daemon *daemon, int i, const struct before *before)
{
	return daemon->port[i].service->nb_vfs == before->num_vfs[i];
}

/* Back to what was before, from VF `vf` of port `i` downwards. */
static void
roll_back(struct daemon *daemon, int i, int vf, const struct before *before)
{
	char why[CONTROL_ERROR_BYTES];

	for (; i >= 0; i--) {
		for (; vf >= 0 && same_number(daemon, i, before); vf--)
			if (control_set_policy(&daemon->port[i], vf, &before->policy[i][vf],
					       why) < 0)
				log_line(CONFIG_LOG_ERROR,
					 "%s vf %d: shut off: its old policy "
					 "cannot be restored",
					 daemon->port[i].iov.pci, vf);
		if (i > 0)
			vf = daemon->port[i - 1].service->nb_vfs - 1;
	}
}

/* VFs that were made anew hold nothing. */
static void
hold_again(struct port *port, const uint32_t held[CONFIG_VFS_MAX])
{
	pthread_mutex_lock(&port->lock);
	for (int vf = 0; vf < port->service->nb_vfs; vf++)
		port->service->vf[vf].held = held[vf];
	pthread_mutex_unlock(&port->lock);
}

/* The same of ports with another number of VFs. */
static void
roll_back_numbers(struct daemon *daemon, const struct config *wanted, const struct before *before)
{
	char why[CONTROL_ERROR_BYTES];

	for (int i = 0; i < daemon->nb_open; i++) {
		if (vfs_change(&daemon->port[i], &daemon->config.port[i], &wanted->port[i],
			       before->num_vfs[i], before->policy[i], why) < 0)
			log_line(CONFIG_LOG_ERROR, "%s: not %u VFs again: %s",
				 daemon->port[i].iov.pci, before->num_vfs[i], why);
		else
			hold_again(&daemon->port[i], before->held[i]);
	}
}

/* Ports with another number of VFs, all or none; with the policies wanted of them. */
static int
set_numbers(struct daemon *daemon, const struct config *wanted, const struct before *before)
{
	static struct vf_policy policies[CONFIG_VFS_MAX]; /* large; one thread's */
	char why[CONTROL_ERROR_BYTES];

	for (int i = 0; i < daemon->nb_open; i++) {
		const struct config_port *config = &wanted->port[i];
		int rc;

		for (int vf = 0; vf < CONFIG_VFS_MAX; vf++)
			policies[vf] = config->vf[vf].policy;
		rc = vfs_change(&daemon->port[i], config, &daemon->config.port[i], config->num_vfs,
				policies, why);
		if (rc == 0)
			continue;
		log_line(CONFIG_LOG_ERROR, "%s: ports[%d].num_vfs: %u: %s; all stays as it was",
			 daemon->config_file, i, config->num_vfs, why);
		roll_back_numbers(daemon, wanted, before);
		return rc;
	}
	return 0;
}

/* The file's word, but for what was set to be held. */
static struct vf_policy
policy_wanted(const struct daemon *daemon, const struct config *wanted, int i, int vf)
{
	const struct vf_entry *entry = &daemon->port[i].service->vf[vf];
	struct vf_policy policy = wanted->port[i].vf[vf].policy;

	for (size_t key = 0; key < policy_keys_nb; key++)
		if ((entry->held >> key & 1) != 0)
			policy_key_copy(&policy_keys[key], &entry->policy, &policy);
	return policy;
}

/* Is the address that a VF is to have, and holds, another one's by the file? */
static int
check_held_mac(const struct daemon *daemon, const struct config *wanted, int i, int vf,
	       char why[CONTROL_ERROR_BYTES])
{
	const struct vf_entry *entry = &daemon->port[i].service->vf[vf];
	const struct mac_addr *mac = &entry->policy.mac;

	if ((entry->held >> (policy_key_find("mac") - policy_keys) & 1) == 0 || mac_is_zero(mac))
		return 0;
	for (int j = 0; j < daemon->nb_open; j++)
		for (int other = 0; other < daemon->port[j].service->nb_vfs; other++) {
			struct vf_policy policy = policy_wanted(daemon, wanted, j, other);

			if ((i == j && vf == other) || !mac_equal(&policy.mac, mac))
				continue;
			snprintf(why, CONTROL_ERROR_BYTES, "mac: is to be VF %d's of %s too",
				 other, daemon->port[j].iov.pci);
			return -EEXIST;
		}
	return 0;
}

/* The file is good by itself; with what is held it need not be. */
static int
set_wanted(struct daemon *daemon, const struct config *wanted, int i, int vf,
	   char why[CONTROL_ERROR_BYTES])
{
	struct vf_policy policy = policy_wanted(daemon, wanted, i, vf);
	struct reader reader = { .path = "" };
	int rc = check_held_mac(daemon, wanted, i, vf, why);

	if (rc == 0 &&
	    check_policy(&reader, &policy, vf, daemon->port[i].service->nb_vfs) < 0) {
		snprintf(why, CONTROL_ERROR_BYTES, "%.400s", reader.error);
		rc = -EINVAL;
	}
	return rc == 0 ? control_set_policy(&daemon->port[i], vf, &policy, why) : rc;
}

/* Ports that have the same number still, all or none. */
static int
set_policies(struct daemon *daemon, const struct config *wanted, const struct before *before)
{
	char why[CONTROL_ERROR_BYTES];

	for (int i = 0; i < daemon->nb_open; i++)
		for (int vf = 0; vf < daemon->port[i].service->nb_vfs; vf++) {
			int rc = 0;

			if (same_number(daemon, i, before))
				rc = set_wanted(daemon, wanted, i, vf, why);
			if (rc == 0)
				continue;
			log_line(CONFIG_LOG_ERROR,
				 "%s: ports[%d]: VF %d%s: %s; the old policies stay",
				 daemon->config_file, i, vf,
				 daemon->port[i].service->vf[vf].held != 0 ?
					 ", of which something is held" :
					 "",
				 why);
			roll_back(daemon, i, vf - 1, before);
			return rc;
		}
	return 0;
}

/* The ports' switches, all or none. */
static int
set_switches(struct daemon *daemon, const struct config *wanted)
{
	const struct config *old = &daemon->config;
	char why[CONTROL_ERROR_BYTES], unsaid[CONTROL_ERROR_BYTES];

	for (int i = 0; i < daemon->nb_open; i++) {
		int rc = 0;

		/* Without VFs there is nothing to switch; it comes with them. */
		if (daemon->port[i].service->nb_vfs > 0)
			rc = port_switch_set(&daemon->port[i], &old->port[i], &wanted->port[i],
					     why);
		if (rc == 0)
			continue;
		log_line(CONFIG_LOG_ERROR, "%s: ports[%d]: %s; all stays as it was",
			 daemon->config_file, i, why);
		while (i-- > 0)
			(void)port_switch_set(&daemon->port[i], &wanted->port[i], &old->port[i],
					      unsaid);
		return rc;
	}
	return 0;
}

static void
log_all_changes(const struct daemon *daemon, const struct config *now, const struct before *before)
{
	for (int i = 0; i < daemon->nb_open; i++) {
		const struct port *port = &daemon->port[i];

		control_log_num_vfs(port, before->num_vfs[i], "");
		port_switch_log(port, &daemon->config.port[i], &now->port[i]);
		for (uint16_t vf = 0; vf < port->service->nb_vfs; vf++)
			(void)control_log_changes(port, vf, &before->policy[i][vf], "");
	}
}

int
reload_config(struct daemon *daemon, const struct config *wanted)
{
	static struct before before; /* large; one thread's */
	int rc;

	remember(daemon, &before);
	rc = set_numbers(daemon, wanted, &before);
	if (rc < 0)
		return rc;
	rc = set_policies(daemon, wanted, &before);
	if (rc == 0) {
		rc = set_switches(daemon, wanted);
		if (rc < 0)
			roll_back(daemon, daemon->nb_open - 1,
				  daemon->port[daemon->nb_open - 1].service->nb_vfs - 1, &before);
	}
	if (rc < 0)
		roll_back_numbers(daemon, wanted, &before);
	else
		log_all_changes(daemon, wanted, &before);
	return rc;
}
