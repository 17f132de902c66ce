/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What the devargs of a device ask of a Sluice driver: "sluice=on|off".
 */
#ifndef SLUICE_DEVARGS_H
#define SLUICE_DEVARGS_H

#include <stdbool.h>

#include <rte_devargs.h>

/** For RTE_PMD_REGISTER_PARAM_STRING. */
#define SLUICE_DEVARGS "sluice=on|off"

/**
 * Read the devargs of a device, at the head of probe.
 *
 * @param devargs  may be NULL: no devargs
 * @param take  false: "sluice=off", leave the device to another driver (probe returns 1)
 * @return 0; -EINVAL after one line in the log that names the wrong key or value
 */
int devargs_read(const struct rte_devargs *devargs, bool *take);

#endif /* SLUICE_DEVARGS_H */
