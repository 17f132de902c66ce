/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The PF's vector of events, the clock that stands in for it, and the vectors of its Rx queues.
 *
 * MSI-X or nothing: in any other mode the device delivers no interrupt to its VFs (6.6). Without
 * it events are looked for every TICK_US, which is also when the counters are widened.
 */
#include <errno.h>
#include <string.h>

#include <rte_alarm.h>

#include "log.h"
#include "pf.h"
#include "queue_interrupts.h"

/*
 * A pool's octet counter of 32 bits wraps after 34 s at 1 Gb/s, after 4 s at the switch's fastest;
 * a packet counter after 288 s at 10 Gb/s. A port has a hundred of these and two of those per VF.
 */
#define TICK_US 1000000
#define TICKS_TO_ALL 60

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
	pf->ticks = (pf->ticks + 1) % TICKS_TO_ALL;
	if (pf->ticks == 0)
		pf_stats_refresh(pf);
	else
		pf_stats_refresh_fast(pf);
	pthread_mutex_unlock(&pf->lock);
	if (!pf->interrupt_on)
		events_serve(pf);
	else
		pool_watch_limits(pf);
	rte_eal_alarm_set(TICK_US, on_tick, pf);
}

/*
 * The handler stays registered until the port's end: whoever stops a port in an event's callback is
 * in the handler, and cannot wait for it.
 */
static int
register_handler(struct pf *pf)
{
	int rc = 0;

	if (!pf->interrupt_registered)
		rc = rte_intr_callback_register(pf->pci->intr_handle, on_interrupt, pf);
	if (rc == 0)
		pf->interrupt_registered = true;
	return rc;
}

/* The message of a cause that comes while vectors are changed goes out when it is unmasked. */
static int
enable(struct pf *pf)
{
	struct rte_intr_handle *handle = pf->pci->intr_handle;
	int rc;

	if (pf->interrupt_on)
		return 0;
	if (rte_intr_type_get(handle) != RTE_INTR_HANDLE_VFIO_MSIX)
		return -ENOTSUP;
	rc = register_handler(pf);
	if (rc < 0)
		return rc;
	/* EAL returns -1, and has logged more. */
	if (rte_intr_enable(handle) < 0)
		return -EIO;
	pf->interrupt_on = true;
	if (pf->live)
		pf->family->unmask_interrupts(pf);
	return 0;
}

static void
disable(struct pf *pf)
{
	if (!pf->interrupt_on)
		return;
	if (!pf->gone)
		pf->family->mask_interrupts(pf);
	rte_intr_disable(pf->pci->intr_handle);
	pf->interrupt_on = false;
}

int
interrupts_connect(struct rte_eth_dev *dev)
{
	struct pf *pf = pf_of(dev);
	int rc;

	if (nb_rx_vectors(dev) == 0)
		return 0;
	/* VFIO takes the descriptors of all vectors at once. */
	disable(pf);
	rc = rx_interrupts_open(dev);
	if (rc == 0)
		rc = enable(pf);
	if (rc == 0) {
		rx_interrupts_start(dev);
		return 0;
	}
	PF_LOG(ERR, "port %u: no MSI-X interrupts for Rx queues: %s", pf->port_id, strerror(-rc));
	interrupts_disconnect(dev);
	return rc;
}

void
interrupts_disconnect(struct rte_eth_dev *dev)
{
	struct pf *pf = pf_of(dev);

	if (nb_rx_vectors(dev) == 0)
		return;
	if (!pf->gone)
		rx_interrupts_stop(dev);
	disable(pf);
	rx_interrupts_close(dev);
	if (pf->live && enable(pf) < 0)
		PF_LOG(WARNING, "port %u: no MSI-X interrupt any more, looking for events every"
		       " %u ms", pf->port_id, TICK_US / 1000);
}

void
interrupts_on(struct pf *pf)
{
	int rc = enable(pf);

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
	rte_eal_alarm_cancel(on_tick, pf);
	disable(pf);
	if (pf->interrupt_registered)
		rte_intr_callback_unregister_sync(pf->pci->intr_handle, on_interrupt, pf);
	pf->interrupt_registered = false;
}
