/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake_kernel.h"

#define DEVICES "sysfs/bus/pci/devices/"
#define DRIVERS "sysfs/bus/pci/drivers/"
#define GROUPS  "sysfs/kernel/iommu_groups/"

#define TEXT_BYTES 512

struct fake_kernel kernel;

static void
die(const char *what, const char *path)
{
	fprintf(stderr, "fake kernel: %s %s: %s\n", what, path, strerror(errno));
	abort();
}

__attribute__((format(printf, 2, 3))) static char *
text_of(char text[TEXT_BYTES], const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(text, TEXT_BYTES, format, args);
	va_end(args);
	return text;
}

static void
make_parents(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0755) < 0 && errno != EEXIST)
			die("mkdir", path);
		*slash = '/';
	}
}

void
fake_file(const char *path, const char *format, ...)
{
	char full[TEXT_BYTES];
	va_list args;
	FILE *stream;

	text_of(full, "%s/%s", kernel.dir, path);
	make_parents(full);
	if (full[strlen(full) - 1] == '/')
		return;
	stream = fopen(full, "w");
	if (stream == NULL)
		die("write", full);
	va_start(args, format);
	vfprintf(stream, format, args);
	va_end(args);
	fclose(stream);
}

void
fake_link(const char *path, const char *target)
{
	char full[TEXT_BYTES];

	text_of(full, "%s/%s", kernel.dir, path);
	make_parents(full);
	if (symlink(target, full) < 0)
		die("symlink", full);
}

static int
delete_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return remove(path);
}

void
fake_delete(const char *path)
{
	char full[TEXT_BYTES];

	text_of(full, "%s/%s", kernel.dir, path);
	if (nftw(full, delete_entry, 16, FTW_DEPTH | FTW_PHYS) != 0)
		die("remove", full);
}

const char *
fake_read(const char *path)
{
	static char text[TEXT_BYTES];
	char full[TEXT_BYTES];
	ssize_t nb = readlink(text_of(full, "%s/%s", kernel.dir, path), text, sizeof(text) - 1);
	FILE *stream;

	if (nb >= 0) {
		text[nb] = '\0';
		return strrchr(text, '/') == NULL ? text : strrchr(text, '/') + 1;
	}
	stream = fopen(full, "r");
	if (stream == NULL)
		return "-";
	if (fgets(text, sizeof(text), stream) == NULL)
		text[0] = '\0';
	fclose(stream);
	text[strcspn(text, "\n")] = '\0';
	return text;
}

static void
attach(const char *pci, const char *driver)
{
	char path[TEXT_BYTES], target[TEXT_BYTES];

	fake_link(text_of(path, DEVICES "%s/driver", pci),
		  text_of(target, "../../drivers/%s", driver));
}

static void
add_device(const char *pci, const char *group, const char *override)
{
	char path[TEXT_BYTES], target[TEXT_BYTES];

	fake_file(text_of(path, DEVICES "%s/driver_override", pci), "%s\n", override);
	fake_link(text_of(path, DEVICES "%s/iommu_group", pci),
		  text_of(target, "../../../../kernel/iommu_groups/%s", group));
	fake_link(text_of(path, GROUPS "%s/devices/%s", group, pci),
		  text_of(target, "../../../../bus/pci/devices/%s", pci));
	fake_file(text_of(path, "dev/vfio/%s", group), " ");
}

static void
add_vf(unsigned int vf)
{
	char path[TEXT_BYTES], target[TEXT_BYTES], pci[16], group[8];

	snprintf(pci, sizeof(pci), "0000:01:10.%u", vf % 8);
	snprintf(group, sizeof(group), "%u", (10 + vf) % 100);
	add_device(pci, group, "vfio-pci"); /* vfio captures the VFs of its PFs */
	attach(pci, "vfio-pci");
	fake_link(text_of(path, DEVICES "%s/physfn", pci), "../" FAKE_PF);
	fake_link(text_of(path, DEVICES FAKE_PF "/virtfn%u", vf), text_of(target, "../%s", pci));
}

static void
delete_vf(unsigned int vf)
{
	char path[TEXT_BYTES];

	fake_delete(text_of(path, DEVICES "0000:01:10.%u", vf));
	fake_delete(text_of(path, DEVICES FAKE_PF "/virtfn%u", vf));
	fake_delete(text_of(path, GROUPS "%u", 10 + vf));
	fake_delete(text_of(path, "dev/vfio/%u", 10 + vf));
}

static int
on_num_vfs(const char *text)
{
	unsigned int have = atoi(fake_read(DEVICES FAKE_PF "/sriov_numvfs"));
	unsigned int wanted = atoi(text);

	if (strcmp(fake_read(DEVICES FAKE_PF "/driver"), "vfio-pci") != 0)
		return -ENOENT;
	if (have != 0 && wanted != 0)
		return -EBUSY;
	for (unsigned int vf = 0; vf < have; vf++)
		delete_vf(vf);
	for (unsigned int vf = 0; vf < wanted; vf++)
		add_vf(vf);
	fake_file(DEVICES FAKE_PF "/sriov_numvfs", "%u\n", wanted);
	return 0;
}

static int
on_bind(const char *driver, const char *pci)
{
	char path[TEXT_BYTES], override[TEXT_BYTES];

	snprintf(override, sizeof(override), "%s",
		 fake_read(text_of(path, DEVICES "%s/driver_override", pci)));
	if (strcmp(fake_read(text_of(path, DEVICES "%s/driver", pci)), "-") != 0)
		return -EBUSY;
	if (strcmp(override, "(null)") != 0 && strcmp(override, driver) != 0)
		return -ENODEV;
	attach(pci, driver);
	return 0;
}

