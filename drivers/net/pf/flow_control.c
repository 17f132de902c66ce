/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>

#include "flow_control.h"
#include "log.h"
#include "pf.h"

#define PAUSE_TIME 0x680

/* What the high mark may be: the largest frame still fits on top of it. */
static uint32_t
most_bytes(struct pf *pf)
{
	uint32_t buffer = pf->family->rx_buffer_bytes(pf);
	uint32_t frame = pf->family->queues->max_frame_bytes;

	return buffer > frame ? buffer - frame : 0;
}

void
flow_control_init(struct pf *pf)
{
	uint32_t most = most_bytes(pf);

	pf->flow = (struct flow_control){
		.autoneg = true,
		.send_xon = true,
		.pause_time = PAUSE_TIME,
		.high_water = most - most % pf->family->water_unit,
		.low_water = most / 2 - most / 2 % pf->family->water_unit,
	};
}

/* That one heeds but does not send cannot be said: both are, and sending is left. */
struct pause_ability
flow_control_ability(const struct flow_control *flow)
{
	return (struct pause_ability){
		.symmetric = flow->rx,
		.asymmetric = flow->rx || flow->tx,
	};
}

/* 802.3, table 28B-3; the 82576 sheet has it in 2.11. */
static void
agree(const struct flow_control *flow, const struct pause_ability *partner, bool *rx, bool *tx)
{
	struct pause_ability own = flow_control_ability(flow);
	bool both = own.symmetric && partner->symmetric;

	*rx = both || (own.symmetric && partner->asymmetric);
	*tx = flow->tx && (both || (!own.symmetric && partner->symmetric && partner->asymmetric));
}

static void
settle(struct pf *pf)
{
	struct flow_control *flow = &pf->flow;
	struct pause_ability partner;
	bool rx = flow->rx, tx = flow->tx;
	int rc;

	if ((rx || tx) && flow->autoneg) {
		rc = pf->family->read_partner(pf, &partner);
		if (rc == 0)
			agree(flow, &partner, &rx, &tx);
		else if (rc != -ENOTSUP)
			rx = tx = false;
	}
	if (rx != flow->rx_on || tx != flow->tx_on)
		PF_LOG(NOTICE, "port %u: PAUSE frames are %s and %s", pf->port_id,
		       rx ? "heeded" : "not heeded", tx ? "sent" : "not sent");
	flow->rx_on = rx;
	flow->tx_on = tx;
	pf->family->write_flow_control(pf, flow);
}

void
flow_control_settle(struct pf *pf)
{
	pthread_mutex_lock(&pf->lock);
	if (!pf->gone && (pf->flow.rx || pf->flow.tx))
		settle(pf);
	pthread_mutex_unlock(&pf->lock);
}

/* The settings, so that setting what was got changes nothing; the log tells what is in force. */
int
pf_flow_ctrl_get(struct rte_eth_dev *dev, struct rte_eth_fc_conf *conf)
{
	static const enum rte_eth_fc_mode mode[2][2] = {
		{ RTE_ETH_FC_NONE, RTE_ETH_FC_TX_PAUSE },
		{ RTE_ETH_FC_RX_PAUSE, RTE_ETH_FC_FULL },
	};
	struct pf *pf = pf_of(dev);
	const struct flow_control *flow = &pf->flow;

	pthread_mutex_lock(&pf->lock);
	*conf = (struct rte_eth_fc_conf){
		.high_water = flow->high_water / pf->family->water_unit,
		.low_water = flow->low_water / pf->family->water_unit,
		.pause_time = flow->pause_time,
		.send_xon = flow->send_xon,
		.mode = mode[flow->rx][flow->tx],
		.mac_ctrl_frame_fwd = flow->forward,
		.autoneg = flow->autoneg,
	};
	pthread_mutex_unlock(&pf->lock);
	return pf->gone ? -EIO : 0;
}

/* A low mark of 0 would never be reached again, and PAUSE of no time is the end of one. */
static int
check(struct pf *pf, const struct rte_eth_fc_conf *conf)
{
	uint32_t most = most_bytes(pf) / pf->family->water_unit;
	bool tx = conf->mode == RTE_ETH_FC_TX_PAUSE || conf->mode == RTE_ETH_FC_FULL;

	if (pf->gone)
		return -EIO;
	if ((unsigned int)conf->mode > RTE_ETH_FC_FULL)
		return -EINVAL;
	if (conf->high_water > most || conf->low_water > conf->high_water ||
	    (tx && (conf->low_water == 0 || conf->low_water == conf->high_water))) {
		PF_LOG(ERR, "port %u: water marks %u and %u: the high one is up to %u, in units of"
		       " %u bytes, and above the low one", pf->port_id, conf->high_water,
		       conf->low_water, most, pf->family->water_unit);
		return -EINVAL;
	}
	if (tx && conf->pause_time == 0) {
		PF_LOG(ERR, "port %u: a pause time of 0 stops nobody", pf->port_id);
		return -EINVAL;
	}
	return 0;
}

int
pf_flow_ctrl_set(struct rte_eth_dev *dev, struct rte_eth_fc_conf *conf)
{
	struct pf *pf = pf_of(dev);
	struct flow_control *flow = &pf->flow;
	struct pause_ability before, after;
	int rc = check(pf, conf);

	if (rc < 0)
		return rc;
	pthread_mutex_lock(&pf->lock);
	before = flow_control_ability(flow);
	flow->rx = conf->mode == RTE_ETH_FC_RX_PAUSE || conf->mode == RTE_ETH_FC_FULL;
	flow->tx = conf->mode == RTE_ETH_FC_TX_PAUSE || conf->mode == RTE_ETH_FC_FULL;
	flow->autoneg = conf->autoneg != 0;
	flow->send_xon = conf->send_xon != 0;
	flow->forward = conf->mac_ctrl_frame_fwd != 0;
	flow->pause_time = conf->pause_time;
	flow->high_water = conf->high_water * pf->family->water_unit;
	flow->low_water = conf->low_water * pf->family->water_unit;
	after = flow_control_ability(flow);
	/* A link that is off says it when it comes. */
	if (!pf->link_off && (before.symmetric != after.symmetric ||
			      before.asymmetric != after.asymmetric))
		rc = pf->family->advertise_pause(pf);
	settle(pf);
	pthread_mutex_unlock(&pf->lock);
	return rc;
}
