/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Register tables of the 82576 and the I350; included once, by family_82576.c.
 */
#ifndef MODEL_FAMILY_82576_ROWS_H
#define MODEL_FAMILY_82576_ROWS_H

#include "family_82576.h"
#include "family_82576_counters.h"
#include "mailbox.h"
#include "regs_82576.h"

/** A dword of all blocks, and its old place for the first four queues (3.1, 3.2). */
#define BLOCK_ROWS(name_, offset_, old_, fn_, writable_, reset_) \
	{ .name = name_, .offset = offset_, .count = NB_QUEUES, .stride = BLOCK_STRIDE, \
	  .writable = writable_, .reset = reset_, .on_read = read_##fn_, \
	  .on_write = write_##fn_ }, \
	{ .name = name_ "_OLD", .offset = old_, .count = 4, .stride = 0x100, \
	  .alias = offset_ },

#define NB_QUEUES    16
#define NB_IVARS     8
#define NB_RARS_HIGH 8
#define RXPBS_RESET  0x40
#define TXPBS_RESET  0x28
static const struct reg_row pf_rows_82576[] = {
#include "family_82576_common_rows.h"
	/* 8.3, 8.7 */
	{ .name = "VMOLR", .offset = VMOLR, .count = 8, .reset = 0x80002600,
	  .writable = 0xff033fff, .on_write = write_pools },
	{ .name = "RPLOLR", .offset = RPLOLR, .reset = 0x80000000, .writable = 0xc0000000,
	  .on_write = write_pools },
	{ .name = "DTXSWC", .offset = DTXSWC, .writable = 0x80ffffff, .on_write = write_pools },
	/* 8.9 */
	{ .name = "RTTDQSEL", .offset = RTTDQSEL, .writable = 0xf },
	{ .name = "RTTBCNRM", .offset = 0x3690, .writable = RW },
	{ .name = "RTTBCNRC", .offset = RTTBCNRC, .on_read = read_rttbcnrc,
	  .on_write = write_rttbcnrc },
};
#undef NB_QUEUES
#undef NB_IVARS
#undef NB_RARS_HIGH
#undef RXPBS_RESET
#undef TXPBS_RESET

#define NB_QUEUES    8
#define NB_IVARS     4
#define NB_RARS_HIGH 16
#define RXPBS_RESET  0		/* a code: 36 KB (2.6) */
#define TXPBS_RESET  0
static const struct reg_row pf_rows_i350[] = {
#include "family_82576_common_rows.h"
	/* 2.8 */
	{ .name = "MDICNFG", .offset = MDICNFG, .reset = 1u << 21, .writable = RW },
	{ .name = "PHPM", .offset = PHPM, .writable = RW, .on_write = write_phpm },
	{ .name = "IPCNFG", .offset = 0x0e38, .reset = 0xf, .writable = RW },
	{ .name = "EEER", .offset = 0x0e30, .writable = RW },
	{ .name = "EEE_SU", .offset = 0x0e34, .writable = RW },
	{ .name = "LTRC", .offset = 0x01a0, .writable = RW },
	/* 2.5: DMA coalescing */
	{ .name = "DMACR", .offset = 0x2508, .writable = RW },
	{ .name = "DMCTLX", .offset = 0x2514, .writable = RW },
	{ .name = "DMCTXTH", .offset = 0x3550, .writable = RW },
	{ .name = "DMCRTRH", .offset = 0x5dd0, .writable = RW },
	{ .name = "DMCCNT", .offset = 0x5dd4 },
	{ .name = "PCIEMISC", .offset = 0x5bb8, .writable = RW },
	{ .name = "DTXMXPKTSZ", .offset = 0x355c, .reset = 0x98, .writable = RW },
	{ .name = "CIAA", .offset = 0x5b88, .writable = RW },
	{ .name = "CIAD", .offset = 0x5b8c, .writable = RW },
	{ .name = "THMJT", .offset = 0x8100, .reset = 0x2d },
	{ .name = "THLOWTC", .offset = 0x8104, .writable = RW },
	{ .name = "THMIDTC", .offset = 0x8108, .writable = RW },
	{ .name = "THHIGHTC", .offset = 0x810c, .writable = RW },
	{ .name = "THSTAT", .offset = 0x8110 },
	{ .name = "TLPIC", .offset = 0x4148 }, { .name = "RLPIC", .offset = 0x414c },
	{ .name = "B2OGPRC", .offset = 0x4158 }, { .name = "O2BSPC", .offset = 0x415c },
	{ .name = "B2OSPC", .offset = 0x8fe0 }, { .name = "O2BGPTC", .offset = 0x8fe4 },
	/* 8.3, 8.7, 8.8 */
	{ .name = "VMOLR", .offset = VMOLR, .count = 8, .reset = 0x2600,
	  .writable = 0xffff3fff, .on_write = write_pools },
	{ .name = "DVMOLR", .offset = 0xc038, .count = NB_QUEUES, .stride = BLOCK_STRIDE,
	  .writable = 0xe0000000, .reset = 0x80000000, .on_read = read_dvmolr,
	  .on_write = write_dvmolr },
	{ .name = "TXSWC", .offset = TXSWC, .writable = 0x80ffffff, .on_write = write_pools },
	{ .name = "MDFB", .offset = MDFB, .clear_by_1 = 0xff, .on_write = write_mdfb },
};
#undef NB_QUEUES
#undef NB_IVARS
#undef NB_RARS_HIGH
#undef RXPBS_RESET
#undef TXPBS_RESET
#undef BLOCK_ROWS

/* --- A VF's names (3.3, 6.6, 7.1, 8.12) --- */

static uint32_t
to_vtctrl(const struct nic *nic, unsigned int vf, unsigned int i)
{
	(void)nic;
	(void)i;
	return VT_BLOCK + VT_STRIDE * vf;
}

static uint32_t
to_vmbmem(const struct nic *nic, unsigned int vf, unsigned int i)
{
	(void)nic;
	return VMBMEM + 64 * vf + 4 * i;
}

static uint32_t
to_psrtype(const struct nic *nic, unsigned int vf, unsigned int i)
{
	(void)nic;
	(void)i;
	return 0x5480 + 4 * vf;
}

static uint32_t
to_eitr(const struct nic *nic, unsigned int vf, unsigned int i)
{
	(void)nic;
	return EITR + 4 * (gbe_vf_first_bit(vf) + i);
}

static uint32_t
to_ivar(const struct nic *nic, unsigned int vf, unsigned int i)
{
	(void)nic;
	(void)i;
	return VTIVAR + 4 * vf;
}

static uint32_t
to_ivar_misc(const struct nic *nic, unsigned int vf, unsigned int i)
{
	(void)nic;
	(void)i;
	return VTIVAR_MISC + 4 * vf;
}

/** The dword @p offset_ of the VF's queue i in the PF's blocks. */
#define DEFINE_TO_BLOCK(name_, offset_) \
	static uint32_t \
	to_##name_(const struct nic *nic, unsigned int vf, unsigned int i) \
	{ \
		return i < gbe_traits(nic)->vf_queues ? \
			offset_ + BLOCK_STRIDE * (vf + GBE_POOLS * i) : UINT32_MAX; \
	}
/** The dword @p offset_ of the PF's view of the VF. */
#define DEFINE_TO_VIEW(name_, offset_) \
	static uint32_t \
	to_##name_(const struct nic *nic, unsigned int vf, unsigned int i) \
	{ \
		(void)nic; \
		(void)i; \
		return VT_BLOCK + VT_STRIDE * vf + offset_; \
	}
#define VF_BLOCKS(X) \
	X(RDBAL, 0x2800, 0xc000) X(RDBAH, 0x2804, 0xc004) X(RDLEN, 0x2808, 0xc008) \
	X(SRRCTL, 0x280c, 0xc00c) X(RDH, 0x2810, 0xc010) X(DCA_RXCTRL, 0x2814, 0xc014) \
	X(RDT, 0x2818, 0xc018) X(RXDCTL, 0x2828, 0xc028) X(RQDPC, 0x2830, 0xc030) \
	X(TDBAL, 0x3800, 0xe000) X(TDBAH, 0x3804, 0xe004) X(TDLEN, 0x3808, 0xe008) \
	X(TDH, 0x3810, 0xe010) X(DCA_TXCTRL, 0x3814, 0xe014) X(TDT, 0x3818, 0xe018) \
	X(TXDCTL, 0x3828, 0xe028) X(TDWBAL, 0x3838, 0xe038) X(TDWBAH, 0x383c, 0xe03c)
#define VF_VIEWS(X) \
	X(VTEICS, 0x1520, 0x20) X(VTEIMS, 0x1524, 0x24) X(VTEIMC, 0x1528, 0x28) \
	X(VTEIAC, 0x152c, 0x2c) X(VTEIAM, 0x1530, 0x30) X(VTEICR, 0x1580, 0x80) \
	X(VFGPRC, 0x0f10, 0x10) X(VFGPTC, 0x0f14, 0x14) X(VFGORC, 0x0f18, 0x18) \
	X(VFGOTC, 0x0f34, 0x34) X(VFMPRC, 0x0f3c, 0x3c) X(VFGPRLBC, 0x0f40, 0x40) \
	X(VFGPTLBC, 0x0f44, 0x44) X(VFGORLBC, 0x0f48, 0x48) X(VFGOTLBC, 0x0f50, 0x50)
#define BLOCK_FUNCTION(name_, offset_, pf_offset_) DEFINE_TO_BLOCK(name_, pf_offset_)
#define VIEW_FUNCTION(name_, offset_, in_view_) DEFINE_TO_VIEW(name_, in_view_)
VF_BLOCKS(BLOCK_FUNCTION)
VF_VIEWS(VIEW_FUNCTION)
#define BLOCK_ROW(name_, offset_, pf_offset_) \
	{ .name = #name_, .offset = offset_, .count = VF_QUEUES, .stride = 0x100, \
	  .to_pf = to_##name_ },
#define VIEW_ROW(name_, offset_, in_view_) \
	{ .name = #name_, .offset = offset_, .to_pf = to_##name_ },

#define VF_ROWS \
	{ .name = "VTCTRL", .offset = 0x0000, .to_pf = to_vtctrl }, \
	{ .name = "VTSTATUS", .offset = 0x0008, .on_read = read_vf_status }, \
	{ .name = "FRTIMER", .offset = 0x1048, .on_read = read_frtimer }, \
	{ .name = "VMBMEM", .offset = 0x0800, .count = 16, .to_pf = to_vmbmem }, \
	{ .name = "V2PMAILBOX", .offset = 0x0c40, .on_read = vfmailbox_read, \
	  .on_write = vfmailbox_write }, \
	{ .name = "PBACL", .offset = 0x0f04, .clear_by_1 = RW }, \
	{ .name = "PSRTYPE", .offset = 0x0f0c, .to_pf = to_psrtype }, \
	{ .name = "VTEITR", .offset = 0x1680, .count = GBE_VF_VECTORS, .to_pf = to_eitr }, \
	{ .name = "VTIVAR", .offset = 0x1700, .to_pf = to_ivar }, \
	{ .name = "VTIVAR_MISC", .offset = 0x1740, .to_pf = to_ivar_misc }, \
	VF_BLOCKS(BLOCK_ROW) \
	VF_VIEWS(VIEW_ROW)

#define VF_QUEUES 2
static const struct reg_row vf_rows_82576[] = { VF_ROWS };
#undef VF_QUEUES
#define VF_QUEUES 1
static const struct reg_row vf_rows_i350[] = { VF_ROWS };
#undef VF_QUEUES

#endif /* MODEL_FAMILY_82576_ROWS_H */
