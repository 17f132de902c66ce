/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Reset of a 1 Gb/s PF, in the order of the 82576 sheet, 2.4.
 */
#include <errno.h>

#include "gbe.h"
#include "log.h"
#include "regs_82576.h"

#define PENDING_STEP_US	     100
#define PENDING_TRIES	     800
#define DRAIN_US	     10000
#define NVM_STEP_US	     1000
#define NVM_TRIES	     10
#define CONFIG_TRIES	     100
#define PCIE_DEVICE_CONTROL2 0xc8	/* capability 0xa0 (1.3) + 0x28 */
#define COMPLETION_16_55_MS  5
#define COMPLETION_MASK	     0xf

uint16_t
gbe_port_number(struct pf *pf)
{
	return field_get(STATUS_FUNC, reg_read(&pf->port.io, REG_STATUS));
}

static void
mask_all(const struct mmio *io)
{
	reg_write(io, REG_IMC, UINT32_MAX);
	reg_write(io, REG_EIMC, UINT32_MAX);
}

/* Step 3: no new PCIe requests while the reset is under way. */
static void
stop_requests(struct pf *pf)
{
	const struct mmio *io = &pf->port.io;

	reg_update(io, REG_CTRL, 0, CTRL_GIO_MASTER_DIS);
	if (reg_poll(io, REG_STATUS, STATUS_GIO_MASTER_EN, 0, PENDING_STEP_US, PENDING_TRIES) < 0)
		PF_LOG(WARNING, "port %u: PCIe requests still pending at reset", pf->port_id);
}

/* Step 4: a reset that waits 50 us for a lost completion instead of 10 ms can hang the bus. */
static void
set_completion_timeout(struct pf *pf)
{
	const struct mmio *io = &pf->port.io;
	uint32_t gcr = reg_read(io, REG_GCR);
	uint16_t control;

	if ((gcr & GCR_TIMEOUT) == 0) {
		if ((gcr & GCR_CAP_VER2) == 0) {
			gcr |= GCR_TIMEOUT_10MS;
		} else if (rte_pci_read_config(pf->pci, &control, sizeof(control),
					       PCIE_DEVICE_CONTROL2) == sizeof(control)) {
			control = (control & ~COMPLETION_MASK) | COMPLETION_16_55_MS;
			rte_pci_write_config(pf->pci, &control, sizeof(control),
					     PCIE_DEVICE_CONTROL2);
		}
	}
	reg_write(io, REG_GCR, gcr & ~GCR_TIMEOUT_RESEND);
}

/* Steps 10 and 11. Both may time out: a blank NVM, or QEMU, never says that it is done. */
static void
wait_for_nvm(struct pf *pf)
{
	const struct mmio *io = &pf->port.io;
	uint32_t done = EEMNGCTL_CFG_DONE(gbe_port_number(pf));

	if (reg_poll(io, REG_EECD, EECD_AUTO_RD, EECD_AUTO_RD, NVM_STEP_US, NVM_TRIES) < 0)
		PF_LOG(DEBUG, "port %u: NVM not read by the device", pf->port_id);
	if (reg_poll(io, REG_EEMNGCTL, done, done, NVM_STEP_US, CONFIG_TRIES) < 0)
		PF_LOG(DEBUG, "port %u: PHY not configured by the NVM", pf->port_id);
}

int
gbe_reset(struct pf *pf)
{
	const struct gbe_row *row = pf->family->gbe;
	const struct mmio *io = &pf->port.io;

	reg_write(io, REG_VFRE, 0);
	reg_write(io, REG_VFTE, 0);
	stop_requests(pf);
	set_completion_timeout(pf);
	mask_all(io);
	reg_write(io, REG_RCTL, 0);
	reg_write(io, REG_TCTL, TCTL_PSP);
	reg_read(io, REG_STATUS);	/* flush */
	rte_delay_us_sleep(DRAIN_US);

	reg_update(io, REG_CTRL, 0, CTRL_RST);
	rte_delay_us_sleep(row->settle_us);
	if (reg_read(io, REG_STATUS) == REG_ALL_ONES)
		return -EIO;
	if (row->reset_done != 0)
		reg_write(io, REG_STATUS, row->reset_done);
	wait_for_nvm(pf);

	mask_all(io);
	reg_read(io, REG_ICR);		/* clears what the reset raised */
	return 0;
}
