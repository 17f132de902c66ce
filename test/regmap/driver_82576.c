/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The drivers' registers of 82576 and I350, by the model's names.
 */
#include "driver.h"
#include "fields_82576.h"
#include "message.h"
#include "pf.h"
#include "regs_82576.h"

const struct regmap_field fields_82576[] = { FIELDS_82576(FIELD_ROW) };
const unsigned int nb_fields_82576 = ARRAY_LEN(fields_82576);

/* Values, words of the NVM and registers of the PHY: not fields of a device register. */
const char *const no_field_82576[] = {
	"SLUICE_REGS_82576_H", "REG",
	"GCR_TIMEOUT_10MS", "VET_DEFAULT", "SYNC_FW_SHIFT", "COLLISION_THRESHOLD",
	"COLLISION_DISTANCE", "WVBR_BLOCKED_SHIFT", "LED_ON", "LED_OFF",
	"NVM_MAC", "NVM_ALTERNATE_MAC", "NVM_ALTERNATE_STEP",
	"PHY_BMCR", "BMCR_AN_RESTART", "BMCR_PWRDN", "BMCR_AN_EN", "PHY_ANAR", "ANAR_PAUSE",
	"ANAR_ASM_DIR", "ANAR_10_100", "PHY_LPAR", "PHY_1000T_CTL", "CTL1000_HD", "CTL1000_FD",
	"PHY_IGP_POWER", "IGP_POWER_D0_LPLU", "NVM_PORT_WORDS", "PHY_I350_CONFIG",
	"I350_CONFIG_DOWNSHIFT", "I350_CONFIG_CRS_ON_TX",
	"RETA_WORDS", "RSSRK_WORDS", "RTTBCNRM_LARGE", "SCBI_100_MS",
	NULL,
};

static const struct counter_name pf_counters[] = {
	{ "port_rx_crc_errors", "CRCERRS" },
	{ "port_rx_align_errors", "ALGNERRC" },
	{ "port_rx_symbol_errors", "SYMERRS" },
	{ "port_rx_errors", "RXERRC" },
	{ "port_rx_missed_packets", "MPC" },
	{ "port_tx_single_collisions", "SCC" },
	{ "port_tx_excessive_collisions", "ECOL" },
	{ "port_tx_multiple_collisions", "MCC" },
	{ "port_tx_late_collisions", "LATECOL" },
	{ "port_tx_collisions", "COLC" },
	{ "port_tx_deferred", "DC" },
	{ "port_tx_no_carrier", "TNCRS" },
	{ "port_tx_discarded_by_mac", "HTDPMC" },
	{ "port_rx_length_errors", "RLEC" },
	{ "port_rx_xon_packets", "XONRXC" },
	{ "port_tx_xon_packets", "XONTXC" },
	{ "port_rx_xoff_packets", "XOFFRXC" },
	{ "port_tx_xoff_packets", "XOFFTXC" },
	{ "port_rx_unsupported_pause", "FCRUC" },
	{ "port_rx_size_64", "PRC64" },
	{ "port_rx_size_65_to_127", "PRC127" },
	{ "port_rx_size_128_to_255", "PRC255" },
	{ "port_rx_size_256_to_511", "PRC511" },
	{ "port_rx_size_512_to_1023", "PRC1023" },
	{ "port_rx_size_1024_to_max", "PRC1522" },
	{ "port_rx_good_packets", "GPRC" },
	{ "port_rx_broadcast_packets", "BPRC" },
	{ "port_rx_multicast_packets", "MPRC" },
	{ "port_tx_good_packets", "GPTC" },
	{ "port_rx_good_bytes", "GORCL\0GORCH" },
	{ "port_tx_good_bytes", "GOTCL\0GOTCH" },
	{ "port_rx_no_buffers", "RNBC" },
	{ "port_rx_undersized", "RUC" },
	{ "port_rx_fragments", "RFC" },
	{ "port_rx_oversized", "ROC" },
	{ "port_rx_jabbers", "RJC" },
	{ "port_rx_total_bytes", "TORL\0TORH" },
	{ "port_tx_total_bytes", "TOTL\0TOTH" },
	{ "port_rx_total_packets", "TPR" },
	{ "port_tx_total_packets", "TPT" },
	{ "port_tx_size_64", "PTC64" },
	{ "port_tx_size_65_to_127", "PTC127" },
	{ "port_tx_size_128_to_255", "PTC255" },
	{ "port_tx_size_256_to_511", "PTC511" },
	{ "port_tx_size_512_to_1023", "PTC1023" },
	{ "port_tx_size_1024_to_max", "PTC1522" },
	{ "port_tx_multicast_packets", "MPTC" },
	{ "port_tx_broadcast_packets", "BPTC" },
	{ "port_tx_tso_packets", "TSCTC" },
	{ "port_interrupts_asserted", "IAC" },
	{ "port_tx_spoofed_packets", "SSVPC" },
};

static const struct counter_name vf_counters[] = {
	{ "rx_hw_packets", "VFGPRC" },
	{ "tx_hw_packets", "VFGPTC" },
	{ "rx_hw_bytes", "VFGORC" },
	{ "tx_hw_bytes", "VFGOTC" },
	{ "rx_hw_multicast_packets", "VFMPRC" },
	{ "rx_hw_loopback_packets", "VFGPRLBC" },
	{ "tx_hw_loopback_packets", "VFGPTLBC" },
	{ "rx_hw_loopback_bytes", "VFGORLBC" },
	{ "tx_hw_loopback_bytes", "VFGOTLBC" },
};

