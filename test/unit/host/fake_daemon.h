/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The daemon's clock and log, for tests of its parts: time stands still, and lines are kept.
 */
#ifndef SLUICE_FAKE_DAEMON_H
#define SLUICE_FAKE_DAEMON_H

#include <stdint.h>

extern uint64_t clock_ms;	/**< of now_ms(); a test moves it */
extern unsigned int nb_lines;	/**< of log_line(), so far */
extern char last_line[256];

#endif /* SLUICE_FAKE_DAEMON_H */
