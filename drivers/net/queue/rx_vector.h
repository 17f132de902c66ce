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

#define FIELDS_OFFSET offsetof(struct rte_mbuf, packet_type)

#define ODD_SLOTS 32	/* taken one by one before groups are tried again */

static_assert(offsetof(struct rte_mbuf, ol_flags) == REARM_OFFSET + 8, "mbuf");
static_assert(offsetof(struct rte_mbuf, pkt_len) == FIELDS_OFFSET + 4, "mbuf");
static_assert(offsetof(struct rte_mbuf, data_len) == FIELDS_OFFSET + 8, "mbuf");
static_assert(offsetof(struct rte_mbuf, vlan_tci) == FIELDS_OFFSET + 10, "mbuf");
static_assert(offsetof(struct rte_mbuf, hash.rss) == FIELDS_OFFSET + 12, "mbuf");

/* Where a write-back's bytes go that nobody wants more of: length, and length again. */
#define NO 0x80
static const uint8_t plain_fields[16] __rte_aligned(16) = {
	NO, NO, NO, NO, 12, 13, NO, NO, 12, 13, NO, NO, NO, NO, NO, NO,
};

/* Words of four descriptors. */
struct rx_columns {
	vec type, status, tagged;	/* tagged: the length, and the tag above it */
	vec length;
};

static __rte_always_inline void
read_group(volatile union rx_desc *ring, vec desc[4], struct rx_columns *columns)
{
	vec high_01, high_23;

	for (unsigned int i = 0; i < 4; i++)
		desc[i] = vec_descriptor(&ring[i]);
	high_01 = vec_zip_high(desc[0], desc[1]);
	high_23 = vec_zip_high(desc[2], desc[3]);
	columns->status = vec_low_halves(high_01, high_23);
	columns->tagged = vec_high_halves(high_01, high_23);
	columns->length = vec_and(columns->tagged, vec_words(UINT16_MAX));
	columns->type = vec_low_halves(vec_zip_low(desc[0], desc[1]),
				       vec_zip_low(desc[2], desc[3]));
}

/* Bits where a frame has a length that is not believed. */
static __rte_always_inline vec
too_long(const struct rx_same *same, const struct rx_columns *columns)
{
	return vec_beyond_halves(columns->tagged, vec_load(same->limit));
}

/* Bits where no sound frame came. */
static __rte_always_inline vec
not_sound(const struct rx_same *same, const struct rx_columns *columns)
{
	vec status = vec_and(columns->status, vec_load(same->status_mask));

	return vec_or(vec_xor(status, vec_load(same->status)), too_long(same, columns));
}

static __rte_always_inline vec
packet_types(const struct rx_shuffle *shuffle, vec type)
{
	vec network = vec_lookup(vec_load(shuffle->network),
				 vec_and(vec_right(type, RX_TYPE_SHIFT), vec_words(0xf)));
	vec transport = vec_lookup(vec_load(shuffle->transport),
				   vec_and(type, vec_words(0x700)));

	return vec_or(vec_and(network, vec_words(0xff)), transport);
}

/* Bits where the tables do not hold. */
static __rte_always_inline vec
not_usual(const struct rx_same *same, vec type, vec packet_type)
{
	return vec_or(vec_and(type, vec_load(same->special)),
		      vec_and(packet_type, vec_words(RX_SHUFFLE_ODD)));
}

/* As rx_decode() has it: wrong L4 checksums of some frames are nothing to report. */
static vec
without_false_alarms(const struct false_alarm *alarm, const struct rx_columns *columns, vec flags)
{
	vec zero = vec_words(0);
	vec other_type = vec_equal(vec_and(columns->type, vec_words(alarm->types)), zero);
	vec same_length = alarm->bytes == 0 ?
		vec_equal(zero, zero) : vec_equal(columns->length, vec_words(alarm->bytes));
	vec wrong = vec_without(same_length, other_type);

	return vec_without(flags, vec_and(wrong, vec_words(RTE_MBUF_F_RX_L4_CKSUM_BAD)));
}

/* RTE_MBUF_F_RX_*, a word for each frame, false alarms among them. */
static __rte_always_inline vec
frame_flags(const struct rx_decode *decode, const struct rx_columns *columns)
{
	const struct rx_shuffle *shuffle = &decode->shuffle;
	vec status = columns->status, moved = vec_words(RX_SHUFFLE_L4_GOOD), flags;
	vec low = vec_and(vec_right(status, RX_FLAG_STATUS_SHIFT), vec_words(0xf));
	vec high = vec_or(vec_and(vec_right(status, 4), vec_words(4)),
			  vec_and(vec_right_by(status, decode->error_shift), vec_words(3)));

	flags = vec_and(vec_lookup(vec_load(shuffle->may), low),
			vec_lookup(vec_load(shuffle->is), high));
	flags = vec_or(vec_without(flags, moved),
		       vec_left(vec_and(flags, moved), RX_SHUFFLE_MOVE_LEFT));
	return vec_or(flags, vec_lookup(vec_load(shuffle->hash),
					vec_and(columns->type, vec_words(0xf))));
}

