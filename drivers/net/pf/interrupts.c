/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The PF's one interrupt vector, and the clock that stands in for it.
 *
 * MSI-X or nothing: in any other mode the device delivers no interrupt to its VFs (6.6). Without
 * it events are looked for every TICK_US, which is also when the counters are widened.
 */
#include <string.h>

#include <rte_alarm.h>
#include <rte_errno.h>

#include "log.h"
#include "pf.h"

/* An octet counter of 32 bits wraps after 34 s at 1 Gb/s, after 4 s at the switch's fastest. */
#define TICK_US 1000000

static void
on_interrupt(void *arg)
{
	struct pf *pf = arg;

	pf->stats.interrupts++;
	/* QEMU sends one more after each: an empty one is no fault (82576 sheet, 9.8). */
	if (events_serve(pf) == 0)
		pf->stats.interrupts_empty++;
	if (!pf->gone)
		pf->family->unmask_interrupts(pf);
}

static void
on_tick(void *arg)
{
	struct pf *pf = arg;
	bool up;

	if (pf->gone || pf->family->is_gone(pf)) {
		pf_set_gone(pf);
		pf_link_event(pf, &up);
		return;
	}
	pthread_mutex_lock(&pf->lock);
	pf_stats_refresh(pf);
	pthread_mutex_unlock(&pf->lock);
	if (!pf->interrupt_on)
		events_serve(pf);
	rte_eal_alarm_set(TICK_US, on_tick, pf);
}

static int
enable_interrupt(struct pf *pf)
{
	struct rte_intr_handle *handle = pf->pci->intr_handle;
	int rc;

	if (rte_intr_type_get(handle) != RTE_INTR_HANDLE_VFIO_MSIX)
		return -ENOTSUP;
	rc = rte_intr_callback_register(handle, on_interrupt, pf);
	if (rc < 0)
		return rc;
	rc = rte_intr_enable(handle);
	if (rc < 0)
		rte_intr_callback_unregister_sync(handle, on_interrupt, pf);
	return rc;
}

void
interrupts_on(struct pf *pf)
{
	int rc = enable_interrupt(pf);

	pf->interrupt_on = rc == 0;
	if (rc == 0)
		pf->family->unmask_interrupts(pf);
	else
		PF_LOG(WARNING, "port %u: no MSI-X interrupt (%s), looking for events every %u ms",
		       pf->port_id, strerror(-rc), TICK_US / 1000);
	rte_eal_alarm_set(TICK_US, on_tick, pf);
}

void
interrupts_off(struct pf *pf)
{
	struct rte_intr_handle *handle = pf->pci->intr_handle;

	rte_eal_alarm_cancel(on_tick, pf);
	if (!pf->interrupt_on)
		return;
	pf->family->mask_interrupts(pf);
	rte_intr_disable(handle);
	rte_intr_callback_unregister_sync(handle, on_interrupt, pf);
	pf->interrupt_on = false;
}
