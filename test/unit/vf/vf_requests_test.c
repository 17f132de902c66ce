/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <stdlib.h>

#include "cases.h"

#include "vf.h"

#define ANSWERS_MAX 8
#define SILENT	    0	/* read, but never answered */

/* A PF that reads every request, and answers with what the test prepared. */
struct fake_pf {
	struct vf vf;
	uint32_t control;		/* V2PMAILBOX as the VF reads it */
	uint32_t buffer[MBX_WORDS];
	uint32_t answers[ANSWERS_MAX];	/* word 0 of each; SILENT */
	unsigned int nb_answers, next;
	uint32_t requests[ANSWERS_MAX][3];
	unsigned int nb_requests;
	uint64_t waited_us;
};

static uint32_t
read_control(void *ctx)
{
	struct fake_pf *pf = ctx;
	uint32_t value = pf->control;

	pf->control &= ~(V2P_PFSTS | V2P_PFACK | V2P_RSTD);
	return value;
}

static void
take_request(struct fake_pf *pf)
{
	uint32_t answer = pf->next < pf->nb_answers ? pf->answers[pf->next++] : SILENT;

	assert_true(pf->nb_requests < ANSWERS_MAX);
	memcpy(pf->requests[pf->nb_requests++], pf->buffer, sizeof(pf->requests[0]));
	pf->control |= V2P_PFACK;
	if (answer != SILENT) {
		pf->buffer[0] = answer;
		pf->control |= V2P_PFSTS;
	}
}

static void
write_control(void *ctx, uint32_t value)
{
	struct fake_pf *pf = ctx;

	pf->control = (pf->control & ~V2P_VFU) | (value & V2P_VFU);
	if ((value & V2P_REQ) != 0)
		take_request(pf);
}

static uint32_t
read_word(void *ctx, uint8_t word)
{
	const struct fake_pf *pf = ctx;

	return pf->buffer[word];
}

static void
write_word(void *ctx, uint8_t word, uint32_t value)
{
	struct fake_pf *pf = ctx;

	pf->buffer[word] = value;
}

static void
delay_us(void *ctx, unsigned int us)
{
	struct fake_pf *pf = ctx;

	pf->waited_us += us;
}

static int
set_up(void **state)
{
	struct fake_pf *pf = calloc(1, sizeof(*pf));

	if (pf == NULL)
		return -1;
	pthread_mutex_init(&pf->vf.lock, NULL);
	pf->vf.ready = true;
	pf->vf.running = true;
	pf->vf.channel.io = (struct mailbox_io){
		.read_control = read_control,
		.write_control = write_control,
		.read_word = read_word,
		.write_word = write_word,
		.delay_us = delay_us,
		.ctx = pf,
	};
	*state = pf;
	return 0;
}

static int
tear_down(void **state)
{
	free(*state);
	return 0;
}

static void
answer(struct fake_pf *pf, uint32_t word)
{
	assert_true(pf->nb_answers < ANSWERS_MAX);
	pf->answers[pf->nb_answers++] = word;
}

static void
test_granted(void **state)
{
	struct fake_pf *pf = *state;

	answer(pf, MBX_SET_VLAN | MBX_ACK | MBX_CTS);
	assert_int_equal(vf_ask_vlan(&pf->vf, 5, true), 0);
	assert_int_equal(pf->requests[0][0], 0x00010004);
	assert_int_equal(pf->requests[0][1], 5);
	assert_false(pf->vf.reset_wanted);
}

static void
test_refused(void **state)
{
	struct fake_pf *pf = *state;

	answer(pf, MBX_SET_VLAN | MBX_NACK | MBX_CTS);
	assert_int_equal(vf_ask_vlan(&pf->vf, 5, true), -EPERM);
	/* Linux keeps the extra information, and it is a refusal all the same. */
	answer(pf, MBX_SET_VLAN | 0x00010000 | MBX_NACK | MBX_CTS);
	assert_int_equal(vf_ask_vlan(&pf->vf, 5, true), -EPERM);
	assert_true(pf->vf.ready);
	assert_false(pf->vf.reset_wanted);
}

/* A PF that was restarted does not know us: a refusal without "clear to send". */
static void
test_forgotten(void **state)
{
	struct fake_pf *pf = *state;

	answer(pf, MBX_SET_VLAN | MBX_NACK);
	assert_int_equal(vf_ask_vlan(&pf->vf, 5, true), -EAGAIN);
	assert_true(pf->vf.reset_wanted);
	assert_false(pf->vf.ready);
}

static void
test_silent(void **state)
{
	struct fake_pf *pf = *state;

	assert_int_equal(vf_ask_max_frame(&pf->vf, 1522), -ETIMEDOUT);
	assert_int_equal(pf->nb_requests, 2);
	assert_true(pf->waited_us <= 4100000);
	assert_true(pf->vf.reset_wanted);

	/* The next one does not wait again. */
	pf->waited_us = 0;
	assert_int_equal(vf_ask_max_frame(&pf->vf, 1522), -EAGAIN);
	assert_int_equal(pf->waited_us, 0);
	assert_int_equal(pf->nb_requests, 2);
}

