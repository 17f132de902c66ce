/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What classify.c finds in most frames, where lanes can have it inline.
 */
#ifndef MODEL_CLASSIFY_QUICK_H
#define MODEL_CLASSIFY_QUICK_H

#include <endian.h>

#include "rx_quick.h"

/** Bits of the packet type, as in the write-back's first dword. */
enum {
	TYPE_IPV4 = 1 << 4, TYPE_IPV4_OPTIONS = 1 << 5,
	TYPE_IPV6 = 1 << 6, TYPE_IPV6_EXTENSIONS = 1 << 7,
	TYPE_TCP = 1 << 8, TYPE_UDP = 1 << 9, TYPE_SCTP = 1 << 10,
	TYPE_VXLAN = 1 << 11,
	TYPE_ESP = 1 << 12, TYPE_AH = 1 << 13,
	TYPE_ETQF = 1 << 15, TYPE_ETQF_SHIFT = 4,
	TYPE_TUNNEL = 1 << 16,
};

enum rss_type {
	RSS_NONE, RSS_IPV4_TCP, RSS_IPV4, RSS_IPV6_TCP, RSS_IPV6_EX, RSS_IPV6, RSS_IPV6_TCP_EX,
	RSS_IPV4_UDP, RSS_IPV6_UDP, RSS_IPV6_UDP_EX,
};

/** A frame of which classify_common() knows nothing. */
void classify_any(const struct nic *nic, const struct rss *rss, const uint8_t *data, uint32_t len,
		  struct classified *result);

static inline enum rss_type
first_type(uint16_t types, enum rss_type a, enum rss_type b, enum rss_type c)
{
	if ((types >> a & 1) != 0)
		return a;
	if ((types >> b & 1) != 0)
		return b;
	return (types >> c & 1) != 0 ? c : RSS_NONE;
}

/** Sums of words, of one's complement: all ones are a multiple of them, as 2^16 is 1 there. */
static inline bool
sum_is_all_ones(uint64_t sum)
{
	return sum % 0xffff == 0;
}

/** As checksum_add(), of a header without options; it is not all zeros. */
static inline bool
header_sum_is_good(const uint8_t *ip)
{
	uint64_t first, second;
	uint32_t third;

	memcpy(&first, ip, sizeof(first));
	memcpy(&second, ip + 8, sizeof(second));
	memcpy(&third, ip + 16, sizeof(third));
	return sum_is_all_ones((first & 0xffffffff) + (first >> 32) + (second & 0xffffffff) +
			       (second >> 32) + third);
}

static inline uint64_t
sum_quad(uint64_t sum, const uint8_t *data)
{
	uint64_t quad;

	memcpy(&quad, data, sizeof(quad));
	sum += quad;
	return sum + (sum < quad);
}

/** The rest of a sum: @p bytes up to @p end, before which there are 8 at least. */
static inline uint64_t
sum_tail(uint64_t sum, const uint8_t *end, uint32_t bytes)
{
	uint64_t quad;

	for (; bytes >= 8; bytes -= 8)
		sum = sum_quad(sum, end - bytes);
	if (bytes == 0)
		return sum;
	memcpy(&quad, end - 8, sizeof(quad));
	quad = htole64(le64toh(quad) >> (64 - 8 * bytes));
	sum += quad;
	return sum + (sum < quad);
}

/** As checksum_add(), of 8 bytes or more. Those of a frame of 64 bytes are 28 to 38. */
static inline bool
l4_sum_is_right(uint64_t sum, const uint8_t *data, uint32_t bytes)
{
	const uint8_t *end = data + bytes;

	for (; __builtin_expect(bytes >= 64, 0); bytes -= 32, data += 32)
		sum = sum_quad(sum_quad(sum_quad(sum_quad(sum, data), data + 8), data + 16),
			       data + 24);
	if (bytes >= 32) {
		sum = sum_quad(sum_quad(sum_quad(sum_quad(sum, data), data + 8), data + 16),
			       data + 24);
		bytes -= 32;
	}
	return sum_is_all_ones(sum_tail(sum, end, bytes));
}

static inline uint64_t
quad_at(const uint8_t *data)
{
	uint64_t quad;

	memcpy(&quad, data, sizeof(quad));
	return be64toh(quad);
}

/* Of a frame's bytes 12 to 19: ethertype, version and header length. 20 to 27: fragments. */
#define COMMON_MASK	 0xffffff0000000000ULL
#define COMMON_VALUE	 0x0800450000000000ULL
#define COMMON_FRAGMENTS 0x3fff000000000000ULL

/** Of an IPv4 packet whose identification is delivered. */
static inline uint32_t
ip_id_status(const struct nic *nic)
{
	return nic->port.fragment_checksum ? nic->family->rxd.ip_id : 0;
}

/**
 * What most frames are: IPv4 without options, whole, with TCP or UDP. As the general way sees them,
 * but addresses and ports lie in a row.
 *
 * @return false: something else
 */
static inline __attribute__((always_inline)) bool
classify_common(const struct nic *nic, const struct rss *rss, const uint8_t *data, uint32_t len,
		struct classified *result)
{
	const uint8_t *ip = data + ETHERNET_BYTES;
	uint64_t first = quad_at(data + ADDRESSES_BYTES), second = quad_at(data + 20);
	uint32_t total = first >> 16 & 0xffff, l4_bytes = total - 20, status = 0;
	uint8_t protocol = (uint8_t)(second >> 32);
	bool udp = protocol == PROTO_UDP;

	if (len < 60 || (first & COMMON_MASK) != COMMON_VALUE || (second & COMMON_FRAGMENTS) != 0 ||
	    total > len - ETHERNET_BYTES || total < 40 || nic->filters.vlan_etype == ETYPE_IPV4)
		return false;
	if (udp) {
		uint64_t header = quad_at(ip + 20);

		if ((header & 0xffff) == 0 || (header >> 16 & 0xffff) != l4_bytes ||
		    (header >> 32 & 0xffff) == nic->port.vxlan_port)
			return false;
	} else if (protocol != PROTO_TCP) {
		return false;
	}
	result->packet_type = TYPE_IPV4 | (udp ? TYPE_UDP : TYPE_TCP);
	if (nic->port.check_ip) {
		status = STATUS_IPCS;
		if (!header_sum_is_good(ip))
			status |= nic->family->rxd.error_ip;
	}
	if (nic->port.check_l4) {
		status |= udp ? STATUS_L4CS | STATUS_UDPCS : STATUS_L4CS;
		if (!l4_sum_is_right(htobe16(protocol) + (uint32_t)htobe16((uint16_t)l4_bytes),
				     ip + 12, 8 + l4_bytes))
			status |= nic->family->rxd.error_l4;
	}
	result->status = status | ip_id_status(nic);
	result->rss_type = RSS_NONE;
	result->hash = 0;
	result->fragment = (uint32_t)first & 0xffff;
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

#endif /* MODEL_CLASSIFY_QUICK_H */
