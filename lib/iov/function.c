/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* Has a PCI function access to the bus? Read from its configuration space in sysfs. */

#include <fcntl.h>
#include <stdint.h>
#include <unistd.h>

#include "iov.h"
#include "sysfs.h"

#define COMMAND_AT	   0x04 /* of PCI's configuration space */
#define COMMAND_BUS_MASTER 0x0004

bool
iov_function_is_off(const struct iov_root *root, const char *pci)
{
	struct path path = sysfs_device(root, pci, "config");
	uint8_t command[2];
	ssize_t nb;
	int fd;

	if (pci[0] == '\0')
		return true;
	fd = open(path.text, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return true;
	nb = pread(fd, command, sizeof(command), COMMAND_AT);
	close(fd);
	return nb != sizeof(command) || (command[0] & COMMAND_BUS_MASTER) == 0;
}
