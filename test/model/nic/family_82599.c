/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include "family_82599.h"
#include "mailbox.h"

/* 3.1 */
#define RX_ROWS(name_, reg, ...) \
	{ .name = name_, .offset = R_RX_BLOCK + (reg), .count = RX_BANK, .stride = QUEUE_STRIDE, \
	  .on_write = rxq_82599_write, __VA_ARGS__ }, \
	{ .name = name_ "_HIGH", .offset = R_RX_BLOCK_HIGH + (reg), .count = RX_BANK, \
	  .stride = QUEUE_STRIDE, .on_write = rxq_82599_write_high, __VA_ARGS__ }
#define TX_ROW(name_, reg, ...) \
	{ .name = name_, .offset = R_TX_BLOCK + (reg), .count = 128, .stride = QUEUE_STRIDE, \
	  .on_write = txq_82599_write, __VA_ARGS__ }
#define STORE(name_, offset_, count_) \
	{ .name = name_, .offset = offset_, .count = count_, .writable = RW }
#define ZERO(name_, offset_, count_) { .name = name_, .offset = offset_, .count = count_ }

static const struct reg_row pf_rows_82599[] = {
#include "family_82599_rows.h"
#include "family_82599_counters.h"
	{ .name = "I2CCTL", .offset = R_I2CCTL, .on_read = i2cctl_82599_read,
	  .on_write = i2cctl_82599_write },
	{ .name = "EERD", .offset = R_EERD, .writable = RW, .on_write = eerd_82599_write },
	{ .name = "SW_FW_SYNC", .offset = R_SW_FW_SYNC, .writable = RW,
	  .kept = KEPT_BY(RESET_PF_SOFTWARE) },
	{ .name = "RDRXCTL", .offset = R_RDRXCTL, .writable = ~RDRXCTL_DMAIDONE,
	  .on_write = port_82599_write,
	  .reset = RDRXCTL_DMAIDONE | RDRXCTL_CRCSTRIP | RDRXCTL_RSCFRST },
	{ .name = "RXPBSIZE", .offset = 0x03c00, .writable = RW, .reset = 512 << 10 },
	STORE("CIAA", 0x11088, 1),
	STORE("CIAD", 0x1108c, 1),
};

static const struct reg_row pf_rows_x540[] = {
#include "family_82599_rows.h"
#include "family_82599_counters.h"
	{ .name = "I2CCTL", .offset = R_I2CCTL, .on_read = i2cctl_82599_read,
	  .on_write = i2cctl_82599_write },
	{ .name = "EERD", .offset = R_EERD, .writable = RW, .on_write = eerd_82599_write },
	{ .name = "EEWR", .offset = R_EEWR, .writable = RW, .on_write = eewr_82599_write },
	{ .name = "SW_FW_SYNC", .offset = R_SW_FW_SYNC, .writable = RW,
	  .on_read = sw_fw_sync_82599_read, .kept = KEPT_BY(RESET_PF_SOFTWARE) },
	{ .name = "RDRXCTL", .offset = R_RDRXCTL, .writable = ~RDRXCTL_DMAIDONE,
	  .on_write = port_82599_write,
	  .reset = RDRXCTL_DMAIDONE | RDRXCTL_CRCSTRIP | RDRXCTL_RSCFRST },
	{ .name = "RXPBSIZE", .offset = 0x03c00, .writable = RW, .reset = 384 << 10 },
	STORE("CIAA", 0x11088, 1),
	STORE("CIAD", 0x1108c, 1),
};

