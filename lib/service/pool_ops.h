/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What the service needs from a PF driver: one pool of queues per VF, and what it may receive.
 *
 * The signatures are those of rte_pmd_sluice.h, so the production table (pmd_pool_ops) is a list
 * of names, and a test hands in a table of its own. Every call: 0 or -errno; -ENOSPC when a table
 * of the hardware is full; nothing is half-applied.
 *
 * The service keeps the books: it adds nothing that this pool has and removes nothing that it has
 * not. Only where a dead daemon's work is finished (service_resume()) may a step be taken again: to
 * add what is there is no failure, to remove what is not there is -ENOENT. The same address or VLAN
 * may be in several pools, each of which has its own say in it.
 */
#ifndef SLUICE_POOL_OPS_H
#define SLUICE_POOL_OPS_H

#include <stdbool.h>
#include <stdint.h>

#include "message.h"
#include "pool_info.h"

/** What a pool receives besides its own unicast addresses; or-ed together. */
enum pool_accept {
	POOL_ACCEPT_UNTAGGED = 1 << 0,
	POOL_ACCEPT_BROADCAST = 1 << 1,
	POOL_ACCEPT_MULTICAST = 1 << 2,		/**< by the multicast hashes set */
	POOL_ACCEPT_ALL_MULTICAST = 1 << 3,
	POOL_ACCEPT_ALL_UNICAST = 1 << 4,
	/**
	 * Frames larger than its own limit. Where pools share one frame size, a pool without it
	 * receives nothing while jumbo frames beyond that limit may come.
	 */
	POOL_ACCEPT_LARGER = 1 << 5,
};

#define POOL_MIRROR_NONE 0xffff
#define POOL_MIRROR_PF	 0xfffe	/**< all else: a VF */

struct pool_ops {
	/** Queues stopped and their registers zeroed, no filter, no VLAN, defaults of a new VF. */
	int (*reset)(uint16_t port_id, uint16_t vf);
	/** Let the pool's queues receive and send. */
	int (*enable)(uint16_t port_id, uint16_t vf);
	int (*disable)(uint16_t port_id, uint16_t vf);
	int (*add_mac)(uint16_t port_id, uint16_t vf, const struct mac_addr *mac);
	int (*remove_mac)(uint16_t port_id, uint16_t vf, const struct mac_addr *mac);
	/** Replaces the list; 12-bit hash values. */
	int (*set_multicast)(uint16_t port_id, uint16_t vf, const uint16_t *hashes, uint16_t nb);
	/** @param accept  an or of enum pool_accept */
	int (*set_accept)(uint16_t port_id, uint16_t vf, uint32_t accept);
	int (*add_vlan)(uint16_t port_id, uint16_t vf, uint16_t vlan);
	int (*remove_vlan)(uint16_t port_id, uint16_t vf, uint16_t vlan);
	/** Tag all that the pool sends, strip what it receives; vlan 0: off. Filters untouched. */
	int (*set_port_vlan)(uint16_t port_id, uint16_t vf, uint16_t vlan, uint8_t qos);
	/** @param bytes  with CRC, without VLAN tag */
	int (*set_max_frame)(uint16_t port_id, uint16_t vf, uint32_t bytes);
	int (*set_spoof_check)(uint16_t port_id, uint16_t vf, bool on);
	int (*get_info)(uint16_t port_id, uint16_t vf, struct pool_info *info);
	/** @return -ENOTSUP where each pool has its own table and key */
	int (*get_rss)(uint16_t port_id, uint16_t vf, struct pool_rss *rss);

	/*
	 * What not all hardware has: -ENOTSUP, or NULL here. reset() puts the defaults back: no
	 * limit, loopback on, no mirror, drop on.
	 */
	/** @param mbps  0: no limit; -ERANGE above what the port can */
	int (*set_tx_rate)(uint16_t port_id, uint16_t vf, uint32_t mbps);
	/** Are frames to other pools switched inside the NIC? Else they take the wire. */
	int (*set_loopback)(uint16_t port_id, uint16_t vf, bool on);
	/** @param to  who gets a copy of what the pool receives; -ENOSPC: no rule left */
	int (*set_mirror)(uint16_t port_id, uint16_t vf, uint16_t to);
	/** Does a full ring of the pool drop, or hold up its neighbours? */
	int (*set_drop)(uint16_t port_id, uint16_t vf, bool on);
	/** Bounds of the intervals that the VF may choose; 0: none; -ERANGE */
	int (*limit_interrupts)(uint16_t port_id, uint16_t vf, uint32_t min_us, uint32_t max_us);

	/** May be NULL. Do not read the VF's requests for so long; 0: read them again. */
	int (*hold_off)(uint16_t port_id, uint16_t vf, uint32_t ms);
};

/** The table over rte_pmd_sluice.h. */
extern const struct pool_ops pmd_pool_ops;

#endif /* SLUICE_POOL_OPS_H */