static const char *const pool_counters[POOL_NB_COUNTERS] = {
	[POOL_RX_PACKETS] = "PFVFGPRC",
	[POOL_RX_BYTES] = "PFVFGORC",
	[POOL_TX_PACKETS] = "PFVFGPTC",
	[POOL_TX_BYTES] = "PFVFGOTC",
	[POOL_RX_MULTICAST] = "PFVFMPRC",
};

static void
list_general(struct regmap_list *list)
{
	ONE(list, CTRL);
	ONE(list, STATUS);
	ONE(list, CTRL_EXT);
	ONE(list, GCR);
	ONE(list, WUC);
	ONE(list, WUFC);
	ONE(list, VET);
	ONE(list, LEDCTL);
	ONE(list, EECD);
	ONE(list, EERD);
	ONE(list, EEMNGCTL);
	ONE(list, SWSM);
	ONE(list, SW_FW_SYNC);
	ONE(list, MDIC);
	ONE(list, FCAL);
	ONE(list, FCAH);
	ONE(list, FCT);
	ONE(list, FCTTV);
	ONE(list, FCRTL);
	ONE(list, FCRTH);
	ONE(list, FCRTV);
	ONE(list, RXPBS);
	ONE(list, QDE);
	ONE(list, RCTL);
	ONE(list, TCTL);
	ONE(list, TCTL_EXT);
	ONE_AS(list, RXDCTL0, "RXDCTL", 0);
	ONE_AS(list, TXDCTL0, "TXDCTL", 0);
	ONE(list, RLPML);
	ONE(list, RXCSUM);
	ONE(list, RFCTL);
	ONE(list, MRQC);
	ALL(list, RETA, RETA_WORDS);
	ALL(list, RSSRK, RSSRK_WORDS);
}

static void
list_filters(struct regmap_list *list, const struct pf_family *family)
{
	ALL(list, PSRTYPE, family->nb_pools);
	ALL(list, RAL, family->nb_rar);
	ALL(list, RAH, family->nb_rar);
	ALL(list, MTA, MULTICAST_WORDS);
	ALL(list, UTA, MULTICAST_WORDS);
	ALL(list, VFTA, VFTA_WORDS);
	ONE(list, VFRE);
	ONE(list, VFTE);
	ONE(list, DTXCTL);
	ONE(list, LVMMC);
	ONE(list, WVBR);
	ONE(list, VT_CTL);
	ALL(list, VMOLR, family->nb_pools);
	ALL(list, VMVIR, family->nb_pools);
	ALL(list, VLVF, family->nb_vlvf);
}

/* Limits of pools and switch. */
static void
list_policy(struct regmap_list *list, const struct pf_family *family)
{
	const struct vf_throttle *throttle = family->vf_throttle;

	ALL(list, VMRCTL, MIRROR_RULES);
	ALL(list, VMRVM, MIRROR_RULES);
	ONE(list, SCCRL);
	ONE(list, BSCTRH);
	ONE(list, MSCTRH);
	ONE(list, SCBI);
	for (unsigned int vf = 0; vf < family->max_vfs; vf++)
		for (unsigned int i = 0; i < throttle->vectors; i++)
			regmap_add(list, "vf_throttle", "EITR", 22 - 3 * vf + i,
				   throttle->first.offset + (int)vf * throttle->vf_step + 4 * i);
}

static void
list_interrupts(struct regmap_list *list, const struct pf_family *family)
{
	ONE(list, ICR);
	ONE(list, IMS);
	ONE(list, IMC);
	ONE(list, GPIE);
	ONE(list, EIMS);
	ONE(list, EIMC);
	ONE(list, EIAC);
	ONE(list, EIAM);
	MANY(list, EITR, 10);	/* the PF's vectors, where there are no VFs */
	ONE(list, IVAR_MISC);
	ONE(list, MBVFICR);
	ONE(list, MBVFIMR);
	ONE(list, VFLRE);
	list_pf_family(list, family, "P2VMAILBOX", "VMBMEM", pool_counters);
}

static void
list_pf(struct regmap_list *list, const struct pf_family *family)
{
	list_general(list);
	list_filters(list, family);
	list_policy(list, family);
	list_interrupts(list, family);
	list_queues(list, family->queues, false);
	list_pf_counters(list, family, pf_counters, ARRAY_LEN(pf_counters));
}

void
list_pf_82576(struct regmap_list *list, const void *family)
{
	list_pf(list, family);
	ONE(list, DTXSWC);
	ONE(list, RPLOLR);
	ONE(list, RTTDQSEL);
	ONE(list, RTTBCNRM);
	ONE(list, RTTBCNRC);
}

void
list_pf_i350(struct regmap_list *list, const void *family)
{
	list_pf(list, family);
	ONE(list, PHPM);
	ONE(list, DMACR);
	ONE(list, TXSWC);
	ONE(list, MDFB);
	ALL(list, DVMOLR, ((const struct pf_family *)family)->queues->rxq.count);
}

void
list_vf_82576(struct regmap_list *list, const void *family)
{
	static const char *const names[VF_NB_NAMES] = {
		[VF_CONTROL] = "VTCTRL", [VF_STATUS] = "VTSTATUS", [VF_LINK] = "VTSTATUS",
		[VF_MAILBOX] = "V2PMAILBOX", [VF_MAILBOX_MEMORY] = "VMBMEM",
		[VF_HEADER_SPLIT] = "PSRTYPE",
	};

	list_vf_family(list, family, names);
	list_queues(list, ((const struct vf_family *)family)->queues, false);
	list_vf_counters(list, family, vf_counters, ARRAY_LEN(vf_counters));
}
