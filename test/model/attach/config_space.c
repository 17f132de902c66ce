/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <string.h>

#include "config_space.h"

#define INTEL 0x8086

/* Where the parts have their capabilities; the PF has one more than a VF. */
enum {
	CAP_MSIX = 0x70,
	CAP_PCIE = 0xa0,
	EXT_AER = 0x100,
	EXT_ARI = 0x150,
	EXT_SRIOV = 0x160,
};

#define MSIX_BAR_BYTES 0x4000
#define MSIX_PBA_AT    0x2000

/** 16 bits of the configuration space: what is there, and which bits software may write. */
struct config_word {
	uint16_t at, value, writable;
};

static const struct config_word common[] = {
	{ 0x00, INTEL, 0 },
	{ CONFIG_COMMAND, 0, 0x0547 },
	{ 0x06, 0x0010, 0 },		/* status: has capabilities */
	{ 0x0a, 0x0200, 0 },		/* class: Ethernet controller */
	{ 0x0c, 0x0000, 0x00ff },	/* cache line size */
	{ 0x2c, INTEL, 0 },		/* subsystem */
	{ 0x34, CAP_MSIX, 0 },
	{ 0x3c, 0x0000, 0x00ff },	/* interrupt line */

	{ CAP_MSIX, 0x0011 | CAP_PCIE << 8, 0 },
	{ CONFIG_MSIX_CONTROL, 0, 0xc000 },

	{ CAP_PCIE, 0x0010, 0 },
	{ CAP_PCIE + 0x02, 0x0002, 0 },	/* version 2, endpoint */
	{ CAP_PCIE + 0x04, 0x8cc2, 0 },	/* device capabilities: 512 bytes; */
	{ CAP_PCIE + 0x06, 0x1000, 0 },	/* has FLR */
	{ CONFIG_DEVICE_CONTROL, 0x2810, 0x7fff },
	{ CAP_PCIE + 0x0c, 0xf442, 0 },	/* link capabilities */
	{ CAP_PCIE + 0x10, 0x0000, 0x00c0 },
	{ CAP_PCIE + 0x12, 0x1042, 0 },	/* link status: 5 GT/s, 4 lanes */
	{ CAP_PCIE + 0x24, 0x001f, 0 },	/* device capabilities 2: completion timeouts */
	{ CAP_PCIE + 0x28, 0x0000, 0x001f },

	{ EXT_AER, 0x0001, 0 },
	{ EXT_AER + 2, 0x0001 | EXT_ARI << 4, 0 },
	{ EXT_ARI, 0x000e, 0 },
};

static const struct config_word pf_only[] = {
	{ EXT_ARI + 2, 0x0001 | EXT_SRIOV << 4, 0 },
	{ EXT_SRIOV, 0x0010, 0 },
	{ EXT_SRIOV + 2, 0x0001, 0 },
	{ EXT_SRIOV + 0x04, 0x0002, 0 },	/* capabilities: ARI */
	{ EXT_SRIOV + 0x14, 0x0080, 0 },	/* first VF: devices 10.0 and on, behind the PF */
	{ EXT_SRIOV + 0x16, 0x0001, 0 },	/* stride */
	{ EXT_SRIOV + 0x1c, 0x0553, 0 },	/* page sizes that it can: 4 kB to 4 MB */
	{ EXT_SRIOV + 0x20, 0x0001, 0 },	/* page size: 4 kB */
};

static const struct config_word vf_only[] = {
	{ EXT_ARI + 2, 0x0001, 0 },
};

static void
put(uint8_t *config, const struct config_word *words, size_t nb)
{
	for (size_t i = 0; i < nb; i++)
		config_set16(config, words[i].at, words[i].value);
}

static void
put32(uint8_t *config, unsigned int at, uint32_t value)
{
	config_set16(config, at, value);
	config_set16(config, at + 2, value >> 16);
}

/** 32-bit memory BARs at addresses that nobody decodes. */
static void
put_bars(uint8_t *config, uint32_t first, uint32_t bar0_bytes, unsigned int msix_bar)
{
	put32(config, 0x10, first);
	put32(config, 0x10 + msix_bar * 4, first + bar0_bytes);
}

static void
put_msix(uint8_t *config, uint16_t nb_vectors, unsigned int msix_bar)
{
	config_set16(config, CONFIG_MSIX_CONTROL, nb_vectors - 1);
	put32(config, CAP_MSIX + 4, msix_bar);
	put32(config, CAP_MSIX + 8, MSIX_PBA_AT | msix_bar);
}

static void
put_sriov(uint8_t *config, const struct nic_family *family, unsigned int vfs)
{
	config_set16(config, EXT_SRIOV + 0x08, vfs > 0 ? 0x0019 : 0x0010);
	config_set16(config, EXT_SRIOV + 0x0c, family->max_vfs);	/* InitialVFs */
	config_set16(config, EXT_SRIOV + 0x0e, family->max_vfs);	/* TotalVFs */
	config_set16(config, EXT_SRIOV + 0x10, vfs);
	config_set16(config, EXT_SRIOV + 0x1a, family->vf_device_id);
	put32(config, EXT_SRIOV + 0x24, 0xe0000000u);
	put32(config, EXT_SRIOV + 0x24 + family->vf_msix_bar * 4, 0xe8000000u);
}

void
config_space_fill(uint8_t config[CONFIG_BYTES], const struct nic_family *family, int vf,
		  unsigned int vfs)
{
	bool is_pf = vf == PF_INDEX;

	memset(config, 0, CONFIG_BYTES);
	put(config, common, sizeof(common) / sizeof(common[0]));
	config_set16(config, 0x02, is_pf ? family->pf_device_id : family->vf_device_id);
	config[0x08] = family->revision;
	if (is_pf) {
		put(config, pf_only, sizeof(pf_only) / sizeof(pf_only[0]));
		put_bars(config, 0xd0000000u, family->pf_bar_bytes, family->msix_bar);
		put_msix(config, family->pf_vectors, family->msix_bar);
		put_sriov(config, family, vfs);
	} else {
		put(config, vf_only, sizeof(vf_only) / sizeof(vf_only[0]));
		put_bars(config, 0xe0000000u + vf * (family->vf_bar_bytes + MSIX_BAR_BYTES),
			 family->vf_bar_bytes, family->vf_msix_bar);
		put_msix(config, family->vf_vectors, family->vf_msix_bar);
	}
}

static uint16_t
writable_at(uint64_t at)
{
	for (size_t i = 0; i < sizeof(common) / sizeof(common[0]); i++)
		if (common[i].at == at)
			return common[i].writable;
	return 0;
}

bool
config_space_write(uint8_t config[CONFIG_BYTES], const void *data, size_t bytes, uint64_t offset)
{
	const uint8_t *from = data;
	bool reset = false;

	for (size_t i = 0; i < bytes && offset + i < CONFIG_BYTES; i++) {
		uint64_t at = offset + i;
		uint8_t mask = writable_at(at & ~1ull) >> (at & 1) * 8;

		/* Initiate FLR is a request, not a state. */
		if (at == CONFIG_DEVICE_CONTROL + 1)
			reset = from[i] & DEVICE_CONTROL_FLR >> 8;
		config[at] = (config[at] & ~mask) | (from[i] & mask);
	}
	return reset;
}
