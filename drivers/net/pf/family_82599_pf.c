/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * 82599, X540 and X550 seen from their PF: limits, and how a row of each table looks in their
 * registers. Section numbers are those of the 82599 sheet. Never run on silicon.
 */
#include <errno.h>

#include "introspect.h"
#include "log.h"
#include "rar.h"
#include "regs_82599.h"
#include "xgbe.h"

#define ADMIN_CAUSES (EICR_MAILBOX | EICR_LSC)

static uint16_t
count_vfs(struct pf *pf)
{
	uint32_t status = reg_read(&pf->port.io, REG_STATUS);

	return (status & STATUS_IOV_ACTIVE) != 0 ? field_get(STATUS_NUM_VFS, status) : 0;
}

static bool
is_gone(struct pf *pf)
{
	return reg_read(&pf->port.io, REG_STATUS) == REG_ALL_ONES;
}

/* PFRSTD lets the VFs talk; all other writers of CTRL_EXT clear it, lest it say so again. */
static void
announce(struct pf *pf)
{
	reg_update(&pf->port.io, REG_CTRL_EXT, 0, CTRL_EXT_PFRSTD);
}

static void
release(struct pf *pf)
{
	reg_update(&pf->port.io, REG_CTRL_EXT, CTRL_EXT_PFRSTD | CTRL_EXT_DRV_LOAD, 0);
}

/* 2.5, 8.1, 8.2. As with the 82576, who matches no pool is dropped unless the PF wants it all. */
static void
write_rx_mode(struct pf *pf, const struct pf_rx_mode *mode)
{
	bool all_unicast = pf->filters.all_unicast && pf->family->write_all_unicast != NULL;
	const struct mmio *io = &pf->port.io;
	uint32_t set = FCTRL_BAM;
	uint32_t vt_ctl;

	if (mode->promiscuous || all_unicast)
		set |= FCTRL_UPE;
	if (mode->promiscuous || mode->all_multicast)
		set |= FCTRL_MPE;
	reg_update(io, REG_FCTRL, FCTRL_SBP | FCTRL_UPE | FCTRL_MPE, set);
	reg_update(io, REG_VLNCTRL, VLNCTRL_CFIEN | VLNCTRL_VFE,
		   mode->vlan_filter ? VLNCTRL_VFE : 0);
	reg_update(io, REG_HLREG0, HLREG0_RXCRCSTRP, mode->keep_crc ? 0 : HLREG0_RXCRCSTRP);
	reg_update(io, REG_RDRXCTL, RDRXCTL_CRCSTRIP, mode->keep_crc ? 0 : RDRXCTL_CRCSTRIP);
	if (!xgbe_has_pools(pf)) {
		xgbe_write_max_frame(pf, mode->max_frame);
		return;
	}
	vt_ctl = field_set(VT_CTL_DEFAULT_POOL, VT_CTL_ENABLE | VT_CTL_REPLICATE, pf->pool);
	if (!mode->promiscuous)
		vt_ctl |= VT_CTL_NO_DEFAULT;
	reg_write(io, REG_VT_CTL, vt_ctl);
}

/* 2.5, 5.2. */
static void
write_tag_type(struct pf *pf)
{
	const struct mmio *io = &pf->port.io;

	reg_update(io, REG_VLNCTRL, VLNCTRL_VET, field_set(VLNCTRL_VET, 0, pf->tag_type));
	reg_update(io, REG_DMATXCTL, DMATXCTL_VT, field_set(DMATXCTL_VT, 0, pf->tag_type));
}

/* 5.1. Its upper half is GENEVE's, which X550EM_a is said to use, and none of ours. */
static void
write_vxlan_port(struct pf *pf)
{
	reg_write(&pf->port.io, REG_VXLANCTRL, field_set(VXLANCTRL_VXLAN, 0, pf->vxlan_port));
}

static void
mask_interrupts(struct pf *pf)
{
	reg_write(&pf->port.io, REG_EIMC, EICR_OTHER_CAUSES);
}

/* 6.5: a cause latched meanwhile fires at once. */
static void
unmask_interrupts(struct pf *pf)
{
	reg_write(&pf->port.io, REG_EIMS, ADMIN_CAUSES);
}

