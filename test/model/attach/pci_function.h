/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * A function as a driver knows it: BAR0, and a descriptor as of a VFIO device.
 *
 * Reading that at VFIO's offset reads the configuration space; writing there, and the ioctl that
 * sets interrupts, come to us (fd_trap.h). An MSI-X message is a count in the eventfd that software
 * gave for the vector; a vector without one is masked.
 *
 * The port is in this process (here) or in another one (../server/remote.h): the operations are
 * what differs.
 */
#ifndef MODEL_PCI_FUNCTION_H
#define MODEL_PCI_FUNCTION_H

#include <stdbool.h>

#include "attach.h"
#include "space.h"

struct fd_trap_ops;
struct pci_function;
struct remote;
struct vfio_irq_set;

/** Memory of this process that a function may reach. */
struct pci_memory {
	void *host;
	uint64_t iova, bytes;
	int fd;			/**< the file that is mapped there; -1: not known */
	uint64_t fd_offset;
};

struct pci_function_ops {
	/** As the bus does before a driver gets the function. */
	void (*set_bus_master)(struct pci_function *pci, bool on);
	/** As the bus does when a driver has let go: function-level reset, no interrupts. */
	void (*reset)(struct pci_function *pci);
	/** Both @return 0 or -errno */
	int (*map)(struct pci_function *pci, const struct pci_memory *memory);
	int (*unmap)(struct pci_function *pci, uint64_t iova, uint64_t bytes);
	void (*close)(struct pci_function *pci);
	bool by_file;		/**< map() needs the file */
};

struct pci_function {
	const struct pci_function_ops *ops;
	const struct nic_family *family;
	int vf;
	unsigned int nb_vfs;	/**< that the port has */
	void *bar;		/**< software's view of BAR0; NULL: software is elsewhere */
	int fd;			/**< as of VFIO's device */
	bool fd_traps;
	uint8_t *config;	/**< the configuration space, also readable through fd */
	uint8_t *msix_table;	/**< MSIX_TABLE_BYTES of plain memory, for the BAR */
	/* The port is here: */
	struct attach *port;
	int eventfd[NIC_VECTORS_MAX];	/**< own duplicates; -1: none */
	/* The port is elsewhere: */
	struct remote *remote;
};

#define MSIX_TABLE_BYTES 0x4000

/** fd_trap_install() has been called. @return 0 or -errno */
int pci_function_open(struct pci_function *pci, struct attach *port, int vf);
/** Without a BAR, table and traps: its software is in another process. @return 0 or -errno */
int pci_function_serve(struct pci_function *pci, struct attach *port, int vf);
/** Also if opening failed. */
void pci_function_close(struct pci_function *pci);

/* What software did: VFIO_DEVICE_SET_IRQS; a write to the configuration space. 0 or -errno. */
long pci_function_set_irqs(struct pci_function *pci, const struct vfio_irq_set *set);
int pci_function_write_config(struct pci_function *pci, const void *data, size_t bytes,
			      uint64_t offset);
int pci_function_map(struct pci_function *pci, uint64_t iova, uint64_t bytes, void *host);
int pci_function_unmap(struct pci_function *pci, uint64_t iova, uint64_t bytes,
		       space_gone_t *gone);

/* For who has the port elsewhere. */
/** Where in a VFIO device's descriptor the configuration space is. */
#define PCI_FUNCTION_CONFIG_AT	  ((uint64_t)7 << 40)
#define PCI_FUNCTION_CONFIG_BYTES 4096

/** Map the table, and the configuration space of pci->fd. @return 0 or -errno */
int pci_function_map_config(struct pci_function *pci);
int pci_function_map_table(struct pci_function *pci);
/** Writes to pci->fd and ioctls come to @p ops. @return 0 or -errno */
int pci_function_trap_fd(struct pci_function *pci, const struct fd_trap_ops *ops);
/** Undo what of the three was done, and close pci->fd. */
void pci_function_release(struct pci_function *pci);

#endif /* MODEL_PCI_FUNCTION_H */
