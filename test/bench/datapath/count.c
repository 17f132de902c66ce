/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <signal.h>
#include <stddef.h>

#include "count.h"

static volatile uint64_t steps;
static uint64_t overhead;

#if defined(__x86_64__)
/* The red zone below the stack pointer may be in use. */
#define CHANGE_FLAGS(how) \
	__asm__ volatile("subq $128, %%rsp\n\tpushfq\n\t" how ", (%%rsp)\n\tpopfq\n\t" \
			 "addq $128, %%rsp" : : : "memory", "cc")
#define TRAP_ON()  CHANGE_FLAGS("orq $0x100")
#define TRAP_OFF() CHANGE_FLAGS("andq $-0x101")
#define CAN_COUNT  1
#else
#define TRAP_ON()
#define TRAP_OFF()
#define CAN_COUNT  0
#endif

static void
stepped(int signal)
{
	(void)signal;
	steps++;
}

void
count_begin(void)
{
	steps = 0;
	TRAP_ON();
}

uint64_t
count_end(void)
{
	TRAP_OFF();
	return steps - overhead;
}

int
count_init(void)
{
	const struct sigaction action = { .sa_handler = stepped };

	if (!CAN_COUNT)
		return -ENOTSUP;
	if (sigaction(SIGTRAP, &action, NULL) < 0)
		return -errno;
	overhead = 0;
	count_begin();
	overhead = count_end();
	return 0;
}
