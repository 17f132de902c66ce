/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <stdlib.h>

#include "family_82599.h"

#define RETA_LOW         128	/* entries of RETA; the others are in ERETA */
#define POOL_RETA        64	/* entries of a pool's own table */
#define POOL_RETA_MASK   0x3
#define POOL_WORDS       16	/* from one pool's table or key to the next */

/** MRQC 31:16 and VFMRQC 31:16 -> RSS types of the write-back (3.5, 4.2) */
static uint16_t
types_of(uint32_t mrqc)
{
	static const struct {
		uint8_t bit, type;
	} fields[] = {
		{ 16, 1 }, { 17, 2 }, { 18, 6 }, { 19, 4 }, { 20, 5 }, { 21, 3 }, { 22, 7 },
		{ 23, 8 }, { 24, 9 },
	};
	uint16_t types = 0;

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (mrqc & BIT(fields[i].bit))
			types |= 1u << fields[i].type;
	return types;
}

static uint8_t
byte_of(struct nic *nic, uint32_t offset, unsigned int byte)
{
	return *pf_csr(nic, offset + byte / 4 * 4) >> (8 * (byte % 4));
}

static void
decode_port(struct nic *nic)
{
	/* MRQC.3:0 of those with RSS */
	static const bool has_rss[16] = {
		[0x1] = true, [0x4] = true, [0x5] = true, [0xa] = true, [0xb] = true,
	};
	const struct variant_82599 *variant = variant_82599(nic);
	uint32_t mrqc = *pf_csr(nic, R_MRQC);
	struct rss *rss = &nic->rss;

	rss->enabled = has_rss[MRQC_MODE(mrqc)];
	rss->types = types_of(mrqc);
	for (unsigned int byte = 0; byte < sizeof(rss->key); byte++)
		rss->key[byte] = byte_of(nic, R_RSSRK, byte);
	rss->reta_size = variant->reta_entries;
	for (unsigned int i = 0; i < variant->reta_entries; i++)
		rss->reta[i] = variant->reta_mask &
			       (i < RETA_LOW ? byte_of(nic, R_RETA, i) :
					       byte_of(nic, R_ERETA, i - RETA_LOW));
}

static void
decode_pool(struct nic *nic, unsigned int pool)
{
	uint32_t vfmrqc = *pf_csr(nic, R_PFVFMRQC + 4 * pool);
	struct rss *rss = &nic->pool_rss[pool];

	rss->enabled = (vfmrqc & VFMRQC_RSS) != 0;
	rss->types = types_of(vfmrqc);
	for (unsigned int byte = 0; byte < sizeof(rss->key); byte++)
		rss->key[byte] = byte_of(nic, R_PFVFRSSRK + 4 * POOL_WORDS * pool, byte);
	rss->reta_size = POOL_RETA;
	for (unsigned int i = 0; i < POOL_RETA; i++)
		rss->reta[i] = POOL_RETA_MASK &
			       byte_of(nic, R_PFVFRETA + 4 * POOL_WORDS * pool, i);
}

/** nic.c frees what there is when the port goes. */
static void
have_pool_rss(struct nic *nic, bool wanted)
{
	if (wanted == (nic->pool_rss != NULL))
		return;
	if (wanted) {
		nic->pool_rss = calloc(NIC_POOLS_MAX, sizeof(*nic->pool_rss));
	} else {
		free(nic->pool_rss);
		nic->pool_rss = NULL;
	}
}

void
rss_82599_decode(struct nic *nic)
{
	decode_port(nic);
	have_pool_rss(nic, variant_82599(nic)->pool_rss &&
			   (*pf_csr(nic, R_MRQC) & MRQC_MULTIPLE_RSS) != 0);
	for (unsigned int pool = 0; nic->pool_rss != NULL && pool < NIC_POOLS_MAX; pool++)
		decode_pool(nic, pool);
	nic_changed(nic);
}

void
rss_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	struct nic *nic = fn->nic;

	(void)i;
	(void)old;
	(void)written;
	rss_82599_decode(nic);
	pools_82599_decode(nic);	/* MRQC is geometry, too */
}

void
pool_rss_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)i;
	(void)old;
	(void)written;
	rss_82599_decode(fn->nic);
}
