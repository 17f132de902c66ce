/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <err.h>
#include <errno.h>
#include <string.h>
#include <sysexits.h>

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_vect.h>

#include "frames.h"
#include "nic.h"
#include "target.h"

#define LINK_TRIES 3000
#define LINK_MS	   10
#define PF_RING	   64	/* of a PF whose VF is measured */
#define IS_PF	   (-1)
#define RSS_TYPES  (RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_UDP)

static void __rte_noreturn
give_up(const struct target *target, const char *what, int rc)
{
	errx(EX_SOFTWARE, "%s, %s: %s: %s", target->group->name, target->column->name, what,
	     strerror(-rc));
}

static unsigned int
count_vfs(const struct group *group, unsigned int nb_targets)
{
	/* One port of each card is the PF. */
	unsigned int left = RTE_MAX_ETHPORTS / nb_targets - 1;

	if (!group->is_many)
		return group->is_vf ? 1 : 0;
	/* So is one of the pools. */
	left = RTE_MIN(left, nic_family_find(group->family)->nb_pools - 1u);
	return RTE_MIN(left, (unsigned int)CARD_VFS_MAX);
}

void
target_create(struct target *target, const struct group *group, const struct column *column,
	      unsigned int nb_targets, struct rte_mempool *pool)
{
	const struct card_config config = {
		.family = group->family, .nb_vfs = count_vfs(group, nb_targets),
		.pf_driver = column->pf_driver, .vf_driver = column->vf_driver,
	};
	const struct rte_eth_conf conf = { 0 };
	const char *why = "";
	uint16_t pf;
	int rc;

	*target = (struct target){ .column = column, .group = group, .nb_vfs = config.nb_vfs };
	rc = card_create(&target->card, &config, &why);
	if (rc != 0)
		give_up(target, why, rc);
	pf = card_port(target->card, IS_PF);
	target->port = pf;
	if (!group->is_vf)
		return;
	rc = rte_eth_dev_configure(pf, 1, 1, &conf);
	if (rc == 0)
		rc = rte_eth_rx_queue_setup(pf, 0, PF_RING, SOCKET_ID_ANY, NULL, pool);
	if (rc == 0)
		rc = rte_eth_tx_queue_setup(pf, 0, PF_RING, SOCKET_ID_ANY, NULL);
	if (rc == 0)
		rc = rte_eth_dev_start(pf);
	if (rc != 0)
		give_up(target, "its PF", rc);
	target->port = card_port(target->card, 0);
}

bool
target_can(struct target *target, const struct bench_case *c)
{
	const struct bench_set *set = &bench_sets[c->set];
	struct rte_eth_dev_info info;

	if (rte_eth_dev_info_get(target->port, &info) != 0)
		return false;
	target->rx_capable = info.rx_offload_capa;
	return c->ports <= target->nb_vfs &&
	       c->queues <= info.max_rx_queues && c->queues <= info.max_tx_queues &&
	       (set->rx_offloads & ~info.rx_offload_capa & ~RTE_ETH_RX_OFFLOAD_RSS_HASH) == 0 &&
	       (set->tx_offloads & ~info.tx_offload_capa) == 0;
}

/** What of a port there is besides queues. */
static int
wish(const struct target *target, uint16_t port, const struct bench_case *c,
     const struct rte_eth_dev_info *info)
{
	const struct bench_set *set = &bench_sets[c->set];
	struct rte_eth_conf conf = { .intr_conf.rxq = c->op == OP_IDLE };
	uint64_t tx = set->tx_offloads | target->column->tx_offloads;

	/* As DPDK's l2fwd does. */
	if (target->column->tx_offloads == 0)
		tx |= info->tx_offload_capa & RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE;
	conf.txmode.offloads = tx;
	conf.rxmode.offloads = set->rx_offloads & target->rx_capable;
	/* A VF gets what it has asked for. */
	if (set->vlan && target->group->is_vf)
		conf.rxmode.offloads |= RTE_ETH_RX_OFFLOAD_VLAN_FILTER;
	if (c->queues > 1 || (conf.rxmode.offloads & RTE_ETH_RX_OFFLOAD_RSS_HASH) != 0) {
		conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
		conf.rx_adv_conf.rss_conf.rss_hf = info->flow_type_rss_offloads & RSS_TYPES;
	}
	return rte_eth_dev_configure(port, c->queues, c->queues, &conf);
}

