/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* Both sides of the channel on the model, in virtual time: the other side acts in the delays. */

#include "cases.h"

#include <errno.h>
#include <string.h>

#include "codec.h"
#include "mailbox_model.h"

#define MS 1000

static struct mailbox_model model;
static struct pf_channel pf;
static struct vf_channel vf;
static const struct mbx_msg request = { .word = { 0x00010004, 100 }, .words = 2 };
static const struct mbx_msg granted = { .word = { 0xa0000004 }, .words = 1 };

static int
set_up(void **state)
{
	(void)state;
	model_create(&model);
	memset(model.buffer, 0xee, sizeof(model.buffer));
	pf = (struct pf_channel){ .io = model_pf_io(&model) };
	vf = (struct vf_channel){ .io = model_vf_io(&model) };
	return 0;
}

/* Every test ends with both sides off the buffer and no access without owning it. */
static int
tear_down(void **state)
{
	(void)state;
	model_free(&model);
	return model.unlocked == 0 && !model.pf_owns ? 0 : -1;
}

/* A PF that answers everything at once. */
static void
answer(struct mailbox_model *m)
{
	struct mbx_msg msg;

	if (model_take_request(m)) {
		assert_int_equal(pf_channel_receive(&pf, &msg), 0);
		assert_int_equal(pf_channel_send(&pf, &granted), 0);
	}
}

static void
test_exchange(void **state)
{
	struct mbx_msg reply;
	uint32_t control = 99;

	(void)state;
	model.meanwhile = answer;
	assert_int_equal(vf_channel_request(&vf, &request, &reply, 1, &control), 0);
	assert_int_equal(reply.word[0], 0xa0000004);
	assert_int_equal(reply.words, 1);
	assert_int_equal(control, 0);
	assert_true(model_take_ack(&model));
	assert_false(model.vf_owns);
	/* A quick PF is not kept waiting for: the first looks are close together. */
	assert_true(model.clock_us <= 100);
}

static void
test_pf_copies_once(void **state)
{
	struct mbx_msg msg;

	(void)state;
	for (uint32_t i = 0; i < MBX_WORDS; i++)
		model.buffer[i] = 0x1000 + i;
	model.vf_request = true;
	model_take_request(&model);
	assert_int_equal(pf_channel_receive(&pf, &msg), 0);
	assert_int_equal(msg.words, MBX_WORDS);
	for (uint32_t i = 0; i < MBX_WORDS; i++) {
		assert_int_equal(msg.word[i], 0x1000 + i);
		assert_int_equal(model.reads[i], 1);
	}
	assert_true(model.acknowledged);
	assert_false(model.message);
	assert_false(model.pf_owns);
}

static void
test_pf_sends_all_words(void **state)
{
	struct mbx_msg msg = { .word = { 1, 2, 3, 4, 5 }, .words = 3 };

	(void)state;
	assert_int_equal(pf_channel_send(&pf, &msg), 0);
	assert_int_equal(model.buffer[2], 3);
	for (unsigned int i = 3; i < MBX_WORDS; i++)
		assert_int_equal(model.buffer[i], 0);
	assert_true(model.message);
	assert_false(model.pf_owns);
}

static void
test_vf_hogs(void **state)
{
	struct mbx_msg msg;
	uint32_t before[MODEL_WORDS];

	(void)state;
	memcpy(before, model.buffer, sizeof(before));
	model.vf_owns = true;
	for (unsigned int i = 1; i <= 5; i++) {
		uint64_t start = model.clock_us;

		assert_int_equal(pf_channel_receive(&pf, &msg), -EBUSY);
		assert_int_equal(pf_channel_send(&pf, &granted), -EBUSY);
		assert_int_equal(model.clock_us - start, 2 * 10 * MS);
		assert_int_equal(pf.lock_failures, 2 * i);
	}
	assert_memory_equal(model.buffer, before, sizeof(before));
	assert_false(model.message);
	assert_false(model.acknowledged);
	assert_true(model.vf_owns);
}

