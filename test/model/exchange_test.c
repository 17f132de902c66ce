/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * A VF and a PF with its service, a thread each, on the model: every request gets its own reply,
 * whatever the two threads do to each other's locks.
 */

#include "cases.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "mailbox_model.h"
#include "rig.h"

#define ROUNDS 1500

static struct mailbox_model model;
static struct pf_channel pf;
static struct vf_channel vf;
static atomic_bool stop;
static atomic_bool chatty;	/* the PF sends notices of its own */
static unsigned int notices, overtaken;

static uint64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void
serve(void)
{
	struct mbx_msg request, reply;

	if (pf_channel_receive(&pf, &request) < 0)
		return;
	/* What the VF acknowledged before this is the past: it has not read the reply to come. */
	(void)model_take_ack(&model);
	if (service_on_request(&rig, 0, &request, now_ms(), &reply))
		(void)pf_channel_send(&pf, &reply);
}

/* As soon as the VF has read its reply, and so in a race with its next request. */
static void
chat(void)
{
	struct mbx_msg msg;

	mbx_control(&msg, MBX_CTS);
	if (pf_channel_send(&pf, &msg) == 0)
		notices++;
	else
		overtaken++;
}

static void *
run_pf(void *ctx)
{
	(void)ctx;
	while (!atomic_load(&stop)) {
		if (model_take_ack(&model) && atomic_load(&chatty))
			chat();
		else if (model_take_request(&model))
			serve();
		else
			nanosleep(&(struct timespec){ .tv_nsec = 1000 }, NULL);
	}
	return NULL;
}

static void
start_pf(pthread_t *thread)
{
	rig_start(NULL);
	model_create(&model);
	model.real_time = true;
	pf = (struct pf_channel){ .io = model_pf_io(&model) };
	vf = (struct vf_channel){ .io = model_vf_io(&model) };
	atomic_store(&stop, false);
	assert_int_equal(pthread_create(thread, NULL, run_pf, NULL), 0);
}

static void
stop_pf(pthread_t thread)
{
	atomic_store(&stop, true);
	pthread_join(thread, NULL);
	assert_int_equal(model.unlocked, 0);
	assert_null(fake_mismatch(&rig, 0));
	assert_int_equal(fake.violations, 0);
	model_free(&model);
}

static int
ask(const struct mbx_msg *request)
{
	struct mbx_msg reply;
	int rc = vf_channel_request(&vf, request, &reply, MBX_REPLY_WORDS, NULL);

	return rc < 0 ? rc : mbx_check_reply(request, &reply);
}

static int
ask_reset(struct mac_addr *mac)
{
	struct mbx_msg request, reply;
	int rc;

	mbx_encode_reset(&request);
	rc = vf_channel_request(&vf, &request, &reply, MBX_RESET_REPLY_WORDS, NULL);
	return rc < 0 ? rc : mbx_check_reset_reply(&reply, mac);
}

static void
test_bring_up(void **state)
{
	struct mbx_msg msg;
	struct mac_addr mac;
	pthread_t thread;

	(void)state;
	start_pf(&thread);
	assert_int_equal(ask_reset(&mac), -ENODATA);
	mbx_encode_set_mac(&msg, &(struct mbx_set_mac){ MBX_MAC_SET, mac_a });
	assert_int_equal(ask(&msg), 0);
	assert_int_equal(ask_reset(&mac), 0);
	assert_true(mac_equal(&mac, &mac_a));
	mbx_encode_set_multicast(&msg, &(struct mbx_set_multicast){ .hash = { 7, 9 }, .nb = 2 });
	assert_int_equal(ask(&msg), 0);
	mbx_encode_set_mac(&msg, &(struct mbx_set_mac){ .action = MBX_MAC_FILTERS_CLEAR });
	assert_int_equal(ask(&msg), 0);
	mbx_encode_set_max_frame(&msg, &(struct mbx_set_max_frame){ 1522 });
	assert_int_equal(ask(&msg), 0);
	mbx_encode_set_max_frame(&msg, &(struct mbx_set_max_frame){ 10000 });
	assert_int_equal(ask(&msg), -EPERM);
	mbx_encode_set_promiscuous(&msg, &(struct mbx_set_promiscuous){ true, true });
	assert_int_equal(ask(&msg), -EPERM);
	stop_pf(thread);
	assert_int_equal(fake.vf[0].nb_multicast, 2);
	assert_true(fake_has_mac(0, &mac_a));
}

/* Granted and refused requests in turn: a reply that belongs to another one would show. */
static void
exchange_many(void)
{
	struct mac_addr mac;

	assert_int_equal(ask_reset(&mac), -ENODATA);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		struct mbx_set_vlan vlan = { (uint16_t)(i % 8 == 5 ? 4095 : i % 8), i % 16 < 8 };
		struct mbx_msg msg;

		mbx_encode_set_vlan(&msg, &vlan);
		assert_int_equal(ask(&msg), vlan.vlan == 4095 ? -EPERM : 0);
		if (i % 100 == 99)
			assert_int_equal(ask_reset(&mac), -ENODATA);
		/* Now and then leave the PF the time to speak first. */
		if (i % 8 == 0)
			nanosleep(&(struct timespec){ .tv_nsec = 1000 * (i % 64) }, NULL);
	}
}

static void
test_many_exchanges(void **state)
{
	pthread_t thread;

	(void)state;
	start_pf(&thread);
	exchange_many();
	stop_pf(thread);
	assert_int_equal(rig.vf[0].counters.requests, ROUNDS + ROUNDS / 100 + 1);
	assert_int_equal(rig.vf[0].counters.malformed, 0);
}

static void
test_many_exchanges_with_notices(void **state)
{
	pthread_t thread;

	(void)state;
	notices = overtaken = 0;
	atomic_store(&chatty, true);
	start_pf(&thread);
	exchange_many();
	stop_pf(thread);
	atomic_store(&chatty, false);
	/* No request was lost under a notice, nor taken for one. */
	assert_int_equal(rig.vf[0].counters.requests, ROUNDS + ROUNDS / 100 + 1);
	assert_int_equal(rig.vf[0].counters.malformed, 0);
	assert_true(notices + overtaken > 0);
	print_message("# %u notices sent, %u overtaken by a request\n", notices, overtaken);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bring_up),
		cmocka_unit_test(test_many_exchanges),
		cmocka_unit_test(test_many_exchanges_with_notices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
