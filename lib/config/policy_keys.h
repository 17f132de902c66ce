/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The words in which a VF's policy is written, one row for each: those of `ip link set PF vf N …`
 * and more of the kind.
 *
 * The configuration file, its schema, the control protocol, sluicectl and the log all go by this
 * table. A new key is a new row.
 */
#ifndef SLUICE_POLICY_KEYS_H
#define SLUICE_POLICY_KEYS_H

#include <stddef.h>

#include "policy.h"
#include "value.h"

#define POLICY_KEYS_MAX   32  /**< a bit for each fits into an unsigned int */
#define POLICY_TEXT_BYTES 656 /**< longest value as text and its end: a trunk's */
#define TRUNK_RANGES_MAX  64

struct policy_kind;

struct policy_key {
	const char *name;
	const char *values; /**< what may be there, for people: "0..4094", "on or off" */
	const char *help;   /**< what it means, in a few words */
	const struct policy_kind *kind;
	size_t offset, bytes; /**< of what it sets in struct vf_policy; 0 bytes: nothing */
	bool inverted;        /**< of a switch: on is false */
	uint32_t max;         /**< of a number */
	const char *before;   /**< word that may stand before a value, as one of its own, or NULL */
};

/** Ends with a row that has no name. */
extern const struct policy_key policy_keys[];
extern const size_t policy_keys_nb;

/** The same, for the tables of objects; the field is a struct vf_policy. */
extern const struct key_set policy_key_set;

/** @return its row, or NULL */
const struct policy_key *policy_key_find(const char *name);

/** Read a value into the policy; 0, or -EINVAL with the reader's error filled. */
int policy_key_read(const struct policy_key *key, struct reader *reader, const json_t *value,
		    struct vf_policy *policy);

/** The value as JSON, such as policy_key_read() takes; NULL: out of memory. */
json_t *policy_key_encode(const struct policy_key *key, const struct vf_policy *policy);

/** The value as a person reads and types it. */
void policy_key_text(const struct policy_key *key, const struct vf_policy *policy,
		     char text[POLICY_TEXT_BYTES]);

/** Give @p to the value that @p from has. */
void policy_key_copy(const struct policy_key *key, const struct vf_policy *from,
		     struct vf_policy *to);

bool policy_key_differs(const struct policy_key *key, const struct vf_policy *a,
			const struct vf_policy *b);

/** All keys as a JSON object; NULL: out of memory. */
json_t *policy_encode(const struct vf_policy *policy);

/** All keys, each of which must be there; 0 or -EINVAL. */
int policy_decode(const json_t *object, struct vf_policy *policy);

/**
 * What no single key shows: a priority needs a VLAN, a trunk none, and so on.
 *
 * @param vf  the VF whose policy it is, of @p nb_vfs
 * @return 0, or -EINVAL with the reader's error filled
 */
int check_policy(struct reader *reader, const struct vf_policy *policy, uint16_t vf,
		 uint16_t nb_vfs);

#endif /* SLUICE_POLICY_KEYS_H */