static const struct reg_row pf_rows_x550[] = {
#include "family_82599_rows.h"
#include "family_82599_counters.h"
	STORE("I2CCTL", R_I2CCTL_X550, 1),
	{ .name = "SW_FW_SYNC", .offset = R_SW_FW_SYNC, .writable = RW,
	  .on_read = sw_fw_sync_82599_read, .kept = KEPT_BY(RESET_PF_SOFTWARE) },
	{ .name = "RDRXCTL", .offset = R_RDRXCTL, .writable = ~RDRXCTL_DMAIDONE,
	  .on_write = port_82599_write,
	  .reset = RDRXCTL_DMAIDONE | RDRXCTL_CRCSTRIP | RDRXCTL_RSCFRST },
	{ .name = "RXPBSIZE", .offset = 0x03c00, .writable = RW, .reset = 384 << 10 },
	STORE("CIAA", 0x11508, 1),
	STORE("CIAD", 0x11510, 1),
	/* 5.1: tunnels */
	{ .name = "VXLANCTRL", .offset = R_VXLANCTRL, .writable = RW,
	  .on_write = port_82599_write },
	STORE("ETAG_ETYPE", 0x05084, 1),
	STORE("DMACR", 0x02400, 1),
	STORE("DMCTLX", 0x02404, 1),
	STORE("DMCTH", 0x03300, 8),
	STORE("EEER", 0x043a0, 1),
	STORE("EEE_SU", 0x04380, 1),
	{ .name = "EEE_STAT", .offset = 0x04398 },
	/* 3.5: RSS, for the port with more entries, and for each pool */
	{ .name = "ERETA", .offset = R_ERETA, .count = 96, .writable = RW,
	  .on_write = rss_82599_write },
	{ .name = "PFVFMRQC", .offset = R_PFVFMRQC, .count = 64, .writable = RW,
	  .on_write = pool_rss_82599_write },
	{ .name = "PFVFRSSRK", .offset = R_PFVFRSSRK, .count = 1024, .writable = RW,
	  .on_write = pool_rss_82599_write },
	{ .name = "PFVFRETA", .offset = R_PFVFRETA, .count = 1024, .writable = RW,
	  .on_write = pool_rss_82599_write },
	/* 8.1: source pruning */
	{ .name = "PFFLPL", .offset = R_PFFLPL, .count = 2, .writable = RW,
	  .on_write = filter_82599_write },
	/* 8.6: malicious-driver detection */
	{ .name = "LVMMC_RX", .offset = R_LVMMC_RX },
	{ .name = "LVMMC_TX", .offset = R_LVMMC_TX },
	{ .name = "LMVM_RX", .offset = R_LMVM_RX },
	{ .name = "LMVM_TX", .offset = R_LMVM_TX },
	{ .name = "WQBR_RX", .offset = R_WQBR_RX, .count = 4, .clear_by_1 = RW,
	  .on_write = wqbr_rx_82599_write },
	{ .name = "WQBR_TX", .offset = R_WQBR_TX, .count = 4, .clear_by_1 = RW,
	  .on_write = wqbr_tx_82599_write },
};

/* --- VFs --- */

/* A register of each VF, or of each of its queues, at the PF's offset. */
#define TO_PF(name_, expression) \
	static uint32_t \
	name_(const struct nic *nic, unsigned int vf, unsigned int i) \
	{ \
		(void)nic; \
		(void)i; \
		return expression; \
	}
#define TO_QUEUE(name_, block, reg) \
	static uint32_t \
	name_(const struct nic *nic, unsigned int vf, unsigned int i) \
	{ \
		uint16_t q = vf_queue_82599(nic, vf, i); \
		\
		return q < nic->family->nb_queues ? block(q) + (reg) : UINT32_MAX; \
	}

TO_QUEUE(to_rdbal, rx_block_82599, Q_BAL)
TO_QUEUE(to_rdbah, rx_block_82599, Q_BAH)
TO_QUEUE(to_rdlen, rx_block_82599, Q_LEN)
TO_QUEUE(to_dca_rxctrl, rx_block_82599, Q_DCA)
TO_QUEUE(to_rdh, rx_block_82599, Q_HEAD)
TO_QUEUE(to_srrctl, rx_block_82599, Q_SRRCTL)
TO_QUEUE(to_rdt, rx_block_82599, Q_TAIL)
TO_QUEUE(to_rxdctl, rx_block_82599, Q_CONTROL)
TO_QUEUE(to_rscctl, rx_block_82599, Q_RSCCTL)
TO_QUEUE(to_tdbal, tx_block_82599, Q_BAL)
TO_QUEUE(to_tdbah, tx_block_82599, Q_BAH)
TO_QUEUE(to_tdlen, tx_block_82599, Q_LEN)
TO_QUEUE(to_dca_txctrl, tx_block_82599, Q_DCA)
TO_QUEUE(to_tdh, tx_block_82599, Q_HEAD)
TO_QUEUE(to_tdt, tx_block_82599, Q_TAIL)
TO_QUEUE(to_txdctl, tx_block_82599, Q_CONTROL)
TO_QUEUE(to_tdwbal, tx_block_82599, Q_WBAL)
TO_QUEUE(to_tdwbah, tx_block_82599, Q_WBAH)
TO_PF(to_psrtype, R_PSRTYPE + 4 * vf)
TO_PF(to_mbmem, R_PFMBMEM + 64 * vf + 4 * i)
TO_PF(to_gprc, R_PVFGPRC + QUEUE_STRIDE * vf)
TO_PF(to_gorcl, R_PVFGORC_LSB + QUEUE_STRIDE * vf)
TO_PF(to_gorch, R_PVFGORC_MSB + QUEUE_STRIDE * vf)
TO_PF(to_mprc, R_PVFMPRC + QUEUE_STRIDE * vf)
TO_PF(to_gptc, R_PVFGPTC + 4 * vf)
TO_PF(to_gotcl, R_PVFGOTC_LSB + 8 * vf)
TO_PF(to_gotch, R_PVFGOTC_MSB + 8 * vf)
TO_PF(to_vfmrqc, R_PFVFMRQC + 4 * vf)
TO_PF(to_vfrssrk, R_PFVFRSSRK + 64 * vf + 4 * i)
TO_PF(to_vfreta, R_PFVFRETA + 64 * vf + 4 * i)

