/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* What an application may ask of a Tx ring, and how frames come back from it. */
#include "cases.h"

#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "queue.h"
#include "ring_rig.h"

#define POOL  1023
#define BURST 40

static struct rte_mempool *pool;

static int
init(void **state)
{
	if (rig_init(state) < 0)
		return -1;
	pool = rig_pool(POOL);
	return 0;
}

static void
put(struct tx_rig *rig, unsigned int nb, uint16_t segments)
{
	const uint16_t lengths[] = { 60, 60, 60, 60 };

	for (unsigned int i = 0; i < nb; i++) {
		struct rte_mbuf *frame = rig_frame(pool, lengths, segments);

		assert_int_equal(tx_burst(&rig->q, &frame, 1), 1);
	}
}

static void
end(struct tx_rig *rig)
{
	tx_rig_free(rig);
	assert_int_equal(rte_mempool_avail_count(pool), POOL);
}

static void
test_done_cleanup(void **state)
{
	struct tx_rig *rig = tx_rig_create(64, 8, 4);

	(void)state;
	put(rig, 20, 2);	/* 40 descriptors, a mark at every 8th */
	assert_int_equal(txq_done_cleanup(&rig->q, 0), 0);
	tx_rig_send(rig);
	assert_int_equal(txq_done_cleanup(&rig->q, 3), 3);
	assert_int_equal(rig->q.nb_free, 63 - 40 + 6);
	assert_int_equal(txq_done_cleanup(&rig->q, 6), 6);
	assert_int_equal(txq_done_cleanup(&rig->q, 0), 11);
	assert_int_equal(txq_done_cleanup(&rig->q, 0), 0);
	assert_int_equal(rig->q.nb_free, 63);
	assert_int_equal(rte_mempool_avail_count(pool), POOL);
	end(rig);
}

/* A partial clean-up must not lose the mark that brings the rest back. */
static void
test_partial_cleanup_never_wedges(void **state)
{
	struct tx_rig *rig = tx_rig_create(32, 8, 4);

	(void)state;
	for (unsigned int i = 0; i < 200; i++) {
		put(rig, 8, 1);
		tx_rig_send(rig);
		assert_int_equal(txq_done_cleanup(&rig->q, 1 + i % 7), 1 + i % 7);
	}
	end(rig);
}

static void
test_descriptor_status(void **state)
{
	struct tx_rig *rig = tx_rig_create(64, 8, 4);
	const uint16_t idle = 64 - 20;

	(void)state;
	put(rig, 20, 1);	/* marks at 7 and 15; 16 to 19 wait for one */
	for (uint16_t i = 0; i < 64; i++)
		assert_int_equal(txq_descriptor_status(&rig->q, i),
				 i < idle ? RTE_ETH_TX_DESC_DONE : RTE_ETH_TX_DESC_FULL);
	rig->ring[7].write_back.status |= TXD_DD;
	for (uint16_t i = 0; i < 64; i++)
		assert_int_equal(txq_descriptor_status(&rig->q, i),
				 i < idle + 8 ? RTE_ETH_TX_DESC_DONE : RTE_ETH_TX_DESC_FULL);
	assert_int_equal(txq_descriptor_status(&rig->q, 64), -EINVAL);
	rig->ring[7].write_back.status &= ~TXD_DD;
	tx_rig_send(rig);
	assert_int_equal(txq_descriptor_status(&rig->q, idle + 15), RTE_ETH_TX_DESC_DONE);
	assert_int_equal(txq_descriptor_status(&rig->q, idle + 16), RTE_ETH_TX_DESC_FULL);
	end(rig);
}

/* Everything comes back whole, chains among them, and contexts do not disturb. */
static void
check_fast_free(uint64_t offloads, uint16_t segments)
{
	struct tx_rig *rig = tx_rig_create_for(&family_82599_vf, offloads, 64, 8, 32);
	eth_tx_burst_t burst = rig->q.requests != 0 ? tx_burst_full : tx_burst;
	const uint16_t lengths[] = { 60, 60, 60, 60 };

	for (unsigned int i = 0; i < 500; i++) {
		struct rte_mbuf *frame = rig_frame(pool, lengths, segments);

		frame->ol_flags = RTE_MBUF_F_TX_VLAN;
		frame->vlan_tci = i;
		assert_int_equal(burst(&rig->q, &frame, 1), 1);
		tx_rig_send(rig);
	}
	assert_int_equal(rig->q.has_chains, segments > 1);
	end(rig);
	for (unsigned int i = 0; i < POOL; i++) {
		struct rte_mbuf *m = rte_pktmbuf_alloc(pool);

		rte_mbuf_sanity_check(m, 1);
		assert_null(m->next);
		assert_int_equal(m->nb_segs, 1);
		rte_pktmbuf_free(m);
	}
}

static void
test_fast_free(void **state)
{
	(void)state;
	check_fast_free(RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE, 1);
	check_fast_free(RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE, 3);
	check_fast_free(RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE | RTE_ETH_TX_OFFLOAD_VLAN_INSERT, 1);
	check_fast_free(RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE | RTE_ETH_TX_OFFLOAD_VLAN_INSERT, 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_done_cleanup),
		cmocka_unit_test(test_partial_cleanup_never_wedges),
		cmocka_unit_test(test_descriptor_status),
		cmocka_unit_test(test_fast_free),
	};

	return cmocka_run_group_tests(tests, init, NULL);
}
