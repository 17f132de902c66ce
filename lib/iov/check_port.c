/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* Why a PF cannot be taken, before anything is touched: one line each, with what mends it. */

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "sysfs.h"
#include "usage.h"

#define VFIO_PCI "vfio-pci"

/* Drivers that leave a device's DMA alone, so that vfio takes its group all the same. */
static const char *const harmless_drivers[] = { "", VFIO_PCI, "pci-stub", "pcieport" };

static bool
driver_is_harmless(const char *driver)
{
	for (size_t i = 0; i < sizeof(harmless_drivers) / sizeof(harmless_drivers[0]); i++)
		if (strcmp(driver, harmless_drivers[i]) == 0)
			return true;
	return false;
}

static void
check_device(const struct iov_root *root, const struct iov_request *request,
	     struct iov_problems *problems)
{
	const char *pci = request->pci;
	struct path device = sysfs_device(root, pci, "");
	struct path total = sysfs_device(root, pci, "sriov_totalvfs");
	struct path physfn = sysfs_device(root, pci, "physfn");
	char pf[IOV_PCI_BYTES];

	sysfs_read_link(&physfn, pf, sizeof(pf));
	if (!sysfs_exists(&device))
		iov_fail(iov_problem_add(problems), -ENODEV,
			 "%s: no such PCI device; see: lspci -D", pci);
	else if (pf[0] != '\0')
		iov_fail(iov_problem_add(problems), -ENODEV, "%s: is a VF; its PF is %s", pci, pf);
	else if (!sysfs_exists(&total))
		iov_fail(iov_problem_add(problems), -ENODEV,
			 "%s: has no SR-IOV; if the device should, enable it in the firmware", pci);
}

static void
check_behind_iommu(const struct iov_root *root, const struct iov_request *request,
		   struct iov_problems *problems)
{
	char group[GROUP_BYTES];

	iov_group(root, request->pci, group);
	if (group[0] == '\0')
		iov_fail(iov_problem_add(problems), -ENODEV,
			 "%s: is not behind an IOMMU: enable VT-d or AMD-Vi in the firmware, "
			 "and boot with intel_iommu=on",
			 request->pci);
}

static bool
is_vf_of(const struct iov_root *root, const char *pci, const char *pf)
{
	struct path physfn = sysfs_device(root, pci, "physfn");
	char name[IOV_PCI_BYTES];

	sysfs_read_link(&physfn, name, sizeof(name));
	return strcmp(name, pf) == 0;
}

static void
check_group(const struct iov_root *root, const struct iov_request *request,
	    struct iov_problems *problems)
{
	const char *pci = request->pci;
	struct path devices = sysfs_device(root, pci, "iommu_group/devices");
	DIR *dir = opendir(devices.text);
	char group[GROUP_BYTES];
	struct dirent *entry;

	if (dir == NULL)
		return;
	iov_group(root, pci, group);
	while ((entry = readdir(dir)) != NULL) {
		const char *other = entry->d_name;
		char driver[IOV_DRIVER_BYTES];

		if (other[0] == '.' || strcmp(other, pci) == 0 || is_vf_of(root, other, pci))
			continue;
		sysfs_bound_driver(root, other, driver, sizeof(driver));
		if (!driver_is_harmless(driver))
			iov_fail(iov_problem_add(problems), -EBUSY,
				 "%s: shares IOMMU group %s with %s, which %s has; run: echo %s > "
				 "%s/bus/pci/drivers/%s/unbind",
				 pci, group, other, driver, other, root->sysfs, driver);
	}
	closedir(dir);
}

/*
 * Memory that the firmware has reserved for itself and the device, at the same address on both
 * sides: vfio hands out no device that the firmware may go on using. (What the kernel calls
 * "direct-relaxable" it does hand out.)
 */
static void
check_reserved(const struct iov_root *root, const struct iov_request *request,
	       struct iov_problems *problems)
{
	struct path path = sysfs_device(root, request->pci, "iommu_group/reserved_regions");
	FILE *stream = fopen(path.text, "re");
	char line[128], kind[32];
	unsigned long long first, last;

	while (stream != NULL && fgets(line, sizeof(line), stream) != NULL)
		if (sscanf(line, "%llx %llx %31s", &first, &last, kind) == 3 &&
		    strcmp(kind, "direct") == 0)
			iov_fail(iov_problem_add(problems), -EPERM,
				 "%s: the firmware has a 1:1 mapping of 0x%llx..0x%llx for it, so "
				 "vfio refuses it: disable what uses it in the firmware, such as "
				 "shared memory of a management agent",
				 request->pci, first, last);
	if (stream != NULL)
		fclose(stream);
}

