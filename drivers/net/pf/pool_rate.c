/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * A VF's Tx rate (82576 sheet, 8.9; 82599 sheet, 8.7). Never run on silicon.
 *
 * The device slows queues, not pools, and by a factor of the link's speed. So a pool's rate is
 * divided by the queues that its VF has running, and all of it is worked out anew when either
 * changes: the clock and each event look after it.
 */
#include <errno.h>

#include "pf.h"

#define RATE_ONE_SHIFT 14	/* bits of the factor's fraction */

/* Mb/s; 0: no link. */
static uint32_t
link_mbps(const struct pf *pf)
{
	struct rte_eth_link link;

	rte_eth_linkstatus_get(&rte_eth_devices[pf->port_id], &link);
	return link.link_status == RTE_ETH_LINK_UP ? link.link_speed : 0;
}

static uint16_t
queue_of(const struct pf *pf, uint16_t pool, uint16_t i)
{
	return pool * pf->family->vf_step + i * pf->family->vf_queue_step;
}

static uint16_t
running_queues(const struct pf *pf, uint16_t pool)
{
	const struct queue_bank *bank = &pf->family->queues->txq;
	uint16_t i, nb = 0;

	for (i = 0; i < pf->family->vf_queues; i++) {
		struct reg control = queue_reg(bank, queue_of(pf, pool, i), TXQ_TXDCTL);

		nb += (reg_read(&pf->port.io, control) & QUEUE_ENABLE) != 0;
	}
	return RTE_MAX(nb, 1);
}

/*
 * Without a link the fastest one is assumed: when a slower one comes, the VF is too slow until
 * somebody looks, and never too fast.
 */
static uint32_t
rate_word(const struct pf *pf, uint16_t pool)
{
	const struct rate_regs *regs = pf->family->rate;
	uint32_t mbps = pf->pools[pool].tx_mbps, link = link_mbps(pf);
	uint64_t factor;

	if (mbps == 0)
		return 0;
	if (link == 0)
		link = regs->max_mbps;
	factor = ((uint64_t)link * running_queues(pf, pool) << RATE_ONE_SHIFT) / mbps;
	if (factor <= UINT64_C(1) << RATE_ONE_SHIFT)
		return 0;
	return regs->enable | (uint32_t)RTE_MIN(factor, (uint64_t)regs->factor_bits);
}

void
pool_refresh_tx_rate(struct pf *pf, uint16_t pool)
{
	const struct rate_regs *regs = pf->family->rate;
	struct pf_pool *config = &pf->pools[pool];
	const struct mmio *io = &pf->port.io;
	uint32_t word;
	uint16_t i;

	if (regs == NULL)
		return;
	word = rate_word(pf, pool);
	if (word == config->tx_rate_word)
		return;
	for (i = 0; i < pf->family->vf_queues; i++) {
		reg_write(io, regs->select, queue_of(pf, pool, i));
		reg_write(io, regs->window, regs->window_value);
		reg_write(io, regs->factor, word);
	}
	/* Last: who dies before it is known to have written none of it. */
	config->tx_rate_word = word;
}

int
pool_set_tx_rate(struct pf *pf, uint16_t pool, uint32_t mbps)
{
	const struct rate_regs *regs = pf->family->rate;

	if (regs == NULL)
		return mbps == 0 ? 0 : -ENOTSUP;
	/* Not by the link's speed of today: what was good yesterday must not fail a reset. */
	if (mbps != 0 && (mbps < regs->min_mbps || mbps > regs->max_mbps))
		return -ERANGE;
	pf->pools[pool].tx_mbps = mbps;
	pool_refresh_tx_rate(pf, pool);
	return 0;
}
