/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What the registers of the 82576 and I350 mean: filters, pools, RSS, the port as a whole.
 */

#include <string.h>

#include "family_82576.h"
#include "regs_82576.h"

#define SCBI_TICK_NS 16		/* of the 62.5 MHz clock (8.10) */
#define STORM_CHUNK_BYTES 64

static uint32_t
reg(struct nic *nic, uint32_t offset)
{
	return *pf_csr(nic, offset);
}

static bool
virtualised(struct nic *nic)
{
	uint32_t mode = FIELD(reg(nic, MRQC), 2, 0);

	return mode == MRQC_VMDQ || (mode == MRQC_VMDQ_RSS && gbe_traits(nic)->pool_rss);
}

/* 2.11 */
static void
decode_flow_control(struct nic *nic)
{
	uint32_t ctrl = reg(nic, CTRL), low = reg(nic, FCRTL);
	struct port_state *port = &nic->port;

	port->rx_pause = (ctrl & CTRL_RFCE) != 0;
	port->tx_pause = (ctrl & CTRL_TFCE) != 0;
	port->send_xon = (low & FCRTL_XONE) != 0;
	port->pass_control = (reg(nic, RCTL) & RCTL_PMCF) != 0;
	port->pause_time = FIELD(reg(nic, FCTTV), 15, 0);
	port->pause_refresh = FIELD(reg(nic, FCRTV), 15, 0);
	port->low_water = low & FCRT_BYTES;
	port->high_water = reg(nic, FCRTH) & FCRT_BYTES;
}

/* 3.8, 5.1, 5.3 */
void
gbe_decode_port(struct nic *nic)
{
	uint32_t rctl = reg(nic, RCTL), tctl = reg(nic, TCTL), rxcsum = reg(nic, RXCSUM);
	struct port_state *port = &nic->port;
	struct filters *filters = &nic->filters;

	port->rx_enabled = (rctl & RCTL_EN) != 0;
	port->tx_enabled = (tctl & TCTL_EN) != 0;
	port->pad_tx = (tctl & TCTL_PSP) != 0;
	port->max_frame = rctl & RCTL_LPE ? FIELD(reg(nic, RLPML), 13, 0) : STANDARD_FRAME;
	port->tags_count = (rctl & RCTL_LPE) != 0;
	port->strip_crc = (rctl & RCTL_SECRC) != 0;
	port->mac_loopback = FIELD(rctl, 7, 6) == 3;
	port->strip_vlan = (reg(nic, CTRL) & CTRL_VME) != 0 && !virtualised(nic);
	port->fragment_checksum = (rxcsum & RXCSUM_PCSD) == 0;
	port->check_ip = (rxcsum & RXCSUM_IPOFL) != 0;
	port->check_l4 = (rxcsum & RXCSUM_TUOFL) != 0;
	port->mdd_tx = (reg(nic, DTXCTL) & DTXCTL_MDP_EN) != 0;
	port->mdd_rx = false;
	decode_flow_control(nic);

	filters->store_bad = (rctl & RCTL_SBP) != 0;
	filters->promiscuous = (rctl & RCTL_UPE) != 0;
	filters->all_multicast = (rctl & RCTL_MPE) != 0;
	filters->accept_broadcast = (rctl & RCTL_BAM) != 0;
	filters->vlan_filter = (rctl & RCTL_VFE) != 0;
	filters->hash_shift = FIELD(rctl, 13, 12);
	filters->vlan_etype = FIELD(reg(nic, VET), 15, 0);
	filters->tx_vlan_etype = filters->vlan_etype;
	filters->outer_vlan_etype = FIELD(reg(nic, VET), 31, 16);
	filters->double_vlan = (reg(nic, CTRL_EXT) & CTRL_EXT_VLAN) != 0;
	nic_changed(nic);
}

