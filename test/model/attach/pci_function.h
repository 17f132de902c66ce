/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What a driver knows a function by besides BAR0: a descriptor as of a VFIO device.
 *
 * Reading it at VFIO's offset reads the configuration space; writing there, and the ioctl that sets
 * interrupts, come to us (fd_trap.h). An MSI-X message is a count in the eventfd that software gave
 * for the vector; a vector without one is masked.
 */
#ifndef MODEL_PCI_FUNCTION_H
#define MODEL_PCI_FUNCTION_H

#include "attach.h"

struct pci_function {
	struct attach *port;
	int vf;
	int fd;			/**< as of VFIO's device */
	uint8_t *config;	/**< the configuration space, also readable through fd */
	uint8_t *msix_table;	/**< MSIX_TABLE_BYTES of plain memory, for the BAR */
	int eventfd[NIC_VECTORS_MAX];	/**< own duplicates; -1: none */
};

#define MSIX_TABLE_BYTES 0x4000

/** fd_trap_install() has been called. @return 0 or -errno */
int pci_function_open(struct pci_function *pci, struct attach *port, int vf);
/** Also if opening failed. */
void pci_function_close(struct pci_function *pci);

/** As the bus does before a driver gets the function. */
void pci_function_set_bus_master(struct pci_function *pci, bool on);
/** As the bus does when a driver has let go: function-level reset, no interrupts. */
void pci_function_reset(struct pci_function *pci);

#endif /* MODEL_PCI_FUNCTION_H */
