/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calls.h"

#define TRIES  3000
#define TRY_US 10000

static bool
is_traced(pid_t tid)
{
	char path[64], line[128];
	FILE *file;
	int tracer = 0;

	snprintf(path, sizeof(path), "/proc/self/task/%d/status", tid);
	file = fopen(path, "r");
	if (file == NULL)
		return false;
	while (tracer == 0 && fgets(line, sizeof(line), file) != NULL)
		sscanf(line, "TracerPid: %d", &tracer);
	fclose(file);
	return tracer != 0;
}

int
calls_begin(pid_t *tracer, pid_t tid, const char *path)
{
	char thread[16];

	snprintf(thread, sizeof(thread), "%d", tid);
	/* A child may not trace its parent by itself. */
	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
	*tracer = vfork();
	if (*tracer < 0)
		return -errno;
	if (*tracer == 0) {
		execlp("strace", "strace", "-qq", "-o", path, "-p", thread, NULL);
		_exit(127);
	}
	for (unsigned int i = 0; i < TRIES && !is_traced(tid); i++) {
		if (waitpid(*tracer, NULL, WNOHANG) != 0)
			return -ECHILD;
		usleep(TRY_US);
	}
	return is_traced(tid) ? 0 : -ETIMEDOUT;
}

void
calls_end(pid_t tracer)
{
	kill(tracer, SIGINT);
	waitpid(tracer, NULL, 0);
}
