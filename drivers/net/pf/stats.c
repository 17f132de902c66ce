/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Counters: the port's own traffic by software, the whole port's and each VF's by hardware.
 */
#include <stdio.h>
#include <string.h>

#include "pf.h"
#include "queue.h"
#include "queue_interrupts.h"

static const char *const pool_counter_names[POOL_NB_COUNTERS] = {
	[POOL_RX_PACKETS] = "rx_packets",
	[POOL_RX_BYTES] = "rx_bytes",
	[POOL_TX_PACKETS] = "tx_packets",
	[POOL_TX_BYTES] = "tx_bytes",
	[POOL_RX_MULTICAST] = "rx_multicast_packets",
};

/* What the driver counts about its VFs. */
enum event_counter {
	EVENT_REQUESTS,
	EVENT_VF_RESETS,
	EVENT_MAILBOX_BUSY,
	EVENT_INTERRUPTS,
	EVENT_INTERRUPTS_EMPTY,
	EVENT_POLLED,
	EVENT_MALICIOUS,
	EVENT_NB_COUNTERS,
};

static const char *const event_counter_names[EVENT_NB_COUNTERS] = {
	[EVENT_REQUESTS] = "mailbox_requests",
	[EVENT_VF_RESETS] = "mailbox_vf_resets",
	[EVENT_MAILBOX_BUSY] = "mailbox_busy",
	[EVENT_INTERRUPTS] = "interrupts",
	[EVENT_INTERRUPTS_EMPTY] = "interrupts_empty",
	[EVENT_POLLED] = "events_polled",
	[EVENT_MALICIOUS] = "malicious_queues",
};

static uint32_t
read_pool_counter(struct pf *pf, uint16_t pool, enum pool_counter which)
{
	const struct pool_counter_regs *regs = &pf->family->pool_counters[which];

	return reg_read(&pf->port.io, (struct reg){ regs->base + pool * regs->stride });
}

static void
refresh_pool_counter(struct pf *pf, uint16_t pool, enum pool_counter which)
{
	struct pool_counters *counters = &pf->stats.pool[pool];
	uint32_t now = read_pool_counter(pf, pool, which);

	/* Unsigned arithmetic is right across one wrap. */
	counters->total[which] += now - counters->last[which];
	counters->last[which] = now;
}

static void
refresh_pool(struct pf *pf, uint16_t pool)
{
	unsigned int i;

	for (i = 0; i < POOL_NB_COUNTERS; i++)
		refresh_pool_counter(pf, pool, i);
}

static uint64_t
read_port_counter(struct pf *pf, const struct pf_counter *counter)
{
	uint64_t value = reg_read(&pf->port.io, (struct reg){ counter->offset });

	if (counter->wide)
		value |= (uint64_t)reg_read(&pf->port.io,
					    (struct reg){ counter->offset + 4 }) << 32;
	return value;
}

void
pf_stats_refresh(struct pf *pf)
{
	uint16_t i;

	/* A device that is gone would count all ones. */
	if (pf->gone || pf->family->is_gone(pf))
		return;
	for (i = 0; i < pf->family->nb_counters; i++)
		pf->stats.port[i] += read_port_counter(pf, &pf->family->counters[i]);
	for (i = 0; i < pf->nb_vfs; i++)
		refresh_pool(pf, i);
}

void
pf_stats_refresh_fast(struct pf *pf)
{
	uint16_t i;

	if (pf->gone || pf->family->is_gone(pf))
		return;
	for (i = 0; i < pf->nb_vfs; i++) {
		refresh_pool_counter(pf, i, POOL_RX_BYTES);
		refresh_pool_counter(pf, i, POOL_TX_BYTES);
	}
}

void
pf_stats_start(struct pf *pf)
{
	uint16_t i;

	pf_stats_refresh(pf);
	memset(pf->stats.port, 0, sizeof(pf->stats.port));
	for (i = 0; i < pf->nb_vfs; i++)
		memset(pf->stats.pool[i].total, 0, sizeof(pf->stats.pool[i].total));
}

void
pf_pool_stats_refresh(struct pf *pf, uint16_t pool)
{
	if (!pf->gone && !pf->family->is_gone(pf))
		refresh_pool(pf, pool);
}

void
pf_pool_stats(const struct pf *pf, uint16_t pool, struct rte_pmd_sluice_pool_stats *stats)
{
	const uint64_t *total = pf->stats.pool[pool].total;

	*stats = (struct rte_pmd_sluice_pool_stats){
		.rx_packets = total[POOL_RX_PACKETS],
		.rx_bytes = total[POOL_RX_BYTES],
		.tx_packets = total[POOL_TX_PACKETS],
		.tx_bytes = total[POOL_TX_BYTES],
		.rx_multicast = total[POOL_RX_MULTICAST],
		.malicious = pf->stats.malicious[pool],
		.spoofed = pf->stats.spoofed[pool],
		.lock_taken = pf->mailbox[pool].channel.lock_taken,
	};
}

/* Lock and registers are the primary's, which reads them once a second: others see that. */
static void
lock_counters(struct pf *pf)
{
	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return;
	pthread_mutex_lock(&pf->lock);
	pf_stats_refresh(pf);
}

