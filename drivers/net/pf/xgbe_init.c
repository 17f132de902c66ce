/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * A 10 Gb/s PF after its reset: the 82599 sheet, 2.4 from step 12 on, 2.6 and 8.1a.
 *
 * Queues, the receiver and PFRSTD follow when the port is started. With VFs there are always 64
 * pools of two queues each, and the PF sits in the one behind the last VF's.
 */
#include <errno.h>

#include "log.h"
#include "rar.h"
#include "regs_82599.h"
#include "rss.h"
#include "xgbe.h"

#define HASH_WORDS    128
#define ADMIN_VECTOR  0
#define TX_BUFFER_KB  160
#define TX_THRESH_KB  (TX_BUFFER_KB - 10)	/* less the largest frame */
#define ETYPE_MAC_CONTROL 0x8808

int
xgbe_read_mac(struct pf *pf, struct mac_addr *mac)
{
	uint32_t low = reg_read(&pf->port.io, REG_RAL(0));
	uint32_t high = reg_read(&pf->port.io, REG_RAH(0));

	*mac = rar_mac(low, high);
	if (mac_is_unicast(mac))
		return 0;
	PF_LOG(ERR, "port %u: no MAC address in the registers", pf->port_id);
	return -EADDRNOTAVAIL;
}

/* 2.4 steps 14 and 15; row 127 is the SAN address's, which nobody here wants. */
static void
clear_tables(const struct mmio *io)
{
	uint16_t i;

	for (i = 0; i < RAR_ROWS; i++) {
		reg_write(io, REG_RAH(i), 0);
		reg_write(io, REG_RAL(i), 0);
		reg_write(io, REG_MPSAR_LOW(i), 0);
		reg_write(io, REG_MPSAR_HIGH(i), 0);
	}
	for (i = 0; i < HASH_WORDS; i++) {
		reg_write(io, REG_VFTA(i), 0);
		reg_write(io, REG_MTA(i), 0);
		reg_write(io, REG_UTA(i), 0);
	}
	for (i = 0; i < VLVF_ROWS; i++) {
		reg_write(io, REG_VLVF(i), 0);
		reg_write(io, REG_VLVFB_LOW(i), 0);
		reg_write(io, REG_VLVFB_HIGH(i), 0);
	}
	reg_write(io, REG_MCSTCTRL, MCSTCTRL_MFE);
}

/* 2.4 step 16: no rate limits. */
static void
clear_rate_limits(const struct mmio *io)
{
	uint16_t q;

	for (q = 0; q < QUEUES; q++) {
		reg_write(io, REG_RTTDQSEL, q);
		reg_write(io, REG_RTTBCNRC, 0);
	}
}

/* 2.6 step 1: all to the one traffic class. */
static void
set_up_buffers(struct pf *pf)
{
	const struct mmio *io = &pf->port.io;
	uint32_t rx_kb = pf->family->xgbe->rx_buffer_kb;
	uint16_t tc;

	reg_write(io, REG_RXPBSIZE(0), field_set(RXPBSIZE_KB, 0, rx_kb));
	reg_write(io, REG_TXPBSIZE(0), TX_BUFFER_KB * 1024);
	reg_write(io, REG_TXPBTHRESH(0), TX_THRESH_KB);
	for (tc = 1; tc < TRAFFIC_CLASSES; tc++) {
		reg_write(io, REG_RXPBSIZE(tc), 0);
		reg_write(io, REG_TXPBSIZE(tc), 0);
		reg_write(io, REG_TXPBTHRESH(tc), 0);
	}
}

/* Where the number of pools stands a second, third and fourth time: all four must agree (1.4). */
static void
set_up_queue_layout(struct pf *pf)
{
	const struct mmio *io = &pf->port.io;
	bool pools = xgbe_has_pools(pf);

	reg_update(io, REG_RTTDCS, 0, RTTDCS_ARBDIS);
	reg_write(io, REG_MTQC, pools ? MTQC_64_POOLS : 0);
	reg_update(io, REG_RTTDCS, RTTDCS_ARBDIS, 0);
	pf_rss_set_up(pf);
	reg_update(io, REG_GCR_EXT, GCR_EXT_VT_MODE, pools ? VT_MODE_64_POOLS : 0);
}

