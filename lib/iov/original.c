/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bind.h"
#include "original.h"
#include "sysfs.h"

#define BOOT_ID_BYTES 40

/* Bindings do not outlive the kernel, so neither does what is known about them. */
static void
read_boot_id(const struct iov_root *root, char boot_id[BOOT_ID_BYTES])
{
	struct path path = sysfs_path("%s/sys/kernel/random/boot_id", root->proc);

	if (sysfs_read_line(&path, boot_id, BOOT_ID_BYTES) < 0)
		boot_id[0] = '\0';
}

static bool
load(const struct iov_root *root, const char *state_path, struct iov_original *original)
{
	char line[128], boot_id[BOOT_ID_BYTES], boot_line[BOOT_ID_BYTES + 8];
	struct iov_original found = { .driver = "" };
	FILE *stream = fopen(state_path, "re");
	bool same_boot = false;

	if (stream == NULL)
		return false;
	read_boot_id(root, boot_id);
	snprintf(boot_line, sizeof(boot_line), "boot=%s", boot_id);
	while (fgets(line, sizeof(line), stream) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (strcmp(line, boot_line) == 0)
			same_boot = true;
		(void)sscanf(line, "driver=%31s", found.driver);
		(void)sscanf(line, "override=%31s", found.override);
		(void)sscanf(line, "num_vfs=%u", &found.num_vfs);
	}
	fclose(stream);
	if (same_boot)
		*original = found;
	return same_boot;
}

void
iov_original_find(const struct iov_root *root, const char *pci, const char *state_path,
		  struct iov_original *original)
{
	struct path numvfs = sysfs_device(root, pci, "sriov_numvfs");

	memset(original, 0, sizeof(*original));
	sysfs_bound_driver(root, pci, original->driver, sizeof(original->driver));
	/* On no driver: somebody was interrupted, or refused, while putting it back. */
	if ((original->driver[0] == '\0' || strcmp(original->driver, "vfio-pci") == 0) &&
	    load(root, state_path, original))
		return;
	iov_read_override(root, pci, original->override, sizeof(original->override));
	if (sysfs_read_number(&numvfs, &original->num_vfs) < 0)
		original->num_vfs = 0;
}

static int
write_state(const struct iov_root *root, const char *path, const struct iov_original *original)
{
	char boot_id[BOOT_ID_BYTES];
	FILE *stream = fopen(path, "we");
	bool failed;

	if (stream == NULL)
		return -errno;
	read_boot_id(root, boot_id);
	failed = fprintf(stream, "boot=%s\ndriver=%s\noverride=%s\nnum_vfs=%u\n", boot_id,
			 original->driver, original->override, original->num_vfs) < 0;
	/* Nobody asks for it after the machine's death, so it need not be on the disk. */
	failed = fclose(stream) != 0 || failed;
	return failed ? -EIO : 0;
}

int
iov_original_save(const struct iov_root *root, const char *state_path,
		  const struct iov_original *original, struct iov_problem *problem)
{
	struct path temporary = sysfs_path("%s.new", state_path);
	int rc = write_state(root, temporary.text, original);

	if (rc == 0 && rename(temporary.text, state_path) < 0)
		rc = -errno;
	if (rc < 0) {
		(void)unlink(temporary.text);
		return iov_fail(problem, rc, "cannot write %s: %s", state_path, strerror(-rc));
	}
	return 0;
}
