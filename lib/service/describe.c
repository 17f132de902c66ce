/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* What requests ask for, in words. A request that cannot be decoded has none. */

#include <inttypes.h>
#include <stdio.h>

#include "codec_82599.h"
#include "describe.h"
#include "service.h"

#define MAC_FORMAT	 "%02x:%02x:%02x:%02x:%02x:%02x"
#define MAC_VALUES(mac) \
	(mac).byte[0], (mac).byte[1], (mac).byte[2], (mac).byte[3], (mac).byte[4], (mac).byte[5]

#define NAME_OF(names, value) \
	((size_t)(value) < sizeof(names) / sizeof((names)[0]) ? (names)[value] : NULL)

void
describe_set_mac(const struct mbx_msg *msg, char *text, size_t bytes)
{
	static const char *const actions[] = {
		[MBX_MAC_SET] = "mac",
		[MBX_MAC_FILTERS_CLEAR] = "clear",
		[MBX_MAC_FILTER_ADD] = "add",
	};
	struct mbx_set_mac wanted;

	if (mbx_decode_set_mac(msg, &wanted) < 0)
		return;
	if (wanted.action == MBX_MAC_FILTERS_CLEAR)
		snprintf(text, bytes, "%s", actions[wanted.action]);
	else
		snprintf(text, bytes, "%s " MAC_FORMAT, actions[wanted.action],
			 MAC_VALUES(wanted.mac));
}

void
describe_set_mac_82599(const struct mbx_msg *msg, char *text, size_t bytes)
{
	struct mac_addr mac;

	if (mbx_82599_decode_set_mac(msg, &mac) == 0)
		snprintf(text, bytes, "mac " MAC_FORMAT, MAC_VALUES(mac));
}

void
describe_extra_mac(const struct mbx_msg *msg, char *text, size_t bytes)
{
	struct mbx_extra_mac wanted;

	if (mbx_82599_decode_extra_mac(msg, &wanted) < 0)
		return;
	if (wanted.add)
		snprintf(text, bytes, "%sadd " MAC_FORMAT, wanted.clear ? "clear, " : "",
			 MAC_VALUES(wanted.mac));
	else
		snprintf(text, bytes, "clear");
}

static void
describe_multicasts(const struct mbx_set_multicast *wanted, char *text, size_t bytes)
{
	snprintf(text, bytes, "%u hashes%s", wanted->nb,
		 wanted->overflow ? ", not all that it has" : "");
}

void
describe_set_multicast(const struct mbx_msg *msg, char *text, size_t bytes)
{
	struct mbx_set_multicast wanted;

	if (mbx_decode_set_multicast(msg, &wanted) == 0)
		describe_multicasts(&wanted, text, bytes);
}

void
describe_set_multicast_82599(const struct mbx_msg *msg, char *text, size_t bytes)
{
	struct mbx_set_multicast wanted;

	if (mbx_82599_decode_set_multicast(msg, &wanted) == 0)
		describe_multicasts(&wanted, text, bytes);
}

void
describe_set_vlan(const struct mbx_msg *msg, char *text, size_t bytes)
{
	struct mbx_set_vlan wanted;

	if (mbx_decode_set_vlan(msg, &wanted) == 0)
		snprintf(text, bytes, "%s vlan %u", wanted.add ? "add" : "remove", wanted.vlan);
}

void
describe_set_max_frame(const struct mbx_msg *msg, char *text, size_t bytes)
{
	struct mbx_set_max_frame wanted;

	if (mbx_decode_set_max_frame(msg, &wanted) == 0)
		snprintf(text, bytes, "%" PRIu32 " bytes", wanted.bytes);
}

void
describe_set_promiscuous(const struct mbx_msg *msg, char *text, size_t bytes)
{
	struct mbx_set_promiscuous wanted;

	if (mbx_decode_set_promiscuous(msg, &wanted) == 0)
		snprintf(text, bytes, "unicast %s, multicast %s", wanted.unicast ? "on" : "off",
			 wanted.multicast ? "on" : "off");
}

void
describe_negotiate(const struct mbx_msg *msg, char *text, size_t bytes)
{
	static const char *const names[] = {
		[MBX_API_10] = "1.0", [MBX_API_20] = "2.0", [MBX_API_11] = "1.1",
		[MBX_API_12] = "1.2", [MBX_API_13] = "1.3", [MBX_API_14] = "1.4",
		[MBX_API_15] = "1.5",
	};
	uint32_t api;

	if (mbx_82599_decode_negotiate(msg, &api) < 0)
		return;
	if (NAME_OF(names, api) != NULL)
		snprintf(text, bytes, "version %s", names[api]);
	else
		snprintf(text, bytes, "version 0x%08" PRIx32, api);
}

void
describe_receive_mode(const struct mbx_msg *msg, char *text, size_t bytes)
{
	static const char *const names[] = {
		[MBX_MODE_NONE] = "none",
		[MBX_MODE_MULTICAST] = "multicast",
		[MBX_MODE_ALL_MULTICAST] = "all-multicast",
		[MBX_MODE_PROMISCUOUS] = "promiscuous",
	};
	enum mbx_receive_mode mode;

	if (mbx_82599_decode_receive_mode(msg, &mode) == 0 && NAME_OF(names, mode) != NULL)
		snprintf(text, bytes, "mode %s", names[mode]);
}

void
service_verdict_args(const struct service_verdict *verdict, char text[SERVICE_ARGS_BYTES])
{
	text[0] = '\0';
	if (verdict->op != NULL && verdict->op->describe != NULL &&
	    verdict->message->words >= verdict->op->min_words)
		verdict->op->describe(verdict->message, text, SERVICE_ARGS_BYTES);
}
