/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Registers of 82599, X540 and X550 PFs that the driver uses, with the section of the 82599 sheet.
 *
 * Queue registers are in the family's row (queue/family.h), statistics in counters_82599.c.
 */
#ifndef SLUICE_REGS_82599_H
#define SLUICE_REGS_82599_H

#include "reg.h"

#define REG(offset_) ((struct reg){ offset_ })

/* 2.1: device control and status. */
#define REG_CTRL	     REG(0x00000)
#define CTRL_GIO_DIS	     BIT(2)
#define CTRL_LNK_RST	     BIT(3)
#define CTRL_RST	     BIT(26)
#define REG_STATUS	     REG(0x00008)
#define STATUS_LAN_ID	     BITS(3, 2)
#define STATUS_NUM_VFS	     BITS(17, 10)
#define STATUS_IOV_ACTIVE    BIT(18)
#define STATUS_GIO	     BIT(19)
#define REG_CTRL_EXT	     REG(0x00018)
#define CTRL_EXT_PFRSTD	     BIT(14)
#define CTRL_EXT_NS_DIS	     BIT(16)
#define CTRL_EXT_DRV_LOAD    BIT(28)
#define REG_ESDP	     REG(0x00020)
#define ESDP_SDP2	     BIT(2)	/* 82599: 0: a module is in the cage */
#define ESDP_SDP3	     BIT(3)	/* 82599: 1: laser off */
#define ESDP_SDP3_OUT	     BIT(11)
#define REG_I2CCTL	     REG(0x00028)
#define I2C_CLOCK_IN	     BIT(0)
#define I2C_CLOCK_OUT	     BIT(1)
#define I2C_DATA_IN	     BIT(2)
#define I2C_DATA_OUT	     BIT(3)
#define REG_LEDCTL	     REG(0x00200)
#define LEDCTL_MODE	     BITS(3, 0)	/* of the first light */
#define LEDCTL_BLINK	     BIT(7)
#define LED_ON		     0xe
#define LED_OFF		     0xf
#define REG_EEC		     REG(0x10010)
#define EEC_ARD		     BIT(9)
#define EEC_SIZE	     BITS(14, 11)
#define REG_EERD	     REG(0x10014)
#define EERD_START	     BIT(0)
#define EERD_DONE	     BIT(1)
#define EERD_ADDRESS	     BITS(15, 2)
#define EERD_DATA	     BITS(31, 16)
#define REG_MMNGC	     REG(0x042d0)
#define MMNGC_VETO	     BIT(0)
#define REG_GCR_EXT	     REG(0x11050)
#define GCR_EXT_VT_MODE	     BITS(1, 0)
#define GCR_EXT_BUFFERS_CLEAR BIT(30)

/* 2.2: semaphores. */
#define REG_SWSM	     REG(0x10140)
#define SWSM_SMBI	     BIT(0)
#define SWSM_SWESMBI	     BIT(1)
#define REG_SW_FW_SYNC	     REG(0x10160)
#define SYNC_NVM	     BIT(0)
#define SYNC_PHY(port)	     BIT(1 + (port))
#define SYNC_MAC_CSR	     BIT(3)
#define SYNC_FW_SHIFT	     5
#define SYNC_REGSMP	     BIT(31)