#define VF_RX(name_, reg, to) \
	{ .name = name_, .offset = R_RX_BLOCK + (reg), .count = VF_QUEUES_SEEN, \
	  .stride = QUEUE_STRIDE, .to_pf = to }
#define VF_TX(name_, reg, to) \
	{ .name = name_, .offset = R_VF_TX_BLOCK + (reg), .count = VF_QUEUES_SEEN, \
	  .stride = QUEUE_STRIDE, .to_pf = to }

static const struct reg_row vf_rows_82599[] = {
#include "family_82599_vf_rows.h"
};

static const struct reg_row vf_rows_x550[] = {
#include "family_82599_vf_rows.h"
	{ .name = "VFMRQC", .offset = R_VFMRQC, .to_pf = to_vfmrqc },
	{ .name = "VFRSSRK", .offset = R_VFRSSRK, .count = 10, .to_pf = to_vfrssrk },
	{ .name = "VFRETA", .offset = R_VFRETA, .count = 16, .to_pf = to_vfreta },
};

/* --- Families --- */

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

/* How the three differ, beside their rows. */
enum { VARIANT_82599, VARIANT_X540, VARIANT_X550 };
static const struct variant_82599 variants[] = {
	[VARIANT_82599] = {
		.gprc_counts_missed = true,
		.sfp = true,
		.reta_entries = 128, .reta_mask = 0xf,
	},
	[VARIANT_X540] = {
		.vmolr_upe = true, .rlpml = true, .flr_readable = true,
		.phy_id = 0x01540200,
		.reta_entries = 128, .reta_mask = 0xf,
	},
	[VARIANT_X550] = {
		.vmolr_upe = true, .vmolr_vpe = true, .rlpml = true, .flr_readable = true,
		.pool_rss = true, .etype_antispoof = true, .hide_vlan = true,
		.source_pruning = true,
		.phy_id = 0x01540220,
		.reta_entries = 512, .reta_mask = 0x3f,
	},
};

/* 4.2: errors are bits of dword 2 of the write-back */
#define RXD_BITS_82599 { .error_l4 = BIT(30), .error_ip = BIT(31), .error_rxe = BIT(29), \
			 .loopback = BIT(18), \
			 .outer_ip_checked = BIT(8), .error_outer_ip = BIT(26) }

/* 1.1 to 1.3. Devices with ports 0 only: the other port of a card is another model. */
#define FAMILY_82599_COMMON \
	.data_bytes = sizeof(struct data_82599), \
	.revision = 1, \
	.pf_bar_bytes = 128 << 10, .vf_bar_bytes = 16 << 10, \
	.msix_bar = 4, .vf_msix_bar = 3, \
	.pf_vectors = 64, .vf_vectors = VF_VECTORS, \
	.nb_queues = 128, .nb_pools = 64, .max_vfs = 64, .nb_rars = 128, .nb_vlvfs = 64, \
	.link_mbps = 10000, \
	.rxd = RXD_BITS_82599, \
	.context_check = true, .tx_segments_max = 40, \
	.vector_is_eicr_bit = true, \
	.rx_block = rx_block_82599, .tx_block = tx_block_82599, \
	.vf_queue = vf_queue_82599, \
	.reset = reset_82599, .vfs_changed = queues_82599_decode, \
	.rx_cause = rx_82599_cause, .tx_cause = tx_82599_cause, \
	.rx_low_cause = rx_82599_low_cause, \
	.link_cause = link_82599_cause, \
	.missed_cause = missed_82599_cause, \
	.mdd_cause = mdd_82599_cause, \
	.vector_fired = vector_82599_fired

const struct nic_family nic_family_82599 = {
	FAMILY_82599_COMMON,
	.name = "82599",
	.traits = &variants[VARIANT_82599],
	.pf_device_id = 0x10fb, .vf_device_id = 0x10ed,	/* SFP+ */
	.pf_rows = pf_rows_82599, .nb_pf_rows = ROWS(pf_rows_82599),
	.vf_rows = vf_rows_82599, .nb_vf_rows = ROWS(vf_rows_82599),
};

const struct nic_family nic_family_x540 = {
	FAMILY_82599_COMMON,
	.name = "x540",
	.traits = &variants[VARIANT_X540],
	.pf_device_id = 0x1528, .vf_device_id = 0x1515,
	.pf_rows = pf_rows_x540, .nb_pf_rows = ROWS(pf_rows_x540),
	.vf_rows = vf_rows_82599, .nb_vf_rows = ROWS(vf_rows_82599),
};

const struct nic_family nic_family_x550 = {
	FAMILY_82599_COMMON,
	.name = "x550",
	.traits = &variants[VARIANT_X550],
	.pf_device_id = 0x1563, .vf_device_id = 0x1565,
	.mdd = true, .tunnels = true,
	.pf_rows = pf_rows_x550, .nb_pf_rows = ROWS(pf_rows_x550),
	.vf_rows = vf_rows_x550, .nb_vf_rows = ROWS(vf_rows_x550),
};
