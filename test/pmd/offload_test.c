/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What our drivers let the hardware do with a frame, seen by who receives it on the model.
 *
 * usage: offload_test PLUGIN,PLUGIN FAMILY
 */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include <rte_bus.h>
#include <rte_cycles.h>
#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_ip.h>
#include <rte_vect.h>

#include "offload_kinds.h"
#include "offload_rig.h"

#define NB_MBUFS 4096
#define NB_DESC	 256
#define BURST	 32
#define VLAN	 0x123
#define TCI	 (5 << 13 | VLAN)

#define SUMS_TX	 (RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_UDP_CKSUM | \
		  RTE_ETH_TX_OFFLOAD_TCP_CKSUM | RTE_ETH_TX_OFFLOAD_SCTP_CKSUM)
#define ALL_TX	 (SUMS_TX | RTE_ETH_TX_OFFLOAD_TCP_TSO | RTE_ETH_TX_OFFLOAD_MULTI_SEGS | \
		  RTE_ETH_TX_OFFLOAD_VLAN_INSERT)
#define SUMS_RX	 RTE_ETH_RX_OFFLOAD_CHECKSUM
#define SUM_FLAGS (RTE_MBUF_F_RX_IP_CKSUM_MASK | RTE_MBUF_F_RX_L4_CKSUM_MASK)
#define TAG_FLAGS (RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED)

/* On 82576 and I350 a VF's tags are the PF's to strip; the others have a switch per queue. */
static bool
strips(void)
{
	return strcmp(rig.family, "82576") != 0 && strcmp(rig.family, "i350") != 0;
}

/* With all there is: to start costs a VF a reset. */
static void
ports_start(void **state)
{
	uint64_t rx = SUMS_RX | RTE_ETH_RX_OFFLOAD_VLAN_FILTER;

	(void)state;
	for (unsigned int i = 0; i < NB_PORTS; i++) {
		struct rte_eth_dev_info info;

		assert_int_equal(rte_eth_dev_info_get(rig.port[i], &info), 0);
		assert_int_equal((info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_VLAN_STRIP) != 0,
				 strips());
		restart(i, rx | (strips() ? RTE_ETH_RX_OFFLOAD_VLAN_STRIP : 0), ALL_TX);
		assert_int_equal(rte_eth_dev_vlan_filter(rig.port[i], VLAN, 1), 0);
	}
}

static struct rte_mbuf *
make(const struct frame_shape *shape, unsigned int from, unsigned int to)
{
	struct frame_ends ends = ends_of(from, to);
	struct rte_mbuf *m = frame_make(rig.pool, shape, &ends);

	assert_non_null(m);
	return m;
}

/* Sums spoilt in front of the sender's device are right behind it, and the receiver's says so. */
static void
expect_sums(unsigned int from, unsigned int to, size_t kind)
{
	const struct frame_shape *shape = &kinds[kind].shape;
	struct rte_mbuf *m = make(shape, from, to);

	m->ol_flags = kinds[kind].tx_flags;
	if (shape->ip == 4)
		spoil(m, RTE_ETHER_HDR_LEN + 10);
	send_one(from, m);
	m = receive(to);
	if (!frame_is(m, shape, 0) || (m->ol_flags & SUM_FLAGS) != kinds[kind].rx_flags ||
	    m->packet_type != (kinds[kind].type | RTE_PTYPE_L2_ETHER))
		fail_msg("%s from %u to %u: flags %#lx, type %#x", kinds[kind].what, from, to,
			 m->ol_flags, m->packet_type);
	rte_pktmbuf_free(m);
}

static void
sums_are_made_and_checked(void **state)
{
	(void)state;
	for (size_t i = 0; i < RTE_DIM(kinds); i++) {
		expect_sums(VF0, VF1, i);
		expect_sums(PF, VF0, i);
		expect_sums(VF1, PF, i);
	}
}

static void
expect_verdict(uint8_t protocol, uint32_t spoil_at, uint64_t verdict)
{
	const struct frame_shape shape = { 4, 0, protocol, 100, 0 };
	struct rte_mbuf *m = make(&shape, VF0, VF1);

	spoil(m, spoil_at);
	send_one(VF0, m);
	m = receive(VF1);
	assert_int_equal(m->ol_flags & SUM_FLAGS, verdict);
	rte_pktmbuf_free(m);
}

