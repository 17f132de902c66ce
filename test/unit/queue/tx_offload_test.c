/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* What a frame asks for, in descriptors (82576 sheet 4.3, 4.4; 82599 sheet 4.3 to 4.5). */
#include "cases.h"

#include <stdlib.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_ip.h>
#include <rte_mbuf.h>
#include <rte_sctp.h>
#include <rte_tcp.h>

#include "queue.h"
#include "ring_rig.h"
#include "tx_asked.h"

#define POOL 1023

#define TSE  0x80000000u

struct shape {
	uint64_t flags;
	uint16_t l2, l3, l4, segment, tci;
	uint32_t bytes;
};

static struct rte_mempool *pool;

static int
init(void **state)
{
	if (rig_init(state) < 0)
		return -1;
	pool = rig_pool(POOL);
	return 0;
}

static struct rte_mbuf *
frame_of(const struct shape *shape)
{
	uint16_t lengths[8], nb = 0;
	struct rte_mbuf *frame;

	for (uint32_t left = shape->bytes; left > 0; nb++) {
		lengths[nb] = RTE_MIN(left, 1800u);
		left -= lengths[nb];
	}
	frame = rig_frame(pool, lengths, nb);
	memset(rte_pktmbuf_mtod(frame, void *), 0, frame->data_len);
	frame->ol_flags = shape->flags;
	frame->l2_len = shape->l2;
	frame->l3_len = shape->l3;
	frame->l4_len = shape->l4;
	frame->tso_segsz = shape->segment;
	frame->vlan_tci = shape->tci;
	return frame;
}

static void
end(struct tx_rig *rig)
{
	tx_rig_free(rig);
	assert_int_equal(rte_mempool_avail_count(pool), POOL);
}

static const struct {
	const char *what;
	struct shape shape;
	uint32_t context[4];	/* all 0: none */
	uint32_t command, status;	/* the flags there */
} words[] = {
	{ "nothing asked", { V4, 14, 20, 0, 0, 7, 60 }, { 0 }, 0, 0 },
	{ "IPv4", { V4 | IP, 14, 20, 0, 0, 7, 60 },
	  { 14 << 9 | 20, 0, CONTEXT(3, IPV4_BIT), 0 }, 0, IXSM },
	{ "IPv4 flag implied", { IP, 14, 24, 0, 0, 0, 60 },
	  { 14 << 9 | 24, 0, CONTEXT(3, IPV4_BIT), 0 }, 0, IXSM },
	{ "TCP over IPv4", { V4 | TCP, 14, 20, 20, 0, 0, 60 },
	  { 14 << 9 | 20, 0, CONTEXT(1, IPV4_BIT), 0 }, 0, TXSM },
	{ "UDP over IPv4, both sums", { V4 | IP | UDP, 18, 60, 0, 0, 0, 100 },
	  { 18 << 9 | 60, 0, CONTEXT(0, IPV4_BIT), 0 }, 0, IXSM | TXSM },
	{ "SCTP over IPv4", { V4 | IP | SCTP, 14, 20, 0, 0, 0, 60 },
	  { 14 << 9 | 20, 0, CONTEXT(2, IPV4_BIT), 0 }, 0, IXSM | TXSM },
	{ "TCP over IPv6", { V6 | TCP, 14, 40, 20, 0, 0, 80 },
	  { 14 << 9 | 40, 0, CONTEXT(1, 0), 0 }, 0, TXSM },
	{ "UDP over IPv6 with extensions", { V6 | UDP, 14, 64, 0, 0, 0, 100 },
	  { 14 << 9 | 64, 0, CONTEXT(0, 0), 0 }, 0, TXSM },
	{ "SCTP over IPv6", { V6 | SCTP, 22, 40, 0, 0, 0, 100 },
	  { 22 << 9 | 40, 0, CONTEXT(2, 0), 0 }, 0, TXSM },
	{ "tag", { VLAN, 0, 0, 0, 0, 0xe123, 60 },
	  { 0xe123u << 16 | 14 << 9, 0, CONTEXT(3, 0), 0 }, VLE, 0 },
	{ "tag and sums", { VLAN | V4 | IP | UDP, 14, 20, 8, 0, 5, 60 },
	  { 5 << 16 | 14 << 9 | 20, 0, CONTEXT(0, IPV4_BIT), 0 }, VLE, IXSM | TXSM },
	{ "TSO over IPv4", { V4 | IP | TSO, 14, 20, 32, 1000, 0, 5000 },
	  { 14 << 9 | 20, 0, CONTEXT(1, IPV4_BIT), 1000 << 16 | 32 << 8 }, TSE, IXSM | TXSM },
	{ "TSO over IPv6", { V6 | TSO | TCP, 14, 40, 20, 1400, 0, 9000 },
	  { 14 << 9 | 40, 0, CONTEXT(1, 0), 1400 << 16 | 20 << 8 }, TSE, TXSM },
	{ "TSO with a tag", { VLAN | V4 | IP | TSO, 14, 20, 20, 64, 9, 200 },
	  { 9 << 16 | 14 << 9 | 20, 0, CONTEXT(1, IPV4_BIT), 64 << 16 | 20 << 8 },
	  VLE | TSE, IXSM | TXSM },
};

