/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_memory.h>

#include "dma.h"
#include "model_bus.h"

#define CALLBACK "sluicemodel"

static struct dma_space *
space_of(struct pci_function *function, struct nic *nic)
{
	return &nic_function(nic, function->vf)->dma;
}

int
model_memory_map(struct pci_function *function, void *host, uint64_t iova, size_t bytes)
{
	struct nic *nic = attach_lock(function->port);
	int rc = dma_map(space_of(function, nic), iova, bytes, host);

	attach_unlock(function->port);
	if (rc != 0)
		rte_errno = -rc;
	return rc;
}

/** What is left of a region after a part in its middle went. */
static void
map_rest(struct dma_space *space, const struct dma_region *whole, uint64_t iova, uint64_t end)
{
	uint64_t whole_end = whole->iova + whole->bytes;

	if (whole->iova < iova)
		dma_map(space, whole->iova, iova - whole->iova, whole->host);
	if (end < whole_end)
		dma_map(space, end, whole_end - end, whole->host + (end - whole->iova));
}

int
model_memory_unmap(struct pci_function *function, uint64_t iova, size_t bytes)
{
	struct nic *nic = attach_lock(function->port);
	struct dma_space *space = space_of(function, nic);
	int rc = -ENOENT;

	for (unsigned int i = 0; i < space->nb;) {
		const struct dma_region whole = space->region[i];

		if (whole.iova + whole.bytes <= iova || whole.iova >= iova + bytes) {
			i++;
			continue;
		}
		rc = dma_unmap(nic, space, whole.iova, whole.bytes);
		map_rest(space, &whole, iova, iova + bytes);
		i = rc == 0 ? 0 : i + 1;
	}
	attach_unlock(function->port);
	if (rc != 0)
		rte_errno = -rc;
	return rc;
}

/** The segments of a list that begin at @p ms. Memory of the application has its own addresses. */
static int
map_segments(const struct rte_memseg_list *list, const struct rte_memseg *ms, size_t bytes,
	     void *arg)
{
	int rc = 0;

	if (list->external && !list->heap)
		return 0;
	if (!list->external && rte_eal_iova_mode() == RTE_IOVA_VA)
		return model_memory_map(arg, ms->addr, ms->addr_64, bytes);
	for (size_t done = 0; rc == 0 && done < bytes; done += ms->len, ms++)
		if (ms->iova != RTE_BAD_IOVA)
			rc = model_memory_map(arg, ms->addr, ms->iova, ms->len);
	return rc;
}

static void
on_memory_event(enum rte_mem_event event, const void *addr, size_t bytes, void *arg)
{
	const struct rte_memseg_list *list = rte_mem_virt2memseg_list(addr);
	const struct rte_memseg *ms = rte_mem_virt2memseg(addr, list);
	bool by_segment = list != NULL && (list->external || rte_eal_iova_mode() != RTE_IOVA_VA);

	if (ms == NULL)
		return;
	if (event == RTE_MEM_EVENT_ALLOC) {
		map_segments(list, ms, bytes, arg);
		return;
	}
	if (!by_segment) {
		model_memory_unmap(arg, (uintptr_t)addr, bytes);
		return;
	}
	for (size_t done = 0; done < bytes; done += ms->len, ms++)
		model_memory_unmap(arg, ms->iova, ms->len);
}

int
model_memory_start(struct pci_function *function)
{
	int rc;

	/* Memory that neither grows nor shrinks has no events: --no-huge, --legacy-mem. */
	rc = rte_mem_event_callback_register(CALLBACK, on_memory_event, function);
	if (rc != 0 && rte_errno != ENOTSUP)
		return -rte_errno;
	return rte_memseg_contig_walk(map_segments, function) == 0 ? 0 : -ENOMEM;
}

void
model_memory_stop(struct pci_function *function)
{
	struct nic *nic;

	rte_mem_event_callback_unregister(CALLBACK, function);
	nic = attach_lock(function->port);
	dma_unmap_all(nic, space_of(function, nic));
	attach_unlock(function->port);
}