/* Frames with wrong sums arrive, and are said to have them. */
static void
wrong_sums_are_told(void **state)
{
	bool doubtful = strcmp(rig.family, "82599") == 0;

	(void)state;
	expect_verdict(IPPROTO_TCP, 24, RTE_MBUF_F_RX_IP_CKSUM_BAD | L4_GOOD);
	expect_verdict(IPPROTO_TCP, 60, IP_GOOD | RTE_MBUF_F_RX_L4_CKSUM_BAD);
	/* Erratum 44: the 82599 says so of UDP without a checksum too. */
	expect_verdict(IPPROTO_UDP, 60, IP_GOOD | (doubtful ? 0 : RTE_MBUF_F_RX_L4_CKSUM_BAD));
}

static void
udp_without_a_sum_is_unknown(void **state)
{
	const struct frame_shape shape = { 4, 0, IPPROTO_UDP, 100, 0 };
	struct rte_mbuf *m;

	(void)state;
	m = make(&shape, VF0, VF1);
	memset(rte_pktmbuf_mtod_offset(m, void *, RTE_ETHER_HDR_LEN + 20 + 6), 0, 2);
	send_one(VF0, m);
	m = receive(VF1);
	assert_int_equal(m->ol_flags & SUM_FLAGS, IP_GOOD);
	rte_pktmbuf_free(m);
}

static void
expect_segments(unsigned int from, unsigned int to, const struct frame_shape *whole,
		uint16_t segment)
{
	struct rte_mbuf *m = make(whole, from, to);

	m->tso_segsz = segment;
	m->ol_flags = RTE_MBUF_F_TX_TCP_SEG | RTE_MBUF_F_TX_TCP_CKSUM |
		(whole->ip == 6 ? RTE_MBUF_F_TX_IPV6 :
		 RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM);
	send_one(from, m);
	for (uint32_t done = 0; done < whole->payload; done += segment) {
		struct frame_shape part = *whole;

		part.payload = RTE_MIN(segment, whole->payload - done);
		m = receive(to);
		assert_true(frame_is(m, &part, done));
		assert_int_equal(m->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK, L4_GOOD);
		rte_pktmbuf_free(m);
	}
}

static void
large_frames_are_cut(void **state)
{
	const struct frame_shape v4 = { 4, 0, IPPROTO_TCP, 9001, 0 };
	const struct frame_shape v6 = { 6, 0, IPPROTO_TCP, 20000, 0 };
	const struct frame_shape one = { 4, 4, IPPROTO_TCP, 900, 0 };

	(void)state;
	expect_segments(VF0, VF1, &v4, 1400);
	expect_segments(PF, VF0, &v6, 1432);
	expect_segments(VF1, PF, &v4, 536);
	expect_segments(VF1, VF0, &one, 1000);
	/* The context of another frame does not stay in force. */
	expect_sums(VF1, VF0, 1);
}

/* Refused before it can stop the queue, which works on. */
static void
malformed_requests_are_refused(void **state)
{
	const struct frame_shape shape = { 4, 0, IPPROTO_TCP, 3000, 0 };
	struct rte_eth_stats before, after;
	struct rte_mbuf *m;

	(void)state;
	assert_int_equal(rte_eth_stats_get(rig.port[VF0], &before), 0);
	m = make(&shape, VF0, VF1);
	m->ol_flags = RTE_MBUF_F_TX_TCP_SEG | RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM;
	m->tso_segsz = 0;
	assert_int_equal(rte_eth_tx_prepare(rig.port[VF0], 0, &m, 1), 0);
	assert_int_equal(rte_errno, EINVAL);
	assert_int_equal(rte_eth_tx_burst(rig.port[VF0], 0, &m, 1), 1);
	assert_int_equal(rte_eth_stats_get(rig.port[VF0], &after), 0);
	assert_int_equal(after.oerrors - before.oerrors, 1);
	expect_sums(VF0, VF1, 0);
}

static void
expect_tag(unsigned int to, const struct frame_shape *shape, bool stripped)
{
	struct rte_mbuf *m = receive(to);

	if (stripped) {
		assert_int_equal(m->ol_flags & TAG_FLAGS, TAG_FLAGS);
		assert_int_equal(m->vlan_tci, TCI);
	} else {
		assert_int_equal(m->ol_flags & TAG_FLAGS, 0);
		assert_int_equal(rte_vlan_strip(m), 0);
		assert_int_equal(m->vlan_tci, TCI);
	}
	assert_true(frame_is(m, shape, 0));
	rte_pktmbuf_free(m);
}

