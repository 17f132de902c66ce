/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "far.h"
#include "port.h"
#include "regfile.h"
#include "wire.h"

void
port_lock(struct attach *port)
{
	atomic_fetch_add(&port->waiting, 1);
	pthread_mutex_lock(&port->nic->lock);
	atomic_fetch_sub(&port->waiting, 1);
}

void
port_unlock(struct attach *port)
{
	pthread_mutex_unlock(&port->nic->lock);
}

/** Where the BAR of @p vf begins in the file. */
static size_t
bar_at(const struct nic_family *family, int vf)
{
	return vf == PF_INDEX ? 0 : family->pf_bar_bytes + (size_t)vf * family->vf_bar_bytes;
}

struct page *
port_pages(struct attach *port, const struct function *fn)
{
	return &port->page[bar_at(port->nic->family, fn->vf) / PAGE_BYTES];
}

struct software *
port_software(struct attach *port, const struct function *fn)
{
	return &port->software[fn->vf - PF_INDEX];
}

uint8_t *
port_page_address(struct attach *port, const struct page *page)
{
	return port->software_view + (size_t)(page - port->page) * PAGE_BYTES;
}

void *
attach_bar(struct attach *port, int vf)
{
	return port->software_view + bar_at(port->nic->family, vf);
}

static struct function *
function_at(struct attach *port, size_t offset, uint32_t *in_bar)
{
	const struct nic_family *family = port->nic->family;

	if (offset < family->pf_bar_bytes) {
		*in_bar = offset;
		return &port->nic->pf;
	}
	offset -= family->pf_bar_bytes;
	*in_bar = offset % family->vf_bar_bytes;
	return &port->nic->vf[offset / family->vf_bar_bytes];
}

/* --- Accesses. The bus knows 32-bit registers; bytes of one are read, and merged. --- */

uint64_t
port_load(struct attach *port, struct function *fn, uint32_t offset, unsigned int bytes)
{
	uint32_t word[3] = { 0 };
	uint64_t value = 0;

	for (unsigned int i = 0; i * 4 < offset % 4 + bytes; i++)
		word[i] = doorbell_read(port, fn, (offset & ~3u) + i * 4);
	memcpy(&value, (uint8_t *)word + offset % 4, bytes);
	return value;
}

void
port_store(struct attach *port, struct function *fn, uint32_t offset, unsigned int bytes,
	   uint64_t value)
{
	uint32_t word[3];
	unsigned int nb = (offset % 4 + bytes + 3) / 4;

	for (unsigned int i = 0; i < nb; i++)
		word[i] = reg_peek(fn, (offset & ~3u) + i * 4);
	memcpy((uint8_t *)word + offset % 4, &value, bytes);
	for (unsigned int i = 0; i < nb; i++)
		doorbell_write(port, fn, (offset & ~3u) + i * 4, word[i]);
	thread_kick(port);
}

/* --- Traps --- */

struct trapped {
	struct attach *port;
	struct function *fn;
	uint32_t in_bar;
};

static uint64_t
on_load(void *ctx, uintptr_t offset, unsigned int bytes)
{
	const struct trapped *trapped = ctx;

	return port_load(trapped->port, trapped->fn, offset, bytes);
}

static void
on_store(void *ctx, uintptr_t offset, unsigned int bytes, uint64_t value)
{
	const struct trapped *trapped = ctx;

	port_store(trapped->port, trapped->fn, offset, bytes, value);
}

static void
on_access(void *ctx, size_t offset, const struct insn *insn, mcontext_t *context)
{
	struct trapped trapped = { .port = ctx };
	const struct insn_memory memory = { .load = on_load, .store = on_store, .ctx = &trapped };

	trapped.fn = function_at(trapped.port, offset, &trapped.in_bar);
	port_lock(trapped.port);
	if (!trapped.port->page[offset / PAGE_BYTES].is_plain) {
		trapped.port->counters.traps++;
		insn_execute(insn, trapped.in_bar, &memory, context);
	}
	port_unlock(trapped.port);
}