static unsigned int
check_words(const struct family *family, size_t i)
{
	struct tx_rig *rig = tx_rig_create_for(family, ALL, 64, 1, 16);
	struct rte_mbuf *frame = frame_of(&words[i].shape);
	bool has_default = family->txd_default_context[2] != 0;
	const struct tx_told *told = &rig->told[0];
	unsigned int failed = 0;
	uint32_t index;

	failed += differs(words[i].what, 1, tx_prepare(&rig->q, &frame, 1));
	failed += differs(words[i].what, 1, tx_burst_full(&rig->q, &frame, 1));
	tx_rig_send(rig);
	failed += differs(words[i].what, 1, rig->nb_frames);
	failed += differs(words[i].what, words[i].command, told->command & (VLE | TSE));
	failed += differs(words[i].what, words[i].status, told->status & (IXSM | TXSM));
	index = told->status >> 4 & 7;
	if (words[i].context[2] == 0) {
		failed += differs(words[i].what, has_default, rig->nb_contexts);
		failed += differs(words[i].what, 0, index);
	} else {
		failed += differs(words[i].what, 1 + has_default, rig->nb_contexts);
		/* Index 0 is the default context's. */
		failed += differs(words[i].what, has_default, has_default && index == 1);
		for (unsigned int k = 0; k < 3; k++)
			failed += differs(words[i].what, words[i].context[k], told->context[k]);
		failed += differs(words[i].what, words[i].context[3] | index << 4,
				  told->context[3]);
	}
	tx_rig_free(rig);
	return failed;
}

static void
test_words(void **state)
{
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(words); i++) {
		failed += check_words(&family_82576_vf, i);
		failed += check_words(&family_82599_pf, i);
	}
	assert_int_equal(failed, 0);
	assert_int_equal(rte_mempool_avail_count(pool), POOL);
}

