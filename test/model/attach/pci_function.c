/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "config_space.h"
#include "dma.h"
#include "fd_trap.h"
#include "interrupt.h"
#include "pci_function.h"
#include "sealed.h"

_Static_assert(PCI_FUNCTION_CONFIG_BYTES == CONFIG_BYTES, "all of it is mapped");
_Static_assert(PCI_FUNCTION_CONFIG_AT == (uint64_t)VFIO_PCI_CONFIG_REGION_INDEX << 40,
	       "VFIO has 40 bits for each region of a device's descriptor");

static struct function *
function_of(struct pci_function *pci, struct nic *nic)
{
	return nic_function(nic, pci->vf);
}

/* --- Interrupts --- */

/** Under nic->lock, in whatever thread something happened. */
static void
on_message(struct function *fn, unsigned int vector, void *ctx)
{
	const struct pci_function *pci = ctx;
	const uint64_t one = 1;

	(void)fn;
	/* A full counter is a message that nobody has read yet; this one adds nothing. */
	if (pci->eventfd[vector] >= 0 && write(pci->eventfd[vector], &one, sizeof(one)) < 0)
		return;
}

static void
set_vector(struct pci_function *pci, struct function *fn, unsigned int vector, int fd)
{
	int old = pci->eventfd[vector];

	pci->eventfd[vector] = fd;
	vector_mask(fn, vector, fd < 0);
	if (old >= 0)
		close(old);
}

static void
set_msix_enable(struct pci_function *pci)
{
	uint16_t control = config_get16(pci->config, CONFIG_MSIX_CONTROL) & ~MSIX_ENABLE;

	for (unsigned int i = 0; i < NIC_VECTORS_MAX; i++)
		if (pci->eventfd[i] >= 0)
			control |= MSIX_ENABLE;
	config_set16(pci->config, CONFIG_MSIX_CONTROL, control);
}

/** Software may close its own and open another file of that number: we keep the file. */
static int
duplicate(const int32_t *fds, unsigned int nb, int *copies)
{
	for (unsigned int i = 0; i < nb; i++) {
		copies[i] = fds[i] < 0 ? -1 : fcntl(fds[i], F_DUPFD_CLOEXEC, 0);
		if (fds[i] >= 0 && copies[i] < 0) {
			int rc = -errno;

			while (i-- > 0)
				if (copies[i] >= 0)
					close(copies[i]);
			return rc;
		}
	}
	return 0;
}

static long
set_vectors(struct pci_function *pci, const struct vfio_irq_set *set)
{
	bool off = set->count == 0 && (set->flags & VFIO_IRQ_SET_DATA_NONE);
	unsigned int first = off ? 0 : set->start, nb = off ? NIC_VECTORS_MAX : set->count;
	int copies[NIC_VECTORS_MAX];
	struct function *fn;
	int rc = 0;

	if (first > NIC_VECTORS_MAX || nb > NIC_VECTORS_MAX - first)
		return -EINVAL;
	if (!off && !(set->flags & VFIO_IRQ_SET_DATA_EVENTFD))
		return -EINVAL;
	for (unsigned int i = 0; i < nb; i++)
		copies[i] = -1;
	if (!off)
		rc = duplicate((const int32_t *)set->data, nb, copies);
	if (rc != 0)
		return rc;
	fn = function_of(pci, attach_lock(pci->port));
	if (!off && first + nb > fn->nb_vectors)
		rc = -EINVAL;
	for (unsigned int i = 0; i < nb; i++) {
		if (rc == 0)
			set_vector(pci, fn, first + i, copies[i]);
		else if (copies[i] >= 0)
			close(copies[i]);
	}
	set_msix_enable(pci);
	attach_unlock(pci->port);
	return rc;
}

long
pci_function_set_irqs(struct pci_function *pci, const struct vfio_irq_set *set)
{
	const uint32_t action = set->flags & VFIO_IRQ_SET_ACTION_TYPE_MASK;

	/* The other kinds tell of errors of the bus, which do not happen here. */
	if (set->index == VFIO_PCI_ERR_IRQ_INDEX || set->index == VFIO_PCI_REQ_IRQ_INDEX)
		return 0;
	if (set->index != VFIO_PCI_MSIX_IRQ_INDEX || action != VFIO_IRQ_SET_ACTION_TRIGGER)
		return -EINVAL;
	return set_vectors(pci, set);
}

static long
on_set_irqs(void *ctx, const struct vfio_irq_set *set)
{
	return pci_function_set_irqs(ctx, set);
}

/* --- Configuration space --- */

int
pci_function_write_config(struct pci_function *pci, const void *data, size_t bytes,
			  uint64_t offset)
{
	struct function *fn;
	uint16_t command;
	bool reset;

	if (offset >= CONFIG_BYTES)
		return -EINVAL;
	fn = function_of(pci, attach_lock(pci->port));
	reset = config_space_write(pci->config, data, bytes, offset);
	command = config_get16(pci->config, CONFIG_COMMAND);
	fn->bus_master = command & COMMAND_BUS_MASTER;
	if (reset)
		nic_flr(fn);
	attach_unlock(pci->port);
	return 0;
}

static long
on_pwrite(void *ctx, const void *data, size_t bytes, uint64_t offset)
{
	int rc;

	if (offset < PCI_FUNCTION_CONFIG_AT)
		return -EINVAL;
	rc = pci_function_write_config(ctx, data, bytes, offset - PCI_FUNCTION_CONFIG_AT);
	return rc == 0 ? (long)bytes : rc;
}

