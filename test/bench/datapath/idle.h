/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/** @file What ports cost an lcore that waits by lib/hybrid for packets that do not come. */
#ifndef BENCH_IDLE_H
#define BENCH_IDLE_H

#include "target.h"

/**
 * The target is started with interrupts, and its card is awake.
 *
 * @return processor's time of the calling thread, as a share of a second or so; < 0: -errno
 */
double idle_run(const struct target *target);

#endif /* BENCH_IDLE_H */
