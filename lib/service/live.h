/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What a change of policy means for the other VFs. Internal to lib/service.
 */
#ifndef SLUICE_LIVE_H
#define SLUICE_LIVE_H

#include "service.h"

/** No untrusted VF but this one keeps the address that is pinned to it. */
void live_evict_others(struct vf_service *service, uint16_t vf);

#endif /* SLUICE_LIVE_H */
