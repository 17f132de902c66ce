/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Counting instructions: the processor stops after each one (its trap flag), and a handler counts.
 *
 * That is exact, the same each time, and needs neither privileges nor a tool, but takes a
 * microsecond an instruction. One thread at a time.
 */
#ifndef BENCH_COUNT_H
#define BENCH_COUNT_H

#include <stdint.h>

/** @return 0; -errno; -ENOTSUP on this processor */
int count_init(void);
void count_begin(void);
/** @return instructions since, but for those of beginning and ending */
uint64_t count_end(void);

#endif /* BENCH_COUNT_H */
