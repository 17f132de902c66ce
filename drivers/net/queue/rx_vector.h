/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Rx by groups of VEC_FRAMES slots, in terms of vec_*.h, which is included before.
 *
 * A group is taken as a whole when each of its slots has a sound frame in one buffer and nothing
 * that tables of 16 rows cannot say. All else, down to the last slots of a burst, is taken one by
 * one: a frame's fields do not depend on the way it came.
 */
#ifndef SLUICE_RX_VECTOR_H
#define SLUICE_RX_VECTOR_H

#include <string.h>

#include "rx_ring.h"

/* Where a write-back's bytes go, from packet_type on: length, length again, tag, hash. */
#define FIELDS_OFFSET offsetof(struct rte_mbuf, packet_type)
#define NO	      0x80

static_assert(offsetof(struct rte_mbuf, ol_flags) == REARM_OFFSET + 8, "mbuf");
static_assert(offsetof(struct rte_mbuf, pkt_len) == FIELDS_OFFSET + 4, "mbuf");
static_assert(offsetof(struct rte_mbuf, data_len) == FIELDS_OFFSET + 8, "mbuf");
static_assert(offsetof(struct rte_mbuf, vlan_tci) == FIELDS_OFFSET + 10, "mbuf");
static_assert(offsetof(struct rte_mbuf, hash.rss) == FIELDS_OFFSET + 12, "mbuf");

static const uint8_t plain_fields[16] = {
	NO, NO, NO, NO, 12, 13, NO, NO, 12, 13, NO, NO, NO, NO, NO, NO,
};
static const uint8_t full_fields[16] = {
	NO, NO, NO, NO, 12, 13, NO, NO, 12, 13, 14, 15, 4, 5, 6, 7,
};

/* What is the same for all groups of a burst. */
struct rx_same {
	vec status_mask, status;	/* the bits of a sound frame in one buffer */
	vec limit;			/* length in the low half word; the tag's may be anything */
	vec rearm;			/* mbuf fields from REARM_OFFSET on, and no flags */
	vec fields;			/* plain_fields or full_fields */
	vec may, is, hash, network, transport;	/* of struct rx_shuffle */
	vec special;			/* type bits */
};

/* The first words of four descriptors, or their second halves' likewise. */
struct rx_columns {
	vec type, status, length;	/* length: the tag above it */
};

static __rte_always_inline void
same_for_all(const struct rxq *q, struct rx_same *same, bool full)
{
	const struct rx_decode *decode = &q->decode;
	uint64_t rearm[2] = { q->rearm, 0 };

	same->status = vec_words(RXD_DD | RXD_EOP);
	same->status_mask = vec_words(RXD_DD | RXD_EOP | q->error_bits |
				      (full ? decode->vlan_swapped : 0));
	same->limit = vec_words(UINT32_C(0xffff0000) | q->buffer_bytes);
	same->rearm = vec_table((const uint8_t *)rearm);
	same->fields = vec_table(full ? full_fields : plain_fields);
	if (!full)
		return;
	same->may = vec_table(decode->shuffle.may);
	same->is = vec_table(decode->shuffle.is);
	same->hash = vec_table(decode->shuffle.hash);
	same->network = vec_table(decode->shuffle.network);
	same->transport = vec_table(decode->shuffle.transport);
	same->special = vec_words(decode->type_special);
}

static __rte_always_inline void
read_group(volatile union rx_desc *ring, vec desc[4], struct rx_columns *columns)
{
	vec high_01, high_23;

	for (unsigned int i = 0; i < 4; i++)
		desc[i] = vec_descriptors(&ring[i]);
	high_01 = vec_zip_high(desc[0], desc[1]);
	high_23 = vec_zip_high(desc[2], desc[3]);
	columns->status = vec_low_halves(high_01, high_23);
	columns->length = vec_high_halves(high_01, high_23);
	columns->type = vec_low_halves(vec_zip_low(desc[0], desc[1]),
				       vec_zip_low(desc[2], desc[3]));
}

