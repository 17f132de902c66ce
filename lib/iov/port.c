/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bind.h"
#include "iov.h"
#include "journal.h"
#include "original.h"
#include "sysfs.h"
#include "usage.h"
#include "vfs.h"

#define VFIO_PCI "vfio-pci"

static int
take_port(const struct iov_root *root, const struct iov_request *request, struct iov_port *port,
	  struct journal *journal, struct iov_problem *problem)
{
	int rc = iov_bind(root, request->pci, VFIO_PCI, journal, problem);

	if (rc == 0)
		rc = iov_set_num_vfs(root, request, journal, problem);
	if (rc == 0)
		rc = iov_find_vfs(port, problem);
	return rc;
}

static void
fill_port(const struct iov_root *root, const struct iov_request *request, struct iov_port *port)
{
	memset(port, 0, sizeof(*port));
	port->root = *root;
	port->restore = request->restore;
	iov_fill_vfs(request, port);
	snprintf(port->pci, sizeof(port->pci), "%s", request->pci);
	snprintf(port->state_path, sizeof(port->state_path), "%s/%s.original", request->state_dir,
		 request->pci);
	iov_original_find(root, port->pci, port->state_path, &port->original);
}

int
iov_port_create(const struct iov_root *root, const struct iov_request *request,
		struct iov_port *port, struct iov_problem *problem)
{
	struct journal *journal;
	bool had_state;
	int rc;

	assert(request->num_vfs <= IOV_VFS_MAX);
	fill_port(root, request, port);
	journal = calloc(1, sizeof(*journal));
	if (journal == NULL)
		return iov_fail(problem, -ENOMEM, "%s: out of memory", request->pci);

	/* First of all, so that a crash at any later point can be mended. */
	had_state = access(port->state_path, F_OK) == 0;
	rc = iov_original_save(root, port->state_path, &port->original, problem);
	if (rc < 0)
		goto free_journal;
	rc = take_port(root, request, port, journal, problem);
	if (rc < 0)
		goto put_back;
	free(journal);
	return 0;

put_back:
	iov_put_back(journal, root, problem);
	if (!had_state)
		(void)unlink(port->state_path);
free_journal:
	free(journal);
	return rc;
}

void
iov_port_external(const struct iov_root *root, const struct iov_request *request,
		  struct iov_port *port)
{
	assert(request->num_vfs <= IOV_VFS_MAX);
	memset(port, 0, sizeof(*port));
	port->root = *root;
	port->num_vfs = request->num_vfs;
	snprintf(port->pci, sizeof(port->pci), "%s", request->pci);
	for (unsigned int vf = 0; vf < port->num_vfs; vf++)
		iov_vf_pci(root, port->pci, vf, port->vf_pci[vf]);
}

static int
bind_vfs(const struct iov_port *port, struct journal *journal, struct iov_problem *problem)
{
	int rc = 0;

	for (unsigned int vf = 0; vf < port->num_vfs && rc == 0; vf++) {
		const char *pci = port->vf_pci[vf], *driver = port->vf_driver[vf];

		rc = strcmp(driver, VFIO_PCI) == 0
			     ? iov_bind(&port->root, pci, driver, journal, problem)
			     : iov_bind_anew(&port->root, pci, driver, journal, problem);
	}
	return rc;
}

int
iov_port_bind_vfs(const struct iov_port *port, struct iov_problem *problem)
{
	struct journal *journal = calloc(1, sizeof(*journal));
	int rc;

	if (journal == NULL)
		return iov_fail(problem, -ENOMEM, "%s: out of memory", port->pci);
	rc = bind_vfs(port, journal, problem);
	if (rc < 0)
		iov_put_back(journal, &port->root, problem);
	free(journal);
	return rc;
}

static int
check_unused(const struct iov_port *port, struct iov_problem *problem)
{
	char user[USER_BYTES];

	if (iov_group_in_use(&port->root, port->pci, user))
		return iov_fail(problem, -EBUSY, "%s: left as it is, in use by %s", port->pci,
				user);
	for (unsigned int vf = 0; vf < port->num_vfs; vf++)
		if (iov_group_in_use(&port->root, port->vf_pci[vf], user))
			return iov_fail(problem, -EBUSY,
					"%s: left as it is, VF %u (%s) is in use by %s", port->pci,
					vf, port->vf_pci[vf], user);
	return 0;
}

int
iov_port_destroy(struct iov_port *port, struct iov_problem *problem)
{
	int rc;

	if (!port->restore)
		return 0;
	rc = check_unused(port, problem);
	if (rc < 0)
		return rc;
	if (port->num_vfs != port->original.num_vfs) {
		rc = iov_write_num_vfs(&port->root, port->pci, 0, problem);
		if (rc == 0 && port->original.num_vfs != 0)
			rc = iov_write_num_vfs(&port->root, port->pci, port->original.num_vfs,
					       problem);
	}
	if (rc == 0)
		rc = iov_unbind(&port->root, port->pci, &port->original, problem);
	if (rc == 0)
		(void)unlink(port->state_path);
	return rc;
}
