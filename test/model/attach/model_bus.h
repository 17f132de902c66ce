/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Model ports as devices of DPDK.
 *
 * A vdev "sluicemodel..." makes a port. Its functions are devices on a bus of their own, which
 * gives them to the drivers of the PCI bus: those ask a struct rte_pci_device, never its bus.
 */
#ifndef MODEL_BUS_H
#define MODEL_BUS_H

#include <bus_driver.h>
#include <bus_pci_driver.h>
#include <rte_devargs.h>
#include <rte_log.h>

#include "pci_function.h"
#include "spec.h"

extern int model_logtype;
#define MODEL_LOG(level, fmt, ...) \
	rte_log(RTE_LOG_##level, model_logtype, "sluicemodel: " fmt "\n", ##__VA_ARGS__)

/** At least as many as any release of DPDK looks at. */
#define PCI_REGIONS 16

/** A function on the bus. */
struct model_device {
	RTE_TAILQ_ENTRY(model_device) next;
	struct rte_pci_device pci;
	/** Where VFIO's regions are: the bus of 23.03 and later keeps that behind its device. */
	struct {
		uint64_t bytes, at;
	} region[PCI_REGIONS];
	struct pci_function function;
	struct rte_devargs devargs;	/**< what the spec says; others may come by hotplug */
	const char *wanted_driver;	/**< empty: any */
};

RTE_TAILQ_HEAD(model_devices, model_device);

/* bus.c */
extern struct model_devices model_devices;
extern struct rte_bus model_bus;

/* probe.c */
/** @return 0; > 0: no driver wants it; -errno */
int model_device_probe(struct model_device *device);
/** The driver lets go; the function is reset. @return 0 or what the driver's remove() returns */
int model_device_remove(struct model_device *device);

/* device.c */
/** @param port  NULL: where the spec says. @return NULL with rte_errno */
struct model_device *model_device_create(struct attach *port, int vf, uint8_t pci_bus,
					 const struct spec *spec);
/** Has no driver any more. */
void model_device_free(struct model_device *device);

/**
 * Take a function out without a word, as somebody who pulls a card; a PF takes its VFs along. For
 * tests, which find it by dlsym().
 *
 * @param name  as of its PCI device
 * @return 0; -ENODEV; -ENOTSUP the port is in another process
 */
__attribute__((visibility("default"))) int sluicemodel_take_out(const char *name);

/**
 * As if so many VFs were written to the SR-IOV capability of a PF. For tests, as above.
 *
 * @return 0; -ENODEV; -ENOTSUP the port is in another process; -ERANGE there cannot be so many
 */
__attribute__((visibility("default"))) int sluicemodel_set_vfs(const char *name,
							       unsigned int nb_vfs);

/* memory.c */
/** Let a function reach all of DPDK's memory, now and later. */
int model_memory_start(struct pci_function *function);
void model_memory_stop(struct pci_function *function);
/** Memory that the application registered itself. */
int model_memory_map(struct pci_function *function, void *host, uint64_t iova, size_t bytes);
int model_memory_unmap(struct pci_function *function, uint64_t iova, size_t bytes);

#endif /* MODEL_BUS_H */
