/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * The PFs' descriptors, held by somebody who outlives us: systemd, or sluice-keeper. Whoever it is
 * speaks sd_notify(3) and sd_listen_fds(3), and without anybody all works but the outliving.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "daemon.h"

#define BARRIER_US    5000000
#define MESSAGE_BYTES 128

/* vfio's, and behind them that of the books. */
#define NB_FDS (IOV_NB_FDS + 1)

struct held {
	char **names;
	int nb;
	uint64_t used; /* a bit for each */
};

static void
name_of(const char *pci, int which, char name[IOV_FD_NAME_BYTES])
{
	char device[IOV_FD_NAME_BYTES];

	if (which < IOV_NB_FDS) {
		iov_device_fd_name(pci, (enum iov_fd)which, name);
		return;
	}
	iov_device_fd_name(pci, IOV_FD_DEVICE, device);
	device[strcspn(device, ".") + 2] = '\0'; /* "0000-01-00.0" */
	snprintf(name, IOV_FD_NAME_BYTES, "%.15s-books", device);
}

static int *
fd_of(struct port *port, int which)
{
	return which < IOV_NB_FDS ? &port->device.fd[which] : &port->kept_fd;
}

static int
find_fd(struct held *held, const char *wanted)
{
	for (int i = 0; i < held->nb && i < 64; i++) {
		if (strcmp(held->names[i], wanted) != 0)
			continue;
		held->used |= UINT64_C(1) << i;
		return SD_LISTEN_FDS_START + i;
	}
	return -1;
}

/* Whole, or the device is to be had, but not what is known about it: then it is reset. */
static void
take_over_port(struct port *port, const char *pci, struct held *held)
{
	bool all = true;

	strncpy(port->device.pci, pci, sizeof(port->device.pci) - 1);
	for (int which = 0; which < NB_FDS; which++) {
		char name[IOV_FD_NAME_BYTES];

		name_of(pci, which, name);
		*fd_of(port, which) = find_fd(held, name);
		all &= *fd_of(port, which) >= 0;
		port->handed |= (*fd_of(port, which) >= 0) << which;
	}
	if (port->kept_fd >= 0)
		port->kept = kept_map(&port->kept_fd);
	if (port->kept_fd >= 0 && port->kept == NULL)
		log_line(CONFIG_LOG_WARNING,
			 "%s: what was kept is of a build with other books: its VFs are "
			 "reset",
			 pci);
	port->taken_over = all && port->kept != NULL && kept_is_whole(port->kept);
	/* Who had it died while its number of VFs was being changed. */
	port->again = all && port->kept != NULL && !port->taken_over &&
		      kept_num_vfs(port->kept) >= 0;
	port->held = port->taken_over;
}

/* Of a port that is no longer in the configuration. */
static void
drop_others(const struct held *held)
{
	for (int i = 0; i < held->nb; i++) {
		if (i < 64 && (held->used & UINT64_C(1) << i) != 0)
			continue;
		log_line(CONFIG_LOG_WARNING, "descriptor %s was kept for nobody", held->names[i]);
		(void)sd_notifyf(0, "FDSTOREREMOVE=1\nFDNAME=%s", held->names[i]);
		close(SD_LISTEN_FDS_START + i);
	}
}

void
hold_take_over(struct daemon *daemon)
{
	struct held held = { .names = NULL };

	held.nb = sd_listen_fds_with_names(1, &held.names);
	for (uint16_t i = 0; i < daemon->config.nb_ports; i++) {
		struct port *port = &daemon->port[i];

		for (int which = 0; which < NB_FDS; which++)
			*fd_of(port, which) = -1;
		if (held.nb > 0 && !daemon->config.port[i].external)
			take_over_port(port, daemon->config.port[i].pci, &held);
	}
	if (held.nb > 0)
		drop_others(&held);
	for (int i = 0; i < held.nb; i++)
		free(held.names[i]);
	free(held.names);
}

bool
hold_any_taken_over(const struct daemon *daemon)
{
	bool any = false;

	for (uint16_t i = 0; i < daemon->config.nb_ports; i++)
		any |= daemon->port[i].taken_over || daemon->port[i].again;
	return any;
}

bool
hold_was_handed(const struct port *port)
{
	return (port->handed & 1u << IOV_FD_DEVICE) != 0;
}