/* At once or not at all, and without a pause. */
static void
test_pf_tries(void **state)
{
	struct mbx_msg msg;

	(void)state;
	pf.lock = PF_LOCK_TRY;
	model.vf_owns = true;
	assert_int_equal(pf_channel_receive(&pf, &msg), -EBUSY);
	assert_int_equal(pf_channel_send(&pf, &granted), -EBUSY);
	assert_true(model.vf_owns);
	assert_false(model.message);
	assert_int_equal(pf.lock_failures, 2);
	model.vf_owns = false;
	assert_int_equal(pf_channel_send(&pf, &granted), 0);
	assert_int_equal(model.clock_us, 0);
	assert_int_equal(pf.lock_taken, 0);
}

static void
test_pf_takes(void **state)
{
	struct mbx_msg msg;

	(void)state;
	pf.lock = PF_LOCK_TAKE;
	/* From a VF that does not keep it, nothing is taken. */
	assert_int_equal(pf_channel_receive(&pf, &msg), 0);
	assert_int_equal(pf.lock_taken, 0);
	model.vf_owns = true;
	assert_int_equal(pf_channel_receive(&pf, &msg), 0);
	assert_true(model.acknowledged);
	assert_false(model.vf_owns);
	model.vf_owns = true;
	assert_int_equal(pf_channel_send(&pf, &granted), 0);
	assert_true(model.message);
	assert_false(model.pf_owns);
	assert_int_equal(pf.lock_taken, 2);
	assert_int_equal(pf.lock_failures, 0);
	assert_int_equal(model.clock_us, 0);
}

static void
release_at_3_ms(struct mailbox_model *m)
{
	if (m->clock_us >= 3 * MS)
		m->vf_owns = m->pf_owns = false;
}

static void
test_lock_comes_free(void **state)
{
	(void)state;
	model.meanwhile = release_at_3_ms;
	model.vf_owns = true;
	assert_int_equal(pf_channel_send(&pf, &granted), 0);
	assert_true(model.clock_us >= 3 * MS && model.clock_us <= 5 * MS);
	assert_int_equal(pf.lock_failures, 0);

	model.clock_us = 0;
	model.pf_owns = true;
	model.message = false;
	/* Locked and sent; nobody reads it then. */
	assert_int_equal(vf_channel_post(&vf, &request), -ETIMEDOUT);
	assert_true(model.vf_request);
	assert_int_equal(model.buffer[1], 100);
}

static void
test_pf_hogs(void **state)
{
	struct mbx_msg msg;

	(void)state;
	model.pf_owns = true;
	assert_int_equal(vf_channel_post(&vf, &request), -EBUSY);
	assert_int_equal(model.clock_us, 10 * MS);
	assert_false(model.vf_request);

	/* The message is still there when the PF lets go. */
	model.message = true;
	assert_int_equal(vf_channel_receive(&vf, &msg, 1, 0), -EBUSY);
	model.pf_owns = false;
	assert_int_equal(vf_channel_receive(&vf, &msg, 1, 0), 0);
	assert_int_equal(vf_channel_receive(&vf, &msg, 1, 0), -EAGAIN);
}

static void
test_no_device(void **state)
{
	struct mbx_msg msg;

	(void)state;
	model.dead = true;
	assert_int_equal(vf_channel_post(&vf, &request), -EIO);
	assert_true(model.clock_us <= 10 * MS);

	model.dead = false;
	model.gone = true;
	model.clock_us = 0;
	assert_int_equal(vf_channel_post(&vf, &request), -EIO);
	assert_int_equal(vf_channel_receive(&vf, &msg, 1, 1000 * MS), -EIO);
	assert_int_equal(pf_channel_receive(&pf, &msg), -EIO);
	assert_int_equal(pf_channel_send(&pf, &granted), -EIO);
	assert_true(vf_channel_pf_resetting(&vf));
	assert_false(vf_channel_pf_was_reset(&vf));
	assert_int_equal(model.clock_us, 0);
	assert_int_equal(vf.seen, 0);
	model.pf_owns = false;
}