/* 2.5: security block, DMA and MAC as a whole. */
#define REG_SECRXCTRL	     REG(0x08d00)
#define SECRXCTRL_RX_DIS     BIT(1)
#define REG_SECRXSTAT	     REG(0x08d04)
#define SECRXSTAT_READY	     BIT(0)
#define REG_RXCTRL	     REG(0x03000)
#define RXCTRL_RXEN	     BIT(0)
#define REG_RDRXCTL	     REG(0x02f00)
#define RDRXCTL_CRCSTRIP     BIT(1)
#define RDRXCTL_PSP	     BIT(2)
#define RDRXCTL_DMAIDONE     BIT(3)
#define RDRXCTL_RSCFRSTSIZE  BITS(21, 17)
#define RDRXCTL_RSCACKC	     BIT(25)
#define RDRXCTL_FCOE_WRFIX   BIT(26)
#define RDRXCTL_MBINTEN	     BIT(28)
#define RDRXCTL_MDP_EN	     BIT(29)
#define REG_DMATXCTL	     REG(0x04a80)
#define DMATXCTL_TE	     BIT(0)
#define DMATXCTL_MDP_EN	     BIT(5)
#define DMATXCTL_MBINTEN     BIT(6)
#define DMATXCTL_VT	     BITS(31, 16)
#define REG_HLREG0	     REG(0x04240)
#define HLREG0_TXCRCEN	     BIT(0)
#define HLREG0_RXCRCSTRP     BIT(1)
#define HLREG0_JUMBOEN	     BIT(2)
#define HLREG0_TXPADEN	     BIT(10)
#define HLREG0_LPBK	     BIT(15)
#define REG_MAXFRS	     REG(0x04268)
#define MAXFRS_MFS	     BITS(31, 16)
#define REG_FCTRL	     REG(0x05080)
#define FCTRL_SBP	     BIT(1)
#define FCTRL_MPE	     BIT(8)
#define FCTRL_UPE	     BIT(9)
#define FCTRL_BAM	     BIT(10)
#define REG_VXLANCTRL	     REG(0x0507c)	/* X550 */
#define VXLANCTRL_VXLAN	     BITS(15, 0)
#define REG_VLNCTRL	     REG(0x05088)
#define VLNCTRL_VET	     BITS(15, 0)
#define VLNCTRL_CFIEN	     BIT(29)
#define VLNCTRL_VFE	     BIT(30)
#define REG_MCSTCTRL	     REG(0x05090)
#define MCSTCTRL_MFE	     BIT(2)	/* MO 1:0 = 0: address bits 47:36 */
#define REG_RXCSUM	     REG(0x05000)
#define RXCSUM_PCSD	     BIT(13)
#define REG_MFLCN	     REG(0x04294)
#define MFLCN_PMCF	     BIT(0)
#define MFLCN_DPF	     BIT(1)
#define MFLCN_RPFCE	     BIT(2)
#define MFLCN_RFCE	     BIT(3)
#define REG_FCCFG	     REG(0x03d00)
#define FCCFG_TFCE	     BIT(3)
#define REG_FCTTV(i)	     REG(0x03200 + 4u * (i))
#define REG_FCRTL(tc)	     REG(0x03220 + 4u * (tc))
#define FCRTL_XONE	     BIT(31)
#define REG_FCRTH(tc)	     REG(0x03260 + 4u * (tc))
#define FCRTH_FCEN	     BIT(31)
#define FCRT_BYTES	     BITS(19, 5)	/* of both */
#define REG_FCRTV	     REG(0x032a0)

/* 2.6: packet buffers, arbiters. */
#define REG_RXPBSIZE(tc)     REG(0x03c00 + 4u * (tc))
#define RXPBSIZE_KB	     BITS(19, 10)
#define REG_TXPBSIZE(tc)     REG(0x0cc00 + 4u * (tc))
#define REG_TXPBTHRESH(tc)   REG(0x04950 + 4u * (tc))
#define REG_RTTDCS	     REG(0x04900)
#define RTTDCS_ARBDIS	     BIT(6)
#define TRAFFIC_CLASSES	     8

/* 2.8: link. */
#define REG_AUTOC	     REG(0x042a0)
#define AUTOC_AN_RESTART     BIT(12)
#define AUTOC_LMS	     BITS(15, 13)
#define AUTOC_LMS_HIGH	     BIT(15)
#define AUTOC_PAUSE	     BIT(28)
#define AUTOC_ASM_DIR	     BIT(29)
#define LMS_10G_SERIAL	     3
#define REG_AUTOC2	     REG(0x042a8)
#define AUTOC2_SERIAL_PMA    BITS(17, 16)
#define SERIAL_PMA_SFI	     2
#define AUTOC2_LINK_DISABLE  BITS(30, 28)
#define REG_ANLP1	     REG(0x042b0)
#define ANLP1_PAUSE	     BIT(10)
#define ANLP1_ASM_DIR	     BIT(11)
#define ANLP1_AN_STATE	     BITS(19, 16)
#define REG_LINKS	     REG(0x042a4)
#define LINKS_UP	     BIT(30)
#define LINKS_SPEED	     BITS(29, 28)
#define LINKS_OTHER_RATE     BIT(27)
#define LINKS_AN_COMPLETE    BIT(31)
#define REG_CORECTL	     REG(0x14f00)
#define REG_MSCA	     REG(0x0425c)
#define MSCA_ADDRESS	     BITS(15, 0)
#define MSCA_DEVICE	     BITS(20, 16)
#define MSCA_PHY	     BITS(25, 21)
#define MSCA_OP		     BITS(27, 26)
#define MSCA_OP_ADDRESS	     0
#define MSCA_OP_WRITE	     1
#define MSCA_OP_READ	     3
#define MSCA_GO		     BIT(30)
#define REG_MSRWD	     REG(0x04260)
#define MSRWD_WRITE	     BITS(15, 0)
#define MSRWD_READ	     BITS(31, 16)

