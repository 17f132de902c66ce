/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Compiled once for each library of the drivers: DPDK's headers take longer than what uses them.
 * Meson passes it to the compiler; nothing includes it, and each file still includes what it needs.
 */
#include "dpdk_compat.h"

#include <rte_alarm.h>
#include <rte_cycles.h>
#include <rte_malloc.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>
