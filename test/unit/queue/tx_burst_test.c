/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include "cases.h"

#include <stdlib.h>

#include <rte_errno.h>
#include <rte_mbuf.h>

#include "queue.h"
#include "ring_rig.h"

#define POOL	 8191
#define BURST	 32
#define SEGS_MAX 128

static void
end(struct tx_rig *rig, struct rte_mempool *pool)
{
	tx_rig_free(rig);
	assert_int_equal(rte_mempool_avail_count(pool), POOL);
	rte_mempool_free(pool);
}

static struct rte_mbuf *
frame_of(struct rte_mempool *pool, uint16_t segments, uint16_t length)
{
	uint16_t lengths[SEGS_MAX];

	for (uint16_t i = 0; i < segments; i++)
		lengths[i] = length;
	return rig_frame(pool, lengths, segments);
}

static void
test_single(void **state)
{
	struct rte_mempool *pool = rig_pool(POOL);
	struct tx_rig *rig = tx_rig_create(128, 32, 32);
	struct rte_mbuf *pkts[BURST];

	(void)state;
	for (unsigned int i = 0; i < BURST; i++)
		pkts[i] = frame_of(pool, 1, 60 + i);
	assert_int_equal(tx_burst(&rig->q, pkts, BURST), BURST);
	assert_int_equal(rig->tail, BURST);
	assert_int_equal(rig->ring[3].read.buffer, rte_mbuf_data_iova(pkts[3]));
	tx_rig_send(rig);
	assert_int_equal(rig->nb_frames, BURST);
	assert_int_equal(rig->nb_marks, 1);
	assert_int_equal(rig->q.count.packets, BURST);
	assert_int_equal(rig->q.count.bytes, rig->nb_bytes);
	end(rig, pool);
}

/* A device that sends nothing: N - 1 descriptors and not one more, and the rest stays ours. */
static void
test_full_ring(void **state)
{
	struct rte_mempool *pool = rig_pool(POOL);
	struct tx_rig *rig = tx_rig_create(40, 32, 32);
	struct rte_mbuf *pkts[64];

	(void)state;
	for (unsigned int i = 0; i < 64; i++)
		pkts[i] = frame_of(pool, 1, 60);
	assert_int_equal(tx_burst(&rig->q, pkts, 64), 39);
	assert_int_equal(rig->tail, 39);
	assert_int_equal(tx_burst(&rig->q, &pkts[39], 25), 0);

	/* What carries a mark comes back, and one burst later the ring takes frames again. */
	tx_rig_send(rig);
	assert_int_equal(tx_burst(&rig->q, &pkts[39], 25), 25);
	assert_int_equal(rig->q.count.packets, 64);
	end(rig, pool);
}

/* Any sequence of frames that are not dropped gets through any ring, in order, without a leak. */
static void
check_never_wedges(const struct family *family, uint16_t size, uint16_t rs_thresh)
{
	struct rte_mempool *pool = rig_pool(POOL);
	struct tx_rig *rig = tx_rig_create_of(family, size, rs_thresh, 32);
	unsigned int sent = 0;

	srand(size);
	while (sent < 5000) {
		struct rte_mbuf *frame = frame_of(pool, 1 + rand() % rig->q.max_segments, 60);
		unsigned int tries = 0;

		while (tx_burst(&rig->q, &frame, 1) == 0) {
			tx_rig_send(rig);
			assert_true(tries++ < 2);
		}
		sent++;
		/* At times the device is behind. */
		if (rand() % 3 == 0)
			tx_rig_send(rig);
	}
	tx_rig_send(rig);
	assert_int_equal(rig->nb_frames, sent);
	assert_int_equal(rig->q.count.errors, 0);
	/* 82599 sheet, 3.4: beyond 40 its transmitter may hang. */
	if (family->max_rs_thresh != 0)
		assert_true(rig->since_mark_max >= 1 && rig->since_mark_max <= 40);
	end(rig, pool);
}

static void
test_never_wedges(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 2; i++) {
		const struct family *family = i == 0 ? &family_82576_vf : &family_82599_vf;

		check_never_wedges(family, 32, 32);
		check_never_wedges(family, 40, 7);
		check_never_wedges(family, 64, 1);
		check_never_wedges(family, 512, 32);
	}
}

/* 82599 sheet, 4.5: one context at the head of the ring, and every frame refers to it. */
static void
test_default_context(void **state)
{
	struct rte_mempool *pool = rig_pool(POOL);
	struct tx_rig *rig = tx_rig_create_of(&family_82599_vf, 64, 8, 32);
	struct rte_mbuf *pkts[] = { frame_of(pool, 1, 60), frame_of(pool, 3, 60) };

	(void)state;
	assert_int_equal(rig->tail, 1);
	assert_int_equal(rig->ring[0].read.buffer, 14 << 9);	/* MACLEN */
	assert_int_equal(rig->ring[0].read.command, 0x20201800);	/* context, L4T 3 */
	assert_int_equal(rig->ring[0].read.status, 0);
	assert_int_equal(tx_burst(&rig->q, pkts, 2), 2);
	for (unsigned int i = 1; i < 5; i++)
		assert_int_equal(rig->ring[i].read.status & 0x3fff, 0x80);	/* CC, index 0 */
	tx_rig_send(rig);
	assert_int_equal(rig->nb_contexts, 1);
	assert_int_equal(rig->nb_frames, 2);
	end(rig, pool);
}