/* What would stop an 82576 VF's queue for good: not prepared, and not sent either. */
static void
test_malformed(void **state)
{
	static const struct {
		const char *what;
		struct shape shape;
	} cases[] = {
		{ "no L2 length", { V4 | IP, 0, 20, 0, 0, 0, 60 } },
		{ "L2 too short", { V4 | IP, 13, 20, 0, 0, 0, 60 } },
		{ "no L3 length", { V4 | IP, 14, 0, 0, 0, 0, 60 } },
		{ "IPv4 header too short", { V4 | IP, 14, 16, 0, 0, 0, 60 } },
		{ "IPv4 header no multiple of 4", { V4 | IP, 14, 22, 0, 0, 0, 60 } },
		{ "IPv4 header too long", { V4 | IP, 14, 64, 0, 0, 0, 100 } },
		{ "IPv6 header too short", { V6 | UDP, 14, 20, 0, 0, 0, 60 } },
		{ "IPv4 checksum of IPv6", { V6 | IP | UDP, 14, 40, 0, 0, 0, 80 } },
		{ "no IP version", { UDP, 14, 20, 0, 0, 0, 60 } },
		{ "IP header beyond the end", { V4 | IP, 14, 60, 0, 0, 0, 60 } },
		{ "TCP header beyond the end", { V4 | TCP, 14, 28, 20, 0, 0, 60 } },
		{ "UDP header beyond the end", { V6 | UDP, 14, 40, 8, 0, 0, 60 } },
		{ "SCTP header beyond the end", { V4 | SCTP, 18, 32, 0, 0, 0, 60 } },
		{ "TSO of UDP", { V4 | IP | TSO | UDP, 14, 20, 20, 1000, 0, 5000 } },
		{ "TSO without IPv4 checksum", { V4 | TSO, 14, 20, 20, 1000, 0, 5000 } },
		{ "TSO without IP version", { TSO, 14, 20, 20, 1000, 0, 5000 } },
		{ "TSO without L4 length", { V4 | IP | TSO, 14, 20, 0, 1000, 0, 5000 } },
		{ "TSO, short L4 length", { V4 | IP | TSO, 14, 20, 16, 1000, 0, 5000 } },
		{ "TSO, long L4 length", { V4 | IP | TSO, 14, 20, 64, 1000, 0, 5000 } },
		{ "TSO, odd L4 length", { V4 | IP | TSO, 14, 20, 21, 1000, 0, 5000 } },
		{ "TSO, segments of 0", { V4 | IP | TSO, 14, 20, 20, 0, 0, 5000 } },
		{ "TSO, small segments", { V4 | IP | TSO, 14, 20, 20, 63, 0, 5000 } },
		{ "TSO, large segments", { V4 | IP | TSO, 14, 20, 20, 9217, 0, 10000 } },
		{ "TSO without payload", { V4 | IP | TSO, 14, 20, 20, 1000, 0, 54 } },
		{ "TSO, headers beyond 512", { V6 | TSO, 100, 400, 20, 1000, 0, 5000 } },
		{ "TSO of a tunnel", { V4 | IP | TSO | RTE_MBUF_F_TX_TUNNEL_VXLAN, 14, 20, 20,
				       1000, 0, 5000 } },
		{ "too long with its tag", { VLAN, 14, 0, 0, 0, 1, 9721 } },
	};
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++) {
		struct tx_rig *rig = tx_rig_create_for(&family_82576_vf, ALL, 64, 1, 16);
		struct rte_mbuf *frame = frame_of(&cases[i].shape);

		rte_errno = 0;
		failed += differs(cases[i].what, 0, tx_prepare(&rig->q, &frame, 1));
		failed += differs(cases[i].what, 1, rte_errno == EINVAL || rte_errno == ENOTSUP);
		failed += differs(cases[i].what, 1, tx_burst_full(&rig->q, &frame, 1));
		tx_rig_send(rig);
		failed += differs(cases[i].what, 0, rig->nb_frames + rig->nb_contexts);
		failed += differs(cases[i].what, 1, rig->q.count.errors);
		tx_rig_free(rig);
	}
	assert_int_equal(failed, 0);
	assert_int_equal(rte_mempool_avail_count(pool), POOL);
}

/* The mbufs themselves are not what they say. */
static void
test_false_lengths(void **state)
{
	const struct shape tso = { V4 | IP | TSO, 14, 20, 20, 1000, 0, 5000 };
	struct tx_rig *rig = tx_rig_create_for(&family_82576_vf, ALL, 64, 1, 16);
	struct rte_mbuf *pkts[4];

	(void)state;
	for (unsigned int i = 0; i < RTE_DIM(pkts); i++)
		pkts[i] = frame_of(&tso);
	pkts[0]->pkt_len += 1;		/* more than is there */
	pkts[1]->pkt_len = 4000;	/* less */
	pkts[2]->nb_segs--;		/* a segment that is not counted */
	pkts[3]->data_len = 53;		/* headers end in the second segment */
	pkts[3]->pkt_len -= 1800 - 53;
	assert_int_equal(tx_burst_full(&rig->q, pkts, 4), 4);
	tx_rig_send(rig);
	assert_int_equal(rig->nb_frames + rig->nb_contexts, 0);
	assert_int_equal(rig->q.count.errors, 4);
	end(rig);
}

