/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include "cases.h"

#include <rte_mbuf.h>

#include "queue.h"
#include "ring_rig.h"

#define POOL  8191
#define BURST 32

static void
check_mbuf(const struct rte_mbuf *m, uint16_t segments)
{
	assert_int_equal(m->port, RIG_PORT);
	assert_int_equal(m->data_off, RTE_PKTMBUF_HEADROOM);
	assert_int_equal(m->nb_segs, segments);
	assert_int_equal(rte_mbuf_refcnt_read(m), 1);
	assert_int_equal(m->ol_flags, 0);
	rte_mbuf_sanity_check(m, 1);
}

/* Everything the pool lent out came back. */
static void
end(struct rx_rig *rig, struct rte_mempool *pool)
{
	rx_rig_free(rig);
	assert_int_equal(rte_mempool_avail_count(pool), POOL);
	rte_mempool_free(pool);
}

/* Three rounds of a ring, in portions that do not divide it; lengths tell the frames apart. */
static void
check_order(uint16_t size, uint16_t portion, uint16_t thresh)
{
	struct rte_mempool *pool = rig_pool(POOL);
	struct rx_rig *rig = rx_rig_create(pool, size, thresh);
	uint32_t sent = 0, received = 0;

	for (unsigned int call = 0; received < 3u * size; call++) {
		struct rte_mbuf *pkts[BURST];
		uint16_t nb;

		assert_true(call < 4u * size);
		for (uint16_t i = 0; i < portion && rx_rig_room(rig) > 0; i++)
			rx_rig_write(rig, 60 + sent++ % 1400, RXD_EOP);
		nb = rx_burst(&rig->q, pkts, BURST);
		for (uint16_t i = 0; i < nb; i++) {
			assert_int_equal(pkts[i]->pkt_len, 60 + received++ % 1400);
			assert_int_equal(pkts[i]->data_len, pkts[i]->pkt_len);
			check_mbuf(pkts[i], 1);
			rte_pktmbuf_free(pkts[i]);
		}
		assert_int_equal(rig->tail, rig->q.give);
		assert_true(rx_rig_room(rig) <= size - 1);
	}
	assert_int_equal(rig->q.count.packets, received);
	assert_int_equal(rig->q.count.no_mbuf, 0);
	end(rig, pool);
}

static void
test_order(void **state)
{
	static const uint16_t sizes[] = { 32, 40, 512, 1000, 4096 };

	(void)state;
	for (size_t i = 0; i < CASES(sizes); i++) {
		check_order(sizes[i], 1, 32);
		check_order(sizes[i], 7, 16);
		check_order(sizes[i], 50, 1);
	}
}

static void
test_nothing_there(void **state)
{
	struct rte_mempool *pool = rig_pool(POOL);
	struct rx_rig *rig = rx_rig_create(pool, 64, 32);
	struct rte_mbuf *pkts[BURST];

	(void)state;
	rig->tail = UINT32_MAX;
	assert_int_equal(rx_burst(&rig->q, pkts, BURST), 0);
	assert_int_equal(rx_burst_scatter(&rig->q, pkts, BURST), 0);
	assert_int_equal(rig->tail, UINT32_MAX);	/* not written */
	end(rig, pool);
}

/*
 * No mbufs: the ring runs empty. The write-backs taken before are still in memory, with DD, and
 * must not be taken for frames.
 */
static void
check_dry_pool(eth_rx_burst_t burst)
{
	enum { SIZE = 64 };
	struct rte_mempool *pool = rig_pool(POOL);
	struct rx_rig *rig = rx_rig_create(pool, SIZE, 16);
	struct rte_mbuf *hoard[POOL], *pkts[SIZE];
	uint16_t nb = 0;

	while (rte_mempool_get(pool, (void **)&hoard[nb]) == 0)
		nb++;
	for (unsigned int i = 0; i < SIZE - 1; i++)
		rx_rig_write(rig, 60, RXD_EOP);
	assert_int_equal(burst(&rig->q, pkts, SIZE), SIZE - 1);
	assert_int_equal(burst(&rig->q, &pkts[SIZE - 1], 1), 0);
	assert_true(rig->q.count.no_mbuf >= 2);
	assert_int_equal(rx_rig_room(rig), 0);

	/* A few come back, fewer than are given at a time: the queue lives on those. */
	rte_mempool_put_bulk(pool, (void **)hoard, 5);
	assert_int_equal(burst(&rig->q, &pkts[SIZE - 1], 1), 0);
	assert_int_equal(rx_rig_room(rig), 5);
	rx_rig_write(rig, 61, RXD_EOP);
	assert_int_equal(burst(&rig->q, &pkts[SIZE - 1], 1), 1);
	assert_int_equal(pkts[SIZE - 1]->pkt_len, 61);

	rte_mempool_put_bulk(pool, (void **)&hoard[5], nb - 5);
	rte_pktmbuf_free_bulk(pkts, SIZE);
	assert_int_equal(burst(&rig->q, pkts, 1), 0);
	assert_true(rx_rig_room(rig) >= SIZE - 1 - 16);
	end(rig, pool);
}