/* In the books before it is not in the register any more: who sends asks both. */
static void
read_mailbox_events(struct pf *pf, struct pf_event_bits *bits)
{
	const struct mmio *io = &pf->port.io;
	uint16_t i;

	for (i = 0; i < PFMBICR_WORDS; i++) {
		uint32_t word = reg_read(io, REG_PFMBICR(i));

		if (word == 0)
			continue;
		atomic_fetch_or(&pf->requests_owed,
				(uint64_t)field_get(PFMBICR_REQ, word) << (PFMBICR_VFS * i));
		reg_write(io, REG_PFMBICR(i), word);
		bits->acks |= (uint64_t)field_get(PFMBICR_ACK, word) << (PFMBICR_VFS * i);
	}
}

/* Likewise: we may die in between. */
static void
read_vf_resets(struct pf *pf)
{
	const struct mmio *io = &pf->port.io;
	uint16_t i;

	for (i = 0; i < 2; i++) {
		uint32_t word = reg_read(io, pf->family->xgbe->vf_reset_cause[i]);

		if (word == 0)
			continue;
		atomic_fetch_or(&pf->resets_owed, (uint64_t)word << (32 * i));
		reg_write(io, REG_VFLREC(i), word);
	}
}

/*
 * 6.5, 7.1: causes are read where reading changes nothing, and cleared by writing. Requests are
 * fetched before resets, for the reason that the 82576's own reading of them gives.
 */
static int
read_events(struct pf *pf, struct pf_event_bits *bits)
{
	const struct mmio *io = &pf->port.io;
	uint32_t causes = reg_read(io, REG_EICS);

	if (causes == REG_ALL_ONES && is_gone(pf))
		return -EIO;
	causes &= EICR_OTHER_CAUSES;
	if (causes != 0)
		reg_write(io, REG_EICR, causes);
	*bits = (struct pf_event_bits){ .link = (causes & EICR_LSC) != 0 };
	read_mailbox_events(pf, bits);
	read_vf_resets(pf);
	return 0;
}

static void
mask_mailboxes(struct pf *pf, uint64_t vfs)
{
	uint16_t i;

	for (i = 0; i < 2; i++)
		reg_write(&pf->port.io, REG_PFMBIMR(i), ~(uint32_t)(vfs >> (32 * i)));
}

static bool
request_pending(struct pf *pf, uint16_t vf)
{
	uint32_t word = reg_read(&pf->port.io, REG_PFMBICR(vf / PFMBICR_VFS));

	return (word & BIT(vf % PFMBICR_VFS)) != 0;
}

/*
 * 8.3: the half with the valid bit goes first to switch off and last to switch on. An address that
 * only gets another pool, or loses one, is never off: others receive by it.
 */
static void
write_rar(struct pf *pf, uint16_t row, const struct rar_entry *entry)
{
	const struct mmio *io = &pf->port.io;
	uint64_t pools = xgbe_has_pools(pf) ? entry->pools : 0;
	uint32_t low = rar_low(&entry->mac), high = RAH_AV | rar_high(&entry->mac);
	bool stays = entry->pools != 0 && reg_read(io, REG_RAH(row)) == high &&
		reg_read(io, REG_RAL(row)) == low;

	if (!stays)
		reg_write(io, REG_RAH(row), 0);
	reg_write(io, REG_MPSAR_LOW(row), (uint32_t)pools);
	reg_write(io, REG_MPSAR_HIGH(row), pools >> 32);
	if (stays)
		return;
	reg_write(io, REG_RAL(row), entry->pools != 0 ? low : 0);
	if (entry->pools != 0)
		reg_write(io, REG_RAH(row), high);
}

