/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * Registers of a PF that the 82576 and the I350 have in common, to be included in the initialiser
 * of a table; NB_QUEUES and NB_RARS_HIGH are its own. Numbers are sections of the 82576 sheet;
 * where there is none the register is in the data sheet's map and nothing depends on it.
 */

	/* 2.1 to 2.3 */
	{ .name = "CTRL", .offset = CTRL, .reset = CTRL_FD | CTRL_SPEED_1000,
	  .writable = RW & ~(CTRL_RST | CTRL_DEV_RST), .on_write = write_ctrl },
	{ .name = "CTRL_DUP", .offset = 0x0004, .alias = CTRL },
	{ .name = "STATUS", .offset = STATUS, .reset = STATUS_PHYRA, .writable = STATUS_PHYRA,
	  .clear_by_1 = STATUS_DEV_RST_SET, .on_read = read_status },
	{ .name = "CTRL_EXT", .offset = CTRL_EXT, .writable = RW, .on_write = write_ctrl_ext },

	/* 2.7, 2.8 */
	{ .name = "EECD", .offset = EECD, .writable = 0x4f,
	  .reset = EECD_PRES | EECD_AUTO_RD | 4 << EECD_SIZE_SHIFT, .on_read = read_eecd },
	{ .name = "EERD", .offset = EERD, .on_write = write_eerd },
	{ .name = "FLA", .offset = 0x001c, .writable = RW },
	{ .name = "MDIC", .offset = MDIC, .reset = MDIC_READY, .on_write = write_mdic },
	{ .name = "EEMNGCTL", .offset = 0x1010, .reset = 0x803c0000, .writable = 0x0003ffff },
	{ .name = "EEARBC", .offset = 0x1024, .writable = RW },
	{ .name = "SWSM", .offset = SWSM, .writable = SWSM_SMBI | SWSM_SWESMBI,
	  .kept = KEPT_BY(RESET_PF_SOFTWARE), .on_read = read_swsm },
	{ .name = "FWSM", .offset = 0x5b54 },
	{ .name = "SW_FW_SYNC", .offset = 0x5b5c, .writable = RW,
	  .kept = KEPT_BY(RESET_PF_SOFTWARE) },

	/* 2.9, 2.10: there on a copper board too */
	{ .name = "SCTL", .offset = 0x0024, .writable = RW },
	{ .name = "CONNSW", .offset = 0x0034, .writable = RW },
	{ .name = "PCS_CFG0", .offset = 0x4200, .reset = 0x8, .writable = RW },
	{ .name = "PCS_LCTL", .offset = 0x4208, .writable = RW },
	{ .name = "PCS_LSTAT", .offset = 0x420c },
	{ .name = "PCS_ANADV", .offset = 0x4218, .writable = RW },
	{ .name = "PCS_LPAB", .offset = 0x421c },
	{ .name = "PCS_NPTX", .offset = 0x4220, .writable = RW },
	{ .name = "PCS_LPABNP", .offset = 0x4224 },
	{ .name = "I2CCMD", .offset = 0x1028, .writable = RW },
	{ .name = "I2CPARAMS", .offset = 0x102c, .writable = RW },

	/* 2.11 */
	{ .name = "FCAL", .offset = 0x0028, .reset = 0x00c28001, .writable = RW },
	{ .name = "FCAH", .offset = 0x002c, .reset = 0x0100, .writable = 0xffff },
	{ .name = "FCT", .offset = 0x0030, .reset = 0x8808, .writable = 0xffff },
	{ .name = "FCTTV", .offset = FCTTV, .writable = 0xffff, .on_write = write_port },
	{ .name = "FCRTL", .offset = FCRTL, .writable = FCRTL_XONE | FCRT_BYTES,
	  .on_write = write_port },
	{ .name = "FCRTH", .offset = FCRTH, .writable = FCRT_BYTES, .on_write = write_port },
	{ .name = "FCRTC", .offset = 0x2170, .writable = RW },
	{ .name = "FCRTV", .offset = FCRTV, .writable = 0xffff, .on_write = write_port },

	/* 2.4, 2.5, and what else the board has */
	{ .name = "VET", .offset = VET, .reset = 0x81008100, .writable = RW,
	  .on_write = write_port },
	{ .name = "LEDCTL", .offset = 0x0e00, .reset = 0x07068302, .writable = RW },
	{ .name = "PBA", .offset = 0x1000, .writable = RW },
	{ .name = "PBS", .offset = 0x1008, .writable = RW },
	{ .name = "FRTIMER", .offset = 0x1048, .on_read = read_frtimer },
	{ .name = "TCPTIMER", .offset = 0x104c, .writable = RW },
	{ .name = "GCR", .offset = 0x5b00, .reset = 0x00040000, .writable = 0xfffbffff },
	{ .name = "FACTPS", .offset = 0x5b30 },
	{ .name = "GIOCTL", .offset = 0x5b44, .writable = RW },
	{ .name = "CCMCTL", .offset = 0x5b48, .writable = RW },
	{ .name = "SCCTL", .offset = 0x5b4c, .writable = RW },
	{ .name = "PBACL", .offset = 0x5b68, .clear_by_1 = RW },
	{ .name = "DCA_ID", .offset = 0x5b70 },
	{ .name = "DCA_CTRL", .offset = 0x5b74, .writable = RW },
	{ .name = "WUC", .offset = 0x5800, .writable = RW },
	{ .name = "WUFC", .offset = 0x5808, .writable = RW },
	{ .name = "WUS", .offset = 0x5810, .clear_by_1 = RW },
	{ .name = "MANC", .offset = 0x5820 },
	{ .name = "MANC2H", .offset = 0x5860, .writable = RW },
	{ .name = "IPAV", .offset = 0x5838, .writable = RW },
	{ .name = "IP4AT", .offset = 0x5840, .count = 4, .stride = 8, .writable = RW },
	{ .name = "IP6AT", .offset = 0x5880, .count = 4, .writable = RW },
	{ .name = "MDEF", .offset = 0x5890, .count = 8, .writable = RW },
	{ .name = "WUPL", .offset = 0x5900 },
	{ .name = "WUPM", .offset = 0x5a00, .count = 32 },
	{ .name = "FFLT", .offset = 0x5f00, .count = 4, .stride = 8, .writable = RW },
	{ .name = "FHFT", .offset = 0x9000, .count = 256, .writable = RW },
	{ .name = "FFVT", .offset = 0x9800, .count = 4, .stride = 8, .writable = RW },
	{ .name = "FHFT_EXT", .offset = 0x9a00, .count = 256, .writable = RW },

	/* 2.6, 3.4, 3.8 */
	{ .name = "TXPBS", .offset = 0x3404, .reset = TXPBS_RESET, .writable = RW,
	  .kept = KEPT_BY(RESET_PF_SOFTWARE) },
	{ .name = "RXPBS", .offset = 0x2404, .reset = RXPBS_RESET, .writable = RW,
	  .kept = KEPT_BY(RESET_PF_SOFTWARE) },
	{ .name = "SWPBS", .offset = 0x3004, .reset = 0x14, .writable = RW },
	{ .name = "RCTL", .offset = RCTL, .writable = RW, .on_write = write_port },
	{ .name = "TCTL", .offset = TCTL, .reset = 0xa40400f8, .writable = RW,
	  .on_write = write_port },
	{ .name = "TCTL_EXT", .offset = 0x0404, .reset = 0x00010840, .writable = RW },
	{ .name = "TIPG", .offset = 0x0410, .reset = 0x00601008, .writable = RW },
	{ .name = "AIT", .offset = 0x0458, .writable = RW },
	{ .name = "RLPML", .offset = RLPML, .reset = 0x2600, .writable = 0x3fff,
	  .on_write = write_port },
	{ .name = "QDE", .offset = QDE, .writable = (1u << NB_QUEUES) - 1,
	  .on_write = write_queues },
	{ .name = "DTXCTL", .offset = DTXCTL, .reset = 0x44, .writable = RW,
	  .on_write = write_port },
	{ .name = "DTXMXSZRQ", .offset = 0x3540, .reset = 0x10, .writable = RW },
	{ .name = "DTXTCPFLGL", .offset = 0x359c, .reset = 0x0ff60ff6, .writable = RW },
	{ .name = "DTXTCPFLGH", .offset = 0x35a0, .reset = 0x0f7f, .writable = RW },
	{ .name = "TDFH", .offset = 0x3410 },
	{ .name = "TDFT", .offset = 0x3418 },
	{ .name = "TDFHS", .offset = 0x3420 },
	{ .name = "TDFTS", .offset = 0x3428 },
	{ .name = "TDFPC", .offset = 0x3430 },
	{ .name = "RDFH", .offset = 0x2410 },
	{ .name = "RDFT", .offset = 0x2418 },
	{ .name = "RDFHS", .offset = 0x2420 },
	{ .name = "RDFTS", .offset = 0x2428 },
	{ .name = "RDFPC", .offset = 0x2430 },
	{ .name = "PBRWAC", .offset = 0x24e8 },
	{ .name = "PBTWAC", .offset = 0x34e8 },

	/* 3.1, 3.2 */
	BLOCK_ROWS("RDBAL", 0xc000, 0x2800, rdbal, 0xffffff80, 0)
	BLOCK_ROWS("RDBAH", 0xc004, 0x2804, rdbah, RW, 0)
	BLOCK_ROWS("RDLEN", 0xc008, 0x2808, rdlen, 0x000fff80, 0)
	BLOCK_ROWS("SRRCTL", 0xc00c, 0x280c, srrctl, 0xcff03f7f, 0)
	BLOCK_ROWS("RDH", 0xc010, 0x2810, rdh, 0xffff, 0)
	BLOCK_ROWS("DCA_RXCTRL", 0xc014, 0x2814, dca_rxctrl, RW, 0)
	BLOCK_ROWS("RDT", 0xc018, 0x2818, rdt, 0xffff, 0)
	BLOCK_ROWS("RXDCTL", 0xc028, 0x2828, rxdctl, 0x021f1f1f, DCTL_WTHRESH_1)
	BLOCK_ROWS("RQDPC", 0xc030, 0x2830, rqdpc, 0, 0)
	BLOCK_ROWS("TDBAL", 0xe000, 0x3800, tdbal, 0xffffff80, 0)
	BLOCK_ROWS("TDBAH", 0xe004, 0x3804, tdbah, RW, 0)
	BLOCK_ROWS("TDLEN", 0xe008, 0x3808, tdlen, 0x000fff80, 0)
	BLOCK_ROWS("TDH", 0xe010, 0x3810, tdh, 0xffff, 0)
	/* Relaxed order for reads of descriptors and data, and for write-backs (3.7). */
	BLOCK_ROWS("DCA_TXCTRL", 0xe014, 0x3814, dca_txctrl, RW, 0x2a00)
	BLOCK_ROWS("TDT", 0xe018, 0x3818, tdt, 0xffff, 0)
	BLOCK_ROWS("TXDCTL", 0xe028, 0x3828, txdctl, 0x0a1f1f1f, 0)
	BLOCK_ROWS("TDWBAL", 0xe038, 0x3838, tdwbal, RW, 0)
	BLOCK_ROWS("TDWBAH", 0xe03c, 0x383c, tdwbah, RW, 0)

	/* 5.1, 5.4, 5.5, 5.6 */
	{ .name = "RXCSUM", .offset = RXCSUM, .reset = RXCSUM_IPOFL | RXCSUM_TUOFL,
	  .writable = 0x3fff, .on_write = write_port },
	{ .name = "RFCTL", .offset = 0x5008, .writable = RW },
	{ .name = "MTA", .offset = MTA, .count = 128, .writable = RW, .on_write = write_mta },
	{ .name = "RAL", .offset = RAL, .count = RAR_LOW_BANK, .stride = 8, .writable = RW,
	  .on_write = write_rar },
	{ .name = "RAH", .offset = RAH, .count = RAR_LOW_BANK, .stride = 8,
	  .writable = 0x83ffffff, .on_write = write_rar },
	{ .name = "RAL_HIGH", .offset = RAL_HIGH, .count = NB_RARS_HIGH, .stride = 8,
	  .writable = RW, .on_write = write_rar_high },
	{ .name = "RAH_HIGH", .offset = RAL_HIGH + 4, .count = NB_RARS_HIGH, .stride = 8,
	  .writable = 0x83ffffff, .on_write = write_rar_high },
	{ .name = "PSRTYPE", .offset = 0x5480, .count = 8, .writable = RW },
	{ .name = "SYNQF", .offset = 0x55fc, .writable = RW },
	{ .name = "VFTA", .offset = VFTA, .count = 128, .writable = RW, .on_write = write_vfta },
	{ .name = "SAQF", .offset = 0x5980, .count = 8, .writable = RW },
	{ .name = "DAQF", .offset = 0x59a0, .count = 8, .writable = RW },
	{ .name = "SPQF", .offset = 0x59c0, .count = 8, .writable = RW },
	{ .name = "FTQF", .offset = 0x59e0, .count = 8, .writable = RW },
	{ .name = "IMIR", .offset = 0x5a80, .count = 8, .writable = RW },
	{ .name = "IMIREXT", .offset = 0x5aa0, .count = 8, .writable = RW },
	{ .name = "IMIRVP", .offset = 0x5ac0, .writable = RW },
	{ .name = "MRQC", .offset = MRQC, .writable = 0x01ff003f, .on_write = write_rss },
	{ .name = "RETA", .offset = RETA, .count = 32, .writable = RW, .on_write = write_rss },
	{ .name = "RSSRK", .offset = RSSRK, .count = 10, .writable = RW, .on_write = write_rss },
	{ .name = "ETQF", .offset = ETQF, .count = 8, .writable = RW, .on_write = write_etqf },
	{ .name = "UTA", .offset = UTA, .count = 128, .writable = RW, .on_write = write_uta },

	/* 6.1; ICR to IAM have a second place */
	{ .name = "ICR", .offset = ICR, .clear_by_1 = RW, .on_read = read_icr,
	  .on_write = write_icr },
	{ .name = "ICS", .offset = 0x00c8, .on_write = write_ics },
	{ .name = "IMS", .offset = IMS, .set_by_1 = 0x7fffffff, .on_write = write_ims },
	{ .name = "IMC", .offset = 0x00d8, .on_write = write_imc },
	{ .name = "IAM", .offset = IAM, .writable = RW },
	{ .name = "ICR_V2", .offset = 0x1500, .alias = ICR },
	{ .name = "ICS_V2", .offset = 0x1504, .alias = 0x00c8 },
	{ .name = "IMS_V2", .offset = 0x1508, .alias = IMS },
	{ .name = "IMC_V2", .offset = 0x150c, .alias = 0x00d8 },
	{ .name = "IAM_V2", .offset = 0x1510, .alias = IAM },
	{ .name = "GPIE", .offset = GPIE, .writable = 0xc0000ff1, .on_write = write_ivar },
	{ .name = "EICS", .offset = 0x1520, .on_write = write_eics },
	{ .name = "EIMS", .offset = EIMS, .on_read = read_eims, .on_write = write_eims },
	{ .name = "EIMC", .offset = 0x1528, .on_write = write_eimc },
	{ .name = "EIAC", .offset = EIAC, .on_read = read_eiac, .on_write = write_eiac },
	{ .name = "EIAM", .offset = EIAM, .on_read = read_eiam, .on_write = write_eiam },
	{ .name = "EICR", .offset = EICR, .on_read = read_eicr, .on_write = write_eicr },
	{ .name = "EITR", .offset = EITR, .count = NB_EICR_BITS, .writable = 0x001ffffc,
	  .kept = KEPT_BY(RESET_PF_SOFTWARE), .on_write = write_eitr },
	{ .name = "IVAR", .offset = IVAR, .count = NB_IVARS, .writable = 0x9f9f9f9f,
	  .on_write = write_ivar },
	{ .name = "IVAR_MISC", .offset = IVAR_MISC, .writable = 0x9f9f },
	{ .name = "MBVFICR", .offset = MBVFICR, .clear_by_1 = RW },
	{ .name = "MBVFIMR", .offset = MBVFIMR, .reset = 0xff, .writable = 0xff },
	{ .name = "VFLRE", .offset = VFLRE, .clear_by_1 = RW },

	/* 6.6: VFs as the PF sees them; a VF's own registers are other names of these */
	{ .name = "VTCTRL", .offset = VT_BLOCK, .count = 8, .stride = VT_STRIDE,
	  .on_write = write_vtctrl },
	{ .name = "PFVTEICS", .offset = VT_BLOCK + 0x20, .count = 8, .stride = VT_STRIDE,
	  .on_write = write_vteics },
	{ .name = "PFVTEIMS", .offset = VT_BLOCK + 0x24, .count = 8, .stride = VT_STRIDE,
	  .on_read = read_vteims, .on_write = write_vteims },
	{ .name = "PFVTEIMC", .offset = VT_BLOCK + 0x28, .count = 8, .stride = VT_STRIDE,
	  .on_write = write_vteimc },
	{ .name = "PFVTEIAC", .offset = VT_BLOCK + 0x2c, .count = 8, .stride = VT_STRIDE,
	  .on_read = read_vteiac, .on_write = write_vteiac },
	{ .name = "PFVTEIAM", .offset = VT_BLOCK + 0x30, .count = 8, .stride = VT_STRIDE,
	  .on_read = read_vteiam, .on_write = write_vteiam },
	{ .name = "PFVTEICR", .offset = VT_BLOCK + 0x80, .count = 8, .stride = VT_STRIDE,
	  .on_read = read_vteicr, .on_write = write_vteicr },
	{ .name = "PFVTIVAR", .offset = VTIVAR, .count = 8, .writable = 0x83838383,
	  .on_write = write_ivar },
	{ .name = "PFVTIVAR_MISC", .offset = VTIVAR_MISC, .count = 8, .writable = 0x83 },

	/* 7.1; the memory is memory, and no reset clears it */
	{ .name = "VMBMEM", .offset = VMBMEM, .count = 128, .writable = RW,
	  .kept = KEPT_BY(RESET_PF_SOFTWARE) },
	{ .name = "P2VMAILBOX", .offset = P2VMAILBOX, .count = 8, .on_read = pfmailbox_read,
	  .on_write = pfmailbox_write },
	{ .name = "PFV2PMAILBOX", .offset = 0x0c40, .count = 8, .on_read = read_v2pmailbox },

	/* 8 */
	{ .name = "VFRE", .offset = VFRE, .writable = 0xff, .on_write = write_pools },
	{ .name = "VFTE", .offset = VFTE, .writable = 0xff, .on_write = write_pools },
	{ .name = "VT_CTL", .offset = VT_CTL, .writable = 0x70000380, .on_write = write_pools },
	{ .name = "VMVIR", .offset = VMVIR, .count = 8, .writable = 0xc000ffff,
	  .on_write = write_pools },
	{ .name = "VLVF", .offset = VLVF, .count = 32, .writable = 0x801fffff,
	  .on_write = write_vlvf },
	{ .name = "IOVTCL", .offset = IOVTCL, .writable = 1, .on_write = write_queues },
	{ .name = "LVMMC", .offset = LVMMC, .on_read = read_lvmmc },
	{ .name = "WVBR", .offset = WVBR, .on_read = read_wvbr },
	{ .name = "VMRCTL", .offset = VMRCTL, .count = 4, .writable = 0x070f,
	  .on_write = write_mirror },
	{ .name = "VMRVLAN", .offset = VMRVLAN, .count = 4, .writable = RW,
	  .on_write = write_mirror },
	{ .name = "VMRVM", .offset = VMRVM, .count = 4, .writable = 0xff,
	  .on_write = write_mirror },
	{ .name = "SCCRL", .offset = SCCRL, .writable = 0x0003ff1f, .on_write = write_storm },
	{ .name = "SCSTS", .offset = 0x5db4, .on_read = read_scsts },
	{ .name = "BSCTRH", .offset = BSCTRH, .writable = 0x7ffff, .on_write = write_storm },
	{ .name = "MSCTRH", .offset = MSCTRH, .writable = 0x7ffff, .on_write = write_storm },
	{ .name = "BSCCNT", .offset = 0x5dc0, .on_read = read_bsccnt },
	{ .name = "MSCCNT", .offset = 0x5dc4, .on_read = read_msccnt },
	{ .name = "SCTC", .offset = 0x5dc8 },
	{ .name = "SCBI", .offset = SCBI, .reset = 0x5f5e10, .writable = 0x01ffffff,
	  .on_write = write_storm },

	/* 8.12 */
	GBE_COUNTERS(COUNTER_ROW)
	GBE_PAIRS(PAIR_ROWS)
	GBE_VF_COUNTERS(VF_COUNTER_ROW)
	{ .name = "PFVFGPRLBC", .offset = VT_BLOCK + 0x40, .count = 8, .stride = VT_STRIDE },
	{ .name = "PFVFGPTLBC", .offset = VT_BLOCK + 0x44, .count = 8, .stride = VT_STRIDE },
	{ .name = "PFVFGORLBC", .offset = VT_BLOCK + 0x48, .count = 8, .stride = VT_STRIDE },
	{ .name = "PFVFGOTLBC", .offset = VT_BLOCK + 0x50, .count = 8, .stride = VT_STRIDE },
	/* Events that do not happen here. */
	{ .name = "ALGNERRC", .offset = 0x4004 }, { .name = "SYMERRS", .offset = 0x4008 },
	{ .name = "RXERRC", .offset = 0x400c }, { .name = "SCC", .offset = 0x4014 },
	{ .name = "ECOL", .offset = 0x4018 }, { .name = "MCC", .offset = 0x401c },
	{ .name = "LATECOL", .offset = 0x4020 }, { .name = "COLC", .offset = 0x4028 },
	{ .name = "CBTMPC", .offset = 0x402c }, { .name = "DC", .offset = 0x4030 },
	{ .name = "TNCRS", .offset = 0x4034 }, { .name = "SEC", .offset = 0x4038 },
	{ .name = "HTDPMC", .offset = 0x403c }, { .name = "CBRDPC", .offset = 0x4044 },
	{ .name = "MGTPRC", .offset = 0x40b4 },
	{ .name = "MGTPDC", .offset = 0x40b8 }, { .name = "MGTPTC", .offset = 0x40bc },
	{ .name = "TSCTC", .offset = 0x40f8 }, { .name = "CBRMPC", .offset = 0x40fc },
	{ .name = "IAC", .offset = 0x4100 }, { .name = "ICRXATC", .offset = 0x4108 },
	{ .name = "ICTXPTC", .offset = 0x410c }, { .name = "ICTXATC", .offset = 0x4110 },
	{ .name = "ICTXQMTC", .offset = 0x411c }, { .name = "RXDMTC", .offset = 0x4120 },
	{ .name = "HTCBDPC", .offset = 0x4124 }, { .name = "LENERRS", .offset = 0x4138 },
	{ .name = "SCVPC", .offset = 0x4228 },

	/* Time stamps: never taken */
	{ .name = "TSYNCRXCFG", .offset = 0x5f50, .writable = RW },
	{ .name = "SYSTIML", .offset = 0xb600, .writable = RW },
	{ .name = "SYSTIMH", .offset = 0xb604, .writable = RW },
	{ .name = "TIMINCA", .offset = 0xb608, .writable = RW },
	{ .name = "TIMADJL", .offset = 0xb60c, .writable = RW },
	{ .name = "TIMADJH", .offset = 0xb610, .writable = RW },
	{ .name = "TSYNCTXCTL", .offset = 0xb614, .writable = 0x10 },
	{ .name = "TXSTMPL", .offset = 0xb618 }, { .name = "TXSTMPH", .offset = 0xb61c },
	{ .name = "TSYNCRXCTL", .offset = 0xb620, .writable = 0x1e },
	{ .name = "RXSTMPL", .offset = 0xb624 }, { .name = "RXSTMPH", .offset = 0xb628 },
	{ .name = "RXSATRL", .offset = 0xb62c }, { .name = "RXSATRH", .offset = 0xb630 },
	{ .name = "TSAUXC", .offset = 0xb640, .writable = RW },
	{ .name = "TSICR", .offset = 0xb66c, .clear_by_read = RW },
	{ .name = "TSIM", .offset = 0xb674, .writable = RW },
	{ .name = "SYSTIMR", .offset = 0xb6f8, .writable = RW },
