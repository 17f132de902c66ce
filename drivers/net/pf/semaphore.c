/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>

#include "gbe.h"
#include "log.h"
#include "regs_82576.h"

/* 2.7. */
#define SEMAPHORE_STEP_US  50
#define SEMAPHORE_TRIES	   2000
#define RESOURCE_WAIT_US   5000
#define RESOURCE_TRIES	   200

static int
take_semaphore(const struct mmio *io)
{
	unsigned int tries;

	/* Reading a 0 takes SMBI: the read itself acquires. */
	if (reg_poll(io, REG_SWSM, SWSM_SMBI, 0, SEMAPHORE_STEP_US, SEMAPHORE_TRIES) < 0) {
		/* A driver that died with it would lock out its successors for ever. */
		reg_update(io, REG_SWSM, SWSM_SMBI | SWSM_SWESMBI, 0);
		if ((reg_read(io, REG_SWSM) & SWSM_SMBI) != 0)
			return -ETIMEDOUT;
	}
	for (tries = 0; tries < SEMAPHORE_TRIES; tries++) {
		reg_update(io, REG_SWSM, 0, SWSM_SWESMBI);
		if ((reg_read(io, REG_SWSM) & SWSM_SWESMBI) != 0)
			return 0;
		rte_delay_us_sleep(SEMAPHORE_STEP_US);
	}
	reg_update(io, REG_SWSM, SWSM_SMBI | SWSM_SWESMBI, 0);
	return -ETIMEDOUT;
}

static void
give_semaphore(const struct mmio *io)
{
	reg_update(io, REG_SWSM, SWSM_SMBI | SWSM_SWESMBI, 0);
}

int
gbe_lock_resource(struct pf *pf, uint32_t bit)
{
	const struct mmio *io = &pf->port.io;
	unsigned int tries;
	bool free;

	for (tries = 0; tries < RESOURCE_TRIES; tries++) {
		if (take_semaphore(io) < 0)
			break;
		free = (reg_read(io, REG_SW_FW_SYNC) & (bit | bit << SYNC_FW_SHIFT)) == 0;
		if (free)
			reg_update(io, REG_SW_FW_SYNC, 0, bit);
		give_semaphore(io);
		if (free)
			return 0;
		rte_delay_us_sleep(RESOURCE_WAIT_US);
	}
	PF_LOG(ERR, "port %u: firmware keeps resource 0x%x locked", pf->port_id, bit);
	return -ETIMEDOUT;
}

void
gbe_unlock_resource(struct pf *pf, uint32_t bit)
{
	const struct mmio *io = &pf->port.io;

	/* Without the semaphore rather than never: our bit is ours alone. */
	if (take_semaphore(io) < 0)
		PF_LOG(WARNING, "port %u: resource 0x%x freed without the semaphore",
		       pf->port_id, bit);
	reg_update(io, REG_SW_FW_SYNC, bit, 0);
	give_semaphore(io);
}

uint32_t
gbe_phy_resource(struct pf *pf)
{
	static const uint32_t bit[] = { BIT(1), BIT(2), BIT(5), BIT(6) };

	return bit[gbe_port_number(pf)];
}
