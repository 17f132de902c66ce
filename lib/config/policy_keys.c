/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* The keys of a VF's policy, one row each: what they are called, take, show and say in --help. */

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "policy_keys.h"
#include "policy_kinds.h"

#define FIELD(member) \
	.offset = offsetof(struct vf_policy, member), \
	.bytes = sizeof(((struct vf_policy *)NULL)->member)

#define SWITCH(member)   .kind = &policy_kind_switch, .values = "on or off", FIELD(member)
#define UNLESS(member)   SWITCH(member), .inverted = true
#define NUMBER(member, m) .kind = &policy_kind_number, .max = (m), FIELD(member)

/* In the order in which they are shown. */
const struct policy_key policy_keys[] = {
	{ "mac", "a unicast address; all zero: the VF's choice", "its address",
	  .kind = &policy_kind_mac, FIELD(mac) },
	{ "vlan", "0..4094; 0: none", "port VLAN, whose tag it does not see",
	  NUMBER(vlan, VLAN_ID_MAX) },
	{ "qos", "0..7", "priority in the port VLAN's tag", NUMBER(qos, VLAN_QOS_MAX) },
	{ "proto", "802.1Q", "kind of the port VLAN's tag", .kind = &policy_kind_proto },
	{ "trust", .help = "may change a pinned MAC, be promiscuous, exceed the quotas",
	  SWITCH(trusted) },
	{ "spoofchk", .help = "drop frames with a foreign source address or VLAN",
	  SWITCH(spoof_check) },
	{ "state", "auto, enable or disable", "disable: it neither sends nor receives",
	  .kind = &policy_kind_state, FIELD(state) },
	{ "trunk", "VLANs like 10,20-29; or all", "the VLANs that it may ask for",
	  .kind = &policy_kind_trunk, FIELD(trunk) },
	{ "untagged", .help = "may receive frames without a VLAN", UNLESS(no_untagged) },
	{ "max_tx_rate", "0..100000; 0: no limit", "Mbit/s that it may send",
	  NUMBER(max_tx_rate, TX_RATE_MBPS_MAX) },
	{ "min_tx_rate", "0", "none of these NICs guarantees a rate",
	  .kind = &policy_kind_min_tx_rate },
	{ "query_rss", .help = "may read the port's RSS table and key", SWITCH(query_rss) },
	{ "broadcast", .help = "may receive broadcasts", UNLESS(no_broadcast) },
	{ "multicast", .help = "may receive frames to groups", UNLESS(no_multicast) },
	{ "unknown_unicast", .help = "receives all unicast frames, without asking",
	  SWITCH(unknown_unicast) },
	{ "loopback", .help = "frames to neighbours stay in the NIC; off: no NIC of these",
	  UNLESS(no_loopback) },
	{ "mirror", "none, pf or vf N", "who gets a copy of what it receives",
	  .kind = &policy_kind_mirror, .before = "vf", FIELD(mirror) },
	{ "max_macs", "0..64", "untrusted: its own and additional addresses",
	  NUMBER(max_macs, QUOTA_MACS_MAX) },
	{ "max_vlans", "0..64", "untrusted: VLANs it may ask for",
	  NUMBER(max_vlans, QUOTA_VLANS_MAX) },
	{ "max_multicasts", "0..30", "untrusted: multicast hashes it may ask for",
	  NUMBER(max_multicasts, QUOTA_MULTICASTS) },
	{ "drop", .help = "its full ring drops, instead of blocking its neighbours",
	  UNLESS(blocks) },
	{ "min_interrupt_us", "0..10000; 0: its choice", "shortest interval of its interrupts",
	  NUMBER(min_interrupt_us, INTERRUPT_US_MAX) },
	{ "max_interrupt_us", "0..10000; 0: its choice", "longest interval of its interrupts",
	  NUMBER(max_interrupt_us, INTERRUPT_US_MAX) },
	{ NULL },
};

#define NB_KEYS (sizeof(policy_keys) / sizeof(policy_keys[0]) - 1)

static_assert(NB_KEYS <= POLICY_KEYS_MAX, "a bit for each key");

const size_t policy_keys_nb = NB_KEYS;

static const char *
name_of(size_t i)
{
	return policy_keys[i].name;
}

static int
read_numbered(struct reader *reader, size_t i, const json_t *value, void *policy)
{
	return policy_key_read(&policy_keys[i], reader, value, policy);
}

static json_t *
schema_of(size_t i)
{
	const struct policy_key *key = &policy_keys[i];
	json_t *schema = key->kind->schema != NULL ?
				 json_loads(key->kind->schema, 0, NULL) :
				 json_pack("{s:s, s:i, s:I}", "type", "integer", "minimum", 0,
					   "maximum", (json_int_t)key->max);

	(void)json_object_set_new(schema, "description", json_string(key->help));
	(void)json_object_set_new(schema, "default", policy_key_encode(key, &policy_default));
	return schema;
}

