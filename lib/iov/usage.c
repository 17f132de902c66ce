/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sysfs.h"
#include "usage.h"

#define NETDEV_FLAG_UP 0x1 /* IFF_UP, as the netdev's `flags` has it */

void
iov_group(const struct iov_root *root, const char *pci, char group[GROUP_BYTES])
{
	struct path link = sysfs_device(root, pci, "iommu_group");

	sysfs_read_link(&link, group, GROUP_BYTES);
}

static bool
process_has_open(const struct iov_root *root, const char *pid, const char *file)
{
	struct path fds = sysfs_path("%s/%s/fd", root->proc, pid);
	DIR *dir = opendir(fds.text);
	struct dirent *entry;
	bool found = false;

	if (dir == NULL)
		return false;
	while (!found && (entry = readdir(dir)) != NULL) {
		char target[PATH_MAX];
		ssize_t nb = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1);

		if (nb < 0)
			continue;
		target[nb] = '\0';
		found = strcmp(target, file) == 0;
	}
	closedir(dir);
	return found;
}

/* Best effort: without the right to look into other processes nobody is found. */
static void
find_user(const struct iov_root *root, const char *file, char user[USER_BYTES])
{
	DIR *dir = opendir(root->proc);
	struct dirent *entry;

	snprintf(user, USER_BYTES, "another process");
	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL) {
		struct path comm = sysfs_path("%s/%s/comm", root->proc, entry->d_name);
		char name[32];

		if (!isdigit((unsigned char)entry->d_name[0]) ||
		    !process_has_open(root, entry->d_name, file))
			continue;
		if (sysfs_read_line(&comm, name, sizeof(name)) < 0)
			snprintf(name, sizeof(name), "?");
		snprintf(user, USER_BYTES, "pid %.16s (%s)", entry->d_name, name);
		break;
	}
	closedir(dir);
}

int
iov_group_hold(const struct iov_root *root, const char *pci, char user[USER_BYTES])
{
	char group[GROUP_BYTES];
	struct path file;
	int fd;

	iov_group(root, pci, group);
	if (group[0] == '\0')
		return -ENOENT;
	file = sysfs_path("%s/vfio/%s", root->dev, group);
	fd = root->io->open_group(file.text);
	if (fd == -EBUSY)
		find_user(root, file.text, user);
	return fd;
}

bool
iov_group_in_use(const struct iov_root *root, const char *pci, char user[USER_BYTES])
{
	int fd = iov_group_hold(root, pci, user);

	if (fd >= 0)
		close(fd);
	return fd == -EBUSY;
}

bool
iov_netdev_is_up(const struct iov_root *root, const char *pci, char *name, size_t bytes)
{
	struct path net = sysfs_device(root, pci, "net");
	DIR *dir = opendir(net.text);
	struct dirent *entry;
	bool up = false;

	if (dir == NULL)
		return false;
	while (!up && (entry = readdir(dir)) != NULL) {
		struct path flags = sysfs_path("%s/%s/flags", net.text, entry->d_name);
		char line[32];

		if (sysfs_read_line(&flags, line, sizeof(line)) < 0)
			continue;
		up = (strtoul(line, NULL, 16) & NETDEV_FLAG_UP) != 0;
		snprintf(name, bytes, "%s", entry->d_name);
	}
	closedir(dir);
	return up;
}

void
iov_vf_pci(const struct iov_root *root, const char *pf, unsigned int vf, char pci[IOV_PCI_BYTES])
{
	struct path dir = sysfs_device(root, pf, "");
	struct path link = sysfs_path("%s/virtfn%u", dir.text, vf);

	sysfs_read_link(&link, pci, IOV_PCI_BYTES);
}