static void
test_dry_pool(void **state)
{
	(void)state;
	check_dry_pool(rx_burst);
	check_dry_pool(rx_burst_scatter);
}

static void
test_bad_frames(void **state)
{
	struct rte_mempool *pool = rig_pool(POOL);
	struct rx_rig *rig = rx_rig_create(pool, 64, 16);
	struct rte_mbuf *pkts[BURST];

	(void)state;
	rx_rig_write(rig, 60, RXD_EOP);
	rx_rig_write(rig, 61, RXD_EOP | BIT(24));	/* CE */
	rx_rig_write(rig, 62, RXD_EOP);
	rx_rig_write(rig, 63, RXD_EOP | BIT(31));	/* RXE */
	rx_rig_write(rig, 64, RXD_EOP | BIT(29) | BIT(30));	/* wrong checksums only */
	assert_int_equal(rx_burst(&rig->q, pkts, BURST), 3);
	assert_int_equal(pkts[0]->pkt_len, 60);
	assert_int_equal(pkts[1]->pkt_len, 62);
	assert_int_equal(pkts[2]->pkt_len, 64);
	assert_int_equal(rig->q.count.errors, 2);
	assert_int_equal(rig->q.count.packets, 3);
	assert_int_equal(rig->q.count.bytes, 60 + 62 + 64);
	rte_pktmbuf_free_bulk(pkts, 3);
	end(rig, pool);
}

/* A frame longer than one buffer reaches a queue without scatter: all of it goes, once. */
static void
test_too_long_without_scatter(void **state)
{
	struct rte_mempool *pool = rig_pool(POOL);
	struct rx_rig *rig = rx_rig_create(pool, 64, 16);
	struct rte_mbuf *pkts[BURST];

	(void)state;
	rx_rig_write(rig, 2048, 0);
	assert_int_equal(rx_burst(&rig->q, pkts, BURST), 0);
	rx_rig_write(rig, 2048, 0);
	rx_rig_write(rig, 100, RXD_EOP);
	rx_rig_write(rig, 60, RXD_EOP);
	assert_int_equal(rx_burst(&rig->q, pkts, BURST), 1);
	assert_int_equal(pkts[0]->pkt_len, 60);
	assert_int_equal(rig->q.count.errors, 1);
	rte_pktmbuf_free(pkts[0]);
	end(rig, pool);
}

/* Frames of 1..4 buffers through a ring they do not divide, one buffer per call at times. */
static void
check_scatter(uint16_t size, unsigned int buffers_per_call)
{
	struct rte_mempool *pool = rig_pool(POOL);
	struct rx_rig *rig = rx_rig_create(pool, size, 16);
	unsigned int written = 0, buffer = 0, received = 0;

	for (unsigned int call = 0; received < 200; call++) {
		struct rte_mbuf *pkts[BURST];
		uint16_t nb;

		assert_true(call < 1000);
		for (unsigned int i = 0; i < buffers_per_call && rx_rig_room(rig) > 0; i++) {
			bool last = buffer == written % 4;

			rx_rig_write(rig, last ? 60 + written : 2048, last ? RXD_EOP : 0);
			buffer = last ? 0 : buffer + 1;
			written += last;
		}
		nb = rx_burst_scatter(&rig->q, pkts, BURST);
		for (uint16_t i = 0; i < nb; i++, received++) {
			uint16_t segments = 1 + received % 4;

			check_mbuf(pkts[i], segments);
			assert_int_equal(pkts[i]->pkt_len, (segments - 1) * 2048 + 60 + received);
			assert_int_equal(rte_pktmbuf_lastseg(pkts[i])->data_len, 60 + received);
			rte_pktmbuf_free(pkts[i]);
		}
	}
	end(rig, pool);
}

static void
test_scatter(void **state)
{
	(void)state;
	check_scatter(32, 1);
	check_scatter(40, 3);
	check_scatter(512, 100);
}

static void
test_bad_scattered_frame(void **state)
{
	struct rte_mempool *pool = rig_pool(POOL);
	struct rx_rig *rig = rx_rig_create(pool, 64, 16);
	struct rte_mbuf *pkts[BURST];

	(void)state;
	rx_rig_write(rig, 2048, 0);
	rx_rig_write(rig, 2048, 0);
	rx_rig_write(rig, 7, RXD_EOP | BIT(31));
	rx_rig_write(rig, 60, RXD_EOP);
	rx_rig_write(rig, 2048, 0);	/* still incomplete when the queue is freed */
	assert_int_equal(rx_burst_scatter(&rig->q, pkts, BURST), 1);
	assert_int_equal(pkts[0]->pkt_len, 60);
	assert_int_equal(rig->q.count.errors, 1);
	rte_pktmbuf_free(pkts[0]);
	end(rig, pool);
}

