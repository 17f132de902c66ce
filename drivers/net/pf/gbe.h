/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Bring-up of the 1 Gb/s family: reset, NVM, PHY. Reached only through struct pf_family.
 */
#ifndef SLUICE_GBE_H
#define SLUICE_GBE_H

#include <stdbool.h>
#include <stdint.h>

#include "pf.h"

/** One register of the PHY: what its set-up clears and sets. */
struct gbe_phy_step {
	uint8_t reg;
	uint16_t clear, set;
};

/** What 82576 and I350 do not have in common (82576 sheet, where it says [I350]). */
struct gbe_row {
	unsigned int settle_us;		/**< after a reset, before registers are touched */
	uint32_t reset_done;		/**< STATUS bit of a reset's end, cleared by a 1; 0: none */
	bool alternate_mac;		/**< a board's second address is software's to look for */
	/** NVM words of a port's block: port p's is the (p + 1)th; 0: port 0 has the only one */
	uint16_t nvm_port_words;
	const uint8_t *rx_buffer_kb;	/**< by RXPBS's code, where that is not the size itself */
	uint8_t nb_rx_buffer_kb;
	struct gbe_phy_step phy_step;	/**< before autonegotiation */
	struct reg phy_power;		/**< its power bits, where they are outside of the PHY */
	uint32_t phy_power_down;	/**< bits there to clear; 0: they are in the PHY */
	struct reg dma_coalescing;	/**< 0: none */
	unsigned int vfta_writes;	/**< of one word, as some of them are lost */
	struct reg tx_switch;		/**< DTXSWC or TXSWC */
	uint32_t pool_accept;		/**< VMOLR bits of every pool */
	uint32_t accept_all_multicast, accept_all_unicast;	/**< VMOLR bits of such a pool */
	bool strip_by_queue;		/**< DVMOLR takes tags off, else VMOLR and RPLOLR */
};

/** This port's number on the device (STATUS.FUNC). */
uint16_t gbe_port_number(struct pf *pf);

/* reset.c */
int gbe_reset(struct pf *pf);

/* init.c */
int gbe_init(struct pf *pf);

/* nvm.c */
/** Words @p address on, under the lock that firmware knows. */
int gbe_read_nvm(struct pf *pf, uint16_t address, uint16_t *words, unsigned int nb);
int gbe_read_mac(struct pf *pf, struct mac_addr *mac);

/* phy.c */
int gbe_start_link(struct pf *pf);
int gbe_set_link(struct pf *pf, bool up);
/** What the other end of the link said of PAUSE. @return -EAGAIN: there is none, or half a link */
int gbe_read_partner(struct pf *pf, struct pause_ability *partner);

/* gbe_flow.c */
uint32_t gbe_rx_buffer_bytes(struct pf *pf);
void gbe_write_flow_control(struct pf *pf, const struct flow_control *flow);
/** Which queues drop what they have no descriptor for. */
void gbe_write_drop(struct pf *pf, uint16_t pool);

/* counters_82576.c */
#define NB_COUNTERS_82576 51
extern const struct pf_counter counters_82576[NB_COUNTERS_82576];

#endif /* SLUICE_GBE_H */
