/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The kinds of values that a policy is made of. Internal to lib/config.
 */
#ifndef SLUICE_POLICY_KINDS_H
#define SLUICE_POLICY_KINDS_H

#include "policy_keys.h"

struct policy_kind {
	int (*read)(const struct policy_key *key, struct reader *reader, const json_t *value,
		    void *field);
	json_t *(*encode)(const struct policy_key *key, const void *field);
	const char *schema; /**< what is right for its value; NULL: a number up to key->max */
};

extern const struct policy_kind policy_kind_switch, policy_kind_number, policy_kind_mac,
	policy_kind_proto, policy_kind_state, policy_kind_trunk, policy_kind_min_tx_rate,
	policy_kind_mirror;

#endif /* SLUICE_POLICY_KINDS_H */