/* 5.2. VLAN 0 has the row that is its own: who takes untagged frames takes those too. */
static void
write_vlvf(struct pf *pf, uint16_t row, const struct vlvf_entry *entry)
{
	const struct mmio *io = &pf->port.io;
	uint16_t hw_row = row + 1;

	if (entry->vlan == 0)
		return;
	if (entry->pools == 0)
		reg_write(io, REG_VLVF(hw_row), 0);
	reg_write(io, REG_VLVFB_LOW(hw_row), (uint32_t)entry->pools);
	reg_write(io, REG_VLVFB_HIGH(hw_row), entry->pools >> 32);
	if (entry->pools != 0)
		reg_write(io, REG_VLVF(hw_row), field_set(VLVF_VID, VLVF_ENABLE, entry->vlan));
}

static void
write_vfta(struct pf *pf, uint16_t vlan, uint32_t bits)
{
	if (vlan < 32 && xgbe_has_pools(pf))
		bits |= BIT(0);
	reg_write(&pf->port.io, REG_VFTA(vlan / 32), bits);
}

static void
write_multicast(struct pf *pf, uint16_t word, uint32_t bits)
{
	reg_write(&pf->port.io, REG_MTA(word), bits);
}

static void
write_unicast_hash(struct pf *pf, uint16_t word, uint32_t bits)
{
	reg_write(&pf->port.io, REG_UTA(word), bits);
}

static void
write_all_unicast(struct pf *pf, bool on)
{
	reg_update(&pf->port.io, REG_FCTRL, FCTRL_UPE, on || pf->promiscuous ? FCTRL_UPE : 0);
}

/* Membership in VLAN 0's row. */
static void
write_untagged(struct pf *pf, uint16_t pool, bool on)
{
	struct reg half = pool < 32 ? REG_VLVFB_LOW(0) : REG_VLVFB_HIGH(0);

	reg_update(&pf->port.io, half, BIT(pool % 32), on ? BIT(pool % 32) : 0);
}

/* 8.1. A pool's frame size is not in its registers, see write_frame_limit. */
static void
write_pool(struct pf *pf, uint16_t pool, const struct pf_pool *config)
{
	bool untagged = (config->accept & RTE_PMD_SLUICE_ACCEPT_UNTAGGED) != 0;
	uint32_t word = untagged ? VMOLR_AUPE : 0;

	if ((config->accept & RTE_PMD_SLUICE_ACCEPT_BROADCAST) != 0)
		word |= VMOLR_BAM;
	if ((config->accept & RTE_PMD_SLUICE_ACCEPT_MULTICAST) != 0)
		word |= VMOLR_ROMPE;
	if ((config->accept & RTE_PMD_SLUICE_ACCEPT_ALL_MULTICAST) != 0)
		word |= VMOLR_MPE | VMOLR_ROMPE;
	if ((config->accept & RTE_PMD_SLUICE_ACCEPT_ALL_UNICAST) != 0)
		word |= pf->family->xgbe->accept_all_unicast;
	if (config->unicast_hash)
		word |= VMOLR_ROPE;
	reg_write(&pf->port.io, REG_VMOLR(pool), word);
	write_untagged(pf, pool, untagged);
}

/* 3.3. */
static void
write_drop(struct pf *pf, uint16_t pool)
{
	const struct pf_family *family = pf->family;
	const struct pf_pool *config = &pf->pools[pool];
	bool hide = family->xgbe->hide_vlan && config->port_vlan != 0;
	uint16_t i;

	for (i = 0; i < family->vf_queues; i++)
		xgbe_write_queue_drop(pf, pool * family->vf_step + i * family->vf_queue_step,
				      !config->blocks, hide);
}

/* 8.4. Where the device cannot take the tag off, the VF is told to (GET_QUEUES). */
static void
write_port_vlan(struct pf *pf, uint16_t pool, uint16_t vlan, uint8_t qos)
{
	uint32_t word = 0;

	if (vlan != 0)
		word = field_set(VMVIR_QOS, VMVIR_ALWAYS | vlan, qos);
	reg_write(&pf->port.io, REG_VMVIR(pool), word);
	if (pf->family->xgbe->hide_vlan)
		write_drop(pf, pool);
}

/*
 * 8.2. Then what a pool sends to many comes back by the wire, if there is a switch behind it: the
 * X550 keeps it from the pool itself.
 */
