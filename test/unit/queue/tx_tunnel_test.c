/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* What a frame in a tunnel asks for, in descriptors (82599 sheet, 4.3, 4.4, 5.1). */
#include "cases.h"

#include <string.h>

#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "queue.h"
#include "ring_rig.h"
#include "tx_asked.h"

#define POOL	    255
#define FRAME_BYTES 180
#define ALL_X550 (ALL | RTE_ETH_TX_OFFLOAD_OUTER_IPV4_CKSUM)

#define OUTER	  (RTE_MBUF_F_TX_OUTER_IPV4 | RTE_MBUF_F_TX_OUTER_IP_CKSUM)
#define OUTER_V6  (RTE_MBUF_F_TX_OUTER_IPV6 | RTE_MBUF_F_TX_OUTER_IP_CKSUM)
#define IN_VXLAN  RTE_MBUF_F_TX_TUNNEL_VXLAN
#define IN_GENEVE RTE_MBUF_F_TX_TUNNEL_GENEVE
#define IN_GRE	  RTE_MBUF_F_TX_TUNNEL_GRE
#define NVGRE_BIT BIT(16)
#define OUTER_BIT BIT(17)

/* Where the headers of a tunnel are said to be. */
struct tunnel_shape {
	uint64_t flags;
	uint16_t outer_l2, outer_l3, l2, l3;
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
tunnel_of(const struct tunnel_shape *tunnel)
{
	const uint16_t bytes = FRAME_BYTES;
	struct rte_mbuf *frame = rig_frame(pool, &bytes, 1);

	memset(rte_pktmbuf_mtod(frame, void *), 0, bytes);
	frame->ol_flags = tunnel->flags;
	frame->vlan_tci = 3;
	frame->l2_len = tunnel->l2;
	frame->l3_len = tunnel->l3;
	frame->l4_len = 8;
	frame->tso_segsz = 100;
	frame->outer_l2_len = tunnel->outer_l2;
	frame->outer_l3_len = tunnel->outer_l3;
	return frame;
}

static unsigned int
check_tunnel(const struct family *family, uint64_t offloads, const char *what,
	     const struct tunnel_shape *tunnel, const uint32_t context[3], uint32_t command,
	     uint32_t status)
{
	struct tx_rig *rig = tx_rig_create_for(family, offloads, 64, 1, 16);
	const struct tx_told *told = &rig->told[0];
	struct rte_mbuf *frame = tunnel_of(tunnel);
	unsigned int failed = 0;

	failed += differs(what, 1, tx_prepare(&rig->q, &frame, 1));
	failed += differs(what, 1, tx_burst_full(&rig->q, &frame, 1));
	tx_rig_send(rig);
	failed += differs(what, 1, rig->nb_frames);
	for (unsigned int k = 0; k < 3; k++)
		failed += differs(what, context[k], told->context[k]);
	failed += differs(what, command,
			  told->command & (VLE | NVGRE_BIT | family->txd_outer_sum | BIT(17)));
	failed += differs(what, status, told->status & (IXSM | TXSM));
	tx_rig_free(rig);
	return failed;
}

/* With the outer header's sum, as the X550 has it. */
static void
test_tunnels(void **state)
{
	static const struct {
		const char *what;
		struct tunnel_shape tunnel;
		uint32_t context[3], command, status;
	} cases[] = {
		{ "VXLAN, all sums", { OUTER | IN_VXLAN | V4 | IP | UDP, 14, 20, 30, 20 },
		  { 14 << 9 | 20, 30u << 24 | 20 << 16, CONTEXT(0, IPV4_BIT) }, OUTER_BIT,
		  IXSM | TXSM },
		{ "VXLAN behind a tag, inner IPv6", { OUTER | IN_VXLAN | V6 | TCP, 18, 24, 34, 40 },
		  { 18 << 9 | 40, 34u << 24 | 24 << 16, CONTEXT(1, 0) }, OUTER_BIT, TXSM },
		{ "kind not told", { OUTER | V4 | IP, 14, 20, 30, 20 },
		  { 14 << 9 | 20, 30u << 24 | 20 << 16, CONTEXT(3, IPV4_BIT) }, OUTER_BIT, IXSM },
		{ "GENEVE with options", { OUTER | IN_GENEVE | V4 | IP | TCP, 14, 60, 66, 20 },
		  { 14 << 9 | 20, 66u << 24 | 60 << 16, CONTEXT(1, IPV4_BIT) }, OUTER_BIT,
		  IXSM | TXSM },
		{ "NVGRE", { OUTER | IN_GRE | V4 | IP | SCTP, 14, 20, 22, 20 },
		  { 14 << 9 | 20, 22u << 24 | 20 << 16, CONTEXT(2, IPV4_BIT) },
		  OUTER_BIT | NVGRE_BIT, IXSM | TXSM },
		{ "with a tag to insert", { OUTER | IN_VXLAN | V4 | IP | VLAN, 14, 20, 30, 20 },
		  { 3 << 16 | 14 << 9 | 20, 30u << 24 | 20 << 16, CONTEXT(3, IPV4_BIT) },
		  OUTER_BIT | VLE, IXSM },
		/* Then the outer header is a header as any other. */
		{ "outer sum alone", { OUTER, 14, 24, 0, 0 },
		  { 14 << 9 | 24, 0, CONTEXT(3, IPV4_BIT) }, 0, IXSM },
	};
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++) {
		uint32_t em_a = cases[i].command;

		failed += check_tunnel(&family_x550_pf, ALL_X550, cases[i].what, &cases[i].tunnel,
				       cases[i].context, cases[i].command, cases[i].status);
		if ((em_a & OUTER_BIT) != 0)
			em_a = (em_a & ~OUTER_BIT) | BIT(26);
		failed += check_tunnel(&family_x550em_a_vf, ALL_X550, cases[i].what,
				       &cases[i].tunnel, cases[i].context, em_a, cases[i].status);
	}
	assert_int_equal(failed, 0);
	assert_int_equal(rte_mempool_avail_count(pool), POOL);
}

