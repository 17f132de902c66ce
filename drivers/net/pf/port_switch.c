/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The port's internal switch as a whole: loopback, and storm control (82576 sheet, 8.7, 8.10; 82599
 * sheet, 8.2). Storm control has never been run on silicon by anybody we know of.
 */
#include <errno.h>

#include "pf.h"

#define CHUNK_BYTES 64

/* Rounded up: a limit is never none at all. */
static uint32_t
chunks(const struct storm_regs *regs, uint32_t kbps)
{
	uint64_t bytes = (uint64_t)kbps * regs->interval_ms / 8;

	return RTE_MAX((bytes + CHUNK_BYTES - 1) / CHUNK_BYTES, UINT64_C(1));
}

static void
write_storm(struct pf *pf)
{
	const struct storm_regs *regs = pf->family->storm;
	const struct mmio *io = &pf->port.io;
	uint32_t control = field_set(regs->intervals, 0, 1);

	control |= pf->storm_broadcast_kbps != 0 ? regs->drop_broadcast : 0;
	control |= pf->storm_multicast_kbps != 0 ? regs->drop_multicast : 0;
	/* Off while thresholds change. */
	reg_write(io, regs->control, 0);
	reg_write(io, regs->tick, regs->tick_value);
	reg_write(io, regs->broadcast,
		  field_set(regs->threshold, 0, chunks(regs, pf->storm_broadcast_kbps)));
	reg_write(io, regs->multicast,
		  field_set(regs->threshold, 0, chunks(regs, pf->storm_multicast_kbps)));
	if (pf->storm_broadcast_kbps != 0 || pf->storm_multicast_kbps != 0)
		reg_write(io, regs->control, control);
}

int
switch_set_storm(struct pf *pf, uint32_t broadcast_kbps, uint32_t multicast_kbps)
{
	const struct storm_regs *regs = pf->family->storm;

	if (regs == NULL || pf->nb_vfs == 0)
		return broadcast_kbps == 0 && multicast_kbps == 0 ? 0 : -ENOTSUP;
	if (broadcast_kbps > regs->max_kbps || multicast_kbps > regs->max_kbps)
		return -ERANGE;
	pf->storm_broadcast_kbps = broadcast_kbps;
	pf->storm_multicast_kbps = multicast_kbps;
	write_storm(pf);
	return 0;
}

int
switch_set_loopback(struct pf *pf, bool on)
{
	if (pf->nb_vfs == 0)
		return on ? -ENOTSUP : 0;
	pf->no_loopback = !on;
	pf->family->write_loopback(pf, on);
	return 0;
}

void
switch_restore(struct pf *pf)
{
	if (pf->no_loopback)
		switch_set_loopback(pf, false);
	if (pf->storm_broadcast_kbps != 0 || pf->storm_multicast_kbps != 0)
		write_storm(pf);
}
