/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/** @file Registers that both ports have: what they hold after a reset, and which bits stick. */

#include "agree.h"
#include "regs.h"

struct reg {
	const char *name;
	uint32_t offset;
	unsigned int nb, stride;	/**< 0 is one */
	/**
	 * What the sheet defines of a register that keeps what is written, and nothing else
	 * happens; others are not compared. 0: it is not of that kind.
	 */
	uint32_t bits;
};

#define ALL UINT32_MAX
#define ROW(name_, offset_) { .name = #name_, .offset = offset_ }
#define KEEPS(name_, offset_, bits_) { .name = #name_, .offset = offset_, .bits = bits_ }
#define TABLE(name_, offset_, nb_, stride_, bits_) \
	{ .name = #name_, .offset = offset_, .nb = nb_, .stride = stride_, .bits = bits_ }
#define BLOCKS(name_, offset_, bits_) TABLE(name_, offset_, 16, 0x40, bits_)
#define PAIR(name_, offset_, bits_) TABLE(name_, offset_, 2, 0x100, bits_)
#define EVENTS(name_, offset_, nb_, stride_) \
	{ .name = #name_, .offset = offset_, .nb = nb_, .stride = stride_ }

static const struct reg pf_regs[] = {
	ROW(CTRL, 0x0000), ROW(CTRL_DUP, 0x0004), ROW(STATUS, 0x0008), ROW(EECD, 0x0010),
	ROW(CTRL_EXT, 0x0018), KEEPS(FLA, 0x001c, ALL), KEEPS(FCAL, 0x0028, ALL),
	KEEPS(FCAH, 0x002c, 0xffff), KEEPS(FCT, 0x0030, 0xffff), KEEPS(VET, 0x0038, ALL),
	ROW(ICR, 0x00c0), ROW(IMS, 0x00d0), KEEPS(IAM, 0x00e0, ALL), KEEPS(FCTTV, 0x0170, 0xffff),
	KEEPS(RCTL, 0x0100, ALL), KEEPS(TCTL, 0x0400, ALL), KEEPS(TCTL_EXT, 0x0404, ALL),
	KEEPS(TIPG, 0x0410, ALL), KEEPS(LEDCTL, 0x0e00, ALL), ROW(EEMNGCTL, 0x1010),
	KEEPS(FCRTL, 0x2160, 0x8000fff0), KEEPS(FCRTH, 0x2168, 0xfff0), KEEPS(RXPBS, 0x2404, ALL),
	KEEPS(QDE, 0x2408, 0xffff), KEEPS(FCRTV, 0x2460, 0xffff), KEEPS(TXPBS, 0x3404, ALL),
	KEEPS(DTXSWC, 0x3500, 0x80ffffff), ROW(WVBR, 0x3554), KEEPS(DTXCTL, 0x3590, ALL),
	KEEPS(RXCSUM, 0x5000, 0x3fff), KEEPS(RLPML, 0x5004, 0x3fff), KEEPS(RFCTL, 0x5008, ALL),
	KEEPS(WUC, 0x5800, ALL), KEEPS(WUFC, 0x5808, ALL), ROW(WUS, 0x5810),
	KEEPS(MRQC, 0x5818, 0x01ff003f), KEEPS(VT_CTL, 0x581c, 0x70000380), ROW(MANC, 0x5820),
	KEEPS(MANC2H, 0x5860, ALL), KEEPS(IPAV, 0x5838, ALL), KEEPS(RPLOLR, 0x5af0, 0xc0000000),
	ROW(GCR, 0x5b00), ROW(FACTPS, 0x5b30), ROW(FWSM, 0x5b54), KEEPS(SW_FW_SYNC, 0x5b5c, ALL),
	ROW(PBACL, 0x5b68),
	/* Interrupts, mailbox */
	KEEPS(GPIE, 0x1514, 0xc0000f91), ROW(EIMS, 0x1524), ROW(EIAC, 0x152c), ROW(EIAM, 0x1530),
	ROW(EICR, 0x1580), TABLE(EITR, 0x1680, 25, 4, 0x001ffffc),
	TABLE(IVAR, 0x1700, 8, 4, 0x9f9f9f9f), KEEPS(IVAR_MISC, 0x1740, 0x9f9f),
	TABLE(VMBMEM, 0x0800, 128, 4, ALL), EVENTS(P2VMAILBOX, 0x0c00, 8, 4),
	EVENTS(V2PMAILBOX, 0x0c40, 8, 4), ROW(MBVFICR, 0x0c80), KEEPS(MBVFIMR, 0x0c84, 0xff),
	ROW(VFLRE, 0x0c88), KEEPS(VFRE, 0x0c8c, 0xff), KEEPS(VFTE, 0x0c90, 0xff),
	/* Filters */
	TABLE(MTA, 0x5200, 128, 4, ALL), TABLE(RAL, 0x5400, 16, 8, ALL),
	TABLE(RAH, 0x5404, 16, 8, 0x83ffffff), TABLE(RAL_HIGH, 0x54e0, 8, 8, ALL),
	TABLE(RAH_HIGH, 0x54e4, 8, 8, 0x83ffffff), TABLE(VFTA, 0x5600, 128, 4, ALL),
	TABLE(VMOLR, 0x5ad0, 8, 4, 0xff033fff), TABLE(RETA, 0x5c00, 32, 4, ALL),
	TABLE(RSSRK, 0x5c80, 10, 4, ALL), TABLE(ETQF, 0x5cb0, 8, 4, ALL),
	TABLE(VLVF, 0x5d00, 32, 4, 0x801fffff), TABLE(VMVIR, 0x3700, 8, 4, 0xc000ffff),
	/* Queues; the tails are tried with frames */
	BLOCKS(RDBAL, 0xc000, 0xffffff80), BLOCKS(RDBAH, 0xc004, ALL),
	BLOCKS(RDLEN, 0xc008, 0xfff80), BLOCKS(SRRCTL, 0xc00c, 0x8ff03f7f),
	BLOCKS(RDH, 0xc010, ALL), EVENTS(RDT, 0xc018, 16, 0x40),
	BLOCKS(RXDCTL, 0xc028, 0x021f1f1f), BLOCKS(TDBAL, 0xe000, 0xffffff80),
	BLOCKS(TDBAH, 0xe004, ALL), BLOCKS(TDLEN, 0xe008, 0xfff80), BLOCKS(TDH, 0xe010, ALL),
	BLOCKS(DCA_TXCTRL, 0xe014, ALL), EVENTS(TDT, 0xe018, 16, 0x40),
	BLOCKS(TXDCTL, 0xe028, 0x0a1f1f1f), BLOCKS(TDWBAL, 0xe038, ALL),
	BLOCKS(TDWBAH, 0xe03c, ALL), EVENTS(RQDPC, 0xc030, 16, 0x40),
	/* Counters */
	EVENTS(CRCERRS, 0x4000, 6, 4), EVENTS(PRC, 0x405c, 6, 4), ROW(GPRC, 0x4074),
	ROW(BPRC, 0x4078), ROW(MPRC, 0x407c), ROW(GPTC, 0x4080), EVENTS(GORC, 0x4088, 2, 4),
	EVENTS(GOTC, 0x4090, 2, 4), ROW(RNBC, 0x40a0), EVENTS(RUC, 0x40a4, 4, 4),
	EVENTS(MGTP, 0x40b4, 3, 4), EVENTS(TOR, 0x40c0, 2, 4), EVENTS(TOT, 0x40c8, 2, 4),
	ROW(TPR, 0x40d0), ROW(TPT, 0x40d4), EVENTS(PTC, 0x40d8, 6, 4), ROW(MPTC, 0x40f0),
	ROW(BPTC, 0x40f4), ROW(TSCTC, 0x40f8), ROW(IAC, 0x4100),
	/* VFs as the PF sees them */
	EVENTS(PVTCTRL, 0x10000, 8, 0x100), EVENTS(PVTEIMS, 0x10024, 8, 0x100),
	EVENTS(PVTEIAC, 0x1002c, 8, 0x100), EVENTS(PVTEIAM, 0x10030, 8, 0x100),
	EVENTS(PVTEICR, 0x10080, 8, 0x100), TABLE(PVTIVAR, 0x11700, 8, 4, 0x83838383),
	TABLE(PVTIVAR_MISC, 0x11720, 8, 4, 0x83),
};

static const struct reg vf_regs[] = {
	ROW(VTCTRL, 0x0000), ROW(VTSTATUS, 0x0008), TABLE(VMBMEM, 0x0800, 16, 4, ALL),
	ROW(V2PMAILBOX, 0x0c40), ROW(VTEIMS, 0x1524), ROW(VTEIAC, 0x152c), ROW(VTEIAM, 0x1530),
	ROW(VTEICR, 0x1580), TABLE(VTEITR, 0x1680, 3, 4, 0x001ffffc),
	KEEPS(VTIVAR, 0x1700, 0x83838383), KEEPS(VTIVAR_MISC, 0x1740, 0x83),
	PAIR(RDBAL, 0x2800, 0xffffff80), PAIR(RDBAH, 0x2804, ALL), PAIR(RDLEN, 0x2808, 0xfff80),
	PAIR(SRRCTL, 0x280c, 0x8ff03f7f), PAIR(RDH, 0x2810, ALL), EVENTS(RDT, 0x2818, 2, 0x100),
	PAIR(RXDCTL, 0x2828, 0x021f1f1f), PAIR(TDBAL, 0x3800, 0xffffff80),
	PAIR(TDBAH, 0x3804, ALL), PAIR(TDLEN, 0x3808, 0xfff80), PAIR(TDH, 0x3810, ALL),
	EVENTS(TDT, 0x3818, 2, 0x100), PAIR(TXDCTL, 0x3828, 0x0a1f1f1f),
	PAIR(TDWBAL, 0x3838, ALL), PAIR(TDWBAH, 0x383c, ALL),
};

static void
observe_one(struct port_under_test *port, enum function_id fn, const struct reg *reg,
	    unsigned int i, const char *when)
{
	uint32_t value = reg_read(port, fn, reg->offset + i * reg->stride);

	if (reg->bits != 0)
		value &= reg->bits;
	if (reg->nb == 0)
		observe(port, value, "%s%s", reg->name, when);
	else
		observe(port, value, "%s %u%s", reg->name, i, when);
}

static void
observe_regs(struct port_under_test *port, enum function_id fn, const struct reg *reg, size_t nb)
{
	for (size_t k = 0; k < nb; k++)
		for (unsigned int i = 0; i < RTE_MAX(reg[k].nb, 1u); i++)
			observe_one(port, fn, &reg[k], i, "");
}

static void
try_pattern(struct port_under_test *port, enum function_id fn, const struct reg *reg,
	    unsigned int i)
{
	reg_write(port, fn, reg->offset + i * reg->stride, UINT32_MAX);
	observe_one(port, fn, reg, i, " ones");
	reg_write(port, fn, reg->offset + i * reg->stride, 0);
	observe_one(port, fn, reg, i, " zeros");
}

/** Of an array the first and the last. */
static void
try_patterns(struct port_under_test *port, enum function_id fn, const struct reg *reg, size_t nb)
{
	for (size_t k = 0; k < nb; k++) {
		if (reg[k].bits == 0)
			continue;
		try_pattern(port, fn, &reg[k], 0);
		if (reg[k].nb > 1)
			try_pattern(port, fn, &reg[k], reg[k].nb - 1);
	}
}

static void
run_pf_masks(struct port_under_test *port)
{
	try_patterns(port, PF, pf_regs, RTE_DIM(pf_regs));
}

static void
run_vf_masks(struct port_under_test *port)
{
	try_patterns(port, VF1, vf_regs, RTE_DIM(vf_regs));
}

/** Ones everywhere, so that a register that a reset leaves alone shows. */
static void
fill(struct port_under_test *port, enum function_id fn, const struct reg *reg, size_t nb)
{
	for (size_t k = 0; k < nb; k++)
		for (unsigned int i = 0; reg[k].bits != 0 && i < RTE_MAX(reg[k].nb, 1u); i++)
			reg_write(port, fn, reg[k].offset + i * reg[k].stride, UINT32_MAX);
}

static void
run_pf_reset(struct port_under_test *port)
{
	fill(port, PF, pf_regs, RTE_DIM(pf_regs));
	port_reset(port);
	observe_regs(port, PF, pf_regs, RTE_DIM(pf_regs));
}

static void
run_vf_reset(struct port_under_test *port)
{
	fill(port, VF1, vf_regs, RTE_DIM(vf_regs));
	reg_write(port, VF1, R_CTRL, CTRL_RST);
	observe_regs(port, VF1, vf_regs, RTE_DIM(vf_regs));
	reg_write(port, PF, R_VFLRE, BIT(VF1));
}

/** One register by all its names: the value is written by one and read by the others. */
static const struct op aliases[] = {
	WRITE(PF, 0xc008, 0x180), READ(PF, 0x2808, "RDLEN of queue 0 at its old place"),
	READ(VF0, 0x2808, "RDLEN of queue 0 in VF0"),
	WRITE(VF0, 0x2808, 0x280), READ(PF, 0xc008, "RDLEN 0 written by VF0"),
	WRITE(VF1, 0x3900, 0x1000), READ(PF, 0xe240, "TDBAL 9 written by VF1"),
	WRITE(PF, 0xe278, 0x2000), READ(VF1, 0x3938, "TDWBAL 9 in VF1"),
	WRITE(PF, 0x3b08, 0x380), READ(PF, 0xe0c8, "TDLEN 3 written at its old place"),
	WRITE(PF, 0x0840, 0x55), READ(VF1, 0x0800, "VMBMEM of VF1"),
	WRITE(VF1, 0x083c, 0x66), READ(PF, 0x087c, "VMBMEM of VF1, the last word"),
	WRITE(PF, R_EITR + 4 * 19, 0x40), READ(VF1, 0x1680, "EITR 19 in VF1"),
	WRITE(VF0, 0x1688, 0x80), READ(PF, R_EITR + 4 * 24, "EITR 24 written by VF0"),
	WRITE(VF1, 0x1740, 0x82), READ(PF, 0x11724, "VTIVAR_MISC of VF1"),
	WRITE(PF, R_CTRL, 0x0a41), READ(PF, 0x0004, "CTRL at its second place"),
};

static const struct scenario scenarios[] = {
	{ .name = "PF registers keep", .state = PORT_RESET, .run = run_pf_masks },
	{ .name = "VF registers keep", .state = PORT_RESET, .run = run_vf_masks },
	{ .name = "PF after CTRL.RST", .state = PORT_AS_IT_IS, .run = run_pf_reset },
	{ .name = "VF after CTRL.RST", .state = PORT_RESET, .run = run_vf_reset },
	{ .name = "one register, several names", .state = PORT_RESET, OPS(aliases) },
};
const struct scenario_list register_scenarios = { scenarios, RTE_DIM(scenarios) };
