/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf_pool_ops.h>
#include <rte_mempool.h>

#include "ports.h"

/* Header, two VLAN tags and the FCS: what a frame has beside its payload. */
#define FRAME_OVERHEAD_BYTES \
	(RTE_ETHER_HDR_LEN + RTE_ETHER_CRC_LEN + 2 * (uint32_t)sizeof(struct rte_vlan_hdr))
#define ROOM_BYTES 2048
/* Receive buffers are sized in KB by the hardware that this program is for. */
#define ROOM_STEP_BYTES 1024
#define POOL_CACHE      64
#define LINK_WAIT_MS    3000
#define LINK_POLL_MS    100
/* A full ring of large frames at 1 Gbit/s: 512 * 1538 * 8 ns, rounded up. */
#define TX_DRAIN_US 10000

#define HASHED (RTE_ETH_RSS_IP | RTE_ETH_RSS_TCP | RTE_ETH_RSS_UDP)

/* What a port will be, worked out before anything is touched. */
struct plan {
	uint16_t port, peer;
	uint16_t rxd, txd;
	int node;
	uint32_t room_bytes;
	bool scatter; /* a frame may arrive in several buffers */
	struct rte_mempool *pool;
	struct rte_eth_dev_info info;
};

static uint32_t
wanted_mtu(const struct options *o)
{
	return o->mtu == 0 ? RTE_ETHER_MTU : o->mtu;
}

uint32_t
ports_frame_bytes(const struct options *o)
{
	return wanted_mtu(o) + FRAME_OVERHEAD_BYTES;
}

static uint16_t
port_at(const struct options *o, uint32_t i)
{
	return o->pairs[i / 2].port[i % 2];
}

static uint16_t
peer_at(const struct options *o, uint32_t i)
{
	return o->pairs[i / 2].port[!(i % 2)];
}

static int
check_queues(const struct plan *plan, const struct options *o)
{
	uint16_t most = RTE_MIN(plan->info.max_rx_queues, plan->info.max_tx_queues);

	if (o->queues <= most)
		return 0;
	warnx("--queues %u: port %u (%s) has %u, want 1 to %u", o->queues, plan->port,
	      plan->info.driver_name, most, most);
	return -ERANGE;
}

static int
check_mtu(const struct plan *plan, const struct options *o)
{
	if (o->mtu == 0 || plan->info.max_mtu == 0 ||
	    (o->mtu >= plan->info.min_mtu && o->mtu <= plan->info.max_mtu))
		return 0;
	warnx("--mtu %u: port %u (%s) wants %u to %u", o->mtu, plan->port, plan->info.driver_name,
	      plan->info.min_mtu, plan->info.max_mtu);
	return -ERANGE;
}

static int
check_ring(const struct plan *plan, const char *option, uint32_t asked,
	   const struct rte_eth_desc_lim *limit)
{
	/* A driver that states no limit has none. */
	uint32_t most = limit->nb_max == 0 ? UINT16_MAX : limit->nb_max;
	uint32_t step = limit->nb_align == 0 ? 1 : limit->nb_align;

	if (asked >= limit->nb_min && asked <= most && asked % step == 0)
		return 0;
	warnx("--%s %u: port %u (%s) wants %u to %u in steps of %u", option, asked, plan->port,
	      plan->info.driver_name, limit->nb_min, most, step);
	return -ERANGE;
}

static int
plan_rings(struct plan *plan, const struct options *o)
{
	plan->rxd = o->rxd;
	plan->txd = o->txd;
	if (o->rxd_given && check_ring(plan, "rxd", o->rxd, &plan->info.rx_desc_lim) < 0)
		return -ERANGE;
	if (o->txd_given && check_ring(plan, "txd", o->txd, &plan->info.tx_desc_lim) < 0)
		return -ERANGE;
	return rte_eth_dev_adjust_nb_rx_tx_desc(plan->port, &plan->rxd, &plan->txd);
}

/* A frame beyond the usual buffer is chained if both ends can do that, else the buffer grows. */
static int
plan_buffers(struct plan *plan, const struct options *o)
{
	struct rte_eth_dev_info peer;
	uint32_t frame_bytes = ports_frame_bytes(o);
	int rc;

	plan->room_bytes = ROOM_BYTES;
	if (frame_bytes <= ROOM_BYTES)
		return 0;
	rc = rte_eth_dev_info_get(plan->peer, &peer);
	if (rc < 0)
		return rc;
	if ((plan->info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_SCATTER) != 0 &&
	    (peer.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MULTI_SEGS) != 0)
		plan->scatter = true;
	else
		plan->room_bytes = RTE_ALIGN(frame_bytes, ROOM_STEP_BYTES);
	return 0;
}

