/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What the devargs of a device ask of a Sluice driver.
 */
#ifndef SLUICE_DEVARGS_H
#define SLUICE_DEVARGS_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_devargs.h>

/* For RTE_PMD_REGISTER_PARAM_STRING. */
#define SLUICE_PF_DEVARGS "sluice=on|off itr_us=<n> mdd=on|off"
#define SLUICE_VF_DEVARGS "sluice=on|off itr_us=<n> auto_reset=on|off"

enum devargs_driver { DEVARGS_PF, DEVARGS_VF };

struct sluice_devargs {
	bool take;		/**< false: leave the device to another driver (probe returns 1) */
	uint32_t itr_us;	/**< between interrupts of an Rx queue; the family has a limit */
	bool auto_reset;	/**< VF only: recover from resets of the PF by itself */
	bool mdd;		/**< PF only: stop queues of malicious drivers */
};

/**
 * Read the devargs of a device, at the head of probe.
 *
 * @param driver  whose: a key of the other one is unknown
 * @param devargs  may be NULL: no devargs
 * @param args  set in any case, to what holds without devargs
 * @return 0; -EINVAL after one line in the log that names the wrong key or value
 */
int devargs_read(enum devargs_driver driver, const struct rte_devargs *devargs,
		 struct sluice_devargs *args);

#endif /* SLUICE_DEVARGS_H */