/* 8.1a step 9: frames that are between neighbours, and never a VF's to send. */
static void
refuse_control_frames(struct pf *pf)
{
	static const struct {
		uint16_t filter, etype;
	} refused[] = {
		{ ETQF_OF_LLDP, RTE_ETHER_TYPE_LLDP },
		{ ETQF_OF_PAUSE, ETYPE_MAC_CONTROL },
	};
	const struct mmio *io = &pf->port.io;
	uint16_t vf;
	size_t i;

	for (i = 0; i < ARRAY_LEN(refused); i++)
		reg_write(io, REG_ETQF(refused[i].filter),
			  field_set(ETQF_ETYPE, ETQF_ENABLE | ETQF_TX_ANTISPOOF,
				    refused[i].etype));
	for (vf = 0; vf < pf->nb_vfs; vf++)
		reg_update(io, REG_PFVFSPOOF(vf / 8), 0, PFVFSPOOF_ETYPE(vf));
}

/* 8.1a. */
static void
set_up_pools(struct pf *pf)
{
	const struct mmio *io = &pf->port.io;
	uint16_t pool, i;

	for (i = 0; i < pf->family->nb_pools / 8; i++)
		reg_write(io, REG_PFVFSPOOF(i), 0);
	for (pool = 0; pool < pf->family->nb_pools; pool++) {
		reg_write(io, REG_PSRTYPE(pool), 0);
		reg_write(io, REG_VMOLR(pool), 0);
		reg_write(io, REG_VMVIR(pool), 0);
	}
	if (!xgbe_has_pools(pf)) {
		reg_write(io, REG_VT_CTL, 0);
		reg_write(io, REG_PFDTXGSWC, 0);
		return;
	}
	reg_write(io, REG_VT_CTL, field_set(VT_CTL_DEFAULT_POOL, VT_CTL_ENABLE | VT_CTL_REPLICATE,
					    pf->pool));
	reg_write(io, REG_PFDTXGSWC, PFDTXGSWC_LBE);
	if (pf->family->xgbe->etype_filter)
		refuse_control_frames(pf);
	/* VLAN 0's row is always row 0, for frames with a priority but no VLAN (5.2). */
	reg_write(io, REG_VLVF(0), VLVF_ENABLE);
	reg_write(io, REG_VFTA(0), BIT(0));
	for (i = 0; i < QUEUES; i++)
		xgbe_write_queue_drop(pf, i, true, false);
	for (i = 0; i < 2; i++) {
		reg_write(io, REG_VMECM(i), UINT32_MAX);
		reg_write(io, REG_PFMBIMR(i), UINT32_MAX);
	}
}

/*
 * 6. Vector 0 is for mailboxes and link, the others are for Rx queues. VFs get no interrupt at all
 * unless MSIX_MODE and PBA are set here.
 */
static void
set_up_interrupts(struct pf *pf)
{
	const struct mmio *io = &pf->port.io;
	uint32_t gpie = GPIE_MSIX_MODE | GPIE_OCD | GPIE_EIAME | GPIE_PBA;
	uint64_t vfs = pool_bit(pf->nb_vfs) - 1;
	uint16_t i;

	reg_write(io, REG_GPIE, field_set(GPIE_VTMODE, gpie,
					  xgbe_has_pools(pf) ? VT_MODE_64_POOLS : 0));
	for (i = 0; i < IVAR_WORDS; i++)
		reg_write(io, REG_IVAR(i), 0);
	reg_write(io, REG_IVAR_MISC, field_set(IVAR_MISC_OTHER, 0, ADMIN_VECTOR | IVAR_VALID));
	/*
	 * Causes of vector 0 are cleared by hand: an automatic clear would lose which it was. Those
	 * of vectors beyond EICR clear themselves in any case.
	 */
	reg_write(io, REG_EIAC, ~(EICR_OTHER_CAUSES | BIT(ADMIN_VECTOR)));
	reg_write(io, REG_EIAM, EICR_MAILBOX | EICR_LSC);
	reg_write(io, REG_EIAM_EX(0), UINT32_MAX);
	reg_write(io, REG_EIAM_EX(1), UINT32_MAX);
	reg_write(io, REG_EITR0, 0);
	reg_write(io, REG_EITRSEL, vfs >> 32);
}

