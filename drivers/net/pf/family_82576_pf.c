/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * 82576 and I350 seen from their PF: limits, and how a row of each table looks in their registers.
 * The I350 has never been run on silicon.
 */
#include <errno.h>

#include "gbe.h"
#include "introspect.h"
#include "log.h"
#include "rar.h"
#include "regs_82576.h"

#define ADMIN_VECTOR 0

/*
 * 5.5; types with extension headers are off by RFCTL. QEMU knows TCP over IPv6 by that type's bit
 * only; with RFCTL as it is, silicon has no frame for it (Linux's driver sets both).
 */
#define RSS_TYPES \
	(RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_NONFRAG_IPV4_UDP | \
	 RTE_ETH_RSS_IPV6 | RTE_ETH_RSS_NONFRAG_IPV6_TCP | RTE_ETH_RSS_NONFRAG_IPV6_UDP)

static uint16_t
count_vfs(struct pf *pf)
{
	uint32_t status = reg_read(&pf->port.io, REG_STATUS);

	return (status & STATUS_IOV_MODE) != 0 ? field_get(STATUS_NUM_VFS, status) : 0;
}

/* A device that lost its bus reads all ones; one that lost its BAR reads 0 under QEMU. */
static bool
is_gone(struct pf *pf)
{
	uint32_t status = reg_read(&pf->port.io, REG_STATUS);

	return status == REG_ALL_ONES || status == 0;
}

/*
 * PFRSTD lets the VFs talk. Every write with the bit set signals another reset to them, so all
 * other writers of CTRL_EXT clear it (9.9).
 */
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

/*
 * 3.8. In VMDq mode the pools' VMOLR decide who is promiscuous; UPE and MPE still open the
 * address filter in front of them on silicon, and QEMU ignores them (9.6).
 */
static void
write_rx_mode(struct pf *pf, const struct pf_rx_mode *mode)
{
	const struct mmio *io = &pf->port.io;
	bool all_unicast = pf->filters.all_unicast && pf->family->write_all_unicast != NULL;
	uint32_t set = RCTL_BAM | RCTL_LPE | (mode->keep_crc ? 0 : RCTL_SECRC);
	uint32_t vt_ctl;

	if (mode->promiscuous)
		set |= RCTL_UPE | RCTL_MPE;
	if (all_unicast)
		set |= RCTL_UPE;
	if (mode->all_multicast)
		set |= RCTL_MPE;
	if (mode->vlan_filter)
		set |= RCTL_VFE;
	reg_write(io, REG_RLPML, mode->max_frame);
	reg_update(io, REG_RCTL, RCTL_UPE | RCTL_MPE | RCTL_VFE | RCTL_SECRC, set);
	/* 5.2, 5.4: VME also lets descriptors insert tags. With pools it strips none by itself. */
	reg_update(io, REG_CTRL, CTRL_VME, mode->strip_vlan || pf->nb_vfs > 0 ? CTRL_VME : 0);

	if (pf->nb_vfs == 0)
		return;
	/* 8.1: who matches no pool would go to the PF's, as if that were always promiscuous. */
	vt_ctl = field_set(VT_CTL_DEFAULT_POOL, VT_CTL_REPLICATE, pf->pool);
	if (!mode->promiscuous)
		vt_ctl |= VT_CTL_NO_DEFAULT;
	reg_write(io, REG_VT_CTL, vt_ctl);
}

static void
enable_rx_tx(struct pf *pf, bool on)
{
	const struct mmio *io = &pf->port.io;
	uint32_t tctl = TCTL_PSP | TCTL_RTLC;

	if (!on) {
		reg_update(io, REG_RCTL, RCTL_EN, 0);
		reg_update(io, REG_TCTL, TCTL_EN, 0);
		return;
	}
	tctl = field_set(TCTL_CT, tctl, COLLISION_THRESHOLD);
	tctl = field_set(TCTL_COLD, tctl, COLLISION_DISTANCE);
	reg_update(io, REG_TCTL_EXT, TCTL_EXT_COLD,
		   field_set(TCTL_EXT_COLD, 0, COLLISION_DISTANCE));
	reg_update(io, REG_TCTL, TCTL_CT | TCTL_COLD, tctl | TCTL_EN);
	reg_update(io, REG_RCTL, 0, RCTL_EN);
}