static int
plan_port(struct plan *plan, const struct options *o)
{
	int rc = rte_eth_dev_info_get(plan->port, &plan->info);

	if (rc < 0)
		goto failed;
	if (check_queues(plan, o) < 0 || check_mtu(plan, o) < 0)
		return -ERANGE;
	rc = plan_rings(plan, o);
	if (rc == -ERANGE)
		return rc;
	if (rc == 0)
		rc = plan_buffers(plan, o);
	if (rc == 0)
		return 0;
failed:
	warnx("port %u: cannot be queried: %s", plan->port, strerror(-rc));
	return rc;
}

static void
configure_rss(struct rte_eth_conf *conf, const struct plan *plan, const struct options *o)
{
	uint64_t hashed = plan->info.flow_type_rss_offloads & HASHED;

	if (o->queues == 1)
		return;
	if (hashed == 0) {
		warnx("port %u (%s) does not spread frames over queues: one lcore may get all",
		      plan->port, plan->info.driver_name);
		return;
	}
	conf->rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
	conf->rx_adv_conf.rss_conf.rss_hf = hashed;
}

/* Buffers a port needs: in its Rx rings, in its Tx rings and in the lcores' hands. */
static uint32_t
count_buffers(const struct plan *plan, const struct options *o)
{
	uint32_t chain = plan->scatter ? ports_frame_bytes(o) / ROOM_BYTES + 1 : 1;

	return o->queues * (plan->rxd + plan->txd + o->burst * chain + 2 * POOL_CACHE);
}

static struct rte_mempool *
create_pool(int node, uint32_t nb, uint32_t room_bytes)
{
	struct rte_mempool *pool;
	char name[RTE_MEMPOOL_NAMESIZE];

	snprintf(name, sizeof(name), "fwd_node_%d", node);
	pool = rte_pktmbuf_pool_create(name, nb, POOL_CACHE, 0, RTE_PKTMBUF_HEADROOM + room_bytes,
				       node);
	if (pool == NULL && rte_errno == EINVAL)
		warnx("no pool of %u buffers of %u bytes by the handler %s: EAL's "
		      "--mbuf-pool-ops-name takes ring_mp_mc, stack or another one that is loaded",
		      nb, room_bytes, rte_mbuf_best_mempool_ops());
	else if (pool == NULL)
		warnx("no memory for %u buffers of %u bytes (%s): reserve more, e.g. "
		      "sysctl vm.nr_hugepages=%u, and see EAL's -m",
		      nb, room_bytes, rte_strerror(rte_errno),
		      64 + nb / 1024 * (room_bytes / ROOM_STEP_BYTES));
	return pool;
}

/* One pool per node, not per port: each costs 1.5 MB for the caches of lcores that may exist. */
static int
create_pools(struct plan *plans, uint32_t nb_plans, const struct options *o)
{
	for (uint32_t i = 0; i < nb_plans; i++) {
		uint32_t nb = 0, room_bytes = 0;

		if (plans[i].pool != NULL)
			continue;
		for (uint32_t j = i; j < nb_plans; j++) {
			if (plans[j].node != plans[i].node)
				continue;
			nb += count_buffers(&plans[j], o);
			room_bytes = RTE_MAX(room_bytes, plans[j].room_bytes);
		}
		plans[i].pool = create_pool(plans[i].node, nb, room_bytes);
		if (plans[i].pool == NULL)
			return -rte_errno;
		for (uint32_t j = i; j < nb_plans; j++) {
			if (plans[j].node == plans[i].node)
				plans[j].pool = plans[i].pool;
		}
	}
	return 0;
}

static int
set_up_queues(const struct plan *plan, const struct rte_eth_conf *conf, const struct options *o)
{
	struct rte_eth_rxconf rx = plan->info.default_rxconf;
	struct rte_eth_txconf tx = plan->info.default_txconf;
	int rc = 0;

	rx.offloads = conf->rxmode.offloads;
	tx.offloads = conf->txmode.offloads;
	for (uint16_t queue = 0; queue < o->queues && rc == 0; queue++) {
		rc = rte_eth_rx_queue_setup(plan->port, queue, plan->rxd, plan->node, &rx,
					    plan->pool);
		if (rc == 0)
			rc = rte_eth_tx_queue_setup(plan->port, queue, plan->txd, plan->node, &tx);
	}
	if (rc < 0)
		warnx("port %u: queues of %u and %u descriptors: %s", plan->port, plan->rxd,
		      plan->txd, strerror(-rc));
	return rc;
}