/* 2.5, 5.1; RSC stays off, whose field must be 0 all the same. */
static void
set_up_receiver(struct pf *pf)
{
	const struct mmio *io = &pf->port.io;
	uint32_t set = RDRXCTL_CRCSTRIP | RDRXCTL_RSCACKC | RDRXCTL_FCOE_WRFIX;

	if (xgbe_has_pools(pf))
		set |= pf->family->xgbe->rdrxctl;
	reg_update(io, REG_RDRXCTL, RDRXCTL_RSCFRSTSIZE, set);
	reg_update(io, REG_HLREG0, HLREG0_LPBK,
		   HLREG0_TXCRCEN | HLREG0_RXCRCSTRP | HLREG0_TXPADEN);
	reg_update(io, REG_RXCSUM, 0, RXCSUM_PCSD);
	reg_write(io, REG_VLNCTRL, 0);
	pf->family->write_tag_type(pf);
	if (pf->family->write_vxlan_port != NULL)
		pf->family->write_vxlan_port(pf);
	reg_write(io, REG_FCTRL, FCTRL_BAM);
}

/* A byte per queue (3.5): drops of the PF's queues are counted apart. */
static void
count_own_drops(struct pf *pf)
{
	uint16_t first = pf->port.first_queue, nb = port_queues(&pf->port).rx, q;
	uint32_t word = 0;

	for (q = 0; q < QUEUES; q++) {
		word |= q >= first && q < first + nb ? BIT(8 * (q % 4)) : 0;
		if (q % 4 != 3)
			continue;
		reg_write(&pf->port.io, REG_RQSMR(q / 4), word);
		word = 0;
	}
}

/* 2.4 step 15: reading clears. */
static void
clear_counters(struct pf *pf)
{
	const struct pf_counter *counter = pf->family->counters;
	uint16_t i;

	count_own_drops(pf);
	for (i = 0; i < pf->family->nb_counters; i++, counter++) {
		reg_read(&pf->port.io, REG(counter->offset));
		if (counter->wide)
			reg_read(&pf->port.io, REG(counter->offset + 4));
	}
}

/* What the VFs did before: their mailboxes' and resets' causes are no news. */
static void
clear_vf_events(const struct mmio *io)
{
	uint16_t i;

	for (i = 0; i < PFMBICR_WORDS; i++)
		reg_write(io, REG_PFMBICR(i), UINT32_MAX);
	for (i = 0; i < 2; i++)
		reg_write(io, REG_VFLREC(i), UINT32_MAX);
}

int
xgbe_init(struct pf *pf)
{
	const struct mmio *io = &pf->port.io;
	int rc;

	clear_tables(io);
	clear_rate_limits(io);
	set_up_buffers(pf);
	/* Until both ends of the link have agreed on it. */
	pf->flow.rx_on = pf->flow.tx_on = false;
	xgbe_write_flow_control(pf, &pf->flow);
	set_up_pools(pf);
	set_up_queue_layout(pf);
	set_up_receiver(pf);
	set_up_interrupts(pf);
	clear_vf_events(io);
	rc = xgbe_start_link(pf);
	if (rc < 0)
		return rc;
	clear_counters(pf);
	reg_update(io, REG_CTRL_EXT, CTRL_EXT_PFRSTD, CTRL_EXT_NS_DIS | CTRL_EXT_DRV_LOAD);
	return 0;
}
