/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * Rx and Tx queues on a device that writes back whatever it likes. An input is a program; its
 * first bytes choose the ring. It runs once with each width of vectors, and comes to the same.
 * Every mbuf handed out is looked at, and all come back in the end.
 */

#include <string.h>

#include <rte_mbuf.h>

#include "input.h"
#include "queue.h"
#include "ring_rig.h"

#define POOL	   1023
#define BURST	   32
#define HELD_MAX   64	/* frames that the application keeps for a while */
#define HOARD_MAX  POOL
#define STEPS_MAX  300

/* What the bursts may say of a frame, and a request may ask for. */
#define RX_FLAGS (RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED | RTE_MBUF_F_RX_RSS_HASH | \
		  RTE_MBUF_F_RX_IP_CKSUM_MASK | RTE_MBUF_F_RX_L4_CKSUM_MASK)
#define RX_WISHES (RTE_ETH_RX_OFFLOAD_VLAN_STRIP | RTE_ETH_RX_OFFLOAD_RSS_HASH | \
		   RTE_ETH_RX_OFFLOAD_IPV4_CKSUM | RTE_ETH_RX_OFFLOAD_UDP_CKSUM | \
		   RTE_ETH_RX_OFFLOAD_TCP_CKSUM)
#define TX_WISHES (RTE_ETH_TX_OFFLOAD_MULTI_SEGS | RTE_ETH_TX_OFFLOAD_VLAN_INSERT | \
		   RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_UDP_CKSUM | \
		   RTE_ETH_TX_OFFLOAD_TCP_CKSUM | RTE_ETH_TX_OFFLOAD_SCTP_CKSUM | \
		   RTE_ETH_TX_OFFLOAD_TCP_TSO)

/* Rx: scattered, full; Tx: full. */
static const struct width {
	queue_burst_t *rx[2][2], *tx[2];
} widths[] = {
	{ { { rx_burst, rx_burst_full }, { rx_burst_scatter, rx_burst_scatter_full } },
	  { tx_burst, tx_burst_full } },
#ifdef RTE_ARCH_X86_64
	{ { { rx_burst_sse, rx_burst_full_sse },
	    { rx_burst_scatter_sse, rx_burst_scatter_full_sse } },
	  { tx_burst_sse, tx_burst_full_sse } },
#endif
};

/* What a run came to. */
struct outcome {
	struct rxq_counters rx;
	struct txq_counters tx;
};

static struct rte_mempool *pool;

/* The application: what it holds, and what it keeps from the pool. */
struct app {
	struct rx_rig *rx;
	struct tx_rig *tx;
	eth_rx_burst_t burst;
	eth_tx_burst_t send;
	bool full;	/**< offloads are on */
	struct rte_mbuf *held[HELD_MAX];
	unsigned int nb_held;
	struct rte_mbuf *hoard[HOARD_MAX];
	unsigned int nb_hoard;
};

static struct app app;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	must(rig_init(NULL) == 0, "no DPDK");
	pool = rig_pool(POOL);
	return 0;
}

static void
check_not_held(const struct rte_mbuf *m)
{
	for (unsigned int i = 0; i < app.nb_held; i++) {
		for (const struct rte_mbuf *seg = app.held[i]; seg != NULL; seg = seg->next)
			must(seg != m, "an mbuf of the application is handed out");
	}
	for (uint16_t i = 0, slot = app.rx->q.next; i < app.rx->q.size - app.rx->q.holes; i++) {
		must(app.rx->q.mbufs[slot] != m, "an mbuf in the ring is handed out");
		slot = ring_next(slot, app.rx->q.size);
	}
}

static void
check_frame(struct rte_mbuf *frame)
{
	uint32_t bytes = 0;
	uint16_t nb = 0;

	for (struct rte_mbuf *seg = frame; seg != NULL; seg = seg->next, nb++) {
		check_not_held(seg);
		must(nb < frame->nb_segs, "more than %u segments", frame->nb_segs);
		must(seg->pool == pool && rte_mbuf_refcnt_read(seg) == 1, "no fresh mbuf");
		must(seg->data_off == RTE_PKTMBUF_HEADROOM, "data at %u", seg->data_off);
		must(seg->data_len <= seg->buf_len - seg->data_off, "%u bytes in a buffer",
		     seg->data_len);
		bytes += seg->data_len;
	}
	must(nb == frame->nb_segs, "%u of %u segments", nb, frame->nb_segs);
	must(bytes == frame->pkt_len, "%u of %u bytes", bytes, frame->pkt_len);
	must(frame->port == RIG_PORT, "port %u", frame->port);
	must((frame->ol_flags & ~(app.full ? RX_FLAGS : 0)) == 0, "flags");
}

