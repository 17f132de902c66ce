/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Reset of a 10 Gb/s PF, in the order of the 82599 sheet, 2.4: steps 1 to 11.
 */
#include <errno.h>

#include "log.h"
#include "regs_82599.h"
#include "xgbe.h"

#define DRAIN_US	2000
#define PENDING_STEP_US 100
#define PENDING_TRIES	800
#define FLUSH_US	3000
#define CLEAR_US	20
#define RESET_STEP_US	10
#define RESET_TRIES	1000
#define LOAD_STEP_US	10000
#define LOAD_TRIES	10

uint16_t
xgbe_port_number(struct pf *pf)
{
	return field_get(STATUS_LAN_ID, reg_read(&pf->port.io, REG_STATUS)) & 1;
}

/* Steps 1 and 2. Loopback goes first: a Tx switch behind a receiver that is off would stall. */
static void
stop_receiver_and_interrupts(const struct mmio *io)
{
	reg_update(io, REG_PFDTXGSWC, PFDTXGSWC_LBE, 0);
	reg_update(io, REG_RXCTRL, RXCTRL_RXEN, 0);
	reg_write(io, REG_EIMC, UINT32_MAX);
	reg_write(io, REG_EIMC_EX(0), UINT32_MAX);
	reg_write(io, REG_EIMC_EX(1), UINT32_MAX);
	reg_read(io, REG_EICR);
}

/* Steps 3 to 5: of all queues, the VFs' included. */
static void
stop_queues(struct pf *pf)
{
	const struct family *queues = pf->family->queues;
	const struct mmio *io = &pf->port.io;
	uint16_t q;

	for (q = 0; q < QUEUES; q++)
		reg_write(io, queue_reg(&queues->txq, q, TXQ_TXDCTL), TXDCTL_SWFLSH);
	for (q = 0; q < QUEUES; q++)
		reg_update(io, queue_reg(&queues->rxq, q, RXQ_RXDCTL), QUEUE_ENABLE,
			   RXDCTL_SWFLSH);
	reg_read(io, REG_STATUS);	/* flush */
	rte_delay_us_sleep(DRAIN_US);
}

/* Step 7: what the transmitter still wants to fetch goes nowhere. */
static void
flush_transmitter(const struct mmio *io)
{
	uint32_t hlreg0 = reg_read(io, REG_HLREG0);
	uint32_t gcr_ext = reg_read(io, REG_GCR_EXT);

	reg_write(io, REG_HLREG0, hlreg0 | HLREG0_LPBK);
	reg_read(io, REG_STATUS);
	rte_delay_us_sleep(FLUSH_US);
	reg_write(io, REG_GCR_EXT, gcr_ext | GCR_EXT_BUFFERS_CLEAR);
	reg_read(io, REG_STATUS);
	rte_delay_us_sleep(CLEAR_US);
	reg_write(io, REG_GCR_EXT, gcr_ext);
	reg_write(io, REG_HLREG0, hlreg0);
}

/* Step 6: no new PCIe requests while the reset is under way. False: some are still pending. */
static bool
stop_requests(struct pf *pf)
{
	const struct mmio *io = &pf->port.io;

	reg_update(io, REG_CTRL, 0, CTRL_GIO_DIS);
	if (reg_poll(io, REG_STATUS, STATUS_GIO, 0, PENDING_STEP_US, PENDING_TRIES) == 0)
		return true;
	PF_LOG(WARNING, "port %u: PCIe requests still pending at reset", pf->port_id);
	flush_transmitter(io);
	return false;
}

/* Steps 8 and 9. With a link there is no need to break it. */
static int
reset_once(struct pf *pf)
{
	const struct xgbe_row *row = pf->family->xgbe;
	uint32_t phy = SYNC_PHY(xgbe_port_number(pf));
	const struct mmio *io = &pf->port.io;
	bool locked = row->reset_locks_phy && pf_lock_resource(pf, phy) == 0;
	bool link = (reg_read(io, REG_LINKS) & LINKS_UP) != 0;
	int rc;

	reg_update(io, REG_CTRL, 0,
		   link || row->reset_locks_phy ? CTRL_RST : CTRL_RST | CTRL_LNK_RST);
	reg_read(io, REG_STATUS);
	if (locked)
		pf_unlock_resource(pf, phy);
	rc = reg_poll(io, REG_CTRL, CTRL_RST | CTRL_LNK_RST, 0, RESET_STEP_US, RESET_TRIES);
	rte_delay_us_sleep(row->settle_us);
	return rc;
}

/* Step 11. A blank NVM never says that it is done. */
static void
wait_for_load(struct pf *pf)
{
	const struct mmio *io = &pf->port.io;

	if (reg_poll(io, REG_EEC, EEC_ARD, EEC_ARD, LOAD_STEP_US, LOAD_TRIES) < 0)
		PF_LOG(DEBUG, "port %u: NVM not read by the device", pf->port_id);
	if (reg_poll(io, REG_RDRXCTL, RDRXCTL_DMAIDONE, RDRXCTL_DMAIDONE, LOAD_STEP_US,
		     LOAD_TRIES) < 0)
		PF_LOG(DEBUG, "port %u: DMA not initialised", pf->port_id);
}

int
xgbe_reset(struct pf *pf)
{
	const struct mmio *io = &pf->port.io;
	bool quiet;
	int rc;

	reg_write(io, REG_VFRE(0), 0);
	reg_write(io, REG_VFRE(1), 0);
	reg_write(io, REG_VFTE(0), 0);
	reg_write(io, REG_VFTE(1), 0);
	stop_receiver_and_interrupts(io);
	stop_queues(pf);
	quiet = stop_requests(pf);

	rc = reset_once(pf);
	if (rc == 0 && !quiet)
		rc = reset_once(pf);	/* step 10: the first may have met a pending request */
	if (rc < 0 || reg_read(io, REG_STATUS) == REG_ALL_ONES)
		return -EIO;
	wait_for_load(pf);

	reg_write(io, REG_EIMC, UINT32_MAX);
	reg_read(io, REG_EICR);		/* clears what the reset raised */
	return 0;
}
