/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_memory.h>

#include "model_bus.h"

#define CALLBACK   "sluicemodel"
#define OWN_REMEDY "let the application take it from DPDK (testpmd: --mp-alloc=native)"
#define EAL_REMEDY "start with --no-huge, or without --in-memory"

static int
checked(int rc)
{
	if (rc != 0)
		rte_errno = -rc;
	return rc;
}

/** A port in another process reaches files only. @param remedy  where there is none */
static int
map_memory(struct pci_function *function, const struct pci_memory *memory, const char *remedy)
{
	if (!function->ops->by_file || memory->fd >= 0)
		return checked(function->ops->map(function, memory));
	MODEL_LOG(ERR, "memory at %p is in no file, and a port in another process cannot reach it; "
		  "%s", memory->host, remedy);
	return checked(-ENOTSUP);
}

/** The file behind a segment; fd -1: it has none, or nobody asks for it. */
static void
find_file(const struct pci_function *function, const struct rte_memseg *ms,
	  struct pci_memory *memory)
{
	size_t offset = 0;

	memory->fd = -1;
	if (!function->ops->by_file || ms == NULL)
		return;
	memory->fd = rte_memseg_get_fd_thread_unsafe(ms);
	if (memory->fd >= 0 && rte_memseg_get_fd_offset_thread_unsafe(ms, &offset) != 0)
		memory->fd = -1;
	memory->fd_offset = offset;
}

int
model_memory_map(struct pci_function *function, void *host, uint64_t iova, size_t bytes)
{
	struct pci_memory memory = { .host = host, .iova = iova, .bytes = bytes, .fd = -1 };

	return map_memory(function, &memory, OWN_REMEDY);
}

int
model_memory_unmap(struct pci_function *function, uint64_t iova, size_t bytes)
{
	return checked(function->ops->unmap(function, iova, bytes));
}

/** Does @p next go on where @p memory ends: in the process, on the bus and in the file? */
static bool
goes_on(const struct pci_memory *memory, const struct pci_memory *next)
{
	return (uint8_t *)memory->host + memory->bytes == next->host &&
	       memory->iova + memory->bytes == next->iova && memory->fd == next->fd &&
	       (memory->fd < 0 || memory->fd_offset + memory->bytes == next->fd_offset);
}

/** The segments of a list that begin at @p ms. Memory of the application has its own addresses. */
static int
map_segments(const struct rte_memseg_list *list, const struct rte_memseg *ms, size_t bytes,
	     void *arg)
{
	const bool as_is = !list->external && rte_eal_iova_mode() == RTE_IOVA_VA;
	const char *remedy = list->external ? OWN_REMEDY : EAL_REMEDY;
	struct pci_function *function = arg;
	struct pci_memory whole = { .bytes = 0 };
	int rc = 0;

	if (list->external && !list->heap)
		return 0;
	for (size_t done = 0; rc == 0 && done < bytes; done += ms->len, ms++) {
		struct pci_memory next = { .host = ms->addr, .bytes = ms->len };

		if (!as_is && ms->iova == RTE_BAD_IOVA)
			continue;
		next.iova = as_is ? ms->addr_64 : ms->iova;
		find_file(function, ms, &next);
		if (whole.bytes != 0 && goes_on(&whole, &next)) {
			whole.bytes += next.bytes;
			continue;
		}
		if (whole.bytes != 0)
			rc = map_memory(function, &whole, remedy);
		whole = next;
	}
	if (rc == 0 && whole.bytes != 0)
		rc = map_memory(function, &whole, remedy);
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
	return rte_memseg_contig_walk(map_segments, function);
}

void
model_memory_stop(struct pci_function *function)
{
	rte_mem_event_callback_unregister(CALLBACK, function);
}
