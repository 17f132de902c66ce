/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* What VFs do that no request tells of: read from counters, and handed to lib/service. */

#include <string.h>

#include <rte_ethdev.h>

#include "daemon.h"
#include "rte_pmd_sluice.h"

#define FEED_MS 1000

/* Of all VFs, and of the PF, which is ours and sends nothing. */
#define BROADCAST_XSTAT "port_tx_broadcast_packets"

/* Since the last look. */
struct now {
	uint64_t tx_packets[CONFIG_VFS_MAX], lock_taken[CONFIG_VFS_MAX], spoofed[CONFIG_VFS_MAX];
	uint64_t all_tx_packets;
	uint64_t broadcast;
};

static uint64_t
read_broadcast(const struct port *port)
{
	uint64_t id, value = 0;

	if (rte_eth_xstats_get_id_by_name(port->port_id, BROADCAST_XSTAT, &id) < 0 ||
	    rte_eth_xstats_get_by_id(port->port_id, &id, &value, 1) != 1)
		return 0;
	return value;
}

/* How far a counter has come, and it is remembered how far; one that went back starts anew. */
static uint64_t
advance(uint64_t *last, uint64_t value)
{
	uint64_t more = value >= *last ? value - *last : 0;

	*last = value;
	return more;
}

/* The port's lock is held. */
static void
count(struct port *port, uint16_t vf, const struct now *now)
{
	uint64_t others = now->all_tx_packets - now->tx_packets[vf], at = now_ms();

	service_count(port->service, vf, WATCH_LOCK, now->lock_taken[vf], at);
	service_count(port->service, vf, WATCH_SPOOF, now->spoofed[vf], at);
	/* Whatever the others sent, were it all broadcast: the rest must have been this one's. */
	if (now->broadcast > others)
		service_count(port->service, vf, WATCH_BROADCAST, now->broadcast - others, at);
}

/*
 * Has a VF sent something, as the driver's own look once a second tells? Frames, and broadcast,
 * are read from many registers: not for VFs that are at rest, as most are most of the time.
 */
static bool
any_has_sent(struct port *port)
{
	uint64_t octets = 0, before = port->watching.tx_bytes;

	for (uint16_t vf = 0; vf < port->service->nb_vfs; vf++) {
		struct rte_pmd_sluice_pool_stats stats = { 0 };

		(void)rte_pmd_sluice_pool_stats_last(port->port_id, vf, &stats);
		octets += stats.tx_bytes;
	}
	port->watching.tx_bytes = octets;
	return octets != before;
}

static void
feed(struct port *port)
{
	struct watching *watching = &port->watching;
	bool first = watching->next_ms == 0;
	bool moves = any_has_sent(port) || first;
	struct now now = { .broadcast = 0 };

	/* Without the port's lock, which VFs' requests want. */
	for (uint16_t vf = 0; vf < port->service->nb_vfs; vf++) {
		struct rte_pmd_sluice_pool_stats stats = { 0 };

		if (moves)
			(void)rte_pmd_sluice_pool_stats(port->port_id, vf, &stats);
		else
			(void)rte_pmd_sluice_pool_stats_last(port->port_id, vf, &stats);
		now.tx_packets[vf] = advance(&watching->tx_packets[vf], stats.tx_packets);
		now.all_tx_packets += now.tx_packets[vf];
		now.lock_taken[vf] = advance(&watching->lock_taken[vf], stats.lock_taken);
		now.spoofed[vf] = advance(&watching->spoofed[vf], stats.spoofed);
	}
	if (moves)
		now.broadcast = advance(&watching->broadcast, read_broadcast(port));
	/* The first look has nothing to compare with. */
	if (first)
		return;
	pthread_mutex_lock(&port->lock);
	for (uint16_t vf = 0; vf < port->service->nb_vfs; vf++)
		count(port, vf, &now);
	pthread_mutex_unlock(&port->lock);
}

/*
 * Who opens a VF resets its function, and has access to the bus soon after: we may look too late.
 * But before that nobody had it, for as long as there was no owner.
 */
static void
look_for_owners(struct port *port)
{
	for (uint16_t vf = 0; vf < port->service->nb_vfs; vf++) {
		bool *was_off = &port->watching.was_off[vf];

		if (port->service->vf[vf].state != VF_QUARANTINED)
			*was_off = false;
		else if (!*was_off)
			*was_off = iov_function_is_off(&iov_root_system, port->iov.vf_pci[vf]);
	}
}

void
watching_tick(struct port *port)
{
	uint64_t now = now_ms();

	if (now >= port->watching.next_ms) {
		feed(port);
		port->watching.next_ms = now + FEED_MS;
	}
	pthread_mutex_lock(&port->lock);
	service_watch_tick(port->service, now);
	look_for_owners(port);
	pthread_mutex_unlock(&port->lock);
}

void
watching_set_rules(struct port *port, const struct watch_rules *rules)
{
	pthread_mutex_lock(&port->lock);
	/* What is being counted, and who is held to what, goes on if nothing changes. */
	if (memcmp(&port->service->rules, rules, sizeof(*rules)) != 0)
		service_set_rules(port->service, rules);
	pthread_mutex_unlock(&port->lock);
}
