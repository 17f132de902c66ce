/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <rte_eal.h>
#include <rte_mbuf.h>

#include "ring_rig.h"

int
rig_init(void **state)
{
	char *argv[] = {
		(char[]){ "test" }, (char[]){ "--no-huge" }, (char[]){ "--no-pci" },
		(char[]){ "--no-shconf" }, (char[]){ "--no-telemetry" },
		(char[]){ "-m" }, (char[]){ "64" }, (char[]){ "-l" }, (char[]){ "0" },
		(char[]){ "--log-level=error" }, NULL,
	};

	(void)state;
	return rte_eal_init(sizeof(argv) / sizeof(argv[0]) - 1, argv) < 0 ? -1 : 0;
}

struct rte_mempool *
rig_pool(unsigned int nb)
{
	struct rte_mempool *pool;

	pool = rte_pktmbuf_pool_create("rig", nb, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	assert_non_null(pool);
	return pool;
}

struct rx_rig *
rx_rig_create(struct rte_mempool *pool, uint16_t size, uint16_t give_thresh)
{
	const struct rx_wishes nothing = { .types_off = UINT32_MAX };
	struct rx_rig *rig = calloc(1, sizeof(*rig));

	assert_non_null(rig);
	rig->q = (struct rxq){
		.ring = rig->ring,
		.mbufs = rig->mbufs,
		.tail = &rig->tail,
		.rearm = rxq_rearm_word(RIG_PORT),
		.error_bits = family_82576_vf.rxd_errors,
		.size = size,
		.holes = size,
		.give_thresh = rxq_give_thresh(size, give_thresh),
	};
	rxq_set_pool(&rig->q, pool);
	rxq_set_limits(&rig->q, &family_82576_vf, RTE_MBUF_DEFAULT_DATAROOM / 1024);
	rxq_set_wishes(&rig->q, &family_82576_vf, &nothing);
	assert_int_equal(rxq_fill(&rig->q, size - 1), size - 1);
	rig->tail = rig->q.give;
	return rig;
}

void
rx_rig_free(struct rx_rig *rig)
{
	struct rxq *q = &rig->q;

	for (; q->holes < q->size; q->holes++) {
		rte_mbuf_raw_free(q->mbufs[q->next]);
		q->next = ring_next(q->next, q->size);
	}
	rte_pktmbuf_free(q->head);
	free(rig);
}

uint16_t
rx_rig_room(const struct rx_rig *rig)
{
	return (rig->tail + rig->q.size - rig->head) % rig->q.size;
}

void
rx_rig_write(struct rx_rig *rig, uint16_t length, uint32_t flags)
{
	union rx_desc *desc = &rig->ring[rig->head];

	assert_true(rx_rig_room(rig) > 0);
	assert_int_equal(desc->read.header, 0);
	assert_int_equal(desc->read.buffer, rte_mbuf_data_iova_default(rig->mbufs[rig->head]));
	desc->write_back.type = UINT32_MAX;
	desc->write_back.hash = UINT32_MAX;
	desc->write_back.length = length;
	desc->write_back.vlan = 0;
	desc->write_back.status = RXD_DD | flags;
	rig->head = ring_next(rig->head, rig->q.size);
}

struct tx_rig *
tx_rig_create(uint16_t size, uint16_t rs_thresh, uint16_t free_thresh)
{
	return tx_rig_create_of(&family_82576_vf, size, rs_thresh, free_thresh);
}

struct tx_rig *
tx_rig_create_of(const struct family *family, uint16_t size, uint16_t rs_thresh,
		 uint16_t free_thresh)
{
	return tx_rig_create_for(family, 0, size, rs_thresh, free_thresh);
}

struct tx_rig *
tx_rig_create_for(const struct family *family, uint64_t offloads, uint16_t size,
		  uint16_t rs_thresh, uint16_t free_thresh)
{
	struct tx_rig *rig = calloc(1, sizeof(*rig));

	assert_non_null(rig);
	rig->q = (struct txq){
		.ring = rig->ring,
		.mbufs = rig->mbufs,
		.marks = rig->marks,
		.tail = &rig->tail,
		.size = size,
	};
	rig->family = family;
	txq_set_offloads(&rig->q, offloads);
	txq_set_limits(&rig->q, family, rs_thresh, free_thresh);
	txq_clear(&rig->q);
	txq_put_default_context(&rig->q, family);
	rig->tail = rig->q.next;
	return rig;
}

void
tx_rig_free(struct tx_rig *rig)
{
	txq_free_frames(&rig->q);
	free(rig);
}

/* How long did the device go without being asked to report? */
static void
count_since_mark(struct tx_rig *rig, bool mark)
{
	rig->since_mark++;
	if (rig->since_mark > rig->since_mark_max)
		rig->since_mark_max = rig->since_mark;
	if (mark)
		rig->since_mark = 0;
}

/* DTYP 2, DEXT and nothing else that a data descriptor has. */
static bool
is_context(const union tx_desc *desc)
{
	return (desc->read.command & 0x2ff00000) == 0x20200000;
}

static void
keep_context(struct tx_rig *rig, const union tx_desc *desc)
{
	uint32_t *context = rig->context[desc->read.status >> 4 & 1];

	context[0] = (uint32_t)desc->read.buffer;
	context[1] = desc->read.buffer >> 32;
	context[2] = desc->read.command;
	context[3] = desc->read.status;
	rig->nb_contexts++;
}

/* The frame's length is told right: with TSO that of its payload. */
static void
end_frame(struct tx_rig *rig, const union tx_desc *desc, uint32_t bytes)
{
	struct tx_told *told = &rig->told[rig->nb_frames++ % RIG_TOLD_MAX];
	uint32_t status = desc->read.status, command = desc->read.command;
	const uint32_t *context = rig->context[status >> 4 & 1];
	uint32_t headers = (context[0] & 0x1ff) + (context[0] >> 9 & 0x7f) +
		(context[3] >> 8 & 0xff);

	assert_int_equal(status >> 14, bytes - ((command & BIT(31)) != 0 ? headers : 0));
	assert_int_equal(status & 0x3fff & ~0x310, rig->family->txd_status);
	memcpy(told->context, context, sizeof(told->context));
	told->command = command;
	told->status = status;
	told->bytes = bytes;
	rig->nb_bytes += bytes;
}

/* A frame of one segment lies where its descriptor points to. */
static void
check_address(const struct tx_rig *rig, const union tx_desc *desc)
{
	const struct rte_mbuf *frame = rig->mbufs[rig->head];

	if (frame->nb_segs == 1)
		assert_int_equal(desc->read.buffer, rte_mbuf_data_iova(frame));
}

void
tx_rig_send(struct tx_rig *rig)
{
	uint32_t frame_bytes = 0;

	for (; rig->head != rig->tail; rig->head = ring_next(rig->head, rig->q.size)) {
		union tx_desc *desc = &rig->ring[rig->head];
		uint32_t command = desc->read.command;

		count_since_mark(rig, (command & TXD_RS) != 0);
		if (is_context(desc)) {
			keep_context(rig, desc);
			continue;
		}
		/* Advanced data descriptor, with CRC, of a length that can be fetched. */
		assert_int_equal(command & 0x22f00000, 0x22300000);
		assert_int_not_equal(command & UINT16_MAX, 0);
		assert_int_equal(desc->read.status & TXD_DD, 0);
		frame_bytes += command & UINT16_MAX;
		rig->nb_descs++;
		if ((command & TXD_RS) != 0) {
			assert_true((command & TXD_EOP) != 0);
			rig->nb_marks++;
		}
		if ((command & TXD_EOP) != 0) {
			check_address(rig, desc);
			end_frame(rig, desc, frame_bytes);
			frame_bytes = 0;
		}
		if ((command & TXD_RS) != 0)
			desc->write_back.status |= TXD_DD;
	}
	assert_int_equal(frame_bytes, 0);
}

struct rte_mbuf *
rig_frame(struct rte_mempool *pool, const uint16_t *lengths, uint16_t nb)
{
	struct rte_mbuf *frame = NULL, *last = NULL;

	for (uint16_t i = 0; i < nb; i++) {
		struct rte_mbuf *seg = rte_pktmbuf_alloc(pool);

		assert_non_null(seg);
		seg->data_len = lengths[i];
		if (frame == NULL)
			frame = seg;
		else
			last->next = seg;
		last = seg;
		frame->pkt_len += lengths[i];
	}
	frame->nb_segs = nb;
	return frame;
}
