/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What all fuzz targets share: the input taken from its front, and the end of a run that shows a
 * defect.
 */
#ifndef SLUICE_FUZZ_INPUT_H
#define SLUICE_FUZZ_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/** The bytes that are left; an input that is used up goes on with zeros. */
struct input {
	const uint8_t *at;
	size_t left;
};

static inline uint8_t
take_byte(struct input *in)
{
	if (in->left == 0)
		return 0;
	in->left--;
	return *in->at++;
}

static inline uint16_t
take_half(struct input *in)
{
	uint16_t low = take_byte(in);

	return (uint16_t)(low | take_byte(in) << 8);
}

static inline uint32_t
take_word(struct input *in)
{
	uint32_t low = take_half(in);

	return low | (uint32_t)take_half(in) << 16;
}

/** A number below @p limit, from one byte. */
static inline unsigned int
take_below(struct input *in, unsigned int limit)
{
	return take_byte(in) % limit;
}

/* What ends a run that shows a defect: the process, unless a test program has something better. */
#ifdef MUST_STOP
_Noreturn void MUST_STOP(void);
#else
#define MUST_STOP abort
#endif

/** End the run here unless @p condition holds: the fuzzer keeps the input that led to it. */
#define must(condition, ...) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "%s:%d: must hold: %s: ", __FILE__, __LINE__, \
				#condition); \
			fprintf(stderr, __VA_ARGS__); \
			fputc('\n', stderr); \
			MUST_STOP(); \
		} \
	} while (0)

/* Called by libFuzzer, or by replay.c in builds without it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);
int LLVMFuzzerInitialize(int *argc, char ***argv);

#endif /* SLUICE_FUZZ_INPUT_H */
