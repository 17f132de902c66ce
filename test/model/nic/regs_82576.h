/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Offsets and bits of the 82576 and I350 that have code; the rest is in the rows only.
 *
 * Numbers are sections of the 82576 sheet.
 */
#ifndef MODEL_REGS_82576_H
#define MODEL_REGS_82576_H

#define BIT(n)		  (1u << (n))
#define FIELD(value, high, low) (((value) >> (low)) & (UINT32_MAX >> (31 - (high) + (low))))

/* 2.1 */
#define CTRL		  0x0000
#define CTRL_FD		  BIT(0)
#define CTRL_MASTER_DIS	  BIT(2)
#define CTRL_SLU	  BIT(6)
#define CTRL_SPEED_1000	  (2u << 8)
#define CTRL_RST	  BIT(26)
#define CTRL_RFCE	  BIT(27)
#define CTRL_TFCE	  BIT(28)
#define CTRL_DEV_RST	  BIT(29)
#define CTRL_VME	  BIT(30)
#define CTRL_PHY_RST	  BIT(31)

/* 2.3 */
#define STATUS		  0x0008
#define STATUS_FD	  BIT(0)
#define STATUS_LU	  BIT(1)
#define STATUS_SPEED_SHIFT 6
#define STATUS_INIT_DONE  BIT(9)
#define STATUS_PHYRA	  BIT(10)
#define STATUS_VFS_SHIFT  14
#define STATUS_IOV_MODE	  BIT(18)
#define STATUS_MASTER_EN  BIT(19)
#define STATUS_DEV_RST_SET BIT(20)

/* 2.2 */
#define CTRL_EXT	  0x0018
#define CTRL_EXT_EE_RST	  BIT(13)
#define CTRL_EXT_PFRSTD	  BIT(14)
#define CTRL_EXT_VLAN	  BIT(26)
#define CTRL_EXT_IAME	  BIT(27)

/* 2.7, 2.8 */
#define EECD		  0x0010
#define EECD_REQ	  BIT(6)
#define EECD_GNT	  BIT(7)
#define EECD_PRES	  BIT(8)
#define EECD_AUTO_RD	  BIT(9)
#define EECD_SIZE_SHIFT	  11
#define EERD		  0x0014
#define EERD_START	  BIT(0)
#define EERD_DONE	  BIT(1)
#define MDIC		  0x0020
#define MDIC_OP_WRITE	  1
#define MDIC_OP_READ	  2
#define MDIC_READY	  BIT(28)
#define MDIC_ERROR	  BIT(30)
#define MDICNFG		  0x0e04
#define PHPM		  0x0e14
#define PHPM_GO_LINKD	  BIT(5)
#define SWSM		  0x5b50
#define SWSM_SMBI	  BIT(0)
#define SWSM_SWESMBI	  BIT(1)

/* 3.1, 3.2 */
#define RX_BLOCKS	  0xc000
#define TX_BLOCKS	  0xe000
#define BLOCK_STRIDE	  0x40
#define DCTL_WTHRESH_1	  BIT(16)

/* 2.11; the marks are bits 15:4 */
#define FCTTV		  0x0170
#define FCRTL		  0x2160
#define FCRTL_XONE	  BIT(31)
#define FCRTH		  0x2168
#define FCRTV		  0x2460
#define FCRT_BYTES	  0xfff0

/* 3.4, 3.8, 5.1 */
#define RCTL		  0x0100
#define RCTL_EN		  BIT(1)
#define RCTL_SBP	  BIT(2)
#define RCTL_UPE	  BIT(3)
#define RCTL_MPE	  BIT(4)
#define RCTL_LPE	  BIT(5)
#define RCTL_BAM	  BIT(15)
#define RCTL_VFE	  BIT(18)
#define RCTL_PMCF	  BIT(23)
#define RCTL_BSEX	  BIT(25)
#define RCTL_SECRC	  BIT(26)
#define TCTL		  0x0400
#define TCTL_EN		  BIT(1)
#define TCTL_PSP	  BIT(3)
#define VET		  0x0038
#define QDE		  0x2408
#define RXCSUM		  0x5000
#define RXCSUM_IPOFL	  BIT(8)
#define RXCSUM_TUOFL	  BIT(9)
#define RXCSUM_PCSD	  BIT(13)
#define RLPML		  0x5004
#define DTXCTL		  0x3590
#define DTXCTL_MDP_EN	  BIT(5)
#define STANDARD_FRAME	  1518	/* bytes with CRC, 4 more with a tag (5.3) */