/* 8.3, 8.4, 8.7 */
static void
decode_pool(struct nic *nic, unsigned int p)
{
	const struct gbe_traits *traits = gbe_traits(nic);
	uint32_t vmolr = reg(nic, VMOLR + 4 * p), vmvir = reg(nic, VMVIR + 4 * p);
	uint32_t txswc = reg(nic, traits->txswc);
	struct pool *pool = &nic->pool[p];
	static const enum vlan_insert insert[] = {
		VLAN_BY_DESCRIPTOR, VLAN_DEFAULT, VLAN_NEVER, VLAN_NEVER,
	};

	pool->rx_enabled = (reg(nic, VFRE) >> p & 1) != 0;
	pool->tx_enabled = (reg(nic, VFTE) >> p & 1) != 0;
	pool->accept_untagged = (vmolr & VMOLR_AUPE) != 0;
	pool->accept_broadcast = (vmolr & VMOLR_BAM) != 0;
	pool->accept_multicast_hash = (vmolr & VMOLR_ROMPE) != 0;
	pool->accept_unicast_hash = (vmolr & VMOLR_ROPE) != 0;
	pool->all_multicast = (vmolr & VMOLR_MPME) != 0;
	pool->all_unicast = traits->pool_promiscuous && (vmolr & VMOLR_UPE) != 0;
	pool->all_vlans = traits->pool_promiscuous && (vmolr & VMOLR_VPE) != 0;
	pool->strip_vlan = !traits->strip_by_queue && (vmolr & VMOLR_STRVLAN) != 0;
	pool->hide_vlan = traits->strip_by_queue &&
			  (nic->rxq[p].block[0x38 / 4] & DVMOLR_HIDEVLAN) != 0;
	pool->max_frame = vmolr & VMOLR_LPE ? FIELD(vmolr, 13, 0) : STANDARD_FRAME;
	pool->tags_count = (vmolr & VMOLR_LPE) != 0;
	pool->spoof_mac = (txswc >> p & 1) != 0;
	pool->spoof_vlan = (txswc >> (8 + p) & 1) != 0;
	pool->count_spoofed = true;
	pool->vlan_insert = insert[FIELD(vmvir, 31, 30)];
	pool->default_tag = FIELD(vmvir, 15, 0);
	pool->first_queue = p;
	pool->queue_step = GBE_POOLS;
	pool->nb_queues = traits->vf_queues;
	pool->rss = FIELD(reg(nic, MRQC), 2, 0) == MRQC_VMDQ_RSS && traits->pool_rss &&
		    (vmolr & VMOLR_RSSE) != 0;
}

void
gbe_decode_pools(struct nic *nic)
{
	uint32_t vt_ctl = reg(nic, VT_CTL), txswc = reg(nic, gbe_traits(nic)->txswc);
	struct filters *filters = &nic->filters;

	filters->virtualised = virtualised(nic);
	filters->default_pool = FIELD(vt_ctl, 9, 7);
	filters->drop_unmatched = (vt_ctl & VT_CTL_DIS_DEF) != 0;
	filters->replicate = (vt_ctl & VT_CTL_REPL) != 0;
	filters->loopback = (txswc & TXSWC_LOOPBACK) != 0;
	filters->strip_replicated = !gbe_traits(nic)->strip_by_queue &&
				    (reg(nic, RPLOLR) & VMOLR_STRVLAN) != 0;
	filters->self_loopback = FIELD(txswc, 23, 16);
	for (unsigned int p = 0; p < GBE_POOLS; p++)
		decode_pool(nic, p);
	nic_changed(nic);
}

/* 5.5: MRQC's bit 16 and up, and the RSS type of the write-back (4.2) each stands for. */
static const uint8_t rss_type_of_bit[] = { 1, 2, 6, 4, 5, 3, 7, 8, 9 };