/* --- From outside --- */

struct nic *
attach_lock(struct attach *port)
{
	port_lock(port);
	pages_turn_back(port, &port->nic->pf);
	far_look(port, false);
	return port->nic;
}

void
attach_unlock(struct attach *port)
{
	thread_kick(port);
	port_unlock(port);
}

struct nic *
attach_nic(struct attach *port)
{
	return port->nic;
}

const struct attach_counters *
attach_counters(const struct attach *port)
{
	return &port->counters;
}

/* --- Life --- */

static int
map_bars(struct attach *port, const struct nic_family *family)
{
	void *view;

	port->bytes = bar_at(family, family->max_vfs);
	port->memfd = memfd_create("sluice-model-bars", MFD_CLOEXEC);
	if (port->memfd < 0)
		return -errno;
	if (ftruncate(port->memfd, port->bytes) < 0)
		return -errno;
	view = mmap(NULL, port->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, port->memfd, 0);
	if (view == MAP_FAILED)
		return -errno;
	port->model_view = view;
	view = mmap(NULL, port->bytes, PROT_NONE, MAP_SHARED, port->memfd, 0);
	if (view == MAP_FAILED)
		return -errno;
	port->software_view = view;
	port->page = calloc(port->bytes / PAGE_BYTES, sizeof(*port->page));
	return port->page == NULL ? -ENOMEM : 0;
}

static uint32_t *
give_bar(void *ctx, int vf, uint32_t bytes)
{
	struct attach *port = ctx;
	const struct nic_family *family = port->nic_family;

	(void)bytes;
	return (uint32_t *)(port->model_view + bar_at(family, vf));
}

static int
create_nic(struct attach *port, const struct attach_options *options)
{
	struct nic_config config = {
		.family = options->family,
		.nb_vfs = options->nb_vfs,
		.wire = options->wire,
		.bar = give_bar,
		.bar_ctx = port,
	};

	memcpy(config.mac, options->mac, MAC_LEN);
	port->nic = nic_create(&config);
	return port->nic == NULL ? -errno : 0;
}

static void
unmap_bars(struct attach *port)
{
	for (size_t i = 0; port->page != NULL && i < port->bytes / PAGE_BYTES; i++)
		free(port->page[i].known);
	free(port->page);
	if (port->model_view != NULL)
		munmap(port->model_view, port->bytes);
	if (port->software_view != NULL)
		munmap(port->software_view, port->bytes);
	if (port->memfd >= 0)
		close(port->memfd);
}

static void
free_port(struct attach *port)
{
	thread_stop(port);
	trap_region_remove(port->region);
	nic_free(port->nic);
	free(port->block);
	unmap_bars(port);
	free(port);
}

static int
bring_up(struct attach *port, const struct attach_options *options)
{
	static const struct trap_ops ops = { .access = on_access };
	int rc = map_bars(port, options->family);

	if (rc == 0)
		rc = create_nic(port, options);
	if (rc == 0)
		rc = blocks_create(port);
	if (rc != 0)
		return rc;
	port->region = trap_region_add(port->software_view, port->bytes, &ops, port);
	if (port->region == NULL)
		return -errno;
	return options->no_thread ? 0 : thread_start(port, options->cpus);
}

struct attach *
attach_create(const struct attach_options *options)
{
	struct attach *port = calloc(1, sizeof(*port));
	int rc;

	if (port == NULL)
		return NULL;
	port->memfd = -1;
	port->nic_family = options->family;
	port->doorbell = options->doorbell;
	port->awake = options->awake;
	for (unsigned int i = 0; i < sizeof(port->software) / sizeof(port->software[0]); i++)
		port->software[i].doorbell = options->doorbell;
	rc = bring_up(port, options);
	if (rc != 0) {
		free_port(port);
		errno = -rc;
		return NULL;
	}
	return port;
}

void
attach_free(struct attach *port)
{
	struct wire *wire;

	if (port == NULL)
		return;
	wire = port->nic->wire;
	free_port(port);
	if (wire != NULL)
		wire_free(wire);
}
