/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Registers, NVM and module of 82599, X540 and X550 that can be looked at (82599 sheet, 2 to 8).
 *
 * Not in the dump: EICR, EICS, the mailboxes' flags and all statistics, which reading clears or
 * might; LINKS, which keeps a loss of the link until it is read; SWSM, and SW_FW_SYNC on X540 and
 * X550, which are taken by being read. The X550 has its NVM read by firmware only (2.3), which this
 * driver does not ask.
 */
#include <stdio.h>

#include "introspect.h"
#include "log.h"
#include "regs_82599.h"
#include "xgbe.h"

#define NVM_IMAGE    0x2d	/* number of the image: low word, then high */
#define EERD_STEP_US 5
#define EERD_TRIES   100000

static const struct reg_range common[] = {
	{ 0x00000, 1 },		/* CTRL */
	{ 0x00008, 1 },		/* STATUS */
	{ 0x00018, 1 },		/* CTRL_EXT */
	{ 0x00020, 1 },		/* ESDP */
	{ 0x00200, 1 },		/* LEDCTL */
	{ 0x00810, 1 },		/* EIAC */
	{ 0x00820, 24 },	/* EITR */
	{ 0x00880, 1 },		/* EIMS */
	{ 0x00890, 1 },		/* EIAM */
	{ 0x00898, 1 },		/* GPIE */
	{ 0x00900, 64 },	/* IVAR */
	{ 0x00a00, 1 },		/* IVAR_MISC */
	{ 0x00aa0, 2 },		/* EIMS_EX */
	{ 0x00ad0, 2 },		/* EIAM_EX */
	{ 0x02300, 32 },	/* RQSMR */
	{ 0x02f00, 1 },		/* RDRXCTL */
	{ 0x03000, 1 },		/* RXCTRL */
	{ 0x03200, 4 },		/* FCTTV */
	{ 0x03220, 8 },		/* FCRTL */
	{ 0x03260, 8 },		/* FCRTH */
	{ 0x03c00, 8 },		/* RXPBSIZE */
	{ 0x03d00, 1 },		/* FCCFG */
	{ 0x04240, 1 },		/* HLREG0 */
	{ 0x04268, 1 },		/* MAXFRS */
	{ 0x04294, 1 },		/* MFLCN */
	{ 0x04900, 1 },		/* RTTDCS */
	{ 0x04950, 8 },		/* TXPBTHRESH */
	{ 0x04a80, 1 },		/* DMATXCTL */
	{ 0x05000, 1 },		/* RXCSUM */
	{ 0x05080, 1 },		/* FCTRL */
	{ 0x05088, 1 },		/* VLNCTRL */
	{ 0x05090, 1 },		/* MCSTCTRL */
	{ 0x051b0, 1 },		/* VT_CTL */
	{ 0x051e0, 2 },		/* VFRE */
	{ 0x05200, 128 },	/* MTA */
	{ 0x05818, 1 },		/* MRQC */
	{ 0x05c00, 32 },	/* RETA */
	{ 0x05c80, 10 },	/* RSSRK */
	{ 0x08000, 64 },	/* VMVIR */
	{ 0x08110, 2 },		/* VFTE */
	{ 0x08120, 1 },		/* MTQC */
	{ 0x08200, 8 },		/* PFVFSPOOF */
	{ 0x08220, 1 },		/* PFDTXGSWC */
	{ 0x0a000, 128 },	/* VFTA */
	{ 0x0a200, 256 },	/* RAL, RAH */
	{ 0x0a600, 256 },	/* MPSAR */
	{ 0x0cc00, 8 },		/* TXPBSIZE */
	{ 0x0ea00, 64 },	/* PSRTYPE */
	{ 0x0f000, 64 },	/* VMOLR */
	{ 0x0f100, 64 },	/* VLVF */
	{ 0x0f200, 128 },	/* VLVFB */
	{ 0x0f400, 128 },	/* UTA */
	{ 0x10148, 1 },		/* FWSM */
	{ 0x11050, 1 },		/* GCR_EXT */
};

/* The part of the link that is not a PHY; and what X540 and X550 take by reading it. */
static const struct reg_range of_82599[] = {
	{ 0x042a0, 1 },		/* AUTOC */
	{ 0x042a8, 1 },		/* AUTOC2 */
	{ 0x10160, 1 },		/* SW_FW_SYNC */
};

static const struct reg_range of_x550[] = {
	{ 0x0507c, 1 },		/* VXLANCTRL */
};

/* 2.3. */
static uint32_t
nvm_words(struct pf *pf)
{
	uint32_t exponent = 6 + field_get(EEC_SIZE, reg_read(&pf->port.io, REG_EEC));

	/* EERD reaches no more. */
	return UINT32_C(1) << RTE_MIN(exponent, 14u);
}

static int
read_nvm(struct pf *pf, uint16_t address, uint16_t *words, unsigned int nb)
{
	const struct mmio *io = &pf->port.io;
	int rc = pf_lock_resource(pf, SYNC_NVM);

	if (rc < 0)
		return rc;
	for (unsigned int i = 0; i < nb && rc == 0; i++) {
		reg_write(io, REG_EERD, field_set(EERD_ADDRESS, EERD_START, address + i));
		rc = reg_poll(io, REG_EERD, EERD_DONE, EERD_DONE, EERD_STEP_US, EERD_TRIES);
		if (rc == 0)
			words[i] = field_get(EERD_DATA, reg_read(io, REG_EERD));
	}
	pf_unlock_resource(pf, SYNC_NVM);
	return rc;
}

static int
firmware(struct pf *pf, char *text, size_t size)
{
	uint16_t image[2];
	int rc = read_nvm(pf, NVM_IMAGE, image, 2);

	if (rc == 0)
		snprintf(text, size, "0x%08x", (uint32_t)image[1] << 16 | image[0]);
	return rc;
}

#define COMMON .common = { common, ARRAY_LEN(common) }

const struct pf_introspect introspect_82599 = {
	.own = { of_82599, ARRAY_LEN(of_82599) },
	.nvm_words = nvm_words,
	.read_nvm = read_nvm,
	.firmware = firmware,
	.read_module = xgbe_read_module_bytes,
	COMMON,
};

const struct pf_introspect introspect_x540 = {
	.nvm_words = nvm_words,
	.read_nvm = read_nvm,
	.firmware = firmware,
	COMMON,
};

const struct pf_introspect introspect_x550 = {
	.own = { of_x550, ARRAY_LEN(of_x550) },
	COMMON,
};
