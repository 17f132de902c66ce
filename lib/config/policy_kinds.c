/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy_kinds.h"

#define VLAN_FIRST 1 /* 0 is priority tags: see `untagged` */

/* --- Switches --- */

static int
read_flag(const struct policy_key *key, struct reader *reader, const json_t *value, void *field)
{
	bool *flag = field, on = false;
	int rc = read_switch(reader, value, &on);

	if (rc == 0)
		*flag = on != key->inverted;
	return rc;
}

static json_t *
encode_flag(const struct policy_key *key, const void *field)
{
	return json_boolean(*(const bool *)field != key->inverted);
}

const struct policy_kind policy_kind_switch = {
	read_flag, encode_flag, "{\"enum\":[true,false,\"on\",\"off\"]}"
};

/* --- Numbers, in fields of 1, 2 or 4 bytes --- */

static int
read_number(const struct policy_key *key, struct reader *reader, const json_t *value, void *field)
{
	int64_t number = 0;
	int rc = read_integer(reader, value, 0, key->max, &number);
	const uint8_t byte = number;
	const uint16_t half = number;
	const uint32_t word = number;

	if (rc == 0)
		memcpy(field,
		       key->bytes == 1   ? (const void *)&byte
		       : key->bytes == 2 ? (const void *)&half
					 : (const void *)&word,
		       key->bytes);
	return rc;
}

static json_t *
encode_number(const struct policy_key *key, const void *field)
{
	uint8_t byte;
	uint16_t half;
	uint32_t word;

	memcpy(&byte, field, sizeof(byte));
	if (key->bytes == 1)
		return json_integer(byte);
	memcpy(&half, field, sizeof(half));
	if (key->bytes == 2)
		return json_integer(half);
	memcpy(&word, field, sizeof(word));
	return json_integer(word);
}

const struct policy_kind policy_kind_number = { read_number, encode_number };

/* --- mac --- */

static int
read_mac(const struct policy_key *key, struct reader *reader, const json_t *value, void *field)
{
	const char *text = json_string_value(value);
	struct mac_addr mac;

	(void)key;
	if (text == NULL || mac_parse(text, &mac) < 0)
		return reader_refuse_value(reader, value,
					   "a MAC address like \"02:00:00:00:00:01\"");
	/* All zero: not pinned, as with ip link. */
	if (mac_is_multicast(&mac))
		return reader_refuse_value(reader, value, "a unicast MAC address");
	memcpy(field, &mac, sizeof(mac));
	return 0;
}

static json_t *
encode_mac(const struct policy_key *key, const void *field)
{
	char text[MAC_TEXT_BYTES];

	(void)key;
	mac_format(field, text);
	return json_string(text);
}

const struct policy_kind policy_kind_mac = {
	read_mac, encode_mac,
	"{\"type\":\"string\","
	"\"pattern\":\"^[0-9A-Fa-f][02468ACEace](:[0-9A-Fa-f]{2}){5}$\"}"
};

/* --- What the hardware leaves no choice about --- */

static int
read_proto(const struct policy_key *key, struct reader *reader, const json_t *value, void *field)
{
	const char *text = json_string_value(value);

	(void)key;
	(void)field;
	if (text != NULL && strcasecmp(text, "802.1Q") == 0)
		return 0;
	return reader_refuse_value(reader, value, "\"802.1Q\": the hardware inserts no other tag");
}

static json_t *
encode_proto(const struct policy_key *key, const void *field)
{
	(void)key;
	(void)field;
	return json_string("802.1Q");
}

const struct policy_kind policy_kind_proto = {
	read_proto, encode_proto, "{\"type\":\"string\",\"pattern\":\"^802\\\\.1[qQ]$\"}"
};

static int
read_min_tx_rate(const struct policy_key *key, struct reader *reader, const json_t *value,
		 void *field)
{
	(void)key;
	(void)field;
	if (json_is_integer(value) && json_integer_value(value) == 0)
		return 0;
	return reader_refuse_value(reader, value, "0: the hardware guarantees no rate");
}