/* Inner sums alone need no more than the right offsets. */
static void
test_inner_sums(void **state)
{
	static const struct {
		const char *what;
		struct tunnel_shape tunnel;
		uint32_t context[3], status;
	} cases[] = {
		{ "VXLAN", { RTE_MBUF_F_TX_OUTER_IPV4 | IN_VXLAN | V4 | IP | UDP, 14, 20, 30, 20 },
		  { 64 << 9 | 20, 0, CONTEXT(0, IPV4_BIT) }, IXSM | TXSM },
		{ "over IPv6", { RTE_MBUF_F_TX_OUTER_IPV6 | IN_VXLAN | V4 | TCP, 14, 40, 30, 20 },
		  { 84 << 9 | 20, 0, CONTEXT(1, IPV4_BIT) }, TXSM },
		{ "IPv6 in IPv4", { RTE_MBUF_F_TX_OUTER_IPV4 | RTE_MBUF_F_TX_TUNNEL_IPIP | V6 | UDP,
				    14, 20, 0, 40 },
		  { 34 << 9 | 40, 0, CONTEXT(0, 0) }, TXSM },
		{ "all in l2_len", { RTE_MBUF_F_TX_OUTER_IPV4 | IN_VXLAN | V4 | IP, 0, 0, 64, 20 },
		  { 64 << 9 | 20, 0, CONTEXT(3, IPV4_BIT) }, IXSM },
	};
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++) {
		failed += check_tunnel(&family_82576_vf, ALL, cases[i].what, &cases[i].tunnel,
				       cases[i].context, 0, cases[i].status);
		failed += check_tunnel(&family_x550_vf, ALL_X550, cases[i].what, &cases[i].tunnel,
				       cases[i].context, 0, cases[i].status);
	}
	assert_int_equal(failed, 0);
	assert_int_equal(rte_mempool_avail_count(pool), POOL);
}

static void
test_malformed_tunnels(void **state)
{
	static const struct {
		const char *what;
		struct tunnel_shape tunnel;
	} cases[] = {
		{ "outer IPv6", { OUTER_V6 | IN_VXLAN | V4 | IP, 14, 40, 30, 20 } },
		{ "no outer version", { RTE_MBUF_F_TX_OUTER_IP_CKSUM | V4 | IP, 14, 20, 30, 20 } },
		{ "no outer L2", { OUTER | IN_VXLAN | V4 | IP, 0, 20, 30, 20 } },
		{ "outer IPv4 too short", { OUTER | IN_VXLAN | V4 | IP, 14, 16, 30, 20 } },
		{ "outer IPv4 too long", { OUTER | IN_VXLAN | V4 | IP, 14, 64, 30, 20 } },
		{ "outer IPv4 beyond the end", { OUTER, 127, 60, 0, 0 } },
		{ "VXLAN without Ethernet", { OUTER | IN_VXLAN | V4 | IP, 14, 20, 16, 20 } },
		{ "GRE without Ethernet", { OUTER | IN_GRE | V4 | IP, 14, 20, 8, 20 } },
		{ "a tunnel not known", { OUTER | RTE_MBUF_F_TX_TUNNEL_GTP | V4 | IP,
					  14, 20, 30, 20 } },
		{ "inner IPv4 too short", { OUTER | IN_VXLAN | V4 | IP, 14, 20, 30, 16 } },
		{ "inner L4 beyond the end", { OUTER | IN_VXLAN | V4 | UDP, 127, 20, 60, 20 } },
		{ "TSO", { OUTER | IN_VXLAN | V4 | IP | TSO, 14, 20, 30, 20 } },
		{ "TSO, kind not told", { RTE_MBUF_F_TX_OUTER_IPV4 | V4 | IP | TSO,
					  14, 20, 30, 20 } },
		{ "inner sums too far", { RTE_MBUF_F_TX_OUTER_IPV4 | V4 | IP, 14, 60, 54, 20 } },
	};
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++) {
		struct tx_rig *rig = tx_rig_create_for(&family_x550_vf, ALL_X550, 64, 1, 16);
		struct rte_mbuf *frame = tunnel_of(&cases[i].tunnel);
		uint32_t before = rig->nb_contexts;

		rte_errno = 0;
		failed += differs(cases[i].what, 0, tx_prepare(&rig->q, &frame, 1));
		failed += differs(cases[i].what, EINVAL, rte_errno);
		failed += differs(cases[i].what, 1, tx_burst_full(&rig->q, &frame, 1));
		tx_rig_send(rig);
		failed += differs(cases[i].what, 0, rig->nb_frames);
		/* The default one is always there. */
		failed += differs(cases[i].what, before + 1, rig->nb_contexts);
		tx_rig_free(rig);
	}
	assert_int_equal(failed, 0);
	assert_int_equal(rte_mempool_avail_count(pool), POOL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tunnels),
		cmocka_unit_test(test_inner_sums),
		cmocka_unit_test(test_malformed_tunnels),
	};

	return cmocka_run_group_tests(tests, init, NULL);
}
