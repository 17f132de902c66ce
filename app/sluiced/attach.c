/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * Gives the PF driver a device whose descriptors are ours. DPDK's bus would open vfio itself, and a
 * group can be opened once: so a driver stands before the PF driver that asks the bus for no
 * mapping, sees to what the bus would have seen to, and then lets the PF driver at the device.
 */

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rte_errno.h>
#include <rte_memory.h>

#include "daemon.h"
#include "dpdk_compat.h"
#include "pf_probe.h"

#define REGISTERS_BAR   0
#define MEMORY_CALLBACK "sluiced-dma"

static struct daemon *the_daemon; /* DPDK's bus has no argument for its drivers */

static struct port *
port_of(const struct rte_pci_device *pci)
{
	for (uint16_t i = 0; the_daemon != NULL && i < the_daemon->config.nb_ports; i++) {
		struct port *port = &the_daemon->port[i];

		if (port->device.fd[IOV_FD_DEVICE] >= 0 &&
		    strcmp(port->device.pci, pci->device.name) == 0)
			return port;
	}
	return NULL;
}

/* --- The memory that the devices may reach: all of DPDK's --- */

static void
on_memory(enum rte_mem_event event, const void *address, size_t bytes, void *arg)
{
	void *at = (void *)(uintptr_t)address;

	(void)arg;
	for (uint16_t i = 0; i < the_daemon->config.nb_ports; i++) {
		const struct iov_device *device = &the_daemon->port[i].device;
		int rc;

		if (device->fd[IOV_FD_DEVICE] < 0)
			continue;
		rc = event == RTE_MEM_EVENT_ALLOC ? iov_device_map_memory(device, at, bytes)
						  : iov_device_unmap_memory(device, at, bytes);
		if (rc < 0)
			log_line(CONFIG_LOG_ERROR, "%s: %zu bytes of memory at the IOMMU: %s",
				 device->pci, bytes, strerror(-rc));
	}
}

static int
map_segment(const struct rte_memseg_list *list, const struct rte_memseg *segment, size_t bytes,
	    void *arg)
{
	(void)list;
	return iov_device_map_memory(arg, segment->addr, bytes);
}

/* What is there now, and what comes and goes later. */
static int
map_memory(struct port *port)
{
	static bool following;
	int rc = 0;

	if (!following && rte_mem_event_callback_register(MEMORY_CALLBACK, on_memory, NULL) < 0 &&
	    rte_errno != ENOTSUP) /* memory that does not change has no events */
		return -rte_errno;
	following = true;
	if (hold_was_handed(port))
		rc = iov_device_unmap_all(&port->device);
	return rc < 0 ? rc : rte_memseg_contig_walk(map_segment, &port->device);
}

/* --- What the bus does for other drivers --- */

static int
set_up_interrupts(const struct iov_device *device, struct rte_pci_device *pci)
{
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (rte_intr_fd_set(pci->intr_handle, fd) < 0 ||
	    rte_intr_type_set(pci->intr_handle, RTE_INTR_HANDLE_VFIO_MSIX) < 0 ||
	    rte_intr_dev_fd_set(pci->intr_handle, device->fd[IOV_FD_DEVICE]) < 0) {
		close(fd);
		return -EINVAL;
	}
	return 0;
}

static int
set_up(struct port *port, struct rte_pci_device *pci)
{
	size_t bytes;
	void *bar;
	int rc = iov_device_map_bar(&port->device, REGISTERS_BAR, &bar, &bytes);

	if (rc < 0)
		return rc;
	pci->mem_resource[REGISTERS_BAR].addr = bar;
	pci->mem_resource[REGISTERS_BAR].len = bytes;
	rc = set_up_interrupts(&port->device, pci);
	return rc < 0 ? rc : iov_device_set_master(&port->device, true);
}

static void
take_down(struct rte_pci_device *pci)
{
	struct rte_mem_resource *bar = &pci->mem_resource[REGISTERS_BAR];

	if (rte_intr_fd_get(pci->intr_handle) >= 0)
		close(rte_intr_fd_get(pci->intr_handle));
	rte_intr_fd_set(pci->intr_handle, -1);
	if (bar->addr != NULL)
		munmap(bar->addr, bar->len);
	bar->addr = NULL;
}

static int
probe(struct rte_pci_driver *driver, struct rte_pci_device *pci)
{
	struct port *port = port_of(pci);
	int rc;

	(void)driver;
	if (port == NULL)
		return 1; /* for the next driver: it is no device of this machine */
	rc = set_up(port, pci);
	if (rc == 0)
		rc = pf_probe_kept(pci, kept_next_books(port->kept),
				   port->taken_over ? kept_books(port->kept) : NULL);
	/* Not before: the device reached the dead one's memory until now. */
	if (rc == 0)
		rc = map_memory(port);
	if (rc == 0)
		kept_turn(port->kept);
	if (rc < 0) {
		log_line(CONFIG_LOG_ERROR, "%s: %s", port->device.pci, strerror(-rc));
		take_down(pci);
	}
	return rc;
}

static int
remove_port(struct rte_pci_device *pci)
{
	int rc = pf_remove(pci);

	take_down(pci);
	return rc;
}

static struct rte_pci_driver attach_driver = {
	.id_table = pf_ids,
	.drv_flags = RTE_PCI_DRV_INTR_LSC,
	.probe = probe,
	.remove = remove_port,
};

RTE_PMD_REGISTER_PCI(net_sluice_pf_held, attach_driver);

void
attach_prepare(struct daemon *daemon)
{
	the_daemon = daemon;
	pci_driver_move_first(&attach_driver);
}
