/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * VFs whose mailbox is not looked at for a while.
 *
 * Reading a request takes 18 accesses, whatever is done about it. Of a VF that is held off nothing
 * is read, and where the device can, it does not interrupt either; what it asks waits, and the last
 * of it is read when its time is over. Its function's reset comes by another register.
 */
#include <rte_alarm.h>
#include <rte_cycles.h>

#include "pf.h"

#define US_PER_MS 1000

/* With the port's lock held. */
static void
set_held(struct pf *pf, uint16_t vf, bool held)
{
	if (held)
		atomic_fetch_or(&pf->held, pool_bit(vf));
	else
		atomic_fetch_and(&pf->held, ~pool_bit(vf));
	pf->family->mask_mailboxes(pf, pf->held);
}

/* One that was set for an earlier time finds the VF still held. */
static void
on_time(void *arg)
{
	struct pf_mailbox *mailbox = arg;
	struct pf *pf = mailbox->pf;

	if (!pf->live)
		return;
	pthread_mutex_lock(&pf->lock);
	if ((pf->held & pool_bit(mailbox->vf)) != 0 &&
	    rte_get_timer_cycles() >= mailbox->held_until)
		set_held(pf, mailbox->vf, false);
	pthread_mutex_unlock(&pf->lock);
	events_serve(pf);
}

int
hold_start(struct pf *pf, uint16_t vf, uint32_t ms)
{
	struct pf_mailbox *mailbox = &pf->mailbox[vf];
	int rc;

	if (ms == 0 && (pf->held & pool_bit(vf)) == 0)
		return 0;
	mailbox->held_until = rte_get_timer_cycles() + rte_get_timer_hz() / 1000 * ms;
	/* An end at once is by alarm, too: the caller may have a lock that the handler takes. */
	rc = rte_eal_alarm_set((uint64_t)ms * US_PER_MS + 1, on_time, mailbox);
	if (rc == 0 && ms > 0 && (pf->held & pool_bit(vf)) == 0)
		set_held(pf, vf, true);
	return rc;
}

void
hold_end(struct pf *pf, uint16_t vf)
{
	if ((pf->held & pool_bit(vf)) != 0)
		set_held(pf, vf, false);
}

void
hold_stop(struct pf *pf)
{
	uint16_t vf;

	/* VFs that are gone may have had one. */
	for (vf = 0; vf < PF_POOLS_MAX; vf++)
		rte_eal_alarm_cancel(on_time, &pf->mailbox[vf]);
}
