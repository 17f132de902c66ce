/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Receiver and transmitter of a 10 Gb/s PF as a whole (82599 sheet, 2.5, 2.6, 3.3, 5.4).
 */
#include "log.h"
#include "regs_82599.h"
#include "xgbe.h"

#define SECURITY_STEP_US 10
#define SECURITY_TRIES	 4000

/* 2.6 step 11: the receiver is switched while nothing comes through the security block. */
static void
enable_receiver(struct pf *pf, bool on)
{
	const struct mmio *io = &pf->port.io;

	reg_update(io, REG_SECRXCTRL, 0, SECRXCTRL_RX_DIS);
	if (reg_poll(io, REG_SECRXSTAT, SECRXSTAT_READY, SECRXSTAT_READY, SECURITY_STEP_US,
		     SECURITY_TRIES) < 0)
		PF_LOG(DEBUG, "port %u: Rx path does not come to rest", pf->port_id);
	reg_update(io, REG_RXCTRL, RXCTRL_RXEN, on ? RXCTRL_RXEN : 0);
	reg_update(io, REG_SECRXCTRL, SECRXCTRL_RX_DIS, 0);
}

void
xgbe_enable_rx_tx(struct pf *pf, bool on)
{
	const struct mmio *io = &pf->port.io;

	/* 2.6 step 7: before any queue is enabled. */
	reg_update(io, REG_DMATXCTL, DMATXCTL_TE, on ? DMATXCTL_TE : 0);
	enable_receiver(pf, on);
}

void
xgbe_write_max_frame(struct pf *pf, uint32_t bytes)
{
	const struct mmio *io = &pf->port.io;

	/* Always on: it only lifts the limit of 1518 bytes, and MAXFRS sets another. */
	reg_update(io, REG_HLREG0, 0, HLREG0_JUMBOEN);
	reg_update(io, REG_MAXFRS, MAXFRS_MFS, field_set(MAXFRS_MFS, 0, bytes));
}

void
xgbe_write_queue_drop(struct pf *pf, uint16_t queue, bool drop, bool hide_vlan)
{
	const struct mmio *io = &pf->port.io;
	uint32_t word = QDE_WRITE | (drop ? QDE_ENABLE : 0) | (hide_vlan ? QDE_HIDE_VLAN : 0);

	reg_write(io, REG_QDE, field_set(QDE_QUEUE, word, queue));
	reg_read(io, REG_STATUS);	/* 3.3: one at a time */
}
