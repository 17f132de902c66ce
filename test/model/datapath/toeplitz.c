/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* The hash of RSS: 82576 sheet 5.5, 82599 sheet 3.5. */
#include "engine.h"

/* 32 bits of the key, from bit @p at on. */
static uint32_t
key_window(const uint8_t key[40], unsigned int at)
{
	uint64_t bits = 0;

	for (unsigned int i = 0; i < 5; i++)
		bits = bits << 8 | (at / 8 + i < 40 ? key[at / 8 + i] : 0);
	return (uint32_t)(bits >> (8 - at % 8));
}

uint32_t
rss_toeplitz(const uint8_t key[40], const uint8_t *input, unsigned int bytes)
{
	uint32_t hash = 0;

	for (unsigned int bit = 0; bit < bytes * 8; bit++)
		if ((input[bit / 8] >> (7 - bit % 8) & 1) != 0)
			hash ^= key_window(key, bit);
	return hash;
}

static void
table_fill(struct toeplitz_table *table, const uint8_t key[40])
{
	for (unsigned int nibble = 0; nibble < TOEPLITZ_NIBBLES; nibble++) {
		for (unsigned int value = 0; value < 16; value++) {
			uint32_t sum = 0;

			for (unsigned int bit = 0; bit < 4; bit++)
				if ((value >> (3 - bit) & 1) != 0)
					sum ^= key_window(key, nibble * 4 + bit);
			table->value[nibble][value] = sum;
		}
	}
	memcpy(table->key, key, sizeof(table->key));
	table->filled = true;
}

uint32_t
rss_hash(struct datapath *dp, const struct rss *rss, const uint8_t *input, unsigned int bytes)
{
	/* The port's table and those of a few pools; a clash only costs time. */
	struct toeplitz_table *table =
		&dp->toeplitz[(uintptr_t)rss / sizeof(*rss) % TOEPLITZ_TABLES];
	uint32_t hash = 0;

	if (!table->filled || memcmp(table->key, rss->key, sizeof(table->key)) != 0)
		table_fill(table, rss->key);
	for (unsigned int i = 0; i < bytes; i++)
		hash ^= table->value[2 * i][input[i] >> 4] ^ table->value[2 * i + 1][input[i] & 15];
	return hash;
}
