/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <assert.h>
#include <errno.h>

#include "book.h"
#include "codec.h"
#include "requests.h"

#define VLAN_TAG_BYTES 4

static_assert(QUOTA_MULTICASTS >= MBX_MULTICASTS_MAX, "the book holds what a message can carry");

int
request_refuse(struct request *rq, enum policy_reason reason)
{
	rq->reason = policy_reason_text(reason);
	return -EPERM;
}

/* Carry out the change, or say why the pool did not. */
int
request_commit(struct request *rq, const struct vf_entry *next, const char *done)
{
	int rc = book_move(rq->service, rq->vf, next);

	if (rc == 0)
		rq->reason = done;
	else if (rc == -ENOSPC)
		rq->reason = "a table of the hardware is full";
	else
		rq->reason = "the pool could not be set";
	return rc;
}

/* Another VF's address, whether in use or pinned for later, is not to be had. */
static bool
mac_is_taken(const struct request *rq, const struct mac_addr *mac)
{
	const struct vf_service *service = rq->service;

	if (mac_equal(&service->pf_mac, mac))
		return true;
	for (uint16_t vf = 0; vf < service->nb_vfs; vf++) {
		const struct vf_entry *other = &service->vf[vf];

		if (vf == rq->vf)
			continue;
		if (mac_equal(&other->policy.mac, mac) || book_has_mac(other, mac))
			return true;
	}
	return false;
}

/* The operator may give two VFs one address, and a trusted VF may share its neighbour's. */
static bool
mac_is_allowed(const struct request *rq, const struct mac_addr *mac)
{
	const struct vf_policy *policy = &rq->entry->policy;

	return policy->trusted || mac_equal(&policy->mac, mac) || !mac_is_taken(rq, mac);
}

int
request_reset(struct request *rq, struct vf_entry *next, struct mbx_msg *reply)
{
	int rc;

	next->mac = mac_is_zero(&next->policy.mac) ? rq->entry->mac : next->policy.mac;
	next->state = VF_READY;
	next->reset_wanted = false;
	next->reset_notices = 0;
	next->link_notice = false;
	/* The VF uses its queues as soon as it reads the reply, so they are enabled before. */
	rc = book_open(rq->service, rq->vf, next);
	/* Who looks on is not to keep it from coming up: the last mirror may be gone. */
	if (rc == -ENOSPC && next->captured) {
		next->captured = false;
		rc = book_open(rq->service, rq->vf, next);
	}
	if (rc < 0) {
		rq->reason = "the pool could not be set up";
		return rc;
	}

	rq->entry->counters.resets++;
	rq->reason = mac_is_zero(&next->mac) ? "ready, without an address" : "ready";
	rq->service->dialect->reply_reset(reply, &next->mac);
	return 0;
}

int
on_reset(void *ctx, const struct mbx_msg *msg, struct mbx_msg *reply)
{
	struct request *rq = ctx;
	struct vf_entry next = *rq->entry;

	if (mbx_decode_reset(msg) < 0)
		return -EBADMSG;
	book_clear(&next);
	return request_reset(rq, &next, reply);
}

int
request_set_mac(struct request *rq, const struct mac_addr *mac)
{
	struct vf_entry next = *rq->entry;
	enum policy_reason reason = policy_set_mac(&next.policy, mac);

	if (reason != POLICY_OK)
		return request_refuse(rq, reason);
	if (!mac_is_allowed(rq, mac))
		return request_refuse(rq, POLICY_MAC_TAKEN);

	book_remove_extra(&next, mac);
	next.mac = *mac;
	return request_commit(rq, &next, "address set");
}

int
request_add_mac(struct request *rq, struct vf_entry *next, const struct mac_addr *mac)
{
	bool held = book_has_mac(next, mac);
	/* A VF without an address of its own may get one later: that is counted from the start. */
	unsigned int others = 1 + next->nb_extra - (held ? 1 : 0);
	enum policy_reason reason = policy_add_mac(&next->policy, mac, others);

	if (reason != POLICY_OK)
		return request_refuse(rq, reason);
	if (!mac_is_allowed(rq, mac))
		return request_refuse(rq, POLICY_MAC_TAKEN);

	if (!held) {
		if (next->nb_extra == SERVICE_MACS_MAX)
			return request_refuse(rq, POLICY_MAC_QUOTA);
		next->extra[next->nb_extra++] = *mac;
	}
	return request_commit(rq, next, "address added");
}

int
on_set_mac(void *ctx, const struct mbx_msg *msg, struct mbx_msg *reply)
{
	struct request *rq = ctx;
	struct vf_entry next = *rq->entry;
	struct mbx_set_mac wanted;

	(void)reply;

	if (mbx_decode_set_mac(msg, &wanted) < 0)
		return -EBADMSG;
	switch (wanted.action) {
	case MBX_MAC_SET:
		return request_set_mac(rq, &wanted.mac);
	case MBX_MAC_FILTER_ADD:
		return request_add_mac(rq, &next, &wanted.mac);
	case MBX_MAC_FILTERS_CLEAR:
		next.nb_extra = 0;
		return request_commit(rq, &next, "additional addresses removed");
	}
	return -EBADMSG;
}

