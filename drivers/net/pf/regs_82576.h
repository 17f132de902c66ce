/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Registers of the 82576 PF that the driver uses, with the section of the 82576 sheet.
 *
 * Queue registers are in the family's row (queue/family.h), statistics in counters_82576.c.
 */
#ifndef SLUICE_REGS_82576_H
#define SLUICE_REGS_82576_H

#include "reg.h"

#define REG(offset_) ((struct reg){ offset_ })

/* 2.1 to 2.3: device control and status. */
#define REG_CTRL	     REG(0x0000)
#define CTRL_GIO_MASTER_DIS  BIT(2)
#define CTRL_SLU	     BIT(6)
#define CTRL_FRCSPD	     BIT(11)
#define CTRL_FRCDPX	     BIT(12)
#define CTRL_RST	     BIT(26)
#define CTRL_RFCE	     BIT(27)
#define CTRL_TFCE	     BIT(28)
#define CTRL_VME	     BIT(30)

#define REG_STATUS	     REG(0x0008)
#define STATUS_FD	     BIT(0)
#define STATUS_LU	     BIT(1)
#define STATUS_FUNC	     BITS(3, 2)
#define STATUS_SPEED	     BITS(7, 6)
#define STATUS_NUM_VFS	     BITS(17, 14)
#define STATUS_IOV_MODE	     BIT(18)
#define STATUS_GIO_MASTER_EN BIT(19)
#define STATUS_RESET_DONE    BIT(20)	/* I350 */

#define REG_CTRL_EXT	     REG(0x0018)
#define CTRL_EXT_PFRSTD	     BIT(14)
#define CTRL_EXT_LINK_MODE   BITS(23, 22)
#define CTRL_EXT_DRV_LOAD    BIT(28)

/* 2.4: PCIe completion timeout. */
#define REG_GCR		     REG(0x5b00)
#define GCR_TIMEOUT	     BITS(15, 12)
#define GCR_TIMEOUT_10MS     0x1000
#define GCR_TIMEOUT_RESEND   BIT(16)
#define GCR_CAP_VER2	     BIT(18)

/* Lights; not in the sheet. */
#define REG_LEDCTL	     REG(0x0e00)
#define LEDCTL_LED2	     BITS(23, 16)
#define LEDCTL_LED3	     BITS(31, 24)
#define LED_ON		     0xe
#define LED_OFF		     0xf

/* 2.5: wake-up, VLAN EtherType. */
#define REG_WUC		     REG(0x5800)
#define REG_WUFC	     REG(0x5808)
#define REG_VET		     REG(0x0038)
#define VET_DEFAULT	     0x81008100
#define REG_DMACR	     REG(0x2508)	/* I350 */

/* 2.7: NVM and the semaphores shared with firmware and the other port. */
#define REG_EECD	     REG(0x0010)
#define EECD_AUTO_RD	     BIT(9)
#define EECD_SIZE	     BITS(14, 11)
#define REG_EERD	     REG(0x0014)
#define EERD_START	     BIT(0)
#define EERD_DONE	     BIT(1)
#define EERD_ADDRESS	     BITS(15, 2)
#define EERD_DATA	     BITS(31, 16)
#define REG_EEMNGCTL	     REG(0x1010)
#define EEMNGCTL_CFG_DONE(port) BIT(18 + (port))
#define REG_SWSM	     REG(0x5b50)
#define SWSM_SMBI	     BIT(0)
#define SWSM_SWESMBI	     BIT(1)
#define REG_SW_FW_SYNC	     REG(0x5b5c)
#define SYNC_NVM	     BIT(0)
#define SYNC_FW_SHIFT	     16
#define NVM_MAC		     0x00
#define NVM_ALTERNATE_MAC    0x37
#define NVM_ALTERNATE_STEP   3	/* words from one port's address to the next one's */
#define NVM_PORT_WORDS	     0x40	/* I350 */

/* 2.8: MDIO and the copper PHY. */
#define REG_MDIC	     REG(0x0020)
#define MDIC_DATA	     BITS(15, 0)
#define MDIC_REG	     BITS(20, 16)
#define MDIC_PHY_INTERNAL    BIT(21)	/* PHY address 1 */
#define MDIC_WRITE	     BIT(26)
#define MDIC_READ	     BIT(27)
#define MDIC_READY	     BIT(28)
#define MDIC_ERROR	     BIT(30)
#define PHY_BMCR	     0
#define BMCR_AN_RESTART	     0x0200
#define BMCR_PWRDN	     0x0800
#define BMCR_AN_EN	     0x1000
#define PHY_ANAR	     4
#define ANAR_PAUSE	     0x0400
#define ANAR_ASM_DIR	     0x0800
#define ANAR_10_100	     0x01e1	/* selector, 10 and 100 Mb/s in both duplexes */
#define PHY_LPAR	     5	/* the partner's, with the same bits */
#define PHY_1000T_CTL	     9
#define CTL1000_HD	     0x0100
#define CTL1000_FD	     0x0200
#define PHY_IGP_POWER	     0x19
#define IGP_POWER_D0_LPLU    0x0002
#define PHY_I350_CONFIG	     22
#define I350_CONFIG_DOWNSHIFT 0x0c00	/* to a lower speed over a bad cable */
#define I350_CONFIG_CRS_ON_TX 0x8000
#define REG_PHPM	     REG(0x0e14)	/* I350 */
#define PHPM_D0_LPLU	     BIT(1)
#define PHPM_GO_LINKD	     BIT(5)

