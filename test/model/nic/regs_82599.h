/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Offsets and bits of 82599, X540 and X550 that need code: our own transcription. Registers that
 * are storage alone are named in the rows (family_82599_rows.h) and nowhere else. Numbers in
 * comments are sections of the hardware sheet.
 */
#ifndef MODEL_REGS_82599_H
#define MODEL_REGS_82599_H

#define BIT(n) (1u << (n))

/* 2.1: general */
enum {
	R_CTRL = 0x00000,
	R_CTRL_MIRROR = 0x00004,
	R_STATUS = 0x00008,
	R_CTRL_EXT = 0x00018,
	R_ESDP = 0x00020,
	R_I2CCTL = 0x00028,
	R_I2CCTL_X550 = 0x15f5c,
	R_FRTIMER = 0x00048,
	R_EEC = 0x10010,
	R_EERD = 0x10014,
	R_EEWR = 0x10018,
	R_SWSM = 0x10140,
	R_FWSM = 0x10148,
	R_SW_FW_SYNC = 0x10160,
	R_GCR_EXT = 0x11050,
	R_FLEX_MNG = 0x15800,
	R_HICR = 0x15f00,
	R_FWSTS = 0x15f0c,
};
#define CTRL_GIO_DIS       BIT(2)
#define CTRL_LNK_RST       BIT(3)
#define CTRL_RST           BIT(26)
#define STATUS_NUM_VFS(n)  ((n) << 10)
#define STATUS_IOV         BIT(18)
#define STATUS_GIO         BIT(19)
#define CTRL_EXT_PFRSTD    BIT(14)
#define CTRL_EXT_VLAN_EXT  BIT(26)
#define ESDP_SDP2          BIT(2)	/* 82599: a module is in the cage */
#define ESDP_DIRECTION(n)  BIT(8 + (n))
#define I2C_CLK_IN         BIT(0)
#define I2C_CLK_OUT        BIT(1)
#define I2C_DATA_IN        BIT(2)
#define I2C_DATA_OUT       BIT(3)
#define EEC_REQ            BIT(6)
#define EEC_GNT            BIT(7)
#define EEC_PRES           BIT(8)
#define EEC_ARD            BIT(9)
#define EEC_ADDR_SIZE      BIT(10)
#define EEC_SIZE(n)        ((n) << 11)	/* 2^(n + 6) words */
#define EEC_FLUP           BIT(23)
#define EEC_FLUDONE        BIT(26)
#define EERD_START         BIT(0)
#define EERD_DONE          BIT(1)
#define SWSM_SMBI          BIT(0)
#define SWSM_SWESMBI       BIT(1)
#define SW_FW_SYNC_REGSMP  BIT(31)
#define FWSM_VALID         BIT(15)
#define GCR_EXT_VT_MODE    0x3u		/* 1: 16 pools, 2: 32, 3: 64 */
#define HICR_EN            BIT(0)
#define HICR_C             BIT(1)
#define HICR_SV            BIT(2)

/* 2.5: DMA, MAC, security */
enum {
	R_RXCTRL = 0x03000,
	R_RDRXCTL = 0x02f00,
	R_QDE = 0x02f04,
	R_DMATXCTL = 0x04a80,
	R_HLREG0 = 0x04240,
	R_MAXFRS = 0x04268,
	R_VXLANCTRL = 0x0507c,		/* X550 */
	R_FCTRL = 0x05080,
	R_VLNCTRL = 0x05088,
	R_MCSTCTRL = 0x05090,
	R_EXVET = 0x05078,
	R_RXCSUM = 0x05000,
	R_SECTXCTRL = 0x08800,
	R_SECRXCTRL = 0x08d00,
};

/* 2.5, 2.7: flow control; the marks are bits 19:5 */
enum {
	R_FCTTV = 0x03200,
	R_FCRTL = 0x03220,
	R_FCRTH = 0x03260,
	R_FCRTV = 0x032a0,
	R_FCCFG = 0x03d00,
	R_MFLCN = 0x04294,
};
#define MFLCN_PMCF         BIT(0)
#define MFLCN_RFCE         BIT(3)
#define FCCFG_TFCE         BIT(3)
#define FCRTL_XONE         BIT(31)
#define FCRTH_FCEN         BIT(31)
#define FCRT_BYTES         0xfffe0u