static void
check_rx(void)
{
	const struct rxq *q = &app.rx->q;

	must(q->next < q->size && q->give < q->size, "slots %u and %u", q->next, q->give);
	must(q->holes >= 1 && q->holes <= q->size, "%u holes", q->holes);
	must((q->next + q->size - q->holes) % q->size == q->give, "%u holes from %u to %u",
	     q->holes, q->give, q->next);
	must(app.rx->tail == q->give, "tail %u", app.rx->tail);
	must(q->head == NULL || q->head->nb_segs <= q->max_segments, "%u segments",
	     q->head->nb_segs);
}

static void
check_tx(void)
{
	const struct txq *q = &app.tx->q;

	must(q->next < q->size && q->reclaim < q->size, "slots %u and %u", q->next, q->reclaim);
	must(q->nb_free <= q->size - 1, "%u free", q->nb_free);
	must((q->next + q->nb_free) % q->size == (q->reclaim + q->size - 1) % q->size,
	     "%u free from %u to %u", q->nb_free, q->next, q->reclaim);
	must(q->nb_marks <= q->size, "%u marks", q->nb_marks);
}

/* A write-back of any content to any slot. */
static void
write_back(struct input *in)
{
	uint16_t slot = (uint16_t)((app.rx->q.next + take_byte(in)) % app.rx->q.size);
	union rx_desc *desc = &app.rx->ring[slot];

	desc->write_back.type = take_word(in);
	desc->write_back.hash = take_word(in);
	desc->write_back.length = take_half(in);
	desc->write_back.vlan = take_half(in);
	desc->write_back.status = take_word(in);
}

/* The next frames as a device would write them: one byte for each says what is special. */
static void
deliver(struct input *in)
{
	unsigned int count = take_below(in, 64);

	for (unsigned int i = 0; i < count && rx_rig_room(app.rx) > 0; i++) {
		uint8_t kind = take_byte(in);
		uint32_t flags = kind & 1 ? 0 : RXD_EOP;
		union rx_desc *desc = &app.rx->ring[app.rx->head];

		flags |= kind & 2 ? BIT(24 + (kind >> 2) % 8) : 0;
		/* Somebody may have written there before: the device does not care. */
		desc->write_back.length = (uint16_t)(kind & 4 ? take_half(in) : 60 + kind);
		desc->write_back.status = RXD_DD | flags;
		app.rx->head = ring_next(app.rx->head, app.rx->q.size);
	}
}

static void
flip_done(struct input *in)
{
	uint16_t slot = (uint16_t)((app.rx->q.next + take_byte(in)) % app.rx->q.size);

	app.rx->ring[slot].write_back.status ^= RXD_DD;
}

static void
free_held(unsigned int count)
{
	while (count-- > 0 && app.nb_held > 0)
		rte_pktmbuf_free(app.held[--app.nb_held]);
}

static void
receive(struct input *in)
{
	uint16_t wanted = take_below(in, BURST + 1), nb;
	struct rte_mbuf *pkts[BURST];

	nb = app.burst(&app.rx->q, pkts, wanted);
	must(nb <= wanted, "%u of %u frames", nb, wanted);
	for (uint16_t i = 0; i < nb; i++) {
		check_frame(pkts[i]);
		if (app.nb_held == HELD_MAX)
			free_held(1);
		app.held[app.nb_held++] = pkts[i];
	}
}

static void
release(struct input *in)
{
	free_held(take_byte(in));
}

/* The pool runs dry, or comes back. */
static void
hoard(struct input *in)
{
	unsigned int count = take_half(in) % (HOARD_MAX + 1);

	while (app.nb_hoard > count)
		rte_mempool_put(pool, app.hoard[--app.nb_hoard]);
	while (app.nb_hoard < count &&
	       rte_mempool_get(pool, (void **)&app.hoard[app.nb_hoard]) == 0)
		app.nb_hoard++;
}

/* A frame of the shape the input wants, or NULL when there are no mbufs for it. */
static struct rte_mbuf *
take_frame(struct input *in)
{
	uint8_t nb = (uint8_t)(1 + take_below(in, 80));
	uint16_t length = take_half(in) % 2049;
	uint16_t lengths[80];
	struct rte_mbuf *frame;

	if (rte_mempool_avail_count(pool) < nb)
		return NULL;
	for (unsigned int i = 0; i < nb; i++)
		lengths[i] = (nb & 1) != 0 && i % 3 == 1 ? 0 : length;
	frame = rig_frame(pool, lengths, nb);
	if (length == 2048)
		frame->pkt_len = take_word(in);
	return frame;
}

/* Requests of any kind, sound or not, for a frame of any shape. */
static void
request(struct input *in, struct rte_mbuf *frame)
{
	uint64_t flags = take_half(in);

	/* The bits that a Tx request may have are the upper ones, up to the kind of mbuf. */
	frame->ol_flags = flags << 42 & RTE_MBUF_F_TX_OFFLOAD_MASK;
	frame->l2_len = take_byte(in) & 0x7f;
	frame->l3_len = take_half(in) & 0x1ff;
	frame->l4_len = take_byte(in);
	frame->tso_segsz = take_half(in);
	frame->vlan_tci = take_half(in);
}

