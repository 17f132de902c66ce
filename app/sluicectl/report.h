/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The part of `sluicectl doctor --report` that is not findings: for somebody who does not see this
 * machine. No MAC address, no VLAN, no token, no reason that an operator typed.
 */
#ifndef SLUICECTL_REPORT_H
#define SLUICECTL_REPORT_H

#include <jansson.h>

/** Versions, and what the machine is like. */
void report_machine(void);

/** What a running daemon counts, of `show`. @param ports  NULL: none runs */
void report_counters(json_t *ports);

#endif /* SLUICECTL_REPORT_H */
