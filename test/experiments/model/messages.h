/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The device's thread of a processor of its own, and messages that it takes from the wire at a
 * given rate, and times when they are back.
 */
#ifndef EXPERIMENTS_MESSAGES_H
#define EXPERIMENTS_MESSAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "setup.h"

struct messages_result {
	uint64_t sent, back;
	double p50_us, p95_us, p99_us;	/**< from the time at which it was due, wire to wire */
};

/** @param cpu  of the thread; -1: any */
void messages_start(int cpu);
void messages_stop(void);

/** From now on messages go to this setup, whose doors are open; NULL: to none. */
void messages_to(struct setup *setup);
/** Begin with @p rate a second; what was counted is forgotten. 0: no more are sent. */
void messages_rate(unsigned int rate);
/** Nothing is on its way that was sent since the rate was set to another one than 0. */
bool messages_are_back(void);
/** What has been counted since the rate was set to another one than 0. */
void messages_result(struct messages_result *result);

#endif /* EXPERIMENTS_MESSAGES_H */