static void
send_tagged(unsigned int from, unsigned int to, const struct frame_shape *shape)
{
	struct rte_mbuf *m = make(shape, from, to);

	m->ol_flags = RTE_MBUF_F_TX_VLAN | RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM;
	m->vlan_tci = TCI;
	send_one(from, m);
}

static void
tags_are_put_in_and_taken_off(void **state)
{
	const struct frame_shape shape = { 4, 0, IPPROTO_UDP, 100, 0 };

	(void)state;
	send_tagged(VF0, VF1, &shape);
	expect_tag(VF1, &shape, strips());
	send_tagged(PF, VF1, &shape);
	expect_tag(VF1, &shape, strips());
	send_tagged(VF1, PF, &shape);
	expect_tag(PF, &shape, strips());
	if (!strips())
		return;
	assert_int_equal(rte_eth_dev_set_vlan_offload(rig.port[VF1], RTE_ETH_VLAN_FILTER_OFFLOAD),
			 0);
	send_tagged(VF0, VF1, &shape);
	expect_tag(VF1, &shape, false);
	assert_int_equal(rte_eth_dev_set_vlan_strip_on_queue(rig.port[VF1], 0, 1), 0);
	send_tagged(VF0, VF1, &shape);
	expect_tag(VF1, &shape, true);
}

static void
expect_mode(unsigned int which, const char *rx, const char *tx)
{
	struct rte_eth_burst_mode mode;

	/* The vectors' name follows. */
	assert_int_equal(rte_eth_rx_burst_mode_get(rig.port[which], 0, &mode), 0);
	assert_memory_equal(mode.info, rx, strlen(rx));
	assert_int_equal(rte_eth_tx_burst_mode_get(rig.port[which], 0, &mode), 0);
	assert_memory_equal(mode.info, tx, strlen(tx));
}

static void
bursts_follow_what_is_asked(void **state)
{
	const struct frame_shape shape = { 4, 0, IPPROTO_UDP, 100, 0 };
	uint16_t port = rig.port[VF1];
	struct rte_eth_burst_mode mode;
	struct rte_mbuf *m;

	(void)state;
	expect_mode(VF1, "Full", "Full");
	restart(VF1, SUMS_RX | RTE_ETH_RX_OFFLOAD_SCATTER, RTE_ETH_TX_OFFLOAD_MULTI_SEGS);
	expect_mode(VF1, "Scattered, full", "Plain");
	assert_int_equal(rte_eth_dev_set_ptypes(port, RTE_PTYPE_UNKNOWN, NULL, 0), 0);
	restart(VF1, 0, RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE);
	expect_mode(VF1, "Plain", "Plain");
	expect_verdict(IPPROTO_TCP, 24, 0);
	/* Types asked for while the port runs come with the next frame. */
	assert_int_equal(rte_eth_dev_set_ptypes(port, RTE_PTYPE_L4_MASK, NULL, 0), 0);
	expect_mode(VF1, "Full", "Plain");
	send_one(VF0, make(&shape, VF0, VF1));
	m = receive(VF1);
	assert_int_equal(m->packet_type, RTE_PTYPE_L4_UDP);
	rte_pktmbuf_free(m);
	/* As with --force-max-simd-bitwidth. */
	assert_int_equal(rte_vect_set_max_simd_bitwidth(RTE_VECT_SIMD_128), 0);
	restart(VF1, 0, 0);
	expect_mode(VF1, "Full, SSE", "Plain, SSE");
	assert_int_equal(rte_vect_set_max_simd_bitwidth(RTE_VECT_SIMD_DISABLED), 0);
	restart(VF1, 0, 0);
	assert_int_equal(rte_eth_rx_burst_mode_get(port, 0, &mode), 0);
	assert_string_equal(mode.info, "Full");
	assert_int_equal(rte_eth_tx_burst_mode_get(port, 0, &mode), 0);
	assert_string_equal(mode.info, "Plain");
	assert_int_equal(rte_vect_set_max_simd_bitwidth(RTE_VECT_SIMD_256), 0);
}

