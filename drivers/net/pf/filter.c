/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The tables PF and VFs share: who owns which address, VLAN and multicast hash.
 *
 * The books are the truth; the hardware is written from them, row by row, never read back.
 */
#include <errno.h>
#include <string.h>

#include "pf.h"

/* A pool without an address can receive nothing: such pools have a row set aside each. */
static unsigned int
rows_set_aside(const struct pf *pf, uint16_t asking)
{
	uint64_t lacking = pool_bit(pf->nb_vfs) - 1;
	unsigned int i;

	for (i = 0; i < pf->family->nb_rar; i++)
		lacking &= ~pf->filters.rar[i].pools;
	return __builtin_popcountll(lacking & ~pool_bit(asking));
}

static struct rar_entry *
find_mac(struct pf *pf, const struct mac_addr *mac)
{
	unsigned int i;

	for (i = 0; i < pf->family->nb_rar; i++)
		if (pf->filters.rar[i].pools != 0 && mac_equal(&pf->filters.rar[i].mac, mac))
			return &pf->filters.rar[i];
	return NULL;
}

static bool
pool_has_mac(const struct pf *pf, uint16_t pool)
{
	unsigned int i;

	for (i = 0; i < pf->family->nb_rar; i++)
		if ((pf->filters.rar[i].pools & pool_bit(pool)) != 0)
			return true;
	return false;
}

static struct rar_entry *
take_free_row(struct pf *pf, uint16_t pool)
{
	struct rar_entry *first = NULL;
	unsigned int i, nb_free = 0;

	for (i = 0; i < pf->family->nb_rar; i++) {
		if (pf->filters.rar[i].pools != 0)
			continue;
		if (first == NULL)
			first = &pf->filters.rar[i];
		nb_free++;
	}
	if (pool_has_mac(pf, pool) && nb_free <= rows_set_aside(pf, pool))
		return NULL;
	return first;
}

int
filter_add_mac(struct pf *pf, uint16_t pool, const struct mac_addr *mac)
{
	struct rar_entry *entry = find_mac(pf, mac);

	if (entry == NULL) {
		entry = take_free_row(pf, pool);
		if (entry == NULL)
			return -ENOSPC;
		entry->mac = *mac;
	}
	entry->pools |= pool_bit(pool);
	pf->family->write_rar(pf, entry - pf->filters.rar, entry);
	return 0;
}

int
filter_remove_mac(struct pf *pf, uint16_t pool, const struct mac_addr *mac)
{
	struct rar_entry *entry = find_mac(pf, mac);

	if (entry == NULL || (entry->pools & pool_bit(pool)) == 0)
		return -ENOENT;
	entry->pools &= ~pool_bit(pool);
	pf->family->write_rar(pf, entry - pf->filters.rar, entry);
	return 0;
}

static void
write_vlan_bit(struct pf *pf, uint16_t vlan, bool on)
{
	uint32_t *word = &pf->filters.vfta[vlan / 32];

	if (on)
		*word |= BIT(vlan % 32);
	else
		*word &= ~BIT(vlan % 32);
	pf->family->write_vfta(pf, vlan, *word);
}

/* The pools' entry of a VLAN, or a free one. */
static struct vlvf_entry *
find_vlan(struct pf *pf, uint16_t vlan)
{
	struct vlvf_entry *first_free = NULL;
	unsigned int i;

	for (i = 0; i < pf->family->nb_vlvf; i++) {
		struct vlvf_entry *entry = &pf->filters.vlvf[i];

		if (entry->pools != 0 && entry->vlan == vlan)
			return entry;
		if (entry->pools == 0 && first_free == NULL)
			first_free = entry;
	}
	return first_free;
}

int
filter_add_vlan(struct pf *pf, uint16_t pool, uint16_t vlan)
{
	struct vlvf_entry *entry;

	/* Without VFs no pool is asked, and all VLANs fit. */
	if (pf->nb_vfs > 0) {
		entry = find_vlan(pf, vlan);
		if (entry == NULL)
			return -ENOSPC;
		entry->vlan = vlan;
		entry->pools |= pool_bit(pool);
		pf->family->write_vlvf(pf, entry - pf->filters.vlvf, entry);
	}
	/* Last: a VLAN that passes here and has no pools goes to the default pool (8.5). */
	write_vlan_bit(pf, vlan, true);
	return 0;
}

