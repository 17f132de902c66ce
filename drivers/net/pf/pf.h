/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * A PF port: its books, and what the files of this folder offer each other.
 *
 * Locks, from the outside in:
 *  - serving: held by the one thread that works on events, through the handlers' calls;
 *  - mailbox[vf].lock: one transfer at a time per mailbox;
 *  - lock: the books and every read-modify-write of a register. No call leaves the driver with it
 *    held.
 */
#ifndef SLUICE_PF_H
#define SLUICE_PF_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "channel.h"
#include "dpdk_compat.h"
#include "flow_control.h"
#include "pf_family.h"
#include "pool_policy.h"
#include "port.h"
#include "rte_pmd_sluice.h"

#define PF_POOLS_MAX	64
#define PF_RAR_MAX	128
#define PF_VLVF_MAX	64
#define PF_COUNTERS_MAX 64
#define VFTA_WORDS	128
#define MULTICAST_WORDS 128
#define VLAN_IDS	4096
#define HASH_MACS	4096	/* addresses that ethdev keeps for the unicast hash */

/** Largest frame of a pool or port until told otherwise: with CRC and VLAN tag. */
#define FRAME_DEFAULT	(RTE_ETHER_MAX_LEN + RTE_VLAN_HLEN)

/** What one pool receives and may send. */
struct pf_pool {
	uint32_t accept;	/**< an or of enum rte_pmd_sluice_accept */
	uint32_t max_frame;	/**< bytes with CRC and VLAN tag */
	uint16_t port_vlan;
	uint8_t spread;		/**< log2 of queues, as far as the PF has a say in it */
	bool unicast_hash;	/**< unicast addresses by the hash table; not in `accept` */
	bool enabled;
	bool spoof_check;
	bool blocks;		/**< its full ring does not drop unless the VF wants it */
	uint16_t mirror;	/**< 1 + the pool that looks on; 0: none does */
	uint32_t tx_mbps;	/**< of all its queues; 0: no limit */
	uint32_t tx_rate_word;	/**< as written */
	uint32_t min_itr_us, max_itr_us;	/**< of its vectors' intervals; 0: no limit */
};

/** The tables that PF and VFs share. */
struct pf_filters {
	struct rar_entry rar[PF_RAR_MAX];
	struct vlvf_entry vlvf[PF_VLVF_MAX];
	uint32_t vfta[VFTA_WORDS];
	/** Hash bits each pool asked for; the hardware's table is the or of all. */
	uint32_t multicast[PF_POOLS_MAX][MULTICAST_WORDS];
	uint32_t mta[MULTICAST_WORDS], uta[MULTICAST_WORDS];	/**< as written */
	bool all_unicast;
};

struct pf_mailbox {
	pthread_mutex_t lock;
	struct pf_channel channel;
	struct pf *pf;
	uint16_t vf;
	uint64_t busy_since;	/**< timer cycles: the VF kept the buffer ever since; 0: no */
	bool answering;		/**< the handler has a request of the VF */
	struct mbx_msg late;	/**< an answer that waits for the buffer; no words: none does */
	uint64_t held_until;	/**< timer cycles; of those in `held` */
};

/** 32-bit wrapping hardware counters, widened. */
struct pool_counters {
	uint32_t last[POOL_NB_COUNTERS];
	uint64_t total[POOL_NB_COUNTERS];
};

struct pf_stats {
	uint64_t port[PF_COUNTERS_MAX];
	struct pool_counters pool[PF_POOLS_MAX];
	_Atomic uint64_t requests, vf_resets, mailbox_busy;
	_Atomic uint64_t interrupts, interrupts_empty, events_polled;
	_Atomic uint64_t malicious[PF_POOLS_MAX];
	_Atomic uint64_t spoofed[PF_POOLS_MAX];	/**< looks at which it was found to have spoofed */
};