int
request_set_multicast(struct request *rq, const struct mbx_set_multicast *wanted)
{
	struct vf_entry next = *rq->entry;
	/* "More than fit" is some, even if the VF names none. */
	unsigned int nb = wanted->nb == 0 && wanted->overflow ? 1 : wanted->nb;
	enum policy_reason reason = policy_set_multicast(&next.policy, nb);

	if (reason != POLICY_OK)
		return request_refuse(rq, reason);

	memcpy(next.multicast, wanted->hash, wanted->nb * sizeof(wanted->hash[0]));
	next.nb_multicast = wanted->nb;
	next.multicast_overflow = wanted->overflow;
	return request_commit(rq, &next,
			      wanted->overflow ? "all multicast, its groups are too many" :
						 "multicast hashes set");
}

int
on_set_multicast(void *ctx, const struct mbx_msg *msg, struct mbx_msg *reply)
{
	struct mbx_set_multicast wanted;

	(void)reply;

	if (mbx_decode_set_multicast(msg, &wanted) < 0)
		return -EBADMSG;
	return request_set_multicast(ctx, &wanted);
}

int
on_set_vlan(void *ctx, const struct mbx_msg *msg, struct mbx_msg *reply)
{
	struct request *rq = ctx;
	struct vf_entry next = *rq->entry;
	struct mbx_set_vlan wanted;
	enum policy_reason reason;
	bool held;

	(void)reply;

	if (mbx_decode_set_vlan(msg, &wanted) < 0)
		return -EBADMSG;
	held = book_has_vlan(&next, wanted.vlan);
	reason = policy_set_vlan(&next.policy, wanted.vlan, wanted.add,
				 next.nb_vlans - (held ? 1u : 0u));
	if (reason != POLICY_OK)
		return request_refuse(rq, reason);

	if (wanted.add && !held) {
		if (next.nb_vlans == SERVICE_VLANS_MAX)
			return request_refuse(rq, POLICY_VLAN_QUOTA);
		next.vlans[next.nb_vlans++] = wanted.vlan;
	}
	for (uint16_t i = 0; !wanted.add && i < next.nb_vlans; i++) {
		if (next.vlans[i] == wanted.vlan)
			next.vlans[i] = next.vlans[--next.nb_vlans];
	}
	return request_commit(rq, &next, wanted.add ? "VLAN added" : "VLAN removed");
}

int
request_set_max_frame(struct request *rq, uint32_t bytes)
{
	struct vf_entry next = *rq->entry;

	next.max_frame = bytes;
	/* Who speaks 1.1 knows that others' frames may be larger (82599 sheet, 5.4). */
	next.takes_larger = next.api >= MBX_API_11;
	return request_commit(rq, &next, "max frame set");
}

int
on_set_max_frame(void *ctx, const struct mbx_msg *msg, struct mbx_msg *reply)
{
	struct request *rq = ctx;
	struct mbx_set_max_frame wanted;
	enum policy_reason reason;
	uint32_t bytes;

	(void)reply;

	if (mbx_decode_set_max_frame(msg, &wanted) < 0)
		return -EBADMSG;
	reason = policy_set_max_frame(&rq->entry->policy, wanted.bytes);
	if (reason != POLICY_OK)
		return request_refuse(rq, reason);

	/* VFs count a VLAN tag in, pools do not. */
	bytes = wanted.bytes - VLAN_TAG_BYTES;
	return request_set_max_frame(rq, bytes < FRAME_BYTES_MIN ? FRAME_BYTES_MIN : bytes);
}

int
on_set_promiscuous(void *ctx, const struct mbx_msg *msg, struct mbx_msg *reply)
{
	struct request *rq = ctx;
	struct vf_entry next = *rq->entry;
	struct mbx_set_promiscuous wanted;
	enum policy_reason reason;
	int rc;

	(void)reply;

	if (mbx_decode_set_promiscuous(msg, &wanted) < 0)
		return -EBADMSG;
	reason = policy_set_promiscuous(&next.policy, wanted.unicast, wanted.multicast);

	/* As Linux's igb: a VF that asks for both gets at least the multicast it may have. */
	next.all_multicast = wanted.multicast && !next.policy.no_multicast;
	next.promiscuous = wanted.unicast && reason != POLICY_NOT_TRUSTED;
	rc = request_commit(rq, &next, "receive modes set");
	if (rc == 0 && reason != POLICY_OK)
		return request_refuse(rq, reason);
	return rc;
}
