/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * One pool: its queues' registers, what it accepts, its port VLAN.
 */
#include <errno.h>
#include <string.h>

#include "log.h"
#include "pf.h"

#define STOP_STEP_US 100
#define STOP_TRIES   100

/* Hash tables change only by these; the rest of a pool's mask is its own. */
#define ACCEPT_BY_HASH (RTE_PMD_SLUICE_ACCEPT_ALL_MULTICAST | RTE_PMD_SLUICE_ACCEPT_ALL_UNICAST)
#define ACCEPT_ALL_BITS \
	(RTE_PMD_SLUICE_ACCEPT_UNTAGGED | RTE_PMD_SLUICE_ACCEPT_BROADCAST | \
	 RTE_PMD_SLUICE_ACCEPT_MULTICAST | ACCEPT_BY_HASH | RTE_PMD_SLUICE_ACCEPT_LARGER)
#define ACCEPT_DEFAULT \
	(RTE_PMD_SLUICE_ACCEPT_UNTAGGED | RTE_PMD_SLUICE_ACCEPT_BROADCAST | \
	 RTE_PMD_SLUICE_ACCEPT_MULTICAST)

/* A block's enable bit goes first, the rest when the queue has come to rest (3.6 e). */
static void
clear_queue(struct pf *pf, const struct queue_bank *bank, uint16_t q, uint32_t control,
	    const uint32_t *regs, unsigned int nb)
{
	const struct mmio *io = &pf->port.io;
	unsigned int i;

	reg_write(io, queue_reg(bank, q, control), 0);
	if (reg_poll(io, queue_reg(bank, q, control), QUEUE_ENABLE, 0, STOP_STEP_US,
		     STOP_TRIES) < 0)
		PF_LOG(WARNING, "port %u: queue %u does not stop", pf->port_id, q);
	for (i = 0; i < nb; i++)
		reg_write(io, queue_reg(bank, q, regs[i]), 0);
}

/*
 * A VF's reset clears the enable bits only. Whoever gets the VF next must find no address in its
 * rings, above all none to which the device writes a head (TDWBAL) (3.6 e).
 */
void
pool_clear_queues(struct pf *pf, uint16_t vf)
{
	const struct family *queues = pf->family->queues;
	const uint32_t rx[] = { RXQ_RDBAL, RXQ_RDBAH, RXQ_RDLEN, queues->rxq_srrctl,
				RXQ_RDH, RXQ_RDT };
	const uint32_t tx[] = { TXQ_TDWBAL, TXQ_TDWBAH, TXQ_TDBAL, TXQ_TDBAH, TXQ_TDLEN,
				TXQ_TDH, TXQ_TDT };
	uint16_t i, q;

	for (i = 0; i < pf->family->vf_queues; i++) {
		q = vf * pf->family->vf_step + i * pf->family->vf_queue_step;
		clear_queue(pf, &queues->rxq, q, RXQ_RXDCTL, rx, ARRAY_LEN(rx));
		clear_queue(pf, &queues->txq, q, TXQ_TXDCTL, tx, ARRAY_LEN(tx));
	}
}

/*
 * Whose buffers may be too small for what others are sent is sent nothing. The PF's own queues drop
 * what is too large, and nobody looks at a limit below the usual.
 */
static bool
takes_frames(const struct pf *pf, uint16_t pool)
{
	const struct pf_pool *config = &pf->pools[pool];

	return !pf->family->shared_frame || pool == pf->pool ||
	       (config->accept & RTE_PMD_SLUICE_ACCEPT_LARGER) != 0 ||
	       pf->frame_limit <= RTE_MAX(config->max_frame, (uint32_t)FRAME_DEFAULT);
}

static void
write_enable(struct pf *pf, uint16_t pool)
{
	bool enabled = pf->pools[pool].enabled;

	pf->family->write_pool_enable(pf, pool, enabled && takes_frames(pf, pool), enabled);
}

static void
write_enables(struct pf *pf)
{
	uint16_t pool;

	for (pool = 0; pool < pf->nb_vfs && pf->family->shared_frame; pool++)
		if (pf->pools[pool].enabled)
			write_enable(pf, pool);
}

/* 82599 sheet, 5.4: a VF's frames must not become too long because another one wants less. */
void
pool_refresh_frames(struct pf *pf)
{
	uint32_t before = pf->frame_limit, limit = 0;
	uint16_t pool;

	for (pool = 0; pool <= pf->pool; pool++)
		limit = RTE_MAX(limit, pf->pools[pool].max_frame);
	pf->frame_limit = limit;
	if (limit == before || pf->family->write_frame_limit == NULL)
		return;
	if (limit > before)
		write_enables(pf);
	pf->family->write_frame_limit(pf, limit);
	if (limit < before)
		write_enables(pf);
}

