/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_interrupts.h>

#include "life_rig.h"
#include "ports.h"
#include "recovery_frames.h"
#include "recovery_rig.h"
#include "rte_pmd_sluice_moderation.h"

#define NB_DESC	     128
#define NB_THROTTLED 4
#define LONG_BYTES   2900
#define TABLE_MAX    64
#define VLAN	     77
#define SUM_FLAGS    (RTE_MBUF_F_RX_IP_CKSUM_MASK | RTE_MBUF_F_RX_L4_CKSUM_MASK)
#define GOOD_SUMS    (RTE_MBUF_F_RX_IP_CKSUM_GOOD | RTE_MBUF_F_RX_L4_CKSUM_GOOD)
#define BAD_TCP_SUM  (RTE_MBUF_F_RX_IP_CKSUM_GOOD | RTE_MBUF_F_RX_L4_CKSUM_BAD)
#define TYPE_OF_FLOW (RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4 | RTE_PTYPE_L4_TCP)

/* One of each VF; the last bytes are the port's number. */
static const struct rte_ether_addr second_mac = { { 0x02, 0, 0, 0, 0xcc, 0 } };
static const struct rte_ether_addr stranger = { { 0x02, 0, 0, 0, 0xee, 0 } };
static const struct rte_ether_addr group = { { 0x01, 0, 0x5e, 1, 2, 0 } };
static const struct rte_ether_addr other_group = { { 0x01, 0, 0x5e, 9, 0x90, 0 } };

static struct rte_ether_addr
of_port(const struct rte_ether_addr *addr, unsigned int which)
{
	struct rte_ether_addr own = *addr;

	own.addr_bytes[RTE_ETHER_ADDR_LEN - 1] = which + 1;
	return own;
}

/* --- Ports --- */

static struct rte_eth_conf
configuration(void)
{
	const struct life_traits *traits = rig.traits;
	struct rte_eth_conf conf = {
		.intr_conf = { .lsc = 1, .rxq = 1 },
		.rxmode = {
			.mtu = RECOVERY_MTU,
			.offloads = RTE_ETH_RX_OFFLOAD_CHECKSUM | RTE_ETH_RX_OFFLOAD_VLAN_FILTER |
				    RTE_ETH_RX_OFFLOAD_SCATTER,
		},
	};

	if (traits->strips)
		conf.rxmode.offloads |= RTE_ETH_RX_OFFLOAD_VLAN_STRIP;
	if (traits->vf_queues > 1) {
		conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
		conf.rx_adv_conf.rss_conf.rss_hf = RTE_ETH_RSS_IPV4 |
						   RTE_ETH_RSS_NONFRAG_IPV4_TCP;
	}
	return conf;
}

int
vf_start(unsigned int which, enum deferred deferred)
{
	struct rte_eth_conf conf = configuration();
	uint16_t port = rig.port[which], nb = rig.traits->vf_queues;

	assert_int_equal(rte_eth_dev_configure(port, nb, nb, &conf), 0);
	for (uint16_t q = 0; q < nb; q++) {
		bool waits = deferred == LAST_DEFERRED && q == nb - 1;
		const struct rte_eth_rxconf rx = { .rx_deferred_start = waits,
						   .offloads = conf.rxmode.offloads };
		const struct rte_eth_txconf tx = { .tx_deferred_start = waits };

		assert_int_equal(rte_eth_rx_queue_setup(port, q, NB_DESC, SOCKET_ID_ANY, &rx,
							rig.pool), 0);
		assert_int_equal(rte_eth_tx_queue_setup(port, q, NB_DESC, SOCKET_ID_ANY, &tx),
				 0);
	}
	return rte_eth_dev_start(port);
}

void
vf_start_told(unsigned int which)
{
	struct rte_ether_addr mac = of_port(&second_mac, which), groups = of_port(&group, which);
	uint16_t port = rig.port[which];

	assert_int_equal(vf_start(which, NONE_DEFERRED), 0);
	assert_int_equal(rte_eth_dev_mac_addr_add(port, &mac, 0), 0);
	assert_int_equal(rte_eth_dev_set_mc_addr_list(port, &groups, 1), 0);
	assert_int_equal(rte_eth_dev_vlan_filter(port, VLAN, 1), 0);
	assert_true(port_link_up(port, rig.traits->mbps));
}

void
pf_start(void)
{
	struct rte_eth_conf conf = { .intr_conf.lsc = 1, .rxmode.mtu = RECOVERY_MTU };
	uint16_t port = rig.port[PF];

	assert_int_equal(rte_eth_dev_configure(port, 1, 1, &conf), 0);
	assert_int_equal(rte_eth_rx_queue_setup(port, 0, NB_DESC, SOCKET_ID_ANY, NULL, rig.pool),
			 0);
	assert_int_equal(rte_eth_tx_queue_setup(port, 0, NB_DESC, SOCKET_ID_ANY, NULL), 0);
	assert_int_equal(rte_eth_dev_start(port), 0);
	assert_true(port_link_up(port, rig.traits->mbps));
}

void
pf_reset(void)
{
	assert_int_equal(rte_eth_dev_stop(rig.port[PF]), 0);
	assert_int_equal(rte_eth_dev_reset(rig.port[PF]), 0);
}

/* --- What is in force --- */

static unsigned int
try(unsigned int which, const struct probe *probe, struct arrival *arrival)
{
	return probe_send(rig.port[PF], rig.port[which], rig.traits->vf_queues, probe, arrival);
}

static void
expect(unsigned int which, const char *what, const struct probe *probe, bool arrives)
{
	if (try(which, probe, NULL) != arrives)
		fail_msg("%s: a frame for %s %s", device_name[which], what,
			 arrives ? "does not arrive" : "arrives");
}

