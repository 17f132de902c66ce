/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <string.h>

#include <rte_devargs.h>
#include <rte_errno.h>
#include <rte_log.h>

#include "model_bus.h"

RTE_LOG_REGISTER(model_logtype, bus.sluicemodel, NOTICE)

struct model_devices model_devices = TAILQ_HEAD_INITIALIZER(model_devices);

static struct model_device *
device_of(const struct rte_device *device)
{
	return container_of(device, struct model_device, pci.device);
}

/** Devices come with their vdev. Here only arguments of a hotplug find theirs. */
static int
bus_scan(void)
{
	struct model_device *device;
	struct rte_devargs *devargs;

	TAILQ_FOREACH(device, &model_devices, next) {
		if (rte_dev_is_probed(&device->pci.device))
			continue;
		device->pci.device.devargs = &device->devargs;
		RTE_EAL_DEVARGS_FOREACH(model_bus.name, devargs)
			if (strcmp(devargs->name, device->pci.name) == 0)
				device->pci.device.devargs = devargs;
	}
	return 0;
}

static int
bus_probe(void)
{
	return 0;
}

static struct rte_device *
bus_find_device(const struct rte_device *start, rte_dev_cmp_t cmp, const void *data)
{
	struct model_device *device = start == NULL ? TAILQ_FIRST(&model_devices) :
					TAILQ_NEXT(device_of(start), next);

	for (; device != NULL; device = TAILQ_NEXT(device, next))
		if (cmp(&device->pci.device, data) == 0)
			return &device->pci.device;
	return NULL;
}

static int
bus_plug(struct rte_device *device)
{
	return model_device_probe(device_of(device));
}

static int
bus_unplug(struct rte_device *device)
{
	struct rte_devargs *devargs = device->devargs;
	struct model_device *model = device_of(device);
	int rc = model_device_remove(model);

	if (rc == 0 && devargs != &model->devargs) {
		rte_devargs_remove(devargs);
		device->devargs = &model->devargs;
	}
	return rc;
}

/** Only devices that are there: the PCI bus is asked about all other addresses. */
static int
bus_parse(const char *name, void *addr)
{
	struct model_device *device;

	(void)addr;
	TAILQ_FOREACH(device, &model_devices, next)
		if (strncmp(name, device->pci.name, strlen(device->pci.name)) == 0 &&
		    strchr(",", name[strlen(device->pci.name)]) != NULL)
			return 0;
	return -ENODEV;
}

static int
bus_dma_map(struct rte_device *device, void *host, uint64_t iova, size_t bytes)
{
	return model_memory_map(&device_of(device)->function, host, iova, bytes);
}

static int
bus_dma_unmap(struct rte_device *device, void *host, uint64_t iova, size_t bytes)
{
	(void)host;
	return model_memory_unmap(&device_of(device)->function, iova, bytes);
}

/** The model is asked for host addresses; there is no table that translates. */
static enum rte_iova_mode
bus_iommu_class(void)
{
	return RTE_IOVA_VA;
}

/** VFs first: their drivers tell the PF good-bye. The vdevs free what is left. */
static int
bus_cleanup(void)
{
	struct model_device *device;
	int rc = 0;

	TAILQ_FOREACH_REVERSE(device, &model_devices, model_devices, next)
		if (rte_dev_is_probed(&device->pci.device) && model_device_remove(device) != 0)
			rc = -1;
	return rc;
}

struct rte_bus model_bus = {
	.name = "sluicemodel",
	.scan = bus_scan,
	.probe = bus_probe,
	.find_device = bus_find_device,
	.plug = bus_plug,
	.unplug = bus_unplug,
	.parse = bus_parse,
	.dma_map = bus_dma_map,
	.dma_unmap = bus_dma_unmap,
	.get_iommu_class = bus_iommu_class,
	.cleanup = bus_cleanup,
};

static int
any_bus(const struct rte_bus *bus, const void *data)
{
	(void)bus;
	(void)data;
	return 0;
}

/**
 * Of two buses that know a name the first is taken, and the PCI bus knows all addresses: ours is
 * to be asked first. So those that are there step back.
 */
RTE_INIT_PRIO(model_bus_register, BUS)
{
	struct rte_bus *others[32];
	unsigned int nb = 0;

	while (nb < RTE_DIM(others)) {
		others[nb] = rte_bus_find(NULL, any_bus, NULL);
		if (others[nb] == NULL)
			break;
		rte_bus_unregister(others[nb++]);
	}
	rte_bus_register(&model_bus);
	for (unsigned int i = 0; i < nb; i++)
		rte_bus_register(others[i]);
}