void
pool_stop(struct pf *pf, uint16_t pool)
{
	pool_enable(pf, pool, false);
	pool_clear_queues(pf, pool);
	malicious_forget(pf, pool);
	pf->pools[pool].spread = 0;
	if (pf->family->write_spread != NULL)
		pf->family->write_spread(pf, pool);
	if (pf->family->clear_pool != NULL)
		pf->family->clear_pool(pf, pool);
}

int
pool_enable(struct pf *pf, uint16_t pool, bool on)
{
	pf->pools[pool].enabled = on;
	write_enable(pf, pool);
	return 0;
}

int
pool_set_accept(struct pf *pf, uint16_t pool, uint32_t accept)
{
	uint32_t changed = pf->pools[pool].accept ^ accept;

	if ((accept & ~(uint32_t)ACCEPT_ALL_BITS) != 0)
		return -EINVAL;
	pf->pools[pool].accept = accept;
	pf->family->write_pool(pf, pool, &pf->pools[pool]);
	if ((changed & ACCEPT_BY_HASH) != 0)
		filter_refresh_hashes(pf);
	if ((changed & RTE_PMD_SLUICE_ACCEPT_LARGER) != 0 && pf->pools[pool].enabled)
		write_enable(pf, pool);
	return 0;
}

int
pool_set_port_vlan(struct pf *pf, uint16_t pool, uint16_t vlan, uint8_t qos)
{
	bool any = false;
	uint16_t i;

	pf->pools[pool].port_vlan = vlan;
	pf->family->write_port_vlan(pf, pool, vlan, qos);
	pf->family->write_pool(pf, pool, &pf->pools[pool]);
	/* One switch for all: while any pool has a port VLAN, tagged multicast loses its tag. */
	for (i = 0; i < pf->family->nb_pools; i++)
		any |= pf->pools[i].port_vlan != 0;
	if (pf->family->write_replicated_strip != NULL)
		pf->family->write_replicated_strip(pf, any);
	return 0;
}

int
pool_set_max_frame(struct pf *pf, uint16_t pool, uint32_t bytes)
{
	uint32_t most = pf->family->queues->max_frame_bytes;

	if (bytes < RTE_ETHER_MIN_LEN || bytes > most)
		return -EINVAL;
	/* The hardware counts the tag of a tagged frame, the mailbox does not. */
	pf->pools[pool].max_frame = RTE_MIN(bytes + RTE_VLAN_HLEN, most);
	pf->family->write_pool(pf, pool, &pf->pools[pool]);
	pool_refresh_frames(pf);
	/* Its own limit may be what it was held back for. */
	if (pf->pools[pool].enabled && pf->family->shared_frame)
		write_enable(pf, pool);
	return 0;
}

int
pool_set_spoof_check(struct pf *pf, uint16_t pool, bool on)
{
	pf->pools[pool].spoof_check = on;
	pf->family->write_spoof_check(pf, pool, on);
	return 0;
}

int
pool_reset(struct pf *pf, uint16_t pool)
{
	struct pf_pool *config = &pf->pools[pool];

	pool_stop(pf, pool);
	config->max_frame = FRAME_DEFAULT;
	pool_set_port_vlan(pf, pool, 0, 0);
	pool_set_accept(pf, pool, ACCEPT_DEFAULT);
	pool_set_spoof_check(pf, pool, false);
	pool_forget_limits(pf, pool);
	filter_drop_pool(pf, pool);
	pool_refresh_frames(pf);
	return 0;
}

int
pool_get_info(struct pf *pf, struct pool_info *info)
{
	const struct rate_regs *rate = pf->family->rate;

	*info = (struct pool_info){
		.rx_queues = pf->family->vf_queues,
		.tx_queues = pf->family->vf_queues,
		.shared_max_frame = pf->family->shared_frame ?
			pf->port.max_frame - RTE_VLAN_HLEN : 0,
		.min_tx_mbps = rate != NULL ? rate->min_mbps : 0,
		.max_tx_mbps = rate != NULL ? rate->max_mbps : 0,
		.max_interrupt_us = pool_longest_interval(pf),
	};
	return 0;
}

int
pool_get_rss(struct pf *pf, struct pool_rss *rss)
{
	if (pf->family->read_rss == NULL)
		return -ENOTSUP;
	pf->family->read_rss(pf, rss);
	return 0;
}
