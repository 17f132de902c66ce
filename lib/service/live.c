/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>

#include "book.h"
#include "live.h"

/* The VF has to reset itself before it is served again; its data path goes on until then. */
static void
want_reset(struct vf_entry *entry)
{
	entry->state = VF_WAIT_RESET;
	entry->reset_wanted = true;
	entry->reset_notices = 0;
}

/* Bring what the VF holds in line with its new policy. */
static void
curtail(struct vf_entry *next, const struct vf_policy *old)
{
	const struct vf_policy *policy = &next->policy;
	bool pinned = !mac_is_zero(&policy->mac);

	if (!policy->trusted)
		next->promiscuous = false;
	for (uint16_t i = next->nb_vlans; i-- > 0;) {
		if (!policy_trunk_has(policy, next->vlans[i]))
			next->vlans[i] = next->vlans[--next->nb_vlans];
	}
	/* A trusted VF that moved off its pinned address may stay, until the pin moves. */
	if (pinned && (!policy->trusted || !mac_equal(&policy->mac, &old->mac)) &&
	    !mac_equal(&policy->mac, &next->mac)) {
		book_remove_extra(next, &policy->mac);
		next->mac = policy->mac;
		want_reset(next);
	}
	if (pinned && !policy->trusted && next->nb_extra > 0) {
		next->nb_extra = 0;
		want_reset(next);
	}
}

/* The VF had picked an address that the operator now gives to another one. */
static void
evict(struct vf_service *service, uint16_t vf, const struct mac_addr *mac)
{
	struct vf_entry *entry = &service->vf[vf];
	struct vf_entry next = *entry;

	book_remove_extra(&next, mac);
	if (mac_equal(&next.mac, mac))
		memset(&next.mac, 0, sizeof(next.mac));
	want_reset(&next);
	if (book_move(service, vf, &next) < 0) {
		(void)book_close(service, vf);
		want_reset(entry);
	}
}

void
live_evict_others(struct vf_service *service, uint16_t vf)
{
	const struct mac_addr *mac = &service->vf[vf].policy.mac;

	for (uint16_t i = 0; i < service->nb_vfs; i++) {
		const struct vf_entry *other = &service->vf[i];

		if (i != vf && !other->policy.trusted && !mac_equal(&other->policy.mac, mac) &&
		    book_has_mac(other, mac))
			evict(service, i, mac);
	}
}

/* Does the VF have to reset itself to learn what changed? */
static bool
is_to_learn(const struct service_dialect *dialect, const struct vf_policy *from,
	    const struct vf_policy *to)
{
	bool was_off = from->state == POLICY_STATE_DISABLE;
	bool is_off = to->state == POLICY_STATE_DISABLE;

	/* As Linux's ixgbe: its VFs ask for the link's state when they come up, and only then. */
	if (was_off != is_off)
		return true;
	return dialect->told_of_port_vlan && (to->vlan != 0) != (from->vlan != 0);
}

int
service_capture(struct vf_service *service, uint16_t vf, bool on)
{
	struct vf_entry next;
	int rc = 0;

	if (vf >= service->nb_vfs)
		return -EINVAL;
	service->refused = 0;
	next = service->vf[vf];
	next.captured = on;
	if (!next.enabled)
		rc = book_try(service, vf, &next);
	if (rc == 0)
		rc = book_move(service, vf, &next);
	return rc;
}

int
service_set_policy(struct vf_service *service, uint16_t vf, const struct vf_policy *policy)
{
	struct vf_entry next;
	bool repinned;
	int rc = 0;

	if (vf >= service->nb_vfs || policy_check_vf(policy, vf, service->nb_vfs) != POLICY_OK)
		return -EINVAL;
	service->refused = 0;
	next = service->vf[vf];
	repinned = !mac_is_zero(&policy->mac) && !mac_equal(&policy->mac, &next.policy.mac);
	next.policy = *policy;

	/* A VF whose pool is not set up holds nothing; RESET will apply the policy. */
	if (next.enabled) {
		curtail(&next, &service->vf[vf].policy);
		if (is_to_learn(service->dialect, &service->vf[vf].policy, policy))
			want_reset(&next);
	} else {
		rc = book_try(service, vf, &next);
	}
	if (rc == 0)
		rc = book_move(service, vf, &next);
	if (rc == 0 && repinned)
		live_evict_others(service, vf);
	return rc;
}