static void
write_loopback(struct pf *pf, bool on)
{
	const struct mmio *io = &pf->port.io;
	uint64_t pools = on ? 0 : pool_bit(pf->pool) | (pool_bit(pf->pool) - 1);

	reg_write(io, REG_PFDTXGSWC, on ? PFDTXGSWC_LBE : 0);
	if (!pf->family->xgbe->source_pruning)
		return;
	reg_write(io, REG_PFFLP(0), (uint32_t)pools);
	reg_write(io, REG_PFFLP(1), pools >> 32);
}

/* 8.5. */
static void
write_spoof_check(struct pf *pf, uint16_t pool, bool on)
{
	uint32_t bits = PFVFSPOOF_MAC(pool) | PFVFSPOOF_VLAN(pool);

	reg_update(&pf->port.io, REG_PFVFSPOOF(pool / 8), bits, on ? bits : 0);
}

/* 7.6: the receiver goes first to switch off and last to switch on. */
static void
write_pool_enable(struct pf *pf, uint16_t pool, bool receive, bool send)
{
	const struct mmio *io = &pf->port.io;
	uint32_t bit = BIT(pool % 32);

	if (!xgbe_has_pools(pf))
		return;
	if (!receive)
		reg_update(io, REG_VFRE(pool / 32), bit, 0);
	reg_update(io, REG_VFTE(pool / 32), bit, send ? bit : 0);
	if (receive)
		reg_update(io, REG_VFRE(pool / 32), 0, bit);
}

/* 2.9: header split and the number of queues to spread over. */
static void
clear_pool(struct pf *pf, uint16_t pool)
{
	reg_write(&pf->port.io, REG_PSRTYPE(pool), 0);
}

/* 3.5. */
static void
write_spread(struct pf *pf, uint16_t pool)
{
	reg_write(&pf->port.io, REG_PSRTYPE(pool),
		  field_set(PSRTYPE_QUEUES, 0, pf->pools[pool].spread));
}

static void
read_rss(struct pf *pf, struct pool_rss *rss)
{
	const struct mmio *io = &pf->port.io;
	unsigned int i;

	for (i = 0; i < POOL_RSS_ENTRIES; i++)
		rss->queue[i] = (reg_read(io, REG_RETA(i / 4)) >> (8 * (i % 4))) %
				pf->family->vf_queues;
	for (i = 0; i < POOL_RSS_KEY_BYTES; i++)
		rss->key[i] = reg_read(io, REG_RSSRK(i / 4)) >> (8 * (i % 4));
}

/* 1.2, 2.4, 7.1, 8.1. */
static const struct xgbe_row xgbe_82599 = {
	.rx_buffer_kb = 512,
	.settle_us = 50000,
	.vf_reset_cause = { { 0x00600 }, { 0x001c0 } },
	.accept_all_unicast = VMOLR_ROPE,
};

static const struct xgbe_row xgbe_x540 = {
	.rx_buffer_kb = 384,
	.settle_us = 100000,
	.reset_locks_phy = true,
	.vf_reset_cause = { { 0x00700 }, { 0x00704 } },
	.accept_all_unicast = VMOLR_UPE,
};

static const struct xgbe_row xgbe_x550 = {
	.rx_buffer_kb = 384,
	.settle_us = 100000,
	.reset_locks_phy = true,
	.vf_reset_cause = { { 0x00700 }, { 0x00704 } },
	.accept_all_unicast = VMOLR_UPE,
	.hide_vlan = true,
	.rdrxctl = RDRXCTL_PSP,
	.other_rates = true,
	.etype_filter = true,
	.source_pruning = true,
};

/* 8.6: the interrupt is the mailbox's. */
static const struct malicious_row malicious_x550 = {
	.side = {
		{ REG_RDRXCTL, RDRXCTL_MDP_EN | RDRXCTL_MBINTEN, REG_WQBR_RX(0), 0, REG_LVMMC_RX },
		{ REG_DMATXCTL, DMATXCTL_MDP_EN | DMATXCTL_MBINTEN, REG_WQBR_TX(0), 0,
		  REG_LVMMC_TX },
	},
	.nb_sides = 2,
	.nb_words = WQBR_WORDS,
};