/* What the tables said of the group before, and of what words. */
struct rx_before {
	vec type, status;
	vec packet_type, flags;
	bool known;
};

/* The same words, and lengths that are believed: then the tables need not be asked again. */
static __rte_always_inline bool
is_as_before(const struct rx_same *same, const struct rx_before *before,
	     const struct rx_columns *columns)
{
	vec other = vec_or(vec_xor(columns->type, before->type),
			   vec_xor(columns->status, before->status));

	return before->known && vec_is_zero(vec_or(other, too_long(same, columns)));
}

/* @return false: the tables do not hold, or a frame is not sound */
static __rte_always_inline bool
look_up(const struct rxq *q, struct rx_before *before, const struct rx_columns *columns)
{
	vec packet_type = packet_types(&q->decode.shuffle, columns->type), flags;

	if (!vec_is_zero(vec_or(not_sound(&q->same, columns),
				not_usual(&q->same, columns->type, packet_type))))
		return false;
	flags = frame_flags(&q->decode, columns);
	before->type = columns->type;
	before->status = columns->status;
	before->packet_type = packet_type;
	/* Whether an alarm is false depends on lengths too. */
	before->known = vec_is_zero(vec_and(flags, vec_words(RTE_MBUF_F_RX_L4_CKSUM_BAD)));
	if (unlikely(!before->known))
		flags = without_false_alarms(&q->decode.false_alarm, columns, flags);
	before->flags = flags;
	return true;
}

/* The flags behind what is the same for all: 16 bytes of each mbuf. */
static __rte_always_inline void
write_flags(vec rearm, struct rte_mbuf **m, vec flags)
{
	vec low = vec_zip_low(flags, vec_words(0)), high = vec_zip_high(flags, vec_words(0));

	vec_store_field(m[0], REARM_OFFSET, vec_low_halves(rearm, low));
	vec_store_field(m[1], REARM_OFFSET, vec_outer_halves(rearm, low));
	vec_store_field(m[2], REARM_OFFSET, vec_low_halves(rearm, high));
	vec_store_field(m[3], REARM_OFFSET, vec_outer_halves(rearm, high));
}

/* Packet type and length; length and tag, and the hash, as they are in the descriptor. */
static __rte_always_inline void
write_fields(const vec desc[4], struct rte_mbuf **m, vec type, vec length)
{
	vec low = vec_zip_low(type, length), high = vec_zip_high(type, length);

	vec_store_field(m[0], FIELDS_OFFSET, vec_words_01_31(low, desc[0]));
	vec_store_field(m[1], FIELDS_OFFSET, vec_words_23_31(low, desc[1]));
	vec_store_field(m[2], FIELDS_OFFSET, vec_words_01_31(high, desc[2]));
	vec_store_field(m[3], FIELDS_OFFSET, vec_words_23_31(high, desc[3]));
}

static __rte_always_inline void
write_plain(vec rearm, const vec desc[4], struct rte_mbuf **m)
{
	vec fields = vec_load(plain_fields);

	for (unsigned int i = 0; i < 4; i++) {
		vec_store_field(m[i], REARM_OFFSET, rearm);
		vec_store_field(m[i], FIELDS_OFFSET, vec_lookup(desc[i], fields));
	}
}

/* @return false: nothing was touched */
static __rte_always_inline bool
take_group(const struct rxq *q, volatile union rx_desc *ring, struct rte_mbuf **mbufs,
	   struct rte_mbuf **pkts, struct rx_before *before, vec *bytes, bool full)
{
	struct rte_mbuf *m[VEC_FRAMES] = { mbufs[0], mbufs[1], mbufs[2], mbufs[3] };
	const struct rx_same *same = &q->same;
	struct rx_columns columns;
	vec desc[4];

	read_group(ring, desc, &columns);
	if (full ? !is_as_before(same, before, &columns) && !look_up(q, before, &columns) :
		   !vec_is_zero(not_sound(same, &columns)))
		return false;
	rte_io_rmb();	/* DD is read before the data it vouches for */
	*bytes = vec_add(*bytes, columns.length);
	memcpy(pkts, mbufs, sizeof(m));
	if (full) {
		write_fields(desc, m, before->packet_type, columns.length);
		write_flags(vec_load(same->rearm), m, before->flags);
	} else {
		write_plain(vec_load(same->rearm), desc, m);
	}
	return true;
}

