/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* The reply to "show". Keys that the reader does not know are those of a newer daemon. */

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "protocol.h"

/* Both ways by one table. */
static const struct {
	const char *name;
	size_t offset;
} counters[] = {
	{ "requests", offsetof(struct control_vf, requests) },
	{ "acked", offsetof(struct control_vf, acked) },
	{ "nacked", offsetof(struct control_vf, nacked) },
	{ "malformed", offsetof(struct control_vf, malformed) },
	{ "resets", offsetof(struct control_vf, resets) },
	{ "flrs", offsetof(struct control_vf, flrs) },
	{ "rx_packets", offsetof(struct control_vf, rx_packets) },
	{ "rx_bytes", offsetof(struct control_vf, rx_bytes) },
	{ "tx_packets", offsetof(struct control_vf, tx_packets) },
	{ "tx_bytes", offsetof(struct control_vf, tx_bytes) },
	{ "rx_multicast", offsetof(struct control_vf, rx_multicast) },
	{ "malicious", offsetof(struct control_vf, malicious) },
	{ "throttled", offsetof(struct control_vf, throttled) },
	{ "lock_taken", offsetof(struct control_vf, lock_taken) },
};

#define NB_COUNTERS (sizeof(counters) / sizeof(counters[0]))

static json_t *
encode_counters(const struct control_vf *vf)
{
	json_t *object = json_object();

	for (size_t i = 0; i < NB_COUNTERS; i++) {
		const char *field = (const char *)vf + counters[i].offset;

		(void)json_object_set_new(object, counters[i].name,
					  json_integer(*(const uint64_t *)(const void *)field));
	}
	return object;
}

static const char *
state_of(const struct control_vf *vf)
{
	if (vf->quarantined)
		return "quarantined";
	return vf->ready ? "ready" : "wait-reset";
}

static json_t *
encode_held(const struct control_vf *vf)
{
	json_t *names = json_array();

	for (size_t i = 0; i < policy_keys_nb; i++)
		if ((vf->held >> i & 1) != 0)
			(void)json_array_append_new(names, json_string(policy_keys[i].name));
	return names;
}

static json_t *
encode_vf(const struct control_vf *vf)
{
	char mac[MAC_TEXT_BYTES];

	mac_format(&vf->mac, mac);
	return json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:i, s:i, s:i, s:I, s:b, s:b, "
			 "s:o}",
			 "vf", vf->vf, "pci", vf->pci, "driver", vf->driver, "state",
			 state_of(vf), "restraint", vf->restraint, "mac", mac, "policy",
			 policy_encode(&vf->policy), "held", encode_held(vf), "macs", vf->macs,
			 "vlans", vf->vlans, "multicasts", vf->multicasts, "max_frame",
			 (json_int_t)vf->max_frame, "promiscuous", vf->promiscuous,
			 "all_multicast", vf->all_multicast, "counters", encode_counters(vf));
}

static json_t *
encode_port(const struct control_port *port)
{
	json_t *vfs = json_array();

	for (uint16_t i = 0; i < port->nb_vfs; i++)
		(void)json_array_append_new(vfs, encode_vf(&port->vf[i]));
	return json_pack("{s:s, s:{s:b, s:I}, s:o}", "pci", port->pci, "link", "up", port->link_up,
			 "mbps", (json_int_t)port->link_mbps, "vfs", vfs);
}

json_t *
control_state_encode(const struct control_state *state)
{
	json_t *ports = json_array();

	for (uint16_t i = 0; i < state->nb_ports; i++)
		(void)json_array_append_new(ports, encode_port(&state->port[i]));
	return ports;
}

static int
decode_counters(json_t *object, struct control_vf *vf)
{
	for (size_t i = 0; i < NB_COUNTERS; i++) {
		const json_t *value = json_object_get(object, counters[i].name);
		char *field = (char *)vf + counters[i].offset;

		if (!json_is_integer(value))
			return -EINVAL;
		*(uint64_t *)(void *)field = json_integer_value(value);
	}
	return 0;
}

