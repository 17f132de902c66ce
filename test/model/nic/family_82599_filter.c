/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include "family_82599.h"

static bool
bit_of(struct nic *nic, uint32_t offset, unsigned int pool)
{
	return (*pf_csr(nic, offset + 4 * (pool / 32)) >> (pool % 32) & 1) != 0;
}

static uint64_t
pair(struct nic *nic, uint32_t low, uint32_t high)
{
	return (uint64_t)*pf_csr(nic, high) << 32 | *pf_csr(nic, low);
}

/* --- Addresses (8.1, 8.3) --- */

static void
decode_rar(struct nic *nic, unsigned int i)
{
	uint32_t low = *pf_csr(nic, R_RAL + 8 * i);
	uint32_t high = *pf_csr(nic, R_RAH + 8 * i);
	struct rar *rar = &nic->filters.rar[i];

	rar->valid = (high & RAH_AV) != 0;
	for (unsigned int byte = 0; byte < 4; byte++)
		rar->mac[byte] = low >> (8 * byte);
	rar->mac[4] = high;
	rar->mac[5] = high >> 8;
	rar->pools = pair(nic, R_MPSAR + 8 * i, R_MPSAR + 8 * i + 4);
	nic_changed(nic);
}

void
rar_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)old;
	(void)written;
	decode_rar(fn->nic, i);
}

void
mpsar_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)old;
	(void)written;
	decode_rar(fn->nic, i / 2);
}

static void
decode_mta(struct nic *nic, unsigned int i)
{
	bool on = (*pf_csr(nic, R_MCSTCTRL) & MCSTCTRL_MFE) != 0;

	nic->filters.mta[i] = on ? *pf_csr(nic, R_MTA + 4 * i) : 0;
}

void
mta_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)old;
	(void)written;
	decode_mta(fn->nic, i);
	nic_changed(fn->nic);
}

void
uta_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)old;
	(void)written;
	fn->nic->filters.uta[i] = *pf_csr(fn->nic, R_UTA + 4 * i);
	nic_changed(fn->nic);
}

/* --- VLANs (5.2) --- */

void
vfta_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)old;
	(void)written;
	fn->nic->filters.vfta[i] = *pf_csr(fn->nic, R_VFTA + 4 * i);
	nic_changed(fn->nic);
}

static void
decode_vlvf(struct nic *nic, unsigned int i)
{
	uint32_t vlvf = *pf_csr(nic, R_VLVF + 4 * i);
	struct vlvf *row = &nic->filters.vlvf[i];

	row->valid = (vlvf & VLVF_VIEN) != 0;
	row->vlan = vlvf & 0xfff;
	row->pools = pair(nic, R_VLVFB + 8 * i, R_VLVFB + 8 * i + 4);
	nic_changed(nic);
}

void
vlvf_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)old;
	(void)written;
	decode_vlvf(fn->nic, i);
}

void
vlvfb_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)old;
	(void)written;
	decode_vlvf(fn->nic, i / 2);
}

/* --- Ethertypes, mirrors (8.1, 8.8) --- */

static void
decode_etqf(struct nic *nic, unsigned int i)
{
	uint32_t etqf = *pf_csr(nic, R_ETQF + 4 * i);
	uint32_t etqs = *pf_csr(nic, R_ETQS + 4 * i);

	nic->filters.etype[i] = (struct etype_filter){
		.enabled = (etqf & ETQF_ENABLE) != 0,
		.tx_antispoof = (etqf & ETQF_TX_ANTISPOOF) != 0 &&
				variant_82599(nic)->etype_antispoof,
		.to_queue = (etqs & ETQS_ENABLE) != 0,
		.etype = etqf & 0xffff,
		.queue = ETQS_QUEUE(etqs),
	};
	nic_changed(nic);
}

void
etqf_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)old;
	(void)written;
	decode_etqf(fn->nic, i);
}

