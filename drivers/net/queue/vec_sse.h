/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Vectors of 16 bytes, by SSE4.1 and SSSE3: four words, a descriptor, or two addresses.
 *
 * rx_vector.h and tx_vector.h are written in these terms. Another instruction set is another such
 * header.
 */
#ifndef SLUICE_VEC_SSE_H
#define SLUICE_VEC_SSE_H

#include <smmintrin.h>

#include <rte_mbuf.h>

#include "desc.h"

#define VEC_FRAMES 4	/* a word each */

typedef __m128i vec;

/** DD is seen only together with all that it vouches for: 16 aligned bytes are read at once. */
static inline vec
vec_descriptor(volatile union rx_desc *desc)
{
	return _mm_load_si128((const __m128i *)(uintptr_t)desc);
}

static inline vec
vec_words(uint32_t word)
{
	return _mm_set1_epi32(word);
}

/** 16 bytes that are aligned. */
static inline vec
vec_load(const void *bytes)
{
	return _mm_load_si128(bytes);
}

static inline vec
vec_load_unaligned(const void *bytes)
{
	return _mm_loadu_si128(bytes);
}

/** The 16 bytes of an mbuf from @p offset on, a multiple of 16. */
static inline vec
vec_field(const struct rte_mbuf *m, size_t offset)
{
	return vec_load((const uint8_t *)m + offset);
}

/** The same 64 bits twice. */
static inline vec
vec_quads(uint64_t quad)
{
	return _mm_set1_epi64x((long long)quad);
}

static inline vec
vec_and(vec a, vec b)
{
	return _mm_and_si128(a, b);
}

static inline vec
vec_or(vec a, vec b)
{
	return _mm_or_si128(a, b);
}

/** a, but for the bits of b. */
static inline vec
vec_without(vec a, vec b)
{
	return _mm_andnot_si128(b, a);
}

static inline vec
vec_xor(vec a, vec b)
{
	return _mm_xor_si128(a, b);
}

static inline vec
vec_add(vec a, vec b)
{
	return _mm_add_epi32(a, b);
}

/** The same of 64 bits each. */
static inline vec
vec_add_quads(vec a, vec b)
{
	return _mm_add_epi64(a, b);
}

static inline vec
vec_sub(vec a, vec b)
{
	return _mm_sub_epi32(a, b);
}

/** The smaller of each two words, which have no sign. */
static inline vec
vec_min(vec a, vec b)
{
	return _mm_min_epu32(a, b);
}

/* Words: right, left, and right by a number that is not a constant. */
#define vec_right(v, bits) _mm_srli_epi32(v, bits)
#define vec_left(v, bits)  _mm_slli_epi32(v, bits)

static inline vec
vec_right_by(vec v, uint32_t bits)
{
	return _mm_srl_epi32(v, _mm_cvtsi32_si128(bits));
}

/** All ones in words that are equal. */
static inline vec
vec_equal(vec a, vec b)
{
	return _mm_cmpeq_epi32(a, b);
}

/** By how much half words of a are larger than b's, which have no sign. */
static inline vec
vec_beyond_halves(vec a, vec b)
{
	return _mm_subs_epu16(a, b);
}

/** a0 b0 a1 b1 of the words; and a2 b2 a3 b3. */
static inline vec
vec_zip_low(vec a, vec b)
{
	return _mm_unpacklo_epi32(a, b);
}

static inline vec
vec_zip_high(vec a, vec b)
{
	return _mm_unpackhi_epi32(a, b);
}

/** a0 a1 b0 b1; and a2 a3 b2 b3. */
static inline vec
vec_low_halves(vec a, vec b)
{
	return _mm_unpacklo_epi64(a, b);
}

static inline vec
vec_high_halves(vec a, vec b)
{
	return _mm_unpackhi_epi64(a, b);
}

/** Each byte of @p index, 0 to 15, says which of the table to take; 128: a 0 instead. */
static inline vec
vec_lookup(vec table, vec index)
{
	return _mm_shuffle_epi8(table, index);
}

/** a0 a1 b2 b3. */
static inline vec
vec_outer_halves(vec a, vec b)
{
	return _mm_blend_epi16(a, b, 0xf0);
}

/** a0 a1 b3 b1; and a2 a3 b3 b1. */
static inline vec
vec_words_01_31(vec a, vec b)
{
	return _mm_castps_si128(_mm_shuffle_ps(_mm_castsi128_ps(a), _mm_castsi128_ps(b),
					       _MM_SHUFFLE(1, 3, 1, 0)));
}

static inline vec
vec_words_23_31(vec a, vec b)
{
	return _mm_castps_si128(_mm_shuffle_ps(_mm_castsi128_ps(a), _mm_castsi128_ps(b),
					       _MM_SHUFFLE(1, 3, 3, 2)));
}

static inline bool
vec_is_zero(vec v)
{
	return _mm_testz_si128(v, v);
}

static inline uint32_t
vec_sum(vec v)
{
	v = _mm_add_epi32(v, _mm_srli_si128(v, 8));
	v = _mm_add_epi32(v, _mm_srli_si128(v, 4));
	return _mm_cvtsi128_si32(v);
}

/** The lower 64 bits to one place, and the upper ones to another. */
static inline void
vec_store_quads(void *low, void *high, vec v)
{
	_mm_storel_pi(low, _mm_castsi128_ps(v));
	_mm_storeh_pi(high, _mm_castsi128_ps(v));
}

static inline void
vec_store(void *to, vec v)
{
	_mm_store_si128(to, v);
}

static inline void
vec_store_unaligned(void *to, vec v)
{
	_mm_storeu_si128(to, v);
}

/** 16 bytes to an mbuf at @p offset, a multiple of 16. */
static inline void
vec_store_field(struct rte_mbuf *m, size_t offset, vec v)
{
	vec_store((uint8_t *)m + offset, v);
}

#endif /* SLUICE_VEC_SSE_H */
