/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What VFs and link want from the PF: fetched, then handed to whoever serves the port.
 *
 * The interrupt thread and callers of rte_pmd_sluice_poll() meet here. One of them serves at a
 * time; another that comes meanwhile leaves a note and goes, so that no event waits for the next
 * interrupt and no handler runs twice at once. VFs that ask without pause keep the notes coming:
 * the interrupt thread may be kept by them, any other thread has its own work and hands over.
 */
#include <errno.h>
#include <string.h>

#include <rte_alarm.h>
#include <rte_interrupts.h>

#include "default_service.h"
#include "log.h"
#include "pf.h"
#include "queue.h"
#include "queue_interrupts.h"
#include "rss.h"
#include "takeover.h"

RTE_LOG_REGISTER(sluice_logtype_pf_vf, pmd.net.sluice.pf.vf, NOTICE)

#define LOOKS_MAX 4	/* at the device, before the interrupt thread is to go on */

static const struct pf_default_service *default_service;

void
pf_set_default_service(const struct pf_default_service *service)
{
	default_service = service;
}

bool
events_have_default(void)
{
	return default_service != NULL;
}

struct rte_pmd_sluice_handler
events_handler(struct pf *pf, void **ctx)
{
	struct rte_pmd_sluice_handler handler;

	pthread_mutex_lock(&pf->lock);
	handler = pf->handler;
	*ctx = pf->handler_ctx;
	pthread_mutex_unlock(&pf->lock);
	return handler;
}

static void
serve_link(struct pf *pf)
{
	struct rte_pmd_sluice_handler handler;
	void *ctx;
	bool up;

	if (!pf_link_event(pf, &up))
		return;
	handler = events_handler(pf, &ctx);
	if (handler.link != NULL)
		handler.link(pf->port_id, up, ctx);
}

static void
serve_vf_reset(struct pf *pf, uint16_t vf)
{
	struct rte_pmd_sluice_handler handler;
	void *ctx;

	VF_LOG(INFO, "port %u vf %u: reset", pf->port_id, vf);
	pf->stats.vf_resets++;
	pthread_mutex_lock(&pf->lock);
	pool_stop(pf, vf);
	hold_end(pf, vf);
	pthread_mutex_unlock(&pf->lock);
	mailbox_forget(pf, vf);
	handler = events_handler(pf, &ctx);
	if (handler.vf_reset != NULL)
		handler.vf_reset(pf->port_id, vf, ctx);
	atomic_fetch_and(&pf->resets_owed, ~pool_bit(vf));
}

static void
serve_request(struct pf *pf, uint16_t vf)
{
	struct rte_pmd_sluice_handler handler;
	struct mbx_msg request;
	void *ctx;
	int rc;

	rc = mailbox_receive(pf, vf, &request);
	if (rc == -EAGAIN)
		return;
	if (rc < 0) {
		/* The VF gives up on this request by itself, and asks again. */
		pf->stats.mailbox_busy++;
		VF_LOG(DEBUG, "port %u vf %u: request not read: %s", pf->port_id, vf,
		       strerror(-rc));
		return;
	}
	pf->stats.requests++;
	pf_rss_look(pf, vf);
	handler = events_handler(pf, &ctx);
	mailbox_answering(pf, vf, true);
	if (handler.request != NULL)
		handler.request(pf->port_id, vf, &request, ctx);
	mailbox_answering(pf, vf, false);
}

static uint64_t
unanswered(struct pf *pf)
{
	uint64_t asked = atomic_exchange(&pf->unanswered, 0), found = 0;
	uint16_t vf;

	for (vf = 0; asked != 0 && vf < pf->nb_vfs; vf++)
		if (pf_has_unanswered(pf, vf))
			found |= pool_bit(vf);
	return found & asked;
}

/*
 * One look at the device. Resets go first: what a VF asks, it asks after its reset, and an answer
 * that waits for its buffer is not for it any more.
 */
static int
serve_once(struct pf *pf)
{
	struct pf_event_bits bits;
	int rc, nb_events = 0;
	uint64_t resets, requests;
	uint16_t vf;

	rc = pf->family->read_events(pf, &bits);
	if (rc < 0)
		return pf_set_gone(pf);
	resets = pf->resets_owed;
	atomic_fetch_or(&pf->requests_owed, unanswered(pf));
	requests = pf->requests_owed;
	if (atomic_exchange(&pf->link_unknown, false) || bits.link) {
		serve_link(pf);
		nb_events++;
	}
	/* Before resets: those let the queues run again. */
	nb_events += malicious_serve(pf);
	pool_watch_limits(pf);
	for (vf = 0; vf < pf->nb_vfs; vf++) {
		if ((resets & pool_bit(vf)) != 0) {
			serve_vf_reset(pf, vf);
			nb_events++;
		}
	}
	mailbox_send_late(pf);
	for (vf = 0; vf < pf->nb_vfs; vf++) {
		if ((requests & ~pf->held & pool_bit(vf)) != 0) {
			serve_request(pf, vf);
			nb_events++;
		}
	}
	return nb_events;
}

