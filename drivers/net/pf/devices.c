/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Which devices net_sluice_pf takes, and what they are (82576 sheet, 1.1; 82599 sheet, 1.1).
 *
 * Not here, for want of the link code they need: 82576 and I350 with fiber, SerDes or SGMII; of the
 * 82599 the ports with an external 10GBASE-T PHY, CX4, QSFP and the bypass adapter; all of X550EM.
 */
#include "pf.h"
#include "pf_probe.h"

#define VENDOR_INTEL 0x8086

/* One list, two tables: the bus wants its own format. */
#define DEVICES(X) \
	X(0x10c9, pf_family_82576, MEDIA_COPPER) \
	X(0x10e8, pf_family_82576, MEDIA_COPPER) \
	X(0x1526, pf_family_82576, MEDIA_COPPER) \
	X(0x150a, pf_family_82576, MEDIA_COPPER) \
	X(0x1521, pf_family_i350, MEDIA_COPPER) \
	X(0x10f7, pf_family_82599, MEDIA_BACKPLANE)	/* KX4 */ \
	X(0x10f8, pf_family_82599, MEDIA_BACKPLANE)	/* combined */ \
	X(0x10fc, pf_family_82599, MEDIA_BACKPLANE)	/* XAUI */ \
	X(0x1514, pf_family_82599, MEDIA_BACKPLANE)	/* KX4 mezzanine */ \
	X(0x1517, pf_family_82599, MEDIA_BACKPLANE)	/* KR */ \
	X(0x152a, pf_family_82599, MEDIA_BACKPLANE)	/* with FCoE */ \
	X(0x10fb, pf_family_82599, MEDIA_SFP)		/* X520 */ \
	X(0x1507, pf_family_82599, MEDIA_SFP)		/* mezzanine */ \
	X(0x1529, pf_family_82599, MEDIA_SFP)		/* with FCoE */ \
	X(0x154d, pf_family_82599, MEDIA_SFP)		/* X520, second generation */ \
	X(0x1557, pf_family_82599, MEDIA_SFP)		/* 82599EN */ \
	X(0x1528, pf_family_x540, MEDIA_COPPER)		/* X540-T2 */ \
	X(0x1560, pf_family_x540, MEDIA_COPPER)		/* X540-T1 */ \
	X(0x1563, pf_family_x550, MEDIA_COPPER)		/* X550-T2 */ \
	X(0x15d1, pf_family_x550, MEDIA_COPPER)		/* X550-T1 */

#define AS_ID(id_, family_, media_)	{ RTE_PCI_DEVICE(VENDOR_INTEL, id_) },
#define AS_DEVICE(id_, family_, media_) { id_, &family_, media_ },

const struct rte_pci_id pf_ids[] = {
	DEVICES(AS_ID)
	{ .vendor_id = 0 },
};

static const struct pf_device devices[] = { DEVICES(AS_DEVICE) };

const struct pf_device *
pf_device_find(uint16_t id)
{
	for (size_t i = 0; i < ARRAY_LEN(devices); i++)
		if (devices[i].id == id)
			return &devices[i];
	return NULL;
}