static json_t *
encode_min_tx_rate(const struct policy_key *key, const void *field)
{
	(void)key;
	(void)field;
	return json_integer(0);
}

const struct policy_kind policy_kind_min_tx_rate = {
	read_min_tx_rate, encode_min_tx_rate,
	"{\"type\":\"integer\",\"minimum\":0,\"maximum\":0}"
};

/* --- state --- */

static const char *const states[] = {
	[POLICY_STATE_AUTO] = "auto",
	[POLICY_STATE_ENABLE] = "enable",
	[POLICY_STATE_DISABLE] = "disable",
};

#define NB_STATES (sizeof(states) / sizeof(states[0]))

static int
read_state(const struct policy_key *key, struct reader *reader, const json_t *value, void *field)
{
	const char *text = json_string_value(value);
	uint8_t *state = field;

	(void)key;
	for (size_t i = 0; text != NULL && i < NB_STATES; i++)
		if (strcmp(text, states[i]) == 0) {
			*state = i;
			return 0;
		}
	return reader_refuse_value(reader, value, "\"auto\", \"enable\" or \"disable\"");
}

static json_t *
encode_state(const struct policy_key *key, const void *field)
{
	const uint8_t *state = field;

	(void)key;
	return json_string(states[*state < NB_STATES ? *state : POLICY_STATE_AUTO]);
}

const struct policy_kind policy_kind_state = {
	read_state, encode_state, "{\"enum\":[\"auto\",\"enable\",\"disable\"]}"
};

/* --- trunk --- */

/* 1 to 4094, as a regular expression; and two of them with a hyphen, or one. */
#define VLAN  "([1-9][0-9]{0,2}|[1-3][0-9]{3}|40[0-8][0-9]|409[0-4])"
#define VLANS VLAN "(-" VLAN ")?"

static bool
read_vlan(const char **at, unsigned int *vlan)
{
	const char *begin = *at;

	*vlan = 0;
	for (; isdigit((unsigned char)**at) && *at - begin < 4; ++*at)
		*vlan = *vlan * 10 + (unsigned int)(**at - '0');
	return *begin != '0' && *vlan >= VLAN_FIRST && *vlan <= VLAN_ID_MAX;
}

/* "10,20-29" */
static bool
read_ranges(const char *at, struct vf_policy *policy)
{
	unsigned int first, last;

	for (;; at++) {
		if (!read_vlan(&at, &first))
			return false;
		last = first;
		if (*at == '-' && (at++, !read_vlan(&at, &last)))
			return false;
		if (last < first)
			return false;
		policy_trunk_add(policy, first, last);
		if (*at != ',')
			return *at == '\0';
	}
}

static bool
is_in(const struct vf_policy *policy, unsigned int vlan)
{
	return (policy->trunk[vlan / 32] >> vlan % 32 & 1) != 0;
}

/* The next range from `first` on; false: none. */
static bool
next_range(const struct vf_policy *policy, unsigned int *first, unsigned int *last)
{
	while (*first <= VLAN_ID_MAX && !is_in(policy, *first))
		++*first;
	*last = *first;
	while (*last < VLAN_ID_MAX && is_in(policy, *last + 1))
		++*last;
	return *first <= VLAN_ID_MAX;
}

static unsigned int
count_ranges(const struct vf_policy *policy)
{
	unsigned int first, last, nb = 0;

	for (first = VLAN_FIRST; next_range(policy, &first, &last); first = last + 1)
		nb++;
	return nb;
}

