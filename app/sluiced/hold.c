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

static int
find_fd(char *const *names, int nb, const char *wanted)
{
	for (int i = 0; i < nb; i++)
		if (strcmp(names[i], wanted) == 0)
			return SD_LISTEN_FDS_START + i;
	return -1;
}

/* All of a port's, or it is none. */
static bool
take_over_port(struct port *port, const char *pci, char *const *names, int nb)
{
	struct iov_device *device = &port->device;
	bool all = true;

	snprintf(device->pci, sizeof(device->pci), "%s", pci);
	for (int which = 0; which < IOV_NB_FDS; which++) {
		char name[IOV_FD_NAME_BYTES];

		iov_device_fd_name(pci, (enum iov_fd)which, name);
		device->fd[which] = find_fd(names, nb, name);
		all &= device->fd[which] >= 0;
	}
	if (!all)
		iov_device_close(device);
	return all;
}

/* Of a port that is no longer in the configuration, and what came in part. */
static void
drop_others(const struct daemon *daemon, char *const *names, int nb)
{
	for (int i = 0; i < nb; i++) {
		int fd = SD_LISTEN_FDS_START + i;
		bool used = false;

		for (uint16_t at = 0; at < daemon->config.nb_ports; at++)
			for (int which = 0; which < IOV_NB_FDS; which++)
				used |= daemon->port[at].device.fd[which] == fd;
		if (used)
			continue;
		log_line(CONFIG_LOG_WARNING, "descriptor %s was kept for nobody", names[i]);
		(void)sd_notifyf(0, "FDSTOREREMOVE=1\nFDNAME=%s", names[i]);
		close(fd);
	}
}

void
hold_take_over(struct daemon *daemon)
{
	char **names = NULL;
	int nb = sd_listen_fds_with_names(1, &names);

	for (uint16_t i = 0; i < daemon->config.nb_ports; i++) {
		struct port *port = &daemon->port[i];

		for (int which = 0; which < IOV_NB_FDS; which++)
			port->device.fd[which] = -1;
		if (nb > 0 && !daemon->config.port[i].external)
			port->taken_over =
				take_over_port(port, daemon->config.port[i].pci, names, nb);
	}
	if (nb > 0)
		drop_others(daemon, names, nb);
	for (int i = 0; i < nb; i++)
		free(names[i]);
	free(names);
}

/* sd_notify() returns 0 where nobody listens. */
static int
hand_over(const struct iov_device *device)
{
	for (int which = 0; which < IOV_NB_FDS; which++) {
		char name[IOV_FD_NAME_BYTES], message[MESSAGE_BYTES];
		int rc;

		iov_device_fd_name(device->pci, (enum iov_fd)which, name);
		/* They cannot be polled, and say nothing by it. */
		snprintf(message, sizeof(message), "FDSTORE=1\nFDPOLL=0\nFDNAME=%s", name);
		rc = sd_pid_notify_with_fds(0, 0, message, &device->fd[which], 1);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int
hold_open(struct daemon *daemon)
{
	struct iov_problem problem;

	for (uint16_t i = 0; i < daemon->config.nb_ports; i++) {
		struct port *port = &daemon->port[i];
		int rc;

		if (daemon->config.port[i].external || port->taken_over)
			continue;
		rc = iov_device_open(&iov_root_system, daemon->config.port[i].pci, daemon->token,
				     &port->device, &problem);
		if (rc < 0) {
			log_line(CONFIG_LOG_ERROR, "%s", problem.line);
			return rc;
		}
		rc = hand_over(&port->device);
		if (rc < 0)
			log_line(CONFIG_LOG_WARNING, "%s: nobody holds it beside us: %s",
				 port->device.pci, strerror(-rc));
	}
	/* From here on we may die. */
	(void)sd_notify_barrier(0, BARRIER_US);
	return 0;
}

void
hold_release(struct daemon *daemon)
{
	for (uint16_t i = 0; i < daemon->config.nb_ports; i++) {
		struct iov_device *device = &daemon->port[i].device;

		for (int which = 0; which < IOV_NB_FDS; which++) {
			char name[IOV_FD_NAME_BYTES];

			if (device->fd[which] < 0)
				continue;
			iov_device_fd_name(device->pci, (enum iov_fd)which, name);
			(void)sd_notifyf(0, "FDSTOREREMOVE=1\nFDNAME=%s", name);
		}
		iov_device_close(device);
	}
	(void)sd_notify_barrier(0, BARRIER_US);
}
