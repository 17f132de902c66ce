/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The internal copper PHY: MDIO access and autonegotiation (82576 sheet, 2.8).
 */
#include <errno.h>
#include <string.h>

#include "gbe.h"
#include "log.h"
#include "regs_82576.h"

#define MDIC_STEP_US 50
#define MDIC_TRIES   1920

static int
mdic_transfer(struct pf *pf, uint32_t command, uint8_t reg, uint16_t *data)
{
	const struct mmio *io = &pf->port.io;
	uint32_t word = field_set(MDIC_REG, command | MDIC_PHY_INTERNAL, reg);

	reg_write(io, REG_MDIC, field_set(MDIC_DATA, word, *data));
	if (reg_poll(io, REG_MDIC, MDIC_READY, MDIC_READY, MDIC_STEP_US, MDIC_TRIES) < 0)
		return -ETIMEDOUT;
	word = reg_read(io, REG_MDIC);
	/* Another register in the answer: somebody else used MDIC in between. */
	if ((word & MDIC_ERROR) != 0 || field_get(MDIC_REG, word) != reg)
		return -EIO;
	*data = field_get(MDIC_DATA, word);
	return 0;
}

static int
phy_update(struct pf *pf, uint8_t reg, uint16_t clear, uint16_t set)
{
	uint16_t value = 0;
	int rc;

	rc = mdic_transfer(pf, MDIC_READ, reg, &value);
	if (rc < 0)
		return rc;
	value = (value & ~clear) | set;
	return mdic_transfer(pf, MDIC_WRITE, reg, &value);
}

static uint16_t
pause_bits(const struct pf *pf)
{
	struct pause_ability own = flow_control_ability(&pf->flow);

	return (own.symmetric ? ANAR_PAUSE : 0) | (own.asymmetric ? ANAR_ASM_DIR : 0);
}

/* Steps 4 to 6. */
static int
restart_autonegotiation(struct pf *pf)
{
	const struct gbe_phy_step *step = &pf->family->gbe->phy_step;
	int rc;

	rc = phy_update(pf, step->reg, step->clear, step->set);
	if (rc == 0)
		rc = phy_update(pf, PHY_ANAR, ANAR_PAUSE | ANAR_ASM_DIR,
				ANAR_10_100 | pause_bits(pf));
	if (rc == 0)
		rc = phy_update(pf, PHY_1000T_CTL, CTL1000_HD, CTL1000_FD);
	if (rc == 0)
		rc = phy_update(pf, PHY_BMCR, BMCR_PWRDN, BMCR_AN_EN | BMCR_AN_RESTART);
	return rc;
}

/* 2.7: SW_FW_SYNC's bit of this port's PHY. */
static uint32_t
phy_resource(struct pf *pf)
{
	static const uint32_t bit[] = { BIT(1), BIT(2), BIT(5), BIT(6) };

	return bit[gbe_port_number(pf)];
}

static int
stop_link(struct pf *pf)
{
	uint32_t resource = phy_resource(pf);
	int rc = pf_lock_resource(pf, resource);

	if (rc < 0)
		return rc;
	rc = phy_update(pf, PHY_BMCR, 0, BMCR_PWRDN);
	pf_unlock_resource(pf, resource);
	return rc;
}

int
gbe_set_link(struct pf *pf, bool up)
{
	return up ? gbe_start_link(pf) : stop_link(pf);
}

int
gbe_read_partner(struct pf *pf, struct pause_ability *partner)
{
	uint32_t resource = phy_resource(pf), wanted = STATUS_LU | STATUS_FD;
	uint16_t said = 0;
	int rc;

	if ((reg_read(&pf->port.io, REG_STATUS) & wanted) != wanted)
		return -EAGAIN;
	rc = pf_lock_resource(pf, resource);
	if (rc < 0)
		return rc;
	rc = mdic_transfer(pf, MDIC_READ, PHY_LPAR, &said);
	pf_unlock_resource(pf, resource);
	partner->symmetric = (said & ANAR_PAUSE) != 0;
	partner->asymmetric = (said & ANAR_ASM_DIR) != 0;
	return rc;
}

int
gbe_start_link(struct pf *pf)
{
	const struct gbe_row *row = pf->family->gbe;
	const struct mmio *io = &pf->port.io;
	uint32_t resource = phy_resource(pf);
	int rc;

	reg_update(io, REG_CTRL_EXT, CTRL_EXT_PFRSTD | CTRL_EXT_LINK_MODE, 0);
	reg_update(io, REG_CTRL, CTRL_FRCSPD | CTRL_FRCDPX, CTRL_SLU);
	/* Until both ends have agreed on it. */
	pf->flow.rx_on = pf->flow.tx_on = false;
	gbe_write_flow_control(pf, &pf->flow);
	if (row->phy_power_down != 0)
		reg_update(io, row->phy_power, row->phy_power_down, 0);

	rc = pf_lock_resource(pf, resource);
	if (rc < 0)
		return rc;
	rc = restart_autonegotiation(pf);
	pf_unlock_resource(pf, resource);
	if (rc < 0)
		PF_LOG(ERR, "port %u: PHY: %s", pf->port_id, strerror(-rc));
	return rc;
}