/* 3.3 to 3.5: queues. */
#define QUEUES		     128
#define RXDCTL_SWFLSH	     BIT(26)
#define TXDCTL_SWFLSH	     BIT(26)
#define REG_QDE		     REG(0x02f04)
#define QDE_ENABLE	     BIT(0)
#define QDE_HIDE_VLAN	     BIT(1)
#define QDE_QUEUE	     BITS(14, 8)
#define QDE_WRITE	     BIT(16)
#define REG_MTQC	     REG(0x08120)
#define MTQC_64_POOLS	     0x6
#define REG_MRQC	     REG(0x05818)
#define MRQC_RSS	     0x1
#define MRQC_64_POOLS_RSS    0xb
#define MRQC_MULTIPLE_RSS    BIT(13)
#define REG_RETA(i)	     REG(0x05c00 + 4u * (i))
#define REG_RSSRK(i)	     REG(0x05c80 + 4u * (i))
#define RETA_WORDS	     32
#define RSSRK_WORDS	     10
#define REG_ERETA(i)	     REG(0x0ee80 + 4u * (i))	/* X550, as what follows */
#define ERETA_WORDS	     96
#define REG_PFVFMRQC(pool)   REG(0x03400 + 4u * (pool))
#define PFVFMRQC_RSS	     BIT(0)
#define PFVFRSS_WORDS	     16		/* from one pool's to the next's */
#define REG_PFVFRSSRK(i)     REG(0x18000 + 4u * (i))
#define REG_PFVFRETA(i)	     REG(0x19000 + 4u * (i))
#define REG_PSRTYPE(pool)    REG(0x0ea00 + 4u * (pool))
#define PSRTYPE_QUEUES	     BITS(31, 29)	/* log2 */
#define REG_RQSMR(i)	     REG(0x02300 + 4u * (i))	/* of queues 4 i to 4 i + 3 */
#define REG_RTTDQSEL	     REG(0x04904)
#define REG_RTTBCNRM	     REG(0x04980)
#define RTTBCNRM_LARGE	     0x14	/* for frames of up to 9728 bytes */
#define REG_RTTBCNRC	     REG(0x04984)
#define RTTBCNRC_FACTOR	     BITS(27, 0)
#define RTTBCNRC_ENABLE	     BIT(31)

/* 5.2: VLAN. */
#define REG_VFTA(i)	     REG(0x0a000 + 4u * (i))
#define REG_VLVF(i)	     REG(0x0f100 + 4u * (i))
#define VLVF_VID	     BITS(11, 0)
#define VLVF_ENABLE	     BIT(31)
#define REG_VLVFB_LOW(i)     REG(0x0f200 + 8u * (i))
#define REG_VLVFB_HIGH(i)    REG(0x0f204 + 8u * (i))
#define VLVF_ROWS	     64
#define REG_VMVIR(pool)	     REG(0x08000 + 4u * (pool))
#define VMVIR_ALWAYS	     BIT(30)
#define VMVIR_QOS	     BITS(15, 13)

/* 6: interrupts. */
#define REG_EICR	     REG(0x00800)
#define REG_EICS	     REG(0x00808)
#define REG_EIAC	     REG(0x00810)
#define REG_EIMS	     REG(0x00880)
#define REG_EIMC	     REG(0x00888)
#define REG_EIAM	     REG(0x00890)
#define REG_EIMC_EX(i)	     REG(0x00ab0 + 4u * (i))
#define REG_EIAM_EX(i)	     REG(0x00ad0 + 4u * (i))
#define EICR_MAILBOX	     BIT(19)
#define EICR_LSC	     BIT(20)
#define EICR_OTHER_CAUSES    BITS(31, 16)
#define REG_GPIE	     REG(0x00898)
#define GPIE_MSIX_MODE	     BIT(4)
#define GPIE_OCD	     BIT(5)
#define GPIE_VTMODE	     BITS(15, 14)
#define GPIE_EIAME	     BIT(30)
#define GPIE_PBA	     BIT(31)
#define REG_IVAR(i)	     REG(0x00900 + 4u * (i))
#define IVAR_WORDS	     64
#define REG_IVAR_MISC	     REG(0x00a00)
#define IVAR_MISC_OTHER	     BITS(15, 8)
#define IVAR_VALID	     0x80
#define REG_EITR0	     REG(0x00820)
#define REG_EITRSEL	     REG(0x00894)

