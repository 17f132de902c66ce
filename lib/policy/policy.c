/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <assert.h>
#include <stddef.h>

#include "policy.h"

const struct vf_policy policy_default = {
	.spoof_check = true,
};

static const char *const reason_texts[] = {
	[POLICY_OK] = "granted",
	[POLICY_MAC_INVALID] = "not a unicast address",
	[POLICY_MAC_PINNED] = "the address is pinned to another one",
	[POLICY_MAC_QUOTA] = "too many addresses",
	[POLICY_VLAN_INVALID] = "not a VLAN id",
	[POLICY_VLAN_PORT] = "a port VLAN is set",
	[POLICY_VLAN_QUOTA] = "too many VLANs",
	[POLICY_MULTICAST_QUOTA] = "too many multicast hashes",
	[POLICY_FRAME_RANGE] = "frame size out of range",
	[POLICY_NOT_TRUSTED] = "the VF is not trusted",
	[POLICY_MAC_TAKEN] = "the address belongs to another VF",
	[POLICY_QOS_INVALID] = "not a priority",
	[POLICY_API] = "not in a version of the mailbox that is spoken",
	[POLICY_FRAME_SHARED] = "the port's frame size is another one",
};

static_assert(sizeof(reason_texts) / sizeof(reason_texts[0]) == POLICY_NB_REASONS,
	      "each reason has a text");

const char *
policy_reason_text(enum policy_reason reason)
{
	if ((unsigned int)reason >= POLICY_NB_REASONS || reason_texts[reason] == NULL)
		return "unknown reason";
	return reason_texts[reason];
}

static bool
is_pinned(const struct vf_policy *policy)
{
	return !mac_is_zero(&policy->mac);
}

enum policy_reason
policy_check(const struct vf_policy *policy)
{
	if (is_pinned(policy) && !mac_is_unicast(&policy->mac))
		return POLICY_MAC_INVALID;
	if (policy->vlan > VLAN_ID_MAX)
		return POLICY_VLAN_INVALID;
	if (policy->qos > VLAN_QOS_MAX)
		return POLICY_QOS_INVALID;
	return POLICY_OK;
}

enum policy_reason
policy_set_mac(const struct vf_policy *policy, const struct mac_addr *wanted)
{
	if (!mac_is_unicast(wanted))
		return POLICY_MAC_INVALID;
	if (is_pinned(policy) && !policy->trusted && !mac_equal(wanted, &policy->mac))
		return POLICY_MAC_PINNED;
	return POLICY_OK;
}

enum policy_reason
policy_add_mac(const struct vf_policy *policy, const struct mac_addr *wanted, unsigned int held)
{
	enum policy_reason reason = policy_set_mac(policy, wanted);

	if (reason != POLICY_OK)
		return reason;
	if (!policy->trusted && held >= QUOTA_MACS)
		return POLICY_MAC_QUOTA;
	return POLICY_OK;
}

enum policy_reason
policy_set_vlan(const struct vf_policy *policy, uint16_t vlan, bool add, unsigned int held)
{
	if (policy->vlan != 0)
		return POLICY_VLAN_PORT;
	if (vlan > VLAN_ID_MAX)
		return POLICY_VLAN_INVALID;
	if (add && !policy->trusted && held >= QUOTA_VLANS)
		return POLICY_VLAN_QUOTA;
	return POLICY_OK;
}

enum policy_reason
policy_set_multicast(const struct vf_policy *policy, unsigned int wanted)
{
	if (!policy->trusted && wanted > QUOTA_MULTICASTS)
		return POLICY_MULTICAST_QUOTA;
	return POLICY_OK;
}

enum policy_reason
policy_set_max_frame(const struct vf_policy *policy, uint32_t bytes)
{
	(void)policy;	/* the hardware's range is everybody's */

	if (bytes < FRAME_BYTES_MIN || bytes > FRAME_BYTES_MAX)
		return POLICY_FRAME_RANGE;
	return POLICY_OK;
}

enum policy_reason
policy_set_promiscuous(const struct vf_policy *policy, bool unicast, bool multicast)
{
	(void)multicast;	/* free to everyone */

	if (unicast && !policy->trusted)
		return POLICY_NOT_TRUSTED;
	return POLICY_OK;
}

enum policy_reason
policy_api(uint32_t api)
{
	switch (api) {
	case MBX_API_10:
	case MBX_API_11:
	case MBX_API_12:
	case MBX_API_13:
		return POLICY_OK;
	default:
		return POLICY_API;
	}
}

enum policy_reason
policy_receive_mode(const struct vf_policy *policy, enum mbx_api api,
		    enum mbx_receive_mode wanted, enum mbx_receive_mode *granted)
{
	if (wanted == MBX_MODE_PROMISCUOUS && api < MBX_API_13)
		return POLICY_API;
	*granted = wanted;
	if (wanted == MBX_MODE_PROMISCUOUS && !policy->trusted)
		*granted = MBX_MODE_ALL_MULTICAST;
	return POLICY_OK;
}

enum policy_reason
policy_share_frame(enum mbx_api api, uint32_t bytes, uint32_t shared)
{
	if (shared == 0)
		return POLICY_OK;
	if (shared > FRAME_BYTES_USUAL && api < MBX_API_11)
		return POLICY_FRAME_SHARED;
	return bytes <= shared ? POLICY_OK : POLICY_FRAME_SHARED;
}

enum policy_reason
policy_query_rss(const struct vf_policy *policy)
{
	return policy->trusted ? POLICY_OK : POLICY_NOT_TRUSTED;
}
