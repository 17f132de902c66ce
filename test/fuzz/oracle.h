/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What a PF may say and do, written down a second time from the sheet and from service.h.
 */
#ifndef SLUICE_FUZZ_ORACLE_H
#define SLUICE_FUZZ_ORACLE_H

#include "rig.h"

/** Is this no request that the rig's dialect has, in the version that the VF speaks? */
bool oracle_malformed(uint16_t vf, const struct mbx_msg *msg);

/**
 * What is wrong with the reply to a request of one of the rig's VFs, NULL: nothing.
 *
 * @param malformed  what oracle_malformed() said before the service had the request
 */
const char *oracle_reply(uint16_t vf, const struct mbx_msg *msg, bool malformed,
			 const struct mbx_msg *reply);

/** What is wrong with an unsolicited message to a VF, NULL: nothing. */
const char *oracle_notice(const struct mbx_msg *msg);

/** What is wrong with the rig's VF: book against pool, counters, quotas. NULL: nothing. */
const char *oracle_vf(uint16_t vf);

/** Forget what the operator did. */
void oracle_start(void);

/** The operator set this policy: whom it trusts has no quotas, what it pins may be shared. */
void oracle_policy(const struct vf_policy *policy);

#endif /* SLUICE_FUZZ_ORACLE_H */
