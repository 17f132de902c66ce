/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* What becomes of a VF that does too much of something. */

#include <errno.h>
#include <stdio.h>

#include "book.h"
#include "quarantine.h"

#define MS_PER_S 1000

static void
tell(const struct vf_service *service, uint16_t vf, const char *reason, bool ended)
{
	const struct service_verdict verdict = {
		.vf = vf,
		.request = "watch",
		.ok = ended,
		.reason = reason,
		.rare = true,
	};

	if (service->report != NULL)
		service->report(service->report_ctx, &verdict);
}

/* "for 60 s more", or "until released". */
static void
append_end(char *text, size_t bytes, uint64_t until_ms, uint64_t now_ms)
{
	size_t used = strlen(text);
	uint64_t left_ms = until_ms > now_ms ? until_ms - now_ms : 0;

	if (until_ms == 0)
		snprintf(text + used, bytes - used, ", until released");
	else
		snprintf(text + used, bytes - used, ", for %u s more",
			 (unsigned int)((left_ms + MS_PER_S - 1) / MS_PER_S));
}

static const char *
word_of(enum watch_action action)
{
	static const char *const words[WATCH_NB_ACTIONS] = {
		[WATCH_NOTHING] = "",
		[WATCH_LOG] = "seen",
		[WATCH_THROTTLE] = "throttled",
		[WATCH_NACK] = "refused",
		[WATCH_QUARANTINE] = "quarantined",
	};

	return (unsigned int)action < WATCH_NB_ACTIONS ? words[action] : "";
}

static void
tell_event(const struct vf_service *service, uint16_t vf, const struct watch_event *event,
	   bool ended)
{
	char what[WATCH_TEXT_BYTES], text[SERVICE_RESTRAINT_BYTES];

	watch_event_text(event, what);
	snprintf(text, sizeof(text), "%s%s: %s", ended ? "no longer " : "", word_of(event->action),
		 what);
	tell(service, vf, text, ended);
}

void
service_restraint(const struct vf_service *service, uint16_t vf, uint64_t now_ms,
		  char text[SERVICE_RESTRAINT_BYTES])
{
	char what[WATCH_TEXT_BYTES];
	struct watch_event event;

	text[0] = '\0';
	if (vf >= service->nb_vfs)
		return;
	if (service->vf[vf].state == VF_QUARANTINED) {
		const struct vf_quarantine *quarantine = &service->vf[vf].quarantine;

		snprintf(text, SERVICE_RESTRAINT_BYTES, "quarantined: %s", quarantine->reason);
		append_end(text, SERVICE_RESTRAINT_BYTES, quarantine->until_ms, now_ms);
		return;
	}
	if (watch_in_force(&service->watch[vf], &event) <= WATCH_LOG)
		return;
	watch_event_text(&event, what);
	snprintf(text, SERVICE_RESTRAINT_BYTES, "%s: %s", word_of(event.action), what);
	append_end(text, SERVICE_RESTRAINT_BYTES, event.until_ms, now_ms);
}

static void
copy_printable(char to[SERVICE_REASON_BYTES], const char *from)
{
	size_t i;

	for (i = 0; i < SERVICE_REASON_BYTES - 1 && from[i] != '\0'; i++)
		to[i] = from[i] >= ' ' && from[i] <= '~' ? from[i] : '?';
	memset(to + i, 0, SERVICE_REASON_BYTES - i);
}

/* What is going to be refused is not worth reading; should this fail, it is refused as it comes. */
static void
hold_off(const struct vf_service *service, uint16_t vf, uint32_t ms)
{
	if (service->pool->hold_off != NULL)
		(void)service->pool->hold_off(service->port_id, vf, ms);
}

int
service_quarantine(struct vf_service *service, uint16_t vf, const char *reason, uint64_t until_ms)
{
	struct vf_entry next;

	if (vf >= service->nb_vfs)
		return -EINVAL;
	next = service->vf[vf];
	next.quarantine.on = true;
	next.quarantine.until_ms = until_ms;
	copy_printable(next.quarantine.reason, reason);
	next.reset_wanted = false;
	next.link_notice = false;
	watch_clear(&service->watch[vf]);
	return book_close_as(service, vf, &next);
}

