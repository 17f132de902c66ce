/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * With doorbell=trap each access to a register is a SIGSEGV, which the model's handler deals with.
 * Here stands one before it, that only notes what it was.
 */
#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "accesses.h"

/* The model keeps its handler from being replaced, but for calls that say so (SIGNALS_PASS). */
#define PASS	    0x736c7569l
#define FAULT_WRITE 2

/** The kernel's, not glibc's. */
struct kernel_action {
	void (*handler)(int signal, siginfo_t *info, void *context);
	unsigned long flags;
	void (*restorer)(void);
	uint64_t mask;
};

static struct kernel_action model;
static __thread volatile bool noting;
static __thread volatile unsigned int nb, nb_written;
static __thread struct access noted;

static void
on_fault(int signal, siginfo_t *info, void *context)
{
	const ucontext_t *at = context;
	bool write = (at->uc_mcontext.gregs[REG_ERR] & FAULT_WRITE) != 0;

	if (noting) {
		if (nb++ == 0)
			noted = (struct access){
				.address = (uintptr_t)info->si_addr, .write = write,
			};
		nb_written += write;
	}
	model.handler(signal, info, context);
}

int
accesses_watch(void)
{
	struct kernel_action ours;

	/* A second time, the handler to call would be our own. */
	if (model.handler != NULL)
		return 0;
	if (syscall(SYS_rt_sigaction, SIGSEGV, NULL, &model, sizeof(model.mask), 0l, PASS) < 0)
		return -errno;
	ours = model;
	ours.handler = on_fault;
	if (syscall(SYS_rt_sigaction, SIGSEGV, &ours, NULL, sizeof(ours.mask), 0l, PASS) < 0)
		return -errno;
	return 0;
}

void
accesses_start(void)
{
	nb = nb_written = 0;
	noting = true;
}

unsigned int
accesses_stop(struct access *first)
{
	noting = false;
	*first = noted;
	return nb;
}

unsigned int
accesses_written(void)
{
	return nb_written;
}
