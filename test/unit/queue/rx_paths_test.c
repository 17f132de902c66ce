/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * All ways to receive are one: the same write-backs, by the slot and by fours, make the same mbufs,
 * and leave ring, counters and tail the same. Sound frames, which groups take, come in streaks,
 * with all kinds of others between.
 */
#include "cases.h"

#include <stdlib.h>
#include <string.h>

#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_mbuf_ptype.h>

#include "queue.h"
#include "ring_rig.h"

#define POOL  3071
#define BURST 600
#define CALLS 400

#define SUMS (RTE_ETH_RX_OFFLOAD_IPV4_CKSUM | RTE_ETH_RX_OFFLOAD_UDP_CKSUM | \
	      RTE_ETH_RX_OFFLOAD_TCP_CKSUM | RTE_ETH_RX_OFFLOAD_SCTP_CKSUM)
#define ALL  (SUMS | RTE_ETH_RX_OFFLOAD_RSS_HASH | RTE_ETH_RX_OFFLOAD_VLAN_STRIP | \
	      RTE_ETH_RX_OFFLOAD_OUTER_IPV4_CKSUM)

/* scattered, full */
static const struct path {
	const char *name;
	queue_burst_t *burst[2][2];
} paths[] = {
	{ "one", { { rx_burst, rx_burst_full }, { rx_burst_scatter, rx_burst_scatter_full } } },
#ifdef RTE_ARCH_X86_64
	{ "sse", { { rx_burst_sse, rx_burst_full_sse },
		   { rx_burst_scatter_sse, rx_burst_scatter_full_sse } } },
#endif
};

/* A queue for each path, of a pool of its own. */
struct side {
	struct rte_mempool *pool;
	struct rx_rig *rig;
	struct rte_mbuf *pkts[BURST];
	struct rte_mbuf *hoard[POOL];
	uint16_t nb;
};

struct set_up {
	const struct family *family;
	struct rx_wishes wishes;
	uint16_t size, thresh;
	bool scattered;
	bool far;	/* where an mbuf's data is on the bus is only told by the mbuf */
};

static struct side sides[CASES(paths)];

