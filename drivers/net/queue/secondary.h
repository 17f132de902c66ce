/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What a port is in a secondary process: bursts, and operations that only look.
 *
 * It looks at what is in shared memory. No register is read: reading clears counters, and link
 * changes that it saw first would be no news to the primary process, which tells the application.
 * What changes a port's state is not in the table, so that ethdev refuses it (-ENOTSUP) before it
 * has touched what it shares with the primary; an operation that fails comes too late for that.
 */
#ifndef SLUICE_SECONDARY_H
#define SLUICE_SECONDARY_H

#include "queue.h"

/* dev_ops; the link as the primary process saw it last. */
int secondary_link_update(struct rte_eth_dev *dev, int wait_to_complete);
/** @return -ENOTSUP: the PF would have to be asked */
int secondary_rss_hash_conf_get(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf);
int secondary_reta_query(struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *table,
			 uint16_t size);

/** What a secondary process's table of operations has of these. */
#define SECONDARY_OPS \
	.link_update = secondary_link_update, \
	.rss_hash_conf_get = secondary_rss_hash_conf_get, \
	.reta_query = secondary_reta_query, \
	.dev_supported_ptypes_get = queue_supported_types_op, \
	QUEUE_INFO_OPS

#endif /* SLUICE_SECONDARY_H */
