/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * One log component for the PF driver (pmd.net.sluice.pf), one for what its VFs do
 * (pmd.net.sluice.pf.vf).
 */
#ifndef SLUICE_PF_LOG_H
#define SLUICE_PF_LOG_H

#include <rte_log.h>

extern int sluice_logtype_pf;
extern int sluice_logtype_pf_vf;

#define PF_LOG(level, fmt, ...) \
	rte_log(RTE_LOG_##level, sluice_logtype_pf, "sluice: " fmt "\n", ##__VA_ARGS__)

#define VF_LOG(level, fmt, ...) \
	rte_log(RTE_LOG_##level, sluice_logtype_pf_vf, "sluice: " fmt "\n", ##__VA_ARGS__)

#endif /* SLUICE_PF_LOG_H */
