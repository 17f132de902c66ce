/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The 82576 and the I350: resets, the mailbox's place, what differs between the two.
 *
 * Stored but without effect: 5-tuple, SYN, flexible and immediate-interrupt filters, low-latency
 * interrupts, wake-up, time stamps, SerDes and SGMII, DCA, DMA coalescing, EEE, write
 * thresholds, VT_CTL.IGNORE_MAC, VLVF.LVLAN, RAH.ASEL other than the destination's. Always 0: a
 * VF's loopback counters and counters of what does not happen here (collisions).
 * Without an interrupt: storm control (ICR.SCE) and spoofing by itself. Autonegotiation and resets
 * take no time. What the sheet marks as a guess, storm control and mirroring, is no more than that.
 */

#include <string.h>

#include "family_82576.h"
#include "family_82576_rows.h"
#include "mailbox.h"
#include "regs_82576.h"

static uint32_t
rx_block(uint16_t queue)
{
	return RX_BLOCKS + BLOCK_STRIDE * queue;
}

static uint32_t
tx_block(uint16_t queue)
{
	return TX_BLOCKS + BLOCK_STRIDE * queue;
}

static uint16_t
vf_queue(const struct nic *nic, unsigned int vf, unsigned int i)
{
	return i < gbe_traits(nic)->vf_queues ? vf + GBE_POOLS * i : UINT16_MAX;
}

/* --- Mailbox (6.7, 7.1) --- */

static void
tell_pf(struct nic *nic, unsigned int vf, uint32_t bit)
{
	*pf_csr(nic, MBVFICR) |= bit;
	if (*pf_csr(nic, MBVFIMR) >> vf & 1)
		gbe_other_cause(nic, ICR_VMMB);
}

static void
to_pf_request(struct nic *nic, unsigned int vf)
{
	tell_pf(nic, vf, BIT(vf));
}

static void
to_pf_ack(struct nic *nic, unsigned int vf)
{
	tell_pf(nic, vf, BIT(MBVFICR_ACK_SHIFT + vf));
}

static void
forget(struct nic *nic, unsigned int vf)
{
	*pf_csr(nic, MBVFICR) &= ~(BIT(vf) | BIT(MBVFICR_ACK_SHIFT + vf));
}

static const struct mailbox_layout mailbox_layout = {
	.pf_control = P2VMAILBOX,
	.memory = VMBMEM,
	.to_pf_request = to_pf_request,
	.to_pf_ack = to_pf_ack,
	.forget = forget,
	.to_vf = gbe_mailbox_to_vf,
};

/* --- Resets --- */

/** VTCTRL.RST, VFLR: only enables fall; what the VF has programmed survives (3.6e). */
static void
reset_vf(struct nic *nic, unsigned int vf)
{
	gbe_stop_vf_queues(nic, vf);
	*pf_csr(nic, VFRE) &= ~BIT(vf);
	*pf_csr(nic, VFTE) &= ~BIT(vf);
	gbe_reset_irq(nic, RESET_VF, vf);
	gbe_decode_pools(nic);
	if (vf >= nic->nb_vfs)
		return;
	*pf_csr(nic, VFLRE) |= BIT(vf);
	gbe_other_cause(nic, ICR_VMMB);
}

static void
reset(struct nic *nic, enum reset_kind kind, unsigned int vf)
{
	if (kind == RESET_VF) {
		reset_vf(nic, vf);
		return;
	}
	mailbox_set_layout(nic, &mailbox_layout);
	gbe_reset_mac(nic, kind);
	gbe_reset_queues(nic);
	gbe_reset_stats(nic);
	gbe_decode_all(nic);
	/* Until the PF says that it is ready: CTRL_EXT.PFRSTD. */
	for (unsigned int i = 0; i < nic->family->max_vfs; i++)
		mailbox_reset_in_progress(nic, i, true);
}

static void
vfs_changed(struct nic *nic)
{
	gbe_decode_queues(nic);
	gbe_decode_vectors(nic);
}

