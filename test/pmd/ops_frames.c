/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Frame sizes of a PF and its VFs, changed while all of them run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "accesses.h"
#include "ops.h"
#include "rte_pmd_sluice.h"

#define ETYPE	   0x88b5
#define JUMBO_MTU  9000
#define JUMBO	   5000		/* a frame that only a jumbo port takes */
#define OVERHEAD   (RTE_ETHER_HDR_LEN + RTE_VLAN_HLEN + RTE_ETHER_CRC_LEN)

static int
set_mtu(unsigned int which, uint16_t mtu)
{
	return rte_eth_dev_set_mtu(rig.port[which], mtu);
}

/* What the port as a whole lets in, where that is one size. */
static void
expect_limit(uint16_t mtu)
{
	if (rig.family->max_frame != 0)
		assert_int_equal(*ops_register(PF, rig.family->max_frame) >> 16, mtu + OVERHEAD);
}

static bool
passes(unsigned int from, unsigned int to, uint32_t bytes)
{
	struct rte_ether_addr mac;
	struct rte_mbuf *m;

	ops_drain(to);
	assert_int_equal(rte_eth_macaddr_get(rig.port[to], &mac), 0);
	ops_send(from, ops_frame(&mac, ETYPE, bytes));
	m = ops_receive(to, false);
	if (m == NULL)
		return false;
	assert_int_equal(m->pkt_len, bytes);
	rte_pktmbuf_free(m);
	return true;
}

/* The port lets in what the largest of them wants, and takes it from nobody who has it. */
void
mtu_changes_while_vfs_run(void **state)
{
	(void)state;
	expect_limit(RTE_ETHER_MTU);
	assert_true(set_mtu(VF0, JUMBO_MTU) == 0 || rig.family->shares_frame);
	assert_int_equal(set_mtu(VF0, RTE_ETHER_MTU), 0);
	expect_limit(RTE_ETHER_MTU);
	assert_int_equal(set_mtu(PF, JUMBO_MTU), 0);
	expect_limit(JUMBO_MTU);
	assert_true(passes(PF, VF0, 1000) && passes(PF, VF1, 1000) && passes(VF0, PF, JUMBO));
	assert_int_equal(set_mtu(VF0, JUMBO_MTU), 0);
	assert_true(passes(PF, VF0, JUMBO) && passes(VF1, VF0, JUMBO));
	assert_int_equal(set_mtu(PF, RTE_ETHER_MTU), 0);
	expect_limit(JUMBO_MTU);
	assert_true(passes(PF, VF0, JUMBO) && passes(VF0, VF1, 1000));
	assert_int_equal(set_mtu(VF0, RTE_ETHER_MTU), 0);
	expect_limit(RTE_ETHER_MTU);
	/* And by a start. */
	ops_start(PF, JUMBO_MTU);
	expect_limit(JUMBO_MTU);
	assert_true(passes(VF0, PF, JUMBO) && passes(PF, VF1, 1000));
	ops_start(PF, RTE_ETHER_MTU);
	expect_limit(RTE_ETHER_MTU);
}

/* Of which mailbox version 1.0 is all it speaks: nothing says that it could take more. */
void
a_vf_of_old_gets_no_jumbo_frames(void **state)
{
	const uint32_t accept = RTE_PMD_SLUICE_ACCEPT_UNTAGGED | RTE_PMD_SLUICE_ACCEPT_BROADCAST;

	(void)state;
	assert_int_equal(rte_pmd_sluice_pool_set_accept(rig.port[PF], 1, accept), 0);
	assert_true(passes(PF, VF1, 1000));
	assert_int_equal(set_mtu(PF, JUMBO_MTU), 0);
	assert_int_equal(passes(PF, VF1, 1000), !rig.family->shares_frame);
	assert_true(passes(PF, VF0, 1000) && passes(VF1, VF0, 1000));
	/* As long as anybody's may be jumbo. */
	assert_int_equal(set_mtu(VF0, JUMBO_MTU), 0);
	assert_int_equal(set_mtu(PF, RTE_ETHER_MTU), 0);
	assert_int_equal(passes(PF, VF1, 1000), !rig.family->shares_frame);
	assert_int_equal(set_mtu(VF0, RTE_ETHER_MTU), 0);
	assert_true(passes(PF, VF1, 1000));
	/* Its own limit will do as well. */
	assert_int_equal(set_mtu(PF, JUMBO_MTU), 0);
	assert_int_equal(rte_pmd_sluice_pool_set_max_frame(rig.port[PF], 1, JUMBO_MTU + OVERHEAD),
			 0);
	assert_true(passes(PF, VF1, 1000));
	assert_int_equal(set_mtu(PF, RTE_ETHER_MTU), 0);
	ops_start(VF1, RTE_ETHER_MTU);
	expect_limit(RTE_ETHER_MTU);
}

/* Who looks at all VFs all the time is to cost nothing: no register is read for it. */
void
a_vfs_counts_as_last_read_are_free(void **state)
{
	struct rte_pmd_sluice_pool_stats before, last, fresh;
	struct access first;

	(void)state;
	assert_int_equal(accesses_watch(), 0);
	assert_int_equal(rte_pmd_sluice_pool_stats(rig.port[PF], 0, &before), 0);
	assert_true(passes(VF0, PF, 1000));
	accesses_start();
	assert_int_equal(rte_pmd_sluice_pool_stats_last(rig.port[PF], 0, &last), 0);
	assert_int_equal(accesses_stop(&first), 0);
	assert_true(last.tx_packets >= before.tx_packets &&
		    last.tx_packets <= before.tx_packets + 1);
	accesses_start();
	assert_int_equal(rte_pmd_sluice_pool_stats(rig.port[PF], 0, &fresh), 0);
	assert_true(accesses_stop(&first) > 0);
	assert_int_equal(fresh.tx_packets, before.tx_packets + 1);
	assert_int_equal(rte_pmd_sluice_pool_stats_last(rig.port[PF], 0, &last), 0);
	assert_memory_equal(&last, &fresh, sizeof(last));
	assert_int_equal(rte_pmd_sluice_pool_stats_last(rig.port[PF], 64, &last), -EINVAL);
	assert_int_equal(rte_pmd_sluice_pool_stats_last(rig.port[VF0], 0, &last), -ENODEV);
}
