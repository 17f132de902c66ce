/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * How a benchmark on the device model begins. Each function exits with a line if it fails.
 */
#ifndef BENCH_START_H
#define BENCH_START_H

#include <pthread.h>

struct option;

/**
 * The next of the options that are @p known, all of which are long ones.
 *
 * @param value  filled if the option has one
 * @return its name; NULL: there are no more
 */
const char *start_option(int argc, char *argv[], const struct option *known, char **value);

/** The value of --@p option, which has to be from @p min to @p max. */
unsigned int start_number(const char *option, const char *text, unsigned int min,
			  unsigned int max);

/** Processors that this process may use: the first and the last one; -1: there is no second. */
void start_processors(int cpu[2]);

/**
 * EAL without huge pages, bus and files of its own.
 *
 * @param mb  of memory
 * @param plugin  that is loaded; NULL: none
 */
void start_eal(const char *program, const char *mb, const char *lcores, const char *plugin);

/** A thread on processor @p cpu; -1: on any, not only where EAL has put the caller. */
void start_thread(pthread_t *thread, int cpu, void *(*run)(void *), void *arg);

#endif /* BENCH_START_H */
