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

int
service_set_policy(struct vf_service *service, uint16_t vf, const struct vf_policy *policy)
{
	struct vf_entry next;
	bool repinned;
	int rc;

	if (vf >= service->nb_vfs || policy_check(policy) != POLICY_OK)
		return -EINVAL;
	next = service->vf[vf];
	repinned = !mac_is_zero(&policy->mac) && !mac_equal(&policy->mac, &next.policy.mac);
	next.policy = *policy;

	/* A VF whose pool is not set up holds nothing; RESET will apply the policy. */
	if (next.enabled) {
		curtail(&next, &service->vf[vf].policy);
		if (service->dialect->told_of_port_vlan &&
		    (policy->vlan != 0) != (service->vf[vf].policy.vlan != 0))
			want_reset(&next);
	}
	rc = book_move(service, vf, &next);
	if (rc == 0 && repinned)
		live_evict_others(service, vf);
	return rc;
}
