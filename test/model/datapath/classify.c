/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * What the Rx engines see in a frame: packet type, checksums, RSS.
 * 82576 sheet 4.2, 5.1, 5.5; 82599 sheet 3.5, 4.2, 5.1.
 */
#include <endian.h>

#include "classify_quick.h"

/* IPv6 extension headers. */
enum { EXT_HOP = 0, EXT_ROUTING = 43, EXT_FRAGMENT = 44, EXT_DESTINATION = 60 };
#define OPTION_HOME_ADDRESS 0xc9
#define EXTENSIONS_MAX	    8

static void
parse_ipv4(const uint8_t *data, uint32_t len, struct parsed *parsed)
{
	const uint8_t *ip = data + parsed->l3_at;
	uint32_t room = len - parsed->l3_at, header, total;

	if (room < 20 || ip[0] >> 4 != 4)
		return;
	header = (ip[0] & 15u) * 4;
	total = read_be16(ip + 2);
	if (header < 20 || header > room)
		return;
	parsed->ip = 4;
	parsed->options = header > 20;
	parsed->fragment = (read_be16(ip + 6) & 0x3fff) != 0;
	parsed->whole = total >= header && total <= room;
	parsed->l4_at = parsed->l3_at + header;
	parsed->ip_end = parsed->l3_at + total;
	parsed->src = ip + 12;
	parsed->dst = ip + 16;
	if (!parsed->fragment)
		parsed->l4 = ip[9];
}

/* What RSS and checksums take from one extension header. */
static void
parse_extension(uint8_t type, const uint8_t *ext, uint32_t bytes, struct parsed *parsed)
{
	uint32_t at = 2;

	if (type == EXT_FRAGMENT)
		parsed->fragment = (read_be16(ext + 2) & 0xfff9) != 0;
	if (type == EXT_ROUTING && ext[3] != 0) {
		parsed->rerouted = true;
		if (ext[2] == 2 && bytes >= 24)
			parsed->dst = ext + 8;
	}
	while (type == EXT_DESTINATION && at + 2 <= bytes) {
		if (ext[at] == OPTION_HOME_ADDRESS && ext[at + 1] == 16 && at + 18 <= bytes)
			parsed->src = ext + at + 2;
		at += ext[at] == 0 ? 1 : 2u + ext[at + 1];
	}
}

static void
parse_ipv6(const uint8_t *data, uint32_t len, struct parsed *parsed)
{
	const uint8_t *ip = data + parsed->l3_at;
	uint32_t room = len - parsed->l3_at, at = 40;
	uint8_t next;

	if (room < 40 || ip[0] >> 4 != 6)
		return;
	parsed->ip = 6;
	parsed->src = ip + 8;
	parsed->dst = ip + 24;
	parsed->whole = read_be16(ip + 4) <= room - 40;
	parsed->ip_end = parsed->l3_at + 40 + read_be16(ip + 4);
	next = ip[6];
	for (unsigned int i = 0; i < EXTENSIONS_MAX; i++) {
		uint32_t bytes;

		if (next != EXT_HOP && next != EXT_ROUTING && next != EXT_FRAGMENT &&
		    next != EXT_DESTINATION)
			break;
		parsed->options = true;
		if (at + 8 > room)
			break;
		bytes = next == EXT_FRAGMENT ? 8 : 8 + ip[at + 1] * 8u;
		if (at + bytes > room)
			break;
		parse_extension(next, ip + at, bytes, parsed);
		next = ip[at];
		at += bytes;
	}
	parsed->l4_at = parsed->l3_at + at;
	if (!parsed->fragment)
		parsed->l4 = next;
}

void
frame_parse(const struct nic *nic, const uint8_t *data, uint32_t len, struct parsed *parsed)
{
	const struct filters *filters = &nic->filters;
	uint32_t at = ADDRESSES_BYTES;

	*parsed = (struct parsed){ .l3_at = ETHERNET_BYTES };
	if (len < ETHERNET_BYTES + 2 * TAG_BYTES)
		return;
	if (filters->double_vlan && read_be16(data + at) == filters->outer_vlan_etype)
		at += TAG_BYTES;
	if (read_be16(data + at) == filters->vlan_etype)
		at += TAG_BYTES;
	parsed->etype = read_be16(data + at);
	parsed->l3_at = at + 2;
	if (parsed->etype == ETYPE_IPV4)
		parse_ipv4(data, len, parsed);
	else if (parsed->etype == ETYPE_IPV6)
		parse_ipv6(data, len, parsed);
}

uint32_t
header_bytes(const struct nic *nic, const uint8_t *data, uint32_t len)
{
	struct parsed parsed;
	uint32_t bytes;

	frame_parse(nic, data, len, &parsed);
	if (parsed.ip == 0)
		return 0;
	bytes = parsed.l4_at;
	if (parsed.l4 == PROTO_UDP)
		bytes += 8;
	else if (parsed.l4 == PROTO_TCP && bytes + 20 <= len)
		bytes += (data[bytes + 12] >> 4) * 4u;
	else if (parsed.l4 == PROTO_SCTP)
		bytes += 12;
	return bytes <= len ? bytes : 0;
}

