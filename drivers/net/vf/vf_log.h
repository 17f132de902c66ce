/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#ifndef SLUICE_VF_LOG_H
#define SLUICE_VF_LOG_H

#include <rte_log.h>

extern int sluice_logtype_vf;

/** One line about a port, for control paths; the level is RTE_LOG_*. */
#define PORT_LOG_AT(level, vf, fmt, ...) \
	rte_log(level, sluice_logtype_vf, "sluice: port %u: " fmt "\n", \
		(vf)->port_id, ##__VA_ARGS__)
#define PORT_LOG(level, vf, fmt, ...) PORT_LOG_AT(RTE_LOG_##level, vf, fmt, ##__VA_ARGS__)

#endif /* SLUICE_VF_LOG_H */