static void
decode_mirror(struct nic *nic, unsigned int i)
{
	uint32_t mrctl = *pf_csr(nic, R_MRCTL + 4 * i);

	nic->filters.mirror[i] = (struct mirror){
		.pools_in = (mrctl & MRCTL_VPME) != 0,
		.uplink = (mrctl & MRCTL_UPME) != 0,
		.downlink = (mrctl & MRCTL_DPME) != 0,
		.vlans = (mrctl & MRCTL_VLME) != 0,
		.to_pool = MRCTL_POOL(mrctl),
		/* The high halves are a row of four further on. */
		.vlan_rows = pair(nic, R_VMRVLAN + 4 * i, R_VMRVLAN + 4 * i + 16),
		.pool_bits = pair(nic, R_VMRVM + 4 * i, R_VMRVM + 4 * i + 16),
	};
	nic_changed(nic);
}

void
mirror_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)old;
	(void)written;
	decode_mirror(fn->nic, i % NIC_MIRRORS_MAX);
}

/* --- Pools (8.1) --- */

static void
decode_vmolr(struct nic *nic, unsigned int p)
{
	const struct variant_82599 *variant = variant_82599(nic);
	uint32_t vmolr = *pf_csr(nic, R_VMOLR + 4 * p);
	uint32_t fctrl = *pf_csr(nic, R_FCTRL);
	struct pool *pool = &nic->pool[p];

	pool->accept_untagged = (vmolr & VMOLR_AUPE) != 0;
	pool->accept_multicast_hash = (vmolr & VMOLR_ROMPE) != 0;
	pool->accept_unicast_hash = (vmolr & VMOLR_ROPE) != 0;
	pool->accept_broadcast = (vmolr & VMOLR_BAM) != 0;
	pool->all_multicast = (vmolr & VMOLR_MPE) != 0;
	pool->all_unicast = (vmolr & VMOLR_UPE) != 0 && (fctrl & FCTRL_UPE) != 0 &&
			    variant->vmolr_upe;
	pool->all_vlans = (vmolr & VMOLR_VPE) != 0 && variant->vmolr_vpe;
}

static void
decode_pool_tx(struct nic *nic, unsigned int p)
{
	static const enum vlan_insert insert[] = {
		VLAN_BY_DESCRIPTOR, VLAN_DEFAULT, VLAN_NEVER, VLAN_BY_DESCRIPTOR,
	};
	uint32_t vmvir = *pf_csr(nic, R_VMVIR + 4 * p);
	uint32_t spoof = *pf_csr(nic, R_PFVFSPOOF + 4 * (p / 8));
	struct pool *pool = &nic->pool[p];

	pool->vlan_insert = insert[VMVIR_VLANA(vmvir)];
	pool->default_tag = vmvir & 0xffff;
	pool->spoof_mac = (spoof & SPOOF_MAC(p % 8)) != 0;
	pool->spoof_vlan = (spoof & SPOOF_VLAN(p % 8)) != 0;
	pool->spoof_etype = (spoof & SPOOF_ETYPE(p % 8)) != 0 &&
			    variant_82599(nic)->etype_antispoof;
	pool->count_spoofed = bit_of(nic, R_VMECM, p);
}

static bool
mode_has_rss(const struct nic *nic)
{
	uint32_t mode = MRQC_MODE(nic->pf.csr[R_MRQC / 4]);

	return mode == 0xa || mode == 0xb;
}

/** Where the pool's queues are, and how many of them RSS uses: RQPL of PSRTYPE. */
static void
decode_pool_queues(struct nic *nic, unsigned int p, struct geometry rx)
{
	uint32_t rqpl = PSRTYPE_RQPL(*pf_csr(nic, R_PSRTYPE + 4 * p));
	struct pool *pool = &nic->pool[p];

	pool->queue_step = 1;
	if (p >= rx.pools) {
		pool->first_queue = 0;
		pool->nb_queues = p == 0 ? nic->family->nb_queues : 0;
		pool->rss = false;
		return;
	}
	pool->first_queue = p * rx.queues;
	pool->nb_queues = rx.queues;
	pool->rss = mode_has_rss(nic) && rqpl != 0;
	if (pool->rss && 1u << rqpl < rx.queues)
		pool->nb_queues = 1u << rqpl;
	pool->hide_vlan = (data_82599(nic)->qde[pool->first_queue] & QDE_HIDE_VLAN) != 0;
}

