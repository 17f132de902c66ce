/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* What is left to a daemon in its sandbox: each try is a process of its own. */

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/vfio.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon.h"
#include "fake_daemon.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static const struct config in_sandbox = { .sandbox = true };

/* --- Each returns whether it could --- */

static bool
can_run_programs(void)
{
	return execl("/bin/true", "true", NULL) == 0;
}

static bool
can_fork(void)
{
	return fork() >= 0;
}

static bool
can_make_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
	       MAP_FAILED;
}

static bool
can_turn_data_to_code(void)
{
	void *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0;
}

static bool
can_reach_the_network(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) >= 0;
}

static bool
can_trace(void)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0;
}

static bool
can_type_for_others(void)
{
	char c = 'x';

	return ioctl(0, TIOCSTI, &c) == 0;
}

static bool
can_raise_limits(void)
{
	struct rlimit limit = { .rlim_cur = 64, .rlim_max = 64 };

	return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

static bool
can_mount(void)
{
	return syscall(SYS_mount, "none", "/nowhere", "tmpfs", 0, NULL) == 0;
}

static bool
can_load_modules(void)
{
	return syscall(SYS_init_module, NULL, 0, "") == 0;
}

static bool
can_become_somebody(void)
{
	return setuid(0) == 0;
}

static bool
can_change_modes(void)
{
	return chmod("/nowhere", 0777) == 0;
}

static void *
just_return(void *arg)
{
	return arg;
}

static bool
can_start_threads(void)
{
	pthread_t thread;

	return pthread_create(&thread, NULL, just_return, NULL) == 0 &&
	       pthread_join(thread, NULL) == 0;
}

static void *
wait_for_ever(void *arg)
{
	while (true)
		usleep(1000);
	return arg;
}

/* DPDK ends its threads so. */
static bool
can_cancel_threads(void)
{
	pthread_t thread;

	return pthread_create(&thread, NULL, wait_for_ever, NULL) == 0 &&
	       pthread_cancel(thread) == 0 && pthread_join(thread, NULL) == 0;
}

static bool
can_read_files(void)
{
	char text[8];
	FILE *stream = fopen("/proc/self/status", "re");

	return stream != NULL && fgets(text, sizeof(text), stream) != NULL && fclose(stream) == 0;
}

static bool
can_ask_vfio(void)
{
	return ioctl(-1, VFIO_GET_API_VERSION) < 0 && errno == EBADF;
}

static bool
can_speak_to_systemd(void)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct msghdr message = { .msg_iov = NULL };

	return fd >= 0 && sendmsg(fd, &message, 0) < 0 && errno == ENOTCONN && close(fd) == 0;
}

static bool
can_use_memory(void)
{
	size_t bytes = 8 << 20;
	char *memory = malloc(bytes);

	if (memory == NULL)
		return false;
	memset(memory, 1, bytes);
	free(memory);
	return true;
}

static const struct {
	const char *what;
	bool (*can)(void);
	bool allowed;
} tries[] = {
	{ "run a program", can_run_programs, false },
	{ "fork", can_fork, false },
	{ "map executable memory", can_make_code, false },
	{ "make memory executable", can_turn_data_to_code, false },
	{ "open a network socket", can_reach_the_network, false },
	{ "trace", can_trace, false },
	{ "push characters into a terminal", can_type_for_others, false },
	{ "change its limits", can_raise_limits, false },
	{ "mount", can_mount, false },
	{ "load a module", can_load_modules, false },
	{ "change its user", can_become_somebody, false },
	{ "change a file's mode", can_change_modes, false },
	{ "start a thread", can_start_threads, true },
	{ "cancel a thread", can_cancel_threads, true },
	{ "read a file", can_read_files, true },
	{ "ask vfio", can_ask_vfio, true },
	{ "speak to systemd", can_speak_to_systemd, true },
	{ "use memory", can_use_memory, true },
};

