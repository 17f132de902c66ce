/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Messages to and from VFs that may keep their buffer locked, without waiting for them.
 *
 * A VF that asks, or waits for an answer, has no business with the buffer: it let go of it by
 * asking. One that keeps it all the same costs a look each RETRY_US, and after PATIENCE_US the
 * buffer is taken from it (82576 sheet, 7.1: RVFU). What is said unasked is another matter: the VF
 * may be in the middle of writing a request, so whoever says it tries again later.
 */
#include <errno.h>

#include <rte_alarm.h>
#include <rte_cycles.h>

#include "log.h"
#include "pf.h"

#define RETRY_US    1000
#define PATIENCE_US 10000

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
retry_later(struct pf *pf, uint16_t vf)
{
	atomic_fetch_or(&pf->busy, pool_bit(vf));
	if (!atomic_exchange(&pf->busy_alarm, true) &&
	    rte_eal_alarm_set(RETRY_US, on_retry, pf) < 0)
		atomic_store(&pf->busy_alarm, false);
}

/* Has the VF kept the buffer for long enough? With the mailbox's lock held. */
static bool
is_hogged(struct pf_mailbox *mailbox)
{
	uint64_t now = rte_get_timer_cycles();

	if (mailbox->busy_since == 0)
		mailbox->busy_since = now;
	return now - mailbox->busy_since >= rte_get_timer_hz() / 1000000 * PATIENCE_US;
}

int
mailbox_receive(struct pf *pf, uint16_t vf, struct mbx_msg *request)
{
	struct pf_mailbox *mailbox = &pf->mailbox[vf];
	int rc;

	pthread_mutex_lock(&mailbox->lock);
	mailbox->channel.lock = PF_LOCK_TRY;
	rc = pf_channel_receive(&mailbox->channel, request);
	if (rc == -EBUSY && !is_hogged(mailbox)) {
		retry_later(pf, vf);
		rc = -EAGAIN;
	} else {
		if (rc == -EBUSY) {
			mailbox->channel.lock = PF_LOCK_TAKE;
			rc = pf_channel_receive(&mailbox->channel, request);
		}
		mailbox->busy_since = 0;
		/* Whoever asks anew has given up on the last answer. */
		mailbox->late.words = 0;
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
		retry_later(pf, vf);
		rc = 0;
	}
	pthread_mutex_unlock(&mailbox->lock);
	return rc;
}

/* With the mailbox's lock held. */
static void
send_late(struct pf *pf, struct pf_mailbox *mailbox)
{
	int rc;

	mailbox->channel.lock = is_hogged(mailbox) ? PF_LOCK_TAKE : PF_LOCK_TRY;
	rc = pf_channel_send(&mailbox->channel, &mailbox->late);
	if (rc == -EBUSY && mailbox->channel.lock == PF_LOCK_TRY) {
		retry_later(pf, mailbox->vf);
		return;
	}
	if (rc < 0)
		VF_LOG(DEBUG, "port %u vf %u: not answered: %d", pf->port_id, mailbox->vf, rc);
	mailbox->late.words = 0;
	mailbox->busy_since = 0;
}

uint64_t
mailbox_retry(struct pf *pf)
{
	uint64_t busy = atomic_exchange(&pf->busy, 0), requests = 0;
	uint16_t vf;

	for (vf = 0; busy != 0 && vf < pf->nb_vfs; vf++) {
		struct pf_mailbox *mailbox = &pf->mailbox[vf];

		if ((busy & pool_bit(vf)) == 0)
			continue;
		pthread_mutex_lock(&mailbox->lock);
		if (mailbox->late.words != 0)
			send_late(pf, mailbox);
		else if (mailbox->busy_since != 0)
			requests |= pool_bit(vf);
		pthread_mutex_unlock(&mailbox->lock);
	}
	return requests;
}

void
mailbox_forget(struct pf *pf, uint16_t vf)
{
	struct pf_mailbox *mailbox = &pf->mailbox[vf];

	pthread_mutex_lock(&mailbox->lock);
	mailbox->late.words = 0;
	mailbox->busy_since = 0;
	pthread_mutex_unlock(&mailbox->lock);
}

void
mailbox_stop(struct pf *pf)
{
	rte_eal_alarm_cancel(on_retry, pf);
	atomic_store(&pf->busy_alarm, false);
}