/* --- Causes --- */

static void
missed_cause(struct nic *nic)
{
	gbe_other_cause(nic, ICR_RXO);
}

/* 8.8 */
static void
mdd_cause(struct nic *nic, uint16_t queue, bool rx)
{
	(void)rx;
	if (gbe_traits(nic)->blocked_bitmap) {
		*pf_csr(nic, MDFB) |= BIT(queue);
		*pf_csr(nic, LVMMC) = (uint32_t)queue << LVMMC_I350_QUEUE_SHIFT;
	} else {
		gbe_of(nic)->queues_blocked |= BIT(queue);
		*pf_csr(nic, LVMMC) = (uint32_t)queue << LVMMC_82576_QUEUE_SHIFT;
	}
	gbe_other_cause(nic, ICR_MALICIOUS);
}

/* --- The two --- */

static const struct gbe_traits traits_82576 = {
	.phy_id = 0x02a80391,
	.txswc = DTXSWC,
	.vf_queues = 2,
	.pool_rss = true,
	.rate_limits = true,
	.nvm_regions = 1,
};

static const struct gbe_traits traits_i350 = {
	.phy_id = 0x015403b1,
	.txswc = TXSWC,
	.vf_queues = 1,
	.ivar_by_pairs = true,
	.pool_promiscuous = true,
	.strip_by_queue = true,
	.blocked_bitmap = true,
	.device_reset = true,
	.link_power = true,
	.nvm_regions = 4,
};

/* 4.2 */
#define GBE_RXD \
	.error_l4 = BIT(29), .error_ip = BIT(30), .error_rxe = BIT(31), .loopback = BIT(18), \
	.ip_id = BIT(9)

#define GBE_FAMILY \
	.revision = 1, \
	.pf_bar_bytes = 0x20000, .vf_bar_bytes = 0x4000, \
	.msix_bar = 3, .vf_msix_bar = 3, .pf_vectors = 10, .vf_vectors = GBE_VF_VECTORS, \
	.nb_pools = GBE_POOLS, .max_vfs = 8, .nb_vlvfs = 32, \
	.link_mbps = 1000, \
	.mdd = true, \
	.data_bytes = sizeof(struct gbe), \
	.rx_block = rx_block, .tx_block = tx_block, .vf_queue = vf_queue, \
	.reset = reset, .vfs_changed = vfs_changed, \
	.rx_cause = gbe_rx_cause, .tx_cause = gbe_tx_cause, .link_cause = gbe_link_cause, \
	.rx_low_cause = gbe_rx_low_cause, \
	.missed_cause = missed_cause, .mdd_cause = mdd_cause, .vector_fired = gbe_vector_fired

#define NB_ROWS(rows) (sizeof(rows) / sizeof((rows)[0]))

const struct nic_family nic_family_82576 = {
	.name = "82576",
	.pf_device_id = 0x10c9, .vf_device_id = 0x10ca,
	.nb_queues = 16, .nb_rars = 24,
	.rxd = { GBE_RXD },
	.traits = &traits_82576,
	.pf_rows = pf_rows_82576, .nb_pf_rows = NB_ROWS(pf_rows_82576),
	.vf_rows = vf_rows_82576, .nb_vf_rows = NB_ROWS(vf_rows_82576),
	GBE_FAMILY,
};

const struct nic_family nic_family_i350 = {
	.name = "i350",
	.pf_device_id = 0x1521, .vf_device_id = 0x1520,
	.nb_queues = 8, .nb_rars = 32,
	.rxd = { GBE_RXD, .loopback_vlan_swapped = true },
	.traits = &traits_i350,
	.pf_rows = pf_rows_i350, .nb_pf_rows = NB_ROWS(pf_rows_i350),
	.vf_rows = vf_rows_i350, .nb_vf_rows = NB_ROWS(vf_rows_i350),
	GBE_FAMILY,
};