static uint16_t
packet_type(const struct parsed *parsed)
{
	uint16_t type = 0;

	if (parsed->ip == 4)
		type = TYPE_IPV4 | (parsed->options ? TYPE_IPV4_OPTIONS : 0);
	else if (parsed->ip == 6)
		type = TYPE_IPV6 | (parsed->options ? TYPE_IPV6_EXTENSIONS : 0);
	switch (parsed->l4) {
	case PROTO_TCP:
		return type | TYPE_TCP;
	case PROTO_UDP:
		return type | TYPE_UDP;
	case PROTO_SCTP:
		return type | TYPE_SCTP;
	case PROTO_ESP:
		return type | TYPE_ESP;
	case PROTO_AH:
		return type | TYPE_AH;
	default:
		return type;
	}
}

/* IPv6 in IPv4 has both versions' bits, and those of what is innermost; sums and hash are outer. */
static uint16_t
tunnel_type(const uint8_t *data, uint32_t len, const struct parsed *outer)
{
	struct parsed inner = { .l3_at = outer->l4_at };

	if (outer->ip != 4 || outer->l4 != PROTO_IPV6)
		return 0;
	parse_ipv6(data, outer->whole ? outer->ip_end : len, &inner);
	return packet_type(&inner);
}

static bool
l4_sum_is_good(const uint8_t *data, const struct parsed *parsed, uint32_t bytes)
{
	uint32_t sum = htobe16(parsed->l4) + (uint32_t)htobe16((uint16_t)bytes);

	sum = checksum_add(sum, parsed->src, parsed->ip == 4 ? 4 : 16);
	sum = checksum_add(sum, parsed->dst, parsed->ip == 4 ? 4 : 16);
	return checksum_add(sum, data + parsed->l4_at, bytes) == 0xffff;
}

static void
check_l4(const struct rxd_bits *bits, const uint8_t *data, const struct parsed *parsed,
	 struct classified *result)
{
	const uint8_t *l4 = data + parsed->l4_at;
	uint32_t bytes = parsed->ip_end - parsed->l4_at, udp_bytes, crc;

	if (!parsed->whole || parsed->ip_end < parsed->l4_at || parsed->rerouted)
		return;
	if (parsed->l4 == PROTO_UDP && bytes >= 8) {
		udp_bytes = read_be16(l4 + 4);
		/* No checksum, nothing to check. */
		if (read_be16(l4 + 6) == 0 || udp_bytes < 8 || udp_bytes > bytes)
			return;
		result->status |= STATUS_UDPCS | STATUS_L4CS;
		if (!l4_sum_is_good(data, parsed, udp_bytes))
			result->status |= bits->error_l4;
	} else if (parsed->l4 == PROTO_TCP && bytes >= 20) {
		result->status |= STATUS_L4CS;
		if (!l4_sum_is_good(data, parsed, bytes))
			result->status |= bits->error_l4;
	} else if (parsed->l4 == PROTO_SCTP && bytes >= 12) {
		memcpy(&crc, l4 + 8, sizeof(crc));
		result->status |= STATUS_L4CS;
		if (le32toh(crc) != crc32c_around(l4, bytes, 8))
			result->status |= bits->error_l4;
	}
}

/* The most that may be hashed of this frame. */
static enum rss_type
rss_type_of(uint16_t types, const struct parsed *parsed)
{
	bool ex = parsed->options;
	enum rss_type type = RSS_NONE;

	types &= (uint16_t)~1u;
	if (parsed->ip == 4) {
		if (parsed->l4 == PROTO_TCP)
			type = first_type(types, RSS_IPV4_TCP, RSS_IPV4, RSS_IPV4);
		else if (parsed->l4 == PROTO_UDP)
			type = first_type(types, RSS_IPV4_UDP, RSS_IPV4, RSS_IPV4);
		else
			type = first_type(types, RSS_IPV4, RSS_IPV4, RSS_IPV4);
	} else if (parsed->ip == 6) {
		if (parsed->l4 == PROTO_TCP)
			type = first_type(types, ex ? RSS_IPV6_TCP_EX : RSS_IPV6_TCP,
					  ex ? RSS_IPV6_TCP : RSS_IPV6_TCP_EX, RSS_NONE);
		else if (parsed->l4 == PROTO_UDP)
			type = first_type(types, ex ? RSS_IPV6_UDP_EX : RSS_IPV6_UDP,
					  ex ? RSS_IPV6_UDP : RSS_IPV6_UDP_EX, RSS_NONE);
		if (type == RSS_NONE)
			type = first_type(types, ex ? RSS_IPV6_EX : RSS_IPV6,
					  ex ? RSS_IPV6 : RSS_IPV6_EX, RSS_NONE);
	}
	return type;
}

