/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/** @file Which registers of a model's port the calling thread touches, with doorbell=trap. */
#ifndef SLUICE_TEST_ACCESSES_H
#define SLUICE_TEST_ACCESSES_H

#include <stdbool.h>
#include <stdint.h>

struct access {
	uintptr_t address;
	bool write;
};

/** The model's plugin is loaded and has a port. May be called again. @return 0 or -errno */
int accesses_watch(void);

/** Start to note what this thread touches. */
void accesses_start(void);

/** @return how many there were since; the first is in *@p first */
unsigned int accesses_stop(struct access *first);

/** @return how many of those were writes */
unsigned int accesses_written(void);

#endif /* SLUICE_TEST_ACCESSES_H */
