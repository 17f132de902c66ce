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

/** This port's number on the device (STATUS.FUNC). */
uint16_t gbe_port_number(struct pf *pf);

/* reset.c */
int gbe_reset(struct pf *pf);

/* init.c */
int gbe_init(struct pf *pf);

/* nvm.c */
int gbe_read_mac(struct pf *pf, struct mac_addr *mac);

/* phy.c */
int gbe_start_link(struct pf *pf);

/* semaphore.c: a resource shared with firmware and the other ports; bit of SW_FW_SYNC. */
int gbe_lock_resource(struct pf *pf, uint32_t bit);
void gbe_unlock_resource(struct pf *pf, uint32_t bit);
/** The bit of this port's PHY. */
uint32_t gbe_phy_resource(struct pf *pf);

/* counters_82576.c */
#define NB_COUNTERS_82576 51
extern const struct pf_counter counters_82576[NB_COUNTERS_82576];

#endif /* SLUICE_GBE_H */
