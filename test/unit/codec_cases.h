/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What the tests of both codecs look at: requests by their words, and what is behind a reply's.
 */
#ifndef SLUICE_TEST_CODEC_CASES_H
#define SLUICE_TEST_CODEC_CASES_H

#include "cases.h"

#include "message.h"

struct words_case {
	const char *what;
	uint32_t word0, word1, word2;
	uint8_t words;
	int expect;	/**< of decoding that */
};

/** @return how many of the cases are decoded to something else; what they are is printed */
static inline unsigned int
words_failed(const struct words_case *cases, size_t nb,
	     int (*decode)(uint32_t opcode, const struct mbx_msg *msg))
{
	unsigned int failed = 0;

	for (size_t i = 0; i < nb; i++) {
		struct mbx_msg msg = {
			.word = { cases[i].word0, cases[i].word1, cases[i].word2 },
			.words = cases[i].words,
		};

		failed += differs(cases[i].what, cases[i].expect,
				  decode(cases[i].word0 & MBX_OPCODE, &msg));
	}
	return failed;
}

static inline unsigned int
rest_not_zero(const struct mbx_msg *msg, unsigned int from)
{
	unsigned int nb = 0;

	for (unsigned int i = from; i < MBX_WORDS; i++)
		nb += msg->word[i] != 0;
	return nb;
}

#endif /* SLUICE_TEST_CODEC_CASES_H */
