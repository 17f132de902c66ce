/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include "hybrid.h"
#include "profiles.h"

uint32_t
profile_ring(const struct strategy *strategy)
{
	return aic_preset_find(strategy->name)->ring;
}

int
profile_open(struct waiting *waiting)
{
	const struct hybrid_queue queue = { .port = waiting->port, .queue = 0 };
	struct hybrid_config config = { 0 };
	int rc = hybrid_profile(&config, waiting->strategy->name);

	return rc < 0 ? rc : hybrid_open(&waiting->hybrid, &config, &queue, 1);
}

void
profile_received(struct waiting *waiting, uint16_t nb)
{
	hybrid_received(waiting->hybrid, 0, nb);
}

void
profile_wait(struct waiting *waiting)
{
	hybrid_wait(waiting->hybrid);
}

void
profile_wake(struct waiting *waiting)
{
	hybrid_wake(waiting->hybrid);
}

uint32_t
profile_interval(const struct waiting *waiting)
{
	struct hybrid_stats stats;

	hybrid_get_stats(waiting->hybrid, 0, &stats);
	return (uint32_t)stats.interval_ns;
}

void
profile_close(struct waiting *waiting)
{
	hybrid_close(waiting->hybrid);
}
