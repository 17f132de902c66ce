/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The link of a 10 Gb/s port: started by what its cable needs, and read (82599 sheet, 2.8).
 */
#include <errno.h>

#include "log.h"
#include "regs_82599.h"
#include "xgbe.h"

/* The NVM says which lanes and speeds a backplane has. */
static int
start_backplane(struct pf *pf)
{
	struct pause_ability own = flow_control_ability(&pf->flow);
	const struct mmio *io = &pf->port.io;
	uint32_t pauses = (own.symmetric ? AUTOC_PAUSE : 0) |
			  (own.asymmetric ? AUTOC_ASM_DIR : 0);

	reg_update(io, REG_AUTOC2, AUTOC2_LINK_DISABLE, 0);
	reg_update(io, REG_AUTOC, AUTOC_PAUSE | AUTOC_ASM_DIR, pauses | AUTOC_AN_RESTART);
	return 0;
}

int
xgbe_start_link(struct pf *pf)
{
	static int (*const start[])(struct pf *pf) = {
		[MEDIA_COPPER] = xgbe_start_phy,
		[MEDIA_SFP] = xgbe_start_sfp,
		[MEDIA_BACKPLANE] = start_backplane,
	};

	return start[pf->media](pf);
}

/* A direct-attach cable has no laser to switch off, and no register takes its link down. */
int
xgbe_set_link(struct pf *pf, bool up)
{
	if (pf->media != MEDIA_COPPER)
		return -ENOTSUP;
	return up ? xgbe_start_phy(pf) : xgbe_stop_phy(pf);
}

static uint32_t
speed_of(const struct pf *pf, uint32_t links)
{
	static const uint32_t usual[] = {
		RTE_ETH_SPEED_NUM_10M, RTE_ETH_SPEED_NUM_100M,
		RTE_ETH_SPEED_NUM_1G, RTE_ETH_SPEED_NUM_10G,
	};
	static const uint32_t other[] = {
		RTE_ETH_SPEED_NUM_10M, RTE_ETH_SPEED_NUM_5G,
		RTE_ETH_SPEED_NUM_1G, RTE_ETH_SPEED_NUM_2_5G,
	};
	uint32_t field = field_get(LINKS_SPEED, links);

	if (pf->family->xgbe->other_rates && (links & LINKS_OTHER_RATE) != 0)
		return other[field];
	return usual[field];
}

void
xgbe_read_link(struct pf *pf, struct rte_eth_link *link)
{
	const struct mmio *io = &pf->port.io;
	uint32_t links;

	reg_read(io, REG_LINKS);	/* what was down meanwhile: this read forgets it */
	links = reg_read(io, REG_LINKS);
	link->link_autoneg = RTE_ETH_LINK_AUTONEG;
	if (links == REG_ALL_ONES || (links & LINKS_UP) == 0) {
		link->link_status = RTE_ETH_LINK_DOWN;
		link->link_speed = RTE_ETH_SPEED_NUM_NONE;
		link->link_duplex = RTE_ETH_LINK_HALF_DUPLEX;
		return;
	}
	link->link_status = RTE_ETH_LINK_UP;
	link->link_speed = speed_of(pf, links);
	link->link_duplex = RTE_ETH_LINK_FULL_DUPLEX;
}