/* What becomes of a process that does it in the sandbox: as waitpid() tells. */
static int
status_of(bool (*can)(void), const struct config *config)
{
	pid_t child = fork();
	int status = -1;

	if (child == 0) {
		struct rlimit no_core = { .rlim_cur = 0 };

		(void)setrlimit(RLIMIT_CORE, &no_core);
		(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
		if (privilege_drop(config) < 0 || seccomp_enter(config) < 0)
			_exit(3);
		_exit(can() ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static void
test_system_calls(void **state)
{
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(tries); i++) {
		int status = status_of(tries[i].can, &in_sandbox);
		bool good = tries[i].allowed ? status == 0
					     : WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;

		if (good)
			continue;
		print_error("%s: status 0x%x\n", tries[i].what, status);
		failed++;
	}
	assert_int_equal(failed, 0);
}

/* A thread from before is in it too. */
static bool
old_thread_lives_on(void)
{
	pthread_t old;

	if (pthread_create(&old, NULL, wait_for_ever, NULL) != 0 || seccomp_enter(&in_sandbox) < 0)
		_exit(3);
	return can_read_files();
}

static int forbidden_fd[2];

static void *
fork_when_told(void *arg)
{
	char c;

	(void)arg;
	if (read(forbidden_fd[0], &c, 1) == 1)
		(void)fork();
	return NULL;
}

static bool
old_thread_forks(void)
{
	pthread_t old;

	if (pipe(forbidden_fd) < 0 || pthread_create(&old, NULL, fork_when_told, NULL) != 0 ||
	    seccomp_enter(&in_sandbox) < 0 || write(forbidden_fd[1], "x", 1) != 1)
		_exit(3);
	(void)pthread_join(old, NULL);
	return true;
}

static void
test_threads_from_before(void **state)
{
	static const struct config outside = { .sandbox = false };
	int status;

	(void)state;
	assert_int_equal(status_of(old_thread_lives_on, &outside), 0);
	status = status_of(old_thread_forks, &outside);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
}

/* --- Capabilities --- */

static bool
status_has(const char *name, unsigned long long value)
{
	FILE *stream = fopen("/proc/self/status", "re");
	char line[256];
	bool found = false;

	while (stream != NULL && fgets(line, sizeof(line), stream) != NULL)
		if (strncmp(line, name, strlen(name)) == 0)
			found = strtoull(line + strlen(name), NULL, 16) == value;
	if (stream != NULL)
		fclose(stream);
	return found;
}

static bool
only_locks_memory(void)
{
	unsigned long long kept = geteuid() == 0 ? 1ull << CAP_IPC_LOCK : 0;

	return status_has("CapEff:", kept) && status_has("CapPrm:", kept) &&
	       status_has("CapInh:", 0) && status_has("CapAmb:", 0) &&
	       status_has("NoNewPrivs:", 1) && (geteuid() != 0 || status_has("CapBnd:", 0));
}

static void
test_capabilities(void **state)
{
	(void)state;
	assert_int_equal(status_of(only_locks_memory, &in_sandbox), 0);
}

/* The control socket is given to its group after that. */
static bool
gives_file_to_group(void)
{
	char path[] = "/tmp/sluice-sandbox-XXXXXX";
	static struct config config = { .sandbox = true, .control_group = "daemon" };
	gid_t gid = getgrnam("daemon")->gr_gid;
	int fd = mkstemp(path);
	bool gave;

	if (geteuid() != 0) { /* nobody else has a group to give to */
		unlink(path);
		return true;
	}
	if (privilege_drop(&config) < 0)
		_exit(3);
	gave = fchown(fd, -1, gid) == 0 && fchown(fd, -1, gid + 1) < 0 && errno == EPERM;
	unlink(path);
	return gave;
}

static void
test_control_group(void **state)
{
	static const struct config outside = { .sandbox = false };

	(void)state;
	assert_int_equal(status_of(gives_file_to_group, &outside), 0);
}

static void
test_no_sandbox(void **state)
{
	static const struct config outside = { .sandbox = false };

	(void)state;
	assert_int_equal(status_of(can_fork, &outside), 0);
	assert_int_equal(nb_lines, 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_system_calls),
		cmocka_unit_test(test_threads_from_before),
		cmocka_unit_test(test_capabilities),
		cmocka_unit_test(test_control_group),
		cmocka_unit_test(test_no_sandbox),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
