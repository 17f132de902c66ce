/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * A VF port: what it knows of itself, and what the files of this folder offer each other.
 *
 * The application's control threads and the watchdog (in DPDK's interrupt thread) share the
 * mailbox: `lock` is held for every transfer, for up to some seconds, and the watchdog only ever
 * tries it. No lock is held while the application's callbacks run.
 */
#ifndef SLUICE_VF_H
#define SLUICE_VF_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <rte_spinlock.h>

#include "channel.h"
#include "codec.h"
#include "dpdk_compat.h"
#include "pool_info.h"
#include "port.h"
#include "recover.h"
#include "vf_family.h"

struct vf;

/** The 32-bit hardware counters, widened. */
struct vf_counters {
	rte_spinlock_t lock;
	uint32_t last[VF_COUNTERS_MAX];
	uint64_t total[VF_COUNTERS_MAX];
};

/** How a VF says what it wants: the words of one hardware family. */
struct vf_dialect {
	uint8_t reset_reply_words;
	/**
	 * What follows RESET, with the reply to it; NULL: nothing. Called with the lock held.
	 * @return 0; -EAGAIN: begin again
	 */
	int (*introduce)(struct vf *vf, const struct mbx_msg *reset_reply);
	void (*encode_mac_add)(struct mbx_msg *msg, const struct mac_addr *mac);
	/** Drop all additional addresses; @p own is the VF's. */
	void (*encode_mac_clear)(struct mbx_msg *msg, const struct mac_addr *own);
	void (*encode_multicast)(struct mbx_msg *msg, const struct mbx_set_multicast *groups);
	/** @param bytes  with CRC and VLAN tag */
	void (*encode_max_frame)(struct mbx_msg *msg, uint32_t bytes);
	uint16_t (*multicast_hash)(const struct vf *vf, const struct mac_addr *mac);
	/**
	 * The port's RSS table, as queues of this VF, and its key; NULL: no words for it. Called
	 * with the lock held.
	 * @return 0; -EPERM not for this VF; -ENOTSUP the PF has no words for it; others
	 */
	int (*ask_rss_table)(struct vf *vf, uint8_t queue[POOL_RSS_ENTRIES]);
	int (*ask_rss_key)(struct vf *vf, uint8_t key[POOL_RSS_KEY_BYTES]);
	/** As vf_ask_receive_mode(), which see; this one asks in any case. */
	int (*ask_receive_mode)(struct vf *vf, bool unicast, bool multicast);
};

/* dialect_*.c */
extern const struct vf_dialect vf_dialect_82576;
extern const struct vf_dialect vf_dialect_82599;

struct vf {
	struct port port;		/* first: the queues know the port by it */
	const struct vf_family *family;	/**< &row: secondary processes read it too */
	struct vf_family row;
	uint16_t port_id;
	bool running;			/**< between start and stop */
	bool interrupt_on;
	_Atomic bool gone;		/**< taken out: all reads are ones, for good */
	_Atomic bool pf_down;		/**< as last seen: the PF is resetting, or gone */

	pthread_mutex_t lock;		/**< covers what follows, up to `counters` */
	struct vf_channel channel;
	bool ready;			/**< the PF answered our reset, and still knows us */
	bool reset_wanted;		/**< it does not any more: only a reset helps */
	bool reset_told;		/**< and the application was told */
	uint64_t out_since;		/**< cycles: when that was noticed; 0: it serves us */

	struct mac_addr assigned;	/**< by the PF at the last reset; zero: none */
	bool mac_chosen;		/**< the address is the application's choice */
	bool unicast, multicast;	/**< promiscuous modes granted since the last reset */
	struct mbx_set_multicast groups;
	enum mbx_api api;		/**< of a dialect with versions: the one agreed on */
	uint32_t hash_type;		/**< which bits of a group's address the PF hashes */
	_Atomic bool link_disabled;	/**< by the PF's operator */

	struct vf_counters counters;
	struct vf_recovery recovery;
};

static inline struct vf *
vf_of(const struct rte_eth_dev *dev)
{
	return dev->data->dev_private;
}

static inline uint32_t
vf_read(const struct vf *vf, struct reg reg)
{
	return reg_read(&vf->port.io, reg);
}

static inline void
vf_write(const struct vf *vf, struct reg reg, uint32_t value)
{
	reg_write(&vf->port.io, reg, value);
}

/* vf_ethdev.c */
/** The PF may be another one than at configure. @return 0; -EINVAL it gives too few queues */
int vf_check_queues(const struct rte_eth_dev *dev);

/* mailbox_io.c */
void vf_mailbox_init(struct vf *vf);

/* introspect.c: dev_ops. */
int vf_get_reg(struct rte_eth_dev *dev, struct rte_dev_reg_info *info);

/* reset.c */

/** Is there a device behind the registers? */
bool vf_present(const struct vf *vf);

/** Was it taken out? Not while the kernel or the PF resets it: configuration space tells. */
bool vf_is_removed(struct rte_eth_dev *dev);