/* Whole groups from q->next on, as far as the end of the ring. @return how many frames */
static __rte_always_inline uint16_t
take_groups(struct rxq *q, struct rte_mbuf **pkts, uint16_t nb_pkts, bool full)
{
	volatile union rx_desc *ring = &q->ring[q->next];
	struct rte_mbuf **mbufs = &q->mbufs[q->next];
	unsigned int run = ring_run(q->next, RTE_MIN(nb_pkts, rx_buffers(q)), q->size), taken = 0;
	struct rx_before before = { .known = false };
	vec bytes = vec_words(0);

	if (run < VEC_FRAMES || q->skipping || q->head != NULL ||
	    (full && q->decode.crc_bytes != 0))
		return 0;
	while (taken + VEC_FRAMES <= run &&
	       take_group(q, &ring[taken], &mbufs[taken], &pkts[taken], &before, &bytes, full))
		taken += VEC_FRAMES;
	q->next = q->next + taken == q->size ? 0 : q->next + taken;
	q->holes += taken;
	q->count.packets += taken;
	q->count.bytes += vec_sum(bytes);
	return taken;
}

/* Slots to take one by one: where one group is odd, as in chains, the following ones are. */
static inline uint16_t
odd_slots(const struct rxq *q, uint16_t groups)
{
	uint16_t beyond = q->next % VEC_FRAMES;

	return groups == 0 && beyond == 0 ? ODD_SLOTS : VEC_FRAMES - beyond;
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
		left = RTE_MIN(slots - all.slots, odd_slots(q, groups));
		some = rest(q, &pkts[all.frames], nb_pkts - all.frames, left);
		all.slots += some.slots;
		all.frames += some.frames;
		if (some.slots < left)
			break;
	}
	return all;
}

/* Two buffers a step: the pointers to the ring's own list, and the addresses to its descriptors. */
static __rte_always_inline void
vector_arm(const struct rxq *q, uint16_t slot, void **buffers, unsigned int count)
{
	union rx_desc *desc = (union rx_desc *)(uintptr_t)&q->ring[slot];
	struct rte_mbuf **mbufs = &q->mbufs[slot];
	vec distance = vec_quads(q->data_distance), zero = vec_words(0);
	unsigned int i;

	/* The write-back's DD is in the upper half: the slots are unused from here on. */
	for (i = 0; i + 2 <= count; i += 2) {
		vec two = vec_load_unaligned(&buffers[i]), at = vec_add_quads(two, distance);

		vec_store_unaligned(&mbufs[i], two);
		vec_store(&desc[i], vec_low_halves(at, zero));
		vec_store(&desc[i + 1], vec_high_halves(at, zero));
	}
	if (i < count) {
		mbufs[i] = buffers[i];
		desc[i].read.buffer = (uintptr_t)buffers[i] + q->data_distance;
		desc[i].read.header = 0;
	}
}

/* As rxq_fill(): straight from this lcore's cache of the pool, without a look at the mbufs. */
static __rte_always_inline uint16_t
vector_fill(struct rxq *q, uint16_t count)
{
	struct rte_mempool_cache *cache = rte_mempool_default_cache(q->pool, rte_lcore_id());
	uint16_t run = ring_run(q->give, count, q->size);
	void **buffers;

	if (unlikely(cache == NULL || cache->len < count || !q->data_is_near))
		return rxq_fill(q, count);
	cache->len -= count;
	buffers = &cache->objs[cache->len];
	RTE_MEMPOOL_CHECK_COOKIES(q->pool, buffers, count, 1);
	vector_arm(q, q->give, buffers, run);
	q->give += run;
	if (unlikely(q->give == q->size)) {
		q->give = count - run;
		vector_arm(q, 0, &buffers[run], q->give);
	}
	q->holes -= count;
	return count;
}

static __rte_always_inline uint16_t
vector_burst(struct rxq *q, struct rte_mbuf **pkts, uint16_t nb_pkts, rx_take_t *rest, bool full)
{
	struct rx_taken taken;

	if (nb_pkts < VEC_FRAMES)
		taken = rest(q, pkts, nb_pkts, q->size);
	else
		taken = vector_take(q, pkts, nb_pkts, q->size, rest, full);
	rx_give_back(q, vector_fill);
	return taken.frames;
}

#endif /* SLUICE_RX_VECTOR_H */
