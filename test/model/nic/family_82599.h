/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What the files family_82599_*.c share: how 82599, X540 and X550 differ, and what of them is no
 * register.
 */
#ifndef MODEL_FAMILY_82599_H
#define MODEL_FAMILY_82599_H

#include "nic.h"
#include "regfile.h"
#include "regs_82599.h"

#define NVM_WORDS     4096
#define NVM_SIZE_CODE 6		/* EEC.SIZE of that */
#define PHY_REGS_MAX  24
#define COUNTERS      16	/* of queues: QPRC and its like */

/** One row for each member of the family. */
struct variant_82599 {
	bool vmolr_upe, vmolr_vpe;	/**< the bits do something */
	bool rlpml;			/**< each queue may have a frame limit */
	bool pool_rss;			/**< each pool may have a table and key */
	bool etype_antispoof, hide_vlan, source_pruning;
	bool flr_readable;		/**< VFLREC reads as VFLRE */
	bool gprc_counts_missed;	/**< erratum */
	bool sfp;			/**< a cage with a cable in it; else a PHY behind MDIO */
	uint32_t phy_id;
	uint16_t reta_entries, reta_mask;
};

/** Modules and PHYs that are reached bit by bit or word by word. */
struct i2c_target {
	uint8_t state, shift, bits, pointer;
	bool scl, sda, out;		/**< the host's lines; what the target lets be */
	bool sending, second_page;
};

struct phy_reg {
	uint8_t device;
	uint16_t reg, value;
};

/** What of the counters software has read. Octets are latched by the read of their low half. */
struct read_so_far {
	struct port_stats port;
	uint64_t rx_packets[NIC_QUEUES_MAX], rx_bytes[NIC_QUEUES_MAX], rx_drops[NIC_QUEUES_MAX];
	uint64_t tx_packets[NIC_QUEUES_MAX], tx_bytes[NIC_QUEUES_MAX];
	uint64_t spoofed, rxdgpc, txdgpc;
};

struct data_82599 {
	/* Vectors 0..63 have a cause and an enable bit each; EICR shows the first 16 of them. */
	uint64_t vector_cause, vector_enabled;
	uint32_t misc_cause, misc_enabled;	/**< EICR 31:16 */
	uint64_t flr;				/**< VFLRE */

	uint8_t qde[NIC_QUEUES_MAX];
	uint32_t rate_factor[NIC_QUEUES_MAX], credits[NIC_QUEUES_MAX];

	uint32_t carrier_mbps;
	bool down_latched;		/**< LINKS shows it once more */
	uint16_t nvm[NVM_WORDS];
	struct i2c_target i2c;
	struct phy_reg phy[PHY_REGS_MAX];
	unsigned int nb_phy;
	uint16_t mdio_address;

	struct read_so_far read;
};

static inline struct data_82599 *
data_82599(const struct nic *nic)
{
	return nic->family_data;
}

static inline const struct variant_82599 *
variant_82599(const struct nic *nic)
{
	return nic->family->traits;
}

/* family_82599_general.c: resets, receiver and transmitter, security block */
uint32_t status_82599_read(struct function *fn, unsigned int i, uint32_t value);
uint32_t frtimer_82599_read(struct function *fn, unsigned int i, uint32_t value);
uint32_t ctrl_mirror_82599_read(struct function *fn, unsigned int i, uint32_t value);
void ctrl_mirror_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void ctrl_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void ctrl_ext_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void port_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void vfctrl_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void pvfctrl_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void port_82599_decode(struct nic *nic);
void reset_82599(struct nic *nic, enum reset_kind kind, unsigned int vf);

