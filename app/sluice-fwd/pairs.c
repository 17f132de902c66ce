/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <err.h>
#include <sysexits.h>

#include <rte_ethdev.h>
#include <rte_malloc.h>

#include "pairs.h"
#include "place.h"
#include "topology.h"

static int
node_of_pair(const struct port_pair *ports)
{
	int first = rte_eth_dev_socket_id(ports->port[0]);
	int second = rte_eth_dev_socket_id(ports->port[1]);

	if (first >= 0 && second >= 0 && first != second)
		warnx("ports %u and %u are on NUMA nodes %d and %d: every frame crosses",
		      ports->port[0], ports->port[1], first, second);
	return first >= 0 ? first : second;
}

static void
report_places(const struct options *o, const struct place_pair *places, unsigned int nb_places)
{
	for (unsigned int i = 0; i < nb_places; i++) {
		const struct port_pair *ports = &o->pairs[i / o->queues];

		if (!places[i].placed)
			warnx("ports %u and %u, queue %u: no free lcore on NUMA node %d, "
			      "lcore %u serves it from another",
			      ports->port[0], ports->port[1], i % o->queues, places[i].node,
			      places[i].lcore);
	}
}

/* An lcore for each queue pair. */
static int
place(const struct options *o, struct place_pair *places, unsigned int nb_places)
{
	struct place_lcore lcores[PLACE_MAX_PAIRS];
	unsigned int nb_lcores = topology_lcores(lcores, PLACE_MAX_PAIRS);

	for (unsigned int i = 0; i < o->nb_pairs; i++) {
		int node = node_of_pair(&o->pairs[i]);

		for (unsigned int queue = 0; queue < o->queues; queue++)
			places[i * o->queues + queue].node = node;
	}
	if (place_pairs(places, nb_places, lcores, nb_lcores) < 0) {
		warnx("%u pairs of ports with %u queues need %u lcores, EAL was given %u: "
		      "see its -l, or --lcores '(0-%u)@0' to share a CPU",
		      o->nb_pairs, o->queues, nb_places, nb_lcores, nb_places - 1);
		return EX_USAGE;
	}
	report_places(o, places, nb_places);
	return EX_OK;
}

static int
fill_direction(struct direction *d, const struct options *o, const struct port_pair *ports,
	       unsigned int side)
{
	int rc;

	d->rx_port = ports->port[side];
	d->tx_port = ports->port[!side];
	d->burst = o->burst;
	d->edit = mac_edit_for(o->mac_mode);
	d->macs.next_hop = o->eth_dest[d->tx_port];
	rc = rte_eth_macaddr_get(d->rx_port, &d->macs.rx_own);
	if (rc == 0)
		rc = rte_eth_macaddr_get(d->tx_port, &d->macs.tx_own);
	return rc;
}

static int
fill_pair(struct queue_pair *pair, const struct options *o, const struct place_pair *place,
	  unsigned int index)
{
	const struct port_pair *ports = &o->pairs[index / o->queues];

	pair->lcore = place->lcore;
	pair->node = place->node;
	pair->confine = place->confine;
	pair->wait.strategy = wait_strategy_find(o->mode);
	pair->wait.config = o->hybrid;
	pair->wait.config.burst = o->burst;
	for (unsigned int side = 0; side < 2; side++) {
		struct direction *d = &pair->direction[side];

		d->queue = index % o->queues;
		if (fill_direction(d, o, ports, side) < 0) {
			warnx("ports %u and %u: no MAC address", ports->port[0], ports->port[1]);
			return EX_UNAVAILABLE;
		}
		pair->wait.rx[side] = (struct hybrid_queue){ d->rx_port, d->queue };
	}
	return EX_OK;
}

static int
fill_all(struct queue_pair *pairs, const struct options *o, const atomic_bool *stop,
	 const struct place_pair *places)
{
	int status = EX_OK;

	for (unsigned int i = 0; i < o->nb_pairs * o->queues && status == EX_OK; i++) {
		pairs[i].stop = stop;
		status = fill_pair(&pairs[i], o, &places[i], i);
	}
	return status;
}

int
pairs_create(const struct options *o, const atomic_bool *stop, struct queue_pair **pairs,
	     unsigned int *nb_pairs)
{
	struct place_pair places[PLACE_MAX_PAIRS] = { 0 };
	unsigned int nb = o->nb_pairs * o->queues;
	int status;

	if (nb > PLACE_MAX_PAIRS) {
		warnx("--queues %u: with %u pairs of ports want 1 to %u", o->queues, o->nb_pairs,
		      PLACE_MAX_PAIRS / o->nb_pairs);
		return EX_USAGE;
	}
	status = place(o, places, nb);
	if (status != EX_OK)
		return status;

	*pairs = rte_zmalloc("queue_pairs", nb * sizeof(**pairs), RTE_CACHE_LINE_SIZE);
	if (*pairs == NULL) {
		warnx("no memory for %u queue pairs", nb);
		return EX_OSERR;
	}
	*nb_pairs = nb;
	return fill_all(*pairs, o, stop, places);
}

void
pairs_free(struct queue_pair *pairs)
{
	rte_free(pairs);
}
