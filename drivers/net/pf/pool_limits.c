/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Limits of a VF that it could undo, or that follow something else: put right again and again.
 */
#include <errno.h>

#include "log.h"
#include "pf.h"

int
pool_set_drop(struct pf *pf, uint16_t pool, bool on)
{
	pf->pools[pool].blocks = !on;
	pf->family->write_drop(pf, pool);
	return 0;
}

static bool
limits_interrupts(const struct pf *pf, uint16_t pool)
{
	return pf->pools[pool].min_itr_us != 0 || pf->pools[pool].max_itr_us != 0;
}

/* 82576 sheet, 6.4: an interval of 0 is none at all, so a floor raises it and a ceiling not. */
static void
impose_interval(struct pf *pf, uint16_t pool, struct reg reg)
{
	const struct vf_throttle *throttle = pf->family->vf_throttle;
	const struct pf_pool *config = &pf->pools[pool];
	uint32_t word = reg_read(&pf->port.io, reg);
	uint32_t now = field_get(throttle->interval, word) * throttle->tick_us, want = now;

	if (config->max_itr_us != 0)
		want = RTE_MIN(want, config->max_itr_us);
	want = RTE_MAX(want, config->min_itr_us);
	if (want != now)
		reg_write(&pf->port.io, reg, field_set(throttle->interval, throttle->keep_counter,
						       want / throttle->tick_us));
}

static void
impose_intervals(struct pf *pf, uint16_t pool)
{
	const struct vf_throttle *throttle = pf->family->vf_throttle;
	uint16_t i;

	for (i = 0; i < throttle->vectors; i++)
		impose_interval(pf, pool, (struct reg){
			throttle->first.offset + pool * throttle->vf_step + 4 * i });
}

uint32_t
pool_longest_interval(const struct pf *pf)
{
	const struct vf_throttle *throttle = pf->family->vf_throttle;

	return throttle == NULL ? 0 : field_get(throttle->interval, UINT32_MAX) * throttle->tick_us;
}

int
pool_limit_interrupts(struct pf *pf, uint16_t pool, uint32_t min_us, uint32_t max_us)
{
	uint32_t most = pool_longest_interval(pf);

	if (most == 0)
		return min_us == 0 && max_us == 0 ? 0 : -ENOTSUP;
	if (min_us > most || max_us > most)
		return -ERANGE;
	if (max_us != 0 && min_us > max_us)
		return -EINVAL;
	pf->pools[pool].min_itr_us = min_us;
	pf->pools[pool].max_itr_us = max_us;
	if (limits_interrupts(pf, pool))
		impose_intervals(pf, pool);
	return 0;
}

void
pool_forget_limits(struct pf *pf, uint16_t pool)
{
	pool_set_tx_rate(pf, pool, 0);
	pool_set_mirror(pf, pool, POOL_NONE);
	pool_set_drop(pf, pool, true);
	pool_limit_interrupts(pf, pool, 0, 0);
}

void
pool_watch_limits(struct pf *pf)
{
	uint16_t vf;

	pthread_mutex_lock(&pf->lock);
	for (vf = 0; vf < pf->nb_vfs && !pf->gone; vf++) {
		if (pf->pools[vf].tx_mbps != 0)
			pool_refresh_tx_rate(pf, vf);
		if (limits_interrupts(pf, vf))
			impose_intervals(pf, vf);
	}
	pthread_mutex_unlock(&pf->lock);
}
