/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What differs between hardware families for a PF: limits, register layouts, bring-up.
 *
 * The generic files keep the books (who owns which address, VLAN, hash) and call the family to
 * write a row of them; the family's files know registers. Every function is called with the
 * port's lock held or before the port is visible, unless said otherwise.
 */
#ifndef SLUICE_PF_FAMILY_H
#define SLUICE_PF_FAMILY_H

#include <stdbool.h>
#include <stdint.h>

#include "family.h"
#include "malicious.h"
#include "message.h"
#include "pool_info.h"
#include "queue_rss.h"

struct pf;
struct pf_pool;
struct gbe_row;
struct mirror_regs;
struct pf_introspect;
struct rate_regs;
struct storm_regs;
struct vf_throttle;
struct xgbe_row;
struct flow_control;
struct pause_ability;
struct rte_eth_link;

/** One row of the receive address table; pools 0: free. */
struct rar_entry {
	struct mac_addr mac;
	uint64_t pools;
};

/** One row of the pools' VLAN table; pools 0: free. */
struct vlvf_entry {
	uint16_t vlan;
	uint64_t pools;
};

/** What happened since it was last asked; masks have a bit per VF. */
struct pf_event_bits {
	bool link;
	uint64_t acks;
};

/** A statistics register; reading clears it. */
struct pf_counter {
	const char *name;	/**< of the extended statistic */
	uint32_t offset;
	bool wide;		/**< two registers: low, then high at +4 which clears both */
	bool rx_missed, rx_error, tx_error;	/**< which basic statistic it belongs to */
};

/** A VF's counters in the PF's registers: 32 bits, wrapping, not cleared by reading. */
enum pool_counter {
	POOL_RX_PACKETS,
	POOL_RX_BYTES,
	POOL_TX_PACKETS,
	POOL_TX_BYTES,
	POOL_RX_MULTICAST,
	POOL_NB_COUNTERS,
};

/** VF v's is at base + v * stride. */
struct pool_counter_regs {
	uint32_t base, stride;
};

/** What guards SW_FW_SYNC, in which software and firmware say which resource they use. */
struct pf_semaphore {
	struct reg control, sync;	/**< SWSM, SW_FW_SYNC */
	uint32_t software, firmware;	/**< bits in SWSM */
	uint32_t sync_lock;		/**< bit in SW_FW_SYNC in place of `firmware`; 0: none */
	uint8_t firmware_shift;		/**< there, from a resource's bit to firmware's */
};

/** Lights that a program may use: all of their bits, and which make one show, or none. */
struct pf_led {
	struct reg control;
	uint32_t mask, on, off;
};

/** What the port's cable is, and so who makes its link. */
enum pf_media {
	MEDIA_COPPER,		/**< a PHY, spoken to by MDIO */
	MEDIA_SFP,		/**< a cage with a module or a direct-attach cable */
	MEDIA_BACKPLANE,	/**< as the NVM has set it up */
};

/** The port's receiver as a whole. */
struct pf_rx_mode {
	bool promiscuous, all_multicast;
	bool vlan_filter;
	bool strip_vlan, keep_crc;	/**< of all frames; with VFs not for the PF to say */
	uint32_t max_frame;	/**< bytes with CRC and VLAN tag, the largest of any pool */
};

struct pf_family {
	const char *name;
	const struct family *queues;	/**< seen from the PF */
	enum mbx_dialect dialect;	/**< of its VFs */
	uint32_t speed_capa;		/**< RTE_ETH_LINK_SPEED_* */
	uint16_t nb_pools;
	uint16_t max_vfs;		/**< one pool stays with the PF */
	uint16_t nb_rar, nb_vlvf;
	uint16_t vf_queues;		/**< queue pairs of one VF */
	/* VF v's queue i is register block v * vf_step + i * vf_queue_step. */
	uint16_t vf_step, vf_queue_step;
	bool shared_frame;		/**< pools have no frame limit of their own */
	/* RSS without VFs; of all pools; of the PF's pool, if that has its own. NULL: none. */
	const struct rss_regs *rss_alone, *rss_pools, *rss_own_pool;
	bool spreads_for_vfs;		/**< only the PF can say that a VF uses its queues */
	uint16_t water_unit;		/**< bytes: of flow control's marks, as ethdev has them */
	const struct gbe_row *gbe;	/**< what the 1 Gb/s families have besides (gbe.h) */
	const struct xgbe_row *xgbe;	/**< what the 10 Gb/s families have besides (xgbe.h) */
	const struct malicious_row *malicious;	/**< NULL: no such detection */

	/* Limits of a pool or of the switch (pool_policy.h). NULL: none of that kind. */
	const struct rate_regs *rate;
	const struct mirror_regs *mirror;
	const struct vf_throttle *vf_throttle;
	const struct storm_regs *storm;

	const struct pf_introspect *introspect;	/**< what it tells of itself (introspect.h) */

	struct pf_semaphore semaphore;
	struct pf_led led;

	/* The mailbox of VF v, seen from the PF: base + v * stride. */
	uint32_t mailbox_control, mailbox_control_stride;
	uint32_t mailbox_memory, mailbox_memory_stride;

	const struct pf_counter *counters;
	uint16_t nb_counters;
	struct pool_counter_regs pool_counters[POOL_NB_COUNTERS];

