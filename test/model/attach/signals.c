/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "signals.h"

/** The kernel's, not glibc's. */
struct kernel_action {
	void (*handler)(int signal, siginfo_t *info, void *context);
	unsigned long flags;
	void (*restorer)(void);
	uint64_t mask;
};

struct taken {
	signal_handler_t *ours;		/**< NULL: not taken */
	struct kernel_action theirs;
};

static struct taken segv, sys;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct taken *
taken_of(int signal)
{
	return signal == SIGSEGV ? &segv : &sys;
}

static long
kernel_sigaction(int signal, const struct kernel_action *action, struct kernel_action *old)
{
	return syscall(SYS_rt_sigaction, signal, action, old, sizeof(action->mask), 0l,
		       (long)SIGNALS_PASS);
}

/** What would have happened without us. */
static void
pass_on(int signal, siginfo_t *info, void *context)
{
	const struct kernel_action theirs = taken_of(signal)->theirs;

	if ((uintptr_t)theirs.handler > (uintptr_t)SIG_IGN) {
		theirs.handler(signal, info, context);
	} else {
		/* The access is made again and ends the process, with the core where it was. */
		const struct kernel_action end = { .handler = NULL };

		kernel_sigaction(signal, &end, NULL);
		if (info->si_code <= 0)
			raise(signal);
	}
}

static void
on_signal(int signal, siginfo_t *info, void *context)
{
	int saved_errno = errno;

	if (!taken_of(signal)->ours(info, context))
		pass_on(signal, info, context);
	errno = saved_errno;
}

int
signals_take(int signal, signal_handler_t *handler)
{
	/*
	 * SA_NODEFER: a fault inside of the model is one of ours and shall end the process, not
	 * hang in a blocked signal. No SA_ONSTACK: a whole datapath may run in an access, which is
	 * more than alternate stacks are made for.
	 */
	const struct sigaction action = {
		.sa_sigaction = on_signal,
		.sa_flags = SA_SIGINFO | SA_NODEFER | SA_RESTART,
	};
	struct taken *taken = taken_of(signal);
	int rc = 0;

	pthread_mutex_lock(&lock);
	if (taken->ours == NULL) {
		kernel_sigaction(signal, NULL, &taken->theirs);
		taken->ours = handler;
		if (sigaction(signal, &action, NULL) < 0) {
			rc = -errno;
			taken->ours = NULL;
		}
	}
	pthread_mutex_unlock(&lock);
	return rc;
}

long
signals_action(const greg_t *regs)
{
	const struct kernel_action *action = (const struct kernel_action *)regs[REG_RSI];
	struct kernel_action *old = (struct kernel_action *)regs[REG_RDX];
	struct taken *taken = taken_of(regs[REG_RDI]);
	struct kernel_action before;
	long rc;

	if (taken->ours == NULL) {
		rc = kernel_sigaction(regs[REG_RDI], action, old);
		return rc < 0 ? -errno : rc;
	}
	before = taken->theirs;
	if (action != NULL)
		taken->theirs = *action;
	if (old != NULL)
		*old = before;
	return 0;
}