/* Not enabled on this queue: said so, and not half done. */
static void
test_not_enabled(void **state)
{
	static const struct {
		const char *what;
		uint64_t offloads, flags;
		int error;	/* 0: it is */
	} cases[] = {
		{ "IPv4", RTE_ETH_TX_OFFLOAD_VLAN_INSERT, V4 | IP, ENOTSUP },
		{ "UDP", RTE_ETH_TX_OFFLOAD_IPV4_CKSUM, V4 | UDP, ENOTSUP },
		{ "tag", RTE_ETH_TX_OFFLOAD_IPV4_CKSUM, VLAN, ENOTSUP },
		{ "TSO", RTE_ETH_TX_OFFLOAD_TCP_CKSUM, V4 | IP | TSO, ENOTSUP },
		{ "two tags", ALL, RTE_MBUF_F_TX_QINQ, ENOTSUP },
		{ "outer checksum", ALL, RTE_MBUF_F_TX_OUTER_IP_CKSUM, ENOTSUP },
		{ "outer UDP checksum", ALL, RTE_MBUF_F_TX_OUTER_UDP_CKSUM, ENOTSUP },
		{ "a tunnel, no request", 0, V4 | RTE_MBUF_F_TX_TUNNEL_VXLAN, 0 },
		{ "timestamp", ALL, RTE_MBUF_F_TX_IEEE1588_TMST, ENOTSUP },
		{ "IPv4, enabled", RTE_ETH_TX_OFFLOAD_IPV4_CKSUM, V4 | IP, 0 },
		{ "tag, enabled", RTE_ETH_TX_OFFLOAD_VLAN_INSERT, VLAN, 0 },
		{ "no request", 0, V4, 0 },
	};
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++) {
		const struct shape shape = { cases[i].flags, 14, 20, 20, 1000, 1, 100 };
		struct tx_rig *rig = tx_rig_create_for(&family_82599_vf, cases[i].offloads,
						       64, 1, 16);
		struct rte_mbuf *frame = frame_of(&shape);

		rte_errno = 0;
		failed += differs(cases[i].what, cases[i].error == 0,
				  tx_prepare(&rig->q, &frame, 1));
		failed += differs(cases[i].what, cases[i].error, rte_errno);
		rte_pktmbuf_free(frame);
		tx_rig_free(rig);
	}
	assert_int_equal(failed, 0);
}

static void
send_each(struct tx_rig *rig, const struct shape *shape, const char *order)
{
	for (; *order != '\0'; order++) {
		struct rte_mbuf *frame = frame_of(&shape[*order - 'a']);

		assert_int_equal(tx_burst_full(&rig->q, &frame, 1), 1);
		tx_rig_send(rig);
	}
}

/* A context is sent only when the device has none like it; two fit, or one beside the default. */
static void
test_context_cache(void **state)
{
	static const struct shape shapes[] = {
		{ V4 | IP | UDP, 14, 20, 8, 0, 0, 60 },
		{ V4 | IP | TCP, 14, 20, 20, 0, 0, 60 },
		{ V6 | TCP, 14, 40, 20, 0, 0, 80 },
		{ V4, 14, 20, 0, 0, 0, 60 },
	};
	static const struct {
		const char *order;
		uint32_t contexts_82576, contexts_82599;
	} cases[] = {
		{ "aaaa", 1, 1 },
		{ "abababab", 2, 8 },
		{ "adadad", 1, 1 },
		{ "abcabc", 6, 6 },
		{ "abac", 3, 4 },
		{ "abacab", 4, 6 },	/* c took b's place, which was used before a */
	};
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++) {
		struct tx_rig *gbe = tx_rig_create_for(&family_82576_pf, ALL, 64, 1, 16);
		struct tx_rig *xgbe = tx_rig_create_for(&family_82599_vf, ALL, 64, 1, 16);

		send_each(gbe, shapes, cases[i].order);
		send_each(xgbe, shapes, cases[i].order);
		failed += differs(cases[i].order, cases[i].contexts_82576, gbe->nb_contexts);
		failed += differs(cases[i].order, cases[i].contexts_82599, xgbe->nb_contexts - 1);
		tx_rig_free(gbe);
		tx_rig_free(xgbe);
	}
	assert_int_equal(failed, 0);
	assert_int_equal(rte_mempool_avail_count(pool), POOL);
}

/* Frames that each bring a context, through small rings, never wedge nor outrun the marks. */
static void
check_never_wedges(const struct family *family, uint16_t size, uint16_t rs_thresh)
{
	struct tx_rig *rig = tx_rig_create_for(family, ALL, size, rs_thresh, 32);

	srand(size);
	for (unsigned int sent = 0; sent < 3000; sent++) {
		struct shape shape = { V4 | IP | UDP, 14, 20 + 4 * (rand() % 8), 8, 0, 0, 200 };
		uint16_t lengths[RIG_TOLD_MAX], nb = 1 + rand() % rig->q.max_segments;
		struct rte_mbuf *frame;
		unsigned int tries = 0;

		for (uint16_t i = 0; i < nb; i++)
			lengths[i] = 100;
		frame = rig_frame(pool, lengths, nb);
		frame->ol_flags = shape.flags;
		frame->l2_len = shape.l2;
		frame->l3_len = shape.l3;
		while (tx_burst_full(&rig->q, &frame, 1) == 0) {
			tx_rig_send(rig);
			assert_true(tries++ < 2);
		}
		if (rand() % 3 == 0)
			tx_rig_send(rig);
	}
	tx_rig_send(rig);
	assert_int_equal(rig->nb_frames, 3000);
	assert_int_equal(rig->q.count.errors, 0);
	if (family->max_rs_thresh != 0)
		assert_true(rig->since_mark_max >= 1 && rig->since_mark_max <= 40);
	end(rig);
}