struct pf {
	struct port port;		/* first: the queues know the port by it */
	const struct pf_family *family;
	struct rte_pci_device *pci;
	uint16_t port_id;
	enum pf_media media;
	uint16_t nb_vfs;
	uint16_t pool;			/**< the PF's own */
	uint32_t frame_limit;		/**< the largest of the pools', with VFs; 0: none yet */
	struct mac_addr mac;		/**< as the port came up with */
	struct mac_addr default_mac;	/**< in force */
	bool promiscuous, all_multicast;
	bool only_mirrors;		/**< no broadcasts and groups of its own */
	bool link_off;			/**< by dev_set_link_down() */
	_Atomic bool live;		/**< events are served, VFs were told that the PF is up */
	bool interrupt_on, interrupt_registered;
	uint16_t ticks;			/**< seconds since all counters were looked at */
	bool link_told;			/**< the link as last reported; under `serving` */
	struct flow_control flow;	/**< under `lock` */
	uint16_t tag_type;		/**< ethertype of VLAN tags */
	uint16_t vxlan_port;		/**< UDP port; 0: none */
	uint32_t unicast_hash[MULTICAST_WORDS];	/**< the PF's own part of that table */
	bool all_unicast_hash;		/**< and all of it, for as long */
	/* The switch as a whole: asked for, and kept over resets. */
	bool no_loopback;
	uint32_t storm_broadcast_kbps, storm_multicast_kbps;	/**< 0: no limit */
	uint16_t mirror_rule[MIRROR_RULES];	/**< 1 + the pool that looks on; 0: free */
	_Atomic bool gone;		/**< the device left the bus */
	bool kept;			/**< this memory is the daemon's, and outlives it */
	bool taken_over;		/**< not reset: the VFs have been served before */

	pthread_mutex_t lock;
	struct pf_filters filters;
	struct pf_pool pools[PF_POOLS_MAX];
	struct malicious malicious;
	struct pf_stats stats;

	struct pf_mailbox mailbox[PF_POOLS_MAX];
	pthread_mutex_t serving;
	_Atomic bool events_asked;
	_Atomic uint64_t unanswered;	/**< VFs that may wait for a process that died */
	_Atomic bool link_unknown;	/**< it may have changed while nobody looked */
	_Atomic uint64_t resets_owed;	/**< VFs that were reset, and whom nobody served since */
	_Atomic uint64_t requests_owed;	/**< VFs whose request was told of, and not read since */
	_Atomic uint32_t resources;	/**< of SW_FW_SYNC: those that we have */
	_Atomic bool semaphore;		/**< what guards them is ours */
	_Atomic uint64_t held;		/**< VFs whose mailbox is not looked at */
	_Atomic uint64_t late;		/**< VFs whose answer waits for the buffer */
	_Atomic bool busy_alarm;	/**< who keeps the buffer is looked at once more, soon */
	_Atomic(pthread_t) server;	/**< who holds `serving`; 0: nobody */
	struct rte_pmd_sluice_handler handler;
	void *handler_ctx;
	bool has_handler;
	bool handler_default;		/**< it is the default service's */
};

static inline struct pf *
pf_of(const struct rte_eth_dev *dev)
{
	return dev->data->dev_private;
}

/** The row of this process: what pf->family points to is the primary's. */
static inline const struct pf_family *
pf_family_of(const struct rte_eth_dev *dev)
{
	return dev->process_private;
}

static inline uint64_t
pool_bit(uint16_t pool)
{
	return UINT64_C(1) << pool;
}

/* devices.c; pf_ids is in pf_probe.h */
struct pf_device {
	uint16_t id;
	const struct pf_family *family;
	enum pf_media media;
};

/** NULL: not one of pf_ids. */
const struct pf_device *pf_device_find(uint16_t id);

/* pf_ethdev.c */
extern const struct eth_dev_ops pf_dev_ops;
/** Log once that the device left the bus; service is refused until a reset. @return -EIO */
int pf_set_gone(struct pf *pf);

/* bringup.c */
/** Reset; then tables empty but for the PF's address, link started, VFs shut out. */
int pf_bring_up(struct pf *pf);
/** Events, and VFs, are served from here on. */
void pf_go_live(struct pf *pf);
/** VFs warned and shut out, events off, device reset. Safe on a device that is gone. */
void pf_shut_down(struct pf *pf);