/* 5.5, 5.6 */
#define MTA		  0x5200
#define RAL		  0x5400
#define RAH		  0x5404
#define RAL_HIGH	  0x54e0
#define RAR_LOW_BANK	  16
#define RAH_AV		  BIT(31)
#define VFTA		  0x5600
#define UTA		  0xa000
#define ETQF		  0x5cb0
#define MRQC		  0x5818
#define MRQC_RSS	  2
#define MRQC_VMDQ	  3
#define MRQC_VMDQ_RSS	  5
#define RETA		  0x5c00
#define RSSRK		  0x5c80

/* 6 */
#define ICR		  0x00c0
#define ICR_LSC		  BIT(2)
#define ICR_RXO		  BIT(6)
#define ICR_VMMB	  BIT(8)
#define ICR_MALICIOUS	  BIT(28)
#define ICR_DRSTA	  BIT(30)
#define ICR_INTA	  BIT(31)
#define IMS		  0x00d0
#define IAM		  0x00e0
#define GPIE		  0x1514
#define GPIE_NSICR	  BIT(0)
#define GPIE_MSIX_MODE	  BIT(4)
#define GPIE_EIAME	  BIT(30)
#define EIMS		  0x1524
#define EIAC		  0x152c
#define EIAM		  0x1530
#define EICR		  0x1580
#define EITR		  0x1680
#define EITR_LLI_LIMITED  BIT(15)
#define EITR_COUNTER_US	  8	/* of the counter's lowest bit: the interval's 13 bits in 10 */
#define EITR_KEEP	  BIT(31)
#define IVAR		  0x1700
#define IVAR_MISC	  0x1740
#define IVAR_VALID	  0x80
#define VTIVAR		  0x11700
#define VTIVAR_MISC	  0x11720
#define NB_EICR_BITS	  25
#define MBVFICR		  0x0c80
#define MBVFICR_ACK_SHIFT 16
#define MBVFIMR		  0x0c84
#define VFLRE		  0x0c88

/* 7.1 */
#define VMBMEM		  0x0800
#define P2VMAILBOX	  0x0c00

/* 6.6, 8.12: what the PF sees of VF n is 0x100 * n further on */
#define VT_BLOCK	  0x10000
#define VT_STRIDE	  0x100

/* 8 */
#define VFRE		  0x0c8c
#define VFTE		  0x0c90
#define VT_CTL		  0x581c
#define VT_CTL_DIS_DEF	  BIT(29)
#define VT_CTL_REPL	  BIT(30)
#define VMOLR		  0x5ad0
#define VMOLR_LPE	  BIT(16)
#define VMOLR_RSSE	  BIT(17)
#define VMOLR_VPE	  BIT(23)
#define VMOLR_AUPE	  BIT(24)
#define VMOLR_ROMPE	  BIT(25)
#define VMOLR_ROPE	  BIT(26)
#define VMOLR_BAM	  BIT(27)
#define VMOLR_MPME	  BIT(28)
#define VMOLR_UPE	  BIT(29)
#define VMOLR_STRVLAN	  BIT(30)
#define RPLOLR		  0x5af0
#define DVMOLR_HIDEVLAN	  BIT(29)
#define DVMOLR_STRVLAN	  BIT(30)
#define VMVIR		  0x3700
#define VLVF		  0x5d00
#define DTXSWC		  0x3500	/* 82576 */
#define TXSWC		  0x5acc	/* I350 */
#define TXSWC_LOOPBACK	  BIT(31)
#define LVMMC		  0x3548
#define LVMMC_I350_QUEUE_SHIFT 29
#define LVMMC_I350_SPOOF  BIT(25)
#define LVMMC_82576_QUEUE_SHIFT 16
#define WVBR		  0x3554
#define MDFB		  0x3558
#define IOVTCL		  0x5bbc
#define RTTDQSEL	  0x3604
#define RTTBCNRC	  0x36b0
#define RTTBCNRC_ENABLE	  BIT(31)
#define VMRCTL		  0x5d80
#define VMRVLAN		  0x5d90
#define VMRVM		  0x5da0
#define SCCRL		  0x5db0
#define BSCTRH		  0x5db8
#define MSCTRH		  0x5dbc
#define SCBI		  0x5dcc

#endif /* MODEL_REGS_82576_H */
