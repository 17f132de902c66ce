/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>

#include <rte_cycles.h>
#include <rte_interrupts.h>

#include "queue_interrupts.h"
#include "vf.h"
#include "vf_log.h"

/*
 * Vector 0 is the mailbox's, the one that DPDK hands to its interrupt thread. QEMU's igb never
 * raises it (82576 sheet, 9.8), so the watchdog looks at the mailbox too; this is the faster way.
 */
#define MAILBOX_VECTOR 0

#define UNREGISTER_TRIES 50
#define UNREGISTER_US	 10000

static void
on_interrupt(void *arg)
{
	struct rte_eth_dev *dev = arg;
	struct vf *vf = vf_of(dev);

	if (vf == NULL || !vf->running || vf->gone)
		return;
	/* Armed again before the look: what arrives during it interrupts once more. */
	vector_enable(&vf->port, MAILBOX_VECTOR);
	rte_intr_ack(dev->intr_handle);
	vf_look(dev);
}

void
vf_interrupt_open(struct rte_eth_dev *dev)
{
	int rc = rte_intr_callback_register(dev->intr_handle, on_interrupt, dev);

	if (rc < 0)
		PORT_LOG(WARNING, vf_of(dev), "no interrupt handler: %s", rte_strerror(-rc));
}

void
vf_interrupt_close(struct rte_eth_dev *dev)
{
	/* -EAGAIN: the handler is running. In its own thread that would never end. */
	for (unsigned int i = 0; i < UNREGISTER_TRIES; i++) {
		if (rte_intr_callback_unregister(dev->intr_handle, on_interrupt, dev) != -EAGAIN)
			return;
		rte_delay_us_sleep(UNREGISTER_US);
	}
}

/* The device clears the cause and masks the vector as it sends the message (6.5). */
static void
set_up_vectors(struct rte_eth_dev *dev)
{
	struct vf *vf = vf_of(dev);
	const struct vf_family *family = vf->family;
	uint32_t vectors = rx_interrupts_vectors(dev);

	vf_write(vf, family->mailbox_vector, MAILBOX_VECTOR | family->mailbox_vector_valid);
	moderation_write(dev, MAILBOX_VECTOR, false);
	rx_interrupts_start(dev);
	vf_write(vf, family->vector_auto_clear, vectors);
	vf_write(vf, family->vector_auto_mask, vectors);
}

int
vf_interrupt_connect(struct rte_eth_dev *dev)
{
	const struct rte_eth_intr_conf *wanted = &dev->data->dev_conf.intr_conf;
	struct vf *vf = vf_of(dev);
	int rc;

	for (uint16_t v = 0; v < vf->port.nb_vectors; v++)
		vector_disable(&vf->port, v);
	if (!wanted->lsc && !wanted->rxq)
		return 0;
	rc = rx_interrupts_open(dev);
	if (rc < 0)
		return rc;
	/* EAL returns -1, and has logged more. */
	if (rte_intr_enable(dev->intr_handle) < 0) {
		PORT_LOG(NOTICE, vf, "no interrupt: the link is looked at once a second");
		if (!wanted->rxq)
			return 0;
		rx_interrupts_close(dev);
		return -EIO;
	}
	vf->interrupt_on = true;
	set_up_vectors(dev);
	return 0;
}

void
vf_interrupt_start(struct rte_eth_dev *dev)
{
	struct vf *vf = vf_of(dev);

	if (vf->interrupt_on)
		vector_enable(&vf->port, MAILBOX_VECTOR);
}

int
vf_interrupt_restore(struct rte_eth_dev *dev)
{
	struct vf *vf = vf_of(dev);

	for (uint16_t v = 0; v < vf->port.nb_vectors; v++)
		vector_disable(&vf->port, v);
	if (!vf->interrupt_on)
		return 0;
	/* A reset of the function took away what VFIO had enabled; the descriptors stay. */
	rte_intr_disable(dev->intr_handle);
	if (rte_intr_enable(dev->intr_handle) < 0)
		return -EIO;
	set_up_vectors(dev);
	vector_enable(&vf->port, MAILBOX_VECTOR);
	return 0;
}

void
vf_interrupt_rearm(struct rte_eth_dev *dev)
{
	struct vf *vf = vf_of(dev);

	for (uint16_t i = 0; vf->interrupt_on && i < nb_rx_vectors(dev); i++)
		vector_enable(&vf->port, rx_vector(dev, i));
}

void
vf_interrupt_stop(struct rte_eth_dev *dev)
{
	struct vf *vf = vf_of(dev);

	vector_disable(&vf->port, MAILBOX_VECTOR);
	rx_interrupts_stop(dev);
	if (!vf->interrupt_on)
		return;
	vf->interrupt_on = false;
	rte_intr_disable(dev->intr_handle);
	rx_interrupts_close(dev);
}
