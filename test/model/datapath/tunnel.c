/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * Tunnels with an Ethernet frame inside, over IPv4 (82599 sheet, 4.2, 5.1; RFC 7348, RFC 7637).
 * Which have an outer header of IPv6 is not looked at: the device is said to know IPv4 only.
 */
#include "classify_quick.h"

#define UDP_BYTES    8
#define VXLAN_BYTES  8
#define NVGRE_BYTES  8

/* The first two bytes of GRE's header: a key, and nothing else; then what is inside. */
#define GRE_WITH_KEY	  0x2000
#define ETYPE_TRANSPARENT 0x6558

static bool
find_vxlan(const struct nic *nic, const uint8_t *data, const struct parsed *outer,
	   struct tunnel *tunnel)
{
	const uint8_t *udp = data + outer->l4_at;

	if (nic->port.vxlan_port == 0 || read_be16(udp + 2) != nic->port.vxlan_port)
		return false;
	tunnel->type = TYPE_TUNNEL | TYPE_VXLAN;
	tunnel->inner_at = outer->l4_at + UDP_BYTES + VXLAN_BYTES;
	return true;
}

static bool
find_nvgre(const uint8_t *data, const struct parsed *outer, struct tunnel *tunnel)
{
	const uint8_t *gre = data + outer->l4_at;

	if (read_be16(gre) != GRE_WITH_KEY || read_be16(gre + 2) != ETYPE_TRANSPARENT)
		return false;
	tunnel->type = TYPE_TUNNEL;
	tunnel->inner_at = outer->l4_at + NVGRE_BYTES;
	return true;
}

bool
tunnel_find(const struct nic *nic, const uint8_t *data, uint32_t len, const struct parsed *outer,
	    struct tunnel *tunnel)
{
	bool found = false;

	if (outer->ip != 4 || outer->l4_at + UDP_BYTES > len)
		return false;
	if (outer->l4 == PROTO_UDP)
		found = find_vxlan(nic, data, outer, tunnel);
	else if (outer->l4 == PROTO_GRE)
		found = find_nvgre(data, outer, tunnel);
	return found && tunnel->inner_at + ETHERNET_BYTES <= len;
}
