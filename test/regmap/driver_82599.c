/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The drivers' registers of 82599, X540 and X550, by the model's names.
 */
#include "driver.h"
#include "fields_82599.h"
#include "message.h"
#include "pf.h"
#include "regs_82599.h"
#include "xgbe.h"

const struct regmap_field fields_82599[] = { FIELDS_82599(FIELD_ROW) };
const unsigned int nb_fields_82599 = ARRAY_LEN(fields_82599);

/* Values and numbers: not fields of a device register. */
const char *const no_field_82599[] = {
	"SLUICE_REGS_82599_H", "REG",
	"SYNC_FW_SHIFT", "TRAFFIC_CLASSES", "LMS_10G_SERIAL", "SERIAL_PMA_SFI",
	"MSCA_OP_ADDRESS", "MSCA_OP_WRITE", "MSCA_OP_READ", "QUEUES", "RETA_WORDS",
	"RSSRK_WORDS", "VLVF_ROWS", "IVAR_WORDS", "PFMBICR_WORDS", "PFMBICR_VFS",
	"VT_MODE_64_POOLS", "RAR_ROWS", "WQBR_WORDS", "ERETA_WORDS", "PFVFRSS_WORDS",
	"LED_ON", "LED_OFF", "RTTBCNRM_LARGE", "ETQF_OF_LLDP", "ETQF_OF_PAUSE",
	NULL,
};

static const struct counter_name pf_counters[] = {
	{ "port_rx_crc_errors", "CRCERRS" },
	{ "port_rx_illegal_bytes", "ILLERRC" },
	{ "port_rx_byte_errors", "ERRBC" },
	{ "port_rx_missed_packets", "MPC#0" },
	{ "vfs_rx_no_descriptor", "QPRDC#0" },
	{ "rx_no_descriptor", "QPRDC#1" },
	{ "port_local_faults", "MLFC" },
	{ "port_remote_faults", "MRFC" },
	{ "port_rx_length_errors", "RLEC" },
	{ "port_tx_xon_packets", "LXONTXC" },
	{ "port_tx_xoff_packets", "LXOFFTXC" },
	{ "port_rx_xon_packets", "LXONRXCNT" },
	{ "port_rx_xoff_packets", "LXOFFRXCNT" },
	{ "port_rx_size_64", "PRC#0" },
	{ "port_rx_size_65_to_127", "PRC#1" },
	{ "port_rx_size_128_to_255", "PRC#2" },
	{ "port_rx_size_256_to_511", "PRC#3" },
	{ "port_rx_size_512_to_1023", "PRC#4" },
	{ "port_rx_size_1024_to_max", "PRC#5" },
	{ "port_rx_good_packets", "GPRC" },
	{ "port_rx_broadcast_packets", "BPRC" },
	{ "port_rx_multicast_packets", "MPRC" },
	{ "port_tx_good_packets", "GPTC" },
	{ "port_rx_good_bytes", "GORCL\0GORCH" },
	{ "port_tx_good_bytes", "GOTCL\0GOTCH" },
	{ "port_rx_undersized", "RUC" },
	{ "port_rx_fragments", "RFC" },
	{ "port_rx_oversized", "ROC" },
	{ "port_rx_jabbers", "RJC" },
	{ "port_rx_total_bytes", "TORL\0TORH" },
	{ "port_rx_total_packets", "TPR" },
	{ "port_tx_total_packets", "TPT" },
	{ "port_tx_size_64", "PTC#0" },
	{ "port_tx_size_65_to_127", "PTC#1" },
	{ "port_tx_size_128_to_255", "PTC#2" },
	{ "port_tx_size_256_to_511", "PTC#3" },
	{ "port_tx_size_512_to_1023", "PTC#4" },
	{ "port_tx_size_1024_to_max", "PTC#5" },
	{ "port_tx_multicast_packets", "MPTC" },
	{ "port_tx_broadcast_packets", "BPTC" },
	{ "port_rx_checksum_errors", "XEC" },
	{ "port_rx_dma_packets", "RXDGPC" },
	{ "port_rx_loopback_packets", "RXLPBKGPC" },
	{ "port_tx_dma_packets", "TXDGPC" },
	{ "port_tx_spoofed_packets", "SSVPC" },
};

static const struct counter_name vf_counters[] = {
	{ "rx_hw_packets", "VFGPRC" },
	{ "tx_hw_packets", "VFGPTC" },
	{ "rx_hw_bytes", "VFGORC_LSB" },
	{ "tx_hw_bytes", "VFGOTC_LSB" },
	{ "rx_hw_multicast_packets", "VFMPRC" },
};

