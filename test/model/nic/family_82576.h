/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What the files of the 82576 and the I350 share. The two differ in struct gbe_traits and in a few
 * rows, and in nothing else.
 */
#ifndef MODEL_FAMILY_82576_H
#define MODEL_FAMILY_82576_H

#include "nic.h"
#include "regfile.h"

#define GBE_QUEUES_MAX	 16
#define GBE_POOLS	 8
#define GBE_VF_VECTORS	 3
#define GBE_NVM_WORDS	 1024
#define GBE_PHY_REGS	 32
#define GBE_COUNTERS_MAX 64

/** How an I350 differs from an 82576. */
struct gbe_traits {
	uint32_t phy_id;
	uint32_t txswc;			/**< offset of the Tx switch control (8.7) */
	uint8_t vf_queues;		/**< a VF's; queue i of pool p is p + 8 i (3.3) */
	bool ivar_by_pairs;		/**< IVAR[q / 2], else IVAR[q % 8] (6.3) */
	bool pool_promiscuous;		/**< VMOLR has UPE and VPE (8.3) */
	bool strip_by_queue;		/**< DVMOLR, else VMOLR and RPLOLR (8.3) */
	bool pool_rss;			/**< MRQC may be 5 (5.5) */
	bool blocked_bitmap;		/**< MDFB names the queues stopped, else WVBR (8.8) */
	bool device_reset;		/**< CTRL.DEV_RST (2.1) */
	bool link_power;		/**< PHPM.GO_LINKD keeps the link down (2.8) */
	bool rate_limits;		/**< RTTBCNRC (8.9) */
	uint8_t nvm_regions;		/**< with a checksum each (2.7) */
};

/** State that is in no register. */
struct gbe {
	uint16_t nvm[GBE_NVM_WORDS];
	uint16_t phy[GBE_PHY_REGS];
	uint16_t paged[GBE_PHY_REGS];	/**< PHY registers of other pages: kept, without effect */
	bool link_was_lost;		/**< BMSR.LINK is latched low */
	uint32_t told_mbps;		/**< what LSC has told of the link; 0: down */
	uint32_t rate[GBE_QUEUES_MAX];	/**< RTTBCNRC of each queue */
	uint16_t queues_blocked;	/**< WVBR, high half, until read */
	uint64_t spoofed_read[GBE_POOLS];	/**< what WVBR or LVMMC has told */
	uint64_t counted[GBE_COUNTERS_MAX];	/**< what reads of a counter have taken */
	uint64_t drops_read[GBE_QUEUES_MAX];	/**< RQDPC likewise */
};

static inline const struct gbe_traits *
gbe_traits(const struct nic *nic)
{
	return nic->family->traits;
}

static inline struct gbe *
gbe_of(const struct nic *nic)
{
	return nic->family_data;
}

/* family_82576.c */
/** Pool of a queue: VF n's queues are n and n + 8. */
static inline unsigned int
gbe_pool_of(uint16_t queue)
{
	return queue % GBE_POOLS;
}

/* family_82576_state.c: from registers to the state of nic.h */
void gbe_decode_port(struct nic *nic);
void gbe_decode_pools(struct nic *nic);
void gbe_decode_rar(struct nic *nic, unsigned int i);
void gbe_decode_rss(struct nic *nic);
/** All of it, after a reset. */
void gbe_decode_all(struct nic *nic);

