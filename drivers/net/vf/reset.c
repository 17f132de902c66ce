/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <inttypes.h>
#include <linux/pci_regs.h>

#include <rte_bus_pci.h>
#include <rte_cycles.h>

#include "queue.h"
#include "vf.h"
#include "vf_log.h"

#define RETRY_US    100000
#define SETTLE_US   10000	/* for the PF to finish its work after the reset (2.12) */
#define RSTI_US	    100
#define RSTI_TRIES  100

/*
 * Does the bus decode the BAR? What a reset of the PF's function takes away goes together; the bit
 * for memory vfio makes up, that for bus mastering it does not.
 */
static bool
is_decoded(const struct vf *vf)
{
	struct rte_pci_device *pci = RTE_ETH_DEV_TO_PCI(&rte_eth_devices[vf->port_id]);
	uint16_t command;

	return rte_pci_read_config(pci, &command, sizeof(command), PCI_COMMAND) >= 0 &&
	       (command & PCI_COMMAND_MASTER) != 0;
}

bool
vf_present(const struct vf *vf)
{
	uint32_t status = vf_read(vf, vf->family->status);

	/* 0 is what a BAR returns that is not decoded; and what an 82576 says without a link. */
	return status != REG_ALL_ONES &&
	       (status != 0 || vf->family->status_may_be_0 || is_decoded(vf));
}

bool
vf_is_removed(struct rte_eth_dev *dev)
{
	uint32_t class_revision;

	if (vf_read(vf_of(dev), vf_of(dev)->family->status) != REG_ALL_ONES)
		return false;
	/* Not the ids: a VF has none of its own, and VFIO makes them up. */
	return rte_pci_read_config(RTE_ETH_DEV_TO_PCI(dev), &class_revision,
				   sizeof(class_revision), PCI_CLASS_REVISION) < 0 ||
	       class_revision == UINT32_MAX;
}

/* A reset of the PF's function by the kernel takes away what vfio had enabled on the VF. */
static void
enable_pci(struct rte_eth_dev *dev)
{
	const uint16_t wanted = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;
	struct rte_pci_device *pci = RTE_ETH_DEV_TO_PCI(dev);
	uint16_t command;

	if (rte_pci_read_config(pci, &command, sizeof(command), PCI_COMMAND) < 0 ||
	    (command & wanted) == wanted)
		return;
	command |= wanted;
	if (rte_pci_write_config(pci, &command, sizeof(command), PCI_COMMAND) < 0)
		PORT_LOG(WARNING, vf_of(dev), "cannot enable memory and bus mastering");
}

static int
wait_pf_up(struct vf *vf)
{
	for (unsigned int i = 0; i < RSTI_TRIES; i++) {
		if (!vf_channel_pf_resetting(&vf->channel))
			return 0;
		rte_delay_us_sleep(RSTI_US);
	}
	return -EAGAIN;
}

/* One run through the sheet's sequence, 2.12 steps 1 to 6. */
static int
introduce_once(struct vf *vf)
{
	const struct vf_dialect *dialect = vf->family->dialect;
	struct mbx_msg request, reply;
	int rc;

	if (!vf_present(vf))
		return -ENODEV;
	vf_write(vf, vf->family->control, vf->family->control_reset);
	if (vf->family->reset_us != 0)
		rte_delay_us_sleep(vf->family->reset_us);
	rc = wait_pf_up(vf);
	if (rc < 0)
		return rc;
	vf_channel_forget(&vf->channel);

	mbx_encode_reset(&request);
	rc = vf_channel_request(&vf->channel, &request, &reply, dialect->reset_reply_words,
				NULL);
	if (rc < 0)
		return rc == -EIO ? rc : -EAGAIN;
	memset(&vf->assigned, 0, sizeof(vf->assigned));
	rc = mbx_check_reset_reply(&reply, &vf->assigned);
	if (rc == -EBADMSG)
		return -EAGAIN;
	return dialect->introduce != NULL ? dialect->introduce(vf, &reply) : 0;
}

