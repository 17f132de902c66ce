/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * File descriptors that answer ioctl(VFIO_DEVICE_SET_IRQS) and pwrite() with a function call.
 *
 * A driver switches its interrupts on with that ioctl and changes its configuration space with that
 * write, both on a descriptor that it takes for VFIO's. A seccomp filter sends the two calls, on a
 * range of descriptors that nobody else has, to a handler of SIGSYS; whatever library makes them.
 * All other calls of the process go their way, but for sigaction() of the two signals that the
 * model needs (signals.h). The filter stays as long as the process, and with it
 * "no new privileges": programs that it starts cannot gain any by being set-user-ID.
 */
#ifndef MODEL_FD_TRAP_H
#define MODEL_FD_TRAP_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define FD_TRAP_MAX 512

struct vfio_irq_set;

struct fd_trap_ops {
	/** Both @return what the call returns, or -errno */
	long (*set_irqs)(void *ctx, const struct vfio_irq_set *set);
	long (*pwrite)(void *ctx, const void *data, size_t bytes, uint64_t offset);
};

/**
 * Install filter and handler; once per process.
 *
 * @return 0 or -errno, with @p what set to what failed: a setting of this machine does not allow it
 */
int fd_trap_install(const char **what);

/**
 * Give @p fd a number in the range; the old one is closed, also if that fails.
 *
 * @return the new number; -EMFILE: all FD_TRAP_MAX are taken, or the process may not have them
 */
int fd_trap_adopt(int fd, const struct fd_trap_ops *ops, void *ctx);
/** Close it. */
void fd_trap_release(int fd);

#endif /* MODEL_FD_TRAP_H */