static int
read_trunk(const struct policy_key *key, struct reader *reader, const json_t *value, void *field)
{
	const char *text = json_string_value(value);
	struct vf_policy wanted = { .vlan = 0 };
	char number[24];

	/* One VLAN may stand there as a number. */
	if (json_is_integer(value)) {
		snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(value));
		text = number;
	}
	if (text == NULL || (strcmp(text, "all") != 0 && !read_ranges(text, &wanted)))
		return reader_refuse_value(reader, value,
					   "\"all\", or VLANs of %d..%d like \"10,20-29\"",
					   VLAN_FIRST, VLAN_ID_MAX);
	if (count_ranges(&wanted) > TRUNK_RANGES_MAX)
		return reader_refuse_value(reader, value, "of %d ranges at most", TRUNK_RANGES_MAX);
	memcpy(field, wanted.trunk, key->bytes);
	return 0;
}

static json_t *
encode_trunk(const struct policy_key *key, const void *field)
{
	unsigned int first, last, used = 0;
	char text[POLICY_TEXT_BYTES] = "all";
	struct vf_policy policy;

	memcpy(policy.trunk, field, key->bytes);
	for (first = VLAN_FIRST; next_range(&policy, &first, &last); first = last + 1) {
		if (used >= sizeof(text))
			break;
		used += (unsigned int)snprintf(text + used, sizeof(text) - used, "%s%u",
					       used == 0 ? "" : ",", first);
		if (last > first && used < sizeof(text))
			used += (unsigned int)snprintf(text + used, sizeof(text) - used, "-%u",
						       last);
	}
	return json_string(text);
}

const struct policy_kind policy_kind_trunk = {
	read_trunk, encode_trunk,
	"{\"anyOf\":[{\"type\":\"integer\",\"minimum\":1,\"maximum\":4094},{\"type\":\"string\","
	"\"pattern\":\"^(all|" VLANS "(," VLANS ")*)$\"}]}"
};

/* --- mirror --- */

/* "vf 3", "3" or 3 */
static bool
read_target(const json_t *value, long *vf)
{
	const char *text = json_string_value(value);
	char *end;

	if (json_is_integer(value)) {
		json_int_t number = json_integer_value(value);

		*vf = number < 0 || number > POLICY_VFS_MAX ? -1 : (long)number;
		return true;
	}
	if (text == NULL)
		return false;
	if (strncmp(text, "vf ", 3) == 0)
		text += 3;
	if (!isdigit((unsigned char)*text) || (text[0] == '0' && text[1] != '\0'))
		return false;
	*vf = strtol(text, &end, 10);
	return *end == '\0';
}

static int
read_mirror(const struct policy_key *key, struct reader *reader, const json_t *value, void *field)
{
	const char *text = json_string_value(value);
	uint16_t *mirror = field;
	long vf = -1;

	(void)key;
	if (text != NULL && strcmp(text, "none") == 0)
		*mirror = POLICY_MIRROR_NONE;
	else if (text != NULL && strcmp(text, "pf") == 0)
		*mirror = POLICY_MIRROR_PF;
	else if (read_target(value, &vf) && vf >= 0 && vf < POLICY_VFS_MAX)
		*mirror = POLICY_MIRROR_VF + vf;
	else
		return reader_refuse_value(reader, value, "\"none\", \"pf\" or a VF like \"vf 3\"");
	return 0;
}

static json_t *
encode_mirror(const struct policy_key *key, const void *field)
{
	uint16_t mirror = *(const uint16_t *)field;

	(void)key;
	if (mirror >= POLICY_MIRROR_VF)
		return json_sprintf("vf %u", mirror - POLICY_MIRROR_VF);
	return json_string(mirror == POLICY_MIRROR_PF ? "pf" : "none");
}

const struct policy_kind policy_kind_mirror = {
	read_mirror, encode_mirror,
	"{\"anyOf\":[{\"type\":\"integer\",\"minimum\":0,\"maximum\":63},{\"type\":\"string\","
	"\"pattern\":\"^(none|pf|(vf )?([0-9]|[1-5][0-9]|6[0-3]))$\"}]}"
};
