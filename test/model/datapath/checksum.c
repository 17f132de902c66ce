/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <endian.h>

#include "engine.h"

/* Remainders of 4 bits: reflected polynomials of Ethernet and of SCTP. */
static const uint32_t crc32_nibble[16] = {
	0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158,
	0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4,
	0xa00ae278, 0xbdbdf21c,
};
static const uint32_t crc32c_nibble[16] = {
	0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3, 0x61c69362,
	0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9, 0xc38d26c4, 0xd3d3e1ab,
	0xe330a81a, 0xf36e6f75,
};

static uint32_t
crc_add(const uint32_t table[16], uint32_t crc, const uint8_t *data, uint32_t bytes)
{
	for (uint32_t i = 0; i < bytes; i++) {
		crc ^= data[i];
		crc = crc >> 4 ^ table[crc & 15];
		crc = crc >> 4 ^ table[crc & 15];
	}
	return crc;
}

uint32_t
crc32_ethernet(uint32_t crc, const uint8_t *data, uint32_t bytes)
{
	return ~crc_add(crc32_nibble, ~crc, data, bytes);
}

uint32_t
crc32c_around(const uint8_t *data, uint32_t bytes, uint32_t zero_at)
{
	static const uint8_t zeros[4];
	uint32_t crc = crc_add(crc32c_nibble, ~0u, data, zero_at);

	crc = crc_add(crc32c_nibble, crc, zeros, sizeof(zeros));
	zero_at += (uint32_t)sizeof(zeros);
	return ~crc_add(crc32c_nibble, crc, data + zero_at, bytes - zero_at);
}

uint16_t
checksum_add(uint32_t sum, const uint8_t *data, uint32_t bytes)
{
	uint64_t total = sum;
	uint32_t word;
	uint16_t half;

	/* 2^64 is 1 in this arithmetic: a carry comes back in at the bottom. */
	for (; bytes >= 8; bytes -= 8, data += 8) {
		uint64_t quad;

		memcpy(&quad, data, sizeof(quad));
		total += quad;
		total += total < quad;
	}
	total = (total & 0xffffffff) + (total >> 32);
	if (bytes >= 4) {
		memcpy(&word, data, sizeof(word));
		total += word;
		data += 4;
		bytes -= 4;
	}
	if (bytes >= 2) {
		memcpy(&half, data, sizeof(half));
		total += half;
		data += 2;
		bytes -= 2;
	}
	if (bytes > 0)
		total += htobe16((uint16_t)(data[0] << 8));
	while (total >> 16 != 0)
		total = (total & 0xffff) + (total >> 16);
	return (uint16_t)total;
}
