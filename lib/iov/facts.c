/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* Tables of files, a fact each; the few that are not the first line of a file follow them. */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "facts.h"
#include "sysfs.h"

#define UNKNOWN     "-"
#define ENTRIES_MAX 16

/* To whom it is told. */
struct teller {
	const struct iov_root *root;
	iov_fact_t *tell;
	void *ctx;
};

static void
tell_file(const struct teller *teller, const char *subject, const char *name,
	  const struct path *path)
{
	char line[IOV_LINE_BYTES];

	if (sysfs_read_line(path, line, sizeof(line)) < 0 || line[0] == '\0')
		snprintf(line, sizeof(line), UNKNOWN);
	teller->tell(teller->ctx, subject, name, line);
}

static void
tell_kernel(const struct teller *teller)
{
	static const char *const files[] = { "ostype", "osrelease", "version", "arch" };

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct path path = sysfs_path("%s/sys/kernel/%s", teller->root->proc, files[i]);

		tell_file(teller, "kernel", files[i], &path);
	}
}

/* Of the kernel's command line, what is about memory and devices: the rest is nobody's business. */
static void
tell_command_line(const struct teller *teller)
{
	static const char *const about[] = {
		"intel_iommu",        "amd_iommu", "iommu",     "vfio",
		"vfio-pci",           "vfio_pci",  "hugepages", "hugepagesz",
		"default_hugepagesz", "pci",       "pcie_aspm", "isolcpus",
	};
	struct path path = sysfs_path("%s/cmdline", teller->root->proc);
	char line[4096], told[IOV_LINE_BYTES] = "", *rest = NULL;

	if (sysfs_read_line(&path, line, sizeof(line)) < 0)
		line[0] = '\0';
	for (char *word = strtok_r(line, " ", &rest); word != NULL;
	     word = strtok_r(NULL, " ", &rest)) {
		size_t name = strcspn(word, "=."), used = strlen(told);

		for (size_t i = 0; i < sizeof(about) / sizeof(about[0]); i++)
			if (strlen(about[i]) == name && strncmp(word, about[i], name) == 0)
				snprintf(told + used, sizeof(told) - used, "%s%s",
					 used == 0 ? "" : " ", word);
	}
	teller->tell(teller->ctx, "kernel", "command line", told[0] == '\0' ? UNKNOWN : told);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* The entries of a folder, in order; @return how many there are, also of those beyond the room. */
static unsigned int
list(const struct path *folder, char names[ENTRIES_MAX][IOV_DRIVER_BYTES])
{
	DIR *dir = opendir(folder->text);
	struct dirent *entry;
	unsigned int nb = 0;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		if (nb < ENTRIES_MAX)
			snprintf(names[nb], IOV_DRIVER_BYTES, "%.31s", entry->d_name);
		nb++;
	}
	if (dir != NULL)
		closedir(dir);
	qsort(names, nb < ENTRIES_MAX ? nb : ENTRIES_MAX, IOV_DRIVER_BYTES, by_name);
	return nb;
}

static void
tell_iommu(const struct teller *teller)
{
	struct path units = sysfs_path("%s/class/iommu", teller->root->sysfs);
	struct path groups = sysfs_path("%s/kernel/iommu_groups", teller->root->sysfs);
	char names[ENTRIES_MAX][IOV_DRIVER_BYTES], line[IOV_LINE_BYTES] = "";
	unsigned int nb = list(&units, names);

	for (unsigned int i = 0; i < nb && i < ENTRIES_MAX; i++) {
		size_t used = strlen(line);

		snprintf(line + used, sizeof(line) - used, "%s%.31s", i == 0 ? "" : " ", names[i]);
	}
	teller->tell(teller->ctx, "iommu", "units", nb == 0 ? UNKNOWN : line);
	snprintf(line, sizeof(line), "%u", list(&groups, names));
	teller->tell(teller->ctx, "iommu", "groups", line);
}

static void
tell_vfio(const struct teller *teller)
{
	static const char *const parameters[] = { "enable_sriov", "disable_idle_d3",
						  "disable_denylist" };

	for (size_t i = 0; i < sizeof(parameters) / sizeof(parameters[0]); i++) {
		struct path path = sysfs_path("%s/module/vfio_pci/parameters/%s",
					      teller->root->sysfs, parameters[i]);

		tell_file(teller, "vfio", parameters[i], &path);
	}
}

static void
tell_hugepages(const struct teller *teller)
{
	struct path sizes = sysfs_path("%s/kernel/mm/hugepages", teller->root->sysfs);
	char names[ENTRIES_MAX][IOV_DRIVER_BYTES], line[64];
	unsigned int nb = list(&sizes, names);

	for (unsigned int i = 0; i < nb && i < ENTRIES_MAX; i++) {
		struct path all = sysfs_path("%s/%s/nr_hugepages", sizes.text, names[i]);
		struct path unused = sysfs_path("%s/%s/free_hugepages", sizes.text, names[i]);
		unsigned int pages = 0, nb_free = 0;

		(void)sysfs_read_number(&all, &pages);
		(void)sysfs_read_number(&unused, &nb_free);
		snprintf(line, sizeof(line), "%u, %u free", pages, nb_free);
		teller->tell(teller->ctx, "hugepages", names[i] + strlen("hugepages-"), line);
	}
}

void
iov_facts_host(const struct iov_root *root, iov_fact_t *tell, void *ctx)
{
	const struct teller teller = { root, tell, ctx };

	tell_kernel(&teller);
	tell_command_line(&teller);
	tell_iommu(&teller);
	tell_vfio(&teller);
	tell_hugepages(&teller);
}

void
iov_facts_port(const struct iov_root *root, const char *pci, iov_fact_t *tell, void *ctx)
{
	static const char *const files[] = {
		"vendor",         "device",         "subsystem_vendor",   "subsystem_device",
		"revision",       "numa_node",      "current_link_speed", "current_link_width",
		"max_link_speed", "max_link_width", "sriov_totalvfs",     "sriov_numvfs",
		"sriov_offset",   "sriov_stride",   "sriov_vf_device",    "reset_method",
	};
	const struct teller teller = { root, tell, ctx };
	struct path group = sysfs_device(root, pci, "iommu_group");
	char name[IOV_DRIVER_BYTES];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct path path = sysfs_device(root, pci, files[i]);

		tell_file(&teller, pci, files[i], &path);
	}
	sysfs_bound_driver(root, pci, name, sizeof(name));
	tell(ctx, pci, "driver", name[0] == '\0' ? UNKNOWN : name);
	sysfs_read_link(&group, name, sizeof(name));
	tell(ctx, pci, "iommu_group", name[0] == '\0' ? UNKNOWN : name);
}