/* family_82599_queue.c: geometry, queue blocks, rate limits, drop enable, MDD */
struct geometry {
	uint16_t pools, queues;		/**< queues of each; 0: no pools */
};
struct geometry geometry_82599_of_vt_mode(uint32_t vt_mode);
struct geometry geometry_82599_rx(const struct nic *nic);
uint32_t rx_block_82599(uint16_t q);
uint32_t tx_block_82599(uint16_t q);
uint16_t vf_queue_82599(const struct nic *nic, unsigned int vf, unsigned int i);
void rxq_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void rxq_82599_write_high(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void txq_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void txdctl_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void geometry_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void qde_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
uint32_t rate_82599_read(struct function *fn, unsigned int i, uint32_t value);
void rate_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
uint32_t credit_82599_read(struct function *fn, unsigned int i, uint32_t value);
void credit_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void wqbr_rx_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void wqbr_tx_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void mdd_82599_cause(struct nic *nic, uint16_t queue, bool rx);
void queues_82599_decode(struct nic *nic);
void queue_vectors_82599_decode(struct nic *nic);
void rates_82599_decode(struct nic *nic);
/** Registers of a VF's queues and RSS that its reset clears. */
void vf_queues_82599_reset(struct nic *nic, unsigned int vf);

/* family_82599_filter.c: addresses, VLANs, pools, switch */
void rar_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void mpsar_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void mta_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void uta_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void vfta_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void vlvf_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void vlvfb_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void etqf_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void filter_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void pools_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void pool_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void mirror_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void pools_82599_decode(struct nic *nic);
void filters_82599_decode(struct nic *nic);

/* family_82599_rss.c */
void rss_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void pool_rss_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void rss_82599_decode(struct nic *nic);

/* family_82599_irq.c */
uint32_t eicr_82599_read(struct function *fn, unsigned int i, uint32_t value);
uint32_t eics_82599_read(struct function *fn, unsigned int i, uint32_t value);
uint32_t eims_82599_read(struct function *fn, unsigned int i, uint32_t value);
uint32_t eics_ex_82599_read(struct function *fn, unsigned int i, uint32_t value);
uint32_t eims_ex_82599_read(struct function *fn, unsigned int i, uint32_t value);
void eicr_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void eics_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void eims_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void eimc_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void eics_ex_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void eims_ex_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void eimc_ex_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void eitr_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void eitr_82599_write_high(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void ivar_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
/** Causes of the PF beside its queues'. */
/** EITR or VTEITR was written. */
void eitr_82599_apply(struct function *fn, unsigned int vector, uint32_t eitr);
void misc_82599_cause(struct nic *nic, uint32_t eicr_bits);
void rx_82599_cause(struct nic *nic, struct rx_queue *q);
void rx_82599_low_cause(struct nic *nic, struct rx_queue *q);
void tx_82599_cause(struct nic *nic, struct tx_queue *q);
void missed_82599_cause(struct nic *nic);
void vector_82599_fired(struct function *fn, unsigned int vector);
void irq_82599_decode(struct nic *nic);
/** Intervals depend on the link's speed. */
void intervals_82599_decode(struct nic *nic);
/** @param rx  else Tx. @return NO_VECTOR: none */
uint8_t ivar_82599_vector(const struct nic *nic, const struct function *owner, uint16_t queue,
			  bool rx);

/* family_82599_vf.c: a VF's interrupts, mailbox and status */
extern const struct mailbox_layout mailbox_layout_82599;
uint32_t vtims_82599_read(struct function *fn, unsigned int i, uint32_t value);
uint32_t vtics_82599_read(struct function *fn, unsigned int i, uint32_t value);
uint32_t vticr_82599_read(struct function *fn, unsigned int i, uint32_t value);
void vticr_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void vtics_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void vtims_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void vtimc_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void vtitr_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void vtivar_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
uint32_t vflinks_82599_read(struct function *fn, unsigned int i, uint32_t value);
uint32_t vflre_82599_read(struct function *fn, unsigned int i, uint32_t value);
uint32_t vflre_82599_read_high(struct function *fn, unsigned int i, uint32_t value);
uint32_t vflrec_82599_read(struct function *fn, unsigned int i, uint32_t value);
void vflrec_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
uint32_t pvfmailbox_82599_read(struct function *fn, unsigned int i, uint32_t value);
/* The PF's view of VF @p i's register of the same name. */
uint32_t pvteicr_82599_read(struct function *fn, unsigned int i, uint32_t value);
uint32_t pvteims_82599_read(struct function *fn, unsigned int i, uint32_t value);
uint32_t pvteiac_82599_read(struct function *fn, unsigned int i, uint32_t value);
uint32_t pvteiam_82599_read(struct function *fn, unsigned int i, uint32_t value);
uint32_t pvtivar_misc_82599_read(struct function *fn, unsigned int i, uint32_t value);
void vf_82599_cause(struct function *fn, unsigned int vector);
/** The cause that comes is a low-latency interrupt. */
void vf_82599_at_once(struct function *fn, unsigned int vector);
void vf_82599_fired(struct function *fn, unsigned int vector);
void vf_82599_intervals(struct function *fn);

/* family_82599_link.c: what leads to the wire */
void link_82599_cause(struct nic *nic);
void link_82599_decode(struct nic *nic);
uint32_t links_82599_value(const struct nic *nic);
uint32_t links_82599_read(struct function *fn, unsigned int i, uint32_t value);
uint32_t esdp_82599_read(struct function *fn, unsigned int i, uint32_t value);
uint32_t i2cctl_82599_read(struct function *fn, unsigned int i, uint32_t value);
void i2cctl_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void autoc_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void msca_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
/** On power-up. */
void modules_82599_init(struct nic *nic);

/* family_82599_nvm.c: EEPROM, semaphores, firmware */
void nvm_82599_init(struct nic *nic);
void eec_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void eerd_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void eewr_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
uint32_t swsm_82599_read(struct function *fn, unsigned int i, uint32_t value);
uint32_t sw_fw_sync_82599_read(struct function *fn, unsigned int i, uint32_t value);
void hicr_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);

/* family_82599_stats.c */

#define STAT_82599(name) uint32_t name##_82599_read(struct function *fn, unsigned int i, \
						    uint32_t value)
STAT_82599(gprc);
STAT_82599(bprc);
STAT_82599(mprc);
STAT_82599(gptc);
STAT_82599(bptc);
STAT_82599(mptc);
STAT_82599(tpr);
STAT_82599(tpt);
STAT_82599(mpc);
STAT_82599(crcerrs);
STAT_82599(rlec);
STAT_82599(ruc);
STAT_82599(rfc);
STAT_82599(roc);
STAT_82599(rjc);
STAT_82599(xec);
STAT_82599(lxonrxcnt);
STAT_82599(lxoffrxcnt);
STAT_82599(lxontxc);
STAT_82599(lxofftxc);
STAT_82599(prc);
STAT_82599(ptc);
STAT_82599(gorcl);
STAT_82599(gorch);
STAT_82599(gotcl);
STAT_82599(gotch);
STAT_82599(torl);
STAT_82599(torh);
STAT_82599(qprc);
STAT_82599(qbrcl);
STAT_82599(qbrch);
STAT_82599(qprdc);
STAT_82599(qptc);
STAT_82599(qbtcl);
STAT_82599(qbtch);
STAT_82599(ssvpc);
STAT_82599(rxlpbkgpc);
STAT_82599(rxdgpc);
STAT_82599(txdgpc);
STAT_82599(pvfgprc);
STAT_82599(pvfmprc);
STAT_82599(pvfgorcl);
STAT_82599(pvfgorch);
STAT_82599(pvfgptc);
STAT_82599(pvfgotcl);
STAT_82599(pvfgotch);

#endif /* MODEL_FAMILY_82599_H */
