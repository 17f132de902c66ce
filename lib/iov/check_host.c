/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* What the machine lacks, before anything is touched: one line each, with what mends it. */

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "sysfs.h"

#define LOAD_VFIO "modprobe vfio-pci enable_sriov=1"

/* CAP_IPC_LOCK (capability.h): vfio lets its owner pin memory without limit. */
#define CAP_IPC_LOCK_BIT 14

struct iov_problem *
iov_problem_add(struct iov_problems *problems)
{
	static struct iov_problem dropped;

	if (problems->nb == IOV_PROBLEMS_MAX)
		return &dropped;
	return &problems->problem[problems->nb++];
}

int
iov_problems_rc(const struct iov_problems *problems, unsigned int first)
{
	return problems->nb > first ? problems->problem[first].rc : 0;
}

static void
check_iommu(const struct iov_root *root, unsigned int wanted_mb, struct iov_problems *problems)
{
	struct path path = sysfs_path("%s/kernel/iommu_groups", root->sysfs);
	DIR *dir = opendir(path.text);
	struct dirent *entry;
	bool any = false;

	(void)wanted_mb;
	if (dir != NULL) {
		while (!any && (entry = readdir(dir)) != NULL)
			any = entry->d_name[0] != '.';
		closedir(dir);
	}
	if (!any)
		iov_fail(iov_problem_add(problems), -ENODEV,
			 "no IOMMU: enable VT-d or AMD-Vi in the firmware, and boot with "
			 "intel_iommu=on");
}

static void
check_module(const struct iov_root *root, unsigned int wanted_mb, struct iov_problems *problems)
{
	struct path module = sysfs_path("%s/module/vfio_pci", root->sysfs);
	struct path parameter = sysfs_path("%s/parameters/enable_sriov", module.text);
	char value[8];

	(void)wanted_mb;
	if (!sysfs_exists(&module)) {
		iov_fail(iov_problem_add(problems), -ENODEV,
			 "vfio-pci is not loaded; run: " LOAD_VFIO);
		return;
	}
	if (sysfs_read_line(&parameter, value, sizeof(value)) < 0 || value[0] != 'Y')
		iov_fail(iov_problem_add(problems), -ENODEV,
			 "vfio-pci makes no VFs without enable_sriov; run: echo Y > %s",
			 parameter.text);
}

static void
check_vfio(const struct iov_root *root, unsigned int wanted_mb, struct iov_problems *problems)
{
	struct path container = sysfs_path("%s/vfio/vfio", root->dev);

	(void)wanted_mb;
	if (!sysfs_exists(&container))
		iov_fail(iov_problem_add(problems), -ENODEV, "%s is missing; run: " LOAD_VFIO,
			 container.text);
	else if (access(container.text, R_OK | W_OK) < 0)
		iov_fail(iov_problem_add(problems), -EACCES, "no permission on %s: run as root",
			 container.text);
}

static void
check_sysfs(const struct iov_root *root, unsigned int wanted_mb, struct iov_problems *problems)
{
	struct path probe = sysfs_path("%s/bus/pci/drivers_probe", root->sysfs);

	(void)wanted_mb;
	if (access(probe.text, W_OK) < 0)
		iov_fail(iov_problem_add(problems), -EACCES, "no permission on %s: run as root",
			 probe.text);
}

/* Adds the free memory of one page size, and says where it is configured. */
static unsigned long
free_kb(const struct iov_root *root, const char *name, unsigned long page_kb)
{
	struct path path =
		sysfs_path("%s/kernel/mm/hugepages/%s/free_hugepages", root->sysfs, name);
	unsigned int pages = 0;

	return sysfs_read_number(&path, &pages) < 0 ? 0 : pages * page_kb;
}

static void
check_hugepages(const struct iov_root *root, unsigned int wanted_mb, struct iov_problems *problems)
{
	static const char two_mb[] = "hugepages-2048kB";
	struct path sizes = sysfs_path("%s/kernel/mm/hugepages", root->sysfs);
	struct path nr = sysfs_path("%s/%s/nr_hugepages", sizes.text, two_mb);
	DIR *dir = opendir(sizes.text);
	unsigned long free_total_kb = 0, page_kb;
	unsigned int have = 0;
	struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL)
		if (sscanf(entry->d_name, "hugepages-%lukB", &page_kb) == 1)
			free_total_kb += free_kb(root, entry->d_name, page_kb);
	if (dir != NULL)
		closedir(dir);
	if (free_total_kb / 1024 >= wanted_mb)
		return;
	(void)sysfs_read_number(&nr, &have);
	iov_fail(iov_problem_add(problems), -ENOMEM,
		 "%u MB of huge pages wanted, %lu MB free; run: echo %lu > %s", wanted_mb,
		 free_total_kb / 1024, have + (wanted_mb - free_total_kb / 1024 + 1) / 2, nr.text);
}

/* Finds "NAME<blanks>VALUE" in a file of /proc/self; 0 or -ENOENT. */
static int
self_field(const struct iov_root *root, const char *file, const char *name, char value[64])
{
	struct path path = sysfs_path("%s/self/%s", root->proc, file);
	FILE *stream = fopen(path.text, "re");
	char line[256];
	int rc = -ENOENT;

	if (stream == NULL)
		return -ENOENT;
	while (rc < 0 && fgets(line, sizeof(line), stream) != NULL)
		if (strncmp(line, name, strlen(name)) == 0 &&
		    sscanf(line + strlen(name), "%63s", value) == 1)
			rc = 0;
	fclose(stream);
	return rc;
}

static void
check_memlock(const struct iov_root *root, unsigned int wanted_mb, struct iov_problems *problems)
{
	unsigned long long limit_mb;
	char value[64];

	if (self_field(root, "status", "CapEff:", value) == 0 &&
	    (strtoull(value, NULL, 16) >> CAP_IPC_LOCK_BIT & 1) != 0)
		return;
	if (self_field(root, "limits", "Max locked memory", value) < 0 ||
	    strcmp(value, "unlimited") == 0)
		return;
	limit_mb = strtoull(value, NULL, 10) >> 20;
	if (limit_mb < wanted_mb)
		iov_fail(iov_problem_add(problems), -ENOMEM,
			 "%u MB must be locked, the limit is %llu MB; run: ulimit -l unlimited",
			 wanted_mb, limit_mb);
}

const struct iov_host_check iov_host_checks[IOV_HOST_CHECKS] = {
	{ "iommu", "there is one, and it is on", check_iommu },
	{ "vfio-pci", "loaded, and makes VFs (enable_sriov)", check_module },
	{ "vfio", "/dev/vfio/vfio can be opened", check_vfio },
	{ "sysfs", "drivers can be changed", check_sysfs },
	{ "hugepages", "enough are free", check_hugepages },
	{ "memlock", "enough memory can be locked", check_memlock },
};

int
iov_check_host(const struct iov_root *root, unsigned int hugepages_mb,
	       struct iov_problems *problems)
{
	unsigned int first = problems->nb;

	for (unsigned int i = 0; i < IOV_HOST_CHECKS; i++)
		iov_host_checks[i].run(root, hugepages_mb, problems);
	return iov_problems_rc(problems, first);
}
