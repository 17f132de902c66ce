/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>

#include <rte_cycles.h>
#include <rte_interrupts.h>

#include "vf.h"
#include "vf_log.h"

/*
 * Vector 0 is the mailbox's, the one that DPDK hands to its interrupt thread. QEMU's igb never
 * raises it (82576 sheet, 9.8), so the watchdog looks at the mailbox too; this is the faster way.
 */
#define MAILBOX_VECTOR	   0
#define MAILBOX_VECTOR_BIT BIT(MAILBOX_VECTOR)

#define UNREGISTER_TRIES 50
#define UNREGISTER_US	 10000

static void
on_interrupt(void *arg)
{
	struct rte_eth_dev *dev = arg;
	struct vf *vf = vf_of(dev);

	if (vf == NULL || !vf->running)
		return;
	/* Armed again before the look: what arrives during it interrupts once more. */
	vf_write(vf, vf->family->vector_enable, MAILBOX_VECTOR_BIT);
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

void
vf_interrupt_start(struct rte_eth_dev *dev)
{
	struct vf *vf = vf_of(dev);
	const struct vf_family *family = vf->family;

	vf_write(vf, family->vector_disable, UINT32_MAX);
	if (!dev->data->dev_conf.intr_conf.lsc)
		return;
	if (rte_intr_enable(dev->intr_handle) < 0) {
		PORT_LOG(NOTICE, vf, "no interrupt: the link is looked at once a second");
		return;
	}
	vf->interrupt_on = true;
	vf_write(vf, family->mailbox_vector, MAILBOX_VECTOR | family->mailbox_vector_valid);
	/* The device clears the cause and masks the vector as it sends the message (6.5). */
	vf_write(vf, family->vector_auto_clear, MAILBOX_VECTOR_BIT);
	vf_write(vf, family->vector_auto_mask, MAILBOX_VECTOR_BIT);
	vf_write(vf, family->vector_enable, MAILBOX_VECTOR_BIT);
}

void
vf_interrupt_stop(struct rte_eth_dev *dev)
{
	struct vf *vf = vf_of(dev);

	vf_write(vf, vf->family->vector_disable, UINT32_MAX);
	if (!vf->interrupt_on)
		return;
	vf->interrupt_on = false;
	rte_intr_disable(dev->intr_handle);
}
