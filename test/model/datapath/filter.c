/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * Which pools take a destination: 82576 sheet 5.6, 8.5 and 9.6; 82599 sheet 8.2.
 *
 * The order is: who wants the address, then who is in the VLAN, then the default pool, then who may
 * receive at all. Where the sheets leave it open we do as an emulated 82576 does: only a unicast
 * frame from the wire goes to the default pool.
 */
#include "engine.h"

static enum cast
cast_of(uint64_t dst)
{
	if ((dst & 1) == 0)
		return CAST_UNI;
	return dst == 0xffffffffffffULL ? CAST_BROAD : CAST_MULTI;
}

/* Valid rows with that address. */
static uint64_t
rar_pools(const struct nic *nic, uint64_t mac, bool *found)
{
	uint64_t pools = 0;

	*found = false;
	for (unsigned int i = 0; i < nic->family->nb_rars; i++) {
		const struct rar *rar = &nic->filters.rar[i];
		uint64_t number = 0;

		if (!rar->valid)
			continue;
		memcpy(&number, rar->mac, MAC_LEN);
		if (number == mac) {
			*found = true;
			pools |= rar->pools;
		}
	}
	return pools;
}

static bool
hash_hit(const struct nic *nic, const uint32_t table[128], const uint8_t dst[MAC_LEN])
{
	static const uint8_t shift[] = { 4, 3, 2, 0 };
	uint32_t bit = (dst[5] << 8 | dst[4]) >> shift[nic->filters.hash_shift & 3] & 0xfff;

	return (table[bit / 32] >> (bit % 32) & 1) != 0;
}

static bool
vfta_has(const struct filters *filters, uint16_t vid)
{
	return (filters->vfta[vid / 32] >> (vid % 32) & 1) != 0;
}

static uint64_t
vlan_pools(const struct nic *nic, bool tagged, uint16_t vid)
{
	uint64_t pools = 0;

	for (unsigned int p = 0; p < nic->family->nb_pools; p++)
		if (tagged ? nic->pool[p].all_vlans : nic->pool[p].accept_untagged)
			pools |= 1ULL << p;
	for (unsigned int i = 0; tagged && i < nic->family->nb_vlvfs; i++) {
		const struct vlvf *row = &nic->filters.vlvf[i];

		if (row->valid && row->vlan == vid)
			pools |= row->pools;
	}
	return pools;
}

/* Pools that ask for more than their own addresses. */
static uint64_t
wanting_pools(const struct nic *nic, enum cast cast, bool hash)
{
	uint64_t pools = 0;

	for (unsigned int p = 0; p < nic->family->nb_pools; p++) {
		const struct pool *pool = &nic->pool[p];
		bool wants;

		if (cast == CAST_BROAD)
			wants = pool->accept_broadcast;
		else if (cast == CAST_MULTI)
			wants = pool->all_multicast || (hash && pool->accept_multicast_hash);
		else
			wants = pool->all_unicast || (hash && pool->accept_unicast_hash);
		if (wants)
			pools |= 1ULL << p;
	}
	return pools;
}

/* Without pools: 1 if the port takes the frame. */
static uint64_t
port_takes(const struct nic *nic, const uint8_t dst[MAC_LEN], uint64_t mac, bool *unmatched)
{
	const struct filters *filters = &nic->filters;
	enum cast cast = cast_of(mac);
	bool exact;

	rar_pools(nic, mac, &exact);
	*unmatched = !exact;
	if (exact || (cast == CAST_BROAD && filters->accept_broadcast))
		return 1;
	if (cast == CAST_UNI)
		return filters->promiscuous || hash_hit(nic, filters->uta, dst);
	return filters->all_multicast || (cast == CAST_MULTI && hash_hit(nic, filters->mta, dst));
}

