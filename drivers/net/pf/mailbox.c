/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Messages to and from VFs that may keep their buffer locked, without waiting for them.
 *
 * A VF that asks, or waits for an answer, has no business with the buffer: it let go of it by
 * asking. One that keeps it all the same costs a look each RETRY_US, and after PATIENCE_US the
 * buffer is taken from it to read its request (82576 sheet, 7.1: RVFU). To write, it is never
 * taken: the VF may be in the middle of its next request, and RVFU voids one that it has just told
 * of. So an answer waits until the VF lets go, and ends when it asks anew, is reset, or would have
 * given up; whoever says something unasked tries again later.
 */
#include <errno.h>

#include <rte_alarm.h>
#include <rte_cycles.h>

#include "log.h"
#include "pf.h"

#define RETRY_US    1000
#define PATIENCE_US 10000
#define LATE_US	    1000000	/* as long as VFs wait for an answer */

static void
on_retry(void *arg)
{
	struct pf *pf = arg;

	atomic_store(&pf->busy_alarm, false);
	if (pf->live)
		events_serve(pf);
}

/* Should there be no alarm to be had, the next event or poll sees to it. */
static void
retry_later(struct pf *pf)
{
	if (!atomic_exchange(&pf->busy_alarm, true) &&
	    rte_eal_alarm_set(RETRY_US, on_retry, pf) < 0)
		atomic_store(&pf->busy_alarm, false);
}

/* Has the VF kept the buffer for so long? With the mailbox's lock held. */
static bool
is_hogged(struct pf_mailbox *mailbox, uint64_t us)
{
	uint64_t now = rte_get_timer_cycles();

	if (mailbox->busy_since == 0)
		mailbox->busy_since = now;
	return now - mailbox->busy_since >= rte_get_timer_hz() / 1000000 * us;
}

/* Nothing waits for the buffer any more. With the mailbox's lock held. */
static void
drop_late(struct pf_mailbox *mailbox)
{
	atomic_fetch_and(&mailbox->pf->late, ~pool_bit(mailbox->vf));
	mailbox->late.words = 0;
	mailbox->busy_since = 0;
}

int
mailbox_receive(struct pf *pf, uint16_t vf, struct mbx_msg *request)
{
	struct pf_mailbox *mailbox = &pf->mailbox[vf];
	int rc;

	pthread_mutex_lock(&mailbox->lock);
	mailbox->channel.lock = PF_LOCK_TRY;
	rc = pf_channel_receive(&mailbox->channel, request);
	if (rc == -EBUSY && !is_hogged(mailbox, PATIENCE_US)) {
		retry_later(pf);
		rc = -EAGAIN;
	} else {
		if (rc == -EBUSY) {
			mailbox->channel.lock = PF_LOCK_TAKE;
			rc = pf_channel_receive(&mailbox->channel, request);
		}
		drop_late(mailbox);
		atomic_fetch_and(&pf->requests_owed, ~pool_bit(vf));
	}
	pthread_mutex_unlock(&mailbox->lock);
	return rc;
}

void
mailbox_answering(struct pf *pf, uint16_t vf, bool answering)
{
	struct pf_mailbox *mailbox = &pf->mailbox[vf];

	pthread_mutex_lock(&mailbox->lock);
	mailbox->answering = answering;
	pthread_mutex_unlock(&mailbox->lock);
}

int
mailbox_send(struct pf *pf, uint16_t vf, const struct mbx_msg *message)
{
	struct pf_mailbox *mailbox = &pf->mailbox[vf];
	int rc;

	pthread_mutex_lock(&mailbox->lock);
	mailbox->channel.lock = PF_LOCK_TRY;
	rc = pf_channel_send(&mailbox->channel, message);
	if (rc == -EBUSY && mailbox->answering) {
		mailbox->late = *message;
		mailbox->busy_since = rte_get_timer_cycles();
		atomic_fetch_or(&pf->late, pool_bit(vf));
		retry_later(pf);
		rc = 0;
	}
	pthread_mutex_unlock(&mailbox->lock);
	return rc;
}

/* With the mailbox's lock held. Whoever asks anew has given up on the last answer. */
static void
send_late(struct pf *pf, struct pf_mailbox *mailbox)
{
	int rc = -EAGAIN;

	if (mailbox->late.words != 0 &&
	    (atomic_load(&pf->requests_owed) & pool_bit(mailbox->vf)) == 0) {
		mailbox->channel.lock = PF_LOCK_TRY;
		rc = pf_channel_send(&mailbox->channel, &mailbox->late);
	}
	if (rc == -EBUSY && !is_hogged(mailbox, LATE_US)) {
		retry_later(pf);
		return;
	}
	if (rc < 0)
		VF_LOG(DEBUG, "port %u vf %u: not answered: %d", pf->port_id, mailbox->vf, rc);
	drop_late(mailbox);
}

void
mailbox_send_late(struct pf *pf)
{
	uint64_t late = atomic_load(&pf->late);
	uint16_t vf;

	for (vf = 0; late != 0 && vf < pf->nb_vfs; vf++) {
		struct pf_mailbox *mailbox = &pf->mailbox[vf];

		if ((late & pool_bit(vf)) == 0)
			continue;
		pthread_mutex_lock(&mailbox->lock);
		send_late(pf, mailbox);
		pthread_mutex_unlock(&mailbox->lock);
	}
}

void
mailbox_forget(struct pf *pf, uint16_t vf)
{
	struct pf_mailbox *mailbox = &pf->mailbox[vf];

	pthread_mutex_lock(&mailbox->lock);
	drop_late(mailbox);
	pthread_mutex_unlock(&mailbox->lock);
}

void
mailbox_stop(struct pf *pf)
{
	rte_eal_alarm_cancel(on_retry, pf);
	atomic_store(&pf->busy_alarm, false);
}