	/* Bring-up and end. */
	/** Stop DMA and reset the function. @return 0, or -EIO: the device is gone */
	int (*reset)(struct pf *pf);
	/** Number of VFs that the device says are enabled. */
	uint16_t (*count_vfs)(struct pf *pf);
	/** The port's own address. @return 0, or -EADDRNOTAVAIL */
	int (*read_mac)(struct pf *pf, struct mac_addr *mac);
	/** After a reset: tables empty, link started, interrupts set up but masked. */
	int (*init)(struct pf *pf);
	/** Tell the VFs that the PF is up: they start to talk at once. */
	void (*announce)(struct pf *pf);
	/** Give the port back to the firmware. */
	void (*release)(struct pf *pf);
	bool (*is_gone)(struct pf *pf);

	/* The port. */
	void (*write_rx_mode)(struct pf *pf, const struct pf_rx_mode *mode);
	void (*enable_rx_tx)(struct pf *pf, bool on);
	/** A VLAN tag's ethertype, of pf->tag_type, both ways. NULL: only 802.1Q's */
	void (*write_tag_type)(struct pf *pf);
	/** Frames for UDP port pf->vxlan_port are VXLAN's; 0: none is. NULL: it cannot tell. */
	void (*write_vxlan_port)(struct pf *pf);
	void (*read_link)(struct pf *pf, struct rte_eth_link *link);
	/** Let the link come up, or take it down. @return 0; -ENOTSUP it cannot be; -errno */
	int (*set_link)(struct pf *pf, bool up);

	/* Flow control. */
	uint32_t (*rx_buffer_bytes)(struct pf *pf);
	/** To the registers: what is in force. */
	void (*write_flow_control)(struct pf *pf, const struct flow_control *flow);
	/** Negotiate anew, with what flow_control_ability() says now. @return 0 or -errno */
	int (*advertise_pause)(struct pf *pf);
	/** @return 0; -ENOTSUP such a link does not negotiate it; -EAGAIN there is none; -errno */
	int (*read_partner)(struct pf *pf, struct pause_ability *partner);

	/* Interrupts; unmask and read_events run without the lock. */
	void (*mask_interrupts)(struct pf *pf);
	void (*unmask_interrupts)(struct pf *pf);
	/** Fetch and clear what is pending, VFs' resets to `resets_owed` and their requests to
	 *  `requests_owed`, before it is cleared. @return 0, or -EIO: the device is gone */
	int (*read_events)(struct pf *pf, struct pf_event_bits *bits);

	/** No interrupt for requests of these VFs; their bits are set all the same. */
	void (*mask_mailboxes)(struct pf *pf, uint64_t vfs);
	/** Has the VF posted a request since read_events()? Without the lock. */
	bool (*request_pending)(struct pf *pf, uint16_t vf);

	/* Tables: write one row, or all of one table, from the books. */
	void (*write_rar)(struct pf *pf, uint16_t row, const struct rar_entry *entry);
	void (*write_vlvf)(struct pf *pf, uint16_t row, const struct vlvf_entry *entry);
	/** VLANs vlan & ~31 .. vlan | 31, as a bit mask. */
	void (*write_vfta)(struct pf *pf, uint16_t vlan, uint32_t bits);
	/** Hashes 32 * word .. 32 * word + 31, as a bit mask. */
	void (*write_multicast)(struct pf *pf, uint16_t word, uint32_t bits);
	/** Likewise of unicast addresses, for pools with `unicast_hash`. */
	void (*write_unicast_hash)(struct pf *pf, uint16_t word, uint32_t bits);
	/** Some pool accepts all unicast, or none does. NULL: such pools use the unicast hash. */
	void (*write_all_unicast)(struct pf *pf, bool on);

	/* A pool. */
	void (*write_pool)(struct pf *pf, uint16_t pool, const struct pf_pool *config);
	void (*write_port_vlan)(struct pf *pf, uint16_t pool, uint16_t vlan, uint8_t qos);
	/** Strip the tag of frames that go to several pools; one switch for all. May be NULL. */
	void (*write_replicated_strip)(struct pf *pf, bool on);
	void (*write_spoof_check)(struct pf *pf, uint16_t pool, bool on);
	void (*write_pool_enable)(struct pf *pf, uint16_t pool, bool receive, bool send);
	/** Whether frames that a full queue of the pool's cannot take are dropped, or block. */
	void (*write_drop)(struct pf *pf, uint16_t pool);
	/** Frames from one pool to another stay inside; else all leave by the wire. */
	void (*write_loopback)(struct pf *pf, bool on);
	/** Let frames of this many bytes in, of any pool. NULL: each pool has its own limit. */
	void (*write_frame_limit)(struct pf *pf, uint32_t bytes);
	/** Spread the pool's frames over 1 << pools[pool].spread queues. NULL: it has one. */
	void (*write_spread)(struct pf *pf, uint16_t pool);
	/** What a VF's reset leaves behind besides its rings. May be NULL. */
	void (*clear_pool)(struct pf *pf, uint16_t pool);
	/** How received frames are spread in all pools. NULL: each pool has its own way. */
	void (*read_rss)(struct pf *pf, struct pool_rss *rss);
};

extern const struct pf_family pf_family_82576;
extern const struct pf_family pf_family_i350;
extern const struct pf_family pf_family_82599;
extern const struct pf_family pf_family_x540;
extern const struct pf_family pf_family_x550;

#endif /* SLUICE_PF_FAMILY_H */
