/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Flow control of the 10 Gb/s families (82599 sheet, 2.5, 2.7): all is in traffic class 0.
 */
#include <errno.h>

#include "regs_82599.h"
#include "xgbe.h"

#define PAUSE_ROOM 24576	/* 2.7: for what is under way when the buffer is full */

uint32_t
xgbe_rx_buffer_bytes(struct pf *pf)
{
	return pf->family->xgbe->rx_buffer_kb * 1024u;
}

/* Without FCEN there is a high mark too: the switch holds back by it. */
static void
write_marks(struct pf *pf, const struct flow_control *flow)
{
	const struct mmio *io = &pf->port.io;
	uint32_t low = 0, high = xgbe_rx_buffer_bytes(pf) - PAUSE_ROOM;
	uint16_t tc;

	if (flow->tx_on) {
		low = (flow->low_water & FCRT_BYTES) | (flow->send_xon ? FCRTL_XONE : 0);
		high = (flow->high_water & FCRT_BYTES) | FCRTH_FCEN;
	}
	for (tc = 0; tc < TRAFFIC_CLASSES; tc++) {
		reg_write(io, REG_FCRTL(tc), tc == 0 ? low : 0);
		reg_write(io, REG_FCRTH(tc), tc == 0 ? high : 0);
	}
}

void
xgbe_write_flow_control(struct pf *pf, const struct flow_control *flow)
{
	const struct mmio *io = &pf->port.io;
	uint32_t rx = MFLCN_DPF | (flow->rx_on ? MFLCN_RFCE : 0) |
		      (flow->forward ? MFLCN_PMCF : 0);
	uint16_t i;

	reg_update(io, REG_MFLCN, MFLCN_RPFCE | MFLCN_RFCE | MFLCN_PMCF, rx);
	reg_write(io, REG_FCCFG, flow->tx_on ? FCCFG_TFCE : 0);
	/* Two traffic classes in each. */
	for (i = 0; i < TRAFFIC_CLASSES / 2; i++)
		reg_write(io, REG_FCTTV(i), flow->pause_time * 0x10001u);
	reg_write(io, REG_FCRTV, flow->pause_time / 2);
	write_marks(pf, flow);
}

/* What the other end of a backplane says, if the link was negotiated. */
static int
read_backplane(struct pf *pf, struct pause_ability *partner)
{
	const struct mmio *io = &pf->port.io;
	uint32_t said = reg_read(io, REG_ANLP1);

	if ((reg_read(io, REG_LINKS) & LINKS_AN_COMPLETE) == 0)
		return -ENOTSUP;
	partner->symmetric = (said & ANLP1_PAUSE) != 0;
	partner->asymmetric = (said & ANLP1_ASM_DIR) != 0;
	return 0;
}

/* 10 Gb/s over SFP+ has no negotiation. */
int
xgbe_read_partner(struct pf *pf, struct pause_ability *partner)
{
	if (pf->media == MEDIA_SFP)
		return -ENOTSUP;
	reg_read(&pf->port.io, REG_LINKS);	/* what was down meanwhile: this read forgets it */
	if ((reg_read(&pf->port.io, REG_LINKS) & LINKS_UP) == 0)
		return -EAGAIN;
	return pf->media == MEDIA_COPPER ? xgbe_read_phy_partner(pf, partner) :
					   read_backplane(pf, partner);
}

int
xgbe_advertise_pause(struct pf *pf)
{
	return pf->media == MEDIA_SFP ? 0 : xgbe_start_link(pf);
}
