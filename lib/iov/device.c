/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "device.h"
#include "sysfs.h"
#include "usage.h"

void
iov_device_fd_name(const char *pci, enum iov_fd which, char name[IOV_FD_NAME_BYTES])
{
	static const char *const words[] = {
		[IOV_FD_CONTAINER] = "container",
		[IOV_FD_GROUP] = "group",
		[IOV_FD_DEVICE] = "device",
	};

	snprintf(name, IOV_FD_NAME_BYTES, "%.12s-%s", pci, words[which]);
	for (char *at = name; *at != '\0'; at++)
		if (*at == ':')
			*at = '-';
}

static int
open_container(const struct iov_root *root, struct iov_device *device, struct iov_problem *problem)
{
	struct path path = sysfs_path("%s/vfio/vfio", root->dev);
	int fd = open(path.text, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return iov_fail(problem, -errno, "%s: %s", path.text, strerror(errno));
	device->fd[IOV_FD_CONTAINER] = fd;
	if (ioctl(fd, VFIO_GET_API_VERSION) != VFIO_API_VERSION ||
	    ioctl(fd, VFIO_CHECK_EXTENSION, VFIO_TYPE1v2_IOMMU) <= 0)
		return iov_fail(problem, -ENOTSUP, "%s: no IOMMU of type 1", path.text);
	return 0;
}

static int
open_group(const struct iov_root *root, struct iov_device *device, struct iov_problem *problem)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };
	int container = device->fd[IOV_FD_CONTAINER], fd;
	char group[GROUP_BYTES], user[USER_BYTES];
	struct path path;

	iov_group(root, device->pci, group);
	path = sysfs_path("%s/vfio/%s", root->dev, group);
	fd = open(path.text, O_RDWR | O_CLOEXEC);
	if (fd < 0 && errno == EBUSY && iov_group_in_use(root, device->pci, user))
		return iov_fail(problem, -EBUSY, "%s: is in use by %s", device->pci, user);
	if (fd < 0)
		return iov_fail(problem, -errno, "%s: %s: %s", device->pci, path.text,
				strerror(errno));
	device->fd[IOV_FD_GROUP] = fd;
	if (ioctl(fd, VFIO_GROUP_GET_STATUS, &status) < 0 ||
	    (status.flags & VFIO_GROUP_FLAGS_VIABLE) == 0)
		return iov_fail(problem, -EPERM,
				"%s: a device of its IOMMU group %s is bound to another driver",
				device->pci, group);
	if (ioctl(fd, VFIO_GROUP_SET_CONTAINER, &container) < 0 ||
	    ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) < 0)
		return iov_fail(problem, -errno, "%s: no domain of the IOMMU: %s", device->pci,
				strerror(errno));
	return 0;
}

static int
open_function(struct iov_device *device, const char *token, struct iov_problem *problem)
{
	char name[IOV_PCI_BYTES + IOV_TOKEN_BYTES + 16];
	int fd;

	/* vfio_pci_core's words after the name. */
	snprintf(name, sizeof(name), "%s vf_token=%s", device->pci, token);
	fd = ioctl(device->fd[IOV_FD_GROUP], VFIO_GROUP_GET_DEVICE_FD, name);
	if (fd < 0)
		return iov_fail(problem, -errno, "%s: vfio does not hand it out: %s; see: dmesg",
				device->pci, strerror(errno));
	device->fd[IOV_FD_DEVICE] = fd;
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return iov_fail(problem, -errno, "%s: %s", device->pci, strerror(errno));
	return 0;
}

int
iov_device_open(const struct iov_root *root, const char *pci, const char *token,
		struct iov_device *device, struct iov_problem *problem)
{
	int rc;

	*device = (struct iov_device){ .fd = { -1, -1, -1 } };
	snprintf(device->pci, sizeof(device->pci), "%s", pci);
	rc = open_container(root, device, problem);
	if (rc == 0)
		rc = open_group(root, device, problem);
	if (rc == 0)
		rc = open_function(device, token, problem);
	if (rc < 0)
		iov_device_close(device);
	return rc;
}

void
iov_device_close(struct iov_device *device)
{
	/* Backwards: a group outlives its devices, a container its groups. */
	for (int which = IOV_NB_FDS - 1; which >= 0; which--) {
		if (device->fd[which] >= 0)
			close(device->fd[which]);
		device->fd[which] = -1;
	}
}

static int
get_region(const struct iov_device *device, unsigned int index, struct vfio_region_info *info)
{
	*info = (struct vfio_region_info){ .argsz = sizeof(*info), .index = index };
	return ioctl(device->fd[IOV_FD_DEVICE], VFIO_DEVICE_GET_REGION_INFO, info) < 0 ? -errno : 0;
}

int
iov_device_map_bar(const struct iov_device *device, unsigned int bar, void **address, size_t *bytes)
{
	struct vfio_region_info info;
	void *at;
	int rc = get_region(device, VFIO_PCI_BAR0_REGION_INDEX + bar, &info);

	if (rc < 0)
		return rc;
	if (info.size == 0 || (info.flags & VFIO_REGION_INFO_FLAG_MMAP) == 0)
		return -ENOTSUP;
	at = mmap(NULL, info.size, PROT_READ | PROT_WRITE, MAP_SHARED, device->fd[IOV_FD_DEVICE],
		  info.offset);
	if (at == MAP_FAILED)
		return -errno;
	*address = at;
	*bytes = info.size;
	return 0;
}

int
iov_device_set_master(const struct iov_device *device, bool on)
{
	int fd = device->fd[IOV_FD_DEVICE], rc;
	struct vfio_region_info info;
	uint16_t command;

	rc = get_region(device, VFIO_PCI_CONFIG_REGION_INDEX, &info);
	if (rc < 0)
		return rc;
	if (pread(fd, &command, sizeof(command), info.offset + PCI_COMMAND) != sizeof(command))
		return -EIO;
	command = on ? command | PCI_COMMAND_MASTER : command & ~PCI_COMMAND_MASTER;
	if (pwrite(fd, &command, sizeof(command), info.offset + PCI_COMMAND) != sizeof(command))
		return -EIO;
	return 0;
}

int
iov_device_map_memory(const struct iov_device *device, void *address, size_t bytes)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.vaddr = (uintptr_t)address,
		.iova = (uintptr_t)address,
		.size = bytes,
	};

	return ioctl(device->fd[IOV_FD_CONTAINER], VFIO_IOMMU_MAP_DMA, &map) < 0 ? -errno : 0;
}

static int
unmap(const struct iov_device *device, uint32_t flags, uint64_t iova, uint64_t bytes)
{
	struct vfio_iommu_type1_dma_unmap unmapped = {
		.argsz = sizeof(unmapped),
		.flags = flags,
		.iova = iova,
		.size = bytes,
	};

	return ioctl(device->fd[IOV_FD_CONTAINER], VFIO_IOMMU_UNMAP_DMA, &unmapped) < 0 ? -errno
											: 0;
}

int
iov_device_unmap_memory(const struct iov_device *device, void *address, size_t bytes)
{
	return unmap(device, 0, (uintptr_t)address, bytes);
}

int
iov_device_unmap_all(const struct iov_device *device)
{
	return unmap(device, VFIO_DMA_UNMAP_FLAG_ALL, 0, 0);
}