int
filter_remove_vlan(struct pf *pf, uint16_t pool, uint16_t vlan)
{
	struct vlvf_entry *entry;

	if (pf->nb_vfs == 0) {
		write_vlan_bit(pf, vlan, false);
		return 0;
	}
	entry = find_vlan(pf, vlan);
	if (entry == NULL || entry->vlan != vlan || (entry->pools & pool_bit(pool)) == 0)
		return -ENOENT;
	entry->pools &= ~pool_bit(pool);
	if (entry->pools == 0)
		write_vlan_bit(pf, vlan, false);
	pf->family->write_vlvf(pf, entry - pf->filters.vlvf, entry);
	return 0;
}

void
filter_set_multicast(struct pf *pf, uint16_t pool, const uint32_t words[MULTICAST_WORDS])
{
	memcpy(pf->filters.multicast[pool], words, sizeof(pf->filters.multicast[pool]));
	filter_refresh_hashes(pf);
}

static void
write_table(struct pf *pf, uint32_t *written, const uint32_t words[MULTICAST_WORDS],
	    void (*write)(struct pf *pf, uint16_t word, uint32_t bits))
{
	uint16_t i;

	for (i = 0; i < MULTICAST_WORDS; i++) {
		if (written[i] == words[i])
			continue;
		written[i] = words[i];
		write(pf, i, words[i]);
	}
}

/* Those of the PF; all of them where a pool that accepts all does so by them. */
static void
write_unicast_hashes(struct pf *pf, bool all_unicast)
{
	uint32_t words[MULTICAST_WORDS];

	memcpy(words, pf->unicast_hash, sizeof(words));
	if (pf->all_unicast_hash || (all_unicast && pf->family->write_all_unicast == NULL))
		memset(words, 0xff, sizeof(words));
	write_table(pf, pf->filters.uta, words, pf->family->write_unicast_hash);
	if (pf->filters.all_unicast == all_unicast)
		return;
	pf->filters.all_unicast = all_unicast;
	if (pf->family->write_all_unicast != NULL)
		pf->family->write_all_unicast(pf, all_unicast);
}

/*
 * One table for all pools: what one pool asks for, every pool that accepts multicast receives.
 * With one pool on all-multicast or all-unicast that means everything; the hardware has no
 * narrower way (8.3, 9.6).
 */
void
filter_refresh_hashes(struct pf *pf)
{
	uint32_t words[MULTICAST_WORDS] = { 0 };
	uint32_t accept = 0;
	unsigned int pool, i;

	for (pool = 0; pool < pf->family->nb_pools; pool++) {
		accept |= pf->pools[pool].accept;
		for (i = 0; i < MULTICAST_WORDS; i++)
			words[i] |= pf->filters.multicast[pool][i];
	}
	if ((accept & RTE_PMD_SLUICE_ACCEPT_ALL_MULTICAST) != 0)
		memset(words, 0xff, sizeof(words));
	write_table(pf, pf->filters.mta, words, pf->family->write_multicast);
	write_unicast_hashes(pf, (accept & RTE_PMD_SLUICE_ACCEPT_ALL_UNICAST) != 0);
}

void
filter_drop_pool(struct pf *pf, uint16_t pool)
{
	static const uint32_t no_hashes[MULTICAST_WORDS];
	struct pf_filters *filters = &pf->filters;
	uint64_t bit = pool_bit(pool);
	unsigned int i;

	for (i = 0; i < pf->family->nb_rar; i++)
		if ((filters->rar[i].pools & bit) != 0)
			filter_remove_mac(pf, pool, &filters->rar[i].mac);
	for (i = 0; i < pf->family->nb_vlvf; i++)
		if ((filters->vlvf[i].pools & bit) != 0)
			filter_remove_vlan(pf, pool, filters->vlvf[i].vlan);
	filter_set_multicast(pf, pool, no_hashes);
}