#define RXCTRL_RXEN        BIT(0)
#define RDRXCTL_CRCSTRIP   BIT(1)
#define RDRXCTL_DMAIDONE   BIT(3)
#define RDRXCTL_RSCFRST    (8u << 17)	/* as it is after a reset; software clears it */
#define RDRXCTL_MBINTEN    BIT(28)	/* X550 */
#define RDRXCTL_MDP_EN     BIT(29)	/* X550 */
#define DMATXCTL_TE        BIT(0)
#define DMATXCTL_GDV       BIT(3)
#define DMATXCTL_MDP_EN    BIT(5)	/* X550 */
#define DMATXCTL_MBINTEN   BIT(6)	/* X550 */
#define DMATXCTL_VT(v)     ((v) >> 16)
#define HLREG0_TXCRCEN     BIT(0)
#define HLREG0_RXCRCSTRP   BIT(1)
#define HLREG0_JUMBOEN     BIT(2)
#define HLREG0_TXPADEN     BIT(10)
#define HLREG0_LPBK        BIT(15)
#define HLREG0_RXLNGTHERR  BIT(27)
#define VXLANCTRL_VXLAN    0xffffu	/* the upper half is GENEVE's, of X550EM_a alone */
#define FCTRL_SBP          BIT(1)
#define FCTRL_MPE          BIT(8)
#define FCTRL_UPE          BIT(9)
#define FCTRL_BAM          BIT(10)
#define VLNCTRL_VFE        BIT(30)
#define MCSTCTRL_MO        0x3u
#define MCSTCTRL_MFE       BIT(2)
#define RXCSUM_PCSD        BIT(13)
#define SEC_DIS            BIT(1)	/* SECRXCTRL.RX_DIS, SECTXCTRL.TX_DIS */
#define QDE_ENABLE         BIT(0)
#define QDE_HIDE_VLAN      BIT(1)	/* X550 */
#define QDE_INDEX(v)       (((v) >> 8) & 0x7f)
#define QDE_WRITE          BIT(16)
#define QDE_READ           BIT(17)

/* 2.8: link */
enum {
	R_MSCA = 0x0425c,
	R_MSRWD = 0x04260,
	R_AUTOC = 0x042a0,
	R_LINKS = 0x042a4,
	R_AUTOC2 = 0x042a8,
	R_ANLP1 = 0x042b0,
};
#define AUTOC_AN_RESTART   BIT(12)
#define AUTOC_LMS(n)       ((n) << 13)
#define LMS_10G_SERIAL     3u
#define AUTOC2_SFI         (2u << 16)
#define LINKS_NON_STD      BIT(27)	/* X550: 2.5 instead of 10, 5 instead of 0.1 Gb/s */
#define LINKS_SPEED(n)     ((n) << 28)	/* 3: 10 Gb/s, 2: 1, 1: 0.1 */
#define LINKS_UP           BIT(30)
#define LINKS_AN_COMPLETE  BIT(31)
#define ANLP1_AN_STATE     (1u << 16)	/* any but 0: it has left its first state */
#define MSCA_ADDRESS(v)    ((v) & 0xffff)
#define MSCA_DEVICE(v)     (((v) >> 16) & 0x1f)
#define MSCA_PHY(v)        (((v) >> 21) & 0x1f)
#define MSCA_OP(v)         (((v) >> 26) & 0x3)
#define MSCA_GO            BIT(30)

/* 3.1: a queue's block. Rx queues 64 and up are in a second bank. */
enum {
	R_RX_BLOCK = 0x01000,
	R_RX_BLOCK_HIGH = 0x0d000,
	R_TX_BLOCK = 0x06000,
	R_VF_TX_BLOCK = 0x02000,
	QUEUE_STRIDE = 0x40,
	RX_BANK = 64,		/* queues in one */

	Q_BAL = 0x00,
	Q_BAH = 0x04,
	Q_LEN = 0x08,
	Q_DCA = 0x0c,
	Q_HEAD = 0x10,
	Q_SRRCTL = 0x14,
	Q_TAIL = 0x18,
	Q_CONTROL = 0x28,
	Q_RSCCTL = 0x2c,
	Q_WBAL = 0x38,
	Q_WBAH = 0x3c,
};
#define SRRCTL_BSIZEPKT(v) ((v) & 0x1f)
#define SRRCTL_BSIZEHDR(v) (((v) >> 8) & 0x3f)
#define SRRCTL_RDMTS(v)    (((v) >> 22) & 0x7)
#define RDMTS_UNIT	   64	/* descriptors */
#define SRRCTL_DESCTYPE(v) (((v) >> 25) & 0x7)
#define SRRCTL_DROP_EN     BIT(28)
#define RXDCTL_RLPML       0x3fffu	/* X540 and later */
#define RXDCTL_RLPML_EN    BIT(15)	/* X540 and later */
#define DCTL_ENABLE        BIT(25)
#define DCTL_SWFLSH        BIT(26)
#define RXDCTL_VME         BIT(30)
#define TDWBAL_ENABLE      BIT(0)