static void
test_never_wedges(void **state)
{
	(void)state;
	check_never_wedges(&family_82576_vf, 32, 32);
	check_never_wedges(&family_82576_vf, 512, 32);
	check_never_wedges(&family_82599_vf, 32, 32);
	check_never_wedges(&family_82599_vf, 64, 1);
	check_never_wedges(&family_82599_vf, 512, 32);
}

/* Pseudo-header sums where the device expects them; SCTP's field empty. */
static void
test_prepare_writes_sums(void **state)
{
	const struct shape shape = { V4 | IP | TCP, 14, 20, 20, 0, 0, 100 };
	const struct shape crc = { V4 | SCTP, 14, 20, 12, 0, 0, 100 };
	struct tx_rig *rig = tx_rig_create_for(&family_82576_vf, ALL, 64, 1, 16);
	struct rte_mbuf *pkts[] = { frame_of(&shape), frame_of(&crc) };
	struct rte_ipv4_hdr *ip = rte_pktmbuf_mtod_offset(pkts[0], struct rte_ipv4_hdr *, 14);
	struct rte_tcp_hdr *tcp = (struct rte_tcp_hdr *)(ip + 1);
	struct rte_sctp_hdr *sctp = rte_pktmbuf_mtod_offset(pkts[1], struct rte_sctp_hdr *, 34);

	(void)state;
	ip->version_ihl = 0x45;
	ip->total_length = rte_cpu_to_be_16(86);
	ip->next_proto_id = 6;
	ip->src_addr = rte_cpu_to_be_32(0x0a000001);
	ip->dst_addr = rte_cpu_to_be_32(0x0a000002);
	ip->hdr_checksum = 0xffff;
	sctp->cksum = 0xffffffff;
	assert_int_equal(tx_prepare(&rig->q, pkts, 2), 2);
	assert_int_equal(ip->hdr_checksum, 0);
	/* 0a00 + 0001 + 0a00 + 0002 + 6 + 66 */
	assert_int_equal(rte_be_to_cpu_16(tcp->cksum), 0x144b);
	assert_int_equal(sctp->cksum, 0);
	rte_pktmbuf_free_bulk(pkts, 2);
	end(rig);
}

/* The device would not insert it now: so it is in the frame, with the sums where they then are. */
static void
test_tag_by_software(void **state)
{
	const struct shape shapes[] = {
		{ VLAN | V4 | IP, 14, 20, 0, 0, 0x123, 60 }, { VLAN, 0, 0, 0, 0, 0x456, 60 },
	};
	struct tx_rig *rig = tx_rig_create_for(&family_82576_pf, ALL, 64, 32, 16);
	struct rte_mbuf *pkts[] = { frame_of(&shapes[0]), frame_of(&shapes[1]) };
	const uint8_t *data[2];

	(void)state;
	rig->q.insert_by_software = true;
	assert_int_equal(tx_burst_full(&rig->q, pkts, 2), 2);
	for (unsigned int i = 0; i < 2; i++) {
		data[i] = rte_pktmbuf_mtod(pkts[i], const uint8_t *);
		assert_int_equal(pkts[i]->pkt_len, 64);
		assert_int_equal(data[i][12] << 8 | data[i][13], 0x8100);
		assert_int_equal(data[i][14] << 8 | data[i][15], shapes[i].tci);
	}
	tx_rig_send(rig);
	assert_int_equal(rig->told[0].context[0], 18 << 9 | 20);
	assert_int_equal(rig->told[0].command & VLE, 0);
	assert_int_equal(rig->nb_contexts, 1);
	end(rig);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_false_lengths),
		cmocka_unit_test(test_not_enabled),
		cmocka_unit_test(test_context_cache),
		cmocka_unit_test(test_never_wedges),
		cmocka_unit_test(test_prepare_writes_sums),
		cmocka_unit_test(test_tag_by_software),
	};

	return cmocka_run_group_tests(tests, init, NULL);
}
