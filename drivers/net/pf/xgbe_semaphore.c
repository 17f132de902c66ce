/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Resources shared with firmware and the other port (82599 sheet, 2.2).
 */
#include <errno.h>

#include "log.h"
#include "regs_82599.h"
#include "xgbe.h"

#define SEMAPHORE_STEP_US 50
#define SEMAPHORE_TRIES	  2000
#define RESOURCE_WAIT_US  5000
#define RESOURCE_TRIES	  200

static void
give_semaphore(struct pf *pf)
{
	const struct mmio *io = &pf->port.io;

	if (pf->family->xgbe->semaphore_in_sync)
		reg_update(io, REG_SW_FW_SYNC, SYNC_REGSMP, 0);
	reg_update(io, REG_SWSM, SWSM_SMBI | SWSM_SWESMBI, 0);
}

/* Step 1: reading a 0 takes SMBI. A driver that died with it would lock others out for ever. */
static int
take_smbi(const struct mmio *io)
{
	if (reg_poll(io, REG_SWSM, SWSM_SMBI, 0, SEMAPHORE_STEP_US, SEMAPHORE_TRIES) == 0)
		return 0;
	reg_update(io, REG_SWSM, SWSM_SMBI | SWSM_SWESMBI, 0);
	return (reg_read(io, REG_SWSM) & SWSM_SMBI) == 0 ? 0 : -ETIMEDOUT;
}

/* Step 2: the lock against firmware. */
static int
take_firmware_lock(struct pf *pf)
{
	const struct mmio *io = &pf->port.io;
	unsigned int tries;

	/* Reading a 0 takes it here too. */
	if (pf->family->xgbe->semaphore_in_sync)
		return reg_poll(io, REG_SW_FW_SYNC, SYNC_REGSMP, 0, SEMAPHORE_STEP_US,
				SEMAPHORE_TRIES);
	for (tries = 0; tries < SEMAPHORE_TRIES; tries++) {
		reg_update(io, REG_SWSM, 0, SWSM_SWESMBI);
		if ((reg_read(io, REG_SWSM) & SWSM_SWESMBI) != 0)
			return 0;
		rte_delay_us_sleep(SEMAPHORE_STEP_US);
	}
	return -ETIMEDOUT;
}

static int
take_semaphore(struct pf *pf)
{
	int rc = take_smbi(&pf->port.io);

	if (rc < 0)
		return rc;
	rc = take_firmware_lock(pf);
	if (rc < 0)
		give_semaphore(pf);
	return rc;
}

int
xgbe_lock_resource(struct pf *pf, uint32_t bit)
{
	const struct mmio *io = &pf->port.io;
	unsigned int tries;
	bool free;

	for (tries = 0; tries < RESOURCE_TRIES; tries++) {
		if (take_semaphore(pf) < 0)
			break;
		free = (reg_read(io, REG_SW_FW_SYNC) & (bit | bit << SYNC_FW_SHIFT)) == 0;
		if (free)
			reg_update(io, REG_SW_FW_SYNC, 0, bit);
		give_semaphore(pf);
		if (free)
			return 0;
		rte_delay_us_sleep(RESOURCE_WAIT_US);
	}
	PF_LOG(ERR, "port %u: firmware keeps resource 0x%x locked", pf->port_id, bit);
	return -ETIMEDOUT;
}

void
xgbe_unlock_resource(struct pf *pf, uint32_t bit)
{
	/* Without the semaphore rather than never: our bit is ours alone. */
	if (take_semaphore(pf) < 0)
		PF_LOG(WARNING, "port %u: resource 0x%x freed without the semaphore",
		       pf->port_id, bit);
	reg_update(&pf->port.io, REG_SW_FW_SYNC, bit, 0);
	give_semaphore(pf);
}
