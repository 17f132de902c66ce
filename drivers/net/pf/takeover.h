/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * A port whose last owner died, taken over as it runs.
 */
#ifndef SLUICE_PF_TAKEOVER_H
#define SLUICE_PF_TAKEOVER_H

#include "pf.h"

/** What outlives a process of a port's books, from one that died. */
void pf_take_books(struct pf *pf, const struct pf *old);

/** In place of pf_bring_up(): only what belonged to the dead process is ended. */
void pf_take_over(struct pf *pf);

/** Does the VF wait for the answer to a request that was fetched by somebody who died? */
bool pf_has_unanswered(struct pf *pf, uint16_t vf);

#endif /* SLUICE_PF_TAKEOVER_H */
