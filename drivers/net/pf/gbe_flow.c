/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Flow control of the 1 Gb/s families (82576 sheet, 2.6, 2.11).
 */
#include "gbe.h"
#include "regs_82576.h"

#define KB 1024

/* 2.6: kilobytes, or a code for them. */
uint32_t
gbe_rx_buffer_bytes(struct pf *pf)
{
	uint32_t value = field_get(RXPBS_KB, reg_read(&pf->port.io, REG_RXPBS));
	const struct gbe_row *row = pf->family->gbe;

	if (row->nb_rx_buffer_kb == 0)
		return value * KB;
	return value < row->nb_rx_buffer_kb ? row->rx_buffer_kb[value] * KB : 0;
}

static uint32_t
queues_of(const struct pf *pf, uint16_t pool)
{
	uint32_t mask = 0;
	uint16_t i;

	for (i = 0; i < pf->family->vf_queues; i++)
		mask |= BIT(pool * pf->family->vf_step + i * pf->family->vf_queue_step);
	return mask;
}

/*
 * A queue that drops keeps the buffer from being filled, and so PAUSE from being sent. With VFs all
 * drop nevertheless, unless somebody wants otherwise: who is stalled must not stop the others.
 */
static void
write_drop(struct pf *pf, bool tx_pause)
{
	uint32_t mask = BIT(pf->family->queues->rxq.count) - 1;
	uint16_t vf;

	if (tx_pause && pf->nb_vfs == 0)
		mask = 0;
	for (vf = 0; vf < pf->nb_vfs; vf++)
		if (pf->pools[vf].blocks)
			mask &= ~queues_of(pf, vf);
	reg_write(&pf->port.io, REG_QDE, mask);
}

void
gbe_write_drop(struct pf *pf, uint16_t pool)
{
	(void)pool;
	write_drop(pf, pf->flow.tx_on);
}

void
gbe_write_flow_control(struct pf *pf, const struct flow_control *flow)
{
	const struct mmio *io = &pf->port.io;
	uint32_t on = (flow->rx_on ? CTRL_RFCE : 0) | (flow->tx_on ? CTRL_TFCE : 0);

	reg_write(io, REG_FCAL, 0x00c28001);
	reg_write(io, REG_FCAH, 0x00000100);
	reg_write(io, REG_FCT, 0x00008808);
	reg_write(io, REG_FCTTV, flow->pause_time);
	reg_write(io, REG_FCRTV, flow->pause_time / 2);
	reg_write(io, REG_FCRTL, flow->tx_on ?
		  (flow->low_water & FCRT_BYTES) | (flow->send_xon ? FCRTL_XONE : 0) : 0);
	reg_write(io, REG_FCRTH, flow->tx_on ? flow->high_water & FCRT_BYTES : 0);
	write_drop(pf, flow->tx_on);
	reg_update(io, REG_RCTL, RCTL_PMCF, flow->forward ? RCTL_PMCF : 0);
	reg_update(io, REG_CTRL, CTRL_RFCE | CTRL_TFCE, on);
}