static void
setup_deferred(uint16_t port)
{
	const struct rte_eth_rxconf rx = { .rx_deferred_start = 1 };
	const struct rte_eth_txconf tx = { .tx_deferred_start = 1 };
	struct rte_eth_conf conf = { 0 };

	assert_int_equal(rte_eth_dev_stop(port), 0);
	assert_int_equal(rte_eth_dev_configure(port, 1, 1, &conf), 0);
	assert_int_equal(rte_eth_rx_queue_setup(port, 0, NB_DESC, SOCKET_ID_ANY, &rx, rig.pool),
			 0);
	assert_int_equal(rte_eth_tx_queue_setup(port, 0, NB_DESC, SOCKET_ID_ANY, &tx), 0);
	assert_int_equal(rte_eth_dev_start(port), 0);
}

static void
expect_states(uint16_t port, uint8_t expect)
{
	struct rte_eth_rxq_info rx;
	struct rte_eth_txq_info tx;

	assert_int_equal(rte_eth_rx_queue_info_get(port, 0, &rx), 0);
	assert_int_equal(rte_eth_tx_queue_info_get(port, 0, &tx), 0);
	assert_int_equal(rx.queue_state, expect);
	assert_int_equal(tx.queue_state, expect);
}

/* A stopped queue neither takes nor gives, and comes back with an empty ring. */
static void
expect_idle(unsigned int which)
{
	const struct frame_shape shape = { 4, 0, IPPROTO_UDP, 100, 0 };
	struct rte_mbuf *m = make(&shape, which, VF0);
	struct rte_mbuf *burst[BURST];

	assert_int_equal(rte_eth_tx_burst(rig.port[which], 0, &m, 1), 0);
	rte_pktmbuf_free(m);
	assert_int_equal(rte_eth_rx_burst(rig.port[which], 0, burst, BURST), 0);
}

static void
queues_start_one_by_one(void **state)
{
	uint16_t port = rig.port[VF1];

	(void)state;
	setup_deferred(port);
	expect_states(port, RTE_ETH_QUEUE_STATE_STOPPED);
	expect_idle(VF1);
	for (unsigned int i = 0; i < 3; i++) {
		const struct frame_shape shape = { 6, 0, IPPROTO_UDP, 100, 0 };
		struct rte_mbuf *m;

		assert_int_equal(rte_eth_dev_rx_queue_start(port, 0), 0);
		assert_int_equal(rte_eth_dev_tx_queue_start(port, 0), 0);
		expect_states(port, RTE_ETH_QUEUE_STATE_STARTED);
		send_one(VF0, make(&shape, VF0, VF1));
		for (unsigned int k = 0; rte_eth_rx_queue_count(port, 0) == 0; k++) {
			assert_true(k < TRIES);
			rte_delay_us_sleep(WAIT_US);
		}
		assert_int_equal(rte_eth_rx_descriptor_status(port, 0, 0), RTE_ETH_RX_DESC_DONE);
		assert_int_equal(rte_eth_rx_descriptor_status(port, 0, 1), RTE_ETH_RX_DESC_AVAIL);
		rte_pktmbuf_free(receive(VF1));
		send_one(VF1, make(&shape, VF1, VF0));
		m = receive(VF0);
		assert_true(frame_is(m, &shape, 0));
		rte_pktmbuf_free(m);
		assert_int_equal(rte_eth_dev_rx_queue_stop(port, 0), 0);
		assert_int_equal(rte_eth_dev_tx_queue_stop(port, 0), 0);
		expect_states(port, RTE_ETH_QUEUE_STATE_STOPPED);
		expect_idle(VF1);
	}
}

/* On a running port: another ring, with more to do than the port had. */
static void
a_queue_is_set_up_again(void **state)
{
	const struct rte_eth_rxconf rx = { .offloads = RTE_ETH_RX_OFFLOAD_IPV4_CKSUM };
	uint16_t port = rig.port[VF1];
	const struct frame_shape shape = { 4, 0, IPPROTO_UDP, 100, 0 };
	struct rte_eth_rxq_info info;
	struct rte_mbuf *m;

	(void)state;
	assert_int_equal(rte_eth_rx_queue_setup(port, 0, 64, SOCKET_ID_ANY, &rx, rig.pool), 0);
	assert_int_equal(rte_eth_dev_rx_queue_start(port, 0), 0);
	assert_int_equal(rte_eth_rx_queue_info_get(port, 0, &info), 0);
	assert_int_equal(info.nb_desc, 64);
	assert_int_equal(info.conf.offloads, RTE_ETH_RX_OFFLOAD_IPV4_CKSUM);
	send_one(VF0, make(&shape, VF0, VF1));
	m = receive(VF1);
	assert_int_equal(m->ol_flags & SUM_FLAGS, IP_GOOD);
	rte_pktmbuf_free(m);
}

