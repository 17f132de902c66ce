/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* The daemon as a child: started with the descriptors held for it. One thread. */

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "keeper.h"

static void
become(char *const argv[], const char *notify_address, const struct store *store)
{
	sigset_t none;
	int rc;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	rc = setenv("NOTIFY_SOCKET", notify_address, 1) < 0 ? -errno : store_hand_over(store);
	if (rc < 0) {
		keeper_log("cannot hand over descriptors: %s", strerror(-rc));
		_exit(EX_OSERR);
	}
	execvp(argv[0], argv);
	keeper_log("%s: %s", argv[0], strerror(errno));
	_exit(EX_UNAVAILABLE);
}

pid_t
program_start(char *const argv[], const char *notify_address, const struct store *store)
{
	pid_t pid = fork();

	if (pid == 0)
		become(argv, notify_address, store);
	return pid < 0 ? -errno : pid;
}
