/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The internal 10GBASE-T PHY of X540 and X550 (82599 sheet, 2.8).
 *
 * The MAC follows it by itself; it has only to be awake, and to say what of PAUSE is wanted.
 */
#include <errno.h>
#include <string.h>

#include "log.h"
#include "regs_82599.h"
#include "xgbe.h"

#define MDIO_STEP_US  10
#define MDIO_TRIES    100
#define MDIO_PHYS     32

#define DEVICE_PMA    1
#define PMA_ID	      2
#define DEVICE_AN     7
#define AN_CONTROL    0x00
#define AN_RESTART    BIT(9)
#define AN_ENABLE     BIT(12)
#define AN_ADVERTISE  0x10
#define AN_PAUSE      BIT(10)
#define AN_ASM_DIR    BIT(11)
#define AN_PARTNER    0x13
#define AN_100M	      BIT(8)
#define AN_10G_CONTROL 0x20
#define AN_10G	      BIT(12)
#define AN_VENDOR     0xc400
#define AN_1G	      BIT(15)
#define DEVICE_VENDOR 30
#define VENDOR_POWER  0x00
#define LOW_POWER     BIT(11)

/* A register of the PHY. */
struct phy_reg {
	uint8_t device;
	uint16_t address;
};

static int
mdio_command(const struct mmio *io, uint8_t phy, struct phy_reg reg, uint32_t op)
{
	uint32_t word = field_set(MSCA_OP, MSCA_GO, op);

	word = field_set(MSCA_ADDRESS, word, reg.address);
	word = field_set(MSCA_DEVICE, word, reg.device);
	reg_write(io, REG_MSCA, field_set(MSCA_PHY, word, phy));
	return reg_poll(io, REG_MSCA, MSCA_GO, 0, MDIO_STEP_US, MDIO_TRIES);
}

static int
phy_read(const struct mmio *io, uint8_t phy, struct phy_reg reg, uint16_t *value)
{
	int rc = mdio_command(io, phy, reg, MSCA_OP_ADDRESS);

	if (rc == 0)
		rc = mdio_command(io, phy, reg, MSCA_OP_READ);
	if (rc == 0)
		*value = field_get(MSRWD_READ, reg_read(io, REG_MSRWD));
	return rc;
}

static int
phy_update(const struct mmio *io, uint8_t phy, struct phy_reg reg, uint16_t clear, uint16_t set)
{
	uint16_t value = 0;
	int rc = phy_read(io, phy, reg, &value);

	if (rc < 0)
		return rc;
	reg_write(io, REG_MSRWD, field_set(MSRWD_WRITE, 0, (value & ~clear) | set));
	rc = mdio_command(io, phy, reg, MSCA_OP_ADDRESS);
	return rc < 0 ? rc : mdio_command(io, phy, reg, MSCA_OP_WRITE);
}

/* An address at which nobody is reads all zeros or all ones. */
static int
find_phy(const struct mmio *io, uint8_t *phy)
{
	uint16_t id;

	for (*phy = 0; *phy < MDIO_PHYS; (*phy)++)
		if (phy_read(io, *phy, (struct phy_reg){ DEVICE_PMA, PMA_ID }, &id) == 0 &&
		    id != 0 && id != UINT16_MAX)
			return 0;
	return -ENODEV;
}

static int
wake_and_negotiate(struct pf *pf)
{
	struct pause_ability own = flow_control_ability(&pf->flow);
	uint16_t pauses = (own.symmetric ? AN_PAUSE : 0) | (own.asymmetric ? AN_ASM_DIR : 0);
	const struct {
		struct phy_reg reg;
		uint16_t clear, set;
	} steps[] = {
		{ { DEVICE_VENDOR, VENDOR_POWER }, LOW_POWER, 0 },
		{ { DEVICE_AN, AN_10G_CONTROL }, 0, AN_10G },
		{ { DEVICE_AN, AN_VENDOR }, 0, AN_1G },
		{ { DEVICE_AN, AN_ADVERTISE }, AN_PAUSE | AN_ASM_DIR, AN_100M | pauses },
		{ { DEVICE_AN, AN_CONTROL }, 0, AN_ENABLE | AN_RESTART },
	};
	const struct mmio *io = &pf->port.io;
	uint8_t phy;
	int rc = find_phy(io, &phy);

	for (size_t i = 0; rc == 0 && i < ARRAY_LEN(steps); i++)
		rc = phy_update(io, phy, steps[i].reg, steps[i].clear, steps[i].set);
	return rc;
}

int
xgbe_stop_phy(struct pf *pf)
{
	static const struct phy_reg power = { DEVICE_VENDOR, VENDOR_POWER };
	uint32_t resource = SYNC_PHY(xgbe_port_number(pf));
	uint8_t phy;
	int rc;

	if ((reg_read(&pf->port.io, REG_MMNGC) & MMNGC_VETO) != 0)
		return -EBUSY;
	rc = pf_lock_resource(pf, resource);
	if (rc < 0)
		return rc;
	rc = find_phy(&pf->port.io, &phy);
	if (rc == 0)
		rc = phy_update(&pf->port.io, phy, power, 0, LOW_POWER);
	pf_unlock_resource(pf, resource);
	return rc;
}

int
xgbe_read_phy_partner(struct pf *pf, struct pause_ability *partner)
{
	static const struct phy_reg reg = { DEVICE_AN, AN_PARTNER };
	uint32_t resource = SYNC_PHY(xgbe_port_number(pf));
	uint16_t said = 0;
	uint8_t phy;
	int rc = pf_lock_resource(pf, resource);

	if (rc < 0)
		return rc;
	rc = find_phy(&pf->port.io, &phy);
	if (rc == 0)
		rc = phy_read(&pf->port.io, phy, reg, &said);
	pf_unlock_resource(pf, resource);
	partner->symmetric = (said & AN_PAUSE) != 0;
	partner->asymmetric = (said & AN_ASM_DIR) != 0;
	return rc;
}

int
xgbe_start_phy(struct pf *pf)
{
	uint32_t resource = SYNC_PHY(xgbe_port_number(pf));
	int rc;

	/* The firmware's own traffic is on this link. */
	if ((reg_read(&pf->port.io, REG_MMNGC) & MMNGC_VETO) != 0)
		return 0;
	rc = pf_lock_resource(pf, resource);
	if (rc < 0)
		return rc;
	rc = wake_and_negotiate(pf);
	pf_unlock_resource(pf, resource);
	/* The NVM lets the PHY negotiate by itself, which may well have done. */
	if (rc < 0)
		PF_LOG(WARNING, "port %u: PHY left as it is: %s", pf->port_id, strerror(-rc));
	return 0;
}