/* Without VFs the whole port is the PF's to set; what it sends comes back from the wire. */
static void
a_pf_alone(void **state)
{
	char spec[128];

	(void)state;
	assert_int_equal(rte_eal_hotplug_remove("vdev", "sluicemodel0"), 0);
	snprintf(spec, sizeof(spec), "family=%s,vfs=0,wire=loop,pf_driver=net_sluice_pf",
		 rig.family);
	assert_int_equal(rte_eal_hotplug_add("vdev", "sluicemodel0", spec), 0);
	assert_int_equal(rte_eth_dev_get_port_by_name(rig_pf_device(), &rig.port[PF]), 0);
	rig.nb_ports = 1;
}

static void
wait_for_link(void)
{
	struct rte_eth_link link = { 0 };

	for (unsigned int i = 0; i < TRIES && !link.link_status; i++) {
		assert_int_equal(rte_eth_link_get_nowait(rig.port[PF], &link), 0);
		rte_delay_us_sleep(WAIT_US);
	}
	assert_true(link.link_status);
}

static void
a_pf_alone_keeps_the_crc(void **state)
{
	const struct frame_shape shape = { 4, 0, IPPROTO_TCP, 400, 0 };
	struct rte_mbuf *m;
	uint32_t crc;

	(void)state;
	restart(PF, RTE_ETH_RX_OFFLOAD_KEEP_CRC | RTE_ETH_RX_OFFLOAD_VLAN_STRIP,
		SUMS_TX | RTE_ETH_TX_OFFLOAD_VLAN_INSERT);
	wait_for_link();
	send_one(PF, make(&shape, PF, PF));
	m = receive(PF);
	assert_true(frame_is(m, &shape, 0));
	memcpy(&crc, rte_pktmbuf_mtod_offset(m, void *, m->pkt_len), sizeof(crc));
	assert_int_equal(rte_le_to_cpu_32(crc),
			 frame_crc(rte_pktmbuf_mtod(m, const uint8_t *), m->pkt_len));
	rte_pktmbuf_free(m);
}

/* On the 1 Gb/s families, to insert is to strip; so software inserts unless both are asked. */
static void
a_pf_alone_has_tags(void **state)
{
	const struct frame_shape shape = { 4, 0, IPPROTO_UDP, 100, 0 };

	(void)state;
	send_tagged(PF, PF, &shape);
	expect_tag(PF, &shape, true);
	restart(PF, 0, SUMS_TX | RTE_ETH_TX_OFFLOAD_VLAN_INSERT);
	wait_for_link();
	send_tagged(PF, PF, &shape);
	expect_tag(PF, &shape, false);
}

int
main(int argc, char *argv[])
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(ports_start),
		cmocka_unit_test(sums_are_made_and_checked),
		cmocka_unit_test(wrong_sums_are_told),
		cmocka_unit_test(udp_without_a_sum_is_unknown),
		cmocka_unit_test(large_frames_are_cut),
		cmocka_unit_test(malformed_requests_are_refused),
		cmocka_unit_test(tags_are_put_in_and_taken_off),
		cmocka_unit_test(bursts_follow_what_is_asked),
		cmocka_unit_test(queues_start_one_by_one),
		cmocka_unit_test(a_queue_is_set_up_again),
		cmocka_unit_test(no_mbuf_is_lost),
		cmocka_unit_test(a_pf_alone),
		cmocka_unit_test(a_pf_alone_keeps_the_crc),
		cmocka_unit_test(a_pf_alone_has_tags),
		cmocka_unit_test(no_mbuf_is_lost),
	};
	int failed;

	rig.nb_mbufs = NB_MBUFS;
	rig.nb_desc = NB_DESC;
	rig_open(argc, argv, "wire=loop", NULL);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rte_eal_cleanup();
	return failed;
}
