/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <linux/vfio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_bus_pci.h>
#include <rte_errno.h>
#include <rte_lcore.h>

#include "config_space.h"
#include "model_bus.h"
#include "remote.h"

#define INTEL		  0x8086
#define CLASS_ETHERNET	  0x020000
#define FIRST_VF_SLOT	  0x10
#define FUNCTIONS_A_SLOT  8

static void
set_address(struct rte_pci_device *pci, int vf, uint8_t pci_bus)
{
	pci->addr = (struct rte_pci_addr){ .bus = pci_bus };
	if (vf != PF_INDEX) {
		pci->addr.devid = FIRST_VF_SLOT + vf / FUNCTIONS_A_SLOT;
		pci->addr.function = vf % FUNCTIONS_A_SLOT;
	}
	rte_pci_device_name(&pci->addr, pci->name, sizeof(pci->name));
}

static void
set_resource(struct rte_pci_device *pci, unsigned int bar, void *addr, uint64_t bytes)
{
	pci->mem_resource[bar] = (struct rte_mem_resource){
		.phys_addr = (uintptr_t)addr,
		.len = bytes,
		.addr = addr,
	};
}

static void
fill_pci(struct model_device *device)
{
	const struct pci_function *function = &device->function;
	const struct nic_family *family = function->family;
	struct rte_pci_device *pci = &device->pci;
	bool is_pf = function->vf == PF_INDEX;

	pci->device.name = pci->name;
	pci->device.bus = &model_bus;
	pci->device.numa_node = rte_socket_id();
	pci->device.devargs = &device->devargs;
	pci->id = (struct rte_pci_id){
		.class_id = CLASS_ETHERNET,
		.vendor_id = INTEL,
		.device_id = is_pf ? family->pf_device_id : family->vf_device_id,
		.subsystem_vendor_id = INTEL,
	};
	pci->kdrv = RTE_PCI_KDRV_VFIO;
	device->region[VFIO_PCI_CONFIG_REGION_INDEX].bytes = CONFIG_BYTES;
	device->region[VFIO_PCI_CONFIG_REGION_INDEX].at = PCI_FUNCTION_CONFIG_AT;
	pci->max_vfs = is_pf ? function->nb_vfs : 0;
	set_resource(pci, 0, function->bar,
		     is_pf ? family->pf_bar_bytes : family->vf_bar_bytes);
	set_resource(pci, is_pf ? family->msix_bar : family->vf_msix_bar,
		     function->msix_table, MSIX_TABLE_BYTES);
}

struct model_device *
model_device_create(struct attach *port, int vf, uint8_t pci_bus, const struct spec *spec)
{
	struct model_device *device = calloc(1, sizeof(*device));
	int rc;

	if (device == NULL) {
		rte_errno = ENOMEM;
		return NULL;
	}
	rc = port == NULL ? remote_open(&device->function, spec->connect, vf,
					 spec->doorbell) :
			    pci_function_open(&device->function, port, vf);
	if (rc == 0)
		rc = model_memory_start(&device->function);
	if (rc != 0) {
		pci_function_close(&device->function);
		free(device);
		rte_errno = -rc;
		return NULL;
	}
	set_address(&device->pci, vf, pci_bus);
	device->wanted_driver = vf == PF_INDEX ? spec->pf_driver : spec->vf_driver;
	device->devargs.bus = &model_bus;
	device->devargs.data = (char *)(vf == PF_INDEX ? spec->pf_args : spec->vf_args);
	device->devargs.args = device->devargs.data;
	fill_pci(device);
	TAILQ_INSERT_TAIL(&model_devices, device, next);
	return device;
}

static bool
goes_with(const struct model_device *device, const struct model_device *taken)
{
	return device == taken || (taken->function.vf == PF_INDEX &&
				   device->function.port == taken->function.port);
}

static struct model_device *
find_device(const char *name)
{
	struct model_device *device;

	TAILQ_FOREACH(device, &model_devices, next)
		if (strcmp(device->pci.name, name) == 0)
			break;
	return device;
}

int
sluicemodel_set_vfs(const char *name, unsigned int nb_vfs)
{
	struct model_device *device = find_device(name);

	if (device == NULL)
		return -ENODEV;
	if (device->function.port == NULL)
		return -ENOTSUP;
	if (nb_vfs > device->function.family->max_vfs)
		return -ERANGE;
	nic_set_vfs(attach_lock(device->function.port), nb_vfs);
	attach_unlock(device->function.port);
	return 0;
}

int
sluicemodel_take_out(const char *name)
{
	struct model_device *device = find_device(name), *other;

	if (device == NULL)
		return -ENODEV;
	if (device->function.port == NULL)
		return -ENOTSUP;
	nic_surprise_remove(nic_function(attach_lock(device->function.port),
					 device->function.vf));
	TAILQ_FOREACH(other, &model_devices, next)
		if (goes_with(other, device))
			memset(other->function.config, UINT8_MAX, PCI_FUNCTION_CONFIG_BYTES);
	attach_unlock(device->function.port);
	return 0;
}

void
model_device_free(struct model_device *device)
{
	TAILQ_REMOVE(&model_devices, device, next);
	model_memory_stop(&device->function);
	pci_function_close(&device->function);
	free(device);
}