static int
decode_asked(json_t *object, struct control_vf *vf)
{
	int macs, vlans, multicasts, promiscuous, all_multicast;
	json_int_t max_frame;

	if (json_unpack(object, "{s:i, s:i, s:i, s:I, s:b, s:b}", "macs", &macs, "vlans", &vlans,
			"multicasts", &multicasts, "max_frame", &max_frame, "promiscuous",
			&promiscuous, "all_multicast", &all_multicast) < 0)
		return -EINVAL;
	vf->macs = macs;
	vf->vlans = vlans;
	vf->multicasts = multicasts;
	vf->max_frame = max_frame;
	vf->promiscuous = promiscuous;
	vf->all_multicast = all_multicast;
	return 0;
}

/* Those of before did not say. */
static int
decode_held(const json_t *names, struct control_vf *vf)
{
	const struct policy_key *key;
	const json_t *name;
	size_t i;

	if (names != NULL && !json_is_array(names))
		return -EINVAL;
	json_array_foreach(names, i, name) {
		if (!json_is_string(name))
			return -EINVAL;
		key = policy_key_find(json_string_value(name));
		if (key != NULL)
			vf->held |= 1u << (key - policy_keys);
	}
	return 0;
}

static int
decode_vf(json_t *object, struct control_vf *vf)
{
	const char *pci, *driver, *state, *restraint, *mac;
	json_t *policy, *counted;
	int index;

	if (json_unpack(object, "{s:i, s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "vf", &index, "pci",
			&pci, "driver", &driver, "state", &state, "restraint", &restraint, "mac",
			&mac, "policy", &policy, "counters", &counted) < 0)
		return -EINVAL;
	vf->vf = index;
	snprintf(vf->pci, sizeof(vf->pci), "%s", pci);
	snprintf(vf->driver, sizeof(vf->driver), "%s", driver);
	vf->ready = strcmp(state, "ready") == 0;
	vf->quarantined = strcmp(state, "quarantined") == 0;
	snprintf(vf->restraint, sizeof(vf->restraint), "%s", restraint);
	if (mac_parse(mac, &vf->mac) < 0 || policy_decode(policy, &vf->policy) < 0 ||
	    decode_asked(object, vf) < 0 ||
	    decode_held(json_object_get(object, "held"), vf) < 0)
		return -EINVAL;
	return decode_counters(counted, vf);
}

static int
decode_port(json_t *object, struct control_port *port)
{
	json_int_t mbps;
	const char *pci;
	json_t *vfs;
	int up;

	if (json_unpack(object, "{s:s, s:{s:b, s:I}, s:o}", "pci", &pci, "link", "up", &up, "mbps",
			&mbps, "vfs", &vfs) < 0 ||
	    !json_is_array(vfs) || json_array_size(vfs) > CONFIG_VFS_MAX)
		return -EINVAL;
	snprintf(port->pci, sizeof(port->pci), "%s", pci);
	port->link_up = up;
	port->link_mbps = mbps;
	port->nb_vfs = json_array_size(vfs);
	for (uint16_t i = 0; i < port->nb_vfs; i++)
		if (decode_vf(json_array_get(vfs, i), &port->vf[i]) < 0)
			return -EINVAL;
	return 0;
}

int
control_state_decode(const json_t *object, struct control_state *state)
{
	const json_t *ports = json_object_get(object, "ports");

	memset(state, 0, sizeof(*state));
	if (!json_is_array(ports) || json_array_size(ports) > CONFIG_PORTS_MAX)
		return -EINVAL;
	state->nb_ports = json_array_size(ports);
	for (uint16_t i = 0; i < state->nb_ports; i++)
		if (decode_port(json_array_get(ports, i), &state->port[i]) < 0)
			return -EINVAL;
	return 0;
}
