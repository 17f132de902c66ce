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

#include <stddef.h>

#include "dpdk_compat.h"

/** The devices of the driver. */
extern const struct rte_pci_id pf_ids[];

/** Bytes that a port's books take. They are of this build only: another one has other structs. */
size_t pf_kept_bytes(void);

/**
 * Make a port of a device, with its books in the caller's memory, which may outlive the process.
 * Nobody serves the port's VFs until its start.
 *
 * @param pci  its BAR 0 mapped, its interrupt handle that of vfio's MSI-X, bus mastering on
 * @param memory  pf_kept_bytes(), until pf_remove(); aligned as for malloc()
 * @param old  the books, elsewhere, of a process that died with the device running: nothing is
 *        reset, the VFs go on. NULL: a fresh device.
 * @return 0 or -errno
 */
int pf_probe_kept(struct rte_pci_device *pci, void *memory, const void *old);

/** End the port. @return 0 or -errno */
int pf_remove(struct rte_pci_device *pci);

#endif /* SLUICE_PF_PROBE_H */
