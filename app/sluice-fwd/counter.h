/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * A counter with one writer and any number of readers: plain loads and stores, nothing locked.
 */
#ifndef SLUICE_FWD_COUNTER_H
#define SLUICE_FWD_COUNTER_H

#include <stdatomic.h>
#include <stdint.h>

typedef _Atomic uint64_t counter_t;

static inline uint64_t
counter_read(const counter_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

static inline void
counter_add(counter_t *counter, uint64_t n)
{
	atomic_store_explicit(counter, counter_read(counter) + n, memory_order_relaxed);
}

#endif /* SLUICE_FWD_COUNTER_H */