/**
 * Reset the VF and introduce it to the PF (82576 sheet, 2.12): afterwards the address, the
 * frame size and nothing else are set up.
 *
 * @param wait_ms  how long to try
 * @param level  RTE_LOG_* for the line that says why it failed
 * @return 0; -EAGAIN no PF answers; -ENODEV the device is gone; -EIO it has no mailbox; others
 *         when the PF refuses what the port cannot do without.
 */
int vf_reset(struct rte_eth_dev *dev, unsigned int wait_ms, uint32_t level);

/** Ask the hardware for a reset, nothing more: the PF sees that the VF is not in use. */
void vf_leave(struct vf *vf);

/** One request and its reply of @p words words, whoever is ready; with the lock held. */
int vf_exchange(struct vf *vf, const struct mbx_msg *request, struct mbx_msg *reply,
		uint8_t words);

/** The same as the functions below do it: @p reply is untouched if there was nothing to ask. */
int vf_ask(struct vf *vf, const struct mbx_msg *request, struct mbx_msg *reply, uint8_t words);

/* requests.c: 0; -EPERM refused by the PF; -EAGAIN the PF wants a reset of the VF first; other
 * errors of the mailbox. On a port that is stopped and not ready they do nothing and return 0:
 * start sends all of it. None of them logs. */
int vf_ask_mac(struct vf *vf, const struct mac_addr *mac);
int vf_ask_mac_add(struct vf *vf, const struct mac_addr *mac);
int vf_ask_mac_clear(struct vf *vf, const struct mac_addr *own);
int vf_ask_multicast(struct vf *vf);
int vf_ask_vlan(struct vf *vf, uint16_t vlan, bool add);
int vf_ask_max_frame(struct vf *vf, uint32_t bytes);
int vf_ask_receive_mode(struct vf *vf, bool unicast, bool multicast);

/** A message the PF sent on its own. Called with the lock held. */
void vf_note_control(struct vf *vf, uint32_t word);

/* filters.c: dev_ops, and what start has to repeat. */
int vf_mac_addr_set(struct rte_eth_dev *dev, struct rte_ether_addr *addr);
int vf_mac_addr_add(struct rte_eth_dev *dev, struct rte_ether_addr *addr, uint32_t index,
		    uint32_t pool);
void vf_mac_addr_remove(struct rte_eth_dev *dev, uint32_t index);
int vf_set_mc_addr_list(struct rte_eth_dev *dev, struct rte_ether_addr *list, uint32_t nb);
int vf_vlan_filter_set(struct rte_eth_dev *dev, uint16_t vlan, int on);
int vf_vlan_offload_set(struct rte_eth_dev *dev, int mask);
int vf_promiscuous_enable(struct rte_eth_dev *dev);
int vf_promiscuous_disable(struct rte_eth_dev *dev);
int vf_allmulticast_enable(struct rte_eth_dev *dev);
int vf_allmulticast_disable(struct rte_eth_dev *dev);
int vf_mtu_set(struct rte_eth_dev *dev, uint16_t mtu);

/**
 * Ask again for what a reset of the VF lost and ethdev does not restore itself.
 *
 * A promiscuous mode that the PF refuses is turned off with a warning: ethdev would fail the start
 * over it. One that the PF does not answer, as it is reset once more, stays to be asked for.
 */
void vf_filters_restore(struct rte_eth_dev *dev);

/* link.c */
int vf_link_update(struct rte_eth_dev *dev, int wait_to_complete);
void vf_watchdog_start(struct rte_eth_dev *dev);
void vf_watchdog_stop(struct rte_eth_dev *dev);

/** Look what the PF and the link are doing, and tell the application; any thread. */
void vf_look(struct rte_eth_dev *dev);

/* interrupts.c */
void vf_interrupt_open(struct rte_eth_dev *dev);
void vf_interrupt_close(struct rte_eth_dev *dev);
/**
 * Vectors for the mailbox and Rx queues, as far as they are wanted; masked. Before the queues
 * start.
 * @return 0; -errno, after a line in the log: Rx queues cannot have theirs
 */
int vf_interrupt_connect(struct rte_eth_dev *dev);
/** The mailbox's vector: from here on news are looked at. */
void vf_interrupt_start(struct rte_eth_dev *dev);
/** After a reset, on a port that goes on: the same eventfds, the Rx queues' vectors masked. */
int vf_interrupt_restore(struct rte_eth_dev *dev);
/** Whoever slept when the reset came may have been about to be woken: arm all Rx queues. */
void vf_interrupt_rearm(struct rte_eth_dev *dev);
/** All of it. */
void vf_interrupt_stop(struct rte_eth_dev *dev);

/* stats.c */
int vf_stats_get(struct rte_eth_dev *dev, struct rte_eth_stats *stats,
		 struct eth_queue_stats *queues);
int vf_stats_reset(struct rte_eth_dev *dev);
int vf_xstats_get(struct rte_eth_dev *dev, struct rte_eth_xstat *xstats, unsigned int nb);
int vf_xstats_get_names(struct rte_eth_dev *dev, struct rte_eth_xstat_name *names,
			unsigned int nb);

/** Add what the hardware counted since the last call; at least once per 2^31 octets. */
void vf_counters_update(struct vf *vf);

/** The hardware counters start anew at whatever value they have now. */
void vf_counters_rebase(struct vf *vf);

#endif /* SLUICE_VF_H */