static int
on_unbind(const char *driver, const char *pci)
{
	char path[TEXT_BYTES];

	if (strcmp(fake_read(text_of(path, DEVICES "%s/driver", pci)), driver) != 0)
		return -ENODEV;
	fake_delete(path);
	return 0;
}

static int
on_probe(const char *pci)
{
	char path[TEXT_BYTES];
	const char *driver = fake_read(text_of(path, DEVICES "%s/driver_override", pci));

	if (strcmp(driver, "(null)") == 0)
		driver = strcmp(pci, FAKE_PF) == 0 ? "igb" : "igbvf";
	if (strcmp(driver, kernel.deaf_driver) == 0)
		return 0;
	attach(pci, driver);
	return 0;
}

static int
fake_write(const char *full, const char *text)
{
	const char *path = full + strlen(kernel.dir) + 1;
	char driver[32], pci[16];

	if (++kernel.writes == kernel.fail_write)
		return -EIO;
	if (access(full, F_OK) < 0)
		return -errno;
	if (strcmp(path, "sysfs/bus/pci/drivers_probe") == 0)
		return on_probe(text);
	if (strcmp(path, DEVICES FAKE_PF "/sriov_numvfs") == 0)
		return on_num_vfs(text);
	if (sscanf(path, DRIVERS "%31[^/]/%15s", driver, pci) == 2)
		return strcmp(pci, "bind") == 0 ? on_bind(driver, text) : on_unbind(driver, text);
	if (sscanf(path, DEVICES "%15[^/]", pci) == 1) {
		fake_file(path, "%s\n", text[0] == '\n' ? "(null)" : text);
		return 0;
	}
	return -EINVAL;
}

static int
fake_open_group(const char *full)
{
	int fd;

	if (access(full, F_OK) < 0)
		return -errno;
	if (strcmp(strrchr(full, '/') + 1, kernel.busy_group) == 0)
		return -EBUSY;
	fd = open(full, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static const struct iov_io fake_io = {
	.write = fake_write,
	.open_group = fake_open_group,
};

static void
add_host(void)
{
	fake_file("sysfs/bus/pci/drivers_probe", " ");
	for (size_t i = 0; i < 3; i++) {
		static const char *const drivers[] = { "igb", "igbvf", "vfio-pci" };
		char path[TEXT_BYTES];

		fake_file(text_of(path, DRIVERS "%s/bind", drivers[i]), " ");
		fake_file(text_of(path, DRIVERS "%s/unbind", drivers[i]), " ");
	}
	fake_file("sysfs/module/vfio_pci/parameters/enable_sriov", "Y\n");
	fake_file("sysfs/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "64\n");
	fake_file("sysfs/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "64\n");
	fake_file("dev/vfio/vfio", " ");
	fake_file("proc/self/status", "Name:\tsluiced\nCapEff:\t000001ffffffffff\n");
	fake_file("proc/self/limits", "Max locked memory  65536  65536  bytes\n");
	fake_file("proc/sys/kernel/random/boot_id", "0d7d2c1e-first-boot\n");
	fake_file("state/", " ");
}

int
fake_kernel_create(void **state)
{
	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	snprintf(kernel.dir, sizeof(kernel.dir), "/tmp/sluice-test-XXXXXX");
	if (mkdtemp(kernel.dir) == NULL)
		die("mkdtemp", kernel.dir);
	snprintf(kernel.sysfs, sizeof(kernel.sysfs), "%s/sysfs", kernel.dir);
	snprintf(kernel.dev, sizeof(kernel.dev), "%s/dev", kernel.dir);
	snprintf(kernel.proc, sizeof(kernel.proc), "%s/proc", kernel.dir);
	snprintf(kernel.state, sizeof(kernel.state), "%s/state", kernel.dir);
	kernel.root = (struct iov_root){
		.sysfs = kernel.sysfs, .dev = kernel.dev, .proc = kernel.proc, .io = &fake_io
	};
	add_host();
	add_device(FAKE_PF, "5", "(null)");
	attach(FAKE_PF, "igb");
	fake_file(DEVICES FAKE_PF "/class", "0x020000\n");
	fake_file(DEVICES FAKE_PF "/sriov_totalvfs", "8\n");
	fake_file(DEVICES FAKE_PF "/sriov_numvfs", "0\n");
	fake_file(DEVICES FAKE_PF "/net/eth7/flags", "0x1002\n");
	return 0;
}

int
fake_kernel_remove(void **state)
{
	(void)state;
	nftw(kernel.dir, delete_entry, 16, FTW_DEPTH | FTW_PHYS);
	return 0;
}

struct iov_request
fake_request(unsigned int num_vfs)
{
	return (struct iov_request){
		.pci = FAKE_PF, .num_vfs = num_vfs, .restore = true, .state_dir = kernel.state
	};
}

static void
snapshot_dir(FILE *out, const char *path)
{
	char full[TEXT_BYTES], child[TEXT_BYTES];
	struct dirent **entries;
	int nb = scandir(text_of(full, "%s/%s", kernel.dir, path), &entries, NULL, alphasort);

	for (int i = 0; i < nb; i++) {
		const struct dirent *entry = entries[i];

		text_of(child, "%.200s/%s", path, entry->d_name);
		if (entry->d_name[0] != '.' && entry->d_type == DT_DIR)
			snapshot_dir(out, child);
		else if (entry->d_name[0] != '.')
			fprintf(out, "%s=%s\n", child, fake_read(child));
		free(entries[i]);
	}
	if (nb >= 0)
		free(entries);
}

char *
fake_snapshot(void)
{
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	snapshot_dir(out, "sysfs");
	fclose(out);
	return text;
}