/* semaphore.c: a resource shared with firmware and the other ports; bit of SW_FW_SYNC. */
int pf_lock_resource(struct pf *pf, uint32_t bit);
void pf_unlock_resource(struct pf *pf, uint32_t bit);
/** What the books say we have, and a process that died had. */
void pf_free_resources(struct pf *pf);

/* link.c */
int pf_link_update(struct rte_eth_dev *dev, int wait_to_complete);
int pf_set_link_up(struct rte_eth_dev *dev);
int pf_set_link_down(struct rte_eth_dev *dev);
/** Look at the link and tell the application of a change. @return changed since the last call */
bool pf_link_event(struct pf *pf, bool *up);

/* tunnel.c */
int pf_tunnel_port_add(struct rte_eth_dev *dev, struct rte_eth_udp_tunnel *tunnel);
int pf_tunnel_port_del(struct rte_eth_dev *dev, struct rte_eth_udp_tunnel *tunnel);

/* led.c */
int pf_led_on(struct rte_eth_dev *dev);
int pf_led_off(struct rte_eth_dev *dev);

/* stats.c */
int pf_stats_get(struct rte_eth_dev *dev, struct rte_eth_stats *stats,
		 struct eth_queue_stats *queues);
int pf_stats_reset(struct rte_eth_dev *dev);
int pf_xstats_get(struct rte_eth_dev *dev, struct rte_eth_xstat *xstats, unsigned int n);
int pf_xstats_get_names(struct rte_eth_dev *dev, struct rte_eth_xstat_name *names,
			unsigned int n);
/** Add what the hardware counted; often enough that no 32-bit counter wraps twice. */
void pf_stats_refresh(struct pf *pf);
/** The same of the few that wrap within seconds. */
void pf_stats_refresh_fast(struct pf *pf);
/** Start every pool's count at 0. */
void pf_stats_start(struct pf *pf);
void pf_pool_stats_refresh(struct pf *pf, uint16_t pool);
void pf_pool_stats(const struct pf *pf, uint16_t pool, struct rte_pmd_sluice_pool_stats *stats);

/* filter.c: -ENOSPC when the table is full. */
int filter_add_mac(struct pf *pf, uint16_t pool, const struct mac_addr *mac);
int filter_remove_mac(struct pf *pf, uint16_t pool, const struct mac_addr *mac);
int filter_add_vlan(struct pf *pf, uint16_t pool, uint16_t vlan);
int filter_remove_vlan(struct pf *pf, uint16_t pool, uint16_t vlan);
/** Replaces the pool's hashes; a bit for each of the 4096. */
void filter_set_multicast(struct pf *pf, uint16_t pool, const uint32_t words[MULTICAST_WORDS]);
/** Rewrite the hash tables after a pool's accept mask changed. */
void filter_refresh_hashes(struct pf *pf);
/** All that the pool holds in the shared tables. */
void filter_drop_pool(struct pf *pf, uint16_t pool);

/* rx_mode.c: the PF's own filters. */
void rx_mode_refresh(struct rte_eth_dev *dev);
int rx_mode_promiscuous_on(struct rte_eth_dev *dev);
int rx_mode_promiscuous_off(struct rte_eth_dev *dev);
int rx_mode_allmulticast_on(struct rte_eth_dev *dev);
int rx_mode_allmulticast_off(struct rte_eth_dev *dev);
int rx_mode_only_mirrors(struct rte_eth_dev *dev, bool on);
int rx_mode_mac_add(struct rte_eth_dev *dev, struct rte_ether_addr *mac, uint32_t index,
		    uint32_t pool);
void rx_mode_mac_remove(struct rte_eth_dev *dev, uint32_t index);
int rx_mode_mac_set(struct rte_eth_dev *dev, struct rte_ether_addr *mac);
int rx_mode_multicast_set(struct rte_eth_dev *dev, struct rte_ether_addr *macs, uint32_t nb);
int rx_mode_unicast_hash_set(struct rte_eth_dev *dev, struct rte_ether_addr *mac, uint8_t on);
int rx_mode_unicast_hash_all(struct rte_eth_dev *dev, uint8_t on);
int rx_mode_vlan_set(struct rte_eth_dev *dev, uint16_t vlan, int on);
int rx_mode_vlan_offload(struct rte_eth_dev *dev, int mask);
int rx_mode_tag_type_set(struct rte_eth_dev *dev, enum rte_vlan_type which, uint16_t type);
int rx_mode_mtu_set(struct rte_eth_dev *dev, uint16_t mtu);