/* 2.11: flow control. */
#define REG_FCAL	     REG(0x0028)
#define REG_FCAH	     REG(0x002c)
#define REG_FCT		     REG(0x0030)
#define REG_FCTTV	     REG(0x0170)
#define REG_FCRTL	     REG(0x2160)
#define FCRTL_XONE	     BIT(31)
#define REG_FCRTH	     REG(0x2168)
#define FCRT_BYTES	     BITS(15, 4)	/* of both */
#define REG_FCRTV	     REG(0x2460)

/* 2.6: the receiver's packet buffer. */
#define REG_RXPBS	     REG(0x2404)
#define RXPBS_KB	     BITS(6, 0)	/* I350: a code */

/* 3.4, 3.8: receiver and transmitter as a whole. */
#define REG_QDE		     REG(0x2408)
#define REG_RCTL	     REG(0x0100)
#define RCTL_EN		     BIT(1)
#define RCTL_UPE	     BIT(3)
#define RCTL_MPE	     BIT(4)
#define RCTL_LPE	     BIT(5)
#define RCTL_BAM	     BIT(15)
#define RCTL_VFE	     BIT(18)
#define RCTL_PMCF	     BIT(23)
#define RCTL_SECRC	     BIT(26)
#define REG_TCTL	     REG(0x0400)
#define TCTL_EN		     BIT(1)
#define TCTL_PSP	     BIT(3)
#define TCTL_CT		     BITS(11, 4)
#define TCTL_COLD	     BITS(21, 12)
#define TCTL_RTLC	     BIT(24)
#define REG_TCTL_EXT	     REG(0x0404)
#define TCTL_EXT_COLD	     BITS(19, 10)
#define COLLISION_THRESHOLD  15
#define COLLISION_DISTANCE   0x3f
#define REG_RXDCTL0	     REG(0xc028)
#define REG_TXDCTL0	     REG(0xe028)
#define REG_RLPML	     REG(0x5004)

/* 5.1, 5.5: checksum, receive filter control, multiple queues. */
#define REG_RXCSUM	     REG(0x5000)
#define RXCSUM_IPOFL	     BIT(8)
#define RXCSUM_TUOFL	     BIT(9)
#define RXCSUM_PCSD	     BIT(13)
#define REG_RFCTL	     REG(0x5008)
#define RFCTL_IPV6_EX_DIS    BIT(16)
#define REG_MRQC	     REG(0x5818)
#define MRQC_RSS	     2
#define MRQC_VMDQ	     3
#define MRQC_VMDQ_RSS	     5	/* 82576 */
#define MRQC_IPV6_TCP_EX     BIT(18)
#define REG_RETA(i)	     REG(0x5c00 + 4u * (i))
#define REG_RSSRK(i)	     REG(0x5c80 + 4u * (i))
#define RETA_WORDS	     32
#define RSSRK_WORDS	     10
#define REG_PSRTYPE(pool)    REG(0x5480 + 4u * (pool))

/* 5.4, 5.6: address and VLAN tables. */
#define REG_RAL(i)	     REG(((i) < 16 ? 0x5400 : 0x5460) + 8u * (i))
#define REG_RAH(i)	     REG(((i) < 16 ? 0x5404 : 0x5464) + 8u * (i))
#define RAH_POOLS	     BITS(25, 18)
#define RAH_AV		     BIT(31)
#define REG_MTA(i)	     REG(0x5200 + 4u * (i))
#define REG_UTA(i)	     REG(0xa000 + 4u * (i))
#define REG_VFTA(i)	     REG(0x5600 + 4u * (i))

/* 6: interrupts. */
#define REG_ICR		     REG(0x00c0)
#define REG_IMS		     REG(0x00d0)
#define REG_IMC		     REG(0x00d8)
#define ICR_LSC		     BIT(2)
#define ICR_VMMB	     BIT(8)
#define ICR_MALICIOUS	     BIT(28)
#define REG_GPIE	     REG(0x1514)
#define GPIE_NSICR	     BIT(0)
#define GPIE_MSIX_MODE	     BIT(4)
#define GPIE_EIAME	     BIT(30)
#define GPIE_PBA	     BIT(31)
#define REG_EIMS	     REG(0x1524)
#define REG_EIMC	     REG(0x1528)
#define REG_EIAC	     REG(0x152c)
#define REG_EIAM	     REG(0x1530)
#define REG_EITR(v)	     REG(0x1680 + 4u * (v))
#define EITR_INTERVAL	     BITS(14, 2)
#define EITR_KEEP	     BIT(31)
#define REG_IVAR_MISC	     REG(0x1740)
#define IVAR_MISC_OTHER	     BITS(15, 8)
#define IVAR_VALID	     0x80

