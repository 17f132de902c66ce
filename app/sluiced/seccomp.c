/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * The system calls of a daemon that serves, reloads and restores: all others end it. None of it
 * runs programs, makes memory executable or speaks to anything but Unix sockets, so whoever does
 * has broken in.
 */

#include <dlfcn.h>
#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <seccomp.h>

#include "daemon.h"

#define VFIO_TYPE ';' /* of its ioctls (vfio.h) */

static const int allowed[] = {
	/* files: sysfs at the end, the configuration at SIGHUP, vfio's nodes */
	SCMP_SYS(access),
	SCMP_SYS(close),
	SCMP_SYS(dup),
	SCMP_SYS(dup3),
	SCMP_SYS(faccessat),
	SCMP_SYS(faccessat2),
	SCMP_SYS(fallocate),
	SCMP_SYS(fcntl),
	SCMP_SYS(fdatasync),
	SCMP_SYS(fstat),
	SCMP_SYS(fstatfs),
	SCMP_SYS(fsync),
	SCMP_SYS(ftruncate),
	SCMP_SYS(getdents64),
	SCMP_SYS(lseek),
	SCMP_SYS(lstat),
	SCMP_SYS(newfstatat),
	SCMP_SYS(open),
	SCMP_SYS(openat),
	SCMP_SYS(pread64),
	SCMP_SYS(pwrite64),
	SCMP_SYS(read),
	SCMP_SYS(readlink),
	SCMP_SYS(readlinkat),
	SCMP_SYS(readv),
	SCMP_SYS(rename),
	SCMP_SYS(renameat),
	SCMP_SYS(renameat2),
	SCMP_SYS(stat),
	SCMP_SYS(statx),
	SCMP_SYS(unlink),
	SCMP_SYS(unlinkat),
	SCMP_SYS(write),
	SCMP_SYS(writev),

	/* waiting */
	SCMP_SYS(epoll_create),
	SCMP_SYS(epoll_create1),
	SCMP_SYS(epoll_ctl),
	SCMP_SYS(epoll_pwait),
	SCMP_SYS(epoll_wait),
	SCMP_SYS(eventfd2),
	SCMP_SYS(pipe2),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(signalfd4),
	SCMP_SYS(timerfd_create),
	SCMP_SYS(timerfd_settime),

	/* clients, systemd, sluice-keeper; socket() is below */
	SCMP_SYS(accept),
	SCMP_SYS(accept4),
	SCMP_SYS(connect),
	SCMP_SYS(getpeername),
	SCMP_SYS(getsockname),
	SCMP_SYS(getsockopt),
	SCMP_SYS(recvfrom),
	SCMP_SYS(recvmsg),
	SCMP_SYS(sendmsg),
	SCMP_SYS(sendto),
	SCMP_SYS(setsockopt),
	SCMP_SYS(shutdown),

	/* memory; mmap() and mprotect() are below */
	SCMP_SYS(brk),
	SCMP_SYS(get_mempolicy),
	SCMP_SYS(madvise),
	SCMP_SYS(mbind),
	SCMP_SYS(memfd_create),
	SCMP_SYS(mlock),
	SCMP_SYS(mremap),
	SCMP_SYS(munlock),
	SCMP_SYS(munmap),
	SCMP_SYS(set_mempolicy),

	/* threads and time; clone() is below */
	SCMP_SYS(clock_getres),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	SCMP_SYS(futex),
	SCMP_SYS(getcpu),
	SCMP_SYS(getegid),
	SCMP_SYS(geteuid),
	SCMP_SYS(getgid),
	SCMP_SYS(getpid),
	SCMP_SYS(getppid),
	SCMP_SYS(getrandom),
	SCMP_SYS(getrlimit),
	SCMP_SYS(gettid),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(getuid),
	SCMP_SYS(membarrier),
	SCMP_SYS(nanosleep),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(rseq),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sched_get_priority_max),
	SCMP_SYS(sched_get_priority_min),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(sched_getparam),
	SCMP_SYS(sched_getscheduler),
	SCMP_SYS(sched_setaffinity),
	SCMP_SYS(sched_yield),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(sysinfo),
	SCMP_SYS(tgkill),
	SCMP_SYS(time),
	SCMP_SYS(uname),
};

/* Allowed where ARGUMENT & MASK is VALUE. */
#define WHERE(number, mask, value)                                                                 \
	{ .arg = (number), .op = SCMP_CMP_MASKED_EQ, .datum_a = (mask), .datum_b = (value) }

#define ALL_BITS 0xffffffff

static const struct {
	int call;
	struct scmp_arg_cmp argument;
} limited[] = {
	{ SCMP_SYS(clone), WHERE(0, CLONE_THREAD, CLONE_THREAD) },
	{ SCMP_SYS(ioctl), WHERE(1, 0xff00, VFIO_TYPE << 8) },
	{ SCMP_SYS(ioctl), WHERE(1, ALL_BITS, TCGETS) }, /* stdio asks whether it is a terminal */
	{ SCMP_SYS(mmap), WHERE(2, PROT_EXEC, 0) },
	{ SCMP_SYS(mprotect), WHERE(2, PROT_EXEC, 0) },
	{ SCMP_SYS(prctl), WHERE(0, ALL_BITS, PR_SET_NAME) },
	{ SCMP_SYS(prlimit64), WHERE(2, UINT64_MAX, 0) }, /* reads, and does not set */
	{ SCMP_SYS(socket), WHERE(0, ALL_BITS, AF_UNIX) },
};

#define ENTRIES(table) (sizeof(table) / sizeof((table)[0]))

/* @return 0 or libseccomp's -errno */
static int
add_rules(scmp_filter_ctx filter)
{
	int rc = 0;

	for (size_t i = 0; i < ENTRIES(allowed) && rc == 0; i++)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
	for (size_t i = 0; i < ENTRIES(limited) && rc == 0; i++)
		rc = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, limited[i].call, 1,
					    &limited[i].argument);
	/* Its arguments are in memory, out of our reach: glibc then takes clone(). */
	if (rc == 0)
		rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	return rc;
}

static int
load_filter(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int rc;

	if (filter == NULL)
		return -ENOMEM;
	rc = add_rules(filter);
	if (rc == 0)
		rc = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (rc == 0)
		rc = seccomp_load(filter);
	seccomp_release(filter);
	return rc;
}

int
seccomp_enter(const struct config *config)
{
	int rc;

	if (!config->sandbox)
		return 0;
	/* glibc would load it, which makes memory executable, when a thread is first cancelled. */
	(void)dlopen("libgcc_s.so.1", RTLD_NOW);
	rc = load_filter();
	if (rc < 0)
		log_line(CONFIG_LOG_ERROR,
			 "cannot limit the system calls: %s; \"sandbox\": false does without",
			 strerror(-rc));
	return rc;
}
