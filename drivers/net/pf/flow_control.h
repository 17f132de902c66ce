/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * 802.3x flow control of the port: PAUSE frames that are heeded, and that are sent.
 *
 * Off unless ethdev asks for it: a port that heeds PAUSE lets one stalled VF stop all. What was
 * asked for outlasts stop, start and reset; what is in force follows the link's other end.
 */
#ifndef SLUICE_PF_FLOW_CONTROL_H
#define SLUICE_PF_FLOW_CONTROL_H

#include <stdbool.h>
#include <stdint.h>

struct pf;
struct rte_eth_dev;
struct rte_eth_fc_conf;

struct flow_control {
	/* As asked for. */
	bool rx, tx;			/**< heed PAUSE frames; send them */
	bool autoneg;			/**< no more than the other end agrees to */
	bool send_xon, forward;		/**< forward: other MAC control frames, to the host */
	uint16_t pause_time;		/**< of a frame that is sent, in 512 bit times */
	uint32_t high_water, low_water;	/**< bytes in the Rx packet buffer */

	bool rx_on, tx_on;		/**< in force */
};

/** What an end of a link says of itself while it negotiates (802.3, annex 28B). */
struct pause_ability {
	bool symmetric, asymmetric;
};

/** Off, with marks that fit the device. */
void flow_control_init(struct pf *pf);

/** What this end says. */
struct pause_ability flow_control_ability(const struct flow_control *flow);

/** The link may be another one now: put in force what both its ends want. */
void flow_control_settle(struct pf *pf);

int pf_flow_ctrl_get(struct rte_eth_dev *dev, struct rte_eth_fc_conf *conf);
int pf_flow_ctrl_set(struct rte_eth_dev *dev, struct rte_eth_fc_conf *conf);

#endif /* SLUICE_PF_FLOW_CONTROL_H */
