/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * May this VF have what it asks for? Pure functions: no time, no I/O, no pointer kept.
 *
 * The vocabulary is that of `ip link set PF vf N …`; the defaults are those of Linux's PF drivers.
 * The reason that comes back goes into the reply, the log line and the test alike.
 */
#ifndef SLUICE_POLICY_H
#define SLUICE_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "message.h"

#define VLAN_ID_MAX	4094	/**< 4095 is reserved; 0 means priority tag only */
#define VLAN_QOS_MAX	7
#define FRAME_BYTES_MIN 64	/**< with CRC */
#define FRAME_BYTES_USUAL 1518	/**< with CRC, without VLAN tag: no jumbo frame */
#define FRAME_BYTES_MAX 9728	/**< the hardware's largest, with CRC and VLAN tag */

/* What an untrusted VF may hold, by default. */
#define QUOTA_MACS	 18	/**< its own and additional unicast addresses */
#define QUOTA_VLANS	 16
#define QUOTA_MULTICASTS 30	/**< hash values; one SET_MULTICAST carries no more */

/* What an operator may set. */
#define QUOTA_MACS_MAX	  64
#define QUOTA_VLANS_MAX	  64
#define TX_RATE_MBPS_MAX  100000
#define INTERRUPT_US_MAX  10000
#define POLICY_VFS_MAX	  64	/**< a mirror's VF is one of these */

/** Does the VF send and receive at all? */
enum policy_state {
	POLICY_STATE_AUTO,	/**< as the port does */
	POLICY_STATE_ENABLE,	/**< even while the port's link is down: to its neighbours */
	POLICY_STATE_DISABLE,	/**< not at all; its requests are served all the same */
};

/** Who gets a copy of what a VF receives. */
#define POLICY_MIRROR_NONE 0
#define POLICY_MIRROR_PF   1
#define POLICY_MIRROR_VF   2	/**< VF n is POLICY_MIRROR_VF + n */

#define TRUNK_WORDS ((VLAN_ID_MAX + 2) / 32)

/**
 * What the operator decided for one VF.
 *
 * Whatever is zero restricts nothing that Linux's PF drivers would allow, but for the quotas and
 * spoof_check: those are in policy_default. There is no padding, so policies can be compared.
 */
struct vf_policy {
	struct mac_addr mac;	/**< the VF's address; zero: the VF may choose its own */
	uint16_t vlan;		/**< port VLAN, 1..VLAN_ID_MAX; 0: none, the VF tags as it likes */
	uint32_t max_tx_rate;	/**< Mbit/s, to TX_RATE_MBPS_MAX; 0: no limit */
	uint16_t min_interrupt_us;	/**< shortest interval of its vectors; 0: its own choice */
	uint16_t max_interrupt_us;	/**< longest; 0: its own choice */
	uint16_t mirror;	/**< POLICY_MIRROR_…: gets a copy of what it receives */
	uint8_t qos;		/**< 802.1p priority of the port VLAN's tag, 0..VLAN_QOS_MAX */
	uint8_t state;		/**< of enum policy_state */
	uint8_t max_macs;	/**< untrusted: addresses, its own included, which it always gets */
	uint8_t max_vlans;	/**< untrusted: VLANs it may ask for */
	uint8_t max_multicasts;	/**< untrusted: hash values */
	bool trusted;		/**< may change a pinned MAC, be promiscuous, exceed the quotas */
	bool spoof_check;	/**< frames with a foreign source address or VLAN are dropped */
	bool no_untagged;	/**< frames without a tag, or with a priority only, are kept off */
	bool no_broadcast;	/**< broadcasts are kept off */
	bool no_multicast;	/**< frames to groups are kept off, whatever it asks for */
	bool unknown_unicast;	/**< receives all unicast frames, without asking */
	bool query_rss;		/**< may read the port's RSS table and key */
	bool no_loopback;	/**< its frames to the port's other pools take the wire */
	bool blocks;		/**< its full ring holds its neighbours up, instead of dropping */
	/** The VLANs it may ask for, a bit each; all zero: any. Only without a port VLAN. */
	uint32_t trunk[TRUNK_WORDS];
};

