/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What a machine is like, as far as it matters to SR-IOV: kernel, IOMMU, vfio, huge pages, NICs.
 * For a report that leaves the machine: no address of a frame, no token, and of the kernel's
 * command line nothing but words about these. Changes nothing. Not thread-safe.
 */
#ifndef SLUICE_IOV_FACTS_H
#define SLUICE_IOV_FACTS_H

#include "iov.h"

/**
 * Called for each fact.
 *
 * @param subject  "kernel", "iommu", "vfio", "hugepages", or a PCI address
 * @param value    "-": not known
 */
typedef void iov_fact_t(void *ctx, const char *subject, const char *name, const char *value);

void iov_facts_host(const struct iov_root *root, iov_fact_t *tell, void *ctx);

/** Of a network device. */
void iov_facts_port(const struct iov_root *root, const char *pci, iov_fact_t *tell, void *ctx);

#endif /* SLUICE_IOV_FACTS_H */
