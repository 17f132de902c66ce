/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include "log.h"
#include "pf.h"
#include "queue_interrupts.h"

#define WAIT_STEP_US 100000
#define WAIT_TRIES   90		/* autonegotiation may take 4.5 s, twice over with a slow partner */

int
pf_link_update(struct rte_eth_dev *dev, int wait_to_complete)
{
	struct pf *pf = pf_of(dev);
	unsigned int tries = wait_to_complete ? WAIT_TRIES : 1;
	struct rte_eth_link link;
	int rc;

	for (;;) {
		memset(&link, 0, sizeof(link));
		pf->family->read_link(pf, &link);
		if (link.link_status == RTE_ETH_LINK_UP || --tries == 0 || pf->gone)
			break;
		rte_delay_us_sleep(WAIT_STEP_US);
	}
	rc = rte_eth_linkstatus_set(dev, &link);
	if (rc == 0)
		moderation_refresh(dev);
	return rc;
}

static int
set_link(struct rte_eth_dev *dev, bool up)
{
	struct pf *pf = pf_of(dev);
	int rc;

	if (pf->gone || pf->family->is_gone(pf))
		return pf_set_gone(pf);
	pthread_mutex_lock(&pf->lock);
	rc = pf->family->set_link(pf, up);
	if (rc == 0)
		pf->link_off = !up;
	pthread_mutex_unlock(&pf->lock);
	return rc;
}

int
pf_set_link_up(struct rte_eth_dev *dev)
{
	return set_link(dev, true);
}

int
pf_set_link_down(struct rte_eth_dev *dev)
{
	return set_link(dev, false);
}

bool
pf_link_event(struct pf *pf, bool *up)
{
	struct rte_eth_dev *dev = &rte_eth_devices[pf->port_id];
	const struct rte_eth_link *link = &dev->data->dev_link;

	pf_link_update(dev, 0);
	flow_control_settle(pf);
	*up = link->link_status == RTE_ETH_LINK_UP;
	/* Our own memory of it: the application's link_update may have been there first. */
	if (*up == pf->link_told)
		return false;
	pf->link_told = *up;
	PF_LOG(INFO, "port %u: link %s, %u Mb/s", pf->port_id, *up ? "up" : "down",
	       *up ? link->link_speed : 0);
	if (dev->data->dev_conf.intr_conf.lsc && dev->data->dev_started)
		rte_eth_dev_callback_process(dev, RTE_ETH_EVENT_INTR_LSC, NULL);
	return true;
}