static const char *const pool_counters[POOL_NB_COUNTERS] = {
	[POOL_RX_PACKETS] = "PVFGPRC",
	[POOL_RX_BYTES] = "PVFGORC_LSB",
	[POOL_TX_PACKETS] = "PVFGPTC",
	[POOL_TX_BYTES] = "PVFGOTC_LSB",
	[POOL_RX_MULTICAST] = "PVFMPRC",
};

/* 64 bits in two registers each. */
#define PAIRS(list, low, high, model, nb) \
	do { \
		for (unsigned int i_ = 0; i_ < (nb); i_++) { \
			regmap_add(list, "REG_" #low, model, 2 * i_, REG_##low(i_).offset); \
			regmap_add(list, "REG_" #high, model, 2 * i_ + 1, \
				   REG_##high(i_).offset); \
		} \
		regmap_add_complete(list, model, 2 * (nb)); \
	} while (0)

static void
list_general(struct regmap_list *list)
{
	ONE(list, CTRL);
	ONE(list, STATUS);
	ONE(list, CTRL_EXT);
	ONE(list, ESDP);
	ONE(list, LEDCTL);
	ONE(list, EEC);
	ONE(list, MMNGC);
	ONE(list, GCR_EXT);
	ONE(list, SWSM);
	ONE(list, SW_FW_SYNC);
	ONE(list, SECRXCTRL);
	ONE(list, SECRXSTAT);
	ONE(list, RXCTRL);
	ONE(list, RDRXCTL);
	ONE(list, DMATXCTL);
	ONE(list, HLREG0);
	ONE(list, MAXFRS);
	ONE(list, FCTRL);
	ONE(list, VLNCTRL);
	ONE(list, MCSTCTRL);
	ONE(list, RXCSUM);
	ONE(list, MFLCN);
	ONE(list, FCCFG);
	ALL(list, FCTTV, TRAFFIC_CLASSES / 2);
	ONE(list, FCRTV);
	ONE(list, AUTOC);
	ONE(list, AUTOC2);
	ONE(list, ANLP1);
	ONE(list, LINKS);
	ONE(list, CORECTL);
	ONE(list, MSCA);
	ONE(list, MSRWD);
	ALL(list, FCRTL, TRAFFIC_CLASSES);
	ALL(list, FCRTH, TRAFFIC_CLASSES);
	ALL(list, RXPBSIZE, TRAFFIC_CLASSES);
	ALL(list, TXPBSIZE, TRAFFIC_CLASSES);
	ALL(list, TXPBTHRESH, TRAFFIC_CLASSES);
	ONE(list, RTTDCS);
}

static void
list_queue_layout(struct regmap_list *list, const struct pf_family *family)
{
	ONE(list, QDE);
	ONE(list, MTQC);
	ONE(list, MRQC);
	ALL(list, RETA, RETA_WORDS);
	ALL(list, RSSRK, RSSRK_WORDS);
	if (family->rss_own_pool != NULL) {
		ALL(list, ERETA, ERETA_WORDS);
		ALL(list, PFVFMRQC, family->nb_pools);
		ALL(list, PFVFRSSRK, family->nb_pools * PFVFRSS_WORDS);
		ALL(list, PFVFRETA, family->nb_pools * PFVFRSS_WORDS);
	}
	ALL(list, PSRTYPE, family->nb_pools);
	ALL(list, RQSMR, QUEUES / 4);
	ONE(list, RTTDQSEL);
	ONE(list, RTTBCNRM);
	ONE(list, RTTBCNRC);
}

static void
list_filters(struct regmap_list *list, const struct pf_family *family)
{
	ALL(list, VFTA, VFTA_WORDS);
	ALL(list, VLVF, VLVF_ROWS);
	PAIRS(list, VLVFB_LOW, VLVFB_HIGH, "VLVFB", VLVF_ROWS);
	ALL(list, VMVIR, family->nb_pools);
	ONE(list, VT_CTL);
	ALL(list, VFRE, family->nb_pools / 32);
	ALL(list, VFTE, family->nb_pools / 32);
	ALL(list, VMECM, family->nb_pools / 32);
	ALL(list, VMOLR, family->nb_pools);
	ALL(list, RAL, RAR_ROWS);
	ALL(list, RAH, RAR_ROWS);
	PAIRS(list, MPSAR_LOW, MPSAR_HIGH, "MPSAR", RAR_ROWS);
	ALL(list, MTA, MULTICAST_WORDS);
	ALL(list, UTA, MULTICAST_WORDS);
	ONE(list, PFDTXGSWC);
	ALL(list, PFVFSPOOF, family->nb_pools / 8);
	ALL(list, ETQF, 8);
	ALL(list, MRCTL, MIRROR_RULES);
	MANY(list, VMRVM, MIRROR_RULES);
	for (unsigned int rule = 0; rule < MIRROR_RULES; rule++)
		regmap_add(list, "REG_VMRVM_HIGH", "VMRVM", MIRROR_RULES + rule,
			   REG_VMRVM_HIGH(rule).offset);
	regmap_add_complete(list, "VMRVM", 2 * MIRROR_RULES);
}

static void
list_interrupts(struct regmap_list *list, const struct pf_family *family)
{
	ONE(list, EICR);
	ONE(list, EICS);
	ONE(list, EIAC);
	ONE(list, EIMS);
	ONE(list, EIMC);
	ONE(list, EIAM);
	ALL(list, EIMC_EX, 2);
	ALL(list, EIAM_EX, 2);
	ONE(list, GPIE);
	ALL(list, IVAR, IVAR_WORDS);
	ONE(list, IVAR_MISC);
	ONE_AS(list, EITR0, "EITR", 0);
	ONE(list, EITRSEL);
	ALL(list, PFMBICR, PFMBICR_WORDS);
	ALL(list, PFMBIMR, 2);
	MANY(list, VFLREC, 2);
	list_pf_family(list, family, "PFMAILBOX", "PFMBMEM", pool_counters);
}

/* What xgbe_row has offsets of, and registers that only those have who read their NVM by them. */
static void
list_variant(struct regmap_list *list, const struct pf_family *family)
{
	const struct xgbe_row *row = family->xgbe;
	bool old = row->vf_reset_cause[1].offset != row->vf_reset_cause[0].offset + 4;
	unsigned int i;

	for (i = 0; i < ARRAY_LEN(row->vf_reset_cause); i++)
		regmap_add(list, "vf_reset_cause", old ? "VFLRE" : "VFLREC", i,
			   row->vf_reset_cause[i].offset);
	if (family->malicious != NULL) {
		ONE(list, LVMMC_RX);
		ONE(list, LVMMC_TX);
		ALL(list, WQBR_RX, WQBR_WORDS);
		ALL(list, WQBR_TX, WQBR_WORDS);
	}
	if (row->source_pruning)
		MANY_AS(list, PFFLP, "PFFLPL", 2);
	if (family->write_vxlan_port != NULL)
		ONE(list, VXLANCTRL);
	if (family->rss_own_pool == NULL) {
		ONE(list, EERD);
		ONE(list, I2CCTL);
	}
}

/* What a VF has whose pool has RSS of its own. */
static void
list_vf_rss(struct regmap_list *list, const struct vf_family *vf)
{
	const struct rss_regs *rss = vf->rss;
	unsigned int i;

	if (rss->entries == 0)
		return;
	regmap_add(list, "rss.control", "VFMRQC", 0, rss->control.offset);
	for (i = 0; i < RSSRK_WORDS; i++)
		regmap_add(list, "rss.key", "VFRSSRK", i, rss->key.offset + 4 * i);
	regmap_add_complete(list, "VFRSSRK", RSSRK_WORDS);
	for (i = 0; i < rss->entries / 4u; i++)
		regmap_add(list, "rss.table", "VFRETA", i, rss->table.offset + 4 * i);
	regmap_add_complete(list, "VFRETA", rss->entries / 4u);
}

void
list_vf_82599(struct regmap_list *list, const void *family)
{
	static const char *const names[VF_NB_NAMES] = {
		[VF_CONTROL] = "VFCTRL", [VF_STATUS] = "VFSTATUS", [VF_LINK] = "VFLINKS",
		[VF_MAILBOX] = "VFMAILBOX", [VF_MAILBOX_MEMORY] = "VFMBMEM",
		[VF_HEADER_SPLIT] = "VFPSRTYPE",
	};

	list_vf_family(list, family, names);
	list_vf_rss(list, family);
	list_queues(list, ((const struct vf_family *)family)->queues, true);
	list_vf_counters(list, family, vf_counters, ARRAY_LEN(vf_counters));
}

void
list_pf_82599(struct regmap_list *list, const void *family)
{
	list_general(list);
	list_queue_layout(list, family);
	list_filters(list, family);
	list_interrupts(list, family);
	list_variant(list, family);
	list_queues(list, ((const struct pf_family *)family)->queues, false);
	list_pf_counters(list, family, pf_counters, ARRAY_LEN(pf_counters));
}