static void
set_bus_master(struct pci_function *pci, bool on)
{
	struct function *fn = function_of(pci, attach_lock(pci->port));

	config_set16(pci->config, CONFIG_COMMAND, on ? COMMAND_MEMORY | COMMAND_BUS_MASTER : 0);
	fn->bus_master = on;
	attach_unlock(pci->port);
}

static void
reset(struct pci_function *pci)
{
	struct function *fn = function_of(pci, attach_lock(pci->port));

	nic_flr(fn);
	for (unsigned int i = 0; i < fn->nb_vectors; i++)
		set_vector(pci, fn, i, -1);
	set_msix_enable(pci);
	config_set16(pci->config, CONFIG_COMMAND, 0);
	fn->bus_master = false;
	attach_unlock(pci->port);
}

/* --- Memory --- */

int
pci_function_map(struct pci_function *pci, uint64_t iova, uint64_t bytes, void *host)
{
	struct nic *nic = attach_lock(pci->port);
	int rc = dma_map(&function_of(pci, nic)->dma, iova, bytes, host);

	attach_unlock(pci->port);
	return rc;
}

int
pci_function_unmap(struct pci_function *pci, uint64_t iova, uint64_t bytes, space_gone_t *gone)
{
	struct nic *nic = attach_lock(pci->port);
	int rc = space_unmap(nic, &function_of(pci, nic)->dma, iova, bytes, gone);

	attach_unlock(pci->port);
	return rc;
}

static int
map(struct pci_function *pci, const struct pci_memory *memory)
{
	return pci_function_map(pci, memory->iova, memory->bytes, memory->host);
}

static int
unmap(struct pci_function *pci, uint64_t iova, uint64_t bytes)
{
	return pci_function_unmap(pci, iova, bytes, NULL);
}

/* --- Life --- */

int
pci_function_map_config(struct pci_function *pci)
{
	void *config = mmap(NULL, CONFIG_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, pci->fd,
			    PCI_FUNCTION_CONFIG_AT);

	if (config == MAP_FAILED)
		return -errno;
	pci->config = config;
	return 0;
}

int
pci_function_map_table(struct pci_function *pci)
{
	void *table = mmap(NULL, MSIX_TABLE_BYTES, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (table == MAP_FAILED)
		return -errno;
	pci->msix_table = table;
	return 0;
}

int
pci_function_trap_fd(struct pci_function *pci, const struct fd_trap_ops *ops)
{
	pci->fd = fd_trap_adopt(pci->fd, ops, pci);
	pci->fd_traps = pci->fd >= 0;
	return pci->fd < 0 ? pci->fd : 0;
}

void
pci_function_release(struct pci_function *pci)
{
	if (pci->fd_traps)
		fd_trap_release(pci->fd);
	else if (pci->fd >= 0)
		close(pci->fd);
	if (pci->config != NULL)
		munmap(pci->config, CONFIG_BYTES);
	if (pci->msix_table != NULL)
		munmap(pci->msix_table, MSIX_TABLE_BYTES);
}

static int
open_config(struct pci_function *pci)
{
	pci->fd = sealed_file("sluice-model-function", PCI_FUNCTION_CONFIG_AT + CONFIG_BYTES);
	return pci->fd < 0 ? pci->fd : pci_function_map_config(pci);
}

static void
close_function(struct pci_function *pci)
{
	struct nic *nic = attach_lock(pci->port);
	struct function *fn = function_of(pci, nic);

	fn->ops = (struct function_ops){ 0 };
	fn->bus_master = false;
	for (unsigned int i = 0; i < fn->nb_vectors; i++)
		set_vector(pci, fn, i, -1);
	dma_unmap_all(nic, &fn->dma);
	attach_unlock(pci->port);
	pci_function_release(pci);
}

int
pci_function_serve(struct pci_function *pci, struct attach *port, int vf)
{
	static const struct pci_function_ops ops = {
		.set_bus_master = set_bus_master,
		.reset = reset,
		.map = map,
		.unmap = unmap,
		.close = close_function,
	};
	struct function *fn;
	int rc;

	*pci = (struct pci_function){ .ops = &ops, .port = port, .vf = vf, .fd = -1 };
	for (unsigned int i = 0; i < NIC_VECTORS_MAX; i++)
		pci->eventfd[i] = -1;
	pci->family = attach_nic(port)->family;
	rc = open_config(pci);
	if (rc != 0)
		return rc;
	fn = function_of(pci, attach_lock(port));
	pci->nb_vfs = fn->nic->nb_vfs;
	config_space_fill(pci->config, pci->family, vf, pci->nb_vfs);
	fn->bus_master = false;
	fn->ops = (struct function_ops){ .msix = on_message, .ctx = pci };
	for (unsigned int i = 0; i < fn->nb_vectors; i++)
		vector_mask(fn, i, true);
	attach_unlock(port);
	return 0;
}

int
pci_function_open(struct pci_function *pci, struct attach *port, int vf)
{
	static const struct fd_trap_ops ops = { .set_irqs = on_set_irqs, .pwrite = on_pwrite };
	int rc = pci_function_serve(pci, port, vf);

	pci->bar = attach_bar(port, vf);
	if (rc == 0)
		rc = pci_function_map_table(pci);
	return rc == 0 ? pci_function_trap_fd(pci, &ops) : rc;
}

void
pci_function_close(struct pci_function *pci)
{
	if (pci->ops != NULL)
		pci->ops->close(pci);
}
