/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * All ways into the Tx ring are one: frames of all kinds, by turns alike and not, tell the device
 * the same on the long way, on the short one, and by fours; every mbuf comes back, fit for use.
 */
#include "cases.h"

#include <stdlib.h>

#include <rte_mbuf.h>

#include "queue.h"
#include "ring_rig.h"

#define POOL   4095
#define BURST  32
#define BURSTS 300

#define SUMS (RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_TCP_CKSUM | \
	      RTE_ETH_TX_OFFLOAD_UDP_CKSUM | RTE_ETH_TX_OFFLOAD_VLAN_INSERT | \
	      RTE_ETH_TX_OFFLOAD_TCP_TSO)

/* full */
static const struct path {
	queue_burst_t *burst[2];
	bool long_way;		/* frame by frame, none compared with the one before */
} paths[] = {
	{ { tx_burst, tx_burst_full }, .long_way = true },
	{ { tx_burst, tx_burst_full } },
#ifdef RTE_ARCH_X86_64
	{ { tx_burst_sse, tx_burst_full_sse } },
#endif
};

/* The last one: the widest. */
#define WIDEST (&paths[CASES(paths) - 1])

static struct rte_mempool *pools[2];

static int
init(void **state)
{
	if (rig_init(state) < 0)
		return -1;
	for (unsigned int i = 0; i < 2; i++)
		pools[i] = rte_pktmbuf_pool_create(i == 0 ? "a" : "b", POOL, 128, 0,
						   RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	return pools[0] == NULL || pools[1] == NULL ? -1 : 0;
}

/* What a frame is, to make it more than once. */
struct recipe {
	uint16_t bytes, segments, pool, tag;
	uint64_t flags;
	uint8_t l3_len, l4_len;
	bool shared, indirect;
	bool huge;	/* says so: nothing that a device could send */
};

static const uint64_t flag_choice[] = {
	0,
	RTE_MBUF_F_TX_IPV4,
	RTE_MBUF_F_TX_VLAN,
	RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM,
	RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_TCP_CKSUM,
	RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_UDP_CKSUM | RTE_MBUF_F_TX_VLAN,
	RTE_MBUF_F_TX_IPV6 | RTE_MBUF_F_TX_TCP_CKSUM | RTE_MBUF_F_TX_VLAN,
	RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_TCP_SEG,
};

/* Mostly like the one before: that is what the short way is for. */
static void
vary(struct recipe *r)
{
	r->bytes = rand() % 20 == 0 ? rand() % 120 : 60 + rand() % 1400;
	r->huge = rand() % 40 == 0;
	if (rand() % 6 != 0)
		return;
	r->segments = rand() % 4 == 0 ? 1 + rand() % 4 : 1;
	r->pool = rand() % 8 == 0;
	r->tag = rand() % 4;
	r->flags = flag_choice[rand() % CASES(flag_choice)];
	r->l3_len = (r->flags & RTE_MBUF_F_TX_IPV6) != 0 ? 40 : 20 + rand() % 2 * 4;
	r->l4_len = 20;
	r->shared = rand() % 10 == 0;
	r->indirect = rand() % 10 == 0;
}

static struct rte_mbuf *
make(const struct recipe *r)
{
	uint16_t lengths[4] = { 0 };
	struct rte_mbuf *frame;

	for (uint16_t i = 0; i < r->bytes; i++)
		lengths[i % r->segments]++;
	/* Headers lie in the first segment. */
	frame = rig_frame(pools[r->pool], lengths, r->segments);
	if (r->indirect) {
		struct rte_mbuf *clone = rte_pktmbuf_clone(frame, pools[0]);

		assert_non_null(clone);
		rte_pktmbuf_free(frame);
		frame = clone;
	}
	frame->ol_flags |= r->flags;
	frame->vlan_tci = r->tag;
	frame->l2_len = 14;
	frame->l3_len = r->l3_len;
	frame->l4_len = r->l4_len;
	frame->tso_segsz = 500;
	if (r->huge)
		frame->pkt_len += 0x10000;
	return frame;
}

/* As if each frame were the first of its kind. */
static void
forget(struct txq *q)
{
	q->pool = NULL;
	q->alike.head_mask[1] = UINT64_MAX;
	q->alike.head[1] = UINT64_MAX;
	q->alike_chain = q->alike;
}

static void
check_told(const struct tx_rig *a, const struct tx_rig *b, uint32_t first)
{
	assert_int_equal(a->nb_frames, b->nb_frames);
	assert_int_equal(a->nb_contexts, b->nb_contexts);
	assert_int_equal(a->nb_descs, b->nb_descs);
	for (uint32_t i = first; i < a->nb_frames; i++) {
		const struct tx_told *x = &a->told[i % RIG_TOLD_MAX];
		const struct tx_told *y = &b->told[i % RIG_TOLD_MAX];

		assert_memory_equal(x->context, y->context, sizeof(x->context));
		/* Where marks are may differ. */
		assert_int_equal(x->command & ~TXD_RS, y->command & ~TXD_RS);
		assert_int_equal(x->status, y->status);
		assert_int_equal(x->bytes, y->bytes);
	}
	assert_int_equal(a->q.next, b->q.next);
	assert_true(b->q.unmarked < b->q.rs_thresh);
	assert_memory_equal(&a->q.count, &b->q.count, sizeof(a->q.count));
}

/* The slots that a reclaim will not look at hold what they may hold. */
static void
check_unseen(const struct tx_rig *rig)
{
	const struct txq *q = &rig->q;
	uint16_t used = q->size - 1 - q->nb_free;

	assert_true(q->mixed <= used);
	for (uint16_t i = q->mixed; i < used; i++) {
		const struct rte_mbuf *m = q->mbufs[(q->reclaim + i) % q->size];

		assert_non_null(m);
		assert_ptr_equal(m->pool, q->pool);
		assert_int_equal(rte_mbuf_refcnt_read(m), 1);
		assert_int_equal(m->nb_segs, 1);
		assert_null(m->next);
		assert_true(RTE_MBUF_DIRECT(m));
	}
}

/* Send all; the device is kept up with, so that neither ring is ever full. */
static void
send_all(struct tx_rig *rig, const struct path *path, struct rte_mbuf **frames, uint16_t nb)
{
	queue_burst_t *burst = path->burst[rig->q.requests != 0];
	uint16_t step = path->long_way ? 1 : nb;

	for (uint16_t i = 0; i < nb; i += step) {
		if (path->long_way)
			forget(&rig->q);
		assert_int_equal(burst(&rig->q, &frames[i], step), step);
		check_unseen(rig);
	}
	tx_rig_send(rig);
}

static void
check_pools(void)
{
	for (unsigned int i = 0; i < 2; i++) {
		struct rte_mbuf *all[POOL];

		assert_int_equal(rte_mempool_avail_count(pools[i]), POOL);
		assert_int_equal(rte_mempool_get_bulk(pools[i], (void **)all, POOL), 0);
		for (unsigned int j = 0; j < POOL; j++) {
			assert_int_equal(rte_mbuf_refcnt_read(all[j]), 1);
			assert_null(all[j]->next);
			assert_int_equal(all[j]->nb_segs, 1);
			assert_true(RTE_MBUF_DIRECT(all[j]));
		}
		rte_mempool_put_bulk(pools[i], (void **)all, POOL);
	}
}

/* One and the same burst on each path, of mbufs of its own. */
static void
send_everywhere(struct tx_rig *const rigs[], const struct recipe *recipes, uint16_t nb)
{
	struct rte_mbuf *held[CASES(paths) * BURST];
	uint32_t first = rigs[0]->nb_frames;
	uint16_t nb_held = 0;

	for (size_t p = 0; p < CASES(paths); p++) {
		struct rte_mbuf *frames[BURST];

		for (uint16_t i = 0; i < nb; i++) {
			frames[i] = make(&recipes[i]);
			if (!recipes[i].shared || frames[i]->nb_segs > 1)
				continue;
			rte_mbuf_refcnt_update(frames[i], 1);
			held[nb_held++] = frames[i];
		}
		send_all(rigs[p], &paths[p], frames, nb);
		if (p > 0)
			check_told(rigs[0], rigs[p], first);
	}
	rte_pktmbuf_free_bulk(held, nb_held);
}

static void
check_paths(const struct family *family, uint64_t offloads, uint16_t size)
{
	struct recipe recipes[BURST] = { { .segments = 1, .l3_len = 20, .l4_len = 20 } };
	struct tx_rig *rigs[CASES(paths)];

	for (size_t p = 0; p < CASES(paths); p++)
		rigs[p] = tx_rig_create_for(family, offloads, size, 32, 32);
	for (unsigned int i = 0; i < BURSTS; i++) {
		uint16_t nb = 1 + rand() % BURST;

		for (uint16_t j = 0; j < nb; j++) {
			vary(&recipes[j]);
			if (j + 1 < nb)
				recipes[j + 1] = recipes[j];
		}
		send_everywhere(rigs, recipes, nb);
		recipes[0] = recipes[nb - 1];
	}
	assert_true(rigs[0]->nb_frames > BURSTS);
	for (size_t p = 0; p < CASES(paths); p++) {
		/* 82599 sheet, 3.4: beyond 40 its transmitter may hang. */
		if (family->max_rs_thresh != 0)
			assert_true(rigs[p]->since_mark_max >= 1 && rigs[p]->since_mark_max <= 40);
		tx_rig_free(rigs[p]);
	}
	check_pools();
}

static void
test_paths(void **state)
{
	static const struct family *const families[] = { &family_82576_vf, &family_82599_vf };
	static const uint16_t sizes[] = { 512, 200 };

	(void)state;
	srand(7);
	for (size_t f = 0; f < CASES(families); f++)
		for (size_t s = 0; s < CASES(sizes); s++) {
			check_paths(families[f], 0, sizes[s]);
			check_paths(families[f], SUMS, sizes[s]);
			check_paths(families[f], SUMS | RTE_ETH_TX_OFFLOAD_MULTI_SEGS, sizes[s]);
		}
}

/* An application's own pool, then another one: what is in the ring goes home to its own. */
static void
test_pool_changes(void **state)
{
	struct tx_rig *rig = tx_rig_create(128, 32, 32);

	(void)state;
	for (unsigned int i = 0; i < 100; i++) {
		struct rte_mbuf *frames[BURST];
		struct recipe r = { .bytes = 60, .segments = 1, .pool = i / 3 % 2 };

		for (unsigned int j = 0; j < BURST; j++)
			frames[j] = make(&r);
		send_all(rig, WIDEST, frames, BURST);
		assert_ptr_equal(rig->q.pool, pools[r.pool]);
	}
	tx_rig_free(rig);
	check_pools();
}

/* Like after like in a queue: no slot is looked at when it is given back. */
static void
test_unseen(void **state)
{
	struct tx_rig *rig = tx_rig_create_for(&family_82599_vf, SUMS, 512, 32, 32);
	struct recipe r = { .bytes = 60, .segments = 1, .flags = flag_choice[4], .l3_len = 20 };

	(void)state;
	for (unsigned int i = 0; i < 40; i++) {
		struct rte_mbuf *frames[BURST];

		for (unsigned int j = 0; j < BURST; j++)
			frames[j] = make(&r);
		send_all(rig, WIDEST, frames, BURST);
	}
	assert_int_equal(rig->q.mixed, 0);
	assert_int_equal(rig->nb_contexts, 2);	/* the default one, and this */
	tx_rig_free(rig);
	check_pools();
}

/* Nor if each frame is a chain, to be cut. */
static void
test_chains_unseen(void **state)
{
	const struct recipe r = { .bytes = 1400, .segments = 3, .flags = flag_choice[7],
				  .l3_len = 20, .l4_len = 20 };
	struct tx_rig *rig = tx_rig_create_for(&family_82599_vf, SUMS, 512, 32, 32);

	(void)state;
	for (unsigned int i = 0; i < 40; i++) {
		struct rte_mbuf *frames[BURST];

		for (unsigned int j = 0; j < BURST; j++)
			frames[j] = make(&r);
		send_all(rig, WIDEST, frames, BURST);
	}
	assert_true(rig->q.mixed < 512 / 8);
	assert_int_equal(rig->nb_contexts, 2);	/* the default one, and this */
	tx_rig_free(rig);
	check_pools();
}

/* What was sent stays in the ring as long as the pool's cache is full, and the ring is not. */
static void
test_cache_is_full(void **state)
{
	struct tx_rig *rig = tx_rig_create(512, 32, 32);
	struct rte_mempool_cache *cache =
		rte_mempool_default_cache(pools[0], rte_lcore_id());
	const struct recipe r = { .bytes = 60, .segments = 1 };
	uint16_t most = 0;

	(void)state;
	assert_non_null(cache);
	for (unsigned int i = 0; i < 100; i++) {
		struct rte_mbuf *frames[BURST], *full[POOL];
		unsigned int nb;

		for (unsigned int j = 0; j < BURST; j++)
			frames[j] = make(&r);
		nb = cache->flushthresh - cache->len;
		assert_int_equal(rte_mempool_ops_dequeue_bulk(pools[0], (void **)full, nb), 0);
		rte_mempool_put_bulk(pools[0], (void **)full, nb);
		assert_int_equal(tx_burst(&rig->q, frames, BURST), BURST);
		/* First the device is slow. */
		if (i >= 8)
			tx_rig_send(rig);
		most = RTE_MAX(most, 511 - rig->q.nb_free);
	}
	assert_true(most >= 511 - 2 * BURST && most <= 511);
	tx_rig_free(rig);
	check_pools();
}

/* Software inserts tags from now on: what was learnt of the device's doing so is void. */
static void
test_inserter_changes(void **state)
{
	struct tx_rig *rig = tx_rig_create_for(&family_82576_pf, SUMS, 128, 32, 32);
	struct recipe r = { .bytes = 60, .segments = 1, .flags = RTE_MBUF_F_TX_VLAN, .tag = 5 };

	(void)state;
	for (unsigned int i = 0; i < 2; i++) {
		struct rte_mbuf *frames[BURST];

		rig->q.insert_by_software = i == 1;
		for (unsigned int j = 0; j < BURST; j++)
			frames[j] = make(&r);
		send_all(rig, WIDEST, frames, BURST);
		for (unsigned int j = 0; j < BURST; j++) {
			const struct tx_told *told = &rig->told[(i * BURST + j) % RIG_TOLD_MAX];

			assert_int_equal(told->bytes, 60 + 4 * i);
			assert_int_equal((told->command & TXD_INSERT_VLAN) != 0, i == 0);
		}
	}
	tx_rig_free(rig);
	check_pools();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_pool_changes),
		cmocka_unit_test(test_unseen),
		cmocka_unit_test(test_chains_unseen),
		cmocka_unit_test(test_cache_is_full),
		cmocka_unit_test(test_inserter_changes),
	};

	return cmocka_run_group_tests(tests, init, NULL);
}