static void
send_out(struct rte_mbuf **pkts, uint16_t nb)
{
	uint16_t sent = app.send(&app.tx->q, pkts, nb);

	must(sent <= nb, "%u of %u frames", sent, nb);
	rte_pktmbuf_free_bulk(&pkts[sent], nb - sent);
}

static void
transmit_requests(struct input *in)
{
	unsigned int count = 1 + take_below(in, 8);
	bool prepare = (take_byte(in) & 1) != 0;
	struct rte_mbuf *pkts[8];
	uint16_t nb = 0, good;

	while (nb < count && (pkts[nb] = take_frame(in)) != NULL)
		request(in, pkts[nb++]);
	if (!prepare) {
		send_out(pkts, nb);
		return;
	}
	good = tx_prepare(&app.tx->q, pkts, nb);
	must(good <= nb, "%u of %u frames prepared", good, nb);
	send_out(pkts, good);
	rte_pktmbuf_free_bulk(&pkts[good], nb - good);
}

static void
transmit(struct input *in)
{
	unsigned int count = 1 + take_below(in, BURST);
	struct rte_mbuf *pkts[BURST];
	uint16_t nb = 0;

	for (unsigned int i = 0; i < count; i++) {
		pkts[nb] = i % 4 == 0 || nb == 0 ? take_frame(in) : rte_pktmbuf_alloc(pool);
		if (pkts[nb] == NULL)
			break;
		if (i % 4 != 0)
			pkts[nb]->data_len = pkts[nb]->pkt_len = 60;
		nb++;
	}
	send_out(pkts, nb);
}

/* DD where nothing was sent, where it was, or not at all. */
static void
report_sent(struct input *in)
{
	uint16_t slot = (uint16_t)((app.tx->q.reclaim + take_byte(in)) % app.tx->q.size);
	unsigned int count = take_byte(in);

	while (count-- > 0) {
		app.tx->ring[slot].write_back.status ^= TXD_DD;
		slot = ring_next(slot, app.tx->q.size);
	}
}

static void
send_all(struct input *in)
{
	(void)in;
	for (uint16_t slot = 0; slot < app.tx->q.size; slot++)
		app.tx->ring[slot].write_back.status |= TXD_DD;
}

/* The order is part of the seeds: add at the end. */
static void (*const steps[])(struct input *in) = {
	deliver, receive, write_back, flip_done, release, hoard, transmit, report_sent, send_all,
	transmit_requests,
};

#define NB_STEPS (sizeof(steps) / sizeof(steps[0]))

static void
create_queues(struct input *in, const struct width *width)
{
	static const struct rx_wishes wishes = { .offloads = RX_WISHES };
	uint8_t shape = take_byte(in);
	uint16_t size = (uint16_t)(32 + 8 * (shape & 15));
	const struct family *family = (shape & 0x20) != 0 ? &family_82599_vf : &family_82576_vf;

	app.full = (shape & 0x40) != 0;
	app.rx = rx_rig_create(pool, size, 1 + take_below(in, 32));
	app.burst = width->rx[shape >> 7][app.full];
	app.send = width->tx[app.full];
	rxq_set_wishes(&app.rx->q, family, &wishes);
	app.rx->q.decode.crc_bytes = app.full && (shape & 0x10) != 0 ? RTE_ETHER_CRC_LEN : 0;
	app.tx = tx_rig_create_for(family, app.full ? TX_WISHES : 0, size,
				   1 + take_below(in, 40), 1 + take_below(in, 40));
}

static void
free_queues(void)
{
	free_held(HELD_MAX);
	while (app.nb_hoard > 0)
		rte_mempool_put(pool, app.hoard[--app.nb_hoard]);
	rx_rig_free(app.rx);
	tx_rig_free(app.tx);
	must(rte_mempool_avail_count(pool) == POOL, "%u of %u mbufs came back",
	     rte_mempool_avail_count(pool), POOL);
}

static void
run(struct input in, const struct width *width, struct outcome *outcome)
{
	create_queues(&in, width);
	for (unsigned int i = 0; i < STEPS_MAX && in.left > 0; i++) {
		steps[take_byte(&in) % NB_STEPS](&in);
		check_rx();
		check_tx();
	}
	*outcome = (struct outcome){ app.rx->q.count, app.tx->q.count };
	free_queues();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct outcome first, other;

	run((struct input){ data, bytes }, &widths[0], &first);
	for (size_t i = 1; i < sizeof(widths) / sizeof(widths[0]); i++) {
		run((struct input){ data, bytes }, &widths[i], &other);
		must(memcmp(&first, &other, sizeof(first)) == 0, "width %zu differs", i);
	}
	return 0;
}
