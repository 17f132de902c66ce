/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The port as a whole: from reset to VFs being served, and back.
 */
#include <errno.h>
#include <string.h>

#include "log.h"
#include "pf.h"

#define FAREWELL_US 10000	/* what the VFs get to stop before their pools are shut */

/* The PF owns the pool behind the last VF's: QEMU, like the IOMMU, takes those before for VFs'. */
static void
reset_pools(struct pf *pf)
{
	uint16_t pool;

	for (pool = 0; pool < pf->family->nb_pools; pool++)
		pf->family->write_pool_enable(pf, pool, false, false);
	for (pool = 0; pool < pf->nb_vfs; pool++)
		pool_reset(pf, pool);
	if (pf->nb_vfs > 0)
		pool_enable(pf, pf->pool, true);
}

int
pf_bring_up(struct pf *pf)
{
	int rc;

	memset(&pf->filters, 0, sizeof(pf->filters));
	memset(&pf->pools, 0, sizeof(pf->pools));
	memset(&pf->mirror_rule, 0, sizeof(pf->mirror_rule));
	pf->frame_limit = 0;
	rc = pf->family->reset(pf);
	if (rc < 0)
		return rc;
	rc = pf->family->read_mac(pf, &pf->mac);
	if (rc < 0)
		return rc;
	rc = pf->family->init(pf);
	if (rc < 0)
		return rc;
	pf->default_mac = pf->mac;
	pf->link_off = false;
	filter_add_mac(pf, pf->pool, &pf->mac);
	malicious_start(pf);
	reset_pools(pf);
	switch_restore(pf);
	pf_stats_start(pf);
	return 0;
}

void
pf_go_live(struct pf *pf)
{
	/* Without the lock: who serves the VFs may set up their pools right away. */
	events_attach_default(pf);
	interrupts_on(pf);
	if (pf->taken_over) {
		/* To VFs that run, the announcement is a reset. */
		pf->unanswered = pool_bit(pf->nb_vfs) - 1;
		pf->link_unknown = true;
	} else if (pf->nb_vfs > 0) {
		pthread_mutex_lock(&pf->lock);
		pf->family->announce(pf);
		pthread_mutex_unlock(&pf->lock);
		PF_LOG(NOTICE, "port %u: serving %u VFs%s", pf->port_id, pf->nb_vfs,
		       pf->handler_default ? " with the default policy" : "");
	}
	pf->live = true;
	/* What came before the interrupt was on. */
	events_serve(pf);
}

/* 7.8: a control message without CTS tells a VF to reset itself. */
static void
warn_vfs(struct pf *pf)
{
	const struct mbx_msg farewell = { .word[0] = MBX_PF_CONTROL, .words = 1 };
	uint16_t vf;

	for (vf = 0; vf < pf->nb_vfs; vf++) {
		struct pf_mailbox *mailbox = &pf->mailbox[vf];

		if (!pf->pools[vf].enabled)
			continue;
		pthread_mutex_lock(&mailbox->lock);
		/* There is no later, and 10 ms for each of them would be long. */
		mailbox->channel.lock = PF_LOCK_TAKE;
		if (pf_channel_send(&mailbox->channel, &farewell) < 0)
			VF_LOG(DEBUG, "port %u vf %u: not told of the PF's end", pf->port_id, vf);
		pthread_mutex_unlock(&mailbox->lock);
	}
	rte_delay_us_sleep(FAREWELL_US);
}

void
pf_shut_down(struct pf *pf)
{
	if (pf->live) {
		pf->live = false;
		interrupts_off(pf);
		/* An application's handler outlives a reset, the default service starts anew. */
		if (pf->handler_default)
			events_set_handler(pf, NULL, NULL, false);
	}
	if (pf->gone)
		return;
	/* Nobody is going to read them. */
	pf->requests_owed = 0;
	pf->held = 0;
	if (pf->nb_vfs > 0)
		warn_vfs(pf);
	pthread_mutex_lock(&pf->lock);
	pf->family->reset(pf);	/* shuts the pools first */
	pf->family->release(pf);
	pthread_mutex_unlock(&pf->lock);
}
