/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/** @file The profiles of lib/hybrid as strategies: a row's name is the profile's. */
#ifndef BENCH_PROFILES_H
#define BENCH_PROFILES_H

#include "strategy.h"

uint32_t profile_ring(const struct strategy *strategy);
int profile_open(struct waiting *waiting);
void profile_received(struct waiting *waiting, uint16_t nb);
void profile_wait(struct waiting *waiting);
void profile_wake(struct waiting *waiting);
uint32_t profile_interval(const struct waiting *waiting);
void profile_close(struct waiting *waiting);

#endif /* BENCH_PROFILES_H */
