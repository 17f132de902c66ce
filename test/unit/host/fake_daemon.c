/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <stdarg.h>
#include <stdio.h>

#include "daemon.h"
#include "fake_daemon.h"

uint64_t clock_ms = 1000;
unsigned int nb_lines;
char last_line[256];

uint64_t
now_ms(void)
{
	return clock_ms;
}

void
log_line(enum config_log_level level, const char *format, ...)
{
	va_list args;

	(void)level;
	va_start(args, format);
	vsnprintf(last_line, sizeof(last_line), format, args);
	va_end(args);
	nb_lines++;
}
