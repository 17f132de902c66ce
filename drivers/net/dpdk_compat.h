/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * All that Sluice knows about DPDK's release: the driver SDK's headers, and what changed name.
 *
 * Drivers include this file instead of any SDK header. A new release is served here, or not at all.
 */
#ifndef SLUICE_DPDK_COMPAT_H
#define SLUICE_DPDK_COMPAT_H

#include <rte_version.h>

#if RTE_VERSION < RTE_VERSION_NUM(22, 11, 0, 0)
#error "Sluice needs DPDK 22.11 or later"
#endif

#include <bus_pci_driver.h>
#include <dev_driver.h>
#include <ethdev_driver.h>
#include <ethdev_pci.h>

/**
 * Make a registered driver the first that is asked whether it takes a device.
 *
 * The bus asks its drivers in the order of their registration, and where another driver for the
 * same device is loaded too, which comes first is the loader's accident. The bus does not export
 * its list, but the list can be found from any of its entries. Only from a constructor, as
 * registration itself: nothing else touches the list at that time.
 */
void pci_driver_move_first(struct rte_pci_driver *driver);

#endif /* SLUICE_DPDK_COMPAT_H */
