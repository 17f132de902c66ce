/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <assert.h>
#include <errno.h>
#include <stddef.h>

#include "book.h"
#include "codec.h"
#include "live.h"
#include "quarantine.h"
#include "requests.h"

static const struct service_dialect *const dialects[MBX_NB_DIALECTS] = {
	[MBX_DIALECT_82576] = &dialect_82576,
	[MBX_DIALECT_82599] = &dialect_82599,
};

/* All but the policies, which are never half-written: who dies here has them. */
static void
forget(struct vf_service *service)
{
	const size_t behind = offsetof(struct vf_entry, policy) + sizeof(struct vf_policy);

	static_assert(offsetof(struct vf_entry, policy) == 0, "the rest is behind it");
	for (uint16_t vf = 0; vf < SERVICE_VFS_MAX; vf++)
		memset((char *)&service->vf[vf] + behind, 0, sizeof(service->vf[vf]) - behind);
	memset(service->watch, 0, sizeof(service->watch));
	memset(&service->journal, 0, sizeof(service->journal));
	service->refused = 0;
}

int
service_start_again(struct vf_service *service, uint16_t port_id, uint16_t nb_vfs,
		    const struct pool_ops *pool)
{
	if (nb_vfs > SERVICE_VFS_MAX || (unsigned int)service->speaks >= MBX_NB_DIALECTS)
		return -EINVAL;
	for (uint16_t vf = 0; vf < nb_vfs; vf++) {
		if (policy_check_vf(&service->vf[vf].policy, vf, nb_vfs) != POLICY_OK)
			return -EINVAL;
	}

	service->port_id = port_id;
	service->nb_vfs = nb_vfs;
	service->pool = pool;
	service->dialect = dialects[service->speaks];
	forget(service);

	for (uint16_t vf = 0; vf < nb_vfs; vf++) {
		int rc = book_close(service, vf);

		if (rc == 0)
			rc = book_try(service, vf, &service->vf[vf]);
		if (rc < 0) {
			/* Those behind this one are not shut off yet. */
			service->nb_vfs = 0;
			return rc;
		}
	}
	return 0;
}

int
service_start(struct vf_service *service, uint16_t port_id, uint16_t nb_vfs,
	      const struct pool_ops *pool, const struct vf_policy *policies)
{
	if (nb_vfs > SERVICE_VFS_MAX)
		return -EINVAL;
	for (uint16_t vf = 0; vf < SERVICE_VFS_MAX; vf++)
		service->vf[vf].policy =
			vf < nb_vfs && policies != NULL ? policies[vf] : policy_default;
	return service_start_again(service, port_id, nb_vfs, pool);
}

static bool
is_a_book(const struct vf_service *service)
{
	const struct book_journal *journal = &service->journal;

	return service->nb_vfs <= SERVICE_VFS_MAX &&
	       (unsigned int)service->speaks < MBX_NB_DIALECTS &&
	       (unsigned int)journal->stage <= BOOK_COMMITTING &&
	       (journal->stage == BOOK_AT_REST || journal->vf < service->nb_vfs);
}

int
service_resume(struct vf_service *service, const struct pool_ops *pool)
{
	int rc;

	if (!is_a_book(service))
		return -EINVAL;
	service->pool = pool;
	service->dialect = dialects[service->speaks];
	rc = book_resume(service);
	/* It may have been about to, after it had pinned an address. */
	for (uint16_t vf = 0; vf < service->nb_vfs; vf++)
		if (!mac_is_zero(&service->vf[vf].policy.mac))
			live_evict_others(service, vf);
	for (uint16_t vf = 0; vf < service->nb_vfs; vf++)
		if (service->vf[vf].captured && service_capture(service, vf, false) < 0)
			(void)book_close(service, vf);
	return rc;
}

void
service_on_vf_restart(struct vf_service *service, uint16_t vf)
{
	struct vf_entry *entry;

	if (vf >= service->nb_vfs)
		return;
	entry = &service->vf[vf];
	/* Should the pool fail here, RESET will clean it again, or fail in turn. */
	(void)book_close(service, vf);
	entry->reset_wanted = false;
	entry->reset_notices = 0;
	entry->link_notice = false;
	entry->counters.flrs++;
}

void
service_on_vf_reset(struct vf_service *service, uint16_t vf)
{
	/* First: who dies in between has a VF that waits for RESET, as it is to be. */
	(void)service_release(service, vf);
	service_on_vf_restart(service, vf);
}

/* A message goes out: remember what the VF will find, and leave it the time to read. */
static void
note_sent(struct vf_entry *entry, const struct mbx_msg *msg, uint64_t now_ms)
{
	entry->cts_shown = (msg->word[0] & MBX_CTS) != 0;
	entry->quiet_until_ms = now_ms + SERVICE_QUIET_MS;
}

