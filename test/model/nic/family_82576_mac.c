/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Control, link, PHY, NVM and semaphores of the 82576 and I350 (2 of the sheet).
 */

#include <string.h>

#include "family_82576.h"
#include "mailbox.h"
#include "regs_82576.h"

#define NS_PER_US 1000

/* --- NVM (2.7) --- */

#define NVM_INIT_CONTROL_2   0x0f
#define NVM_SYMMETRIC_PAUSE  0x1000
#define NVM_ALTERNATE_MAC    0x37
#define NVM_CHECKSUM	     0x3f
#define NVM_CHECKSUM_TARGET  0xbaba
#define NVM_REGION_WORDS     0x40

static void
checksum_region(uint16_t *word)
{
	uint16_t sum = 0;

	for (unsigned int i = 0; i < NVM_CHECKSUM; i++)
		sum += word[i];
	word[NVM_CHECKSUM] = NVM_CHECKSUM_TARGET - sum;
}

void
gbe_create_nvm(struct nic *nic)
{
	uint16_t *nvm = gbe_of(nic)->nvm;

	memset(nvm, 0, sizeof(gbe_of(nic)->nvm));
	for (unsigned int i = 0; i < MAC_LEN / 2; i++)
		nvm[i] = nic->mac[2 * i] | nic->mac[2 * i + 1] << 8;
	nvm[NVM_INIT_CONTROL_2] = NVM_SYMMETRIC_PAUSE;
	nvm[NVM_ALTERNATE_MAC] = 0xffff;
	/* The first region is followed by a gap: base = port ? 0x40 + 0x40 * port : 0. */
	for (unsigned int r = 0; r < gbe_traits(nic)->nvm_regions; r++)
		checksum_region(&nvm[r == 0 ? 0 : NVM_REGION_WORDS * (r + 1)]);
}

void
write_eerd(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	uint32_t address = FIELD(written, 15, 2);
	uint16_t word = 0xffff;

	(void)i;
	(void)old;
	if ((written & EERD_START) == 0)
		return;
	if (address < GBE_NVM_WORDS)
		word = gbe_of(fn->nic)->nvm[address];
	*pf_csr(fn->nic, EERD) = (uint32_t)word << 16 | address << 2 | EERD_DONE;
}

uint32_t
read_eecd(struct function *fn, unsigned int i, uint32_t value)
{
	(void)fn;
	(void)i;
	return value & EECD_REQ ? value | EECD_GNT : value & ~EECD_GNT;
}

/* --- PHY (2.8) --- */

enum { BMCR = 0, BMSR = 1, PHY_ID_1 = 2, PHY_ID_2 = 3, ANAR = 4, LPAR = 5, ANER = 6,
       CTL1000 = 9, STS1000 = 10, EXTENDED_STATUS = 15,
       IGP_PORT_CONFIG = 0x10, IGP_PORT_STATUS = 0x11, PHY_STATUS_2 = 0x1a, IGP_POWER = 0x19,
       IGP_PAGE = 0x1f };

#define BMCR_RESET	 0x8000
#define BMCR_AN_EN	 0x1000
#define BMCR_PWRDN	 0x0800
#define BMCR_AN_RESTART	 0x0200
#define BMCR_DEFAULT	 0x1140	/* autonegotiation, full duplex, 1000 Mb/s */
#define BMSR_LINK	 0x0004
#define BMSR_AN_COMPLETE 0x0020
#define PORT_STATUS_UP	 0xc200	/* 1000 Mb/s, full duplex */
#define STATUS_2_1000	 0x0200
#define IGP_GAIN	 0x1400	/* of each pair, at 0x11b1 and so on: some 10 m of cable */
#define INTERNAL_PHY	 1

static void
reset_phy(struct nic *nic)
{
	uint16_t *phy = gbe_of(nic)->phy;
	uint32_t id = gbe_traits(nic)->phy_id;

	memset(phy, 0, sizeof(gbe_of(nic)->phy));
	memset(gbe_of(nic)->paged, 0, sizeof(gbe_of(nic)->paged));
	gbe_of(nic)->link_was_lost = true;
	gbe_of(nic)->paged[IGP_PORT_STATUS] = IGP_GAIN;
	phy[BMCR] = BMCR_DEFAULT;
	phy[BMSR] = 0x7949;	/* all that 10 and 100 Mb/s have, extended status, autonegotiates */
	phy[PHY_ID_1] = id >> 16;
	phy[PHY_ID_2] = id & 0xffff;
	phy[ANAR] = 0x0de1;	/* 10 and 100 Mb/s in both duplexes, both kinds of pause */
	phy[LPAR] = 0xc5e1;
	phy[ANER] = 0x0005;
	phy[CTL1000] = 0x0300;
	phy[STS1000] = 0x3c00;	/* both receivers fine, partner has 1000 Mb/s */
	phy[EXTENDED_STATUS] = 0x3000;
	phy[IGP_PORT_CONFIG] = 0x0120;
	phy[IGP_POWER] = 0x000d;	/* D3_LPLU */
}

