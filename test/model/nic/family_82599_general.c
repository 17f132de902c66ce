/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include "family_82599.h"
#include "mailbox.h"

/* The 82599's FRTIMER counts units of 10 ms at 10 Gb/s. */
#define FRTIMER_UNIT_NS 10240

#define FRAME_BYTES 1518	/* the largest while HLREG0.JUMBOEN is off */

uint32_t
status_82599_read(struct function *fn, unsigned int i, uint32_t value)
{
	const struct nic *nic = fn->nic;

	(void)i;
	(void)value;
	value = STATUS_NUM_VFS(nic->nb_vfs & 0x7f);
	if (nic->nb_vfs != 0)
		value |= STATUS_IOV;
	/* No transaction ever waits here: DMA is off as soon as it is told. */
	if ((nic->pf.csr[R_CTRL / 4] & CTRL_GIO_DIS) == 0)
		value |= STATUS_GIO;
	return value;
}

uint32_t
frtimer_82599_read(struct function *fn, unsigned int i, uint32_t value)
{
	(void)i;
	(void)value;
	return nic_now_ns(fn->nic) / FRTIMER_UNIT_NS;
}

void
ctrl_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)i;
	(void)old;
	if (written & (CTRL_RST | CTRL_LNK_RST))
		nic_reset(fn->nic, RESET_PF_SOFTWARE, 0);
}

uint32_t
ctrl_mirror_82599_read(struct function *fn, unsigned int i, uint32_t value)
{
	(void)i;
	(void)value;
	return *pf_csr(fn->nic, R_CTRL);
}

void
ctrl_mirror_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)i;
	(void)old;
	reg_write(fn, R_CTRL, written);
}

void
vfctrl_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)i;
	(void)old;
	if (written & CTRL_RST)
		nic_reset(fn->nic, RESET_VF, fn->vf);
}

void
pvfctrl_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)old;
	if (written & CTRL_RST)
		nic_reset(fn->nic, RESET_VF, i);
}

void
ctrl_ext_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	struct nic *nic = fn->nic;

	(void)i;
	(void)old;
	*pf_csr(nic, R_CTRL_EXT) &= ~CTRL_EXT_PFRSTD;
	port_82599_decode(nic);
	filters_82599_decode(nic);
	if ((written & CTRL_EXT_PFRSTD) == 0)
		return;
	for (unsigned int vf = 0; vf < nic->family->max_vfs; vf++)
		mailbox_reset_in_progress(nic, vf, false);
}

/* 2.5, 2.7: traffic class 0, and not by priority. */
static void
decode_flow_control(struct nic *nic)
{
	uint32_t mflcn = *pf_csr(nic, R_MFLCN);
	uint32_t low = *pf_csr(nic, R_FCRTL), high = *pf_csr(nic, R_FCRTH);
	struct port_state *port = &nic->port;

	port->rx_pause = (mflcn & MFLCN_RFCE) != 0;
	port->tx_pause = (*pf_csr(nic, R_FCCFG) & FCCFG_TFCE) != 0 && (high & FCRTH_FCEN) != 0;
	port->send_xon = (low & FCRTL_XONE) != 0;
	port->pass_control = (mflcn & MFLCN_PMCF) != 0;
	port->pause_time = *pf_csr(nic, R_FCTTV) & 0xffff;
	port->pause_refresh = *pf_csr(nic, R_FCRTV) & 0xffff;
	port->low_water = low & FCRT_BYTES;
	port->high_water = high & FCRT_BYTES;
}

