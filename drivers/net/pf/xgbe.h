/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Bring-up of the 10 Gb/s families: reset, tables, link. Reached only through struct pf_family.
 */
#ifndef SLUICE_XGBE_H
#define SLUICE_XGBE_H

#include <stdbool.h>
#include <stdint.h>

#include "pf.h"

/** What 82599, X540 and X550 do not have in common (82599 sheet, 1.2). */
struct xgbe_row {
	uint16_t rx_buffer_kb;		/**< packet memory of the receiver */
	unsigned int settle_us;		/**< after a reset, before registers are touched */
	bool reset_locks_phy;		/**< RST also resets the PHY that firmware may be using */
	struct reg vf_reset_cause[2];	/**< which VFs were reset: VFs 0..31, 32..63 */
	uint32_t accept_all_unicast;	/**< VMOLR bit of a unicast promiscuous pool */
	bool hide_vlan;			/**< QDE can take a port VLAN's tag off */
	uint32_t rdrxctl;		/**< bits to set with VFs */
	bool other_rates;		/**< LINKS tells 2.5 and 5 Gb/s */
	bool etype_filter;		/**< PAUSE and LLDP are not for VFs to send */
	bool source_pruning;		/**< PFFLP: no pool gets back what it sent by the wire */
};

/** This port's number on the device. */
uint16_t xgbe_port_number(struct pf *pf);
/** Pools are on: there are VFs. */
static inline bool
xgbe_has_pools(const struct pf *pf)
{
	return pf->nb_vfs > 0;
}

/* xgbe_reset.c */
int xgbe_reset(struct pf *pf);

/* xgbe_init.c */
int xgbe_init(struct pf *pf);
int xgbe_read_mac(struct pf *pf, struct mac_addr *mac);

/* xgbe_rx_tx.c: the receiver and transmitter as a whole. */
void xgbe_enable_rx_tx(struct pf *pf, bool on);
/** Let frames of this many bytes in, with CRC. */
void xgbe_write_max_frame(struct pf *pf, uint32_t bytes);
/** @p drop: frames beyond a full queue's buffers are; @p hide_vlan: tags are taken off */
void xgbe_write_queue_drop(struct pf *pf, uint16_t queue, bool drop, bool hide_vlan);

/* xgbe_link.c */
int xgbe_start_link(struct pf *pf);
int xgbe_set_link(struct pf *pf, bool up);
void xgbe_read_link(struct pf *pf, struct rte_eth_link *link);

/* xgbe_flow.c */
uint32_t xgbe_rx_buffer_bytes(struct pf *pf);
void xgbe_write_flow_control(struct pf *pf, const struct flow_control *flow);
int xgbe_advertise_pause(struct pf *pf);
int xgbe_read_partner(struct pf *pf, struct pause_ability *partner);

/* xgbe_phy.c */
int xgbe_start_phy(struct pf *pf);
/** What the other end of the cable said of PAUSE. */
int xgbe_read_phy_partner(struct pf *pf, struct pause_ability *partner);
/** Low power: no link. @return 0; -EBUSY firmware wants it; -errno */
int xgbe_stop_phy(struct pf *pf);

/* xgbe_i2c.c */
/** A byte of the module in the cage. @return 0, or -EIO: there is none */
int xgbe_read_module(struct pf *pf, uint8_t address, uint8_t *byte);
/** Some of them, of one of its devices: 0xa0 is what it is, 0xa2 how it fares. */
int xgbe_read_module_bytes(struct pf *pf, uint8_t device, uint8_t from, uint8_t *bytes,
			   unsigned int nb);

/* xgbe_sfp.c */
int xgbe_start_sfp(struct pf *pf);

/* counters_82599.c */
#define NB_COUNTERS_82599 45
extern const struct pf_counter counters_82599[NB_COUNTERS_82599];

#endif /* SLUICE_XGBE_H */