static int
introduce(struct vf *vf, unsigned int wait_ms)
{
	uint64_t deadline = rte_get_timer_cycles() + wait_ms * rte_get_timer_hz() / MS_PER_S;
	int rc;

	for (;;) {
		rc = introduce_once(vf);
		if (rc != -EAGAIN || rte_get_timer_cycles() >= deadline)
			return rc;
		rte_delay_us_sleep(RETRY_US);
	}
}

static void
log_no_pf(const struct vf *vf, uint32_t level, int rc)
{
	if (rc == -ENODEV)
		PORT_LOG_AT(level, vf, "the device does not respond (status 0x%08x): %s",
			    vf_read(vf, vf->family->status), rte_strerror(-rc));
	else if (rc == -EIO)
		PORT_LOG_AT(level, vf, "the mailbox cannot be locked: %s", rte_strerror(-rc));
	else
		PORT_LOG_AT(level, vf, "no PF answers the mailbox"
			    " (is sluiced or a PF driver running?)");
}

/* Noticed by a look, of which there is one a second. */
static void
say_back(struct vf *vf)
{
	uint64_t cycles = rte_get_timer_cycles() - vf->out_since;

	if (vf->out_since == 0)
		return;
	PORT_LOG(NOTICE, vf, "a PF answers again: there was none for %" PRIu64 " ms",
		 cycles * MS_PER_S / rte_get_timer_hz());
	vf->out_since = 0;
}

static int
introduce_locked(struct vf *vf, unsigned int wait_ms)
{
	int rc;

	pthread_mutex_lock(&vf->lock);
	vf->ready = false;
	rc = introduce(vf, wait_ms);
	if (rc == 0) {
		vf->ready = true;
		vf->reset_wanted = false;
		vf->reset_told = false;
		vf->unicast = false;
		vf->multicast = false;
		vf->pf_down = false;
		say_back(vf);
	}
	pthread_mutex_unlock(&vf->lock);
	return rc;
}

/* The PF's address, unless the application chose one and the PF lets it have it. */
static int
settle_mac(struct rte_eth_dev *dev)
{
	struct vf *vf = vf_of(dev);
	struct rte_ether_addr *own = &dev->data->mac_addrs[0];
	bool have_assigned = !mac_is_zero(&vf->assigned);
	struct mac_addr mac;
	int rc;

	if (!have_assigned || vf->mac_chosen) {
		if (rte_is_zero_ether_addr(own))
			rte_eth_random_addr(own->addr_bytes);
		memcpy(&mac, own, sizeof(mac));
		if (mac_equal(&mac, &vf->assigned))
			return 0;
		rc = vf_ask_mac(vf, &mac);
		if (rc == 0)
			return 0;
		PORT_LOG(WARNING, vf, "the PF refuses address " RTE_ETHER_ADDR_PRT_FMT ": %s",
			 RTE_ETHER_ADDR_BYTES(own), rte_strerror(-rc));
		if (!have_assigned)
			return rc;
	}
	vf->mac_chosen = false;
	memcpy(own, &vf->assigned, sizeof(*own));
	return 0;
}

int
vf_reset(struct rte_eth_dev *dev, unsigned int wait_ms, uint32_t level)
{
	struct vf *vf = vf_of(dev);
	int rc;

	enable_pci(dev);
	rc = introduce_locked(vf, wait_ms);
	if (rc < 0) {
		log_no_pf(vf, level, rc);
		return rc;
	}
	vf_counters_rebase(vf);
	rte_delay_us_sleep(SETTLE_US);
	rc = settle_mac(dev);
	if (rc < 0)
		return rc;
	rc = vf_ask_max_frame(vf, vf->port.max_frame);
	if (rc < 0)
		PORT_LOG_AT(level, vf, "the PF refuses frames of %u bytes: %s",
			    vf->port.max_frame, rte_strerror(-rc));
	return rc;
}

void
vf_leave(struct vf *vf)
{
	pthread_mutex_lock(&vf->lock);
	vf->ready = false;
	if (vf_present(vf))
		vf_write(vf, vf->family->control, vf->family->control_reset);
	pthread_mutex_unlock(&vf->lock);
}
