/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * SIGSEGV and SIGSYS shared with the program: the model's handler is asked first, for good.
 *
 * A program or its test framework may set handlers of its own, before the model or after it. The
 * model's stays where it is; the other is kept as the one that gets what is not the model's. For
 * that fd_trap.h sends calls of sigaction() for the two here, once its filter is installed.
 */
#ifndef MODEL_SIGNALS_H
#define MODEL_SIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <ucontext.h>

/** In the sixth argument of a system call, which none of them has: let it pass the filter. */
#define SIGNALS_PASS 0x736c7569

/** @return whether the signal was the model's */
typedef bool signal_handler_t(siginfo_t *info, ucontext_t *context);

/** @p signal is SIGSEGV or SIGSYS; again is no error. @return 0 or -errno */
int signals_take(int signal, signal_handler_t *handler);

/** The system call rt_sigaction() for one of the two, by its registers. @return as the call */
long signals_action(const greg_t *regs);

#endif /* MODEL_SIGNALS_H */