/* No second try while the PF says itself that it is resetting. */
static void
test_silent_in_reset(void **state)
{
	struct fake_pf *pf = *state;

	pf->control = V2P_RSTI;
	assert_int_equal(vf_ask_max_frame(&pf->vf, 1522), -ETIMEDOUT);
	assert_int_equal(pf->nb_requests, 1);
	assert_true(pf->vf.reset_wanted);
}

/* What is set on a stopped port that has no PF is asked for at start. */
static void
test_stopped_without_pf(void **state)
{
	struct fake_pf *pf = *state;

	pf->vf.ready = false;
	pf->vf.running = false;
	assert_int_equal(vf_ask_max_frame(&pf->vf, 1522), 0);
	assert_int_equal(vf_ask_receive_mode(&pf->vf, true, true), 0);
	assert_int_equal(pf->nb_requests, 0);
	assert_false(pf->vf.unicast);
}

/* DPDK's PF: NACKs that answer nothing, and a request lost over one. */
static void
test_lost_request(void **state)
{
	struct fake_pf *pf = *state;

	answer(pf, MBX_NACK);
	answer(pf, MBX_SET_MAX_FRAME | MBX_ACK | MBX_CTS);
	assert_int_equal(vf_ask_max_frame(&pf->vf, 1522), 0);
	assert_int_equal(pf->nb_requests, 2);
	assert_int_equal(pf->requests[1][0], MBX_SET_MAX_FRAME);
	assert_false(pf->vf.reset_wanted);
}

static void
test_control_messages(void **state)
{
	struct fake_pf *pf = *state;

	pthread_mutex_lock(&pf->vf.lock);
	vf_note_control(&pf->vf, 0);
	vf_note_control(&pf->vf, MBX_PF_CONTROL | MBX_CTS);
	vf_note_control(&pf->vf, MBX_NACK);
	assert_false(pf->vf.reset_wanted);
	vf_note_control(&pf->vf, MBX_PF_CONTROL);
	assert_true(pf->vf.reset_wanted);
	pthread_mutex_unlock(&pf->vf.lock);
}

static void
test_addresses(void **state)
{
	static const struct mac_addr mac = { { 2, 0x11, 0x22, 0x33, 0x44, 0x55 } };
	struct fake_pf *pf = *state;

	answer(pf, 0x00000002 | MBX_ACK | MBX_CTS);
	assert_int_equal(vf_ask_mac(&pf->vf, &mac), 0);
	answer(pf, 0x00020002 | MBX_ACK | MBX_CTS);
	assert_int_equal(vf_ask_mac_add(&pf->vf, &mac), 0);
	answer(pf, 0x00010002 | MBX_ACK | MBX_CTS);
	assert_int_equal(vf_ask_mac_clear(&pf->vf, &mac), 0);

	assert_int_equal(pf->requests[0][0], 0x00000002);
	assert_int_equal(pf->requests[1][0], 0x00020002);
	assert_int_equal(pf->requests[2][0], 0x00010002);
	for (unsigned int i = 0; i < pf->nb_requests; i++) {
		assert_int_equal(pf->requests[i][1], 0x33221102);
		assert_int_equal(pf->requests[i][2], 0x00005544);
	}
}

static void
test_receive_mode(void **state)
{
	struct fake_pf *pf = *state;

	/* Off is how a reset leaves it: nothing to ask. */
	assert_int_equal(vf_ask_receive_mode(&pf->vf, false, false), 0);
	assert_int_equal(pf->nb_requests, 0);

	answer(pf, MBX_SET_PROMISCUOUS | MBX_ACK | MBX_CTS);
	assert_int_equal(vf_ask_receive_mode(&pf->vf, false, true), 0);
	assert_int_equal(pf->requests[0][0], 0x00020006);

	/* Refused: what was granted before is asked for once more. */
	answer(pf, MBX_SET_PROMISCUOUS | 0x00010000 | MBX_NACK | MBX_CTS);
	answer(pf, MBX_SET_PROMISCUOUS | MBX_ACK | MBX_CTS);
	assert_int_equal(vf_ask_receive_mode(&pf->vf, true, true), -EPERM);
	assert_int_equal(pf->requests[1][0], 0x00030006);
	assert_int_equal(pf->requests[2][0], 0x00020006);
	assert_false(pf->vf.unicast);
	assert_true(pf->vf.multicast);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_granted, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_forgotten, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_silent, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_silent_in_reset, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_stopped_without_pf, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_lost_request, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_control_messages, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_addresses, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_receive_mode, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