static void
test_reads_lose_nothing(void **state)
{
	struct mbx_msg msg;

	(void)state;
	model.reset_done = true;
	model.resetting = true;
	assert_int_equal(pf_channel_send(&pf, &granted), 0);
	/* This read clears three bits in the register. */
	assert_true(vf_channel_pf_resetting(&vf));
	assert_false(model.message);
	assert_false(model.reset_done);
	model.resetting = false;
	assert_false(vf_channel_pf_resetting(&vf));

	assert_int_equal(vf_channel_receive(&vf, &msg, 16, 0), 0);
	assert_int_equal(msg.word[0], 0xa0000004);
	assert_true(vf_channel_pf_was_reset(&vf));
	assert_false(vf_channel_pf_was_reset(&vf));
	assert_int_equal(vf_channel_receive(&vf, &msg, 16, 0), -EAGAIN);
}

static void
test_reset_done_is_kept(void **state)
{
	struct mbx_msg reply;

	(void)state;
	model.meanwhile = answer;
	model.reset_done = true;
	assert_int_equal(vf_channel_request(&vf, &request, &reply, 1, NULL), 0);
	assert_true(vf_channel_pf_was_reset(&vf));
}

static void
test_stale_bits(void **state)
{
	struct mbx_msg reply;

	(void)state;
	/* An old message and an old acknowledgement, in the register and in the shadow. */
	for (unsigned int shadow = 0; shadow < 2; shadow++) {
		model.clock_us = 0;
		model.message = model.acknowledged = true;
		if (shadow)
			vf_channel_pf_resetting(&vf);
		assert_int_equal(vf_channel_post(&vf, &request), -ETIMEDOUT);
		assert_int_equal(vf_channel_receive(&vf, &reply, 1, 0), -EAGAIN);
		assert_true(model_take_request(&model));
	}

	model.message = model.acknowledged = true;
	vf_channel_pf_resetting(&vf);
	model.message = true;
	vf_channel_forget(&vf);
	assert_int_equal(vf_channel_receive(&vf, &reply, 1, 0), -EAGAIN);
}

static void
test_timeouts(void **state)
{
	struct mbx_msg msg;

	(void)state;
	assert_int_equal(vf_channel_post(&vf, &request), -ETIMEDOUT);
	assert_int_equal(model.clock_us, 1000 * MS);
	/* The PF can have the buffer, and the next post works. */
	assert_false(model.vf_owns);
	model.meanwhile = answer;
	assert_int_equal(vf_channel_post(&vf, &request), 0);

	model.meanwhile = NULL;
	model.message = false;
	vf_channel_forget(&vf);
	model.clock_us = 0;
	assert_int_equal(vf_channel_receive(&vf, &msg, 1, 0), -EAGAIN);
	assert_int_equal(model.clock_us, 0);
	assert_int_equal(vf_channel_receive(&vf, &msg, 1, 1234), -ETIMEDOUT);
	assert_int_equal(model.clock_us, 1234);
}

/* The PF reads the request, but never answers. */
static void
read_only(struct mailbox_model *m)
{
	struct mbx_msg msg;

	if (model_take_request(m))
		assert_int_equal(pf_channel_receive(&pf, &msg), 0);
}

static void
test_no_reply(void **state)
{
	struct mbx_msg reply;

	(void)state;
	model.meanwhile = read_only;
	assert_int_equal(vf_channel_request(&vf, &request, &reply, 1, NULL), -ETIMEDOUT);
	assert_true(model.clock_us >= 1000 * MS && model.clock_us <= 1001 * MS);
	assert_false(model.vf_owns);
}