/** Registers above 0xf of other pages are selected by their full number. */
static uint16_t *
phy_register(struct gbe *gbe, unsigned int number)
{
	uint16_t page = gbe->phy[IGP_PAGE];

	if (number != IGP_PAGE && page >= GBE_PHY_REGS && page % GBE_PHY_REGS == number)
		return &gbe->paged[number];
	return &gbe->phy[number];
}

static uint16_t
phy_read(struct nic *nic, unsigned int number)
{
	struct gbe *gbe = gbe_of(nic);
	uint16_t value = *phy_register(gbe, number);
	bool up = nic->port.link_up;

	if (phy_register(gbe, number) == &gbe->phy[BMSR]) {
		if (up && !gbe->link_was_lost)
			value |= BMSR_LINK;
		gbe->link_was_lost = false;
		return up ? value | BMSR_AN_COMPLETE : value;
	}
	if (phy_register(gbe, number) == &gbe->phy[IGP_PORT_STATUS])
		return up ? PORT_STATUS_UP : 0;
	if (phy_register(gbe, number) == &gbe->phy[PHY_STATUS_2] && gbe_traits(nic)->link_power)
		return up ? STATUS_2_1000 : 0;
	return value;
}

static void
phy_write(struct nic *nic, unsigned int number, uint16_t value)
{
	struct gbe *gbe = gbe_of(nic);
	uint16_t *cell = phy_register(gbe, number);
	static const uint32_t read_only = BIT(BMSR) | BIT(PHY_ID_1) | BIT(PHY_ID_2) | BIT(LPAR) |
					  BIT(STS1000);

	if (cell != &gbe->phy[number] || (read_only >> number & 1) == 0)
		*cell = value;
	if (cell != &gbe->phy[BMCR])
		return;
	if (value & BMCR_RESET)
		reset_phy(nic);
	gbe->phy[BMCR] &= ~(BMCR_RESET | BMCR_AN_RESTART);
	gbe_link_cause(nic);
}

void
write_mdic(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	struct nic *nic = fn->nic;
	uint32_t number = FIELD(written, 20, 16), op = FIELD(written, 27, 26);
	uint32_t result = (written & 0x0fffffff) | MDIC_READY;

	(void)i;
	(void)old;
	/* An I350 has the address in MDICNFG instead. */
	if (FIELD(written, 25, 21) != INTERNAL_PHY && !gbe_traits(nic)->link_power)
		result |= MDIC_ERROR;
	else if (op == MDIC_OP_WRITE)
		phy_write(nic, number, written & 0xffff);
	else if (op == MDIC_OP_READ)
		result = (result & ~0xffffu) | phy_read(nic, number);
	*pf_csr(nic, MDIC) = result;
}

/* --- Link --- */

static bool
link_is_wanted(struct nic *nic)
{
	uint32_t ctrl = *pf_csr(nic, CTRL);

	return (ctrl & CTRL_SLU) != 0 && (ctrl & CTRL_PHY_RST) == 0 &&
	       (gbe_of(nic)->phy[BMCR] & BMCR_PWRDN) == 0 &&
	       (!gbe_traits(nic)->link_power || (*pf_csr(nic, PHPM) & PHPM_GO_LINKD) == 0);
}

void
gbe_link_cause(struct nic *nic)
{
	struct gbe *gbe = gbe_of(nic);
	uint32_t mbps = link_is_wanted(nic) ? nic->port.link_mbps : 0;

	nic->port.link_up = mbps != 0;
	if (gbe->told_mbps == mbps)
		return;
	gbe->told_mbps = mbps;
	if (mbps == 0)
		gbe->link_was_lost = true;
	gbe_decode_rates(nic);
	nic_changed(nic);
	gbe_other_cause(nic, ICR_LSC);
}