void
gbe_decode_rss(struct nic *nic)
{
	uint32_t mrqc = reg(nic, MRQC), mode = FIELD(mrqc, 2, 0);
	struct rss *rss = &nic->rss;

	rss->enabled = mode == MRQC_RSS || (mode == MRQC_VMDQ_RSS && gbe_traits(nic)->pool_rss);
	rss->types = 0;
	for (unsigned int bit = 0; bit < sizeof(rss_type_of_bit); bit++)
		if (mrqc >> (16 + bit) & 1)
			rss->types |= BIT(rss_type_of_bit[bit]);
	rss->reta_size = 128;
	for (unsigned int i = 0; i < 128; i++) {
		uint32_t entry = reg(nic, RETA + i / 4 * 4) >> (i % 4 * 8) & 0xff;

		/* With pools bit 3 alone tells p from p + 8. */
		rss->reta[i] = mode == MRQC_VMDQ_RSS ? entry >> 3 & 1 :
						       entry % nic->family->nb_queues;
	}
	for (unsigned int i = 0; i < sizeof(rss->key); i++)
		rss->key[i] = reg(nic, RSSRK + i / 4 * 4) >> (i % 4 * 8) & 0xff;
	nic_changed(nic);
}

/* 5.6 */
void
gbe_decode_rar(struct nic *nic, unsigned int i)
{
	uint32_t low_at = i < RAR_LOW_BANK ? RAL + 8 * i : RAL_HIGH + 8 * (i - RAR_LOW_BANK);
	uint32_t low = reg(nic, low_at), high = reg(nic, low_at + 4);
	struct rar *rar = &nic->filters.rar[i];

	for (unsigned int byte = 0; byte < 4; byte++)
		rar->mac[byte] = low >> (8 * byte) & 0xff;
	rar->mac[4] = high & 0xff;
	rar->mac[5] = high >> 8 & 0xff;
	rar->pools = FIELD(high, 25, 18);
	/* ASEL: only "match the destination" is modelled. */
	rar->valid = (high & RAH_AV) != 0 && FIELD(high, 17, 16) == 0;
	nic_changed(nic);
}

static void
decode_vlvf(struct nic *nic, unsigned int i)
{
	uint32_t value = reg(nic, VLVF + 4 * i);

	nic->filters.vlvf[i] = (struct vlvf){
		.valid = value >> 31 != 0,
		.vlan = FIELD(value, 11, 0),
		.pools = FIELD(value, 19, 12),
	};
	nic_changed(nic);
}

static void
decode_etqf(struct nic *nic, unsigned int i)
{
	uint32_t value = reg(nic, ETQF + 4 * i);

	nic->filters.etype[i] = (struct etype_filter){
		.enabled = (value & BIT(26)) != 0,
		.to_queue = (value & BIT(31)) != 0,
		.etype = FIELD(value, 15, 0),
		.queue = FIELD(value, 18, 16),
	};
	nic_changed(nic);
}

/* 8.11 */
static void
decode_mirror(struct nic *nic, unsigned int i)
{
	uint32_t control = reg(nic, VMRCTL + 4 * i);

	nic->filters.mirror[i] = (struct mirror){
		.pools_in = (control & BIT(0)) != 0,
		.uplink = (control & BIT(1)) != 0,
		.downlink = (control & BIT(2)) != 0,
		.vlans = (control & BIT(3)) != 0,
		.to_pool = FIELD(control, 10, 8),
		.vlan_rows = reg(nic, VMRVLAN + 4 * i),
		.pool_bits = reg(nic, VMRVM + 4 * i) & 0xff,
	};
	nic_changed(nic);
}

/* 8.10. The layout is the sheet's guess; the interval is in SCBI's, the basic one. */
static void
decode_storm(struct nic *nic)
{
	uint32_t control = reg(nic, SCCRL);
	struct storm_control *storm = &nic->filters.storm;

	storm->multicast = (control & (BIT(0) | BIT(1))) != 0;
	storm->broadcast = (control & (BIT(2) | BIT(3))) != 0;
	storm->interval_ns = (uint64_t)FIELD(control, 17, 8) * reg(nic, SCBI) * SCBI_TICK_NS;
	storm->limit_bytes[0] = (uint64_t)FIELD(reg(nic, BSCTRH), 18, 0) * STORM_CHUNK_BYTES;
	storm->limit_bytes[1] = (uint64_t)FIELD(reg(nic, MSCTRH), 18, 0) * STORM_CHUNK_BYTES;
	memset(storm->blocked, 0, sizeof(storm->blocked));
	memset(storm->seen_bytes, 0, sizeof(storm->seen_bytes));
	storm->interval_start_ns = nic_now_ns(nic);
	nic_changed(nic);
}

