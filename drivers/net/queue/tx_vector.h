/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Tx by groups of VEC_FRAMES frames that are alike, in terms of vec_*.h, which is included before.
 *
 * A group is looked at as a whole, and written if each of its frames may take the short way
 * (tx_run.h). What is left is looked at frame by frame: a descriptor does not depend on the way.
 */
#ifndef SLUICE_TX_VECTOR_H
#define SLUICE_TX_VECTOR_H

#include <string.h>

#include "tx_run.h"

/* An mbuf's words from here on: packet_type, pkt_len, data_len and the tag above it, hash. */
#define TX_FIELDS_OFFSET offsetof(struct rte_mbuf, packet_type)

static_assert(offsetof(struct rte_mbuf, pkt_len) == TX_FIELDS_OFFSET + 4, "mbuf");
static_assert(offsetof(struct rte_mbuf, data_len) == TX_FIELDS_OFFSET + 8, "mbuf");
static_assert(offsetof(struct rte_mbuf, vlan_tci) == TX_FIELDS_OFFSET + 10, "mbuf");

/* What is the same for all groups of a run: struct tx_alike. */
struct tx_same {
	vec head, head_mask;
	vec min_bytes, bytes_span;
	vec tag, tag_mask;		/* in the upper half words */
	vec words;
	uint64_t offload_mask, offload;
	const struct rte_mempool *pool;
};

static __rte_always_inline void
tx_same_for_all(const struct txq *q, struct tx_same *same)
{
	const struct tx_alike *alike = &q->alike;

	same->head = vec_load(alike->head);
	same->head_mask = vec_load(alike->head_mask);
	same->min_bytes = vec_words(alike->min_bytes);
	same->bytes_span = vec_words(alike->bytes_span);
	same->tag = vec_words((uint32_t)alike->tag << 16);
	same->tag_mask = vec_words((uint32_t)alike->tag_mask << 16);
	same->words = vec_quads(alike->words);
	same->offload_mask = alike->offload_mask;
	same->offload = alike->offload;
	same->pool = q->pool;
}

/* Bits where one of the frames is not single, or has other flags. */
static __rte_always_inline vec
tx_odd_heads(const struct tx_same *same, struct rte_mbuf **m)
{
	vec odd = vec_xor(same->head, vec_field(m[0], TX_HEAD_OFFSET));

	for (unsigned int i = 1; i < VEC_FRAMES; i++)
		odd = vec_or(odd, vec_xor(same->head, vec_field(m[i], TX_HEAD_OFFSET)));
	return vec_and(odd, same->head_mask);
}

/* Bits where one of the frames has another length than its segment, or one that is refused. */
static __rte_always_inline vec
tx_odd_lengths(const struct tx_same *same, vec frame, vec segment)
{
	vec beyond = vec_sub(segment, same->min_bytes);

	return vec_or(vec_xor(frame, segment),
		      vec_xor(vec_min(beyond, same->bytes_span), beyond));
}

static __rte_always_inline bool
tx_same_pool(const struct tx_same *same, struct rte_mbuf **m)
{
	for (unsigned int i = 0; i < VEC_FRAMES; i++)
		if (unlikely(m[i]->pool != same->pool))
			return false;
	return true;
}

/* Header lengths are in the mbuf's second line: where they do not matter it is not touched. */
static __rte_always_inline bool
tx_same_headers(const struct tx_same *same, struct rte_mbuf **m)
{
	uint64_t odd = 0;

	if (same->offload_mask == 0)
		return true;
	for (unsigned int i = 0; i < VEC_FRAMES; i++)
		odd |= m[i]->tx_offload ^ same->offload;
	return (odd & same->offload_mask) == 0;
}

static __rte_always_inline void
tx_write_group(const struct tx_same *same, union tx_desc *desc, struct rte_mbuf **m, vec length)
{
	vec payload = vec_left(length, TXD_PAYLOAD_SHIFT);
	vec low = vec_or(vec_zip_low(length, payload), same->words);
	vec high = vec_or(vec_zip_high(length, payload), same->words);

	for (unsigned int i = 0; i < VEC_FRAMES; i++)
		desc[i].quad[0] = rte_mbuf_data_iova(m[i]);
	vec_store_quads(&desc[0].quad[1], &desc[1].quad[1], low);
	vec_store_quads(&desc[2].quad[1], &desc[3].quad[1], high);
}

/* @return false: nothing was touched */
static __rte_always_inline bool
tx_put_group(const struct tx_same *same, union tx_desc *desc, struct rte_mbuf **m, vec *bytes,
	     bool full)
{
	vec row[VEC_FRAMES], odd = tx_odd_heads(same, m), frame, tagged, segment;

	for (unsigned int i = 0; i < VEC_FRAMES; i++)
		row[i] = vec_field(m[i], TX_FIELDS_OFFSET);
	frame = vec_high_halves(vec_zip_low(row[0], row[1]), vec_zip_low(row[2], row[3]));
	tagged = vec_low_halves(vec_zip_high(row[0], row[1]), vec_zip_high(row[2], row[3]));
	segment = vec_and(tagged, vec_words(UINT16_MAX));
	odd = vec_or(odd, tx_odd_lengths(same, frame, segment));
	if (full)
		odd = vec_or(odd, vec_and(vec_xor(tagged, same->tag), same->tag_mask));
	if (unlikely(!vec_is_zero(odd) || !tx_same_pool(same, m) ||
		     (full && !tx_same_headers(same, m))))
		return false;
	tx_write_group(same, desc, m, segment);
	*bytes = vec_add(*bytes, segment);
	return true;
}

/** As tx_write_run(). */
static __rte_always_inline uint16_t
tx_write_groups(struct txq *q, uint16_t slot, struct rte_mbuf **pkts, uint16_t nb_pkts,
		uint64_t *bytes, bool full)
{
	union tx_desc *desc = (union tx_desc *)(uintptr_t)&q->ring[slot];
	struct rte_mbuf **mbufs = &q->mbufs[slot];
	unsigned int nb = 0;
	struct tx_same same;
	vec sum = vec_words(0);

	tx_same_for_all(q, &same);
	while (nb + VEC_FRAMES <= nb_pkts &&
	       tx_put_group(&same, &desc[nb], &pkts[nb], &sum, full)) {
		memcpy(&mbufs[nb], &pkts[nb], VEC_FRAMES * sizeof(*pkts));
		nb += VEC_FRAMES;
	}
	*bytes += vec_sum(sum);
	if (unlikely(nb < nb_pkts))
		nb += tx_write_run(q, slot + nb, &pkts[nb], nb_pkts - nb, bytes, full);
	return nb;
}

#endif /* SLUICE_TX_VECTOR_H */