/* on_write of rows */
void write_port(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void write_pools(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void write_rss(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void write_rar(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void write_rar_high(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void write_mta(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void write_uta(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void write_vfta(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void write_vlvf(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void write_etqf(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void write_mirror(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void write_storm(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
uint32_t read_scsts(struct function *fn, unsigned int i, uint32_t value);
uint32_t read_bsccnt(struct function *fn, unsigned int i, uint32_t value);
uint32_t read_msccnt(struct function *fn, unsigned int i, uint32_t value);

/* family_82576_queue.c */
void gbe_decode_queues(struct nic *nic);
void gbe_reset_queues(struct nic *nic);
/** VF reset: its queues stop; addresses and lengths survive (3.6e). */
void gbe_stop_vf_queues(struct nic *nic, unsigned int vf);
void gbe_decode_rates(struct nic *nic);
void write_queues(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
uint32_t read_rttbcnrc(struct function *fn, unsigned int i, uint32_t value);
void write_rttbcnrc(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
uint32_t read_rqdpc(struct function *fn, unsigned int i, uint32_t value);
void write_rqdpc(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
uint32_t read_lvmmc(struct function *fn, unsigned int i, uint32_t value);
uint32_t read_wvbr(struct function *fn, unsigned int i, uint32_t value);
void write_mdfb(struct function *fn, unsigned int i, uint32_t old, uint32_t written);

/* A queue's block may lie in a page of ../attach, so every dword of it has its own pair. */
#define RX_BLOCK_DWORDS(X) \
	X(rdbal, 0x00, 0xffffff80) X(rdbah, 0x04, RW) X(rdlen, 0x08, 0x000fff80) \
	X(srrctl, 0x0c, 0xcff03f7f) X(rdh, 0x10, 0xffff) X(dca_rxctrl, 0x14, RW) \
	X(rdt, 0x18, 0xffff) X(rxdctl, 0x28, 0x021f1f1f) X(dvmolr, 0x38, 0xe0000000)
#define TX_BLOCK_DWORDS(X) \
	X(tdbal, 0x00, 0xffffff80) X(tdbah, 0x04, RW) X(tdlen, 0x08, 0x000fff80) \
	X(tdh, 0x10, 0xffff) X(dca_txctrl, 0x14, RW) X(tdt, 0x18, 0xffff) \
	X(txdctl, 0x28, 0x0a1f1f1f) X(tdwbal, 0x38, RW) X(tdwbah, 0x3c, RW)
#define DECLARE_BLOCK_DWORD(name, offset, mask) \
	uint32_t read_##name(struct function *fn, unsigned int i, uint32_t value); \
	void write_##name(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
RX_BLOCK_DWORDS(DECLARE_BLOCK_DWORD)
TX_BLOCK_DWORDS(DECLARE_BLOCK_DWORD)

/* family_82576_irq.c */
/** The EICR bits of VF @p vf (1.4). */
static inline unsigned int
gbe_vf_first_bit(unsigned int vf)
{
	return 22 - GBE_VF_VECTORS * vf;
}

void gbe_decode_vectors(struct nic *nic);
/** Forget causes and masks; @p vf: of RESET_VF. */
void gbe_reset_irq(struct nic *nic, enum reset_kind kind, unsigned int vf);
/** Causes of ICR. */
void gbe_other_cause(struct nic *nic, uint32_t bits);
void gbe_rx_cause(struct nic *nic, struct rx_queue *q);
void gbe_rx_low_cause(struct nic *nic, struct rx_queue *q);
void gbe_tx_cause(struct nic *nic, struct tx_queue *q);
void gbe_vector_fired(struct function *fn, unsigned int vector);
void gbe_mailbox_to_vf(struct nic *nic, unsigned int vf);

uint32_t read_icr(struct function *fn, unsigned int i, uint32_t value);
void write_icr(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void write_ics(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void write_ims(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void write_imc(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void write_eics(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void write_eims(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void write_eimc(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void write_eiac(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void write_eiam(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void write_eicr(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
uint32_t read_eims(struct function *fn, unsigned int i, uint32_t value);
uint32_t read_eiac(struct function *fn, unsigned int i, uint32_t value);
uint32_t read_eiam(struct function *fn, unsigned int i, uint32_t value);
uint32_t read_eicr(struct function *fn, unsigned int i, uint32_t value);
/* The same of VF @p i: the PF's view of it, and what the VF's own registers are names for. */
void write_vteics(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void write_vteims(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void write_vteimc(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void write_vteiac(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void write_vteiam(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void write_vteicr(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
uint32_t read_vteims(struct function *fn, unsigned int i, uint32_t value);
uint32_t read_vteiac(struct function *fn, unsigned int i, uint32_t value);
uint32_t read_vteiam(struct function *fn, unsigned int i, uint32_t value);
uint32_t read_vteicr(struct function *fn, unsigned int i, uint32_t value);
void write_eitr(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void write_ivar(struct function *fn, unsigned int i, uint32_t old, uint32_t written);

/* family_82576_mac.c: control, link, PHY, NVM, semaphores */
void gbe_create_nvm(struct nic *nic);
void gbe_reset_mac(struct nic *nic, enum reset_kind kind);
void gbe_link_cause(struct nic *nic);
void write_ctrl(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void write_ctrl_ext(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
uint32_t read_status(struct function *fn, unsigned int i, uint32_t value);
uint32_t read_vf_status(struct function *fn, unsigned int i, uint32_t value);
uint32_t read_eecd(struct function *fn, unsigned int i, uint32_t value);
void write_eerd(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
void write_mdic(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
uint32_t read_swsm(struct function *fn, unsigned int i, uint32_t value);
void write_phpm(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
uint32_t read_frtimer(struct function *fn, unsigned int i, uint32_t value);
void write_vtctrl(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
uint32_t read_v2pmailbox(struct function *fn, unsigned int i, uint32_t value);

/* family_82576_stats.c */
void gbe_reset_stats(struct nic *nic);

#endif /* MODEL_FAMILY_82576_H */
