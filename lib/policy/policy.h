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

/** What the operator decided for one VF. */
struct vf_policy {
	struct mac_addr mac;	/**< the VF's address; zero: the VF may choose its own */
	uint16_t vlan;		/**< port VLAN, 1..VLAN_ID_MAX; 0: none, the VF tags as it likes */
	uint8_t qos;		/**< 802.1p priority of the port VLAN's tag, 0..VLAN_QOS_MAX */
	bool trusted;		/**< may change a pinned MAC, be promiscuous, exceed the quotas */
	bool spoof_check;	/**< frames with a foreign source address are dropped */
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
	POLICY_NB_REASONS,
};

/** Linux's defaults: not trusted, spoof check on, no MAC pinned, no port VLAN. */
extern const struct vf_policy policy_default;

/** One line for a log or a reply; never NULL. */
const char *policy_reason_text(enum policy_reason reason);

/** Is this policy one that can be carried out? For whoever reads one from a file or a person. */
enum policy_reason policy_check(const struct vf_policy *policy);

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

/** All-multicast is free to everyone, as with Linux's igb; unicast promiscuous needs trust. */
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

/** The port's RSS key says how to overload one queue of a neighbour: for trusted VFs. */
enum policy_reason policy_query_rss(const struct vf_policy *policy);

#endif /* SLUICE_POLICY_H */
