/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <assert.h>
#include <stddef.h>

#include "policy.h"

/* Policies are compared as they are in memory. */
static_assert(sizeof(struct vf_policy) == 32 + 4 * TRUNK_WORDS, "no padding");
static_assert(TRUNK_WORDS * 32 == VLAN_ID_MAX + 2, "a bit for each VLAN");

const struct vf_policy policy_default = {
	.spoof_check = true,
	.max_macs = QUOTA_MACS,
	.max_vlans = QUOTA_VLANS,
	.max_multicasts = QUOTA_MULTICASTS,
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
	[POLICY_VLAN_TRUNK] = "not a VLAN of the trunk",
	[POLICY_UNTAGGED] = "untagged frames are off",
	[POLICY_MULTICAST_OFF] = "multicast is off",
	[POLICY_RSS_PRIVATE] = "query_rss is off",
	[POLICY_TRUNK_PORT] = "a trunk and a port VLAN exclude each other",
	[POLICY_QUOTA_INVALID] = "not a quota",
	[POLICY_RATE_INVALID] = "not a rate",
	[POLICY_INTERRUPT_INVALID] = "not an interrupt interval",
	[POLICY_MIRROR_INVALID] = "not a VF to mirror to",
	[POLICY_STATE_INVALID] = "not a state",
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

bool
policy_has_trunk(const struct vf_policy *policy)
{
	uint32_t any = 0;

	for (unsigned int i = 0; i < TRUNK_WORDS; i++)
		any |= policy->trunk[i];
	return any != 0;
}

void
policy_trunk_add(struct vf_policy *policy, uint16_t first, uint16_t last)
{
	for (uint16_t vlan = first; vlan <= last; vlan++)
		policy->trunk[vlan / 32] |= UINT32_C(1) << vlan % 32;
}

bool
policy_trunk_has(const struct vf_policy *policy, uint16_t vlan)
{
	if (vlan > VLAN_ID_MAX)
		return false;
	if (vlan == 0)
		return !policy->no_untagged;
	return !policy_has_trunk(policy) || (policy->trunk[vlan / 32] >> vlan % 32 & 1) != 0;
}

static enum policy_reason
check_quotas(const struct vf_policy *policy)
{
	if (policy->max_macs > QUOTA_MACS_MAX || policy->max_vlans > QUOTA_VLANS_MAX ||
	    policy->max_multicasts > QUOTA_MULTICASTS)
		return POLICY_QUOTA_INVALID;
	return POLICY_OK;
}

static enum policy_reason
check_rates(const struct vf_policy *policy)
{
	uint16_t min = policy->min_interrupt_us, max = policy->max_interrupt_us;

	if (policy->max_tx_rate > TX_RATE_MBPS_MAX)
		return POLICY_RATE_INVALID;
	if (min > INTERRUPT_US_MAX || max > INTERRUPT_US_MAX || (max != 0 && max < min))
		return POLICY_INTERRUPT_INVALID;
	return POLICY_OK;
}

enum policy_reason
policy_check(const struct vf_policy *policy)
{
	enum policy_reason reason;

	if (is_pinned(policy) && !mac_is_unicast(&policy->mac))
		return POLICY_MAC_INVALID;
	if (policy->vlan > VLAN_ID_MAX)
		return POLICY_VLAN_INVALID;
	if (policy->qos > VLAN_QOS_MAX)
		return POLICY_QOS_INVALID;
	if (policy->vlan != 0 && policy_has_trunk(policy))
		return POLICY_TRUNK_PORT;
	if (policy->state > POLICY_STATE_DISABLE)
		return POLICY_STATE_INVALID;
	if (policy->mirror >= POLICY_MIRROR_VF + POLICY_VFS_MAX)
		return POLICY_MIRROR_INVALID;
	reason = check_quotas(policy);
	return reason == POLICY_OK ? check_rates(policy) : reason;
}

enum policy_reason
policy_check_vf(const struct vf_policy *policy, uint16_t vf, uint16_t nb_vfs)
{
	uint16_t to = policy->mirror - POLICY_MIRROR_VF;

	if (policy->mirror >= POLICY_MIRROR_VF && (to == vf || to >= nb_vfs))
		return POLICY_MIRROR_INVALID;
	return policy_check(policy);
}

enum policy_reason
policy_set_mac(const struct vf_policy *policy, const struct mac_addr *wanted)
{
	if (!mac_is_unicast(wanted))
		return POLICY_MAC_INVALID;
	if (policy->trusted || mac_equal(wanted, &policy->mac))
		return POLICY_OK;
	return is_pinned(policy) ? POLICY_MAC_PINNED : POLICY_OK;
}

enum policy_reason
policy_add_mac(const struct vf_policy *policy, const struct mac_addr *wanted, unsigned int held)
{
	enum policy_reason reason = policy_set_mac(policy, wanted);

	if (reason != POLICY_OK)
		return reason;
	if (policy->trusted || mac_equal(wanted, &policy->mac))
		return POLICY_OK;
	return held >= policy->max_macs ? POLICY_MAC_QUOTA : POLICY_OK;
}

enum policy_reason
policy_set_vlan(const struct vf_policy *policy, uint16_t vlan, bool add, unsigned int held)
{
	if (policy->vlan != 0)
		return POLICY_VLAN_PORT;
	if (vlan > VLAN_ID_MAX)
		return POLICY_VLAN_INVALID;
	if (!add)
		return POLICY_OK;
	if (!policy_trunk_has(policy, vlan))
		return vlan == 0 ? POLICY_UNTAGGED : POLICY_VLAN_TRUNK;
	if (!policy->trusted && held >= policy->max_vlans)
		return POLICY_VLAN_QUOTA;
	return POLICY_OK;
}

enum policy_reason
policy_set_multicast(const struct vf_policy *policy, unsigned int wanted)
{
	if (policy->no_multicast && wanted > 0)
		return POLICY_MULTICAST_OFF;
	if (!policy->trusted && wanted > policy->max_multicasts)
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
	if (unicast && !policy->trusted)
		return POLICY_NOT_TRUSTED;
	return multicast && policy->no_multicast ? POLICY_MULTICAST_OFF : POLICY_OK;
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
	if (*granted == MBX_MODE_PROMISCUOUS && !policy->trusted)
		*granted = MBX_MODE_ALL_MULTICAST;
	if (*granted == MBX_MODE_ALL_MULTICAST && policy->no_multicast)
		*granted = MBX_MODE_MULTICAST;
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
	return policy->query_rss ? POLICY_OK : POLICY_RSS_PRIVATE;
}