int
service_release(struct vf_service *service, uint16_t vf)
{
	struct watch_event event;
	struct vf_entry next;

	if (vf >= service->nb_vfs)
		return -EINVAL;
	hold_off(service, vf, 0);
	next = service->vf[vf];
	if (next.state != VF_QUARANTINED) {
		enum watch_action in_force = watch_in_force(&service->watch[vf], &event);

		watch_clear(&service->watch[vf]);
		return in_force > WATCH_LOG ? 0 : -EALREADY;
	}
	memset(&next.quarantine, 0, sizeof(next.quarantine));
	next.reset_wanted = true;
	next.reset_notices = 0;
	watch_clear(&service->watch[vf]);
	return book_close_as(service, vf, &next);
}

void
service_set_rules(struct vf_service *service, const struct watch_rules *rules)
{
	service->rules = *rules;
	memset(service->watch, 0, sizeof(service->watch));
}

void
service_count(struct vf_service *service, uint16_t vf, enum watch_kind kind, uint64_t nb,
	      uint64_t now_ms)
{
	char reason[WATCH_TEXT_BYTES];
	struct watch_event event;

	if (vf >= service->nb_vfs || service->vf[vf].state == VF_QUARANTINED ||
	    !watch_count(&service->watch[vf], &service->rules, kind, nb, now_ms, &event))
		return;
	if (event.action == WATCH_QUARANTINE) {
		watch_event_text(&event, reason);
		/* Should the pool fail, RESET would clean it, and there is none in quarantine. */
		(void)service_quarantine(service, vf, reason, event.until_ms);
	}
	tell_event(service, vf, &event, false);
}

static void
end_quarantine(struct vf_service *service, uint16_t vf, uint64_t now_ms)
{
	const struct vf_quarantine *quarantine = &service->vf[vf].quarantine;
	char text[SERVICE_RESTRAINT_BYTES];

	if (!quarantine->on || quarantine->until_ms == 0 || now_ms < quarantine->until_ms)
		return;
	snprintf(text, sizeof(text), "no longer quarantined: %s", quarantine->reason);
	(void)service_release(service, vf);
	tell(service, vf, text, true);
}

void
service_watch_tick(struct vf_service *service, uint64_t now_ms)
{
	struct watch_event event;

	for (uint16_t vf = 0; vf < service->nb_vfs; vf++) {
		end_quarantine(service, vf, now_ms);
		while (watch_expire(&service->watch[vf], now_ms, &event))
			if (event.action > WATCH_LOG)
				tell_event(service, vf, &event, true);
	}
}

static int
judge(struct request *rq, bool is_reset, uint64_t now_ms, bool *silent)
{
	struct vf_service *service = rq->service;

	if (rq->entry->state == VF_QUARANTINED) {
		rq->reason = "the VF is in quarantine";
		return -EPERM;
	}
	switch (watch_judge(&service->watch[rq->vf], &service->rules, is_reset, now_ms)) {
	case WATCH_NOTHING:
		return 0;
	case WATCH_THROTTLE:
		rq->reason = "beyond the VF's budget, not answered";
		rq->entry->counters.throttled++;
		*silent = true;
		return -EPERM;
	default:
		rq->reason = "the VF asked too much";
		return -EPERM;
	}
}

int
quarantine_guard(struct request *rq, const struct mbx_op *op, uint64_t now_ms, bool *silent)
{
	struct vf_service *service = rq->service;
	bool is_reset = op != NULL && op->before_reset;
	int rc;

	service_count(service, rq->vf, WATCH_MAILBOX, 1, now_ms);
	if (is_reset)
		service_count(service, rq->vf, WATCH_RESETS, 1, now_ms);
	rc = judge(rq, is_reset, now_ms, silent);
	if (rc < 0)
		hold_off(service, rq->vf, SERVICE_HOLD_MS);
	return rc;
}
