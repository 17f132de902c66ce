/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Tenants and the software switch of a setup, each in a thread of its own, which sleeps until one
 * of its ports interrupts: arm, look once more, sleep.
 */
#ifndef EXPERIMENTS_SLEEPERS_H
#define EXPERIMENTS_SLEEPERS_H

#include <stdint.h>

#include "setup.h"

/** CPU time of all threads so far, and how often they slept. */
struct sleepers_use {
	uint64_t tenant_ns, host_ns, sleeps;
};

struct sleepers;

/** @param cpu  of all threads; -1: any. Exits with a line if it fails. */
struct sleepers *sleepers_start(struct setup *setup, int cpu);
void sleepers_use(const struct sleepers *sleepers, struct sleepers_use *use);
/** Within a second. */
void sleepers_stop(struct sleepers *sleepers);

#endif /* EXPERIMENTS_SLEEPERS_H */