/* The PF talks of something else first, as often as it is told to. */
static unsigned int strangers;
static uint32_t stranger_word;

static void
digress(struct mailbox_model *m)
{
	struct mbx_msg other = { .word = { stranger_word }, .words = 1 }, msg;

	if (model_take_request(m)) {
		assert_int_equal(pf_channel_receive(&pf, &msg), 0);
	} else if (m->message || m->vf_owns) {
		return;
	} else if (strangers > 0) {
		strangers--;
		assert_int_equal(pf_channel_send(&pf, &other), 0);
	} else {
		assert_int_equal(pf_channel_send(&pf, &granted), 0);
	}
}

static void
test_other_messages_first(void **state)
{
	static const struct {
		const char *what;
		uint32_t word;
		unsigned int nb;
		int expect;
		uint32_t control;
	} cases[] = {
		{ "link", 0x20000100, 1, 0, 0x20000100 },
		{ "reset yourself", 0x00000100, 1, 0, 0x00000100 },
		{ "the bare NACK of DPDK's PF", 0x40000000, 3, 0, 0 },
		{ "a late reply", 0xa0000002, 1, 0, 0 },
		{ "a PF that never answers", 0x20000100, 1000000, -ETIMEDOUT, 0x20000100 },
	};
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++) {
		struct mbx_msg reply;
		uint32_t control = 99;

		set_up(NULL);
		model.meanwhile = digress;
		strangers = cases[i].nb;
		stranger_word = cases[i].word;
		failed += differs(cases[i].what, cases[i].expect,
				  vf_channel_request(&vf, &request, &reply, 1, &control));
		failed += differs(cases[i].what, cases[i].control, control);
		failed += differs("bounded", 1, model.clock_us <= 1001 * MS);
		if (cases[i].expect == 0)
			failed += differs(cases[i].what, 0xa0000004, reply.word[0]);
	}
	assert_int_equal(failed, 0);
}

static void
test_request_is_not_overwritten(void **state)
{
	struct mbx_msg msg;

	(void)state;
	/* The VF gave up on its first request and posted another one; then comes the late reply. */
	assert_int_equal(vf_channel_post(&vf, &request), -ETIMEDOUT);
	assert_int_equal(pf_channel_send(&pf, &granted), -EAGAIN);
	assert_int_equal(pf.overtaken, 1);
	assert_false(model.message);
	assert_int_equal(model.buffer[0], request.word[0]);
	assert_false(model.pf_owns);

	assert_true(model_take_request(&model));
	assert_int_equal(pf_channel_receive(&pf, &msg), 0);
	assert_int_equal(msg.word[1], 100);
	assert_int_equal(pf_channel_send(&pf, &granted), 0);

	/* A driver that cannot tell sends, as the reference drivers do. */
	pf.io.request_pending = NULL;
	model.vf_request = true;
	assert_int_equal(pf_channel_send(&pf, &granted), 0);
}

static void
test_odd_lengths(void **state)
{
	struct mbx_msg msg = { .words = 200 };

	(void)state;
	for (unsigned int i = 0; i < MBX_WORDS; i++)
		msg.word[i] = i;
	assert_int_equal(pf_channel_send(&pf, &msg), 0);
	assert_int_equal(vf_channel_receive(&vf, &msg, 200, 0), 0);
	assert_int_equal(msg.words, MBX_WORDS);
	assert_int_equal(msg.word[15], 15);
	model.meanwhile = answer;
	msg.words = 200;
	assert_int_equal(vf_channel_post(&vf, &msg), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_exchange, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_pf_copies_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_pf_sends_all_words, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_vf_hogs, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_pf_tries, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_pf_takes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_lock_comes_free, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_pf_hogs, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_device, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_reads_lose_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_reset_done_is_kept, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_stale_bits, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_timeouts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_reply, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_other_messages_first, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_request_is_not_overwritten, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_odd_lengths, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