/* More than the buffer holds cannot be in it; what the device says is not handed on. */
static void
test_length_beyond_the_buffer(void **state)
{
	static const eth_rx_burst_t bursts[] = { rx_burst, rx_burst_scatter };

	(void)state;
	for (size_t i = 0; i < CASES(bursts); i++) {
		struct rte_mempool *pool = rig_pool(POOL);
		struct rx_rig *rig = rx_rig_create(pool, 64, 16);
		struct rte_mbuf *pkts[BURST];

		rx_rig_write(rig, 2048, RXD_EOP);
		rx_rig_write(rig, 2049, RXD_EOP);
		rx_rig_write(rig, UINT16_MAX, 0);
		rx_rig_write(rig, 100, RXD_EOP);
		rx_rig_write(rig, 60, RXD_EOP);
		assert_int_equal(bursts[i](&rig->q, pkts, BURST), 2);
		assert_int_equal(pkts[0]->pkt_len, 2048);
		assert_int_equal(pkts[1]->pkt_len, 60);
		assert_int_equal(rig->q.count.errors, 2);
		rte_pktmbuf_free_bulk(pkts, 2);
		end(rig, pool);
	}
}

/* A frame without end takes no more mbufs than the largest frame, and the next one is received. */
static void
test_frame_without_end(void **state)
{
	struct rte_mempool *pool = rig_pool(POOL);
	struct rx_rig *rig = rx_rig_create(pool, 64, 16);
	struct rte_mbuf *pkts[BURST];

	(void)state;
	for (unsigned int i = 0; i < 70000; i++) {
		rx_rig_write(rig, 2048, 0);
		assert_int_equal(rx_burst_scatter(&rig->q, pkts, BURST), 0);
		assert_true(rte_mempool_avail_count(pool) >= POOL - 64 - 5);
	}
	rx_rig_write(rig, 2048, RXD_EOP);
	rx_rig_write(rig, 60, RXD_EOP);
	assert_int_equal(rx_burst_scatter(&rig->q, pkts, BURST), 1);
	assert_int_equal(pkts[0]->pkt_len, 60);
	assert_int_equal(rig->q.count.errors, 1);
	rte_pktmbuf_free(pkts[0]);
	end(rig, pool);
}

/* Pools whose mbufs have their data with them, and others: where the device is told to write. */
static void
check_pool(struct rte_mempool *pool, bool near)
{
	struct rx_rig *rig = rx_rig_create(pool, 32, 8);

	assert_int_equal(rig->q.data_is_near, near);
	for (uint16_t i = 0; i < 31; i++)
		assert_int_equal(rig->ring[i].read.buffer,
				 rte_mbuf_data_iova_default(rig->mbufs[i]));
	rx_rig_free(rig);
}

static void
test_distance_of_data(void **state)
{
	struct rte_mempool *pool = rig_pool(POOL);
	struct rte_mbuf *m = rte_pktmbuf_alloc(pool), *clone;

	(void)state;
	check_pool(pool, true);
	/* One mbuf elsewhere is enough; a clone is elsewhere until it is freed. */
	m->buf_iova += 64;
	check_pool(pool, false);
	m->buf_iova -= 64;
	clone = rte_pktmbuf_clone(m, pool);
	assert_non_null(clone);
	check_pool(pool, true);
	rte_pktmbuf_free(clone);
	rte_pktmbuf_free(m);
	assert_int_equal(rte_mempool_avail_count(pool), POOL);
	rte_mempool_free(pool);
}

/* Buffers in memory of its own, one after the other as the pool's mbufs are, and yet not near. */
static void
test_data_in_own_memory(void **state)
{
	static uint8_t memory[256 * RTE_MBUF_DEFAULT_BUF_SIZE];
	const struct rte_pktmbuf_extmem mem = {
		.buf_ptr = memory, .buf_iova = (uintptr_t)memory, .buf_len = sizeof(memory),
		.elt_size = RTE_MBUF_DEFAULT_BUF_SIZE,
	};
	struct rte_mempool *pool;

	(void)state;
	pool = rte_pktmbuf_pool_create_extbuf("own", 255, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
					      SOCKET_ID_ANY, &mem, 1);
	assert_non_null(pool);
	check_pool(pool, false);
	rte_mempool_free(pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_nothing_there),
		cmocka_unit_test(test_dry_pool),
		cmocka_unit_test(test_bad_frames),
		cmocka_unit_test(test_too_long_without_scatter),
		cmocka_unit_test(test_scatter),
		cmocka_unit_test(test_bad_scattered_frame),
		cmocka_unit_test(test_length_beyond_the_buffer),
		cmocka_unit_test(test_frame_without_end),
		cmocka_unit_test(test_distance_of_data),
		cmocka_unit_test(test_data_in_own_memory),
	};

	return cmocka_run_group_tests(tests, rig_init, NULL);
}
