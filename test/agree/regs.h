/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/** @file Registers and bits of the 82576 that scenarios name. */
#ifndef SLUICE_TEST_AGREE_REGS_H
#define SLUICE_TEST_AGREE_REGS_H

#define R_CTRL		0x0000
#define CTRL_SLU	BIT(6)
#define CTRL_RST	BIT(26)
#define CTRL_VME	BIT(30)
#define R_STATUS	0x0008
#define STATUS_LU	BIT(1)
#define R_EERD		0x0014
#define R_CTRL_EXT	0x0018
#define CTRL_EXT_PFRSTD	BIT(14)
#define R_MDIC		0x0020
#define MDIC_WRITE(reg, data) (BIT(26) | BIT(21) | (reg) << 16 | (data))
#define MDIC_READ(reg)	(BIT(27) | BIT(21) | (reg) << 16)
#define R_VET		0x0038
#define R_ICR		0x00c0
#define R_ICS		0x00c8
#define R_IMS		0x00d0
#define R_IMC		0x00d8
#define R_IAM		0x00e0
#define ICR_LSC		BIT(2)
#define ICR_VMMB	BIT(8)
#define R_RCTL		0x0100
#define RCTL_EN		BIT(1)
#define RCTL_UPE	BIT(3)
#define RCTL_MPE	BIT(4)
#define RCTL_LPE	BIT(5)
#define RCTL_LBM	(3u << 6)	/* all that leaves comes back */
#define RCTL_BAM	BIT(15)
#define RCTL_VFE	BIT(18)
#define RCTL_SECRC	BIT(26)
#define R_TCTL		0x0400
#define TCTL_EN		BIT(1)
#define TCTL_PSP	BIT(3)
#define R_VMBMEM	0x0800
#define R_P2V		0x0c00
#define P2V_STS		BIT(0)
#define P2V_ACK		BIT(1)
#define P2V_PFU		BIT(3)
#define P2V_RVFU	BIT(4)
#define R_V2P		0x0c40
#define V2P_REQ		BIT(0)
#define V2P_ACK		BIT(1)
#define V2P_VFU		BIT(2)
#define R_MBVFICR	0x0c80
#define R_MBVFIMR	0x0c84
#define R_VFLRE		0x0c88
#define R_VFRE		0x0c8c
#define R_VFTE		0x0c90
#define R_GPIE		0x1514
#define GPIE_STANDARD	0xc0000011
#define R_EICS		0x1520
#define R_EIMS		0x1524
#define R_EIMC		0x1528
#define R_EIAC		0x152c
#define R_EIAM		0x1530
#define R_EICR		0x1580
#define R_EITR		0x1680
#define R_IVAR		0x1700
#define R_IVAR_MISC	0x1740
#define R_QDE		0x2408
#define R_DTXSWC	0x3500
#define DTXSWC_LOOPBACK	BIT(31)
#define R_VMVIR		0x3700
#define R_RXCSUM	0x5000
#define RXCSUM_RESET	0x0300
#define RXCSUM_PCSD	BIT(13)
#define R_RLPML		0x5004
#define R_RFCTL		0x5008
#define R_MTA		0x5200
#define R_RAL		0x5400
#define R_RAH		0x5404
#define RAH_AV		BIT(31)
#define RAH_POOL(p)	(BIT(18) << (p))
#define R_VFTA		0x5600
#define R_MRQC		0x5818
#define MRQC_RSS	2
#define MRQC_VMDQ	3
#define R_VT_CTL	0x581c
#define VT_CTL_POOL(p)	((uint32_t)(p) << 7)
#define VT_CTL_DIS_DEF	BIT(29)
#define VT_CTL_REPL	BIT(30)
#define R_VMOLR		0x5ad0
#define VMOLR_LPE	BIT(16)
#define VMOLR_AUPE	BIT(24)
#define VMOLR_ROMPE	BIT(25)
#define VMOLR_ROPE	BIT(26)
#define VMOLR_BAM	BIT(27)
#define VMOLR_MPME	BIT(28)
#define VMOLR_STRVLAN	BIT(30)
#define VMOLR_RESET	0x80002600
#define R_RPLOLR	0x5af0
#define R_SWSM		0x5b50
#define R_RETA		0x5c00
#define R_RSSRK		0x5c80
#define R_VLVF		0x5d00
#define VLVF_POOL(p)	(BIT(12) << (p))
#define VLVF_ENABLE	BIT(31)
#define R_UTA		0xa000
#define R_VTCTRL	0x10000	/* + 0x100 * vf */

/* Queue blocks: the PF's for all queues, a VF's for its first. */
#define RX_BLOCK(q)	(0xc000 + 0x40 * (q))
#define TX_BLOCK(q)	(0xe000 + 0x40 * (q))
#define VF_RX_BLOCK	0x2800
#define VF_TX_BLOCK	0x3800
#define Q_BAL		0x00
#define Q_BAH		0x04
#define Q_LEN		0x08
#define Q_SRRCTL	0x0c
#define SRRCTL_ONE_BUFFER BIT(25)
#define SRRCTL_DROP_EN	BIT(31)
#define Q_HEAD		0x10
#define Q_TAIL		0x18
#define Q_CONTROL	0x28
#define CONTROL_ENABLE	(BIT(25) | BIT(16))	/* and each write-back at once */
#define Q_RQDPC		0x30
#define Q_TDWBAL	0x38
#define Q_TDWBAH	0x3c

#endif /* SLUICE_TEST_AGREE_REGS_H */