static void
decode_pool(struct nic *nic, unsigned int p, struct geometry rx)
{
	bool on = nic->filters.virtualised;

	/* Without pools VFRE and VFTE have no say. */
	nic->pool[p].rx_enabled = !on || bit_of(nic, R_VFRE, p);
	nic->pool[p].tx_enabled = !on || bit_of(nic, R_VFTE, p);
	decode_vmolr(nic, p);
	decode_pool_tx(nic, p);
	decode_pool_queues(nic, p, rx);
}

void
pools_82599_decode(struct nic *nic)
{
	uint32_t vt_ctl = *pf_csr(nic, R_VT_CTL);
	uint32_t fctrl = *pf_csr(nic, R_FCTRL);
	struct geometry rx = geometry_82599_rx(nic);
	struct filters *filters = &nic->filters;

	filters->virtualised = (vt_ctl & VT_CTL_VT_EN) != 0;
	filters->default_pool = VT_CTL_POOL(vt_ctl);
	filters->drop_unmatched = (vt_ctl & VT_CTL_DIS_DEFPL) != 0;
	filters->replicate = (vt_ctl & VT_CTL_REPLEN) != 0;
	filters->loopback = (*pf_csr(nic, R_PFDTXGSWC) & PFDTXGSWC_LBE) != 0;
	filters->self_loopback = pair(nic, R_VMTXSW, R_VMTXSW + 4);
	filters->promiscuous = (fctrl & FCTRL_UPE) != 0;
	filters->all_multicast = (fctrl & FCTRL_MPE) != 0;
	filters->accept_broadcast = (fctrl & FCTRL_BAM) != 0;
	filters->store_bad = (fctrl & FCTRL_SBP) != 0;
	for (unsigned int p = 0; p < nic->family->nb_pools; p++)
		decode_pool(nic, p, rx);
	nic_changed(nic);
}

void
pools_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)i;
	(void)old;
	(void)written;
	pools_82599_decode(fn->nic);
}

void
pool_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)old;
	(void)written;
	decode_pool(fn->nic, i, geometry_82599_rx(fn->nic));
	nic_changed(fn->nic);
}

/* --- All that is no pool's --- */

static void
decode_globals(struct nic *nic)
{
	uint32_t vlnctrl = *pf_csr(nic, R_VLNCTRL);
	uint32_t ctrl_ext = *pf_csr(nic, R_CTRL_EXT);
	struct filters *filters = &nic->filters;

	filters->vlan_filter = (vlnctrl & VLNCTRL_VFE) != 0;
	filters->vlan_etype = vlnctrl & 0xffff;
	filters->outer_vlan_etype = *pf_csr(nic, R_EXVET) >> 16;
	filters->double_vlan = (ctrl_ext & CTRL_EXT_VLAN_EXT) != 0;
	filters->hash_shift = *pf_csr(nic, R_MCSTCTRL) & MCSTCTRL_MO;
	filters->strip_replicated = false;	/* the queue that takes it decides */
	filters->source_pruned = 0;
	if (variant_82599(nic)->source_pruning)
		filters->source_pruned = pair(nic, R_PFFLPL, R_PFFLPL + 4);
	for (unsigned int i = 0; i < 128; i++)
		decode_mta(nic, i);
	nic_changed(nic);
}

void
filter_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)i;
	(void)old;
	(void)written;
	decode_globals(fn->nic);
}

void
filters_82599_decode(struct nic *nic)
{
	for (unsigned int i = 0; i < nic->family->nb_rars; i++)
		decode_rar(nic, i);
	for (unsigned int i = 0; i < nic->family->nb_vlvfs; i++)
		decode_vlvf(nic, i);
	for (unsigned int i = 0; i < 128; i++) {
		nic->filters.uta[i] = *pf_csr(nic, R_UTA + 4 * i);
		nic->filters.vfta[i] = *pf_csr(nic, R_VFTA + 4 * i);
	}
	for (unsigned int i = 0; i < NIC_ETYPES_MAX; i++)
		decode_etqf(nic, i);
	for (unsigned int i = 0; i < NIC_MIRRORS_MAX; i++)
		decode_mirror(nic, i);
	decode_globals(nic);
}
