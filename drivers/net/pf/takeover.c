/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Going on with a device whose last owner died, and whose VFs did not notice.
 *
 * Nothing is reset and no table written anew: the books say what the device holds, since they are
 * written before it. At most one row of a table or one setting is between the two, that of a change
 * that was under way; who made it makes it once more (lib/service).
 */
#include <string.h>

#include "log.h"
#include "pf.h"
#include "takeover.h"

void
pf_take_books(struct pf *pf, const struct pf *old)
{
	pf->frame_limit = old->frame_limit;
	pf->mac = old->mac;
	pf->default_mac = old->default_mac;
	pf->vxlan_port = old->vxlan_port;
	pf->filters = old->filters;
	memcpy(pf->pools, old->pools, sizeof(pf->pools));
	memcpy(pf->unicast_hash, old->unicast_hash, sizeof(pf->unicast_hash));
	pf->all_unicast_hash = old->all_unicast_hash;
	pf->no_loopback = old->no_loopback;
	pf->storm_broadcast_kbps = old->storm_broadcast_kbps;
	pf->storm_multicast_kbps = old->storm_multicast_kbps;
	memcpy(pf->mirror_rule, old->mirror_rule, sizeof(pf->mirror_rule));
	memcpy(pf->malicious.stopped, old->malicious.stopped, sizeof(pf->malicious.stopped));
	pf->stats = old->stats;
	pf->resets_owed = old->resets_owed;
	pf->resources = old->resources;
	pf->semaphore = old->semaphore;
	pf->link_told = old->link_told;
	/* One key and one table serve the VFs' pools too, on most families. */
	pf->port.rss.types = old->port.rss.types;
	memcpy(pf->port.rss.key, old->port.rss.key, sizeof(pf->port.rss.key));
	memcpy(pf->port.rss.table, old->port.rss.table, sizeof(pf->port.rss.table));
}

/* Its owner may have died with the buffer locked. */
static void
unlock_mailbox(struct pf_mailbox *mailbox)
{
	struct mailbox_io io = pf_mailbox_io(mailbox);

	if ((io.read_control(io.ctx) & P2V_PFU) != 0)
		io.write_control(io.ctx, 0);
}

void
pf_take_over(struct pf *pf)
{
	uint16_t vf;

	/* Its rings were in the memory of the process that died. */
	pool_clear_queues(pf, pf->pool);
	pf_free_resources(pf);
	for (vf = 0; vf < pf->nb_vfs; vf++)
		unlock_mailbox(&pf->mailbox[vf]);
	pf->family->mask_mailboxes(pf, 0);
	pf->taken_over = true;
	PF_LOG(NOTICE, "port %u: goes on with %u VFs, without a reset", pf->port_id, pf->nb_vfs);
}

/*
 * Acknowledged, but not answered: nobody but us writes to the buffer while the VF waits, so its
 * request is still there. All that we write has one of the flags, or is that control word.
 */
bool
pf_has_unanswered(struct pf *pf, uint16_t vf)
{
	struct mailbox_io io = pf_mailbox_io(&pf->mailbox[vf]);
	uint32_t word = io.read_word(io.ctx, 0);

	return word != 0 && word != REG_ALL_ONES && word != MBX_PF_CONTROL &&
	       (word & MBX_FLAGS) == 0;
}
