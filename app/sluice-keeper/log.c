/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* The keeper's lines on standard error. One thread. */

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "keeper.h"

void
keeper_log(const char *format, ...)
{
	char line[512];
	int used = snprintf(line, sizeof(line), "sluice-keeper: ");
	va_list list;

	va_start(list, format);
	used += vsnprintf(line + used, sizeof(line) - used - 1, format, list);
	va_end(list);
	if (used > (int)sizeof(line) - 2)
		used = sizeof(line) - 2;
	line[used++] = '\n';
	/* One write, as the program writes to the same place. Nobody can be told that it failed. */
	if (write(STDERR_FILENO, line, used) < 0)
		return;
}