/* 3.5. Without traffic classes RSS reaches the first 16 queues, on the X550 64 of them. */
#define RSS_TYPES \
	(RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_NONFRAG_IPV4_UDP | \
	 RTE_ETH_RSS_IPV6 | RTE_ETH_RSS_NONFRAG_IPV6_TCP | RTE_ETH_RSS_NONFRAG_IPV6_UDP | \
	 RTE_ETH_RSS_IPV6_EX | RTE_ETH_RSS_IPV6_TCP_EX | RTE_ETH_RSS_IPV6_UDP_EX)

#define RSS_PORT \
	.control = REG_MRQC, .key = REG_RSSRK(0), .table = REG_RETA(0), .types = RSS_TYPES

#define RSS_ONE_POOL .queues = 2, .by_pool = true

static const struct rss_regs rss_82599_alone = {
	RSS_PORT, .on = MRQC_RSS, .entries = 128, .queues = 16,
};

static const struct rss_regs rss_x550_alone = {
	RSS_PORT, .on = MRQC_RSS, .table_high = REG_ERETA(0), .entries = 512, .queues = 64,
};

static const struct rss_regs rss_82599_pools = {
	RSS_PORT, RSS_ONE_POOL, .on = MRQC_64_POOLS_RSS, .entries = 128, .shared = true,
};

static const struct rss_regs rss_x550_pools = {
	RSS_PORT, RSS_ONE_POOL, .on = MRQC_64_POOLS_RSS | MRQC_MULTIPLE_RSS,
	.table_high = REG_ERETA(0), .entries = 512, .shared = true,
};

static const struct rss_regs rss_x550_own_pool = {
	RSS_ONE_POOL,
	.control = REG_PFVFMRQC(0), .control_stride = 4, .on = PFVFMRQC_RSS,
	.key = REG_PFVFRSSRK(0), .table = REG_PFVFRETA(0),
	.block_stride = 4 * PFVFRSS_WORDS,
	.types = RSS_TYPES, .entries = 64,
};

/* 8.7: slower ones are unknown ground; Linux's driver refuses them too. */
static const struct rate_regs rate_82599 = {
	.select = REG_RTTDQSEL, .window = REG_RTTBCNRM, .factor = REG_RTTBCNRC,
	.window_value = RTTBCNRM_LARGE,
	.enable = RTTBCNRC_ENABLE, .factor_bits = RTTBCNRC_FACTOR,
	.min_mbps = 11, .max_mbps = RTE_ETH_SPEED_NUM_10G,
};

/* 8.8. */
static const struct mirror_regs mirror_82599 = {
	.control = REG_MRCTL(0), .pools = REG_VMRVM(0), .pools_high = REG_VMRVM_HIGH(0),
	.of_pools = MRCTL_POOLS, .to = MRCTL_TO,
};

/* 2.2. */
#define SEMAPHORE(sync_lock_) \
	.semaphore = { \
		.control = REG_SWSM, .sync = REG_SW_FW_SYNC, \
		.software = SWSM_SMBI, .firmware = SWSM_SWESMBI, .sync_lock = (sync_lock_), \
		.firmware_shift = SYNC_FW_SHIFT, \
	}

