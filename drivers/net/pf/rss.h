/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/** @file RSS of the PF's own queues, and what of it is also its VFs'. */
#ifndef SLUICE_PF_RSS_H
#define SLUICE_PF_RSS_H

#include "pf.h"

/** Once the number of VFs is known. */
void pf_rss_init(struct pf *pf);

/** Of a family's init: registers after a reset, in modes that know of the pools there are. */
void pf_rss_set_up(struct pf *pf);

/** Spread over the queues that ethdev has configured. */
void pf_rss_start(struct rte_eth_dev *dev);

/** Follow a VF that started or stopped its second queue; lock not held. */
void pf_rss_look(struct pf *pf, uint16_t vf);

int pf_rss_hash_update(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf);
int pf_rss_hash_conf_get(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf);
int pf_reta_update(struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *table, uint16_t size);
int pf_reta_query(struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *table, uint16_t size);

#define PF_RSS_OPS \
	.rss_hash_update = pf_rss_hash_update, \
	.rss_hash_conf_get = pf_rss_hash_conf_get, \
	.reta_update = pf_reta_update, \
	.reta_query = pf_reta_query

#endif /* SLUICE_PF_RSS_H */
