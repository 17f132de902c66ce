/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Resources shared with firmware and the other ports (82576 sheet, 2.7; 82599 sheet, 2.2).
 *
 * What is ours is in the books from before the register says so until after it no longer does:
 * whoever takes the port over from a process that died frees it. While the books and the register
 * differ the semaphore is ours, so that no bit of somebody else's is freed.
 */
#include <errno.h>

#include "log.h"
#include "pf.h"

#define SEMAPHORE_STEP_US 50
#define SEMAPHORE_TRIES	  2000
#define RESOURCE_WAIT_US  5000
#define RESOURCE_TRIES	  200

static void
give_semaphore(struct pf *pf)
{
	const struct pf_semaphore *row = &pf->family->semaphore;
	const struct mmio *io = &pf->port.io;

	if (row->sync_lock != 0)
		reg_update(io, row->sync, row->sync_lock, 0);
	reg_update(io, row->control, row->software | row->firmware, 0);
	pf->semaphore = false;
}

/* Step 1: reading a 0 takes it. A driver that died with it would lock others out for ever. */
static int
take_software_lock(struct pf *pf)
{
	const struct pf_semaphore *row = &pf->family->semaphore;
	const struct mmio *io = &pf->port.io;

	if (reg_poll(io, row->control, row->software, 0, SEMAPHORE_STEP_US, SEMAPHORE_TRIES) == 0)
		return 0;
	reg_update(io, row->control, row->software | row->firmware, 0);
	return (reg_read(io, row->control) & row->software) == 0 ? 0 : -ETIMEDOUT;
}

/* Step 2: the lock against firmware. */
static int
take_firmware_lock(struct pf *pf)
{
	const struct pf_semaphore *row = &pf->family->semaphore;
	const struct mmio *io = &pf->port.io;
	unsigned int tries;

	/* Reading a 0 takes it here too. */
	if (row->sync_lock != 0)
		return reg_poll(io, row->sync, row->sync_lock, 0, SEMAPHORE_STEP_US,
				SEMAPHORE_TRIES);
	for (tries = 0; tries < SEMAPHORE_TRIES; tries++) {
		reg_update(io, row->control, 0, row->firmware);
		if ((reg_read(io, row->control) & row->firmware) != 0)
			return 0;
		rte_delay_us_sleep(SEMAPHORE_STEP_US);
	}
	return -ETIMEDOUT;
}

static int
take_semaphore(struct pf *pf)
{
	int rc = take_software_lock(pf);

	if (rc < 0)
		return rc;
	pf->semaphore = true;
	rc = take_firmware_lock(pf);
	if (rc < 0)
		give_semaphore(pf);
	return rc;
}

int
pf_lock_resource(struct pf *pf, uint32_t bit)
{
	const struct pf_semaphore *row = &pf->family->semaphore;
	const struct mmio *io = &pf->port.io;
	uint32_t wanted = bit | bit << row->firmware_shift;
	unsigned int tries;
	bool free;

	for (tries = 0; tries < RESOURCE_TRIES; tries++) {
		if (take_semaphore(pf) < 0)
			break;
		free = (reg_read(io, row->sync) & wanted) == 0;
		if (free) {
			atomic_fetch_or(&pf->resources, bit);
			reg_update(io, row->sync, 0, bit);
		}
		give_semaphore(pf);
		if (free)
			return 0;
		rte_delay_us_sleep(RESOURCE_WAIT_US);
	}
	PF_LOG(ERR, "port %u: firmware keeps resource 0x%x locked", pf->port_id, bit);
	return -ETIMEDOUT;
}

void
pf_unlock_resource(struct pf *pf, uint32_t bit)
{
	/* Without the semaphore rather than never: our bit is ours alone. */
	if (take_semaphore(pf) < 0)
		PF_LOG(WARNING, "port %u: resource 0x%x freed without the semaphore",
		       pf->port_id, bit);
	reg_update(&pf->port.io, pf->family->semaphore.sync, bit, 0);
	atomic_fetch_and(&pf->resources, ~bit);
	give_semaphore(pf);
}

void
pf_free_resources(struct pf *pf)
{
	uint32_t resources = pf->resources;

	if (pf->semaphore)
		give_semaphore(pf);
	if (resources == 0)
		return;
	PF_LOG(NOTICE, "port %u: frees resource 0x%x, which a process had that died", pf->port_id,
	       resources);
	pf_unlock_resource(pf, resources);
}