/** A PF may refuse, as DPDK's igb does, and let all tags pass; if it does not, frames get lost. */
static void
join_vlan(const struct target *target, uint16_t port, const struct bench_case *c)
{
	if (bench_sets[c->set].vlan && target->group->is_vf)
		(void)rte_eth_dev_vlan_filter(port, FRAMES_VID, 1);
}

static int
start_port(const struct target *target, uint16_t port, const struct bench_case *c,
	   struct rte_mempool *pool)
{
	struct rte_eth_dev_info info;
	int rc = rte_eth_dev_info_get(port, &info);

	if (rc != 0)
		return rc;
	rc = wish(target, port, c, &info);
	for (uint16_t q = 0; q < c->queues && rc == 0; q++) {
		rc = rte_eth_rx_queue_setup(port, q, c->ring, SOCKET_ID_ANY, NULL, pool);
		if (rc == 0)
			rc = rte_eth_tx_queue_setup(port, q, c->ring, SOCKET_ID_ANY, NULL);
	}
	if (rc == 0)
		rc = rte_eth_dev_set_ptypes(port, bench_sets[c->set].packet_types ?
					    RTE_PTYPE_ALL_MASK : RTE_PTYPE_UNKNOWN, NULL, 0);
	if (rc == 0)
		rc = rte_eth_dev_start(port);
	if (rc == 0)
		join_vlan(target, port, c);
	return rc;
}

static int
await_link(uint16_t port)
{
	struct rte_eth_link link = { 0 };

	for (unsigned int i = 0; i < LINK_TRIES; i++) {
		if (rte_eth_link_get_nowait(port, &link) == 0 && link.link_status)
			return 0;
		rte_delay_us_sleep(LINK_MS * 1000);
	}
	return -ENETDOWN;
}

/** Its ports one after the other. */
static uint16_t
port_of(const struct target *target, unsigned int which)
{
	return which == 0 ? target->port : card_port(target->card, (int)which);
}

static int
start_one(struct target *target, unsigned int which, const struct bench_case *c,
	  struct rte_mempool *pool)
{
	uint16_t port = port_of(target, which);
	struct rte_ether_addr mac;
	int rc = start_port(target, port, c, pool);

	if (rc == 0)
		rc = await_link(port);
	if (rc == 0)
		rc = rte_eth_macaddr_get(port, &mac);
	if (rc != 0)
		return rc;
	if (which == 0)
		memcpy(target->mac, mac.addr_bytes, sizeof(target->mac));
	frames_fill(card_feed(target->card), mac.addr_bytes, c, which);
	for (uint16_t q = 0; q < c->queues; q++)
		target->places[target->nb_places++] =
			(struct span_place){ .port = port, .queue = q };
	return 0;
}

void
target_start(struct target *target, const struct bench_case *c, struct rte_mempool *pool)
{
	uint16_t simd = rte_vect_get_max_simd_bitwidth();
	int rc = 0;

	if (target->column->simd != 0)
		rte_vect_set_max_simd_bitwidth(target->column->simd);
	target->nb_places = 0;
	target->nb_started = RTE_MAX(c->ports, 1u);
	for (unsigned int i = 0; i < target->nb_started && rc == 0; i++)
		rc = start_one(target, i, c, pool);
	rte_vect_set_max_simd_bitwidth(simd);
	if (rc != 0)
		give_up(target, "cannot be started", rc);
}

void
target_open(struct target *target)
{
	int rc = card_open(target->card);

	if (rc != 0)
		give_up(target, "its tails trap", rc);
}

void
target_stop(struct target *target)
{
	int rc = 0;

	card_close(target->card);
	for (unsigned int i = 0; i < target->nb_started && rc == 0; i++)
		rc = rte_eth_dev_stop(port_of(target, i));
	if (rc != 0)
		give_up(target, "cannot be stopped", rc);
}

void
target_free(struct target *target)
{
	for (unsigned int i = 0; i < target->nb_vfs; i++)
		rte_eth_dev_close(port_of(target, i));
	if (target->group->is_vf)
		rte_eth_dev_stop(card_port(target->card, IS_PF));
	rte_eth_dev_close(card_port(target->card, IS_PF));
	card_free(target->card);
}