static void
decode_tables(struct nic *nic)
{
	memcpy(nic->filters.mta, pf_csr(nic, MTA), sizeof(nic->filters.mta));
	memcpy(nic->filters.uta, pf_csr(nic, UTA), sizeof(nic->filters.uta));
	memcpy(nic->filters.vfta, pf_csr(nic, VFTA), sizeof(nic->filters.vfta));
}

void
gbe_decode_all(struct nic *nic)
{
	gbe_decode_port(nic);
	gbe_decode_pools(nic);
	gbe_decode_rss(nic);
	decode_tables(nic);
	for (unsigned int i = 0; i < nic->family->nb_rars; i++)
		gbe_decode_rar(nic, i);
	for (unsigned int i = 0; i < nic->family->nb_vlvfs; i++)
		decode_vlvf(nic, i);
	for (unsigned int i = 0; i < NIC_ETYPES_MAX; i++)
		decode_etqf(nic, i);
	for (unsigned int i = 0; i < NIC_MIRRORS_MAX; i++)
		decode_mirror(nic, i);
	decode_storm(nic);
	gbe_decode_queues(nic);
	gbe_decode_vectors(nic);
}

/* What one register changes may show in several places: RCTL's buffer size in the queues, say. */
void
write_port(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)i;
	(void)old;
	(void)written;
	gbe_decode_port(fn->nic);
	gbe_decode_queues(fn->nic);
}

void
write_pools(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)i;
	(void)old;
	(void)written;
	gbe_decode_pools(fn->nic);
	gbe_decode_queues(fn->nic);
}

void
write_rss(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)i;
	(void)old;
	(void)written;
	gbe_decode_rss(fn->nic);
	gbe_decode_port(fn->nic);
	gbe_decode_pools(fn->nic);
	gbe_decode_queues(fn->nic);
}

void
write_rar(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)old;
	(void)written;
	gbe_decode_rar(fn->nic, i);
}

void
write_rar_high(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)old;
	(void)written;
	gbe_decode_rar(fn->nic, RAR_LOW_BANK + i);
}

void
write_mta(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)old;
	fn->nic->filters.mta[i] = written;
	nic_changed(fn->nic);
}

void
write_uta(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)old;
	fn->nic->filters.uta[i] = written;
	nic_changed(fn->nic);
}

void
write_vfta(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)old;
	fn->nic->filters.vfta[i] = written;
	nic_changed(fn->nic);
}

void
write_vlvf(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)old;
	(void)written;
	decode_vlvf(fn->nic, i);
}

void
write_etqf(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)old;
	(void)written;
	decode_etqf(fn->nic, i);
}

void
write_mirror(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)old;
	(void)written;
	decode_mirror(fn->nic, i);
}

void
write_storm(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)i;
	(void)old;
	(void)written;
	decode_storm(fn->nic);
}

uint32_t
read_scsts(struct function *fn, unsigned int i, uint32_t value)
{
	const struct storm_control *storm = &fn->nic->filters.storm;

	(void)i;
	(void)value;
	return (storm->blocked[0] ? BIT(0) : 0) | (storm->blocked[1] ? BIT(1) : 0);
}

uint32_t
read_bsccnt(struct function *fn, unsigned int i, uint32_t value)
{
	(void)i;
	(void)value;
	return fn->nic->filters.storm.seen_bytes[0] / STORM_CHUNK_BYTES;
}

uint32_t
read_msccnt(struct function *fn, unsigned int i, uint32_t value)
{
	(void)i;
	(void)value;
	return fn->nic->filters.storm.seen_bytes[1] / STORM_CHUNK_BYTES;
}