static int
init(void **state)
{
	if (rig_init(state) < 0)
		return -1;
	for (size_t i = 0; i < CASES(paths); i++) {
		sides[i].pool = rte_pktmbuf_pool_create(paths[i].name, POOL, 128, 0,
							RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
		if (sides[i].pool == NULL)
			return -1;
	}
	return 0;
}

static uint32_t
random_word(void)
{
	return (uint32_t)rand() << 16 ^ (uint32_t)rand();
}

/* What the device says of a frame; most often something that a frame may have. */
static void
make_any(const struct family *family, union rx_desc *out)
{
	static const uint32_t types[] = {
		0, RXD_TYPE_IPV4, RXD_TYPE_IPV4 | RXD_TYPE_TCP, RXD_TYPE_IPV4 | RXD_TYPE_UDP,
		RXD_TYPE_IPV4_OPTIONS | RXD_TYPE_SCTP, RXD_TYPE_IPV6 | RXD_TYPE_UDP,
		RXD_TYPE_IPV6_EXTENSIONS | RXD_TYPE_TCP,
	};
	uint32_t sums = family->rxd_sum_errors;

	out->write_back.type = types[rand() % CASES(types)] | (rand() & RXD_HASH_TYPE);
	out->write_back.hash = random_word();
	out->write_back.status = RXD_DD | RXD_EOP | (rand() & 0x7c);
	out->write_back.length = rand() % 4 == 0 ? 60 : 60 + rand() % 1900;
	out->write_back.vlan = rand();
	if (rand() % 4 == 0)
		out->write_back.status |= random_word() & sums;
	if (rand() % 60 == 0)
		out->write_back.type = random_word();
	if (rand() % 60 == 0)
		out->write_back.status = (random_word() & ~family->rxd_errors) | RXD_DD | RXD_EOP;
	if (rand() % 80 == 0)
		out->write_back.status |= family->rxd_errors & random_word();
	if (rand() % 80 == 0)
		out->write_back.status &= ~RXD_EOP;
	if (rand() % 80 == 0)
		out->write_back.length = rand() % 3 == 0 ? rand() : rand() % 8;
}

/* Often many frames in a row are of one kind, as a flow's are: all that differs is of each. */
static void
make_write_back(const struct family *family, union rx_desc *out)
{
	static union rx_desc flow;
	static bool in_flow;

	make_any(family, out);
	if (rand() % 24 == 0)
		in_flow = !in_flow;
	if (in_flow) {
		out->write_back.type = flow.write_back.type;
		out->write_back.status = flow.write_back.status;
	}
	flow = *out;
}

/* The same to each side; the frame's number is its first word, so that none is mistaken. */
static void
device_writes(uint32_t number, const union rx_desc *write_back)
{
	for (size_t i = 0; i < CASES(paths); i++) {
		struct rx_rig *rig = sides[i].rig;
		struct rte_mbuf *m = rig->mbufs[rig->head];
		union rx_desc *desc = &rig->ring[rig->head];

		memcpy((uint8_t *)m->buf_addr + RTE_PKTMBUF_HEADROOM, &number, sizeof(number));
		rx_rig_write(rig, 0, 0);
		*desc = *write_back;
	}
}

/* As an application leaves an mbuf: nothing of it may be seen again. */
static void
soil(struct rte_mbuf *m)
{
	m->data_off = rand();
	m->port = rand();
	m->ol_flags = random_word() & ~(RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL);
	m->packet_type = random_word();
	m->pkt_len = random_word();
	m->data_len = rand();
	m->vlan_tci = rand();
	m->hash.rss = random_word();
}

static void
free_soiled(struct rte_mbuf *frame)
{
	while (frame != NULL) {
		struct rte_mbuf *next = frame->next;

		frame->next = NULL;
		frame->nb_segs = 1;
		soil(frame);
		rte_mbuf_raw_free(frame);
		frame = next;
	}
}

static void
check_same_segment(const struct rte_mbuf *a, const struct rte_mbuf *b)
{
	assert_int_equal(b->data_off, RTE_PKTMBUF_HEADROOM);
	assert_int_equal(rte_mbuf_refcnt_read(b), 1);
	assert_int_equal(b->port, RIG_PORT);
	assert_int_equal(a->nb_segs, b->nb_segs);
	assert_int_equal(a->ol_flags, b->ol_flags);
	assert_int_equal(a->packet_type, b->packet_type);
	assert_int_equal(a->pkt_len, b->pkt_len);
	assert_int_equal(a->data_len, b->data_len);
	assert_int_equal(a->vlan_tci, b->vlan_tci);
	if ((a->ol_flags & RTE_MBUF_F_RX_RSS_HASH) != 0)
		assert_int_equal(a->hash.rss, b->hash.rss);
	assert_int_equal(*rte_pktmbuf_mtod(a, const uint32_t *),
			 *rte_pktmbuf_mtod(b, const uint32_t *));
}

static void
check_same(const struct side *a, const struct side *b)
{
	const struct rxq *p = &a->rig->q, *q = &b->rig->q;

	assert_int_equal(a->nb, b->nb);
	for (uint16_t i = 0; i < a->nb; i++) {
		const struct rte_mbuf *x = a->pkts[i], *y = b->pkts[i];

		for (; x != NULL && y != NULL; x = x->next, y = y->next)
			check_same_segment(x, y);
		assert_null(x);
		assert_null(y);
	}
	assert_int_equal(p->next, q->next);
	assert_int_equal(p->give, q->give);
	assert_int_equal(p->holes, q->holes);
	assert_int_equal(p->skipping, q->skipping);
	assert_int_equal(p->head == NULL, q->head == NULL);
	assert_int_equal(a->rig->tail, b->rig->tail);
	assert_memory_equal(&p->count, &q->count, sizeof(p->count));
}

/* The pool's last mbufs go away, or come back. */
static void
change_weather(bool dry)
{
	for (size_t i = 0; i < CASES(paths); i++) {
		struct side *side = &sides[i];
		static unsigned int nb;

		if (i == 0 && dry)
			nb = rte_mempool_avail_count(side->pool);
		if (dry)
			assert_int_equal(rte_mempool_get_bulk(side->pool, (void **)side->hoard,
							      nb), 0);
		else
			rte_mempool_put_bulk(side->pool, (void **)side->hoard, nb);
	}
}

static void
receive(const struct set_up *set_up, uint16_t nb_pkts)
{
	bool full = rx_wishes_any(&set_up->wishes);

	for (size_t i = 0; i < CASES(paths); i++) {
		struct side *side = &sides[i];

		side->nb = paths[i].burst[set_up->scattered][full](&side->rig->q, side->pkts,
								   nb_pkts);
		if (i > 0)
			check_same(&sides[0], side);
	}
	for (size_t i = 0; i < CASES(paths); i++)
		for (uint16_t j = 0; j < sides[i].nb; j++)
			free_soiled(sides[i].pkts[j]);
}

static void
check_paths(const struct set_up *set_up)
{
	static const uint16_t bursts[] = { 1, 3, 4, 7, 8, 32, 32, 33, 64, BURST };
	uint32_t number = 0;
	bool dry = false;

	for (size_t i = 0; i < CASES(paths); i++) {
		struct rx_rig *rig = rx_rig_create(sides[i].pool, set_up->size, set_up->thresh);

		rig->q.error_bits = set_up->family->rxd_errors;
		rxq_set_wishes(&rig->q, set_up->family, &set_up->wishes);
		assert_true(rig->q.data_is_near);
		if (set_up->far) {
			rig->q.data_is_near = false;
			rig->q.data_distance = 8;
		}
		sides[i].rig = rig;
	}
	for (unsigned int call = 0; call < CALLS; call++) {
		uint16_t written = bursts[rand() % CASES(bursts)];

		while (written-- > 0 && rx_rig_room(sides[0].rig) > 0) {
			union rx_desc write_back;

			make_write_back(set_up->family, &write_back);
			device_writes(number++, &write_back);
		}
		if (rand() % 16 == 0) {
			dry = !dry;
			change_weather(dry);
		}
		receive(set_up, bursts[rand() % CASES(bursts)]);
	}
	if (dry)
		change_weather(false);
	assert_true(sides[0].rig->q.count.packets > CALLS);
	for (size_t i = 0; i < CASES(paths); i++) {
		rx_rig_free(sides[i].rig);
		assert_int_equal(rte_mempool_avail_count(sides[i].pool), POOL);
	}
}

static void
test_paths(void **state)
{
	static const struct family *const families[] = {
		&family_82576_vf, &family_i350_vf, &family_82599_vf, &family_x550_vf,
	};
	static const struct rx_wishes wishes[] = {
		{ .types_off = UINT32_MAX },
		{ .offloads = ALL },
		{ .offloads = SUMS, .types_off = UINT32_MAX },
		{ .offloads = RTE_ETH_RX_OFFLOAD_RSS_HASH, .types_off = ~RTE_PTYPE_L4_MASK },
		{ .offloads = ALL | RTE_ETH_RX_OFFLOAD_KEEP_CRC },
	};
	static const uint16_t sizes[] = { 32, 40, 512, 1000 };

	(void)state;
	srand(11);
	for (size_t i = 0; i < CASES(families) * CASES(wishes) * 2; i++) {
		struct set_up set_up = {
			.family = families[i / 2 % CASES(families)],
			.wishes = wishes[i / 2 / CASES(families)],
			.size = sizes[rand() % CASES(sizes)],
			.thresh = rand() % 2 == 0 ? 32 : 1 + rand() % 40,
			.scattered = i % 2,
			.far = rand() % 4 == 0,
		};

		check_paths(&set_up);
	}
}

/* Each combination of the bits that tables are for, in groups of like ones. */
static void
test_every_row(void **state)
{
	struct set_up set_up = {
		.family = &family_82599_vf, .wishes = { .offloads = ALL },
		.size = 512, .thresh = 32,
	};

	(void)state;
	for (unsigned int f = 0; f < 2; f++) {
		if (f == 1)
			set_up.family = &family_82576_vf;
		for (size_t i = 0; i < CASES(paths); i++) {
			sides[i].rig = rx_rig_create(sides[i].pool, set_up.size, set_up.thresh);
			sides[i].rig->q.error_bits = set_up.family->rxd_errors;
			rxq_set_wishes(&sides[i].rig->q, set_up.family, &set_up.wishes);
		}
		for (uint32_t row = 0; row < RX_FLAG_ROWS * RX_TYPE_ROWS; row += 8) {
			for (uint32_t at = row; at < row + 8; at++) {
				uint32_t flags = at % RX_FLAG_ROWS, type = at / RX_FLAG_ROWS;
				uint32_t errors = flags >> RX_FLAG_STATUS_BITS;
				union rx_desc write_back = { .write_back = {
					.type = type << RX_TYPE_SHIFT | at % 16,
					.hash = at,
					.status = RXD_DD | RXD_EOP |
						(flags << RX_FLAG_STATUS_SHIFT & 0x7c) |
						errors << __builtin_ctz(
							set_up.family->rxd_sum_errors),
					.length = 60,
					.vlan = at,
				} };

				device_writes(at, &write_back);
			}
			receive(&set_up, 8);
		}
		for (size_t i = 0; i < CASES(paths); i++)
			rx_rig_free(sides[i].rig);
	}
}

/* An idle queue costs no write, and what waits for the pool is given back all the same. */
static void
test_nothing_there(void **state)
{
	struct set_up set_up = {
		.family = &family_82599_vf, .wishes = { .offloads = ALL },
		.size = 64, .thresh = 8,
	};

	(void)state;
	for (size_t i = 0; i < CASES(paths); i++) {
		sides[i].rig = rx_rig_create(sides[i].pool, set_up.size, set_up.thresh);
		rxq_set_wishes(&sides[i].rig->q, set_up.family, &set_up.wishes);
		sides[i].rig->tail = UINT32_MAX;
	}
	receive(&set_up, 32);
	for (size_t i = 0; i < CASES(paths); i++) {
		assert_int_equal(sides[i].nb, 0);
		assert_int_equal(sides[i].rig->tail, UINT32_MAX);
		rx_rig_free(sides[i].rig);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_every_row),
		cmocka_unit_test(test_nothing_there),
	};

	return cmocka_run_group_tests(tests, init, NULL);
}
