/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* The number of a PF's VFs: none are made or removed under the feet of who uses one. */

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sysfs.h"
#include "usage.h"
#include "vfs.h"

#define VFIO_PCI     "vfio-pci"
#define NUMBER_BYTES 12

/* The groups of VFs that are to go, opened: nobody else can open them. */
struct held {
	unsigned int nb;
	int fd[IOV_VFS_MAX];
	char group[IOV_VFS_MAX][GROUP_BYTES];
};

static void
release_groups(struct held *held)
{
	while (held->nb > 0)
		close(held->fd[--held->nb]);
}

/* The PF's, or that of a VF before: nobody else can have it. */
static bool
is_held(const struct held *held, const char *pf_group, const char *group)
{
	bool found = strcmp(group, pf_group) == 0;

	for (unsigned int i = 0; i < held->nb; i++)
		found |= strcmp(group, held->group[i]) == 0;
	return found;
}

static int
hold_groups(const struct iov_root *root, const char *pf, unsigned int num_vfs, struct held *held,
	    struct iov_problem *problem)
{
	char pf_group[GROUP_BYTES];

	iov_group(root, pf, pf_group);
	for (unsigned int vf = 0; vf < num_vfs; vf++) {
		char pci[IOV_PCI_BYTES], user[USER_BYTES], *group = held->group[held->nb];
		int fd;

		iov_vf_pci(root, pf, vf, pci);
		iov_group(root, pci, group);
		/* One that another driver has is not for vfio to hand out. */
		if (is_held(held, pf_group, group))
			continue;
		fd = iov_group_hold(root, pci, user);
		if (fd == -EBUSY) {
			release_groups(held);
			return iov_fail(problem, -EBUSY,
					"%s: has %u VFs, and VF %u (%s) is in use by %s: stop that "
					"first",
					pf, num_vfs, vf, pci, user);
		}
		if (fd >= 0)
			held->fd[held->nb++] = fd;
	}
	return 0;
}

int
iov_write_num_vfs(const struct iov_root *root, const char *pci, unsigned int num_vfs,
		  struct iov_problem *problem)
{
	struct path path = sysfs_device(root, pci, "sriov_numvfs");
	char text[NUMBER_BYTES];
	int rc;

	snprintf(text, sizeof(text), "%u", num_vfs);
	rc = root->io->write(path.text, text);
	if (rc < 0)
		return iov_fail(problem, rc, "%s: cannot make %u VFs: %s; see: dmesg", pci, num_vfs,
				strerror(-rc));
	return 0;
}

/* The kernel goes from one number to another through 0 only. */
static int
remove_vfs(const struct iov_root *root, const char *pci, unsigned int have, struct journal *journal,
	   struct iov_problem *problem)
{
	struct held held = { .nb = 0 };
	char text[NUMBER_BYTES];
	int rc = hold_groups(root, pci, have, &held, problem);

	if (rc == 0)
		rc = iov_write_num_vfs(root, pci, 0, problem);
	release_groups(&held);
	if (rc < 0)
		return rc;
	snprintf(text, sizeof(text), "%u", have);
	iov_journal_note(journal, sysfs_device(root, pci, "sriov_numvfs"), text);
	return 0;
}

int
iov_set_num_vfs(const struct iov_root *root, const struct iov_request *request,
		struct journal *journal, struct iov_problem *problem)
{
	struct path path = sysfs_device(root, request->pci, "sriov_numvfs");
	unsigned int have = 0;
	int rc = sysfs_read_number(&path, &have);

	if (rc < 0)
		return iov_fail(problem, rc, "%s: cannot read %s: %s", request->pci, path.text,
				strerror(-rc));
	if (have == request->num_vfs)
		return 0;
	if (have != 0)
		rc = remove_vfs(root, request->pci, have, journal, problem);
	if (rc < 0 || request->num_vfs == 0)
		return rc;
	rc = iov_write_num_vfs(root, request->pci, request->num_vfs, problem);
	if (rc == 0)
		iov_journal_note(journal, path, "0");
	return rc;
}