/* Words of ones where a sound frame came, of a length that is believed. */
static __rte_always_inline vec
are_sound(const struct rx_same *same, const struct rx_columns *columns)
{
	return vec_and(vec_equal(vec_and(columns->status, same->status_mask), same->status),
		       vec_equal(vec_max_halves(columns->length, same->limit), same->limit));
}

static __rte_always_inline vec
packet_types(const struct rx_same *same, vec type)
{
	vec network = vec_lookup(same->network, vec_and(vec_right(type, RX_TYPE_SHIFT),
							vec_words(0xf)));
	vec transport = vec_lookup(same->transport, vec_and(type, vec_words(0x700)));

	return vec_or(vec_and(network, vec_words(0xff)), transport);
}

/* Words of ones where the tables do not hold. */
static __rte_always_inline vec
are_usual(const struct rx_same *same, vec type, vec packet_type)
{
	vec odd = vec_or(vec_and(type, same->special),
			 vec_and(packet_type, vec_words(RX_SHUFFLE_ODD)));

	return vec_equal(odd, vec_words(0));
}

/* As rx_decode() has it: wrong L4 checksums of some frames are nothing to report. */
static vec
without_false_alarms(const struct false_alarm *alarm, const struct rx_columns *columns, vec flags)
{
	vec zero = vec_words(0);
	vec other_type = vec_equal(vec_and(columns->type, vec_words(alarm->types)), zero);
	vec length = vec_and(columns->length, vec_words(UINT16_MAX));
	vec same_length = alarm->bytes == 0 ?
		vec_equal(zero, zero) : vec_equal(length, vec_words(alarm->bytes));
	vec wrong = vec_without(same_length, other_type);

	return vec_without(flags, vec_and(wrong, vec_words(RTE_MBUF_F_RX_L4_CKSUM_BAD)));
}

/* RTE_MBUF_F_RX_*, a word for each frame. */
static __rte_always_inline vec
frame_flags(const struct rxq *q, const struct rx_same *same, const struct rx_columns *columns)
{
	const struct rx_decode *decode = &q->decode;
	vec status = columns->status, moved = vec_words(RX_SHUFFLE_L4_GOOD), flags;
	vec low = vec_and(vec_right(status, RX_FLAG_STATUS_SHIFT), vec_words(0xf));
	vec high = vec_or(vec_and(vec_right(status, 6), vec_words(1)),
			  vec_left(vec_and(vec_right_by(status, decode->error_shift),
					   vec_words(3)), 1));

	flags = vec_and(vec_lookup(same->may, low), vec_lookup(same->is, high));
	flags = vec_or(vec_without(flags, moved),
		       vec_left(vec_and(flags, moved), RX_SHUFFLE_MOVE_LEFT));
	if (unlikely(!vec_is_zero(vec_and(flags, vec_words(RTE_MBUF_F_RX_L4_CKSUM_BAD)))))
		flags = without_false_alarms(&decode->false_alarm, columns, flags);
	return vec_or(flags, vec_lookup(same->hash, vec_and(columns->type, vec_words(0xf))));
}

/* Words of flags and types to the mbufs of the group. */
static __rte_always_inline void
write_full(const struct rx_same *same, const vec desc[4], struct rte_mbuf **m, vec flags, vec type)
{
	vec fields[4];

	for (unsigned int i = 0; i < 4; i++)
		fields[i] = vec_lookup(desc[i], same->fields);
	vec_store(&m[0], REARM_OFFSET, vec_word_2(same->rearm, vec_bytes_up(flags, 8)));
	vec_store(&m[0], FIELDS_OFFSET, vec_word_0(fields[0], type));
	vec_store(&m[1], REARM_OFFSET, vec_word_2(same->rearm, vec_bytes_up(flags, 4)));
	vec_store(&m[1], FIELDS_OFFSET, vec_word_0(fields[1], vec_bytes_down(type, 4)));
	vec_store(&m[2], REARM_OFFSET, vec_word_2(same->rearm, flags));
	vec_store(&m[2], FIELDS_OFFSET, vec_word_0(fields[2], vec_bytes_down(type, 8)));
	vec_store(&m[3], REARM_OFFSET, vec_word_2(same->rearm, vec_bytes_down(flags, 4)));
	vec_store(&m[3], FIELDS_OFFSET, vec_word_0(fields[3], vec_bytes_down(type, 12)));
}

