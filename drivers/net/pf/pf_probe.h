/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The PF driver's entry, for a program that has the device mapped already: the daemon, which holds
 * vfio's descriptors itself.
 */
#ifndef SLUICE_PF_PROBE_H
#define SLUICE_PF_PROBE_H

#include "dpdk_compat.h"

/** The devices of the driver. */
extern const struct rte_pci_id pf_ids[];

/**
 * Make a port of a device.
 *
 * @param pci  its BAR 0 mapped, its interrupt handle that of vfio's MSI-X, bus mastering on
 * @return 0; 1: the device argument sluice=off says that it is another driver's; or -errno
 */
int pf_probe(struct rte_pci_driver *driver, struct rte_pci_device *pci);

/** End the port. @return 0 or -errno */
int pf_remove(struct rte_pci_device *pci);

#endif /* SLUICE_PF_PROBE_H */
