/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <stdlib.h>

#include "engine.h"
#include "interrupt.h"

int
datapath_create(struct nic *nic)
{
	struct datapath *dp = calloc(1, sizeof(*dp));

	if (dp == NULL)
		return -ENOMEM;
	dp->memory = memory_create();
	if (dp->memory == NULL) {
		free(dp);
		return -ENOMEM;
	}
	dp->next_vector_ns = UINT64_MAX;
	nic->datapath = dp;
	return 0;
}

void
datapath_free(struct nic *nic)
{
	struct datapath *dp = datapath_of(nic);

	if (dp == NULL)
		return;
	memory_free(dp->memory);
	free(dp);
	nic->datapath = NULL;
}

static void
reset_queue(struct nic *nic, unsigned int q)
{
	struct datapath *dp = datapath_of(nic);

	queue_set_remove(&dp->rx_moved, q);
	queue_set_remove(&dp->paced, q);
	dp->bad_tail[q] = 0;
	nic->rxq[q].backlog = NULL;
	nic->txq[q].context[0].valid = nic->txq[q].context[1].valid = false;
	nic->txq[q].rate.next_ns = 0;
}

void
datapath_reset(struct nic *nic, enum reset_kind kind, unsigned int vf)
{
	const struct nic_family *family = nic->family;
	struct datapath *dp = datapath_of(nic);

	if (dp == NULL)
		return;
	dp->plan.stamp = 0;
	if (kind == RESET_VF) {
		for (unsigned int i = 0; family->vf_queue(nic, vf, i) < family->nb_queues; i++)
			reset_queue(nic, family->vf_queue(nic, vf, i));
		memory_forget(dp->memory, vf);
		return;
	}
	for (unsigned int q = 0; q < NIC_QUEUES_MAX; q++)
		reset_queue(nic, q);
	memory_clear(dp->memory);
	dp->missed = false;
	dp->nb_out = 0;
	dp->arena_used = 0;
}

static void
plan_fill(const struct nic *nic, struct plan *plan)
{
	const struct filters *filters = &nic->filters;

	*plan = (struct plan){ .stamp = nic->generation + 1ULL };
	plan->storm = filters->storm.broadcast || filters->storm.multicast;
	for (unsigned int i = 0; i < NIC_MIRRORS_MAX; i++) {
		const struct mirror *rule = &filters->mirror[i];

		plan->mirrors |= rule->pools_in || rule->uplink || rule->downlink || rule->vlans;
	}
	plan->mirrors = plan->mirrors && filters->virtualised;
	for (unsigned int i = 0; i < NIC_ETYPES_MAX; i++)
		plan->etypes |= filters->etype[i].enabled;
	for (unsigned int p = 0; filters->virtualised && p < nic->family->nb_pools; p++)
		if (nic->pool[p].spoof_mac || nic->pool[p].spoof_vlan || nic->pool[p].spoof_etype)
			plan->spoof_checked |= 1ULL << p;
}

const struct plan *
plan_get(struct nic *nic)
{
	struct plan *plan = &datapath_of(nic)->plan;

	if (plan->stamp != nic->generation + 1ULL)
		plan_fill(nic, plan);
	return plan;
}

uint8_t *
arena_get(struct nic *nic, uint32_t bytes)
{
	struct datapath *dp = datapath_of(nic);
	uint8_t *at;

	if (dp->arena_used + bytes > sizeof(dp->arena))
		switch_flush(nic);
	at = dp->arena + dp->arena_used;
	dp->arena_used += (bytes + 63) & ~63u;
	if (dp->arena_used > sizeof(dp->arena))
		dp->arena_used = sizeof(dp->arena);
	return at;
}

/* A wire is not emptied for a receiver that is off: what it plays is not lost before the start. */
static unsigned int
receive(struct nic *nic, unsigned int budget)
{
	struct wire_frame in[WIRE_BURST];
	unsigned int moved = 0;

	if (nic->wire == NULL || !nic->port.link_up || !nic->port.rx_enabled ||
	    nic->port.mac_loopback)
		return 0;
	while (moved < budget) {
		unsigned int room = budget - moved < WIRE_BURST ? budget - moved : WIRE_BURST;
		unsigned int nb = nic->wire->ops->recv(nic->wire, in, room);

		for (unsigned int i = 0; i < nb; i++) {
			struct frame frame = {
				.data = (uint8_t *)(uintptr_t)in[i].data,
				.len = in[i].len,
				.from_wire = true,
				.source_pool = FROM_WIRE,
			};

			switch_from_wire(nic, &frame);
		}
		moved += nb;
		if (nb < room)
			break;
	}
	rx_causes(nic);
	return moved;
}

unsigned int
nic_poll(struct nic *nic, unsigned int budget)
{
	struct datapath *dp = datapath_of(nic);
	unsigned int moved;

	dp->now_ns = nic_now_ns(nic);
	moved = memory_drain(nic);
	moved += receive(nic, budget);
	for (unsigned int q = 0; q < nic->family->nb_queues; q++)
		if (nic->txq[q].enabled)
			moved += tx_queue_run(nic, &nic->txq[q], budget);
	rx_causes(nic);
	dp->next_vector_ns = vectors_run(nic);
	return moved;
}

uint64_t
nic_next_event_ns(struct nic *nic)
{
	struct datapath *dp = datapath_of(nic);
	uint64_t next;

	dp->next_vector_ns = vectors_run(nic);
	next = dp->next_vector_ns;
	for (unsigned int q = 0; q < nic->family->nb_queues; q++)
		if (queue_set_has(&dp->paced, q) && nic->txq[q].rate.next_ns < next)
			next = nic->txq[q].rate.next_ns;
	return next;
}
