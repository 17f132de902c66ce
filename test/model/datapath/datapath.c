/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <stdlib.h>

#include "interrupt.h"
#include "lane.h"

#define POLLS_PER_SCAN 32

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
	dp->burst = 1;
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
	for (unsigned int i = 0; i < 1 + NIC_POOLS_MAX; i++)
		free(dp->toeplitz[i]);
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
	dp->burst++;
	if (kind == RESET_VF) {
		for (unsigned int i = 0; family->vf_queue(nic, vf, i) < family->nb_queues; i++)
			reset_queue(nic, family->vf_queue(nic, vf, i));
		memory_forget(nic, vf);
		return;
	}
	for (unsigned int q = 0; q < NIC_QUEUES_MAX; q++)
		reset_queue(nic, q);
	memory_clear(nic);
	dp->tx_resume_ns = 0;
	dp->xoff_sent = false;
	dp->missed = false;
	dp->nb_out = 0;
	dp->arena_used = 0;
}

void
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
	if (!plan->mirrors && !plan->storm && !plan->etypes && !filters->double_vlan &&
	    filters->source_pruned == 0 && nic->port.rx_enabled && !nic->port.mac_loopback) {
		plan->quick_max = NIC_FRAME_MAX;
		if (nic->port.max_frame >= FRAME_BYTES_MIN + CRC_BYTES)
			plan->quick_max = nic->port.max_frame - CRC_BYTES;
	}
	for (unsigned int p = 0; filters->virtualised && p < nic->family->nb_pools; p++)
		if (nic->pool[p].spoof_mac || nic->pool[p].spoof_vlan || nic->pool[p].spoof_etype)
			plan->spoof_checked |= 1ULL << p;
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

/*
 * What a host's software puts on a wire may be shorter than any MAC would send it: it is filled up,
 * as QEMU does too. @return bytes, then
 */
static uint32_t
arrive(struct nic *nic, const struct wire_frame *in)
{
	struct frame frame = {
		.data = (uint8_t *)(uintptr_t)in->data,
		.len = in->len,
		.from_wire = true,
		.source_pool = FROM_WIRE,
	};
	uint8_t padded[FRAME_BYTES_MIN];

	if (in->len < FRAME_BYTES_MIN && in->len >= ETHERNET_BYTES) {
		memcpy(padded, in->data, in->len);
		memset(padded + in->len, 0, FRAME_BYTES_MIN - in->len);
		frame.data = padded;
		frame.len = FRAME_BYTES_MIN;
	}
	if (!pause_arrives(nic, &frame))
		switch_from_wire(nic, &frame);
	return frame.len;
}

/* A burst: in lanes, and what fits in none by itself. @return bytes with CRC */
static uint64_t
arrive_all(struct nic *nic, const struct wire_frame *in, unsigned int nb)
{
	uint64_t bytes = (uint64_t)nb * CRC_BYTES;
	struct lane lane;

	lane_begin(&lane, nic, FROM_WIRE);
	for (unsigned int i = 0; i < nb; i++) {
		if (i + 1 < nb)
			__builtin_prefetch(in[i + 1].data);
		if (lane_pass(&lane, in[i].data, in[i].len)) {
			bytes += in[i].len;
			continue;
		}
		lane_end(&lane);
		bytes += arrive(nic, &in[i]);
	}
	lane_end(&lane);
	return bytes;
}

/* A wire is not emptied for a receiver that is off: what it plays is not lost before the start. */
static unsigned int
receive(struct nic *nic, unsigned int budget)
{
	struct wire_frame in[OUT_BURST];
	unsigned int moved = 0;

	if (nic->wire == NULL || !nic->port.link_up || !nic->port.rx_enabled ||
	    nic->port.mac_loopback)
		return 0;
	while (moved < budget) {
		unsigned int room = budget - moved < OUT_BURST ? budget - moved : OUT_BURST;
		unsigned int nb = nic->wire->ops->recv(nic->wire, in, room);

		nic->stats.rx_total_bytes += arrive_all(nic, in, nb);
		nic->stats.rx_total_packets += nb;
		moved += nb;
		if (nb < room)
			break;
	}
	rx_causes(nic);
	return moved;
}

/* Most ports use few of their queues: the others are looked at now and then, or when idle. */
static unsigned int
run_tx_queues(struct nic *nic, unsigned int budget)
{
	struct datapath *dp = datapath_of(nic);
	unsigned int moved = 0;

	if (pause_holds(nic))
		return 0;
	if (dp->scan_in == 0) {
		dp->scan_in = POLLS_PER_SCAN;
		dp->tx_active = (struct queue_set){ 0 };
		for (unsigned int q = 0; q < nic->family->nb_queues; q++)
			if (nic->txq[q].enabled)
				queue_set_add(&dp->tx_active, q);
	}
	dp->scan_in--;
	for (unsigned int word = 0; word < NIC_QUEUES_MAX / 64; word++)
		for (uint64_t bits = dp->tx_active.bits[word]; bits != 0; bits &= bits - 1)
			moved += tx_queue_run(nic, &nic->txq[word * 64 + __builtin_ctzll(bits)],
					      budget);
	if (moved == 0)
		dp->scan_in = 0;
	return moved;
}

unsigned int
nic_poll(struct nic *nic, unsigned int budget)
{
	struct datapath *dp = datapath_of(nic);
	unsigned int moved;

	dp->now_ns = nic_now_ns(nic);
	dp->burst++;
	nic_watch_carrier(nic);
	moved = memory_drain(nic);
	moved += receive(nic, budget);
	if (nic->port.tx_pause)
		pause_watch(nic);
	moved += run_tx_queues(nic, budget);
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
	if (dp->tx_resume_ns != 0 && dp->tx_resume_ns < next)
		next = dp->tx_resume_ns;
	if (dp->xoff_sent && dp->xoff_again_ns < next)
		next = dp->xoff_again_ns;
	for (unsigned int q = 0; q < nic->family->nb_queues; q++)
		if (queue_set_has(&dp->paced, q) && nic->txq[q].rate.next_ns < next)
			next = nic->txq[q].rate.next_ns;
	return next;
}
