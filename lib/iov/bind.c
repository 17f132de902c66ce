/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <string.h>

#include "bind.h"

/* Writing a lone newline is how sysfs takes "no override". */
#define NO_OVERRIDE "\n"

void
iov_read_override(const struct iov_root *root, const char *pci, char *driver, size_t bytes)
{
	struct path path = sysfs_device(root, pci, "driver_override");

	if (sysfs_read_line(&path, driver, bytes) < 0 || strcmp(driver, "(null)") == 0)
		driver[0] = '\0';
}

static int
write_or_fail(const struct iov_root *root, struct path path, const char *text,
	      struct iov_problem *problem)
{
	int rc = root->io->write(path.text, text);

	if (rc < 0)
		return iov_fail(problem, rc, "cannot write %s to %s: %s",
				text[0] == '\n' ? "nothing" : text, path.text, strerror(-rc));
	return 0;
}

static int
release(const struct iov_root *root, const char *pci, const char *driver, struct journal *journal,
	struct iov_problem *problem)
{
	int rc;

	if (driver[0] == '\0')
		return 0;
	rc = write_or_fail(root, sysfs_driver(root, driver, "unbind"), pci, problem);
	if (rc == 0)
		iov_journal_note(journal, sysfs_driver(root, driver, "bind"), pci);
	return rc;
}

static int
set_override(const struct iov_root *root, const char *pci, const char *driver,
	     struct journal *journal, struct iov_problem *problem)
{
	struct path path = sysfs_device(root, pci, "driver_override");
	char old[IOV_DRIVER_BYTES];
	int rc;

	iov_read_override(root, pci, old, sizeof(old));
	rc = write_or_fail(root, path, driver, problem);
	if (rc == 0)
		iov_journal_note(journal, path, old[0] == '\0' ? NO_OVERRIDE : old);
	return rc;
}

static int
probe(const struct iov_root *root, const char *pci, const char *driver, struct journal *journal,
      struct iov_problem *problem)
{
	char bound[IOV_DRIVER_BYTES];
	int rc = write_or_fail(root, sysfs_path("%s/bus/pci/drivers_probe", root->sysfs), pci,
			       problem);

	/* The kernel may report an error and still have bound the device, and the reverse. */
	sysfs_bound_driver(root, pci, bound, sizeof(bound));
	if (bound[0] != '\0')
		iov_journal_note(journal, sysfs_driver(root, bound, "unbind"), pci);
	if (rc < 0)
		return rc;
	if (strcmp(bound, driver) != 0)
		return iov_fail(problem, -ENODEV,
				"%s: %s does not take it; run: modprobe %s; dmesg", pci, driver,
				driver);
	return 0;
}

int
iov_bind_anew(const struct iov_root *root, const char *pci, const char *driver,
	      struct journal *journal, struct iov_problem *problem)
{
	char bound[IOV_DRIVER_BYTES];
	int rc;

	sysfs_bound_driver(root, pci, bound, sizeof(bound));
	/* Released before the override is set: undone in reverse, the old driver's `bind` would
	 * be refused while the override names another one. */
	rc = release(root, pci, bound, journal, problem);
	if (rc == 0)
		rc = set_override(root, pci, driver, journal, problem);
	if (rc == 0)
		rc = probe(root, pci, driver, journal, problem);
	return rc;
}

int
iov_bind(const struct iov_root *root, const char *pci, const char *driver, struct journal *journal,
	 struct iov_problem *problem)
{
	char bound[IOV_DRIVER_BYTES];

	sysfs_bound_driver(root, pci, bound, sizeof(bound));
	if (strcmp(bound, driver) == 0)
		return 0;
	return iov_bind_anew(root, pci, driver, journal, problem);
}

int
iov_unbind(const struct iov_root *root, const char *pci, const struct iov_original *original,
	   struct iov_problem *problem)
{
	const char *override = original->override;
	char bound[IOV_DRIVER_BYTES];
	int rc = 0;

	sysfs_bound_driver(root, pci, bound, sizeof(bound));
	if (bound[0] != '\0' && strcmp(bound, original->driver) == 0)
		return 0;
	if (bound[0] != '\0')
		rc = write_or_fail(root, sysfs_driver(root, bound, "unbind"), pci, problem);
	if (rc == 0)
		rc = write_or_fail(root, sysfs_device(root, pci, "driver_override"),
				   override[0] == '\0' ? NO_OVERRIDE : override, problem);
	if (rc == 0 && original->driver[0] != '\0')
		rc = write_or_fail(root, sysfs_driver(root, original->driver, "bind"), pci,
				   problem);
	return rc;
}
