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

#endif /* SLUICE_POLICY_H */
