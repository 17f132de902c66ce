/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * sysfs, /dev and /proc in a temporary directory, with a kernel that reacts to what is written.
 */
#ifndef SLUICE_FAKE_KERNEL_H
#define SLUICE_FAKE_KERNEL_H

#include <stdbool.h>

#include "iov.h"

#define FAKE_PF    "0000:01:00.0"
#define FAKE_VF(n) "0000:01:10." #n

/** Their folders, as fake_file() and others take paths. */
#define PF_DIR	   "sysfs/bus/pci/devices/" FAKE_PF
#define VF_DIR(n)  "sysfs/bus/pci/devices/" FAKE_VF(n)

struct fake_kernel {
	char dir[64];
	char sysfs[80], dev[80], proc[80], state[80];
	struct iov_root root;
	unsigned int writes;     /**< so far */
	unsigned int fail_write; /**< number of the write that fails with EIO; 0: none */
	char deaf_driver[32];    /**< takes no device, as if its module were missing */
	char busy_group[8];      /**< opened by somebody */
};

/** The only one: struct iov_io has no context. */
extern struct fake_kernel kernel;

/** A PF of 8 VFs with igb and a netdev that is down; everything needed is there. */
int fake_kernel_create(void **state);
int fake_kernel_remove(void **state);

/** A row of cmocka's: the test has a fake kernel of its own. */
#define WITH_FAKE_KERNEL(test) \
	cmocka_unit_test_setup_teardown(test, fake_kernel_create, fake_kernel_remove)

/** So many VFs of its PF, which is given back as it was. */
struct iov_request fake_request(unsigned int num_vfs);

/** Replace a file under the directory; a path that ends in '/' makes a directory. */
__attribute__((format(printf, 2, 3))) void fake_file(const char *path, const char *format, ...);
void fake_link(const char *path, const char *target);
void fake_delete(const char *path);
/** First line of a file, or the last component of a link's target; "-" without either. */
const char *fake_read(const char *path);

/** All of sysfs as text, to be freed. */
char *fake_snapshot(void);

#endif /* SLUICE_FAKE_KERNEL_H */
