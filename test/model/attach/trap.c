/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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
static struct sigaction before;
static bool installed;

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

/** What would have happened without us. */
static void
pass_on(int signal, siginfo_t *info, void *ucontext)
{
	if (before.sa_flags & SA_SIGINFO) {
		before.sa_sigaction(signal, info, ucontext);
	} else if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) {
		before.sa_handler(signal);
	} else {
		/* The access is made again and ends the process, with the core where it was. */
		struct sigaction end = { .sa_handler = SIG_DFL };

		sigaction(signal, &end, NULL);
	}
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

static void
on_fault(int signal, siginfo_t *info, void *ucontext)
{
	mcontext_t *context = &((ucontext_t *)ucontext)->uc_mcontext;
	uintptr_t address = (uintptr_t)info->si_addr;
	const uint8_t *code = (const uint8_t *)context->gregs[REG_RIP];
	struct trap_region *region = find(address);
	int saved_errno = errno;
	struct insn insn;

	/* A signal that somebody sent, or a jump into a register: neither is an access. */
	if (region == NULL || info->si_code <= 0 || (uintptr_t)code == address) {
		pass_on(signal, info, ucontext);
	} else if (!insn_decode(code, &insn)) {
		report_unknown(code, address - region->base);
		pass_on(signal, info, ucontext);
	} else {
		region->ops->access(region->ctx, address - region->base, &insn, context);
	}
	errno = saved_errno;
}

static int
install(void)
{
	/*
	 * SA_NODEFER: a fault inside of the model is one of ours and shall end the process, not
	 * hang in a blocked signal. No SA_ONSTACK: a whole datapath may run in an access, which is
	 * more than alternate stacks are made for.
	 */
	struct sigaction action = {
		.sa_sigaction = on_fault,
		.sa_flags = SA_SIGINFO | SA_NODEFER | SA_RESTART,
	};

	if (installed)
		return 0;
	if (sigaction(SIGSEGV, &action, &before) < 0)
		return -errno;
	installed = true;
	return 0;
}

struct trap_region *
trap_region_add(void *base, size_t bytes, const struct trap_ops *ops, void *ctx)
{
	struct trap_region *region = NULL;
	int rc;

	pthread_mutex_lock(&regions_lock);
	rc = install();
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
