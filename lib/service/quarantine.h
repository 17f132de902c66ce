/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What stands before each request of a VF. Internal to lib/service.
 */
#ifndef SLUICE_QUARANTINE_H
#define SLUICE_QUARANTINE_H

#include "requests.h"

/**
 * Count the request, and judge it.
 *
 * @param op  of the request; NULL: there is none
 * @param silent  set to true if it is to stay unanswered
 * @return 0: serve it; -EPERM: refuse it, with rq->reason set
 */
int quarantine_guard(struct request *rq, const struct mbx_op *op, uint64_t now_ms, bool *silent);

#endif /* SLUICE_QUARANTINE_H */
