/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "config_space.h"
#include "fd_trap.h"
#include "interrupt.h"
#include "pci_function.h"

/* VFIO's layout of a device's descriptor: 40 bits for each region. */
#define REGION_SHIFT 40
#define CONFIG_AT    ((uint64_t)VFIO_PCI_CONFIG_REGION_INDEX << REGION_SHIFT)

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

static long
on_set_irqs(void *ctx, const struct vfio_irq_set *set)
{
	const uint32_t action = set->flags & VFIO_IRQ_SET_ACTION_TYPE_MASK;

	/* The other kinds tell of errors of the bus, which do not happen here. */
	if (set->index == VFIO_PCI_ERR_IRQ_INDEX || set->index == VFIO_PCI_REQ_IRQ_INDEX)
		return 0;
	if (set->index != VFIO_PCI_MSIX_IRQ_INDEX || action != VFIO_IRQ_SET_ACTION_TRIGGER)
		return -EINVAL;
	return set_vectors(ctx, set);
}

/* --- Configuration space --- */

static long
on_pwrite(void *ctx, const void *data, size_t bytes, uint64_t offset)
{
	struct pci_function *pci = ctx;
	struct function *fn;
	uint16_t command;
	bool reset;

	if (offset < CONFIG_AT || offset - CONFIG_AT >= CONFIG_BYTES)
		return -EINVAL;
	fn = function_of(pci, attach_lock(pci->port));
	reset = config_space_write(pci->config, data, bytes, offset - CONFIG_AT);
	command = config_get16(pci->config, CONFIG_COMMAND);
	fn->bus_master = command & COMMAND_BUS_MASTER;
	if (reset)
		nic_flr(fn);
	attach_unlock(pci->port);
	return bytes;
}

void
pci_function_set_bus_master(struct pci_function *pci, bool on)
{
	struct function *fn = function_of(pci, attach_lock(pci->port));

	config_set16(pci->config, CONFIG_COMMAND, on ? COMMAND_MEMORY | COMMAND_BUS_MASTER : 0);
	fn->bus_master = on;
	attach_unlock(pci->port);
}

void
pci_function_reset(struct pci_function *pci)
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

static int
open_fd(struct pci_function *pci)
{
	static const struct fd_trap_ops ops = { .set_irqs = on_set_irqs, .pwrite = on_pwrite };
	int fd = memfd_create("sluice-model-function", MFD_CLOEXEC);
	void *config;
	int rc;

	if (fd < 0)
		return -errno;
	if (ftruncate(fd, CONFIG_AT + CONFIG_BYTES) < 0)
		goto fail;
	config = mmap(NULL, CONFIG_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, CONFIG_AT);
	if (config == MAP_FAILED)
		goto fail;
	pci->config = config;
	pci->fd = fd_trap_adopt(fd, &ops, pci);
	return pci->fd < 0 ? pci->fd : 0;

fail:
	rc = -errno;
	close(fd);
	return rc;
}

int
pci_function_open(struct pci_function *pci, struct attach *port, int vf)
{
	struct function *fn;
	void *table;
	int rc;

	*pci = (struct pci_function){ .port = port, .vf = vf, .fd = -1 };
	for (unsigned int i = 0; i < NIC_VECTORS_MAX; i++)
		pci->eventfd[i] = -1;
	table = mmap(NULL, MSIX_TABLE_BYTES, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (table == MAP_FAILED)
		return -errno;
	pci->msix_table = table;
	rc = open_fd(pci);
	if (rc != 0)
		return rc;
	fn = function_of(pci, attach_lock(port));
	config_space_fill(pci->config, fn->nic->family, vf, fn->nic->nb_vfs);
	fn->bus_master = false;
	fn->ops = (struct function_ops){ .msix = on_message, .ctx = pci };
	for (unsigned int i = 0; i < fn->nb_vectors; i++)
		vector_mask(fn, i, true);
	attach_unlock(port);
	return 0;
}

void
pci_function_close(struct pci_function *pci)
{
	struct function *fn = function_of(pci, attach_lock(pci->port));

	fn->ops = (struct function_ops){ 0 };
	fn->bus_master = false;
	for (unsigned int i = 0; i < fn->nb_vectors; i++)
		set_vector(pci, fn, i, -1);
	attach_unlock(pci->port);
	if (pci->fd >= 0)
		fd_trap_release(pci->fd);
	if (pci->config != NULL)
		munmap(pci->config, CONFIG_BYTES);
	if (pci->msix_table != NULL)
		munmap(pci->msix_table, MSIX_TABLE_BYTES);
}
