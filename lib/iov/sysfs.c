/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sysfs.h"

static int
write_file(const char *path, const char *text)
{
	size_t bytes = strlen(text);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t written;
	int rc = 0;

	if (fd < 0)
		return -errno;
	/* One write: sysfs takes the text of each write() for a whole value. */
	written = write(fd, text, bytes);
	if (written < 0)
		rc = -errno;
	else if ((size_t)written != bytes)
		rc = -EIO;
	close(fd);
	return rc;
}

static int
open_group(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static const struct iov_io system_io = {
	.write = write_file,
	.open_group = open_group,
};

const struct iov_root iov_root_system = {
	.sysfs = "/sys",
	.dev = "/dev",
	.proc = "/proc",
	.io = &system_io,
};

struct path
sysfs_path(const char *format, ...)
{
	struct path path;
	va_list args;

	va_start(args, format);
	vsnprintf(path.text, sizeof(path.text), format, args);
	va_end(args);
	return path;
}

struct path
sysfs_device(const struct iov_root *root, const char *pci, const char *name)
{
	return sysfs_path("%s/bus/pci/devices/%s/%s", root->sysfs, pci, name);
}

struct path
sysfs_driver(const struct iov_root *root, const char *driver, const char *name)
{
	return sysfs_path("%s/bus/pci/drivers/%s/%s", root->sysfs, driver, name);
}

bool
sysfs_exists(const struct path *path)
{
	return access(path->text, F_OK) == 0;
}

int
sysfs_read_line(const struct path *path, char *line, size_t bytes)
{
	int fd = open(path->text, O_RDONLY | O_CLOEXEC);
	ssize_t nb;

	if (fd < 0)
		return -errno;
	nb = read(fd, line, bytes - 1);
	if (nb < 0) {
		int rc = -errno;

		close(fd);
		return rc;
	}
	close(fd);
	line[nb] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return 0;
}

int
sysfs_read_number(const struct path *path, unsigned int *number)
{
	char line[32];
	unsigned long value;
	char *end;
	int rc = sysfs_read_line(path, line, sizeof(line));

	if (rc < 0)
		return rc;
	errno = 0;
	value = strtoul(line, &end, 10);
	if (end == line || *end != '\0' || errno != 0 || value > UINT_MAX)
		return -EINVAL;
	*number = value;
	return 0;
}

void
sysfs_read_link(const struct path *path, char *name, size_t bytes)
{
	char target[PATH_MAX];
	ssize_t nb = readlink(path->text, target, sizeof(target) - 1);
	const char *slash;

	name[0] = '\0';
	if (nb < 0)
		return;
	target[nb] = '\0';
	slash = strrchr(target, '/');
	snprintf(name, bytes, "%s", slash == NULL ? target : slash + 1);
}

void
sysfs_bound_driver(const struct iov_root *root, const char *pci, char *driver, size_t bytes)
{
	struct path link = sysfs_device(root, pci, "driver");

	sysfs_read_link(&link, driver, bytes);
}

int
iov_fail(struct iov_problem *problem, int rc, const char *format, ...)
{
	va_list args;

	problem->rc = rc;
	va_start(args, format);
	vsnprintf(problem->line, sizeof(problem->line), format, args);
	va_end(args);
	return rc;
}