static void
read_link(struct pf *pf, struct rte_eth_link *link)
{
	static const uint32_t speed[] = {
		RTE_ETH_SPEED_NUM_10M, RTE_ETH_SPEED_NUM_100M,
		RTE_ETH_SPEED_NUM_1G, RTE_ETH_SPEED_NUM_1G,
	};
	uint32_t status = reg_read(&pf->port.io, REG_STATUS);

	link->link_autoneg = RTE_ETH_LINK_AUTONEG;
	if (status == REG_ALL_ONES || (status & STATUS_LU) == 0) {
		link->link_status = RTE_ETH_LINK_DOWN;
		link->link_speed = RTE_ETH_SPEED_NUM_NONE;
		link->link_duplex = RTE_ETH_LINK_HALF_DUPLEX;
		return;
	}
	link->link_status = RTE_ETH_LINK_UP;
	link->link_speed = speed[field_get(STATUS_SPEED, status)];
	link->link_duplex = (status & STATUS_FD) != 0 ?
			    RTE_ETH_LINK_FULL_DUPLEX : RTE_ETH_LINK_HALF_DUPLEX;
}

static void
mask_interrupts(struct pf *pf)
{
	reg_write(&pf->port.io, REG_EIMC, BIT(ADMIN_VECTOR));
}

/* 6.5: only our own bit; the others are the VFs'. A cause latched meanwhile fires at once. */
static void
unmask_interrupts(struct pf *pf)
{
	reg_write(&pf->port.io, REG_EIMS, BIT(ADMIN_VECTOR));
}

/*
 * 7.10, with one change: the requests are fetched before the resets. A VF resets, then asks; read
 * in this order a request never arrives here without the reset that went before it, which would
 * later be taken for a new one and cut off a running VF.
 */
static int
read_events(struct pf *pf, struct pf_event_bits *bits)
{
	const struct mmio *io = &pf->port.io;
	uint32_t causes = reg_read(io, REG_ICR);
	uint32_t mailbox, resets;

	if ((causes == REG_ALL_ONES || causes == 0) && is_gone(pf))
		return -EIO;
	mailbox = reg_read(io, REG_MBVFICR);
	/* In the books before it is not in the register any more: who sends asks both. */
	atomic_fetch_or(&pf->requests_owed, field_get(MBVFICR_REQ, mailbox));
	if (mailbox != 0)
		reg_write(io, REG_MBVFICR, mailbox);
	resets = reg_read(io, REG_VFLRE);
	/* Likewise: we may die in between. */
	atomic_fetch_or(&pf->resets_owed, resets);
	if (resets != 0)
		reg_write(io, REG_VFLRE, resets);

	bits->link = (causes & ICR_LSC) != 0;
	bits->acks = field_get(MBVFICR_ACK, mailbox);
	return 0;
}

/* QEMU interrupts all the same. */
static void
mask_mailboxes(struct pf *pf, uint64_t vfs)
{
	reg_write(&pf->port.io, REG_MBVFIMR, (BIT(pf->nb_vfs) - 1) & ~(uint32_t)vfs);
}

static bool
request_pending(struct pf *pf, uint16_t vf)
{
	return (reg_read(&pf->port.io, REG_MBVFICR) & BIT(vf)) != 0;
}

/*
 * 5.6: the half with the valid bit goes first to switch off and last to switch on. An address that
 * only gets another pool, or loses one, is never off: others receive by it.
 */
static void
write_rar(struct pf *pf, uint16_t row, const struct rar_entry *entry)
{
	const struct mmio *io = &pf->port.io;
	uint32_t low = rar_low(&entry->mac), high = RAH_AV | rar_high(&entry->mac);
	bool stays = entry->pools != 0 &&
		(reg_read(io, REG_RAH(row)) & ~RAH_POOLS) == high &&
		reg_read(io, REG_RAL(row)) == low;

	if (!stays) {
		reg_write(io, REG_RAH(row), 0);
		reg_write(io, REG_RAL(row), entry->pools != 0 ? low : 0);
	}
	if (entry->pools != 0)
		reg_write(io, REG_RAH(row),
			  field_set(RAH_POOLS, high, pf->nb_vfs > 0 ? entry->pools : 0));
}

/* 8.5. */
static void
write_vlvf(struct pf *pf, uint16_t row, const struct vlvf_entry *entry)
{
	uint32_t word = 0;

	if (entry->pools != 0)
		word = field_set(VLVF_POOLS, VLVF_ENABLE, entry->pools) |
		       field_set(VLVF_VID, 0, entry->vlan);
	reg_write(&pf->port.io, REG_VLVF(row), word);
}

/* 5.4: an I350 may lose one write, but never so many. */
static void
write_vfta(struct pf *pf, uint16_t vlan, uint32_t bits)
{
	unsigned int i;

	for (i = 0; i < pf->family->gbe->vfta_writes; i++)
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
	reg_update(&pf->port.io, REG_RCTL, RCTL_UPE, on || pf->promiscuous ? RCTL_UPE : 0);
}