/* pool.c */
/** The queues stopped, and their registers zeroed. */
void pool_clear_queues(struct pf *pf, uint16_t pool);
/** Data path off: neither receives nor sends, ring registers zeroed. */
void pool_stop(struct pf *pf, uint16_t pool);
int pool_reset(struct pf *pf, uint16_t pool);
int pool_enable(struct pf *pf, uint16_t pool, bool on);
int pool_set_accept(struct pf *pf, uint16_t pool, uint32_t accept);
int pool_set_port_vlan(struct pf *pf, uint16_t pool, uint16_t vlan, uint8_t qos);
int pool_set_max_frame(struct pf *pf, uint16_t pool, uint32_t bytes);
int pool_set_spoof_check(struct pf *pf, uint16_t pool, bool on);
/** A pool's limit changed: that of the port, and who can live with it. */
void pool_refresh_frames(struct pf *pf);
int pool_get_info(struct pf *pf, struct pool_info *info);
int pool_get_rss(struct pf *pf, struct pool_rss *rss);

/* events.c */
int events_create(struct pf *pf);
void events_free(struct pf *pf);
/** Handle all that is pending; at once, or by the thread that is at it. @return events >= 0 */
int events_serve(struct pf *pf);
/** Who handles events: a copy, so that it can be called with no lock held. */
struct rte_pmd_sluice_handler events_handler(struct pf *pf, void **ctx);
void events_set_handler(struct pf *pf, const struct rte_pmd_sluice_handler *handler, void *ctx,
			bool is_default);
/** Is there somebody who serves VFs that nobody else does? */
bool events_have_default(void);
/** Hand the VFs to the default service if nobody else serves them. */
void events_attach_default(struct pf *pf);

/* interrupts.c */
/**
 * Vectors for Rx queues, if they are wanted, beside that of events; masked. Before the queues
 * start.
 *
 * @return 0; -errno, after a line in the log
 */
int interrupts_connect(struct rte_eth_dev *dev);
/** No vectors for Rx queues any more; that of events stays. */
void interrupts_disconnect(struct rte_eth_dev *dev);
/** Serve events from here on: by their vector if there is MSI-X, and by the clock. */
void interrupts_on(struct pf *pf);
/** Also disconnects. */
void interrupts_off(struct pf *pf);

/* mailbox_io.c */
struct mailbox_io pf_mailbox_io(struct pf_mailbox *mailbox);

/* mailbox.c: messages to and from a VF that may keep the buffer; none of these waits for it. */
/**
 * Fetch the VF's request.
 *
 * @return 0; -EAGAIN it is looked for once more, soon; -EBUSY it is not to be had; -EIO
 */
int mailbox_receive(struct pf *pf, uint16_t vf, struct mbx_msg *request);
/** From here to @p answering false, messages are answers: the VF has to let go of the buffer. */
void mailbox_answering(struct pf *pf, uint16_t vf, bool answering);
/** @return 0: sent, or an answer that will be; or pf_channel_send()'s -errno */
int mailbox_send(struct pf *pf, uint16_t vf, const struct mbx_msg *message);
/** Answers that wait for a buffer are sent, or dropped: their VF asks anew. */
void mailbox_send_late(struct pf *pf);
/** The VF was reset: nothing waits for it any more. */
void mailbox_forget(struct pf *pf, uint16_t vf);
void mailbox_stop(struct pf *pf);

/* hold.c: VFs whose mailbox is not looked at for a while; the first two with the port's lock. */
/** @param ms  0: look again, soon. @return 0, or -errno: no alarm to be had, nothing changed */
int hold_start(struct pf *pf, uint16_t vf, uint32_t ms);
/** The VF was reset. */
void hold_end(struct pf *pf, uint16_t vf);
/** No more alarms. */
void hold_stop(struct pf *pf);

#endif /* SLUICE_PF_H */
