/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The pairs' ports: checked against what was asked, configured, started, closed. Errors go to
 * standard error, one line each.
 */
#ifndef SLUICE_FWD_PORTS_H
#define SLUICE_FWD_PORTS_H

#include "options.h"
#include "wait.h"

/**
 * Configure and start every port of every pair.
 *
 * @return 0; -ERANGE an option does not fit a port; another -errno: the port or memory failed.
 *         Ports that were opened are closed again.
 */
int ports_open(const struct options *o, const struct wait_strategy *wait);

/* Say which links are down after waiting a little; forwarding starts all the same. */
void ports_report_links(const struct options *o);

/* Let the last burst leave, then stop and close them. */
void ports_close(const struct options *o);

/* Bytes of the largest frame that the ports were configured for. */
uint32_t ports_frame_bytes(const struct options *o);

#endif /* SLUICE_FWD_PORTS_H */
