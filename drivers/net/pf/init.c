/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * A 1 Gb/s PF after its reset, in the order of the 82576 sheet, 2.5: steps 2 to 13.
 *
 * Queues, the receiver and PFRSTD follow when the port is started.
 */
#include "gbe.h"
#include "log.h"
#include "regs_82576.h"
#include "rss.h"

#define ADMIN_VECTOR	0
#define EICR_VECTORS	25
#define HASH_WORDS	128

/* Step 2: queue 0 comes up enabled, with no ring behind it. */
static void
disable_queue_0(const struct mmio *io)
{
	reg_write(io, REG_RXDCTL0, 0);
	reg_write(io, REG_TXDCTL0, 0);
}

/* Steps 3 to 5. */
static void
clear_tables(struct pf *pf)
{
	const struct mmio *io = &pf->port.io;
	static const struct rar_entry no_address;
	static const struct vlvf_entry no_vlan;
	uint16_t i;

	for (i = 0; i < HASH_WORDS; i++) {
		pf->family->write_vfta(pf, 32 * i, 0);
		reg_write(io, REG_MTA(i), 0);
		reg_write(io, REG_UTA(i), 0);
	}
	for (i = 0; i < pf->family->nb_rar; i++)
		pf->family->write_rar(pf, i, &no_address);
	for (i = 0; i < pf->family->nb_vlvf; i++)
		pf->family->write_vlvf(pf, i, &no_vlan);
}

/* Steps 6 and 7: tags stay in the frame, no wake-up frame is armed, nor does DMA wait for more. */
static void
set_vlan_type_and_wakeup(struct pf *pf)
{
	const struct gbe_row *row = pf->family->gbe;
	const struct mmio *io = &pf->port.io;

	reg_update(io, REG_CTRL, CTRL_VME, 0);
	reg_write(io, REG_VET, VET_DEFAULT);
	reg_write(io, REG_WUC, 0);
	reg_write(io, REG_WUFC, 0);
	if (row->dma_coalescing.offset != 0)
		reg_write(io, row->dma_coalescing, 0);
}

/* Step 9: reading clears. */
static void
clear_counters(struct pf *pf)
{
	const struct pf_counter *counter = pf->family->counters;
	uint16_t i;

	for (i = 0; i < pf->family->nb_counters; i++, counter++) {
		reg_read(&pf->port.io, REG(counter->offset));
		if (counter->wide)
			reg_read(&pf->port.io, REG(counter->offset + 4));
	}
}

/*
 * Step 12. GPIE goes first: VFs get no interrupt at all unless MSIX_MODE was set before they
 * enable theirs (6.6). EITR survives a reset; 0 answers a VF's mailbox at once.
 */
static void
set_up_interrupts(struct pf *pf)
{
	const struct mmio *io = &pf->port.io;
	uint32_t vectors = BIT(pf->port.nb_vectors) - 1;	/* the others are VFs' */
	unsigned int i;

	reg_write(io, REG_GPIE, GPIE_NSICR | GPIE_MSIX_MODE | GPIE_EIAME | GPIE_PBA);
	reg_write(io, REG_IVAR_MISC, field_set(IVAR_MISC_OTHER, 0, ADMIN_VECTOR | IVAR_VALID));
	reg_write(io, REG_EIAC, vectors);
	reg_write(io, REG_EIAM, vectors);
	for (i = 0; i < EICR_VECTORS; i++)
		reg_write(io, REG_EITR(i), 0);
	reg_write(io, REG_IMS, ICR_LSC | ICR_VMMB);
}

/* Step 13 (8.1, 8.7). The PF sits in the pool behind the last VF's; RSS may add to MRQC. */
static void
set_up_pools(struct pf *pf)
{
	struct reg tx_switch = pf->family->gbe->tx_switch;
	const struct mmio *io = &pf->port.io;
	uint16_t pool;

	if (pf->nb_vfs == 0) {
		reg_write(io, REG_MRQC, 0);
		reg_write(io, tx_switch, 0);
		return;
	}
	reg_write(io, REG_VT_CTL, field_set(VT_CTL_DEFAULT_POOL, VT_CTL_REPLICATE, pf->pool));
	reg_write(io, REG_MRQC, MRQC_VMDQ);
	reg_write(io, tx_switch, DTXSWC_LOOPBACK);
	/* A port VLAN's tag must count for the spoof check (3.8). */
	reg_update(io, REG_DTXCTL, 0, DTXCTL_VLAN_ADDED);
	for (pool = 0; pool < pf->family->nb_pools; pool++)
		reg_write(io, REG_PSRTYPE(pool), 0);
	reg_write(io, REG_MBVFIMR, BIT(pf->nb_vfs) - 1);
}

/* 3.8, 5.1. */
static void
set_up_receiver(struct pf *pf)
{
	const struct mmio *io = &pf->port.io;

	/* Malformed IPv6 extension headers can hang the receiver otherwise. */
	reg_update(io, REG_RFCTL, 0, RFCTL_IPV6_EX_DIS);
	reg_update(io, REG_RXCSUM, 0, RXCSUM_IPOFL | RXCSUM_TUOFL | RXCSUM_PCSD);
}

int
gbe_init(struct pf *pf)
{
	const struct mmio *io = &pf->port.io;
	int rc;

	disable_queue_0(io);
	clear_tables(pf);
	set_vlan_type_and_wakeup(pf);
	rc = gbe_start_link(pf);
	if (rc < 0)
		return rc;
	clear_counters(pf);
	reg_update(io, REG_CTRL_EXT, CTRL_EXT_PFRSTD, CTRL_EXT_DRV_LOAD);
	set_up_interrupts(pf);
	set_up_pools(pf);
	pf_rss_set_up(pf);
	set_up_receiver(pf);
	return 0;
}
