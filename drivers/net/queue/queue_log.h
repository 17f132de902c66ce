/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#ifndef SLUICE_QUEUE_LOG_H
#define SLUICE_QUEUE_LOG_H

#include <rte_log.h>

extern int sluice_logtype_queue;

#define QUEUE_LOG(level, fmt, ...) \
	rte_log(RTE_LOG_##level, sluice_logtype_queue, "sluice: " fmt "\n", ##__VA_ARGS__)

#endif /* SLUICE_QUEUE_LOG_H */
