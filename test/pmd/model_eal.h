/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/** @file DPDK in a test's own process: ports of the device model, and drivers as plugins. */
#ifndef SLUICE_TEST_MODEL_EAL_H
#define SLUICE_TEST_MODEL_EAL_H

#include <stdbool.h>
#include <stdint.h>

struct rte_mempool;

#define MODEL_EAL_PORTS_MAX 2

struct model_eal {
	const char *plugins;	/**< their files, separated by commas */
	/** Of sluicemodel0 and so on, such as "family=82599,vfs=2"; NULL: no more. */
	const char *spec[MODEL_EAL_PORTS_MAX];
	const char *log_level;	/**< NULL: "*:error" */
	const char *memory_mb;	/**< NULL: "256" */
	/** With telemetry, whose socket is in a folder of this name; NULL: without. */
	const char *file_prefix;
	bool anywhere;		/**< the lcore and who it starts: on any processor, not on 0 */
};

/** Without hugepages and PCI, one lcore: 0. @return 0 or negative, with EAL's line on stderr */
int model_eal_start(const struct model_eal *setup);

/** @return mbufs for frames of the usual size, or NULL */
struct rte_mempool *model_eal_frames(unsigned int nb);

/** @return 0, with the ports' numbers by their devices' names; -1: there is none of that name */
int model_eal_ports(const char *const device[], uint16_t port[], unsigned int nb);

#endif /* SLUICE_TEST_MODEL_EAL_H */
