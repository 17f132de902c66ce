/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Gathering problems. Internal to lib/iov.
 */
#ifndef SLUICE_IOV_CHECK_H
#define SLUICE_IOV_CHECK_H

#include "iov.h"

/** Room for one more problem; when there is none left, one that nobody reads. */
struct iov_problem *iov_problem_add(struct iov_problems *problems);

/** The rc of problem @p first, or 0 if there is none from there on. */
int iov_problems_rc(const struct iov_problems *problems, unsigned int first);

#endif /* SLUICE_IOV_CHECK_H */