/* 7.1: mailbox, and function-level reset of the VFs. */
#define REG_PFMBICR(i)	     REG(0x00710 + 4u * (i))	/* of VFs 16 i to 16 i + 15 */
#define PFMBICR_WORDS	     4
#define PFMBICR_REQ	     BITS(15, 0)
#define PFMBICR_ACK	     BITS(31, 16)
#define PFMBICR_VFS	     16
#define REG_PFMBIMR(i)	     REG(0x00720 + 4u * (i))
#define REG_VFLREC(i)	     REG(0x00700 + 4u * (i))

/* 8: pools and the internal switch. */
#define REG_VT_CTL	     REG(0x051b0)
#define VT_CTL_ENABLE	     BIT(0)
#define VT_CTL_DEFAULT_POOL  BITS(12, 7)
#define VT_CTL_NO_DEFAULT    BIT(29)
#define VT_CTL_REPLICATE     BIT(30)
#define VT_MODE_64_POOLS     3
#define REG_VFRE(i)	     REG(0x051e0 + 4u * (i))
#define REG_VFTE(i)	     REG(0x08110 + 4u * (i))
#define REG_VMECM(i)	     REG(0x08790 + 4u * (i))
#define REG_VMOLR(pool)	     REG(0x0f000 + 4u * (pool))
#define VMOLR_UPE	     BIT(22)
#define VMOLR_AUPE	     BIT(24)
#define VMOLR_ROMPE	     BIT(25)
#define VMOLR_ROPE	     BIT(26)
#define VMOLR_BAM	     BIT(27)
#define VMOLR_MPE	     BIT(28)
#define REG_RAL(i)	     REG(0x0a200 + 8u * (i))
#define REG_RAH(i)	     REG(0x0a204 + 8u * (i))
#define RAH_AV		     BIT(31)
#define RAR_ROWS	     128
#define REG_MPSAR_LOW(i)     REG(0x0a600 + 8u * (i))
#define REG_MPSAR_HIGH(i)    REG(0x0a604 + 8u * (i))
#define REG_MTA(i)	     REG(0x05200 + 4u * (i))
#define REG_UTA(i)	     REG(0x0f400 + 4u * (i))
#define REG_LVMMC_RX	     REG(0x02fa8)
#define REG_LVMMC_TX	     REG(0x08108)
#define REG_WQBR_RX(i)	     REG(0x02fb0 + 4u * (i))	/* of queues 32 i to 32 i + 31 */
#define REG_WQBR_TX(i)	     REG(0x08130 + 4u * (i))
#define WQBR_WORDS	     4
#define REG_PFDTXGSWC	     REG(0x08220)
#define PFDTXGSWC_LBE	     BIT(0)
#define REG_PFVFSPOOF(i)     REG(0x08200 + 4u * (i))	/* of pools 8 i to 8 i + 7 */
#define PFVFSPOOF_MAC(pool)  BIT((pool) % 8)
#define PFVFSPOOF_VLAN(pool) BIT(8 + (pool) % 8)
#define PFVFSPOOF_ETYPE(pool) BIT(16 + (pool) % 8)	/* X550 */
#define REG_ETQF(i)	     REG(0x05128 + 4u * (i))
#define ETQF_ETYPE	     BITS(15, 0)
#define ETQF_TX_ANTISPOOF    BIT(29)	/* X550 */
#define ETQF_ENABLE	     BIT(31)
#define ETQF_OF_LLDP	     5
#define ETQF_OF_PAUSE	     7
#define REG_PFFLP(i)	     REG(0x050b0 + 4u * (i))	/* X550; of pools 32 i to 32 i + 31 */
#define REG_MRCTL(rule)	     REG(0x0f600 + 4u * (rule))
#define MRCTL_POOLS	     BIT(0)
#define MRCTL_TO	     BITS(13, 8)
#define REG_VMRVM(rule)	     REG(0x0f630 + 4u * (rule))	/* of pools 0 to 31 */
#define REG_VMRVM_HIGH(rule) REG(0x0f640 + 4u * (rule))

#endif /* SLUICE_REGS_82599_H */