static void
unlock_counters(struct pf *pf)
{
	if (rte_eal_process_type() == RTE_PROC_PRIMARY)
		pthread_mutex_unlock(&pf->lock);
}

/* Packets and bytes are the PF's own; what got lost, the hardware knows for the port only. */
int
pf_stats_get(struct rte_eth_dev *dev, struct rte_eth_stats *stats, struct eth_queue_stats *queues)
{
	const struct pf_family *family = pf_family_of(dev);
	struct pf *pf = pf_of(dev);
	uint16_t i;

	queue_stats_add(dev, stats, queues);
	lock_counters(pf);
	for (i = 0; i < family->nb_counters; i++) {
		const struct pf_counter *counter = &family->counters[i];

		if (counter->rx_missed)
			stats->imissed += pf->stats.port[i];
		if (counter->rx_error)
			stats->ierrors += pf->stats.port[i];
		if (counter->tx_error)
			stats->oerrors += pf->stats.port[i];
	}
	unlock_counters(pf);
	return 0;
}

/* The VFs' counts go on: they belong to whoever watches the VFs. */
int
pf_stats_reset(struct rte_eth_dev *dev)
{
	struct pf *pf = pf_of(dev);

	pthread_mutex_lock(&pf->lock);
	pf_stats_refresh(pf);
	memset(pf->stats.port, 0, sizeof(pf->stats.port));
	pthread_mutex_unlock(&pf->lock);
	queue_stats_reset(dev);
	return 0;
}

static unsigned int
nb_xstats(const struct rte_eth_dev *dev)
{
	const struct pf *pf = pf_of(dev);

	return pf_family_of(dev)->nb_counters + EVENT_NB_COUNTERS +
	       pf->nb_vfs * (POOL_NB_COUNTERS + 2) + moderation_xstats(dev, NULL);
}

/* The PF's own, too. */
static uint64_t
malicious_count(struct pf *pf)
{
	uint64_t count = 0;
	uint16_t pool;

	for (pool = 0; pool <= pf->pool; pool++)
		count += pf->stats.malicious[pool];
	return count;
}

static uint64_t
event_count(struct pf *pf, enum event_counter which)
{
	const uint64_t count[EVENT_NB_COUNTERS] = {
		[EVENT_REQUESTS] = pf->stats.requests,
		[EVENT_VF_RESETS] = pf->stats.vf_resets,
		[EVENT_MAILBOX_BUSY] = pf->stats.mailbox_busy,
		[EVENT_INTERRUPTS] = pf->stats.interrupts,
		[EVENT_INTERRUPTS_EMPTY] = pf->stats.interrupts_empty,
		[EVENT_POLLED] = pf->stats.events_polled,
		[EVENT_MALICIOUS] = malicious_count(pf),
	};

	return count[which];
}

int
pf_xstats_get(struct rte_eth_dev *dev, struct rte_eth_xstat *xstats, unsigned int n)
{
	struct pf *pf = pf_of(dev);
	unsigned int i, next = 0;
	uint16_t vf;

	if (n < nb_xstats(dev))
		return nb_xstats(dev);
	lock_counters(pf);
	for (i = 0; i < pf_family_of(dev)->nb_counters; i++)
		xstats[next++].value = pf->stats.port[i];
	for (i = 0; i < EVENT_NB_COUNTERS; i++)
		xstats[next++].value = event_count(pf, i);
	for (vf = 0; vf < pf->nb_vfs; vf++) {
		for (i = 0; i < POOL_NB_COUNTERS; i++)
			xstats[next++].value = pf->stats.pool[vf].total[i];
		xstats[next++].value = pf->stats.malicious[vf];
		xstats[next++].value = pf->stats.spoofed[vf];
	}
	unlock_counters(pf);
	next += moderation_xstats(dev, &xstats[next]);
	for (i = 0; i < next; i++)
		xstats[i].id = i;
	return next;
}

int
pf_xstats_get_names(struct rte_eth_dev *dev, struct rte_eth_xstat_name *names, unsigned int n)
{
	const struct pf_family *family = pf_family_of(dev);
	const struct pf *pf = pf_of(dev);
	unsigned int i, next = 0;
	uint16_t vf;

	if (names == NULL || n < nb_xstats(dev))
		return nb_xstats(dev);
	for (i = 0; i < family->nb_counters; i++)
		snprintf(names[next++].name, sizeof(names->name), "%s", family->counters[i].name);
	for (i = 0; i < EVENT_NB_COUNTERS; i++)
		snprintf(names[next++].name, sizeof(names->name), "%s", event_counter_names[i]);
	for (vf = 0; vf < pf->nb_vfs; vf++) {
		for (i = 0; i < POOL_NB_COUNTERS; i++)
			snprintf(names[next++].name, sizeof(names->name), "vf%u_%s", vf,
				 pool_counter_names[i]);
		snprintf(names[next++].name, sizeof(names->name), "vf%u_malicious_queues", vf);
		snprintf(names[next++].name, sizeof(names->name), "vf%u_seen_spoofing", vf);
	}
	return next + moderation_xstats_names(dev, &names[next]);
}