#define COMMON \
	.dialect = MBX_DIALECT_82599, \
	.nb_pools = 64, \
	.max_vfs = 63, \
	.nb_rar = 127,		/* row 127 is the SAN address's */ \
	.nb_vlvf = 63,		/* row 0 is VLAN 0's */ \
	.vf_queues = 2, \
	.vf_step = 2, \
	.vf_queue_step = 1, \
	\
	/* 2.1 */ \
	.led = { \
		.control = REG_LEDCTL, .mask = LEDCTL_MODE | LEDCTL_BLINK, \
		.on = LED_ON, .off = LED_OFF, \
	}, \
	\
	/* 7.1 */ \
	.mailbox_control = 0x04b00, .mailbox_control_stride = 4, \
	.mailbox_memory = 0x13000, .mailbox_memory_stride = 0x40, \
	\
	/* 8.9 */ \
	.counters = counters_82599, \
	.nb_counters = NB_COUNTERS_82599, \
	.pool_counters = { \
		[POOL_RX_PACKETS] = { 0x0101c, 0x40 }, \
		[POOL_RX_BYTES] = { 0x01020, 0x40 }, \
		[POOL_TX_PACKETS] = { 0x08300, 4 }, \
		[POOL_TX_BYTES] = { 0x08400, 8 }, \
		[POOL_RX_MULTICAST] = { 0x0d01c, 0x40 }, \
	}, \
	\
	.reset = xgbe_reset, \
	.count_vfs = count_vfs, \
	.read_mac = xgbe_read_mac, \
	.init = xgbe_init, \
	.announce = announce, \
	.release = release, \
	.is_gone = is_gone, \
	\
	.write_rx_mode = write_rx_mode, \
	.enable_rx_tx = xgbe_enable_rx_tx, \
	.write_tag_type = write_tag_type, \
	.read_link = xgbe_read_link, \
	.set_link = xgbe_set_link, \
	\
	.water_unit = 1024, \
	.rx_buffer_bytes = xgbe_rx_buffer_bytes, \
	.write_flow_control = xgbe_write_flow_control, \
	.advertise_pause = xgbe_advertise_pause, \
	.read_partner = xgbe_read_partner, \
	\
	.mask_interrupts = mask_interrupts, \
	.unmask_interrupts = unmask_interrupts, \
	.read_events = read_events, \
	.mask_mailboxes = mask_mailboxes, \
	.request_pending = request_pending, \
	\
	.write_rar = write_rar, \
	.write_vlvf = write_vlvf, \
	.write_vfta = write_vfta, \
	.write_multicast = write_multicast, \
	.write_unicast_hash = write_unicast_hash, \
	\
	.write_pool = write_pool, \
	.write_port_vlan = write_port_vlan, \
	.write_spoof_check = write_spoof_check, \
	.write_pool_enable = write_pool_enable, \
	.write_frame_limit = xgbe_write_max_frame, \
	.write_spread = write_spread, \
	.clear_pool = clear_pool, \
	.write_drop = write_drop, \
	.write_loopback = write_loopback, \
	\
	.rate = &rate_82599, \
	.mirror = &mirror_82599

const struct pf_family pf_family_82599 = {
	.name = "82599",
	.queues = &family_82599_pf,
	.speed_capa = RTE_ETH_LINK_SPEED_1G | RTE_ETH_LINK_SPEED_10G,
	.shared_frame = true,
	.rss_alone = &rss_82599_alone,
	.rss_pools = &rss_82599_pools,
	.xgbe = &xgbe_82599,
	.introspect = &introspect_82599,
	SEMAPHORE(0),
	.read_rss = read_rss,
	COMMON,
};

const struct pf_family pf_family_x540 = {
	.name = "X540",
	.queues = &family_x540_pf,
	.speed_capa = RTE_ETH_LINK_SPEED_100M | RTE_ETH_LINK_SPEED_1G | RTE_ETH_LINK_SPEED_10G,
	.rss_alone = &rss_82599_alone,
	.rss_pools = &rss_82599_pools,
	.write_all_unicast = write_all_unicast,
	.xgbe = &xgbe_x540,
	.introspect = &introspect_x540,
	SEMAPHORE(SYNC_REGSMP),
	.read_rss = read_rss,
	COMMON,
};

const struct pf_family pf_family_x550 = {
	.name = "X550",
	.queues = &family_x550_pf,
	.speed_capa = RTE_ETH_LINK_SPEED_100M | RTE_ETH_LINK_SPEED_1G |
		RTE_ETH_LINK_SPEED_2_5G | RTE_ETH_LINK_SPEED_5G | RTE_ETH_LINK_SPEED_10G,
	.rss_alone = &rss_x550_alone,
	.rss_pools = &rss_x550_pools,
	.rss_own_pool = &rss_x550_own_pool,
	.write_all_unicast = write_all_unicast,
	.xgbe = &xgbe_x550,
	.introspect = &introspect_x550,
	.malicious = &malicious_x550,
	.write_vxlan_port = write_vxlan_port,
	SEMAPHORE(SYNC_REGSMP),
	COMMON,
};
