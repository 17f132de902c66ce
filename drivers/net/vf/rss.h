/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * RSS of a VF: an X550's is its own; else the port's key and table serve all, and are the PF's.
 */
#ifndef SLUICE_VF_RSS_H
#define SLUICE_VF_RSS_H

#include "vf.h"

int vf_rss_configure(const struct rte_eth_dev *dev);

/** Spread over the configured queues, as far as the VF has a say in it; after its reset. */
void vf_rss_start(const struct rte_eth_dev *dev);

/** Where it has none: let the PF know that the queues run. */
void vf_rss_tell(const struct rte_eth_dev *dev);

/** The members of dev_info that tell of RSS. */
void vf_rss_info(const struct rte_eth_dev *dev, struct rte_eth_dev_info *info);

int vf_rss_hash_update(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf);
int vf_rss_hash_conf_get(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf);
int vf_reta_update(struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *table, uint16_t size);
int vf_reta_query(struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *table, uint16_t size);

#define VF_RSS_OPS \
	.rss_hash_update = vf_rss_hash_update, \
	.rss_hash_conf_get = vf_rss_hash_conf_get, \
	.reta_update = vf_reta_update, \
	.reta_query = vf_reta_query

#endif /* SLUICE_VF_RSS_H */