/* May a VF that is not clear to send be refused now? Without this it could keep the PF writing. */
static bool
nack_is_due(struct vf_entry *entry, uint64_t now_ms)
{
	if (entry->last_nack_ms != 0 && now_ms - entry->last_nack_ms < SERVICE_NACK_MS)
		return false;
	entry->last_nack_ms = now_ms;
	return true;
}

/* What a result of mbx_dispatch() means, if the handler gave no reason of its own. */
static const char *
result_text(const struct mbx_msg *msg, int rc)
{
	if ((msg->word[0] & MBX_FLAGS) != 0)
		return "carries the flags of a reply";
	switch (rc) {
	case -ENOSYS:
		return "no such request";
	case -EBADMSG:
		return "malformed";
	case -EAGAIN:
		return "the VF has not reset itself";
	default:
		return rc == 0 ? "done" : "failed";
	}
}

static void
account(const struct request *rq, const struct mbx_op *op, const struct mbx_msg *msg, int rc)
{
	struct vf_service *service = rq->service;
	struct vf_counters *counters = &rq->entry->counters;
	struct service_verdict verdict = {
		.vf = rq->vf,
		.request = op != NULL ? op->name : "unknown",
		.word0 = msg->word[0],
		.ok = rc == 0,
		.reason = rq->reason != NULL ? rq->reason : result_text(msg, rc),
		.message = msg,
		.op = op,
	};

	counters->requests++;
	if (rc == 0)
		counters->acked++;
	else
		counters->nacked++;
	if (rc == -EBADMSG || rc == -ENOSYS)
		counters->malformed++;
	if (service->report != NULL)
		service->report(service->report_ctx, &verdict);
}

bool
service_on_request(struct vf_service *service, uint16_t vf, const struct mbx_msg *request,
		   uint64_t now_ms, struct mbx_msg *reply)
{
	const struct service_dialect *dialect = service->dialect;
	struct request rq = { .service = service, .vf = vf };
	const struct mbx_op *op;
	bool ready, silent = false;
	int rc;

	memset(reply, 0, sizeof(*reply));
	if (vf >= service->nb_vfs)
		return false;
	rq.entry = &service->vf[vf];

	op = mbx_find_op_of_api(dialect->ops, dialect->nb_ops, request, rq.entry->api);
	rc = quarantine_guard(&rq, op, now_ms, &silent);
	if (rc == 0)
		rc = mbx_dispatch(op, rq.entry->state == VF_READY, &rq, request, reply);
	account(&rq, op, request, rc);
	if (silent || (request->word[0] & MBX_FLAGS) != 0)
		return false;

	/* Asked only now: the handler may have changed it. */
	ready = rq.entry->state == VF_READY;
	if (!ready && !nack_is_due(rq.entry, now_ms))
		return false;
	if (reply->words == 0)
		dialect->reply(reply, request,
			       (rc == 0 ? MBX_ACK : MBX_NACK) | (ready ? MBX_CTS : 0));
	note_sent(rq.entry, reply, now_ms);
	return true;
}

/*
 * DPDK's VF resets on exactly 0x100 and ignores all else; igbvf's watchdog looks for NACK without
 * CTS in the buffer. So they take turns.
 */
static bool
remind_of_reset(struct vf_entry *entry, uint64_t now_ms, struct mbx_msg *message)
{
	if (entry->reset_notices > 0 && now_ms - entry->reset_wanted_ms < SERVICE_REMIND_MS)
		return false;
	mbx_control(message, entry->reset_notices % 2 == 0 ? 0 : MBX_NACK);
	entry->reset_notices++;
	entry->reset_wanted_ms = now_ms;
	return true;
}

bool
service_notice(struct vf_service *service, uint16_t vf, bool link_changed, uint64_t now_ms,
	       struct mbx_msg *message)
{
	struct vf_entry *entry;

	if (vf >= service->nb_vfs)
		return false;
	entry = &service->vf[vf];
	if (link_changed && entry->state == VF_READY)
		entry->link_notice = true;
	if (now_ms < entry->quiet_until_ms)
		return false;

	if (entry->reset_wanted) {
		if (!remind_of_reset(entry, now_ms, message))
			return false;
	} else if (entry->state == VF_READY && (entry->link_notice || !entry->cts_shown)) {
		mbx_control(message, MBX_CTS);
		entry->link_notice = false;
	} else {
		return false;
	}
	note_sent(entry, message, now_ms);
	return true;
}

void
service_notice_lost(struct vf_service *service, uint16_t vf)
{
	struct vf_entry *entry;

	if (vf >= service->nb_vfs)
		return;
	entry = &service->vf[vf];
	entry->quiet_until_ms = 0;
	/* A VF that is clear to send, and was not told so, is told so again. */
	entry->cts_shown = false;
	/* The answer to what it is asking may show it that, and nothing of the link. */
	entry->link_notice = entry->state == VF_READY;
	if (entry->reset_notices > 0) {
		entry->reset_notices--;
		entry->reset_wanted_ms = 0;
	}
}
