/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Who uses a PCI function: a process through its vfio group, or the kernel through a netdev.
 * Internal to lib/iov.
 */
#ifndef SLUICE_IOV_USAGE_H
#define SLUICE_IOV_USAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "iov.h"

#define GROUP_BYTES 16 /**< an IOMMU group's number as text */
#define USER_BYTES  96 /**< "pid 4711 (dpdk-testpmd)" */

/** Number of the function's IOMMU group; empty: it has none. */
void iov_group(const struct iov_root *root, const char *pci, char group[GROUP_BYTES]);

/**
 * Open the function's vfio group, so that nobody else can until it is closed.
 *
 * @return a descriptor; -EBUSY: a process holds it, and @p user says which; or another -errno, such
 *         as that it has none
 */
int iov_group_hold(const struct iov_root *root, const char *pci, char user[USER_BYTES]);

/** Does a process hold the function's vfio group? If so, @p user says which. */
bool iov_group_in_use(const struct iov_root *root, const char *pci, char user[USER_BYTES]);

/** Has the function a netdev that is up? If so, @p name is its name. */
bool iov_netdev_is_up(const struct iov_root *root, const char *pci, char *name, size_t bytes);

/** PCI address of VF @p vf of a PF; empty: there is no such VF. */
void iov_vf_pci(const struct iov_root *root, const char *pf, unsigned int vf,
		char pci[IOV_PCI_BYTES]);

#endif /* SLUICE_IOV_USAGE_H */
