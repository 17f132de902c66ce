/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* stop and upgrade: the end of a daemon, with or without a next one. */

#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "client.h"
#include "ctl.h"

#define LOOK_US	      10000
#define LOOK_MS	      20000
#define END_WAIT_MS   60000 /* the unit's TimeoutStopSec= */
#define NEXT_WAIT_MS  30000
#define TIMEOUT_MAX_S (100 * 86400)

static unsigned long long
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (unsigned long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int
tell(const struct ctl *ctl, enum control_cmd cmd)
{
	struct control_request request = { .cmd = cmd, .vf = CONTROL_VF_NONE };
	struct control_reply reply;
	int rc = ctl_ask(ctl, &request, &reply);

	if (rc == EX_OK)
		json_decref(reply.object);
	return rc;
}

/* Without a word if nobody does. */
static bool
somebody_answers(const struct ctl *ctl)
{
	struct control_request request = { .cmd = CONTROL_SHOW, .vf = CONTROL_VF_NONE };
	char error[CONTROL_ERROR_BYTES], *answer = NULL, *line = control_request_encode(&request);
	int rc = line == NULL ? -1 : control_call(ctl->socket, line, LOOK_MS, &answer, error);

	free(line);
	free(answer);
	return rc == 0;
}

/* @return whether it came to that within the time */
static bool
wait_until(const struct ctl *ctl, bool answers, unsigned long long ms)
{
	unsigned long long end = now_ms() + ms;

	while (somebody_answers(ctl) != answers) {
		if (now_ms() >= end)
			return false;
		usleep(LOOK_US);
	}
	return true;
}

/* @return what is readable when the daemon's process has ended; or -1, that cannot be seen */
static int
open_daemon(const struct ctl *ctl)
{
	return syscall(SYS_pidfd_open, ctl_daemon_pid(ctl), 0);
}

/*
 * It hangs up first, and then gives back what it has: by the end of its process that is done. Of a
 * process that cannot be seen from here no more is known than that it does not answer.
 */
static bool
wait_for_end(const struct ctl *ctl, int daemon, unsigned long long ms)
{
	struct pollfd process = { .fd = daemon, .events = POLLIN };
	unsigned long long end = now_ms() + ms, now, left;

	if (daemon < 0)
		return wait_until(ctl, false, ms);
	do {
		now = now_ms();
		left = now < end ? end - now : 0;
		if (poll(&process, 1, left < INT_MAX ? (int)left : INT_MAX) > 0)
			return true;
	} while (left > 0);
	return false;
}

/* @return EX_OK, EX_TEMPFAIL */
static int
expect_end(const struct ctl *ctl, int daemon)
{
	if (wait_for_end(ctl, daemon, END_WAIT_MS))
		return EX_OK;
	(void)ctl_refuse("it has not ended after %d s", END_WAIT_MS / 1000);
	return EX_TEMPFAIL;
}

/* In seconds; without the option as good as for ever. */
static int
read_timeout(const struct ctl *ctl, unsigned long *seconds)
{
	char *end;

	*seconds = TIMEOUT_MAX_S;
	if (ctl->timeout == NULL)
		return EX_OK;
	if (!ctl->drain)
		return ctl_refuse("--timeout: only with --drain");
	*seconds = strtoul(ctl->timeout, &end, 10);
	if (*ctl->timeout < '0' || *ctl->timeout > '9' || *end != '\0' || *seconds > TIMEOUT_MAX_S)
		return ctl_refuse("--timeout: %s is not in 0..%d", ctl->timeout, TIMEOUT_MAX_S);
	return EX_OK;
}

/* Until no VF is in use; after that time it is to stop all the same. */
static int
drain(const struct ctl *ctl, int daemon, unsigned long seconds)
{
	int rc = tell(ctl, CONTROL_DRAIN);

	if (rc != EX_OK || wait_for_end(ctl, daemon, seconds * 1000ULL) || !somebody_answers(ctl))
		return rc;
	(void)ctl_refuse("VFs are still in use after %lu s: it stops all the same", seconds);
	return tell(ctl, CONTROL_STOP);
}

int
stop_main(struct ctl *ctl, int argc, char **argv)
{
	unsigned long seconds;
	int daemon, rc;

	if (argc > 1)
		return ctl_refuse("%s: not expected here", argv[1]);
	rc = read_timeout(ctl, &seconds);
	if (rc != EX_OK)
		return rc;
	daemon = open_daemon(ctl);
	rc = ctl->drain ? drain(ctl, daemon, seconds) : tell(ctl, CONTROL_STOP);
	return rc == EX_OK ? expect_end(ctl, daemon) : rc;
}

int
upgrade_main(struct ctl *ctl, int argc, char **argv)
{
	unsigned long long since;
	int daemon, rc;

	if (argc > 1)
		return ctl_refuse("%s: not expected here", argv[1]);
	rc = successor_check(ctl);
	if (rc != EX_OK)
		return rc;
	daemon = open_daemon(ctl);
	rc = tell(ctl, CONTROL_UPGRADE);
	if (rc == EX_OK)
		rc = expect_end(ctl, daemon);
	if (rc != EX_OK)
		return rc;
	since = now_ms();
	if (!wait_until(ctl, true, NEXT_WAIT_MS)) {
		(void)ctl_refuse("no successor answers after %d s", NEXT_WAIT_MS / 1000);
		return EX_TEMPFAIL;
	}
	if (!ctl->json)
		printf("control was away for %llu ms\n", now_ms() - since);
	return EX_OK;
}