static void
on_handover(void *arg)
{
	struct pf *pf = arg;

	if (pf->live)
		events_serve(pf);
}

/* Was more asked for meanwhile, and does the interrupt thread see to it? */
static bool
hand_over(struct pf *pf, unsigned int looks)
{
	return looks >= LOOKS_MAX && !rte_thread_is_intr() && atomic_load(&pf->events_asked) &&
	       rte_eal_alarm_set(1, on_handover, pf) == 0;
}

int
events_serve(struct pf *pf)
{
	bool handed_over = false;
	unsigned int looks = 0;
	int rc, nb_events = 0;

	if (pf->gone)
		return -EIO;
	atomic_store(&pf->events_asked, true);
	/* Asked for between the server's last look and its unlock: it is ours then. */
	while (!handed_over && atomic_load(&pf->events_asked)) {
		if (pthread_mutex_trylock(&pf->serving) != 0)
			return nb_events;
		atomic_store(&pf->server, pthread_self());
		while (!handed_over && atomic_exchange(&pf->events_asked, false)) {
			rc = serve_once(pf);
			if (rc < 0)
				break;
			nb_events += rc;
			handed_over = hand_over(pf, ++looks);
		}
		atomic_store(&pf->server, 0);
		pthread_mutex_unlock(&pf->serving);
		if (pf->gone)
			return -EIO;
	}
	return nb_events;
}

/* Wait until no call of the old handler is left, unless it is us who are in one. */
static void
wait_for_server(struct pf *pf)
{
	if (pthread_equal(atomic_load(&pf->server), pthread_self()))
		return;
	pthread_mutex_lock(&pf->serving);
	pthread_mutex_unlock(&pf->serving);
	/* Somebody may have found the lock taken by us. */
	if (atomic_load(&pf->events_asked))
		events_serve(pf);
}

void
events_set_handler(struct pf *pf, const struct rte_pmd_sluice_handler *handler, void *ctx,
		   bool is_default)
{
	static const struct rte_pmd_sluice_handler nobody;
	void *old_ctx;
	bool old_default;

	pthread_mutex_lock(&pf->lock);
	old_default = pf->handler_default;
	old_ctx = pf->handler_ctx;
	pf->handler = handler != NULL ? *handler : nobody;
	pf->handler_ctx = ctx;
	pf->handler_default = is_default;
	pf->has_handler = handler != NULL;
	pthread_mutex_unlock(&pf->lock);

	wait_for_server(pf);
	if (old_default)
		default_service->free(old_ctx);
}

void
events_attach_default(struct pf *pf)
{
	void *ctx;

	if (pf->nb_vfs == 0 || pf->has_handler || default_service == NULL)
		return;
	ctx = default_service->create(pf->port_id, pf->nb_vfs);
	if (ctx == NULL) {
		PF_LOG(ERR, "port %u: no service for its VFs, they stay without link",
		       pf->port_id);
		return;
	}
	events_set_handler(pf, &default_service->handler, ctx, true);
}

/* In the interrupt thread, below none of our functions: the application may close the port. */
static void
tell_removed(void *arg)
{
	struct pf *pf = arg;

	rte_eth_dev_callback_process(&rte_eth_devices[pf->port_id], RTE_ETH_EVENT_INTR_RMV, NULL);
}

int
pf_set_gone(struct pf *pf)
{
	struct rte_eth_dev *dev = &rte_eth_devices[pf->port_id];

	if (atomic_exchange(&pf->gone, true))
		return -EIO;
	PF_LOG(ERR, "port %u: the device is gone", pf->port_id);
	if (!pf->live)
		return -EIO;
	queue_silence_bursts(dev);
	rx_interrupts_wake(dev);
	rte_eal_alarm_set(1, tell_removed, pf);
	return -EIO;
}

int
events_create(struct pf *pf)
{
	uint16_t vf;

	if (pthread_mutex_init(&pf->serving, NULL) != 0)
		return -ENOMEM;
	/* Also of VFs that are not there yet. */
	for (vf = 0; vf < PF_POOLS_MAX; vf++) {
		struct pf_mailbox *mailbox = &pf->mailbox[vf];

		pthread_mutex_init(&mailbox->lock, NULL);
		mailbox->pf = pf;
		mailbox->vf = vf;
		mailbox->channel = (struct pf_channel){ .io = pf_mailbox_io(mailbox) };
	}
	return 0;
}

void
events_free(struct pf *pf)
{
	uint16_t vf;

	rte_eal_alarm_cancel(on_handover, pf);
	mailbox_stop(pf);
	hold_stop(pf);
	rte_eal_alarm_cancel(tell_removed, pf);
	for (vf = 0; vf < PF_POOLS_MAX; vf++)
		pthread_mutex_destroy(&pf->mailbox[vf].lock);
	pthread_mutex_destroy(&pf->serving);
}