/* 8.3. Where tags are taken off a queue, and so is the CRC. */
static void
write_queue_strip(struct pf *pf, uint16_t pool, bool strip_vlan)
{
	const struct pf_family *family = pf->family;
	uint32_t word = DVMOLR_STRCRC | (strip_vlan ? DVMOLR_STRVLAN : 0);
	uint16_t i;

	for (i = 0; i < family->vf_queues; i++)
		reg_write(&pf->port.io,
			  REG_DVMOLR(pool * family->vf_step + i * family->vf_queue_step), word);
}

/* 8.3. */
static void
write_pool(struct pf *pf, uint16_t pool, const struct pf_pool *config)
{
	const struct gbe_row *row = pf->family->gbe;
	uint32_t word = row->pool_accept;

	if ((config->accept & RTE_PMD_SLUICE_ACCEPT_UNTAGGED) != 0)
		word |= VMOLR_AUPE;
	if ((config->accept & RTE_PMD_SLUICE_ACCEPT_BROADCAST) != 0)
		word |= VMOLR_BAM;
	if ((config->accept & RTE_PMD_SLUICE_ACCEPT_MULTICAST) != 0)
		word |= VMOLR_ROMPE;
	if ((config->accept & RTE_PMD_SLUICE_ACCEPT_ALL_MULTICAST) != 0)
		word |= row->accept_all_multicast;
	if ((config->accept & RTE_PMD_SLUICE_ACCEPT_ALL_UNICAST) != 0)
		word |= row->accept_all_unicast;
	if (config->unicast_hash)
		word |= VMOLR_ROPE;
	if (row->strip_by_queue)
		write_queue_strip(pf, pool, config->port_vlan != 0);
	else if (config->port_vlan != 0)
		word |= VMOLR_STRVLAN;
	if (config->spread != 0)
		word |= VMOLR_RSSE;
	reg_write(&pf->port.io, REG_VMOLR(pool), field_set(VMOLR_RLPML, word, config->max_frame));
}

static void
write_spread(struct pf *pf, uint16_t pool)
{
	write_pool(pf, pool, &pf->pools[pool]);
}

/* 8.4. */
static void
write_port_vlan(struct pf *pf, uint16_t pool, uint16_t vlan, uint8_t qos)
{
	uint32_t word = 0;

	if (vlan != 0)
		word = field_set(VMVIR_QOS, VMVIR_ALWAYS | vlan, qos);
	reg_write(&pf->port.io, REG_VMVIR(pool), word);
}

static void
write_replicated_strip(struct pf *pf, bool on)
{
	reg_write(&pf->port.io, REG_RPLOLR, RPLOLR_STRCRC | (on ? RPLOLR_STRVLAN : 0));
}

/* 8.7. */
static void
write_spoof_check(struct pf *pf, uint16_t pool, bool on)
{
	uint32_t bits = DTXSWC_MAC_SPOOF(pool) | DTXSWC_VLAN_SPOOF(pool);

	reg_update(&pf->port.io, pf->family->gbe->tx_switch, bits, on ? bits : 0);
}

/* 8.7. */
static void
write_loopback(struct pf *pf, bool on)
{
	reg_update(&pf->port.io, pf->family->gbe->tx_switch, DTXSWC_LOOPBACK,
		   on ? DTXSWC_LOOPBACK : 0);
}

/* 8.2. The receiver goes first to switch off and last to switch on. */
static void
write_pool_enable(struct pf *pf, uint16_t pool, bool receive, bool send)
{
	const struct mmio *io = &pf->port.io;

	if (!receive)
		reg_update(io, REG_VFRE, BIT(pool), 0);
	reg_update(io, REG_VFTE, BIT(pool), send ? BIT(pool) : 0);
	if (receive)
		reg_update(io, REG_VFRE, 0, BIT(pool));
}

/* 5.5. */
#define RSS_ALONE(queues_) { \
	.control = REG_MRQC, .on = MRQC_RSS, .off = 0, \
	.key = REG_RSSRK(0), .table = REG_RETA(0), \
	.types = RSS_TYPES, .with_ipv6_tcp = MRQC_IPV6_TCP_EX, \
	.entries = 128, .queues = (queues_), \
}

static const struct rss_regs rss_82576_alone = RSS_ALONE(16);
static const struct rss_regs rss_i350_alone = RSS_ALONE(8);

