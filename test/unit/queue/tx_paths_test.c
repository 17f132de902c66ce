/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * Short and long way into the Tx ring: frames of all kinds, by turns alike and not, tell the device
 * the same on both, and every mbuf comes back once, fit for use.
 */
#include "cases.h"

#include <stdlib.h>

#include <rte_mbuf.h>

#include "queue.h"
#include "ring_rig.h"

#define POOL   2047
#define BURST  32
#define BURSTS 300

#define SUMS (RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_TCP_CKSUM | \
	      RTE_ETH_TX_OFFLOAD_UDP_CKSUM | RTE_ETH_TX_OFFLOAD_VLAN_INSERT | \
	      RTE_ETH_TX_OFFLOAD_TCP_TSO)

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
	return frame;
}

/* As if each frame were the first of its kind. */
static void
forget(struct txq *q)
{
	q->pool = NULL;
	q->alike.flags_mask = UINT64_MAX;
	q->alike.flags = UINT64_MAX;
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
		assert_int_equal(x->command, y->command);
		assert_int_equal(x->status, y->status);
		assert_int_equal(x->bytes, y->bytes);
	}
	assert_int_equal(a->q.next, b->q.next);
	assert_int_equal(a->q.unmarked, b->q.unmarked);
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
		assert_true(RTE_MBUF_DIRECT(m));
	}
}

/* Send all; the device is kept up with, so that neither ring is ever full. */
static void
send_all(struct tx_rig *rig, eth_tx_burst_t burst, struct rte_mbuf **frames, uint16_t nb,
	 bool long_way)
{
	uint16_t step = long_way ? 1 : nb;

	for (uint16_t i = 0; i < nb; i += step) {
		if (long_way)
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

static void
check_paths(const struct family *family, uint64_t offloads, uint16_t size)
{
	eth_tx_burst_t burst = offloads != 0 ? tx_burst_full : tx_burst;
	struct tx_rig *a = tx_rig_create_for(family, offloads, size, 32, 32);
	struct tx_rig *b = tx_rig_create_for(family, offloads, size, 32, 32);
	struct recipe r = { .segments = 1, .l3_len = 20, .l4_len = 20 };

	for (unsigned int i = 0; i < BURSTS; i++) {
		struct rte_mbuf *x[BURST], *y[BURST], *held[2 * BURST];
		uint16_t nb = 1 + rand() % BURST, nb_held = 0;
		uint32_t first = a->nb_frames;

		for (uint16_t j = 0; j < nb; j++) {
			vary(&r);
			x[j] = make(&r);
			y[j] = make(&r);
			if (r.shared && x[j]->nb_segs == 1) {
				held[nb_held++] = x[j];
				held[nb_held++] = y[j];
				rte_mbuf_refcnt_update(x[j], 1);
				rte_mbuf_refcnt_update(y[j], 1);
			}
		}
		send_all(a, burst, x, nb, false);
		send_all(b, burst, y, nb, true);
		check_told(a, b, first);
		rte_pktmbuf_free_bulk(held, nb_held);
	}
	assert_true(a->nb_frames > BURSTS);
	tx_rig_free(a);
	tx_rig_free(b);
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
		send_all(rig, tx_burst, frames, BURST, false);
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
		send_all(rig, tx_burst_full, frames, BURST, false);
	}
	assert_int_equal(rig->q.mixed, 0);
	assert_int_equal(rig->nb_contexts, 2);	/* the default one, and this */
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
		send_all(rig, tx_burst_full, frames, BURST, false);
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
		cmocka_unit_test(test_inserter_changes),
	};

	return cmocka_run_group_tests(tests, init, NULL);
}
