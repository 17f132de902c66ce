/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Which driver has a PCI function. Internal to lib/iov.
 */
#ifndef SLUICE_IOV_BIND_H
#define SLUICE_IOV_BIND_H

#include "iov.h"
#include "journal.h"

/** driver_override of a function; empty without one. */
void iov_read_override(const struct iov_root *root, const char *pci, char *driver, size_t bytes);

/**
 * Give a function to a driver by name, whatever has it now.
 *
 * @param journal  what to undo, also when this fails half-way
 * @return 0 or -errno, @p problem filled
 */
int iov_bind(const struct iov_root *root, const char *pci, const char *driver,
	     struct journal *journal, struct iov_problem *problem);

/** The same, but a driver that has it already lets go of it first. */
int iov_bind_anew(const struct iov_root *root, const char *pci, const char *driver,
		  struct journal *journal, struct iov_problem *problem);

/** Give a function back: to @p driver (empty: none), with @p override (empty: none). */
int iov_unbind(const struct iov_root *root, const char *pci, const struct iov_original *original,
	       struct iov_problem *problem);

#endif /* SLUICE_IOV_BIND_H */
