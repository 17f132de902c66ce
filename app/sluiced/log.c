/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * Lines of the log, on standard error as the journal wants them; the clock; and the exit status
 * that an error comes to. Any thread may write a line; the main one sets the level.
 */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <syslog.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#include "daemon.h"

#define LINE_BYTES 1200

static enum config_log_level log_level = CONFIG_LOG_INFO;

void
log_set_level(enum config_log_level level)
{
	log_level = level;
}

/* The journal strips the priority off; on a terminal or in a file it would be noise. */
static const char *
prefix_of(enum config_log_level level)
{
	static const char *const priority[] = {
		[CONFIG_LOG_ERROR] = SD_ERR,
		[CONFIG_LOG_WARNING] = SD_WARNING,
		[CONFIG_LOG_INFO] = SD_INFO,
		[CONFIG_LOG_DEBUG] = SD_DEBUG,
	};

	return getenv("JOURNAL_STREAM") != NULL ? priority[level] : "sluiced: ";
}

/* One write() per line: lines of the two threads do not mix. */
void
log_line(enum config_log_level level, const char *format, ...)
{
	char line[LINE_BYTES];
	va_list args;
	size_t used;

	if (level > log_level)
		return;
	snprintf(line, sizeof(line), "%s", prefix_of(level));
	used = strlen(line);
	va_start(args, format);
	vsnprintf(line + used, sizeof(line) - 1 - used, format, args);
	va_end(args);
	used = strlen(line);
	line[used++] = '\n';
	/* There is nobody to tell that nobody can be told. */
	if (write(STDERR_FILENO, line, used) < 0)
		return;
}

uint64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * UINT64_C(1000) + now.tv_nsec / 1000000;
}

int
exit_code_of(int rc)
{
	switch (rc) {
	case 0:
		return EX_OK;
	case -EPERM:
	case -EACCES:
		return EX_NOPERM;
	case -EBUSY:
	case -EADDRINUSE:
	case -EAGAIN:
		return EX_TEMPFAIL;
	case -EINVAL:
	case -ERANGE:
		return EX_CONFIG;
	case -ENODEV:
	case -ENOMEM:
	case -ENOTSUP:
		return EX_UNAVAILABLE;
	case -EIO:
		return EX_IOERR;
	default:
		return EX_OSERR;
	}
}