/* 3.5: layout of queues, RSS */
enum {
	R_MTQC = 0x08120,
	R_MRQC = 0x0ec80,
	R_RETA = 0x0eb00,
	R_ERETA = 0x0ee80,
	R_RSSRK = 0x0eb80,
	R_PSRTYPE = 0x0ea00,
	R_RQSMR = 0x02300,
	R_TQSM = 0x08600,
	R_PFVFMRQC = 0x03400,
	R_PFVFRSSRK = 0x18000,
	R_PFVFRETA = 0x19000,
};
#define MTQC_VT_ENA          BIT(1)
#define MTQC_NUM_TC_OR_Q(v)  (((v) >> 2) & 0x3)	/* with VT: 1: 2 queues a pool, 2: 4, 3: 8 */
#define MRQC_MODE(v)         ((v) & 0xf)
#define MRQC_MULTIPLE_RSS    BIT(13)	/* X550 */
#define PSRTYPE_RQPL(v)      (((v) >> 29) & 0x7)
#define VFMRQC_RSS           BIT(0)

/* 6: interrupts */
enum {
	R_EICR = 0x00800,
	R_EICS = 0x00808,
	R_EIAC = 0x00810,
	R_EIMS = 0x00880,
	R_EIMC = 0x00888,
	R_EIAM = 0x00890,
	R_EITRSEL = 0x00894,
	R_GPIE = 0x00898,
	R_IVAR = 0x00900,
	R_IVAR_MISC = 0x00a00,
	R_EICS_EX = 0x00a90,
	R_EIMS_EX = 0x00aa0,
	R_EIMC_EX = 0x00ab0,
	R_EIAM_EX = 0x00ad0,
	R_EITR = 0x00820,
	R_EITR_HIGH = 0x12300,
	EITR_LOW = 24,		/* of them */
};
#define EICR_QUEUES        0x0000ffffu
#define EICR_MISS          BIT(17)
#define EICR_MAILBOX       BIT(19)
#define EICR_LSC           BIT(20)
#define EICR_TCP_TIMER     BIT(30)
#define EICR_CLEARED_OCD   0x3fff0000u	/* by a read while GPIE.OCD is set */
#define GPIE_MSIX_MODE     BIT(4)
#define GPIE_OCD           BIT(5)
#define GPIE_VTMODE(v)     (((v) >> 14) & 0x3)
#define GPIE_EIAME         BIT(30)
#define IVAR_VALID         0x80u
#define IVAR_VECTOR        0x3fu
#define EITR_INTERVAL      0xff8u	/* 2.048 us in bit 3 */
#define EITR_UNIT_NS       256		/* of bit 0, were it there */
#define EITR_LLI_LIMITED   BIT(15)
#define EITR_COUNTER(v)    (((v) >> 21) & 0x7f)
#define EITR_COUNTER_UNITS 32u	/* of bit 0, in its lowest bit: the interval's 9 bits in 7 */
#define EITR_CNT_WDIS      BIT(31)
#define EITR_WRITABLE      0x8fff8ff8u

/* 6.4: a VF's */
enum {
	R_VFCTRL = 0x00000,
	R_VFSTATUS = 0x00008,
	R_VFLINKS = 0x00010,
	R_VFFRTIMER = 0x00048,
	R_VTEICR = 0x00100,
	R_VTEICS = 0x00104,
	R_VTEIMS = 0x00108,
	R_VTEIMC = 0x0010c,
	R_VTEIAC = 0x00110,
	R_VTEIAM = 0x00114,
	R_VTIVAR = 0x00120,
	R_VTIVAR_MISC = 0x00140,
	R_VTRSCINT = 0x00180,
	R_VFMBMEM = 0x00200,
	R_VFMAILBOX = 0x002fc,
	R_VFPSRTYPE = 0x00300,
	R_VTEITR = 0x00820,
	R_VFMRQC = 0x03000,
	R_VFRSSRK = 0x03100,
	R_VFRETA = 0x03200,
};
#define VF_VECTORS         3
#define VF_VECTOR_MASK     0x7u
#define VTIVAR_VECTOR      0x3u
#define VF_QUEUES_SEEN     8		/* blocks in a VF's BAR */