int
iov_find_vfs(struct iov_port *port, struct iov_problem *problem)
{
	for (unsigned int vf = 0; vf < port->num_vfs; vf++) {
		iov_vf_pci(&port->root, port->pci, vf, port->vf_pci[vf]);
		if (port->vf_pci[vf][0] == '\0')
			return iov_fail(problem, -ENODEV,
					"%s: the kernel made no VF %u; see: dmesg", port->pci, vf);
	}
	return 0;
}

void
iov_fill_vfs(const struct iov_request *request, struct iov_port *port)
{
	port->num_vfs = request->num_vfs;
	for (unsigned int vf = 0; vf < request->num_vfs; vf++) {
		const char *driver = request->vf_driver[vf];

		snprintf(port->vf_driver[vf], sizeof(port->vf_driver[vf]), "%s",
			 driver == NULL ? VFIO_PCI : driver);
	}
}

void
iov_put_back(struct journal *journal, const struct iov_root *root, struct iov_problem *problem)
{
	size_t used = strlen(problem->line);
	int rc = iov_journal_undo(journal, root);

	if (rc < 0)
		snprintf(problem->line + used, sizeof(problem->line) - used,
			 " (and not all could be put back: %s)", strerror(-rc));
}

static int
check_total(const struct iov_port *port, unsigned int num_vfs, struct iov_problem *problem)
{
	struct path path = sysfs_device(&port->root, port->pci, "sriov_totalvfs");
	unsigned int total = 0;
	int rc = sysfs_read_number(&path, &total);

	if (rc < 0)
		return iov_fail(problem, rc, "%s: cannot read %s: %s", port->pci, path.text,
				strerror(-rc));
	if (num_vfs > total)
		return iov_fail(problem, -ERANGE, "%s: %u VFs wanted: not in 0..%u", port->pci,
				num_vfs, total);
	return 0;
}

static int
check_netdevs(const struct iov_port *port, struct iov_problem *problem)
{
	char name[IOV_DRIVER_BYTES];

	for (unsigned int vf = 0; vf < port->num_vfs; vf++)
		if (iov_netdev_is_up(&port->root, port->vf_pci[vf], name, sizeof(name)))
			return iov_fail(problem, -EBUSY,
					"%s: has %u VFs, and the interface %s of VF %u (%s) is up; "
					"run: ip link set %s down",
					port->pci, port->num_vfs, name, vf, port->vf_pci[vf], name);
	return 0;
}

int
iov_port_check_vfs(const struct iov_port *port, unsigned int num_vfs, struct iov_problem *problem)
{
	struct held held = { .nb = 0 };
	int rc = check_total(port, num_vfs, problem);

	if (rc == 0)
		rc = check_netdevs(port, problem);
	if (rc == 0)
		rc = hold_groups(&port->root, port->pci, port->num_vfs, &held, problem);
	release_groups(&held);
	return rc;
}

int
iov_port_set_vfs(struct iov_port *port, const struct iov_request *request, bool *touched,
		 struct iov_problem *problem)
{
	struct journal *journal;
	struct iov_port next = *port;
	int rc;

	assert(request->num_vfs <= IOV_VFS_MAX);
	*touched = false;
	rc = iov_port_check_vfs(port, request->num_vfs, problem);
	if (rc < 0)
		return rc;
	journal = calloc(1, sizeof(*journal));
	if (journal == NULL)
		return iov_fail(problem, -ENOMEM, "%s: out of memory", port->pci);

	iov_fill_vfs(request, &next);
	rc = iov_set_num_vfs(&port->root, request, journal, problem);
	*touched = journal->nb > 0;
	if (rc == 0)
		rc = iov_find_vfs(&next, problem);
	if (rc == 0)
		*port = next;
	else
		iov_put_back(journal, &port->root, problem);
	free(journal);
	return rc;
}