uint64_t
switch_pools(const struct nic *nic, const uint8_t dst[MAC_LEN], bool tagged, uint16_t vid,
	     int source_pool, bool *unmatched)
{
	const struct filters *filters = &nic->filters;
	uint64_t mac = 0, pools;
	enum cast cast;
	bool exact, hash;

	memcpy(&mac, dst, MAC_LEN);
	cast = cast_of(mac);
	if (!filters->virtualised) {
		pools = port_takes(nic, dst, mac, unmatched);
		return tagged && filters->vlan_filter && !vfta_has(filters, vid) ? 0 : pools;
	}

	pools = rar_pools(nic, mac, &exact);
	exact = exact && pools != 0;
	*unmatched = !exact;
	if (tagged && filters->vlan_filter && !vfta_has(filters, vid))
		return 0;
	hash = hash_hit(nic, cast == CAST_UNI ? filters->uta : filters->mta, dst);
	pools |= wanting_pools(nic, cast, hash && !(exact && cast == CAST_UNI));
	/* Without VFE there are no VLANs: neither rows nor pools without untagged frames. */
	if (filters->vlan_filter)
		pools &= vlan_pools(nic, tagged, vid);
	if (pools == 0 && cast == CAST_UNI && source_pool == FROM_WIRE && !filters->drop_unmatched)
		pools = 1ULL << filters->default_pool;
	for (unsigned int p = 0; p < nic->family->nb_pools; p++)
		if (!nic->pool[p].rx_enabled)
			pools &= ~(1ULL << p);
	/* A pool gets its own frames back only if it was told so. */
	if (source_pool != FROM_WIRE && (filters->self_loopback >> source_pool & 1) == 0)
		pools &= ~(1ULL << source_pool);
	if (!filters->replicate && (pools & (pools - 1)) != 0)
		pools = (pools >> filters->default_pool & 1) != 0 ?
			1ULL << filters->default_pool : pools & -pools;
	return pools;
}

/* Whether nothing but a hash table took the address: the PIF bit. */
static bool
is_inexact(const struct nic *nic, const uint8_t dst[MAC_LEN], enum cast cast, bool unmatched)
{
	const struct filters *filters = &nic->filters;

	if (!unmatched || cast == CAST_BROAD)
		return false;
	return hash_hit(nic, cast == CAST_UNI ? filters->uta : filters->mta, dst);
}

void
dest_fill(const struct nic *nic, const struct sight *sight, int source_pool, struct dest *row)
{
	const struct filters *filters = &nic->filters;
	bool unmatched = true;
	uint8_t dst[8];

	memcpy(dst, &sight->dst, sizeof(dst));
	row->wire = true;
	row->pools = 0;
	row->inexact = false;
	if (source_pool == FROM_WIRE || (filters->virtualised && filters->loopback)) {
		row->pools = switch_pools(nic, dst, sight->tagged, sight->tci & 0xfff, source_pool,
					  &unmatched);
		/* A unicast address known here stays here, whatever its VLAN. */
		row->wire = sight->cast != CAST_UNI || unmatched;
		row->inexact = is_inexact(nic, dst, sight->cast, unmatched);
	}
	row->only = ONLY_NOT;
	if (sight->cast != CAST_UNI)
		return;
	if (row->pools == 0 && source_pool != FROM_WIRE && row->wire)
		row->only = ONLY_WIRE;
	else if (row->pools != 0 && (row->pools & (row->pools - 1)) == 0 &&
		 (!filters->virtualised || nic->pool[__builtin_ctzll(row->pools)].max_frame == 0))
		row->only = (int8_t)__builtin_ctzll(row->pools);
}

bool
pool_has_vlan(const struct nic *nic, unsigned int pool, uint16_t vid)
{
	for (unsigned int i = 0; i < nic->family->nb_vlvfs; i++) {
		const struct vlvf *row = &nic->filters.vlvf[i];

		if (row->valid && row->vlan == vid && (row->pools >> pool & 1) != 0)
			return true;
	}
	return false;
}

uint64_t
pools_with_mac(const struct nic *nic, uint64_t pools, uint64_t mac)
{
	bool found;

	return pools & rar_pools(nic, mac, &found);
}

bool
pool_has_mac(const struct nic *nic, unsigned int pool, uint64_t mac)
{
	return pools_with_mac(nic, 1ULL << pool, mac) != 0;
}
