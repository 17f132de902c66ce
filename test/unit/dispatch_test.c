/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include "cases.h"

#include <errno.h>

#include "dispatch.h"

static unsigned int served;

static int
serve(void *ctx, const struct mbx_msg *request, struct mbx_msg *reply)
{
	served++;
	reply->word[0] = request->word[0];
	return *(int *)ctx;
}

static const struct mbx_op ops[] = {
	[1] = { "first", serve, .min_words = 1, .before_reset = true },
	[3] = { "third", serve, .min_words = 3 },
};

static void
test_find(void **state)
{
	(void)state;
	for (uint32_t opcode = 0; opcode <= 0xffff; opcode++) {
		struct mbx_msg msg = { .word = { 0xffff0000 | opcode }, .words = 1 };
		const struct mbx_op *op = mbx_find_op(ops, CASES(ops), &msg);

		if (opcode == 1 || opcode == 3)
			assert_ptr_equal(op, &ops[opcode]);
		else
			assert_null(op);
	}
	assert_null(mbx_find_op(ops, 0, &(struct mbx_msg){ .word = { 1 }, .words = 1 }));
}

static void
test_checks(void **state)
{
	static const struct {
		const char *what;
		uint32_t word0;
		uint8_t words;
		bool ready;
		int handler, expect;
		bool served;
	} cases[] = {
		{ "served before reset", 1, 1, false, 0, 0, true },
		{ "served after reset", 1, 16, true, 0, 0, true },
		{ "the handler's verdict is handed on", 3, 3, true, -EPERM, -EPERM, true },
		{ "not before reset", 3, 3, false, 0, -EAGAIN, false },
		{ "too short", 3, 2, true, 0, -EBADMSG, false },
		{ "empty", 1, 0, true, 0, -EBADMSG, false },
		{ "longer than the buffer", 3, 17, true, 0, -EBADMSG, false },
		{ "too short is said before not ready", 3, 2, false, 0, -EBADMSG, false },
		{ "a gap in the table", 2, 16, true, 0, -ENOSYS, false },
		{ "beyond the table", 4, 16, true, 0, -ENOSYS, false },
		{ "the last opcode", 0xffff, 16, true, 0, -ENOSYS, false },
		{ "ACK in a request", 1 | MBX_ACK, 1, true, 0, -EBADMSG, false },
		{ "NACK in a request", 1 | MBX_NACK, 1, true, 0, -EBADMSG, false },
		{ "CTS in a request", 1 | MBX_CTS, 1, true, 0, -EBADMSG, false },
		{ "flags of an unknown request", 2 | MBX_CTS, 1, true, 0, -EBADMSG, false },
	};
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++) {
		struct mbx_msg msg = { .word = { cases[i].word0 }, .words = cases[i].words };
		struct mbx_msg reply = { .words = 0 };
		int handler = cases[i].handler;
		int rc;

		served = 0;
		rc = mbx_dispatch(mbx_find_op(ops, CASES(ops), &msg), cases[i].ready, &handler,
				  &msg, &reply);
		failed += differs(cases[i].what, cases[i].expect, rc);
		failed += differs(cases[i].what, cases[i].served, served);
		failed += differs(cases[i].what, cases[i].served ? cases[i].word0 : 0,
				  reply.word[0]);
	}
	assert_int_equal(failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_checks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
