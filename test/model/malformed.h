/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The sheets' tables of requests, written down a second time: what no PF may grant.
 */
#ifndef MODEL_MALFORMED_H
#define MODEL_MALFORMED_H

#include <stdbool.h>

#include "message.h"
#include "pool_info.h"

/**
 * Is this no request that the dialect has?
 *
 * @param api  the version that the VF speaks, which matters to the 82599's dialect only
 */
bool is_malformed(enum mbx_dialect dialect, enum mbx_api api, const struct mbx_msg *msg);

#endif /* MODEL_MALFORMED_H */
