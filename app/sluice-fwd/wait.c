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

static int
sleep_open(struct wait_state *wait)
{
	struct hybrid *hybrid;
	int rc;

	wait->config.fixed = wait->strategy->fixed;
	if (wait->strategy->fixed) {
		wait->config.spin_from = 0;
		wait->config.linger_ns = 0;
	}
	rc = hybrid_open(&hybrid, &wait->config, wait->rx, 2);
	if (rc == 0)
		atomic_store(&wait->hybrid, hybrid);
	return rc;
}

static void
sleep_idle(struct wait_state *wait)
{
	struct hybrid *hybrid = atomic_load_explicit(&wait->hybrid, memory_order_relaxed);

	hybrid_received(hybrid, 0, wait->received[0]);
	hybrid_received(hybrid, 1, wait->received[1]);
	hybrid_wait(hybrid);
}

static const struct wait_strategy strategies[] = {
	{
		.name = "poll",
		.help = "it never sleeps",
		.idle = poll_idle,
	},
	{
		.name = "interrupt",
		.help = "it sleeps whenever it can, and is woken lif times a second at most",
		.rx_interrupts = true, .each_round = true, .fixed = true,
		.open = sleep_open, .idle = sleep_idle,
	},
	{
		.name = "hybrid",
		.help = "it polls or sleeps, as its profile and the load have it",
		.rx_interrupts = true, .each_round = true,
		.open = sleep_open, .idle = sleep_idle,
	},
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
	struct hybrid *hybrid = atomic_load(&wait->hybrid);

	if (hybrid != NULL)
		hybrid_wake(hybrid);
}

void
wait_close(struct wait_state *wait)
{
	hybrid_close(atomic_exchange(&wait->hybrid, NULL));
}

bool
wait_get_stats(const struct wait_state *wait, unsigned int side, struct hybrid_stats *stats)
{
	const struct hybrid *hybrid = atomic_load(&wait->hybrid);

	if (hybrid == NULL)
		return false;
	hybrid_get_stats(hybrid, side, stats);
	return true;
}
