/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The number of a PF's VFs. Internal to lib/iov.
 */
#ifndef SLUICE_IOV_VFS_H
#define SLUICE_IOV_VFS_H

#include "iov.h"
#include "journal.h"

/** As the kernel does it, and no more: which waits for those who have a VF that is to go. */
int iov_write_num_vfs(const struct iov_root *root, const char *pci, unsigned int num_vfs,
		      struct iov_problem *problem);

/**
 * So many VFs as the request says, by way of none; those that are to go are held meanwhile.
 *
 * @param journal  what to undo, also when this fails half-way
 * @return 0; -EBUSY a VF that is to go is in use; or another -errno; @p problem filled
 */
int iov_set_num_vfs(const struct iov_root *root, const struct iov_request *request,
		    struct journal *journal, struct iov_problem *problem);

/** Where they are; -ENODEV: not all of them are there. */
int iov_find_vfs(struct iov_port *port, struct iov_problem *problem);

/** How many a request wants, and for which drivers. */
void iov_fill_vfs(const struct iov_request *request, struct iov_port *port);

/** Undo, and say in the problem what could not be undone. */
void iov_put_back(struct journal *journal, const struct iov_root *root,
		  struct iov_problem *problem);

#endif /* SLUICE_IOV_VFS_H */