static int
hand_over(struct port *port, int which)
{
	char name[IOV_FD_NAME_BYTES], message[MESSAGE_BYTES];

	name_of(port->device.pci, which, name);
	/* They cannot be polled, and say nothing by it. */
	snprintf(message, sizeof(message), "FDSTORE=1\nFDPOLL=0\nFDNAME=%s", name);
	/* 0 where nobody listens. */
	return sd_pid_notify_with_fds(0, 0, message, fd_of(port, which), 1);
}

/* There as well: a successor must not find these under the name of ours. */
static void
drop_books(struct port *port)
{
	char name[IOV_FD_NAME_BYTES];

	name_of(port->device.pci, IOV_NB_FDS, name);
	(void)sd_notifyf(0, "FDSTOREREMOVE=1\nFDNAME=%s", name);
	close(port->kept_fd);
	port->kept_fd = -1;
	port->handed &= ~(1u << IOV_NB_FDS);
}

static int
open_books(struct port *port)
{
	if (port->kept != NULL)
		return 0;
	if (port->kept_fd >= 0)
		drop_books(port);
	port->kept = kept_map(&port->kept_fd);
	if (port->kept != NULL)
		return 0;
	log_line(CONFIG_LOG_ERROR, "%s: no memory for its books: %s", port->device.pci,
		 strerror(errno));
	return -errno;
}

static int
open_port(struct daemon *daemon, struct port *port, const char *pci)
{
	struct iov_problem problem;
	int rc = 0;

	if (port->device.fd[IOV_FD_DEVICE] < 0) {
		iov_device_close(&port->device);
		port->handed &= 1u << IOV_NB_FDS;
		rc = iov_device_open(&iov_root_system, pci, daemon->token, &port->device, &problem);
		if (rc < 0) {
			log_line(CONFIG_LOG_ERROR, "%s", problem.line);
			return rc;
		}
	}
	rc = open_books(port);
	port->held = rc >= 0;
	for (int which = 0; rc >= 0 && which < NB_FDS; which++) {
		if ((port->handed & 1u << which) != 0)
			continue;
		rc = hand_over(port, which);
		port->held &= rc > 0;
		if (rc < 0)
			log_line(CONFIG_LOG_WARNING, "%s: nobody holds it beside us: %s", pci,
				 strerror(-rc));
	}
	return rc < 0 ? rc : 0;
}

int
hold_open(struct daemon *daemon)
{
	for (uint16_t i = 0; i < daemon->config.nb_ports; i++) {
		struct port *port = &daemon->port[i];
		int rc = 0;

		if (!daemon->config.port[i].external && !port->taken_over)
			rc = open_port(daemon, port, daemon->config.port[i].pci);
		if (rc < 0)
			return rc;
	}
	/* From here on we may die. */
	(void)sd_notify_barrier(0, BARRIER_US);
	return 0;
}

bool
hold_everything(const struct daemon *daemon)
{
	for (uint16_t i = 0; i < daemon->config.nb_ports; i++)
		if (!daemon->port[i].held)
			return false;
	return true;
}

void
hold_see(struct daemon *daemon)
{
	for (uint16_t i = 0; i < daemon->config.nb_ports; i++)
		if (daemon->port[i].kept != NULL)
			kept_see(daemon->port[i].kept, now_ms());
}

void
hold_say_back(const struct daemon *daemon)
{
	for (uint16_t i = 0; i < daemon->config.nb_ports; i++) {
		const struct port *port = &daemon->port[i];

		if (port->taken_over || port->again)
			log_line(CONFIG_LOG_INFO, "%s: control is back after %llu ms",
				 port->device.pci,
				 (unsigned long long)(now_ms() - kept_seen_ms(port->kept)));
	}
}

void
hold_release(struct daemon *daemon)
{
	for (uint16_t i = 0; i < daemon->config.nb_ports; i++) {
		struct port *port = &daemon->port[i];

		for (int which = 0; which < NB_FDS; which++) {
			char name[IOV_FD_NAME_BYTES];

			if (*fd_of(port, which) < 0)
				continue;
			name_of(port->device.pci, which, name);
			(void)sd_notifyf(0, "FDSTOREREMOVE=1\nFDNAME=%s", name);
		}
		iov_device_close(&port->device);
		if (port->kept_fd >= 0)
			close(port->kept_fd);
		port->kept_fd = -1;
		kept_unmap(port->kept);
		port->kept = NULL;
	}
	(void)sd_notify_barrier(0, BARRIER_US);
}