const struct key_set policy_key_set = { name_of, read_numbered, schema_of };

const struct policy_key *
policy_key_find(const char *name)
{
	for (const struct policy_key *key = policy_keys; key->name != NULL; key++)
		if (strcmp(key->name, name) == 0)
			return key;
	return NULL;
}

int
policy_key_read(const struct policy_key *key, struct reader *reader, const json_t *value,
		struct vf_policy *policy)
{
	return key->kind->read(key, reader, value, (char *)policy + key->offset);
}

json_t *
policy_key_encode(const struct policy_key *key, const struct vf_policy *policy)
{
	return key->kind->encode(key, (const char *)policy + key->offset);
}

void
policy_key_text(const struct policy_key *key, const struct vf_policy *policy,
		char text[POLICY_TEXT_BYTES])
{
	json_t *value = policy_key_encode(key, policy);

	if (json_is_string(value))
		snprintf(text, POLICY_TEXT_BYTES, "%s", json_string_value(value));
	else if (json_is_integer(value))
		snprintf(text, POLICY_TEXT_BYTES, "%lld", (long long)json_integer_value(value));
	else
		snprintf(text, POLICY_TEXT_BYTES, "%s", json_is_true(value) ? "on" : "off");
	json_decref(value);
}

void
policy_key_copy(const struct policy_key *key, const struct vf_policy *from, struct vf_policy *to)
{
	memcpy((char *)to + key->offset, (const char *)from + key->offset, key->bytes);
}

bool
policy_key_differs(const struct policy_key *key, const struct vf_policy *a,
		   const struct vf_policy *b)
{
	return memcmp((const char *)a + key->offset, (const char *)b + key->offset, key->bytes) !=
	       0;
}

json_t *
policy_encode(const struct vf_policy *policy)
{
	json_t *object = json_object();
	int rc = object == NULL ? -1 : 0;

	for (size_t i = 0; i < NB_KEYS && rc == 0; i++)
		rc = json_object_set_new(object, policy_keys[i].name,
					 policy_key_encode(&policy_keys[i], policy));
	if (rc == 0)
		return object;
	json_decref(object);
	return NULL;
}

int
policy_decode(const json_t *object, struct vf_policy *policy)
{
	struct reader reader = { .path = "" };

	*policy = policy_default;
	for (size_t i = 0; i < NB_KEYS; i++) {
		const json_t *value = json_object_get(object, policy_keys[i].name);

		if (value == NULL || policy_key_read(&policy_keys[i], &reader, value, policy) < 0)
			return -EINVAL;
	}
	return 0;
}

/* --- What no single key shows --- */

static int
check_qos(struct reader *reader, const struct vf_policy *policy)
{
	if (policy->qos == 0 || policy->vlan != 0)
		return 0;
	(void)reader_enter(reader, "qos");
	return reader_refuse(reader, "%u needs a vlan in 1..%u", policy->qos, VLAN_ID_MAX);
}

static int
check_trunk(struct reader *reader, const struct vf_policy *policy)
{
	if (policy->vlan == 0 || !policy_has_trunk(policy))
		return 0;
	(void)reader_enter(reader, "trunk");
	return reader_refuse(reader, "only \"all\" goes with a port VLAN (vlan %u)", policy->vlan);
}

static int
check_intervals(struct reader *reader, const struct vf_policy *policy)
{
	uint16_t min = policy->min_interrupt_us, max = policy->max_interrupt_us;

	if (max == 0 || max >= min)
		return 0;
	(void)reader_enter(reader, "max_interrupt_us");
	return reader_refuse(reader, "%u is not 0 or in %u..%u (min_interrupt_us is %u)", max, min,
			     INTERRUPT_US_MAX, min);
}

static int
check_mirror(struct reader *reader, const struct vf_policy *policy, uint16_t vf, uint16_t nb_vfs)
{
	uint16_t to = policy->mirror - POLICY_MIRROR_VF;

	if (policy->mirror < POLICY_MIRROR_VF || (to != vf && to < nb_vfs))
		return 0;
	(void)reader_enter(reader, "mirror");
	return reader_refuse(reader, "vf %u is not another one of 0..%u", to, nb_vfs - 1);
}

int
check_policy(struct reader *reader, const struct vf_policy *policy, uint16_t vf, uint16_t nb_vfs)
{
	int rc = check_qos(reader, policy);

	if (rc == 0)
		rc = check_trunk(reader, policy);
	if (rc == 0)
		rc = check_intervals(reader, policy);
	return rc == 0 ? check_mirror(reader, policy, vf, nb_vfs) : rc;
}
