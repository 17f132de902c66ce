/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* The hash of RSS: 82576 sheet 5.5, 82599 sheet 3.5. */
#include <stdlib.h>

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
	for (unsigned int i = 0; i < TOEPLITZ_BYTES; i++) {
		table->value[i][0] = 0;
		for (unsigned int value = 1; value < 256; value++) {
			unsigned int lowest = (unsigned int)__builtin_ctz(value);

			table->value[i][value] = table->value[i][value & (value - 1)] ^
						 key_window(key, i * 8 + 7 - lowest);
		}
	}
	memcpy(table->key, key, sizeof(table->key));
}

static inline struct toeplitz_table *
table_of(const struct nic *nic, const struct rss *rss)
{
	struct datapath *dp = datapath_of(nic);
	size_t which = rss == &nic->rss ? 0 : 1 + (size_t)(rss - nic->pool_rss);
	struct toeplitz_table *table = dp->toeplitz[which];

	if (table == NULL) {
		table = dp->toeplitz[which] = calloc(1, sizeof(*table));
		if (table == NULL)
			return NULL;
		table_fill(table, rss->key);
	}
	if (table->burst != dp->burst) {
		table->burst = dp->burst;
		if (memcmp(table->key, rss->key, sizeof(table->key)) != 0)
			table_fill(table, rss->key);
	}
	return table;
}

uint32_t
rss_hash(const struct nic *nic, const struct rss *rss, const uint8_t *input, unsigned int bytes)
{
	const struct toeplitz_table *table = table_of(nic, rss);
	const uint32_t (*row)[256];
	uint32_t hash = 0;

	if (table == NULL)
		return rss_toeplitz(rss->key, input, bytes);
	/* Addresses and ports: always a multiple of 4. */
	for (row = table->value; bytes > 0; bytes -= 4, input += 4, row += 4)
		hash ^= row[0][input[0]] ^ row[1][input[1]] ^ row[2][input[2]] ^ row[3][input[3]];
	return hash;
}
