/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * Would the program that is installed go on where the one that runs is? Both tell the number of
 * their books by --version; with another one the next daemon would have to reset the PFs.
 */

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "ctl.h"

#define PATH_BYTES    4096
#define VERSION_BYTES 128
#define REPLACED      " (deleted)" /* what the kernel adds to a file's name then */

static pid_t
run_version(const char *program, int out)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	if (dup2(out, STDOUT_FILENO) >= 0)
		execl(program, program, "--version", (char *)NULL);
	_exit(EX_UNAVAILABLE);
}

/* @return whether the program told its version, with its books */
static bool
version_of(const char *program, char version[VERSION_BYTES])
{
	int ends[2], status = -1;
	ssize_t bytes = -1;
	pid_t pid;

	if (pipe(ends) < 0)
		return false;
	pid = run_version(program, ends[1]);
	close(ends[1]);
	if (pid > 0) {
		bytes = read(ends[0], version, VERSION_BYTES - 1);
		(void)waitpid(pid, &status, 0);
	}
	close(ends[0]);
	if (bytes <= 0 || status != 0)
		return false;
	version[bytes] = '\0';
	version[strcspn(version, "\n")] = '\0';
	return strstr(version, "(books ") != NULL;
}

int
successor_check(const struct ctl *ctl)
{
	char running[VERSION_BYTES], next[VERSION_BYTES], link[64], program[PATH_BYTES], *end;
	ssize_t bytes;

	snprintf(link, sizeof(link), "/proc/%d/exe", (int)ctl_daemon_pid(ctl));
	bytes = readlink(link, program, sizeof(program) - 1);
	/* Only root may see it; others' word is taken for it. */
	if (bytes < 0 || !version_of(link, running))
		return EX_OK;
	program[bytes] = '\0';
	end = strstr(program, REPLACED);
	if (end != NULL && end[strlen(REPLACED)] == '\0')
		*end = '\0';
	if (!version_of(program, next)) {
		(void)ctl_refuse("upgrade: %s is no sluiced that starts", program);
		return EX_UNAVAILABLE;
	}
	if (strcmp(strstr(running, "(books "), strstr(next, "(books ")) == 0)
		return EX_OK;
	(void)ctl_refuse("upgrade: %s is %s, which cannot read the books of %s and would reset "
			 "the PFs: stop the daemon and start it instead",
			 program, next, running);
	return EX_UNAVAILABLE;
}
