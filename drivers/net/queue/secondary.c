/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>

#include <rte_cycles.h>

#include "port.h"
#include "secondary.h"

#define WAIT_STEP_US 100000
#define WAIT_TRIES   90		/* as long as ethdev promises to wait at most */

/* @return -1: no change, as of rte_eth_linkstatus_set() */
int
secondary_link_update(struct rte_eth_dev *dev, int wait_to_complete)
{
	struct rte_eth_link link;

	for (unsigned int i = 0; wait_to_complete && i < WAIT_TRIES; i++) {
		rte_eth_linkstatus_get(dev, &link);
		if (link.link_status == RTE_ETH_LINK_UP || !dev->data->dev_started)
			break;
		rte_delay_us_sleep(WAIT_STEP_US);
	}
	return -1;
}

static bool
has_rss(const struct rte_eth_dev *dev)
{
	const struct port *port = dev->data->dev_private;

	return port->rss.regs.entries != 0;
}

int
secondary_rss_hash_conf_get(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf)
{
	return has_rss(dev) ? rss_conf_get(dev, conf) : -ENOTSUP;
}

int
secondary_reta_query(struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *table,
		     uint16_t size)
{
	return has_rss(dev) ? rss_table_query(dev, table, size) : -ENOTSUP;
}
