/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <stdlib.h>

#include "cases.h"

#include "vf.h"

#define ANSWERS_MAX 10
#define SILENT	    0	/* read, but never answered */

/* A PF that reads every request, and answers with what the test prepared. */
struct fake_pf {
	struct vf vf;
	uint32_t control;		/* V2PMAILBOX as the VF reads it */
	uint32_t buffer[MBX_WORDS];
	uint32_t answers[ANSWERS_MAX][4];	/* word 0 of each is SILENT, or they are read */
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
	static const uint32_t silent[4] = { SILENT };
	const uint32_t *answer = pf->next < pf->nb_answers ? pf->answers[pf->next++] : silent;

	assert_true(pf->nb_requests < ANSWERS_MAX);
	memcpy(pf->requests[pf->nb_requests++], pf->buffer, sizeof(pf->requests[0]));
	pf->control |= V2P_PFACK;
	if (answer[0] != SILENT) {
		memcpy(pf->buffer, answer, sizeof(pf->answers[0]));
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
	pf->vf.family = &vf_family_82576;
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
	pf->answers[pf->nb_answers++][0] = word;
}

/* With up to three words more. */
static void
answer_words(struct fake_pf *pf, uint32_t word, uint32_t word1, uint32_t word2, uint32_t word3)
{
	uint32_t *words = pf->answers[pf->nb_answers];

	answer(pf, word);
	words[1] = word1;
	words[2] = word2;
	words[3] = word3;
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

/* Nothing to wait for while the PF says itself that it is resetting, and no second try. */
static void
test_silent_in_reset(void **state)
{
	struct fake_pf *pf = *state;

	pf->control = V2P_RSTI;
	assert_int_equal(vf_ask_max_frame(&pf->vf, 1522), -EAGAIN);
	assert_int_equal(pf->nb_requests, 1);
	assert_true(pf->waited_us < 1000);
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

#define GRANTED (MBX_ACK | MBX_CTS)
#define REFUSED (MBX_NACK | MBX_CTS)

static int
set_up_82599(void **state)
{
	struct fake_pf *pf;
	int rc = set_up(state);

	if (rc < 0)
		return rc;
	pf = *state;
	pf->vf.family = &vf_family_82599;
	pf->vf.row = vf_family_82599;
	port_share_family(&pf->vf.port, &family_82599_vf);
	pf->vf.api = MBX_API_13;
	return 0;
}

static int
introduce(struct fake_pf *pf, uint32_t hash_type)
{
	const struct mbx_msg reply = { .word[3] = hash_type, .words = 4 };
	int rc;

	pthread_mutex_lock(&pf->vf.lock);
	rc = pf->vf.family->dialect->introduce(&pf->vf, &reply);
	pthread_mutex_unlock(&pf->vf.lock);
	return rc;
}

/* The newest version first, then what it has to offer. */
static void
test_introduce(void **state)
{
	struct fake_pf *pf = *state;

	answer(pf, 0x08 | REFUSED);
	answer(pf, 0x08 | GRANTED);
	answer_words(pf, 0x09 | GRANTED, 4, 8, 1);
	answer_words(pf, 0x10 | GRANTED, 0, 0, 0);
	assert_int_equal(introduce(pf, 2), 0);
	assert_int_equal(pf->vf.api, MBX_API_12);
	assert_int_equal(pf->requests[0][0], 0x08);
	assert_int_equal(pf->requests[0][1], 4);	/* 1.3 */
	assert_int_equal(pf->requests[1][1], 3);	/* 1.2 */
	assert_int_equal(pf->requests[2][0], 0x09);
	assert_int_equal(pf->requests[3][0], 0x10);
	assert_int_equal(pf->vf.hash_type, 2);
	assert_int_equal(pf->vf.port.family->max_queues, 4);
	assert_true(pf->vf.port.strip_vlan);
	assert_true(pf->vf.link_disabled);
}

/* A PF that knows version 1.0 only is asked for nothing that came later. */
static void
test_introduce_to_an_old_pf(void **state)
{
	struct fake_pf *pf = *state;

	for (unsigned int i = 0; i < 3; i++)
		answer(pf, 0x08 | REFUSED);
	assert_int_equal(introduce(pf, 0), 0);
	assert_int_equal(pf->nb_requests, 3);
	assert_int_equal(pf->vf.api, MBX_API_10);
	assert_int_equal(pf->vf.port.family->max_queues, 2);
	assert_false(pf->vf.port.strip_vlan);
	assert_false(pf->vf.link_disabled);

	assert_int_equal(vf_ask_receive_mode(&pf->vf, false, true), -EPERM);
	assert_int_equal(vf_ask_receive_mode(&pf->vf, true, true), -EPERM);
	assert_int_equal(pf->nb_requests, 3);
}

/* A PF that goes away in the middle: begin again. */
static void
test_introduce_is_cut_short(void **state)
{
	struct fake_pf *pf = *state;

	answer(pf, 0x08 | GRANTED);
	pf->vf.link_disabled = true;
	assert_int_equal(introduce(pf, 0), -EAGAIN);
	answer(pf, 0x08 | MBX_NACK);	/* it does not know us */
	assert_int_equal(introduce(pf, 0), -EAGAIN);
}

static void
test_words_of_82599(void **state)
{
	static const struct mac_addr mac = { { 2, 0x11, 0x22, 0x33, 0x44, 0x55 } };
	struct fake_pf *pf = *state;

	answer(pf, 0x02 | GRANTED);
	assert_int_equal(vf_ask_mac(&pf->vf, &mac), 0);
	answer(pf, 0x00020006 | GRANTED);
	assert_int_equal(vf_ask_mac_add(&pf->vf, &mac), 0);
	answer(pf, 0x06 | GRANTED);
	assert_int_equal(vf_ask_mac_clear(&pf->vf, &mac), 0);
	answer(pf, 0x05 | GRANTED);
	assert_int_equal(vf_ask_max_frame(&pf->vf, 1522), 0);

	assert_int_equal(pf->requests[0][0], 0x00000002);
	assert_int_equal(pf->requests[1][0], 0x00020006);
	assert_int_equal(pf->requests[2][0], 0x00000006);
	assert_int_equal(pf->requests[1][1], 0x33221102);
	/* Without the VLAN tag. */
	assert_int_equal(pf->requests[3][1], 1518);
}

static void
test_receive_mode_82599(void **state)
{
	struct fake_pf *pf = *state;

	answer_words(pf, 0x0c | GRANTED, 2, 0, 0);
	assert_int_equal(vf_ask_receive_mode(&pf->vf, false, true), 0);
	assert_int_equal(pf->requests[0][1], 2);

	/* Granted less: a refusal, and what was in force is asked for again. */
	answer_words(pf, 0x0c | GRANTED, 1, 0, 0);
	answer_words(pf, 0x0c | GRANTED, 2, 0, 0);
	assert_int_equal(vf_ask_receive_mode(&pf->vf, true, true), -EPERM);
	assert_int_equal(pf->requests[1][1], 3);
	assert_int_equal(pf->requests[2][1], 2);
	assert_true(pf->vf.multicast);
	assert_false(pf->vf.unicast);

	answer_words(pf, 0x0c | GRANTED, 1, 0, 0);
	assert_int_equal(vf_ask_receive_mode(&pf->vf, false, false), 0);
	assert_int_equal(pf->requests[3][1], 1);

	/* Promiscuous came with 1.3. */
	pf->vf.api = MBX_API_12;
	assert_int_equal(vf_ask_receive_mode(&pf->vf, true, true), -EPERM);
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
		cmocka_unit_test_setup_teardown(test_introduce, set_up_82599, tear_down),
		cmocka_unit_test_setup_teardown(test_introduce_to_an_old_pf, set_up_82599,
						tear_down),
		cmocka_unit_test_setup_teardown(test_introduce_is_cut_short, set_up_82599,
						tear_down),
		cmocka_unit_test_setup_teardown(test_words_of_82599, set_up_82599, tear_down),
		cmocka_unit_test_setup_teardown(test_receive_mode_82599, set_up_82599, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
