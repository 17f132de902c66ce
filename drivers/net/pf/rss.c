/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * RSS of the PF. With VFs the PF is a pool among others: on most families one key and one table
 * serve all pools, and each pool reads as many bits of an entry as it has queues.
 */
#include <errno.h>

#include "log.h"
#include "rss.h"

void
pf_rss_init(struct pf *pf)
{
	const struct pf_family *family = pf->family;
	const struct rss_regs *regs = family->rss_alone;

	if (pf->nb_vfs > 0)
		regs = family->rss_own_pool != NULL ? family->rss_own_pool : family->rss_pools;
	rss_init(&pf->port.rss, regs, pf->pool);
}

void
pf_rss_set_up(struct pf *pf)
{
	const struct pf_family *family = pf->family;
	struct rss for_vfs;

	if (pf->nb_vfs > 0 && family->rss_own_pool != NULL) {
		/* For pools that do not set up their own. */
		rss_init(&for_vfs, family->rss_pools, 0);
		rss_write(&pf->port.io, &for_vfs);
	}
	rss_write(&pf->port.io, &pf->port.rss);
}

/* Lock held. */
static void
set_spread(struct pf *pf, uint16_t pool, uint8_t spread)
{
	pf->pools[pool].spread = spread;
	if (pf->family->write_spread != NULL)
		pf->family->write_spread(pf, pool);
}

static void
spread_own(struct rte_eth_dev *dev)
{
	struct pf *pf = pf_of(dev);

	if (pf->nb_vfs > 0)
		set_spread(pf, pf->pool, rss_spread(dev));
}

void
pf_rss_start(struct rte_eth_dev *dev)
{
	struct pf *pf = pf_of(dev);

	pthread_mutex_lock(&pf->lock);
	rss_write(&pf->port.io, &pf->port.rss);
	spread_own(dev);
	pthread_mutex_unlock(&pf->lock);
}

/* A VF with one queue would lose what goes to the other: not even its driver's number tells. */
void
pf_rss_look(struct pf *pf, uint16_t vf)
{
	const struct pf_family *family = pf->family;
	uint16_t second = vf * family->vf_step + family->vf_queue_step;
	uint32_t control;
	uint8_t spread;

	if (!family->spreads_for_vfs)
		return;
	pthread_mutex_lock(&pf->lock);
	control = reg_read(&pf->port.io, queue_reg(&family->queues->rxq, second, RXQ_RXDCTL));
	spread = control != REG_ALL_ONES && (control & QUEUE_ENABLE) != 0;
	if (spread != pf->pools[vf].spread)
		set_spread(pf, vf, spread);
	pthread_mutex_unlock(&pf->lock);
}

static int
check_rss(const struct pf *pf)
{
	if (pf->gone)
		return -EIO;
	if (pf->port.rss.regs.entries != 0)
		return 0;
	PF_LOG(ERR, "port %u: %s with VFs has one Rx queue and no RSS", pf->port_id,
	       pf->family->name);
	return -ENOTSUP;
}

int
pf_rss_hash_update(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf)
{
	struct pf *pf = pf_of(dev);
	int rc = check_rss(pf);

	if (rc < 0)
		return rc;
	pthread_mutex_lock(&pf->lock);
	rc = rss_update(dev, conf);
	if (rc == 0)
		spread_own(dev);
	pthread_mutex_unlock(&pf->lock);
	return rc;
}

int
pf_rss_hash_conf_get(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf)
{
	int rc = check_rss(pf_of(dev));

	return rc == 0 ? rss_conf_get(dev, conf) : rc;
}

int
pf_reta_update(struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *table, uint16_t size)
{
	struct pf *pf = pf_of(dev);
	int rc = check_rss(pf);

	if (rc < 0)
		return rc;
	pthread_mutex_lock(&pf->lock);
	rc = rss_table_update(dev, table, size);
	pthread_mutex_unlock(&pf->lock);
	return rc;
}

int
pf_reta_query(struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *table, uint16_t size)
{
	int rc = check_rss(pf_of(dev));

	return rc == 0 ? rss_table_query(dev, table, size) : rc;
}
