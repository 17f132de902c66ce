/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * What the Rx engines see in a frame: packet type, checksums, RSS.
 * 82576 sheet 4.2, 5.1, 5.5; 82599 sheet 3.5, 4.2, 5.1.
 */
#include <endian.h>

#include "rx_quick.h"

/* Bits of the packet type, as in the write-back's first dword. */
enum {
	TYPE_IPV4 = 1 << 4, TYPE_IPV4_OPTIONS = 1 << 5,
	TYPE_IPV6 = 1 << 6, TYPE_IPV6_EXTENSIONS = 1 << 7,
	TYPE_TCP = 1 << 8, TYPE_UDP = 1 << 9, TYPE_SCTP = 1 << 10,
	TYPE_ESP = 1 << 12, TYPE_AH = 1 << 13,
	TYPE_ETQF = 1 << 15, TYPE_ETQF_SHIFT = 4,
};

enum rss_type {
	RSS_NONE, RSS_IPV4_TCP, RSS_IPV4, RSS_IPV6_TCP, RSS_IPV6_EX, RSS_IPV6, RSS_IPV6_TCP_EX,
	RSS_IPV4_UDP, RSS_IPV6_UDP, RSS_IPV6_UDP_EX,
};

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
	uint32_t bytes = parsed->ip_end - parsed->l4_at, crc;

	if (!parsed->whole || parsed->ip_end < parsed->l4_at || parsed->rerouted)
		return;
	if (parsed->l4 == PROTO_UDP && bytes >= 8) {
		/* No checksum, nothing to check. */
		if (read_be16(l4 + 6) == 0 || read_be16(l4 + 4) < 8 || read_be16(l4 + 4) > bytes)
			return;
		result->status |= STATUS_UDPCS | STATUS_L4CS;
		if (!l4_sum_is_good(data, parsed, read_be16(l4 + 4)))
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

static enum rss_type
first_type(uint16_t types, enum rss_type a, enum rss_type b, enum rss_type c)
{
	if ((types >> a & 1) != 0)
		return a;
	if ((types >> b & 1) != 0)
		return b;
	return (types >> c & 1) != 0 ? c : RSS_NONE;
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

/* As checksum_add(), of a header without options. */
static inline bool
header_sum_is_good(const uint8_t *ip)
{
	uint64_t first, second, sum;
	uint32_t third;

	memcpy(&first, ip, sizeof(first));
	memcpy(&second, ip + 8, sizeof(second));
	memcpy(&third, ip + 16, sizeof(third));
	sum = (first & 0xffffffff) + (first >> 32) + (second & 0xffffffff) + (second >> 32) + third;
	/* All ones: a multiple of them, and no header is all zeros. */
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff;
}

/* As checksum_add(), of 8 bytes or more: the last word may overlap what was added before. */
static inline bool
l4_sum_is_right(uint64_t sum, const uint8_t *data, uint32_t bytes)
{
	uint64_t quad;

	for (; bytes >= 8; bytes -= 8, data += 8) {
		memcpy(&quad, data, sizeof(quad));
		sum += quad;
		sum += sum < quad;
	}
	if (bytes > 0) {
		memcpy(&quad, data + bytes - 8, sizeof(quad));
		quad = le64toh(quad) >> (64 - 8 * bytes);
		sum += htole64(quad);
		sum += sum < quad;
	}
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16 & 0xffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	return ((sum & 0xffff) + (sum >> 16)) == 0xffff;
}

/*
 * What most frames are: IPv4 without options, whole, with TCP or UDP. As the general way sees them,
 * but addresses and ports lie in a row.
 *
 * @return false: something else
 */
static inline bool
classify_common(const struct nic *nic, const struct rss *rss, const uint8_t *data, uint32_t len,
		struct classified *result)
{
	const uint8_t *ip = data + ETHERNET_BYTES;
	uint32_t total, l4_bytes, sum, status = 0;
	bool udp;

	if (len < 60 || read_be16(data + ADDRESSES_BYTES) != ETYPE_IPV4 || ip[0] != 0x45)
		return false;
	total = read_be16(ip + 2);
	udp = ip[9] == PROTO_UDP;
	l4_bytes = total - 20;
	if (total > len - ETHERNET_BYTES || total < 40 || (read_be16(ip + 6) & 0x3fff) != 0 ||
	    (!udp && ip[9] != PROTO_TCP) || nic->filters.vlan_etype == ETYPE_IPV4 ||
	    (udp && (read_be16(ip + 26) == 0 || read_be16(ip + 24) != l4_bytes)))
		return false;
	result->packet_type = TYPE_IPV4 | (udp ? TYPE_UDP : TYPE_TCP);
	if (nic->port.check_ip) {
		status = STATUS_IPCS;
		if (!header_sum_is_good(ip))
			status |= nic->family->rxd.error_ip;
	}
	if (nic->port.check_l4) {
		status |= udp ? STATUS_L4CS | STATUS_UDPCS : STATUS_L4CS;
		sum = htobe16(ip[9]) + (uint32_t)htobe16((uint16_t)l4_bytes);
		if (!l4_sum_is_right(sum, ip + 12, 8 + l4_bytes))
			status |= nic->family->rxd.error_l4;
	}
	result->status = status;
	result->rss_type = RSS_NONE;
	result->hash = 0;
	result->fragment = read_be16(ip + 4);
	if (rss != NULL && rss->enabled) {
		result->rss_type = (uint8_t)first_type(rss->types & 0xfffe,
						       udp ? RSS_IPV4_UDP : RSS_IPV4_TCP, RSS_IPV4,
						       RSS_IPV4);
		if (result->rss_type != RSS_NONE)
			result->hash = rss_hash(nic, rss, ip + 12,
						result->rss_type == RSS_IPV4 ? 8 : 12);
	}
	return true;
}

static void __attribute__((noinline))
classify_any(const struct nic *nic, const struct rss *rss, const uint8_t *data, uint32_t len,
	     struct classified *result)
{
	struct parsed parsed;

	*result = (struct classified){ 0 };
	frame_parse(nic, data, len, &parsed);
	if (datapath_of(nic)->plan.etypes && match_etype(nic, parsed.etype, result))
		return;
	if (parsed.ip == 0)
		return;
	result->packet_type = packet_type(&parsed);
	if (parsed.ip == 4)
		result->fragment = read_be16(data + parsed.l3_at + 4);
	/* Software adds up the sums of a datagram's fragments. */
	if (nic->port.fragment_checksum && parsed.fragment && parsed.whole)
		result->fragment |= (uint32_t)checksum_add(0, data + parsed.l4_at,
							   parsed.ip_end - parsed.l4_at) << 16;
	if (nic->port.check_ip && parsed.ip == 4) {
		result->status |= STATUS_IPCS;
		if (checksum_add(0, data + parsed.l3_at, parsed.l4_at - parsed.l3_at) != 0xffff)
			result->status |= nic->family->rxd.error_ip;
	}
	if (nic->port.check_l4)
		check_l4(&nic->family->rxd, data, &parsed, result);
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