static void
test_hopeless_frames(void **state)
{
	struct rte_mempool *pool = rig_pool(POOL);
	struct tx_rig *rig = tx_rig_create(512, 32, 32);
	struct rte_mbuf *pkts[] = {
		frame_of(pool, 1, 60),
		frame_of(pool, 65, 60),		/* more segments than the family takes */
		frame_of(pool, 1, 16),		/* too short to be padded */
		frame_of(pool, 10, 1000),	/* longer than the largest frame */
		frame_of(pool, 3, 0),		/* nothing at all */
		frame_of(pool, 3, 0),		/* nothing at all, and says otherwise */
		frame_of(pool, 1, 61),
	};

	(void)state;
	pkts[5]->pkt_len = 60;
	assert_int_equal(tx_burst(&rig->q, pkts, RTE_DIM(pkts)), RTE_DIM(pkts));
	tx_rig_send(rig);
	assert_int_equal(rig->nb_frames, 2);
	assert_int_equal(rig->nb_bytes, 121);
	assert_int_equal(rig->q.count.packets, 2);
	assert_int_equal(rig->q.count.bytes, 121);
	assert_int_equal(rig->q.count.errors, 5);
	end(rig, pool);
}

static void
test_largest_frame(void **state)
{
	struct rte_mempool *pool = rig_pool(POOL);
	struct tx_rig *rig = tx_rig_create(512, 32, 32);
	const uint16_t lengths[] = { 2000, 2000, 2000, 2000, 1724 };
	struct rte_mbuf *frame = rig_frame(pool, lengths, RTE_DIM(lengths));

	(void)state;
	assert_int_equal(tx_burst(&rig->q, &frame, 1), 1);
	tx_rig_send(rig);
	assert_int_equal(rig->nb_bytes, family_82576_vf.max_frame_bytes - RTE_ETHER_CRC_LEN);
	end(rig, pool);
}

static void
test_empty_segments(void **state)
{
	static const struct {
		const char *what;
		uint16_t lengths[4];
		uint16_t descs;
	} cases[] = {
		{ "first", { 0, 30, 30, 30 }, 3 },
		{ "last", { 30, 30, 30, 0 }, 3 },
		{ "in the middle", { 60, 0, 0, 30 }, 2 },
		{ "all but one", { 0, 0, 60, 0 }, 1 },
	};
	struct rte_mempool *pool = rig_pool(POOL);
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++) {
		struct tx_rig *rig = tx_rig_create(64, 1, 32);
		struct rte_mbuf *frame = rig_frame(pool, cases[i].lengths, 4);

		failed += differs(cases[i].what, 1, tx_burst(&rig->q, &frame, 1));
		tx_rig_send(rig);
		failed += differs(cases[i].what, cases[i].descs, rig->nb_descs);
		failed += differs(cases[i].what, 1, rig->nb_frames);
		tx_rig_free(rig);
	}
	assert_int_equal(failed, 0);
	assert_int_equal(rte_mempool_avail_count(pool), POOL);
	rte_mempool_free(pool);
}

static void
test_nothing_to_send(void **state)
{
	struct rte_mempool *pool = rig_pool(POOL);
	struct tx_rig *rig = tx_rig_create(64, 32, 32);

	(void)state;
	rig->tail = UINT32_MAX;
	assert_int_equal(tx_burst(&rig->q, NULL, 0), 0);
	assert_int_equal(rig->tail, UINT32_MAX);	/* not written */
	rig->tail = 0;
	end(rig, pool);
}

static void
test_prepare(void **state)
{
	struct rte_mempool *pool = rig_pool(POOL);
	struct tx_rig *rig = tx_rig_create(64, 32, 32);
	struct rte_mbuf *pkts[] = {
		frame_of(pool, 1, 60), frame_of(pool, 4, 60), frame_of(pool, 60, 60),
	};

	(void)state;
	pkts[0]->ol_flags = RTE_MBUF_F_TX_IPV4;	/* says what it is, asks for nothing */
	assert_int_equal(tx_prepare(&rig->q, pkts, 2), 2);
	assert_int_equal(tx_prepare(&rig->q, pkts, 3), 2);
	assert_int_equal(rte_errno, EINVAL);
	pkts[1]->ol_flags = RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM;
	assert_int_equal(tx_prepare(&rig->q, pkts, 3), 1);
	assert_int_equal(rte_errno, ENOTSUP);
	rte_pktmbuf_free_bulk(pkts, RTE_DIM(pkts));
	end(rig, pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_single),
		cmocka_unit_test(test_full_ring),
		cmocka_unit_test(test_never_wedges),
		cmocka_unit_test(test_default_context),
		cmocka_unit_test(test_hopeless_frames),
		cmocka_unit_test(test_largest_frame),
		cmocka_unit_test(test_empty_segments),
		cmocka_unit_test(test_nothing_to_send),
		cmocka_unit_test(test_prepare),
	};

	return cmocka_run_group_tests(tests, rig_init, NULL);
}
