/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <stdio.h>
#include <string.h>

#include <rte_pause.h>

#include "wait.h"

static void
poll_idle(struct wait_state *wait)
{
	(void)wait;
	rte_pause();
}

static const struct wait_strategy strategies[] = {
	{ .name = "poll", .idle = poll_idle },
};

#define NB_STRATEGIES (sizeof(strategies) / sizeof(strategies[0]))

const struct wait_strategy *
wait_strategy_find(const char *name)
{
	for (size_t i = 0; i < NB_STRATEGIES; i++) {
		if (strcmp(strategies[i].name, name) == 0)
			return &strategies[i];
	}
	return NULL;
}

void
wait_strategy_list(char *text, size_t bytes)
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < NB_STRATEGIES && used < bytes; i++)
		used += snprintf(text + used, bytes - used, "%s%s", i == 0 ? "" : ", ",
				 strategies[i].name);
}

int
wait_open(struct wait_state *wait)
{
	return wait->strategy->open == NULL ? 0 : wait->strategy->open(wait);
}

void
wait_wake(struct wait_state *wait)
{
	if (wait->strategy->wake != NULL)
		wait->strategy->wake(wait);
}

void
wait_close(struct wait_state *wait)
{
	if (wait->strategy->close != NULL)
		wait->strategy->close(wait);
}
