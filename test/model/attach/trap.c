/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "signals.h"
#include "trap.h"

#define REGIONS_MAX 64

/** @p bytes is written last and cleared first: a region with none is not looked at. */
struct trap_region {
	_Atomic uintptr_t base;
	_Atomic size_t bytes;
	const struct trap_ops *ops;
	void *ctx;
};

static struct trap_region regions[REGIONS_MAX];
static pthread_mutex_t regions_lock = PTHREAD_MUTEX_INITIALIZER;

static struct trap_region *
find(uintptr_t address)
{
	for (unsigned int i = 0; i < REGIONS_MAX; i++) {
		size_t bytes = atomic_load_explicit(&regions[i].bytes, memory_order_acquire);

		if (address - regions[i].base < bytes)
			return &regions[i];
	}
	return NULL;
}

static void
report_unknown(const uint8_t *code, size_t offset)
{
	char line[160];
	int nb = snprintf(line, sizeof(line),
			  "model: cannot decode the access to register %#zx, at %p:", offset,
			  (const void *)code);

	for (unsigned int i = 0; i < INSN_BYTES_MAX; i++)
		nb += snprintf(&line[nb], sizeof(line) - nb, " %02x", code[i]);
	line[nb++] = '\n';
	if (write(STDERR_FILENO, line, nb) < 0)
		return;
}

static bool
on_fault(siginfo_t *info, ucontext_t *ucontext)
{
	mcontext_t *context = &ucontext->uc_mcontext;
	uintptr_t address = (uintptr_t)info->si_addr;
	const uint8_t *code = (const uint8_t *)context->gregs[REG_RIP];
	struct trap_region *region = find(address);
	struct insn insn;

	/* A signal that somebody sent, or a jump into a register: neither is an access. */
	if (region == NULL || info->si_code <= 0 || (uintptr_t)code == address)
		return false;
	if (!insn_decode(code, &insn)) {
		report_unknown(code, address - region->base);
		return false;
	}
	region->ops->access(region->ctx, address - region->base, &insn, context);
	return true;
}

int
trap_install(void)
{
	return signals_take(SIGSEGV, on_fault);
}

struct trap_region *
trap_region_add(void *base, size_t bytes, const struct trap_ops *ops, void *ctx)
{
	struct trap_region *region = NULL;
	int rc;

	pthread_mutex_lock(&regions_lock);
	rc = trap_install();
	for (unsigned int i = 0; rc == 0 && i < REGIONS_MAX && region == NULL; i++)
		if (regions[i].bytes == 0)
			region = &regions[i];
	if (region != NULL) {
		region->base = (uintptr_t)base;
		region->ops = ops;
		region->ctx = ctx;
		atomic_store_explicit(&region->bytes, bytes, memory_order_release);
	}
	pthread_mutex_unlock(&regions_lock);
	if (region == NULL)
		errno = rc != 0 ? -rc : ENOSPC;
	return region;
}

void
trap_region_remove(struct trap_region *region)
{
	if (region == NULL)
		return;
	pthread_mutex_lock(&regions_lock);
	region->bytes = 0;
	pthread_mutex_unlock(&regions_lock);
}