static void
hash_frame(const struct nic *nic, const struct rss *rss, const uint8_t *data, uint32_t len,
	   const struct parsed *parsed, struct classified *result)
{
	bool ex, ports;
	unsigned int bytes = parsed->ip == 4 ? 4 : 16;
	const uint8_t *src = parsed->src, *dst = parsed->dst;
	uint8_t input[36];

	result->rss_type = (uint8_t)rss_type_of(rss->types, parsed);
	if (result->rss_type == RSS_NONE)
		return;
	ex = result->rss_type == RSS_IPV6_EX || result->rss_type == RSS_IPV6_TCP_EX ||
	     result->rss_type == RSS_IPV6_UDP_EX;
	if (parsed->ip == 6 && !ex) {
		src = data + parsed->l3_at + 8;
		dst = data + parsed->l3_at + 24;
	}
	memcpy(input, src, bytes);
	memcpy(input + bytes, dst, bytes);
	bytes *= 2;
	ports = result->rss_type != RSS_IPV4 && result->rss_type != RSS_IPV6 &&
		result->rss_type != RSS_IPV6_EX;
	if (ports && parsed->l4_at + 4 <= len) {
		memcpy(input + bytes, data + parsed->l4_at, 4);
		bytes += 4;
	}
	result->hash = rss_hash(nic, rss, input, bytes);
}

/* @return whether a filter names the frame's ethertype: then nothing else is said of it */
static bool
match_etype(const struct nic *nic, uint16_t etype, struct classified *result)
{
	for (unsigned int i = 0; i < NIC_ETYPES_MAX; i++) {
		if (nic->filters.etype[i].enabled && nic->filters.etype[i].etype == etype) {
			result->packet_type = (uint16_t)(TYPE_ETQF | i << TYPE_ETQF_SHIFT);
			return true;
		}
	}
	return false;
}

/* What the headers say, and whether their sums are right. */
static void
look_at_packet(const struct nic *nic, const uint8_t *data, const struct parsed *parsed,
	       struct classified *result)
{
	result->packet_type |= packet_type(parsed);
	if (nic->port.check_ip && parsed->ip == 4) {
		result->status |= STATUS_IPCS;
		if (checksum_add(0, data + parsed->l3_at, parsed->l4_at - parsed->l3_at) != 0xffff)
			result->status |= nic->family->rxd.error_ip;
	}
	if (nic->port.check_l4)
		check_l4(&nic->family->rxd, data, parsed, result);
}

/* Types and sums are of the frame inside; of the outer header, only whether its sum is right. */
static void
look_into_tunnel(const struct nic *nic, const uint8_t *data, uint32_t len,
		 const struct parsed *outer, const struct tunnel *tunnel,
		 struct classified *result)
{
	const struct rxd_bits *bits = &nic->family->rxd;
	struct parsed inner;

	result->packet_type = tunnel->type;
	if (nic->port.check_ip) {
		result->status |= bits->outer_ip_checked;
		if (checksum_add(0, data + outer->l3_at, outer->l4_at - outer->l3_at) != 0xffff)
			result->status |= bits->error_outer_ip;
	}
	data += tunnel->inner_at;
	len -= tunnel->inner_at;
	frame_parse(nic, data, len, &inner);
	if (inner.ip != 0)
		look_at_packet(nic, data, &inner, result);
}

void
classify_any(const struct nic *nic, const struct rss *rss, const uint8_t *data, uint32_t len,
	     struct classified *result)
{
	struct parsed parsed;
	struct tunnel tunnel;

	*result = (struct classified){ 0 };
	frame_parse(nic, data, len, &parsed);
	if (datapath_of(nic)->plan.etypes && match_etype(nic, parsed.etype, result))
		return;
	if (parsed.ip == 0)
		return;
	if (nic->family->tunnels && tunnel_find(nic, data, len, &parsed, &tunnel)) {
		look_into_tunnel(nic, data, len, &parsed, &tunnel, result);
	} else {
		result->packet_type = tunnel_type(data, len, &parsed);
		look_at_packet(nic, data, &parsed, result);
	}
	if (parsed.ip == 4) {
		result->fragment = read_be16(data + parsed.l3_at + 4);
		result->status |= ip_id_status(nic);
	}
	/* Software adds up the sums of a datagram's fragments. */
	if (nic->port.fragment_checksum && parsed.fragment && parsed.whole)
		result->fragment |= (uint32_t)checksum_add(0, data + parsed.l4_at,
							   parsed.ip_end - parsed.l4_at) << 16;
	if (rss != NULL && rss->enabled)
		hash_frame(nic, rss, data, len, &parsed, result);
}

void
classify(const struct nic *nic, const struct rss *rss, const uint8_t *data, uint32_t len,
	 struct classified *result)
{
	if (datapath_of(nic)->plan.etypes || !classify_common(nic, rss, data, len, result))
		classify_any(nic, rss, data, len, result);
}