/* 7.1: mailbox */
enum {
	R_PFMAILBOX = 0x04b00,
	R_PFMBMEM = 0x13000,
	R_PFMBICR = 0x00710,
	R_PFMBIMR = 0x00720,
	R_VFLRE = 0x00600,
	R_VFLRE_HIGH = 0x001c0,
	R_VFLREC = 0x00700,
	R_PVFMAILBOX = 0x04c00,
};
#define MAILBOX_VFU        BIT(2)

/* 5.2, 8: filters, pools, switch */
enum {
	R_MTA = 0x05200,
	R_UTA = 0x0f400,
	R_RAL = 0x0a200,
	R_RAH = 0x0a204,
	R_MPSAR = 0x0a600,
	R_VFTA = 0x0a000,
	R_VLVF = 0x0f100,
	R_VLVFB = 0x0f200,
	R_VT_CTL = 0x051b0,
	R_VFRE = 0x051e0,
	R_VFTE = 0x08110,
	R_VMECM = 0x08790,
	R_VMOLR = 0x0f000,
	R_VMVIR = 0x08000,
	R_PFDTXGSWC = 0x08220,
	R_VMTXSW = 0x05180,
	R_PFVFSPOOF = 0x08200,
	R_SSVPC = 0x08780,
	R_PFFLPL = 0x050b0,
	R_ETQF = 0x05128,
	R_ETQS = 0x0ec00,
	R_MRCTL = 0x0f600,
	R_VMRVLAN = 0x0f610,
	R_VMRVM = 0x0f630,
	R_RTTDQSEL = 0x04904,
	R_RTTDT1C = 0x04908,
	R_RTTBCNRC = 0x04984,
	R_LVMMC_RX = 0x02fa8,
	R_LVMMC_TX = 0x08108,
	R_LMVM_RX = 0x02fa4,
	R_LMVM_TX = 0x08124,
	R_WQBR_RX = 0x02fb0,
	R_WQBR_TX = 0x08130,
};
#define RAH_AV               BIT(31)
#define VLVF_VIEN            BIT(31)
#define VT_CTL_VT_EN         BIT(0)
#define VT_CTL_POOL(v)       (((v) >> 7) & 0x3f)
#define VT_CTL_DIS_DEFPL     BIT(29)
#define VT_CTL_REPLEN        BIT(30)
#define VMOLR_UPE            BIT(22)	/* X540 and later */
#define VMOLR_VPE            BIT(23)	/* works on X550 */
#define VMOLR_AUPE           BIT(24)
#define VMOLR_ROMPE          BIT(25)
#define VMOLR_ROPE           BIT(26)
#define VMOLR_BAM            BIT(27)
#define VMOLR_MPE            BIT(28)
#define VMVIR_VLANA(v)       ((v) >> 30)
#define PFDTXGSWC_LBE        BIT(0)
#define SPOOF_MAC(i)         BIT(i)
#define SPOOF_VLAN(i)        BIT(8 + (i))
#define SPOOF_ETYPE(i)       BIT(16 + (i))	/* X550 */
#define ETQF_TX_ANTISPOOF    BIT(29)	/* X550 */
#define ETQF_ENABLE          BIT(31)
#define ETQS_ENABLE          BIT(31)
#define ETQS_QUEUE(v)        (((v) >> 16) & 0x7f)
#define MRCTL_VPME           BIT(0)
#define MRCTL_UPME           BIT(1)
#define MRCTL_DPME           BIT(2)
#define MRCTL_VLME           BIT(3)
#define MRCTL_POOL(v)        (((v) >> 8) & 0x3f)
#define RTTBCNRC_RS_ENA      BIT(31)
#define RTTBCNRC_FACTOR      0x0fffffffu	/* 14 bits integer, 14 bits fraction */

/* 8.9: statistics that lie among other registers */
enum {
	R_QPRC = 0x01030,
	R_QPRDC = 0x01430,
	R_PVFGPRC = 0x0101c,
	R_PVFGORC_LSB = 0x01020,
	R_PVFGORC_MSB = 0x0d020,
	R_PVFMPRC = 0x0d01c,
	R_PVFGPTC = 0x08300,
	R_PVFGOTC_LSB = 0x08400,
	R_PVFGOTC_MSB = 0x08404,
};
#define COUNTERS_36 0xfu	/* bits of a high half */

#endif /* MODEL_REGS_82599_H */
