/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <rte_errno.h>
#include <rte_interrupts.h>

#include "model_bus.h"

RTE_TAILQ_HEAD(pci_drivers, rte_pci_driver);

/** The PCI bus as it is in memory: DPDK does not export who has registered there. */
struct pci_bus {
	struct rte_bus bus;
	RTE_TAILQ_HEAD(, rte_pci_device) devices;
	struct pci_drivers drivers;
};

static struct rte_pci_driver *
first_driver(void)
{
	struct rte_bus *bus = rte_bus_find_by_name("pci");
	struct rte_pci_driver *first;

	if (bus == NULL)
		return NULL;
	first = TAILQ_FIRST(&((struct pci_bus *)bus)->drivers);
	/* The first element points back at the head, if this is where a list begins. */
	if (first != NULL &&
	    first->next.tqe_prev != &((struct pci_bus *)bus)->drivers.tqh_first) {
		MODEL_LOG(ERR, "this DPDK's PCI bus is not laid out as that of 22.11");
		return NULL;
	}
	return first;
}

static bool
id_matches(const struct rte_pci_id *wanted, const struct rte_pci_id *id)
{
	return (wanted->vendor_id == id->vendor_id || wanted->vendor_id == RTE_PCI_ANY_ID) &&
	       (wanted->device_id == id->device_id || wanted->device_id == RTE_PCI_ANY_ID) &&
	       (wanted->subsystem_vendor_id == id->subsystem_vendor_id ||
		wanted->subsystem_vendor_id == RTE_PCI_ANY_ID) &&
	       (wanted->subsystem_device_id == id->subsystem_device_id ||
		wanted->subsystem_device_id == RTE_PCI_ANY_ID) &&
	       (wanted->class_id == id->class_id || wanted->class_id == RTE_CLASS_ANY_ID);
}

static bool
takes(const struct rte_pci_driver *driver, const struct model_device *device)
{
	const char *wanted = device->wanted_driver;

	if (*wanted != '\0' && strcmp(driver->driver.name, wanted) != 0)
		return false;
	for (const struct rte_pci_id *id = driver->id_table; id->vendor_id != 0; id++)
		if (id_matches(id, &device->pci.id))
			return true;
	return false;
}

static void
free_interrupts(struct rte_pci_device *pci)
{
	if (pci->intr_handle != NULL && rte_intr_fd_get(pci->intr_handle) >= 0)
		close(rte_intr_fd_get(pci->intr_handle));
	rte_intr_instance_free(pci->intr_handle);
	rte_intr_instance_free(pci->vfio_req_intr_handle);
	pci->intr_handle = NULL;
	pci->vfio_req_intr_handle = NULL;
}

/** As VFIO leaves them to a driver. */
static int
set_up_interrupts(struct model_device *device)
{
	struct rte_pci_device *pci = &device->pci;
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	if (fd < 0)
		return -errno;
	pci->intr_handle = rte_intr_instance_alloc(RTE_INTR_INSTANCE_F_PRIVATE);
	pci->vfio_req_intr_handle = rte_intr_instance_alloc(RTE_INTR_INSTANCE_F_PRIVATE);
	if (pci->intr_handle == NULL || pci->vfio_req_intr_handle == NULL) {
		close(fd);
		free_interrupts(pci);
		return -ENOMEM;
	}
	if (rte_intr_fd_set(pci->intr_handle, fd) != 0 ||
	    rte_intr_dev_fd_set(pci->intr_handle, device->function.fd) != 0 ||
	    rte_intr_type_set(pci->intr_handle, RTE_INTR_HANDLE_VFIO_MSIX) != 0) {
		free_interrupts(pci);
		return -rte_errno;
	}
	return 0;
}

static int
probe_with(struct rte_pci_driver *driver, struct model_device *device)
{
	struct rte_pci_device *pci = &device->pci;
	int rc;

	if ((driver->drv_flags & RTE_PCI_DRV_NEED_IOVA_AS_VA) && rte_eal_iova_mode() != RTE_IOVA_VA)
		return -EINVAL;
	rc = set_up_interrupts(device);
	if (rc != 0)
		return rc;
	device->function.ops->set_bus_master(&device->function, true);
	pci->driver = driver;
	MODEL_LOG(INFO, "%s is for %s", pci->name, driver->driver.name);
	rc = driver->probe(driver, pci);
	if (rc == 0) {
		pci->device.driver = &driver->driver;
		return 0;
	}
	pci->driver = NULL;
	device->function.ops->reset(&device->function);
	free_interrupts(pci);
	return rc;
}

int
model_device_probe(struct model_device *device)
{
	int rc = 1;

	if (rte_dev_is_probed(&device->pci.device))
		return -EEXIST;
	for (struct rte_pci_driver *driver = first_driver(); driver != NULL && rc > 0;
	     driver = TAILQ_NEXT(driver, next))
		if (takes(driver, device))
			rc = probe_with(driver, device);
	if (rc > 0)
		MODEL_LOG(ERR, "%s (%04x:%04x): no driver%s%s for it is loaded", device->pci.name,
			  device->pci.id.vendor_id, device->pci.id.device_id,
			  *device->wanted_driver == '\0' ? "" : " ", device->wanted_driver);
	else if (rc < 0)
		MODEL_LOG(ERR, "%s: its driver failed: %s", device->pci.name, rte_strerror(-rc));
	return rc;
}

int
model_device_remove(struct model_device *device)
{
	struct rte_pci_device *pci = &device->pci;
	int rc = 0;

	if (pci->driver == NULL)
		return 0;
	if (pci->driver->remove != NULL)
		rc = pci->driver->remove(pci);
	if (rc < 0)
		return rc;
	pci->driver = NULL;
	pci->device.driver = NULL;
	device->function.ops->reset(&device->function);
	free_interrupts(pci);
	return 0;
}