static __rte_always_inline void
write_plain(const struct rx_same *same, const vec desc[4], struct rte_mbuf **m)
{
	for (unsigned int i = 0; i < 4; i++) {
		vec_store(&m[i], REARM_OFFSET, same->rearm);
		vec_store(&m[i], FIELDS_OFFSET, vec_lookup(desc[i], same->fields));
	}
}

/* @return false: nothing was touched */
static __rte_always_inline bool
take_group(const struct rxq *q, const struct rx_same *same, uint16_t slot,
	   struct rte_mbuf **pkts, vec *bytes, bool full)
{
	struct rte_mbuf **mbufs = &q->mbufs[slot];
	struct rx_columns columns;
	vec desc[4], sound, type = vec_words(0);

	read_group(&q->ring[slot], desc, &columns);
	sound = are_sound(same, &columns);
	if (full) {
		type = packet_types(same, columns.type);
		sound = vec_and(sound, are_usual(same, columns.type, type));
	}
	if (!vec_is_ones(sound))
		return false;
	rte_io_rmb();	/* DD is read before the data it vouches for */
	if (full)
		write_full(same, desc, mbufs, frame_flags(q, same, &columns), type);
	else
		write_plain(same, desc, mbufs);
	memcpy(pkts, mbufs, VEC_FRAMES * sizeof(*pkts));
	*bytes = vec_add(*bytes, vec_and(columns.length, vec_words(UINT16_MAX)));
	return true;
}

/* Whole groups from q->next on, as far as the end of the ring. @return how many frames */
static __rte_always_inline uint16_t
take_groups(struct rxq *q, struct rte_mbuf **pkts, uint16_t nb_pkts, bool full)
{
	uint16_t run = ring_run(q->next, RTE_MIN(nb_pkts, rx_buffers(q)), q->size), taken = 0;
	vec bytes = vec_words(0);
	struct rx_same same;

	if (run < VEC_FRAMES || q->skipping || q->head != NULL ||
	    (full && q->decode.crc_bytes != 0))
		return 0;
	same_for_all(q, &same, full);
	while (run - taken >= VEC_FRAMES &&
	       take_group(q, &same, q->next + taken, &pkts[taken], &bytes, full))
		taken += VEC_FRAMES;
	q->next = ring_next(q->next + taken - 1, q->size);
	q->holes += taken;
	q->count.packets += taken;
	q->count.bytes += vec_sum(bytes);
	return taken;
}

/**
 * Groups, and between them what is left over, @p rest's way; then the next slot to take is at a
 * group's place again. @p full is a constant.
 */
static __rte_always_inline struct rx_taken
vector_take(struct rxq *q, struct rte_mbuf **pkts, uint16_t nb_pkts, uint16_t slots,
	    rx_take_t *rest, bool full)
{
	struct rx_taken all = { 0, 0 }, some;
	uint16_t left;

	while (all.frames < nb_pkts && all.slots < slots) {
		uint16_t groups = take_groups(q, &pkts[all.frames],
					      RTE_MIN(nb_pkts - all.frames, slots - all.slots),
					      full);

		all.slots += groups;
		all.frames += groups;
		if (groups > 0 && (q->next == 0 || all.frames == nb_pkts))
			continue;
		left = RTE_MIN(slots - all.slots, VEC_FRAMES - q->next % VEC_FRAMES);
		some = rest(q, &pkts[all.frames], nb_pkts - all.frames, left);
		all.slots += some.slots;
		all.frames += some.frames;
		if (some.slots < left)
			break;
	}
	return all;
}

static __rte_always_inline uint16_t
vector_burst(struct rxq *q, struct rte_mbuf **pkts, uint16_t nb_pkts, rx_take_t *rest, bool full)
{
	struct rx_taken taken;

	if (nb_pkts < VEC_FRAMES)
		taken = rest(q, pkts, nb_pkts, q->size);
	else
		taken = vector_take(q, pkts, nb_pkts, q->size, rest, full);
	rx_give_back(q);
	return taken.frames;
}

#endif /* SLUICE_RX_VECTOR_H */
