/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What a machine lacks, and what mends it, check by check: the good ones are told too. Changes
 * nothing, and needs no daemon. Not thread-safe.
 */
#ifndef SLUICE_IOV_DOCTOR_H
#define SLUICE_IOV_DOCTOR_H

#include "iov.h"

enum iov_verdict {
	IOV_GOOD,
	IOV_NOTE, /**< works, but the operator should know */
	IOV_BAD,
};

struct iov_finding {
	const char *check;   /**< "hugepages" */
	const char *subject; /**< a PCI address, or "host" */
	enum iov_verdict verdict;
	char line[IOV_LINE_BYTES];
	const char *remedy; /**< in @p line, a command that mends it; NULL: none does */
};

/** Called for each finding, in the order of the checks. */
typedef void iov_report_t(void *ctx, const struct iov_finding *finding);

/**
 * Look at the machine.
 *
 * @param hugepages_mb  memory that the daemon is going to take, megabytes
 * @param is_served     the daemon runs: it has its memory
 */
void iov_doctor_host(const struct iov_root *root, unsigned int hugepages_mb, bool is_served,
		     iov_report_t *report, void *ctx);

/** Look at a PF. @param is_served  our own daemon uses it */
void iov_doctor_port(const struct iov_root *root, const struct iov_request *request, bool is_served,
		     iov_report_t *report, void *ctx);

/**
 * The PFs of this machine that have SR-IOV and are network devices, in order.
 *
 * @return how many there are; those beyond @p max are left out
 */
unsigned int iov_find_ports(const struct iov_root *root, char pci[][IOV_PCI_BYTES],
			    unsigned int max);

#endif /* SLUICE_IOV_DOCTOR_H */
