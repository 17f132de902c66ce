/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/vfio.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "fd_trap.h"
#include "signals.h"
#include "trap.h"

#define FDS_WANTED 4096
/* glibc's headers leave it out, the kernel's clash with them. */
#ifndef SYS_SECCOMP
#define SYS_SECCOMP 1
#endif

struct slot {
	bool used;
	const struct fd_trap_ops *ops;
	void *ctx;
};

static struct slot slots[FD_TRAP_MAX];
static pthread_mutex_t slots_lock = PTHREAD_MUTEX_INITIALIZER;
static int first_fd = -1;

static struct slot *
slot_of(int fd)
{
	return fd >= first_fd && fd < first_fd + FD_TRAP_MAX && slots[fd - first_fd].used ?
	       &slots[fd - first_fd] : NULL;
}

static long
answer(const greg_t *regs)
{
	const struct slot *slot;
	long rc;

	if (regs[REG_RAX] == SYS_rt_sigaction)
		return signals_action(regs);
	slot = slot_of(regs[REG_RDI]);
	if (slot == NULL) {
		rc = syscall(regs[REG_RAX], regs[REG_RDI], regs[REG_RSI], regs[REG_RDX],
			     regs[REG_R10], 0l, (long)SIGNALS_PASS);
		return rc < 0 ? -errno : rc;
	}
	if (regs[REG_RAX] == SYS_ioctl)
		return slot->ops->set_irqs(slot->ctx, (const struct vfio_irq_set *)regs[REG_RDX]);
	return slot->ops->pwrite(slot->ctx, (const void *)regs[REG_RSI], regs[REG_RDX],
				 regs[REG_R10]);
}

static bool
on_call(siginfo_t *info, ucontext_t *context)
{
	greg_t *regs = context->uc_mcontext.gregs;

	if (info->si_code != SYS_SECCOMP || info->si_arch != AUDIT_ARCH_X86_64 ||
	    (info->si_syscall != SYS_ioctl && info->si_syscall != SYS_pwrite64 &&
	     info->si_syscall != SYS_rt_sigaction))
		return false;
	regs[REG_RAX] = answer(regs);
	return true;
}

/** A range at the top of what the process may open, where nobody gets by counting. */
static int
reserve_range(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return -errno;
	if (limit.rlim_cur < FDS_WANTED && limit.rlim_max > limit.rlim_cur) {
		limit.rlim_cur = limit.rlim_max < FDS_WANTED ? limit.rlim_max : FDS_WANTED;
		if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
			return -errno;
	}
	if (limit.rlim_cur < 2 * FD_TRAP_MAX)
		return -EMFILE;
	first_fd = limit.rlim_cur < 1u << 20 ? limit.rlim_cur - FD_TRAP_MAX :
					       (1u << 20) - FD_TRAP_MAX;
	return 0;
}

#define LOAD(field) \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define IF(test, value, yes, no) BPF_JUMP(BPF_JMP | (test) | BPF_K, value, yes, no)

static int
install_filter(void)
{
	struct sock_filter code[] = {
		/* 16 traps, 17 allows; a jump counts from the next instruction. */
		[0] = LOAD(arch),
		[1] = IF(BPF_JEQ, AUDIT_ARCH_X86_64, 0, 15),
		[2] = LOAD(nr),
		[3] = IF(BPF_JEQ, SYS_pwrite64, 7, 0),
		[4] = IF(BPF_JEQ, SYS_ioctl, 4, 0),
		[5] = IF(BPF_JEQ, SYS_rt_sigaction, 0, 11),
		[6] = LOAD(args[0]),
		[7] = IF(BPF_JEQ, SIGSEGV, 6, 0),
		[8] = IF(BPF_JEQ, SIGSYS, 5, 8),
		[9] = LOAD(args[1]),
		[10] = IF(BPF_JEQ, VFIO_DEVICE_SET_IRQS, 0, 6),
		[11] = LOAD(args[0]),
		[12] = IF(BPF_JGE, first_fd, 0, 4),
		[13] = IF(BPF_JGE, first_fd + FD_TRAP_MAX, 3, 0),
		[14] = LOAD(args[5]),
		[15] = IF(BPF_JEQ, SIGNALS_PASS, 1, 0),
		[16] = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
		[17] = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = sizeof(code) / sizeof(code[0]), .filter = code };
	long rc;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	rc = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		     SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program);
	/* A number is that of a thread that has filters of its own. */
	return rc < 0 ? -errno : rc > 0 ? -EBUSY : 0;
}

static int
install(const char **what)
{
	int rc;

	*what = "reserving file descriptors (ulimit -n)";
	rc = reserve_range();
	if (rc != 0)
		return rc;
	*what = "handling SIGSYS and SIGSEGV";
	rc = signals_take(SIGSYS, on_call);
	if (rc == 0)
		rc = trap_install();
	if (rc != 0)
		return rc;
	*what = "installing a seccomp filter";
	return install_filter();
}

int
fd_trap_install(const char **what)
{
	static bool installed;
	int rc = 0;

	pthread_mutex_lock(&slots_lock);
	if (!installed) {
		rc = install(what);
		installed = rc == 0;
	}
	pthread_mutex_unlock(&slots_lock);
	return rc;
}

int
fd_trap_adopt(int fd, const struct fd_trap_ops *ops, void *ctx)
{
	int own = -EMFILE;

	pthread_mutex_lock(&slots_lock);
	for (int i = 0; i < FD_TRAP_MAX; i++) {
		if (slots[i].used)
			continue;
		/* Somebody may have the number all the same: then it is the next free one. */
		own = fcntl(fd, F_DUPFD_CLOEXEC, first_fd + i);
		if (own < 0 || own >= first_fd + FD_TRAP_MAX) {
			if (own >= 0)
				close(own);
			own = -EMFILE;
			break;
		}
		slots[own - first_fd] = (struct slot){ .used = true, .ops = ops, .ctx = ctx };
		break;
	}
	pthread_mutex_unlock(&slots_lock);
	close(fd);
	return own;
}

void
fd_trap_release(int fd)
{
	struct slot *slot = slot_of(fd);

	if (slot == NULL)
		return;
	pthread_mutex_lock(&slots_lock);
	slot->used = false;
	close(fd);
	pthread_mutex_unlock(&slots_lock);
}