static int
configure_port(const struct plan *plan, const struct plan *peer, const struct options *o,
	       const struct wait_strategy *wait)
{
	struct rte_eth_conf conf = {
		.rxmode.mtu = o->mtu,
		.intr_conf.rxq = wait->rx_interrupts,
	};
	int rc;

	if (plan->scatter)
		conf.rxmode.offloads |= RTE_ETH_RX_OFFLOAD_SCATTER;
	if (peer->scatter)
		conf.txmode.offloads |= RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
	configure_rss(&conf, plan, o);

	rc = rte_eth_dev_configure(plan->port, o->queues, o->queues, &conf);
	if (rc < 0 && wait->rx_interrupts) {
		conf.intr_conf.rxq = 0;
		rc = rte_eth_dev_configure(plan->port, o->queues, o->queues, &conf);
		if (rc == 0)
			warnx("port %u (%s): no Rx interrupts, it is slept on by time", plan->port,
			      plan->info.driver_name);
	}
	if (rc < 0) {
		warnx("port %u: configuration refused: %s", plan->port, strerror(-rc));
		return rc;
	}
	return set_up_queues(plan, &conf, o);
}

static int
set_promiscuous(uint16_t port, enum promisc_mode mode)
{
	bool off = mode == PROMISC_OFF;
	int rc = off ? rte_eth_promiscuous_disable(port) : rte_eth_promiscuous_enable(port);

	/* A driver without the switch has nothing to turn off. */
	if (rc == 0 || (off && rc == -ENOTSUP))
		return 0;
	warnx("port %u: promiscuous mode refused: %s%s", port, strerror(-rc),
	      mode == PROMISC_AUTO ? "; only frames addressed to it are forwarded" : "");
	return mode == PROMISC_AUTO ? 0 : rc;
}

static int
start_port(uint16_t port, enum promisc_mode promisc)
{
	int rc = rte_eth_dev_start(port);

	if (rc < 0) {
		warnx("port %u: does not start: %s", port, strerror(-rc));
		return rc;
	}
	return set_promiscuous(port, promisc);
}

static int
plan_all(struct plan *plans, const struct options *o)
{
	for (uint32_t i = 0; i < o->nb_pairs * 2; i++) {
		int rc;

		plans[i] = (struct plan){
			.port = port_at(o, i),
			.peer = peer_at(o, i),
			.node = rte_eth_dev_socket_id(port_at(o, i)),
		};
		rc = plan_port(&plans[i], o);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int
ports_open(const struct options *o, const struct wait_strategy *wait)
{
	static struct plan plans[MAX_PAIRS * 2];
	int rc = plan_all(plans, o);

	if (rc == 0)
		rc = create_pools(plans, o->nb_pairs * 2, o);
	for (uint32_t i = 0; i < o->nb_pairs * 2 && rc == 0; i++) {
		uint32_t peer = i % 2 == 0 ? i + 1 : i - 1;

		rc = configure_port(&plans[i], &plans[peer], o, wait);
	}
	for (uint32_t i = 0; i < o->nb_pairs * 2 && rc == 0; i++)
		rc = start_port(plans[i].port, o->promisc);
	if (rc < 0)
		ports_close(o);
	return rc;
}

static uint32_t
count_links_down(const struct options *o)
{
	uint32_t nb = 0;

	for (uint32_t i = 0; i < o->nb_pairs * 2; i++) {
		struct rte_eth_link link = { 0 };

		if (rte_eth_link_get_nowait(port_at(o, i), &link) < 0 ||
		    link.link_status == RTE_ETH_LINK_DOWN)
			nb++;
	}
	return nb;
}

void
ports_report_links(const struct options *o)
{
	for (int ms = 0; ms < LINK_WAIT_MS && count_links_down(o) > 0; ms += LINK_POLL_MS)
		usleep(LINK_POLL_MS * 1000);

	for (uint32_t i = 0; i < o->nb_pairs * 2; i++) {
		struct rte_eth_link link = { 0 };

		if (rte_eth_link_get_nowait(port_at(o, i), &link) < 0 ||
		    link.link_status == RTE_ETH_LINK_DOWN)
			warnx("port %u: link is down, going on", port_at(o, i));
	}
}

void
ports_close(const struct options *o)
{
	usleep(TX_DRAIN_US);
	for (uint32_t i = 0; i < o->nb_pairs * 2; i++) {
		uint16_t port = port_at(o, i);
		int rc = rte_eth_dev_stop(port);

		if (rc < 0 && rc != -ENOTSUP)
			warnx("port %u: does not stop: %s", port, strerror(-rc));
		rte_eth_dev_close(port);
	}
}