void
port_82599_decode(struct nic *nic)
{
	uint32_t hlreg0 = *pf_csr(nic, R_HLREG0);
	uint32_t rdrxctl = *pf_csr(nic, R_RDRXCTL);
	uint32_t dmatxctl = *pf_csr(nic, R_DMATXCTL);
	struct port_state *port = &nic->port;

	/* 2.6: the security block holds back what comes in while software turns on the receiver. */
	port->rx_enabled = (*pf_csr(nic, R_RXCTRL) & RXCTRL_RXEN) != 0 &&
			   (*pf_csr(nic, R_SECRXCTRL) & SEC_DIS) == 0;
	port->tx_enabled = (dmatxctl & DMATXCTL_TE) != 0 &&
			   (*pf_csr(nic, R_SECTXCTRL) & SEC_DIS) == 0;
	port->max_frame = hlreg0 & HLREG0_JUMBOEN ? *pf_csr(nic, R_MAXFRS) >> 16 : FRAME_BYTES;
	port->strip_crc = (hlreg0 & HLREG0_RXCRCSTRP) != 0;
	port->pad_tx = (hlreg0 & HLREG0_TXPADEN) != 0;
	port->mac_loopback = (hlreg0 & HLREG0_LPBK) != 0;
	port->fragment_checksum = (*pf_csr(nic, R_RXCSUM) & RXCSUM_PCSD) == 0;
	port->check_ip = true;
	port->check_l4 = true;
	port->vxlan_port = nic->family->tunnels ? *pf_csr(nic, R_VXLANCTRL) & VXLANCTRL_VXLAN : 0;
	port->strip_vlan = false;	/* here it is a queue's */
	port->mdd_rx = nic->family->mdd && (rdrxctl & RDRXCTL_MDP_EN) != 0;
	port->mdd_tx = nic->family->mdd && (dmatxctl & DMATXCTL_MDP_EN) != 0;
	nic->filters.tx_vlan_etype = DMATXCTL_VT(dmatxctl);
	decode_flow_control(nic);
	nic_changed(nic);
}

void
port_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)i;
	(void)old;
	(void)written;
	port_82599_decode(fn->nic);
}

/* --- Resets --- */

static void
power_up(struct nic *nic)
{
	mailbox_set_layout(nic, &mailbox_layout_82599);
	nvm_82599_init(nic);
	modules_82599_init(nic);
}

/** After a reset of the port the EEPROM's address is in the first entry. */
static void
load_mac(struct nic *nic)
{
	const uint8_t *mac = nic->mac;

	*pf_csr(nic, R_RAL) = mac[0] | mac[1] << 8 | mac[2] << 16 | (uint32_t)mac[3] << 24;
	*pf_csr(nic, R_RAH) = mac[4] | mac[5] << 8 | RAH_AV;
}

static void
reset_port(struct nic *nic)
{
	struct data_82599 *data = data_82599(nic);

	data->vector_cause = data->vector_enabled = 0;
	data->misc_cause = data->misc_enabled = 0;
	data->flr = 0;
	for (unsigned int q = 0; q < NIC_QUEUES_MAX; q++) {
		data->qde[q] = 0;
		data->rate_factor[q] = data->credits[q] = 0;
		nic->rxq[q].stuck = nic->txq[q].stuck = false;
	}
	load_mac(nic);
	port_82599_decode(nic);
	filters_82599_decode(nic);
	pools_82599_decode(nic);
	rss_82599_decode(nic);
	queues_82599_decode(nic);
	rates_82599_decode(nic);
	irq_82599_decode(nic);
	link_82599_decode(nic);
	/* 7.1: RSTI until the PF writes PFRSTD. */
	for (unsigned int vf = 0; vf < nic->family->max_vfs; vf++)
		mailbox_reset_in_progress(nic, vf, true);
}

/** 2.9, 7.1: what becomes of a VF, beside its own registers. */
static void
reset_vf(struct nic *nic, unsigned int vf)
{
	struct data_82599 *data = data_82599(nic);
	struct function *fn = &nic->vf[vf];

	fn->pfsts = fn->pfack = false;
	*pf_csr(nic, R_PFMAILBOX + 4 * vf) &= ~MAILBOX_VFU;
	*pf_csr(nic, R_VFRE + 4 * (vf / 32)) &= ~BIT(vf % 32);
	*pf_csr(nic, R_VFTE + 4 * (vf / 32)) &= ~BIT(vf % 32);
	vf_queues_82599_reset(nic, vf);
	vf_82599_intervals(fn);
	pools_82599_decode(nic);
	rss_82599_decode(nic);
	queues_82599_decode(nic);
	data->flr |= 1ull << vf;
	misc_82599_cause(nic, EICR_MAILBOX);
}

void
reset_82599(struct nic *nic, enum reset_kind kind, unsigned int vf)
{
	if (kind == RESET_POWER)
		power_up(nic);
	if (kind == RESET_VF)
		reset_vf(nic, vf);
	else
		reset_port(nic);
}