/* Of an entry, Linux's driver uses bit 3 and QEMU's code bit 0 (9.9). */
static const struct rss_regs rss_82576_pools = {
	.control = REG_MRQC, .on = MRQC_VMDQ_RSS,
	.key = REG_RSSRK(0), .table = REG_RETA(0),
	.types = RSS_TYPES, .with_ipv6_tcp = MRQC_IPV6_TCP_EX,
	.entries = 128, .queues = 2, .entry_unit = BIT(3) | BIT(0),
	.by_pool = true, .shared = true,
};

/*
 * 2.4, 2.7, 2.8, 5.4, 8.3, 8.7. The 82576 has no promiscuous bit for unicast: ROPE with all hash
 * bits set does it. QEMU tests ROMPE where silicon tests ROPE, and does not know MPME (9.6): ROMPE
 * goes with both.
 */
static const struct gbe_row gbe_82576 = {
	.settle_us = 1000,
	.alternate_mac = true,
	/* Low power would settle at 10 Mb/s. */
	.phy_step = { PHY_IGP_POWER, .clear = IGP_POWER_D0_LPLU },
	.vfta_writes = 1,
	.tx_switch = REG_DTXSWC,
	.pool_accept = VMOLR_STRCRC | VMOLR_LPE,
	.accept_all_multicast = VMOLR_MPME | VMOLR_ROMPE,
	.accept_all_unicast = VMOLR_ROPE | VMOLR_ROMPE,
};

/* 2.6. */
static const uint8_t rx_buffer_kb_i350[] = { 36, 72, 144, 1, 2, 4, 8, 16, 35, 70, 140 };

static const struct gbe_row gbe_i350 = {
	.settle_us = 5000,
	.reset_done = STATUS_RESET_DONE,
	.nvm_port_words = NVM_PORT_WORDS,
	.rx_buffer_kb = rx_buffer_kb_i350,
	.nb_rx_buffer_kb = ARRAY_LEN(rx_buffer_kb_i350),
	.phy_step = { PHY_I350_CONFIG, .set = I350_CONFIG_DOWNSHIFT | I350_CONFIG_CRS_ON_TX },
	.phy_power = REG_PHPM,
	.phy_power_down = PHPM_D0_LPLU | PHPM_GO_LINKD,
	.dma_coalescing = REG_DMACR,
	.vfta_writes = 10,
	.tx_switch = REG_TXSWC,
	.pool_accept = VMOLR_LPE,
	.accept_all_multicast = VMOLR_MPME,
	.accept_all_unicast = VMOLR_UPE,
	.strip_by_queue = true,
};

/*
 * 8.8. Without SPOOF_INT, by which each frame of a spoofer would interrupt; should the interrupt
 * depend on it, the clock finds what was stopped.
 */
static const struct malicious_row malicious_82576 = {
	.spoofers = WVBR_SPOOFED,
	.side = { { REG_DTXCTL, DTXCTL_MDP_EN, REG_WVBR, WVBR_BLOCKED_SHIFT, REG_LVMMC } },
	.nb_sides = 1,
	.nb_words = 1,
	.read_clears = true,
	.unmask = REG_IMS, .mask = REG_IMC, .interrupt = ICR_MALICIOUS,
};

static const struct malicious_row malicious_i350 = {
	.spoof_cause = LVMMC_SPOOFED,
	.spoof_queue = LVMMC_QUEUE,
	.side = { { REG_DTXCTL, DTXCTL_MDP_EN, REG_MDFB, 0, REG_LVMMC } },
	.nb_sides = 1,
	.nb_words = 1,
	.unmask = REG_IMS, .mask = REG_IMC, .interrupt = ICR_MALICIOUS,
};

/* 8.9. The I350 has no such thing. */
static const struct rate_regs rate_82576 = {
	.select = REG_RTTDQSEL, .window = REG_RTTBCNRM, .factor = REG_RTTBCNRC,
	.window_value = RTTBCNRM_LARGE,
	.enable = RTTBCNRC_ENABLE, .factor_bits = RTTBCNRC_FACTOR,
	.min_mbps = 1, .max_mbps = RTE_ETH_SPEED_NUM_1G,
};

/* 8.11. */
static const struct mirror_regs mirror_82576 = {
	.control = REG_VMRCTL(0), .pools = REG_VMRVM(0),
	.of_pools = VMRCTL_POOLS, .to = VMRCTL_TO,
};

/* 6.3, 6.4: VF v's vector i is bit 22 - 3 v + i of EICR. */
static const struct vf_throttle throttle_82576 = {
	.first = REG_EITR(22), .vf_step = -12, .vectors = 3,
	.interval = EITR_INTERVAL, .keep_counter = EITR_KEEP, .tick_us = 1,
};

