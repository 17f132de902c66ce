/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The system calls of one thread of this process, as strace sees them.
 *
 * The thread is slower meanwhile, so what is measured of it besides says nothing.
 */
#ifndef BENCH_CALLS_H
#define BENCH_CALLS_H

#include <sys/types.h>

/**
 * Have a thread's calls written to a file, a line each, from now on.
 *
 * @param tracer  for calls_end()
 * @return 0; -errno, -ECHILD if strace ended by itself: it has said why
 */
int calls_begin(pid_t *tracer, pid_t tid, const char *path);
void calls_end(pid_t tracer);

#endif /* BENCH_CALLS_H */
