/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Registers and NVM of 82576 and I350 that can be looked at (82576 sheet, 2, 3, 5, 6, 8).
 *
 * Not in the dump: ICR, EICR, the mailboxes' flags, RQDPC and all statistics, which reading clears
 * or might; SWSM, which is taken by being read; UTA, which reads 0 in QEMU.
 */
#include <stdio.h>

#include "gbe.h"
#include "introspect.h"
#include "log.h"
#include "regs_82576.h"

#define NVM_VERSION	  0x05
#define VERSION_MAJOR	  BITS(15, 12)
#define VERSION_MINOR	  BITS(11, 4)
#define NVM_IMAGE	  0x42	/* number of the image: low word, then high */
#define IMAGE_MARK	  BITS(15, 12)	/* of the high word */
#define IMAGE_VALID	  8

static const struct reg_range common[] = {
	{ 0x0000, 1 },		/* CTRL */
	{ 0x0008, 1 },		/* STATUS */
	{ 0x0018, 1 },		/* CTRL_EXT */
	{ 0x0028, 3 },		/* FCAL, FCAH, FCT */
	{ 0x0038, 1 },		/* VET */
	{ 0x00d0, 1 },		/* IMS */
	{ 0x0100, 1 },		/* RCTL */
	{ 0x0170, 1 },		/* FCTTV */
	{ 0x0400, 2 },		/* TCTL, TCTL_EXT */
	{ 0x0c84, 1 },		/* MBVFIMR */
	{ 0x0c8c, 2 },		/* VFRE, VFTE */
	{ 0x0e00, 1 },		/* LEDCTL */
	{ 0x1514, 1 },		/* GPIE */
	{ 0x1524, 1 },		/* EIMS */
	{ 0x152c, 2 },		/* EIAC, EIAM */
	{ 0x1680, 25 },		/* EITR */
	{ 0x1700, 8 },		/* IVAR */
	{ 0x1740, 1 },		/* IVAR_MISC */
	{ 0x2160, 1 },		/* FCRTL */
	{ 0x2168, 1 },		/* FCRTH */
	{ 0x2408, 1 },		/* QDE */
	{ 0x3590, 1 },		/* DTXCTL */
	{ 0x3700, 8 },		/* VMVIR */
	{ 0x5000, 3 },		/* RXCSUM, RLPML, RFCTL */
	{ 0x5200, 128 },	/* MTA */
	{ 0x5400, 32 },		/* RAL, RAH of rows 0 to 15 */
	{ 0x5480, 8 },		/* PSRTYPE */
	{ 0x54e0, 16 },		/* RAL, RAH of rows 16 to 23 */
	{ 0x5600, 128 },	/* VFTA */
	{ 0x5800, 1 },		/* WUC */
	{ 0x5808, 1 },		/* WUFC */
	{ 0x5818, 2 },		/* MRQC, VT_CTL */
	{ 0x5ad0, 8 },		/* VMOLR */
	{ 0x5b54, 1 },		/* FWSM */
	{ 0x5b5c, 1 },		/* SW_FW_SYNC */
	{ 0x5c00, 32 },		/* RETA */
	{ 0x5c80, 10 },		/* RSSRK */
	{ 0x5d00, 32 },		/* VLVF */
};

static const struct reg_range of_82576[] = {
	{ 0x3500, 1 },		/* DTXSWC */
	{ 0x5af0, 1 },		/* RPLOLR */
};

static const struct reg_range of_i350[] = {
	{ 0x0e14, 1 },		/* PHPM */
	{ 0x2508, 1 },		/* DMACR */
	{ 0x5520, 16 },		/* RAL, RAH of rows 24 to 31 */
	{ 0x5acc, 1 },		/* TXSWC */
	{ 0xc038, 8, 0x40 },	/* DVMOLR */
};

/* 2.7. */
static uint32_t
nvm_words(struct pf *pf)
{
	uint32_t exponent = 6 + field_get(EECD_SIZE, reg_read(&pf->port.io, REG_EECD));

	/* Larger ones are flash, of which EERD reaches this much. */
	return UINT32_C(1) << RTE_MIN(exponent, 14u);
}

static int
firmware(struct pf *pf, char *text, size_t size)
{
	uint16_t version, image[2];
	int rc = gbe_read_nvm(pf, NVM_VERSION, &version, 1);

	if (rc == 0)
		rc = gbe_read_nvm(pf, NVM_IMAGE, image, 2);
	if (rc < 0)
		return rc;
	if (field_get(IMAGE_MARK, image[1]) == IMAGE_VALID)
		snprintf(text, size, "%u.%02x, 0x%08x", field_get(VERSION_MAJOR, version),
			 field_get(VERSION_MINOR, version), (uint32_t)image[1] << 16 | image[0]);
	else
		snprintf(text, size, "%u.%02x", field_get(VERSION_MAJOR, version),
			 field_get(VERSION_MINOR, version));
	return 0;
}

#define COMMON \
	.common = { common, ARRAY_LEN(common) }, \
	.nvm_words = nvm_words, \
	.read_nvm = gbe_read_nvm, \
	.firmware = firmware

const struct pf_introspect introspect_82576 = {
	.own = { of_82576, ARRAY_LEN(of_82576) },
	COMMON,
};

const struct pf_introspect introspect_i350 = {
	.own = { of_i350, ARRAY_LEN(of_i350) },
	COMMON,
};
