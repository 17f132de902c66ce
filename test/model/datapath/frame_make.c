/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <string.h>

#include "frame_make.h"

uint16_t
plain_sum(uint32_t sum, const uint8_t *data, uint32_t bytes)
{
	for (uint32_t i = 0; i < bytes; i++) {
		sum += i % 2 == 0 ? (uint32_t)data[i] << 8 : data[i];
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return (uint16_t)((sum & 0xffff) + (sum >> 16));
}

uint32_t
plain_crc32c(const uint8_t *data, uint32_t bytes)
{
	uint32_t crc = 0xffffffff;

	for (uint32_t i = 0; i < bytes * 8; i++) {
		uint32_t bit = (data[i / 8] >> (i % 8) & 1) ^ (crc & 1);

		crc = crc >> 1 ^ (bit != 0 ? 0x82f63b78 : 0);
	}
	return ~crc;
}

static uint32_t
l4_header_bytes(enum l4 l4)
{
	switch (l4) {
	case MAKE_TCP:
		return 20;
	case MAKE_UDP:
		return 8;
	case MAKE_SCTP:
		return 12;
	default:
		return 0;
	}
}

static uint32_t
make_ip(const struct make *make, uint8_t *ip, uint32_t l4_bytes)
{
	uint32_t header = make->ip_options ? 24 : 20;

	if (make->ipv6) {
		ip[0] = 0x60;
		put16(ip + 4, l4_bytes);
		ip[6] = (uint8_t)make->l4;
		ip[7] = 64;
		memcpy(ip + 8, (const uint8_t[]){ 0x20, 1, 0xd, 0xb8, [15] = 1 }, 16);
		memcpy(ip + 24, (const uint8_t[]){ 0x20, 1, 0xd, 0xb8, [15] = 2 }, 16);
		return 40;
	}
	ip[0] = (uint8_t)(0x40 | header / 4);
	put16(ip + 2, header + l4_bytes);
	put16(ip + 4, 0x1234);
	ip[8] = 64;
	ip[9] = (uint8_t)make->l4;
	memcpy(ip + 12, (const uint8_t[]){ 198, 18, 0, 1, 198, 18, 0, 2 }, 8);
	if (make->ip_options)
		memset(ip + 20, 1, 4);
	if (!make->no_sums)
		put16(ip + 10, (uint16_t)~plain_sum(0, ip, header));
	return header;
}

static void
make_l4(const struct make *make, struct made *made, uint32_t l4_bytes)
{
	uint8_t *l4 = made->data + made->l4_at;

	if (make->l4 == MAKE_NONE)
		return;
	put16(l4, make->sport);
	put16(l4 + 2, make->dport);
	if (make->l4 == MAKE_UDP) {
		put16(l4 + 4, l4_bytes);
	} else if (make->l4 == MAKE_TCP) {
		put16(l4 + 4, 0x0102);
		put16(l4 + 6, 0xff00);
		l4[12] = 0x50;
		l4[13] = 0x99;	/* CWR, ACK, PSH, FIN */
	}
	if (make->no_sums)
		return;
	if (make->l4 == MAKE_SCTP) {
		uint32_t crc = plain_crc32c(l4, l4_bytes);

		for (unsigned int i = 0; i < 4; i++)
			l4[8 + i] = (uint8_t)(crc >> (8 * i));
		return;
	}
	put16(l4 + (make->l4 == MAKE_TCP ? 16 : 6),
	      (uint16_t)~plain_sum(pseudo_sum(made, true), l4, l4_bytes));
}

void
frame_make(const struct make *make, struct made *made)
{
	static const uint8_t any[] = { 0x02, 0, 0, 0, 0x10, 0 };
	uint32_t at = 12, l4_bytes = l4_header_bytes(make->l4) + make->payload;

	memset(made->data, 0, 256);
	memcpy(made->data, make->dst != NULL ? make->dst : any, 6);
	memcpy(made->data + 6, make->src != NULL ? make->src : any, 6);
	if (make->tagged) {
		put16(made->data + 12, 0x8100);
		put16(made->data + 14, make->tci);
		at = 16;
	}
	put16(made->data + at, make->ipv6 ? 0x86dd : 0x0800);
	made->l3_at = at + 2;
	made->l4_at = made->l3_at + make_ip(make, made->data + made->l3_at, l4_bytes);
	made->payload_at = made->l4_at + l4_header_bytes(make->l4);
	for (uint32_t i = 0; i < make->payload; i++)
		made->data[made->payload_at + i] = (uint8_t)(i * 7 + (i >> 8));
	made->len = made->payload_at + make->payload;
	make_l4(make, made, l4_bytes);
	if (made->len < 60) {
		memset(made->data + made->len, 0, 60 - made->len);
		made->len = 60;
	}
}

uint16_t
pseudo_sum(const struct made *made, bool with_length)
{
	const uint8_t *ip = made->data + made->l3_at;
	bool ipv6 = ip[0] >> 4 == 6;
	uint32_t bytes = ipv6 ? get16(ip + 4) : get16(ip + 2) - (ip[0] & 15u) * 4;
	uint32_t sum = (ipv6 ? ip[6] : ip[9]) + (with_length ? bytes : 0);

	return ipv6 ? plain_sum(sum, ip + 8, 32) : plain_sum(sum, ip + 12, 8);
}

bool
frame_sums_are_right(const uint8_t *data, uint32_t len)
{
	static struct made made;
	uint32_t at = get16(data + 12) == 0x8100 ? 18 : 14, bytes;
	const uint8_t *ip = data + at;
	bool ipv6 = ip[0] >> 4 == 6;
	uint8_t l4 = ipv6 ? ip[6] : ip[9];

	memcpy(made.data, data, len);
	made.l3_at = at;
	made.l4_at = at + (ipv6 ? 40 : (ip[0] & 15u) * 4);
	if (!ipv6 && plain_sum(0, ip, (ip[0] & 15u) * 4) != 0xffff)
		return false;
	bytes = ipv6 ? get16(ip + 4) : get16(ip + 2) - (ip[0] & 15u) * 4;
	if (made.l4_at + bytes > len)
		return false;
	if (l4 == MAKE_SCTP) {
		uint8_t *field = made.data + made.l4_at + 8;
		uint32_t crc = field[0] | (uint32_t)field[1] << 8 | (uint32_t)field[2] << 16 |
			       (uint32_t)field[3] << 24;

		memset(field, 0, 4);
		return crc == plain_crc32c(made.data + made.l4_at, bytes);
	}
	if (l4 == MAKE_UDP && get16(data + made.l4_at + 6) == 0)
		return false;
	return plain_sum(pseudo_sum(&made, true), data + made.l4_at, bytes) == 0xffff;
}
