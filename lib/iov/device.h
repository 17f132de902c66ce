/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * A PF's descriptors of vfio, opened by ourselves or handed over by whoever held them.
 *
 * DPDK opens vfio by itself and tells nobody its descriptors; but the kernel resets a PF, and with
 * it all its VFs, when the last of them is closed. So who wants VFs to outlive a process opens them
 * here, and has them held elsewhere too. Functions return 0 or -errno. Not thread-safe.
 */
#ifndef SLUICE_IOV_DEVICE_H
#define SLUICE_IOV_DEVICE_H

#include <stddef.h>
#include <stdint.h>

#include "iov.h"

/** In the order in which they are opened. */
enum iov_fd {
	IOV_FD_CONTAINER, /**< the IOMMU's domain, of this device alone */
	IOV_FD_GROUP,
	IOV_FD_DEVICE,
	IOV_NB_FDS,
};

struct iov_device {
	char pci[IOV_PCI_BYTES];
	int fd[IOV_NB_FDS]; /**< -1: not open */
};

/** A name for a descriptor that tells which it is: "0000-01-00.0-group", without a colon. */
#define IOV_FD_NAME_BYTES 32
void iov_device_fd_name(const char *pci, enum iov_fd which, char name[IOV_FD_NAME_BYTES]);

/**
 * Open a function that is bound to vfio-pci. This resets it.
 *
 * @param token  the VF token that its VFs' users give too
 * @return 0; -EBUSY somebody has it; or another -errno, @p problem filled and nothing left open
 */
int iov_device_open(const struct iov_root *root, const char *pci, const char *token,
		    struct iov_device *device, struct iov_problem *problem);

/** Safe on a device that is not open, or only in part. */
void iov_device_close(struct iov_device *device);

/** Map a BAR, as a whole. @return 0; -ENOTSUP: the kernel does not let it be mapped; or -errno */
int iov_device_map_bar(const struct iov_device *device, unsigned int bar, void **address,
		       size_t *bytes);

/** Let the function read and write memory by itself, or no longer. */
int iov_device_set_master(const struct iov_device *device, bool on);

/** Memory that the function may reach, at IOVAs that are its virtual addresses. */
int iov_device_map_memory(const struct iov_device *device, void *address, size_t bytes);
int iov_device_unmap_memory(const struct iov_device *device, void *address, size_t bytes);

/** All memory that whoever had the descriptors before us has mapped. */
int iov_device_unmap_all(const struct iov_device *device);

#endif /* SLUICE_IOV_DEVICE_H */
