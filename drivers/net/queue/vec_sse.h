/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Vectors of four descriptors' worth of work, by SSE4.1 and SSSE3: one lane of 16 bytes.
 *
 * rx_vector.h is written in these terms. Another instruction set is another such header; with
 * wider registers, of more lanes, each operation does the same with every lane.
 */
#ifndef SLUICE_VEC_SSE_H
#define SLUICE_VEC_SSE_H

#include <smmintrin.h>

#include <rte_mbuf.h>

#include "desc.h"

#define VEC_FRAMES 4	/* a lane has four words */

typedef __m128i vec;

/**
 * A descriptor per lane, of descriptors four apart. Of each, DD is seen only together with all
 * that it vouches for: 16 bytes that are aligned are read at once.
 */
static inline vec
vec_descriptors(volatile union rx_desc *desc)
{
	return _mm_load_si128((const __m128i *)(uintptr_t)desc);
}

/** The same 16 bytes in each lane. */
static inline vec
vec_table(const uint8_t *table)
{
	return _mm_loadu_si128((const __m128i *)table);
}

static inline vec
vec_words(uint32_t word)
{
	return _mm_set1_epi32(word);
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

/** The larger of each two half words. */
static inline vec
vec_max_halves(vec a, vec b)
{
	return _mm_max_epu16(a, b);
}

/** a0 b0 a1 b1 of the words of a lane; and a2 b2 a3 b3. */
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

/** Each byte of @p index, 0 to 15, says which of the lane's table to take; 128: a 0 instead. */
static inline vec
vec_lookup(vec table, vec index)
{
	return _mm_shuffle_epi8(table, index);
}

/* Lanes: bytes up or down by a constant; and words 0, or words 2, of b instead of a's. */
#define vec_bytes_up(v, bytes)	 _mm_slli_si128(v, bytes)
#define vec_bytes_down(v, bytes) _mm_srli_si128(v, bytes)
#define vec_word_0(a, b)	 _mm_blend_epi16(a, b, 0x03)
#define vec_word_2(a, b)	 _mm_blend_epi16(a, b, 0x30)

static inline bool
vec_is_ones(vec v)
{
	return _mm_test_all_ones(v);
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

/** Each lane to the mbuf of its descriptor, at @p offset. */
static inline void
vec_store(struct rte_mbuf **mbufs, size_t offset, vec v)
{
	_mm_storeu_si128((__m128i *)((uintptr_t)mbufs[0] + offset), v);
}

#endif /* SLUICE_VEC_SSE_H */