void
write_phpm(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)i;
	(void)old;
	(void)written;
	gbe_link_cause(fn->nic);
}

static uint32_t
link_status(struct nic *nic)
{
	uint32_t speed = nic->port.link_mbps >= 1000 ? 2 : nic->port.link_mbps >= 100 ? 1 : 0;

	return nic->port.link_up ? STATUS_LU | STATUS_FD | speed << STATUS_SPEED_SHIFT : 0;
}

uint32_t
read_status(struct function *fn, unsigned int i, uint32_t value)
{
	struct nic *nic = fn->nic;

	(void)i;
	value |= link_status(nic) | STATUS_INIT_DONE | nic->nb_vfs << STATUS_VFS_SHIFT;
	if (nic->nb_vfs != 0)
		value |= STATUS_IOV_MODE;
	if ((*pf_csr(nic, CTRL) & CTRL_MASTER_DIS) == 0 && nic->pf.bus_master)
		value |= STATUS_MASTER_EN;
	return value;
}

uint32_t
read_vf_status(struct function *fn, unsigned int i, uint32_t value)
{
	(void)i;
	(void)value;
	return link_status(fn->nic);
}

/* --- Control (2.1, 2.2) --- */

static void
load_mac(struct nic *nic)
{
	const uint16_t *nvm = gbe_of(nic)->nvm;

	*pf_csr(nic, RAL) = (uint32_t)nvm[1] << 16 | nvm[0];
	*pf_csr(nic, RAH) = RAH_AV | nvm[2];
	gbe_decode_rar(nic, 0);
}

void
write_ctrl(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	struct nic *nic = fn->nic;
	bool device = (written & CTRL_DEV_RST) != 0 && gbe_traits(nic)->device_reset;

	(void)i;
	if ((written & CTRL_RST) != 0 || device) {
		nic_reset(nic, RESET_PF_SOFTWARE, 0);
		if (device)
			*pf_csr(nic, STATUS) |= STATUS_DEV_RST_SET;
		return;
	}
	if ((old & ~written & CTRL_PHY_RST) != 0)
		reset_phy(nic);
	gbe_decode_port(nic);
	gbe_decode_queues(nic);
	gbe_link_cause(nic);
}

void
write_ctrl_ext(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	struct nic *nic = fn->nic;

	(void)i;
	(void)old;
	*pf_csr(nic, CTRL_EXT) &= ~(CTRL_EXT_PFRSTD | CTRL_EXT_EE_RST);
	if (written & CTRL_EXT_EE_RST)
		load_mac(nic);
	gbe_decode_port(nic);
	if (written & CTRL_EXT_PFRSTD)
		for (unsigned int vf = 0; vf < nic->family->max_vfs; vf++)
			mailbox_reset_in_progress(nic, vf, false);
}

/* 6.6: of VF i, by the PF or by itself. */
void
write_vtctrl(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)old;
	if (written & CTRL_RST)
		nic_reset(fn->nic, RESET_VF, i);
}

/** The PF's look at a VF's mailbox register takes nothing from the VF. */
uint32_t
read_v2pmailbox(struct function *fn, unsigned int i, uint32_t value)
{
	struct nic *nic = fn->nic;
	bool was = nic->peeking;

	nic->peeking = true;
	value = vfmailbox_read(&nic->vf[i], 0, value);
	nic->peeking = was;
	return value;
}

/* --- Semaphores (2.7), timer --- */

uint32_t
read_swsm(struct function *fn, unsigned int i, uint32_t value)
{
	(void)i;
	/* Whoever reads 0 has it. */
	if (!fn->nic->peeking)
		*pf_csr(fn->nic, SWSM) |= SWSM_SMBI;
	return value;
}

uint32_t
read_frtimer(struct function *fn, unsigned int i, uint32_t value)
{
	(void)i;
	(void)value;
	return nic_now_ns(fn->nic) / NS_PER_US;
}

void
gbe_reset_mac(struct nic *nic, enum reset_kind kind)
{
	/* CTRL.RST leaves the PHY alone. */
	if (kind == RESET_POWER) {
		gbe_create_nvm(nic);
		reset_phy(nic);
	}
	load_mac(nic);
	/* The interrupt that a lost link would raise is masked by now. */
	gbe_link_cause(nic);
	*pf_csr(nic, ICR) = 0;
}