/* 6.7, 7.1: mailbox and function-level reset of the VFs. */
#define REG_MBVFICR	     REG(0x0c80)
#define MBVFICR_REQ	     BITS(7, 0)
#define MBVFICR_ACK	     BITS(23, 16)
#define REG_MBVFIMR	     REG(0x0c84)
#define REG_VFLRE	     REG(0x0c88)

/* 3.8, 8: pools and the internal switch. */
#define REG_VFRE	     REG(0x0c8c)
#define REG_VFTE	     REG(0x0c90)
#define REG_DTXCTL	     REG(0x3590)
#define DTXCTL_VLAN_ADDED    BIT(3)
#define DTXCTL_MDP_EN	     BIT(5)
#define REG_LVMMC	     REG(0x3548)
#define REG_WVBR	     REG(0x3554)
#define WVBR_BLOCKED_SHIFT   16
#define WVBR_SPOOFED	     BITS(15, 0)
#define LVMMC_SPOOFED	     BIT(25)		/* I350 */
#define LVMMC_QUEUE	     BITS(31, 29)	/* I350 */
#define REG_MDFB	     REG(0x3558)	/* I350 */
#define REG_DTXSWC	     REG(0x3500)
#define DTXSWC_MAC_SPOOF(pool)	BIT(pool)
#define DTXSWC_VLAN_SPOOF(pool) BIT(8 + (pool))
#define DTXSWC_LOOPBACK	     BIT(31)
#define REG_TXSWC	     REG(0x5acc)	/* I350, with the bits of DTXSWC */
#define REG_VT_CTL	     REG(0x581c)
#define VT_CTL_DEFAULT_POOL  BITS(9, 7)
#define VT_CTL_NO_DEFAULT    BIT(29)
#define VT_CTL_REPLICATE     BIT(30)
#define REG_VMOLR(pool)	     REG(0x5ad0 + 4u * (pool))
#define VMOLR_RLPML	     BITS(13, 0)
#define VMOLR_LPE	     BIT(16)
#define VMOLR_RSSE	     BIT(17)	/* 82576 */
#define VMOLR_AUPE	     BIT(24)
#define VMOLR_ROMPE	     BIT(25)
#define VMOLR_ROPE	     BIT(26)
#define VMOLR_BAM	     BIT(27)
#define VMOLR_MPME	     BIT(28)
#define VMOLR_UPE	     BIT(29)	/* I350 */
#define VMOLR_STRVLAN	     BIT(30)
#define VMOLR_STRCRC	     BIT(31)
#define REG_DVMOLR(q)	     REG(0xc038 + 0x40u * (q))	/* I350 */
#define DVMOLR_STRVLAN	     BIT(30)
#define DVMOLR_STRCRC	     BIT(31)
#define REG_RPLOLR	     REG(0x5af0)
#define RPLOLR_STRVLAN	     BIT(30)
#define RPLOLR_STRCRC	     BIT(31)
#define REG_VMVIR(pool)	     REG(0x3700 + 4u * (pool))
#define VMVIR_ALWAYS	     BIT(30)
#define VMVIR_QOS	     BITS(15, 13)
#define REG_RTTDQSEL	     REG(0x3604)	/* 82576, as the next two */
#define REG_RTTBCNRM	     REG(0x3690)
#define RTTBCNRM_LARGE	     0x14	/* for frames of up to 9728 bytes */
#define REG_RTTBCNRC	     REG(0x36b0)
#define RTTBCNRC_FACTOR	     BITS(27, 0)
#define RTTBCNRC_ENABLE	     BIT(31)
#define REG_VMRCTL(rule)     REG(0x5d80 + 4u * (rule))
#define VMRCTL_POOLS	     BIT(0)
#define VMRCTL_TO	     BITS(10, 8)
#define REG_VMRVM(rule)	     REG(0x5da0 + 4u * (rule))
#define REG_SCCRL	     REG(0x5db0)
#define SCCRL_MULTICAST	     BIT(1)	/* of this interval */
#define SCCRL_BROADCAST	     BIT(3)
#define SCCRL_INTERVALS	     BITS(17, 8)
#define REG_BSCTRH	     REG(0x5db8)
#define REG_MSCTRH	     REG(0x5dbc)
#define SCTRH_CHUNKS	     BITS(18, 0)	/* of both */
#define REG_SCBI	     REG(0x5dcc)
#define SCBI_100_MS	     0x5f5e10
#define REG_VLVF(i)	     REG(0x5d00 + 4u * (i))
#define VLVF_VID	     BITS(11, 0)
#define VLVF_POOLS	     BITS(19, 12)
#define VLVF_ENABLE	     BIT(31)

#endif /* SLUICE_REGS_82576_H */
