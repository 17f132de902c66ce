/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * How a PF was found, kept in a file: after a crash the next owner still knows what to put back.
 * Internal to lib/iov.
 */
#ifndef SLUICE_IOV_ORIGINAL_H
#define SLUICE_IOV_ORIGINAL_H

#include "iov.h"

/**
 * Learn how the PF was before anybody took it: from the file if it dates from this boot and the
 * PF is still on vfio-pci or on no driver, else from the PF itself.
 */
void iov_original_find(const struct iov_root *root, const char *pci, const char *state_path,
		       struct iov_original *original);

/** Keep it; 0 or -errno, @p problem filled. */
int iov_original_save(const struct iov_root *root, const char *state_path,
		      const struct iov_original *original, struct iov_problem *problem);

#endif /* SLUICE_IOV_ORIGINAL_H */
