/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The checks, one by one, and gathering problems. Internal to lib/iov.
 */
#ifndef SLUICE_IOV_CHECK_H
#define SLUICE_IOV_CHECK_H

#include "iov.h"

/** Room for one more problem; when there is none left, one that nobody reads. */
struct iov_problem *iov_problem_add(struct iov_problems *problems);

/** The rc of problem @p first, or 0 if there is none from there on. */
int iov_problems_rc(const struct iov_problems *problems, unsigned int first);

/** One thing that the machine must have; what is wrong is added to the problems. */
struct iov_host_check {
	const char *name;
	const char *good; /**< what it says when nothing is wrong */
	void (*run)(const struct iov_root *root, unsigned int hugepages_mb,
		    struct iov_problems *problems);
};

#define IOV_HOST_CHECKS 6
extern const struct iov_host_check iov_host_checks[IOV_HOST_CHECKS];

/** One thing that a PF must be. */
struct iov_port_check {
	const char *name;
	const char *good;
	void (*run)(const struct iov_root *root, const struct iov_request *request,
		    struct iov_problems *problems);
	bool is_base; /**< when something is wrong, the checks after it have nothing to look at */
	bool is_use;  /**< not of a PF that our own daemon uses */
};

#define IOV_PORT_CHECKS 6
extern const struct iov_port_check iov_port_checks[IOV_PORT_CHECKS];

#endif /* SLUICE_IOV_CHECK_H */