/* 8.10: as likely as the sheet says; one interval is that of SCBI after a reset. */
static const struct storm_regs storm_82576 = {
	.control = REG_SCCRL, .tick = REG_SCBI, .broadcast = REG_BSCTRH, .multicast = REG_MSCTRH,
	.drop_broadcast = SCCRL_BROADCAST, .drop_multicast = SCCRL_MULTICAST,
	.intervals = SCCRL_INTERVALS, .threshold = SCTRH_CHUNKS,
	.tick_value = SCBI_100_MS, .interval_ms = 100,
	.max_kbps = 1000000,
};

#define COMMON \
	.dialect = MBX_DIALECT_82576, \
	.speed_capa = RTE_ETH_LINK_SPEED_10M_HD | RTE_ETH_LINK_SPEED_10M | \
		RTE_ETH_LINK_SPEED_100M_HD | RTE_ETH_LINK_SPEED_100M | RTE_ETH_LINK_SPEED_1G, \
	.nb_pools = 8, \
	.max_vfs = 7, \
	.nb_vlvf = 32, \
	.vf_step = 1, \
	.vf_queue_step = 8, \
	\
	/* 2.7 */ \
	.semaphore = { \
		.control = REG_SWSM, .sync = REG_SW_FW_SYNC, \
		.software = SWSM_SMBI, .firmware = SWSM_SWESMBI, \
		.firmware_shift = SYNC_FW_SHIFT, \
	}, \
	\
	/* The one that boards set aside for it; the one before it stays dark. */ \
	.led = { \
		.control = REG_LEDCTL, .mask = LEDCTL_LED2 | LEDCTL_LED3, \
		.on = LED_OFF << 16 | (uint32_t)LED_ON << 24, \
		.off = LED_OFF << 16 | (uint32_t)LED_OFF << 24, \
	}, \
	\
	/* 7.1 */ \
	.mailbox_control = 0x0c00, .mailbox_control_stride = 4, \
	.mailbox_memory = 0x0800, .mailbox_memory_stride = 0x40, \
	\
	/* 8.12 */ \
	.counters = counters_82576, \
	.nb_counters = NB_COUNTERS_82576, \
	.pool_counters = { \
		[POOL_RX_PACKETS] = { 0x10010, 0x100 }, \
		[POOL_RX_BYTES] = { 0x10018, 0x100 }, \
		[POOL_TX_PACKETS] = { 0x10014, 0x100 }, \
		[POOL_TX_BYTES] = { 0x10034, 0x100 }, \
		[POOL_RX_MULTICAST] = { 0x1003c, 0x100 }, \
	}, \
	\
	.reset = gbe_reset, \
	.count_vfs = count_vfs, \
	.read_mac = gbe_read_mac, \
	.init = gbe_init, \
	.announce = announce, \
	.release = release, \
	.is_gone = is_gone, \
	\
	.write_rx_mode = write_rx_mode, \
	.enable_rx_tx = enable_rx_tx, \
	.read_link = read_link, \
	.set_link = gbe_set_link, \
	\
	.water_unit = 1, \
	.rx_buffer_bytes = gbe_rx_buffer_bytes, \
	.write_flow_control = gbe_write_flow_control, \
	.advertise_pause = gbe_start_link, \
	.read_partner = gbe_read_partner, \
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
	.write_drop = gbe_write_drop, \
	.write_loopback = write_loopback, \
	\
	.mirror = &mirror_82576, \
	.vf_throttle = &throttle_82576, \
	.storm = &storm_82576

const struct pf_family pf_family_82576 = {
	.name = "82576",
	.queues = &family_82576_pf,
	.nb_rar = 24,
	.vf_queues = 2,
	.rss_alone = &rss_82576_alone,
	.rss_pools = &rss_82576_pools,
	.spreads_for_vfs = true,
	.write_spread = write_spread,
	.gbe = &gbe_82576,
	.introspect = &introspect_82576,
	.malicious = &malicious_82576,
	.rate = &rate_82576,
	.write_replicated_strip = write_replicated_strip,
	COMMON,
};

const struct pf_family pf_family_i350 = {
	.name = "I350",
	.queues = &family_i350_pf,
	.nb_rar = 32,
	.vf_queues = 1,
	.rss_alone = &rss_i350_alone,
	.write_all_unicast = write_all_unicast,
	.gbe = &gbe_i350,
	.introspect = &introspect_i350,
	.malicious = &malicious_i350,
	COMMON,
};