static struct rte_ether_addr
mac_of(unsigned int which)
{
	struct rte_ether_addr mac;

	assert_int_equal(rte_eth_macaddr_get(rig.port[which], &mac), 0);
	return mac;
}

bool
vf_receives(unsigned int which)
{
	const struct probe probe = { .dst = mac_of(which) };

	return try(which, &probe, NULL) == 1;
}

static void
expect_filters(unsigned int which, const struct force *force)
{
	const struct probe own = { .dst = mac_of(which) };
	const struct probe second = { .dst = of_port(&second_mac, which) };
	const struct probe foreign = { .dst = of_port(&stranger, which) };
	const struct probe in_group = { .dst = of_port(&group, which) };
	const struct probe elsewhere = { .dst = of_port(&other_group, which) };
	const struct probe other_vlan = { .dst = own.dst, .vlan = VLAN + 1 };

	expect(which, "its address", &own, true);
	expect(which, "its second address", &second, true);
	expect(which, "another's address", &foreign, force->promiscuous);
	expect(which, "its group", &in_group, true);
	expect(which, "another group", &elsewhere, force->promiscuous || force->all_multicast);
	expect(which, "another VLAN", &other_vlan, false);
}

static void
expect_offloads(unsigned int which)
{
	const uint64_t tag_flags = RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED;
	struct probe probe = { .dst = mac_of(which), .vlan = VLAN };
	bool strips = rig.traits->strips;
	struct arrival got;

	assert_int_equal(try(which, &probe, &got), 1);
	assert_int_equal(got.flags & tag_flags, strips ? tag_flags : 0);
	assert_int_equal(got.tci, strips ? VLAN : 0);

	probe = (struct probe){ .dst = probe.dst, .bytes = LONG_BYTES };
	assert_int_equal(try(which, &probe, &got), 1);
	assert_int_equal(got.bytes, LONG_BYTES);
	assert_int_equal(got.segments, 2);

	probe = (struct probe){ .dst = probe.dst, .flow = 1 };
	assert_int_equal(try(which, &probe, &got), 1);
	assert_int_equal(got.flags & SUM_FLAGS, GOOD_SUMS);
	assert_int_equal(got.type, TYPE_OF_FLOW);
	probe.spoilt = true;
	assert_int_equal(try(which, &probe, &got), 1);
	assert_int_equal(got.flags & SUM_FLAGS, BAD_TCP_SUM);
}

/** @return bit q: queue q gets some */
static unsigned int
spread_flows(unsigned int which, uint8_t queue_of[NB_FLOWS])
{
	unsigned int seen = 0;

	for (unsigned int i = 0; i < NB_FLOWS; i++) {
		const struct probe probe = { .dst = mac_of(which), .flow = i + 1 };
		struct arrival got;

		assert_int_equal(try(which, &probe, &got), 1);
		queue_of[i] = got.queue;
		seen |= 1u << got.queue;
	}
	return seen;
}

/* Three of four entries are queue 1's. */
static void
set_own_table(unsigned int which)
{
	struct rte_eth_rss_reta_entry64 table = { .mask = UINT64_MAX };

	for (unsigned int i = 0; i < TABLE_MAX; i++)
		table.reta[i] = i % 4 != 0;
	assert_int_equal(rte_eth_dev_rss_reta_update(rig.port[which], &table, TABLE_MAX), 0);
}

void
flows_learn(unsigned int which, struct force *force)
{
	if (rig.traits->own_rss)
		set_own_table(which);
	assert_int_equal(spread_flows(which, force->queue_of),
			 (1u << rig.traits->vf_queues) - 1);
}

void
force_expect(unsigned int which, const struct force *force)
{
	uint8_t queue_of[NB_FLOWS];

	if (force->interrupts)
		interrupts_expect(which);
	expect_filters(which, force);
	expect_offloads(which);
	spread_flows(which, queue_of);
	assert_memory_equal(queue_of, force->queue_of, sizeof(queue_of));
}

/* --- Interrupts --- */

static bool
wakes(int timeout_ms)
{
	struct rte_epoll_event event;

	return rte_epoll_wait(RTE_EPOLL_PER_THREAD, &event, 1, timeout_ms) == 1;
}

static void
arm(unsigned int which)
{
	assert_int_equal(rte_eth_dev_rx_intr_enable(rig.port[which], 0), 0);
}

/* Nothing waits: neither frames nor a cause of before. */
static void
arm_at_rest(unsigned int which)
{
	arm(which);
	port_drain(rig.port[which]);
	while (wakes(0))
		arm(which);
}

void
interrupts_listen(unsigned int which)
{
	assert_int_equal(rte_eth_dev_rx_intr_ctl_q(rig.port[which], 0, RTE_EPOLL_PER_THREAD,
						   RTE_INTR_EVENT_ADD, NULL), 0);
	assert_int_equal(rte_pmd_sluice_moderation_set(rig.port[which], 0, RECOVERY_ITR_NS), 0);
	arm_at_rest(which);
}

static uint64_t
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * UINT64_C(1000000000) + now.tv_nsec;
}

/* As a sleeper does that is woken: it polls and arms. The model's throttle is exact. */
void
interrupts_expect(unsigned int which)
{
	/* As the coarser families have it. */
	const uint64_t interval_ns = RECOVERY_ITR_NS / 2048 * 2048;
	uint64_t first = 0;

	while (wakes(0))
		arm(which);
	for (unsigned int n = 0; n < NB_THROTTLED; n++) {
		uint64_t before = now_ns();

		assert_true(vf_receives(which));
		assert_true(wakes(LIFE_WAIT_MS));
		first = n == 0 ? before : first;
		arm(which);
	}
	assert_true(now_ns() - first >= (NB_THROTTLED - 1) * interval_ns);
	arm_at_rest(which);
}
