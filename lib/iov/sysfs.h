/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Paths and small files of sysfs. Internal to lib/iov.
 */
#ifndef SLUICE_IOV_SYSFS_H
#define SLUICE_IOV_SYSFS_H

#include <stdbool.h>
#include <stddef.h>

#include "iov.h"

#define PATH_BYTES 256

/** A path by value, so that one expression can build and use it. Too long: cut, and not found. */
struct path {
	char text[PATH_BYTES];
};

__attribute__((format(printf, 1, 2))) struct path sysfs_path(const char *format, ...);

/** SYSFS/bus/pci/devices/PCI/NAME */
struct path sysfs_device(const struct iov_root *root, const char *pci, const char *name);

/** SYSFS/bus/pci/drivers/DRIVER/NAME */
struct path sysfs_driver(const struct iov_root *root, const char *driver, const char *name);

bool sysfs_exists(const struct path *path);

/** First line without its newline; 0 or -errno. */
int sysfs_read_line(const struct path *path, char *line, size_t bytes);

/** A decimal number, 0..UINT_MAX; 0 or -errno, -EINVAL for anything else. */
int sysfs_read_number(const struct path *path, unsigned int *number);

/** Last component of where a symbolic link points; empty without a link. */
void sysfs_read_link(const struct path *path, char *name, size_t bytes);

/** Name of the driver bound to a device; empty: none. */
void sysfs_bound_driver(const struct iov_root *root, const char *pci, char *driver, size_t bytes);

/** Fill a problem and return its rc. */
__attribute__((format(printf, 3, 4))) int iov_fail(struct iov_problem *problem, int rc,
						   const char *format, ...);

#endif /* SLUICE_IOV_SYSFS_H */