/** Verdict of a policy function. */
enum policy_reason {
	POLICY_OK,
	POLICY_MAC_INVALID,	/**< zero or multicast */
	POLICY_MAC_PINNED,	/**< the operator set another one */
	POLICY_MAC_QUOTA,
	POLICY_VLAN_INVALID,	/**< above VLAN_ID_MAX */
	POLICY_VLAN_PORT,	/**< a port VLAN is set: the VF has no say */
	POLICY_VLAN_QUOTA,
	POLICY_MULTICAST_QUOTA,
	POLICY_FRAME_RANGE,
	POLICY_NOT_TRUSTED,	/**< unicast promiscuous needs trust */
	POLICY_MAC_TAKEN,	/**< another VF of this PF has it, or is to have it */
	POLICY_QOS_INVALID,	/**< above VLAN_QOS_MAX */
	POLICY_API,		/**< a version of the dialect that is not spoken, or lacks this */
	POLICY_FRAME_SHARED,	/**< the port has one frame size, and this is not it */
	POLICY_VLAN_TRUNK,	/**< not one of the trunk's VLANs */
	POLICY_UNTAGGED,	/**< VLAN 0 is priority tags, and such frames are kept off */
	POLICY_MULTICAST_OFF,
	POLICY_RSS_PRIVATE,	/**< the operator did not let the VF know */
	POLICY_TRUNK_PORT,	/**< a trunk and a port VLAN */
	POLICY_QUOTA_INVALID,	/**< above what a VF can hold */
	POLICY_RATE_INVALID,
	POLICY_INTERRUPT_INVALID,	/**< out of range, or the longest below the shortest */
	POLICY_MIRROR_INVALID,	/**< to itself, or to a VF that is not there */
	POLICY_STATE_INVALID,
	POLICY_NB_REASONS,
};

/** Linux's defaults: not trusted, spoof check on, quotas, and nothing else. */
extern const struct vf_policy policy_default;

static inline bool
policy_equal(const struct vf_policy *a, const struct vf_policy *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/** Is there a list of VLANs, besides which the VF may ask for none? */
bool policy_has_trunk(const struct vf_policy *policy);

/** Put VLANs @p first to @p last, 1..VLAN_ID_MAX, on the list. */
void policy_trunk_add(struct vf_policy *policy, uint16_t first, uint16_t last);

/** May the VF receive frames of this VLAN? Of 0, the priority tags: as of untagged frames. */
bool policy_trunk_has(const struct vf_policy *policy, uint16_t vlan);

/** One line for a log or a reply; never NULL. */
const char *policy_reason_text(enum policy_reason reason);

/** Is this policy one that can be carried out? For whoever reads one from a file or a person. */
enum policy_reason policy_check(const struct vf_policy *policy);

/** The same for VF @p vf of a port with @p nb_vfs of them. */
enum policy_reason policy_check_vf(const struct vf_policy *policy, uint16_t vf, uint16_t nb_vfs);

/** The pinned address itself is always granted. */
enum policy_reason policy_set_mac(const struct vf_policy *policy, const struct mac_addr *wanted);

/**
 * One more address to receive. As with Linux's igb, an untrusted VF with a pinned address gets
 * none: a pin that leaves room for others pins nothing.
 *
 * @param held  addresses the VF holds already besides @p wanted, its own included
 */
enum policy_reason policy_add_mac(const struct vf_policy *policy, const struct mac_addr *wanted,
				  unsigned int held);

/** @param held  VLANs the VF holds already besides @p vlan */
enum policy_reason policy_set_vlan(const struct vf_policy *policy, uint16_t vlan, bool add,
				   unsigned int held);

/** @param wanted  number of hash values */
enum policy_reason policy_set_multicast(const struct vf_policy *policy, unsigned int wanted);

/** @param bytes  with CRC and VLAN tag, as the VF sends it */
enum policy_reason policy_set_max_frame(const struct vf_policy *policy, uint32_t bytes);

/**
 * All-multicast is free to everyone but those who may receive none, as with Linux's igb; unicast
 * promiscuous needs trust.
 *
 * @return the reason why not all is granted; of unicast, if of both
 */
enum policy_reason policy_set_promiscuous(const struct vf_policy *policy, bool unicast,
					  bool multicast);

/* --- Of the 82599's dialect only --- */

/**
 * Shall this version be spoken? 1.0 to 1.3 are; 1.4 would make Linux's VF offer IPsec, and 1.5
 * changes the handshake of the buffer (doc/decisions/005).
 *
 * @param api  as it came from the VF: any number
 */
enum policy_reason policy_api(uint32_t api);

/**
 * How much of a receive mode the VF gets. As with policy_set_promiscuous(), unicast promiscuous
 * needs trust and all-multicast is free: an operator's word means the same in both dialects.
 *
 * @param granted  what it gets, if POLICY_OK: @p wanted or less
 * @return POLICY_API if @p api has no such mode
 */
enum policy_reason policy_receive_mode(const struct vf_policy *policy, enum mbx_api api,
				       enum mbx_receive_mode wanted,
				       enum mbx_receive_mode *granted);

/**
 * May a VF live with the port's frame size, where all pools share one?
 *
 * @param api  the VF's version: with 1.0 it may not expect frames larger than it asked for
 * @param bytes  what the VF asks for, with CRC, without VLAN tag
 * @param shared  the port's; 0: each pool has its own
 */
enum policy_reason policy_share_frame(enum mbx_api api, uint32_t bytes, uint32_t shared);

/** The port's RSS key says how to overload a neighbour's queue: for whom the operator allows it. */
enum policy_reason policy_query_rss(const struct vf_policy *policy);

#endif /* SLUICE_POLICY_H */
