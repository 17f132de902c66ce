/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* Starts the program, again and again, and passes signals on. */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "keeper.h"
#include "version.h"

#define ADDRESS_BYTES    128
#define FIRST_PAUSE_MS   10
#define LONGEST_PAUSE_MS 1000

struct keeper {
	char *const *argv;
	char address[ADDRESS_BYTES];
	int signal_fd, notify_fd;
	struct store store;
	pid_t pid;
	bool was_ready; /* some life of it said READY=1 */
	bool stopping;  /* it was told to end: it is not started again */
	struct notice notice;
	int pause_ms;
};

static void
usage(FILE *stream)
{
	fprintf(stream,
		"usage: sluice-keeper PROGRAM [ARGUMENT...]\n"
		"\n"
		"Runs PROGRAM, holds the descriptors that it hands over by sd_notify(3)'s\n"
		"FDSTORE=1, and starts it again with them should it fail: what systemd does for a\n"
		"service with FileDescriptorStoreMax=, where there is no systemd.\n"
		"\n"
		"PROGRAM is not started again if it ends with status 0, was told to by SIGTERM or\n"
		"SIGINT, or fails before it ever was ready with nothing handed over. SIGTERM,\n"
		"SIGINT, SIGHUP, SIGUSR1 and SIGUSR2 go to PROGRAM. The exit status is that of\n"
		"PROGRAM, or 128 and the number of the signal that ended it; 64 for bad usage.\n"
		"Should the keeper die, PROGRAM runs on with the descriptors that it has. With\n"
		"--version for PROGRAM it tells its own.\n");
}

static const int passed_on[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2 };

static int
open_signals(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	for (size_t i = 0; i < sizeof(passed_on) / sizeof(passed_on[0]); i++)
		sigaddset(&signals, passed_on[i]);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void
start(struct keeper *keeper)
{
	keeper->notice = (struct notice){ .ready = false };
	keeper->pid = program_start(keeper->argv, keeper->address, &keeper->store);
	if (keeper->pid < 0) {
		keeper_log("cannot start %s: %s", keeper->argv[0], strerror(-keeper->pid));
		keeper->pid = 0;
		keeper->pause_ms = LONGEST_PAUSE_MS;
	}
}

static int
exit_status(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void
say_why(const struct keeper *keeper, int status)
{
	const char *name = keeper->argv[0];

	if (WIFSIGNALED(status))
		keeper_log("%s was ended by %s: it is started again with %u descriptors", name,
			   strsignal(WTERMSIG(status)), keeper->store.nb);
	else
		keeper_log("%s ended with status %d: it is started again with %u descriptors", name,
			   WEXITSTATUS(status), keeper->store.nb);
}

/* All that the program has said before it went: descriptors among it. */
static void
read_notices(struct keeper *keeper)
{
	while (notify_read(keeper->notify_fd, keeper->pid, &keeper->store, &keeper->notice) > 0)
		;
	keeper->was_ready |= keeper->notice.ready;
}

/* @return whether it is to be started again */
static bool
is_to_live_on(const struct keeper *keeper, int status)
{
	if (keeper->stopping || (WIFEXITED(status) && WEXITSTATUS(status) == 0))
		return false;
	return keeper->was_ready || keeper->store.nb > 0;
}

static void
reap(struct keeper *keeper, int *final_status, bool *ended)
{
	int status;

	if (keeper->pid == 0 || waitpid(keeper->pid, &status, WNOHANG) != keeper->pid)
		return;
	read_notices(keeper);
	if (!is_to_live_on(keeper, status)) {
		*final_status = exit_status(status);
		*ended = true;
		return;
	}
	say_why(keeper, status);
	/* At once if it had served; a program that cannot start is not tried in a tight loop. */
	if (keeper->notice.ready)
		keeper->pause_ms = 0;
	else if (keeper->pause_ms < LONGEST_PAUSE_MS)
		keeper->pause_ms = keeper->pause_ms == 0 ? FIRST_PAUSE_MS : 2 * keeper->pause_ms;
	keeper->pid = 0;
}

static void
on_signals(struct keeper *keeper, int *final_status, bool *ended)
{
	struct signalfd_siginfo info;

	while (!*ended && read(keeper->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD) {
			reap(keeper, final_status, ended);
			continue;
		}
		if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT) {
			keeper->stopping = true;
			/* Between two lives there is nobody to tell. */
			*ended = keeper->pid == 0;
		}
		if (keeper->pid != 0)
			kill(keeper->pid, (int)info.ssi_signo);
	}
}

static int
run(struct keeper *keeper)
{
	int final_status = EX_OK;
	bool ended = false;

	start(keeper);
	while (!ended) {
		struct pollfd fds[] = {
			{ .fd = keeper->signal_fd, .events = POLLIN },
			{ .fd = keeper->notify_fd, .events = POLLIN },
		};

		if (poll(fds, 2, keeper->pid == 0 ? keeper->pause_ms : -1) == 0)
			start(keeper);
		read_notices(keeper);
		on_signals(keeper, &final_status, &ended);
	}
	return final_status;
}

int
main(int argc, char **argv)
{
	static struct keeper keeper;

	if (argc > 1 && strcmp(argv[1], "--help") == 0) {
		usage(stdout);
		return EX_OK;
	}
	if (argc > 1 && strcmp(argv[1], "--version") == 0) {
		printf("sluice-keeper %s\n", sluice_version);
		return EX_OK;
	}
	if (argc < 2 || argv[1][0] == '-') {
		keeper_log("%s; see sluice-keeper --help",
			   argc < 2 ? "no program is given" : "it has no options");
		return EX_USAGE;
	}
	keeper.argv = argv + 1;
	keeper.signal_fd = open_signals();
	keeper.notify_fd = notify_open(keeper.address, sizeof(keeper.address));
	if (keeper.signal_fd < 0 || keeper.notify_fd < 0) {
		keeper_log("no descriptor for signals, or none for notices");
		return EX_OSERR;
	}
	return run(&keeper);
}