static void
check_vf_limit(const struct iov_root *root, const struct iov_request *request,
	       struct iov_problems *problems)
{
	struct path path = sysfs_device(root, request->pci, "sriov_totalvfs");
	unsigned int total;
	int rc = sysfs_read_number(&path, &total);

	if (rc < 0)
		iov_fail(iov_problem_add(problems), rc, "%s: cannot read %s: %s", request->pci,
			 path.text, strerror(-rc));
	else if (request->num_vfs > total)
		iov_fail(iov_problem_add(problems), -ERANGE, "%s: %u VFs wanted: not in 0..%u",
			 request->pci, request->num_vfs, total);
}

/* A PF that the kernel drives: is it idle? */
static void
check_kernel_use(const struct iov_root *root, const char *pci, const char *driver,
		 unsigned int num_vfs, struct iov_problems *problems)
{
	char netdev[IOV_DRIVER_BYTES];

	if (iov_netdev_is_up(root, pci, netdev, sizeof(netdev)))
		iov_fail(iov_problem_add(problems), -EBUSY,
			 "%s: its interface %s is up; run: ip link set %s down", pci, netdev,
			 netdev);
	if (num_vfs > 0)
		iov_fail(iov_problem_add(problems), -EBUSY,
			 "%s: has %u VFs under %s; run: echo 0 > "
			 "%s/bus/pci/devices/%s/sriov_numvfs",
			 pci, num_vfs, driver, root->sysfs, pci);
}

/* VFs that must go because their number is wrong: removing one in use blocks. */
static void
check_vf_use(const struct iov_root *root, const struct iov_request *request, unsigned int num_vfs,
	     struct iov_problems *problems)
{
	for (unsigned int vf = 0; vf < num_vfs; vf++) {
		char pci[IOV_PCI_BYTES], user[USER_BYTES];

		iov_vf_pci(root, request->pci, vf, pci);
		if (pci[0] == '\0' || !iov_group_in_use(root, pci, user))
			continue;
		iov_fail(iov_problem_add(problems), -EBUSY,
			 "%s: has %u VFs, %u wanted, and VF %u (%s) is in use by %s: stop that "
			 "first",
			 request->pci, num_vfs, request->num_vfs, vf, pci, user);
	}
}

static void
check_use(const struct iov_root *root, const struct iov_request *request,
	  struct iov_problems *problems)
{
	const char *pci = request->pci;
	struct path numvfs = sysfs_device(root, pci, "sriov_numvfs");
	char driver[IOV_DRIVER_BYTES], user[USER_BYTES];
	unsigned int num_vfs = 0;

	sysfs_bound_driver(root, pci, driver, sizeof(driver));
	(void)sysfs_read_number(&numvfs, &num_vfs);
	if (strcmp(driver, VFIO_PCI) != 0) {
		check_kernel_use(root, pci, driver, num_vfs, problems);
		return;
	}
	if (iov_group_in_use(root, pci, user))
		iov_fail(iov_problem_add(problems), -EBUSY, "%s: is in use by %s: stop that first",
			 pci, user);
	if (num_vfs != request->num_vfs)
		check_vf_use(root, request, num_vfs, problems);
}

const struct iov_port_check iov_port_checks[IOV_PORT_CHECKS] = {
	{ "sriov", "the device has it", check_device, .is_base = true },
	{ "iommu", "the device is behind it", check_behind_iommu, .is_base = true },
	{ "vfs", "it can have so many", check_vf_limit },
	{ "group", "no other driver is in its IOMMU group", check_group },
	{ "reserved", "the firmware has no memory mapped 1:1 for it", check_reserved },
	{ "use", "nobody uses it", check_use, .is_use = true },
};

int
iov_check_port(const struct iov_root *root, const struct iov_request *request,
	       struct iov_problems *problems)
{
	unsigned int first = problems->nb;

	for (unsigned int i = 0; i < IOV_PORT_CHECKS; i++) {
		iov_port_checks[i].run(root, request, problems);
		if (iov_port_checks[i].is_base && problems->nb > first)
			break;
	}
	return iov_problems_rc(problems, first);
}
