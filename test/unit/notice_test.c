/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* What the service says unasked, and that it never does so over a reply that may be unread. */

#include "cases.h"

#include "rig.h"

#define LINK_WORD  0x20000100	/* control, clear to send */
#define RESET_WORD 0x00000100	/* control: DPDK's VF */
#define NACK_WORD  0x40000100	/* control, refused: igbvf's watchdog */

/* The notice's word 0 at a time, 0 if there is none. */
static uint32_t
notice(uint16_t vf, bool link_changed, uint64_t now_ms)
{
	struct mbx_msg msg;

	memset(&msg, 0xee, sizeof(msg));
	if (!service_notice(&rig, vf, link_changed, now_ms, &msg))
		return 0;
	for (unsigned int i = 1; i < MBX_WORDS; i++)
		assert_int_equal(msg.word[i], 0);
	assert_int_equal(msg.words, 1);
	return msg.word[0];
}

static void
test_ping_after_reset(void **state)
{
	(void)state;
	rig_start(NULL);
	assert_int_equal(notice(0, false, rig_now_ms), 0);
	rig_reset(0);
	/* The reply to RESET has no CTS and may be unread for a second. */
	assert_int_equal(notice(0, false, rig_now_ms), 0);
	assert_int_equal(notice(0, true, rig_now_ms + 999), 0);
	assert_int_equal(notice(0, false, rig_now_ms + 1000), LINK_WORD);
	/* Once is enough, the link's change included. */
	for (uint64_t ms = 1001; ms < 10000; ms += 7)
		assert_int_equal(notice(0, false, rig_now_ms + ms), 0);
}

static void
test_reply_with_cts_is_ping_enough(void **state)
{
	(void)state;
	rig_start(NULL);
	rig_reset(0);
	rig_set_mac(0, &mac_a);
	for (uint64_t ms = 0; ms < 5000; ms += 10)
		assert_int_equal(notice(0, false, rig_now_ms + ms), 0);
	/* So is a refusal. */
	rig_reset(0);
	rig_set_mac(0, &mac_zero);
	assert_int_equal(notice(0, false, rig_now_ms + 5000), 0);
}

static void
test_link(void **state)
{
	(void)state;
	rig_start(NULL);
	rig_reset(0);
	rig_set_mac(0, &mac_a);
	/* Not over the reply; not forgotten either. */
	assert_int_equal(notice(0, true, rig_now_ms + 500), 0);
	assert_int_equal(notice(0, false, rig_now_ms + 999), 0);
	assert_int_equal(notice(0, false, rig_now_ms + 1000), LINK_WORD);
	assert_int_equal(notice(0, false, rig_now_ms + 9000), 0);
	assert_int_equal(notice(0, true, rig_now_ms + 9000), LINK_WORD);
	/* Two changes at once: the second one waits for the first to be read. */
	assert_int_equal(notice(0, true, rig_now_ms + 9001), 0);
	assert_int_equal(notice(0, false, rig_now_ms + 10000), LINK_WORD);
	/* Who is not ready is not told, neither now nor once it is. */
	assert_int_equal(notice(1, true, rig_now_ms), 0);
	rig_reset(1);
	rig_set_mac(1, &mac_b);
	assert_int_equal(notice(1, false, rig_now_ms + 5000), 0);
}

static void
test_reset_wanted(void **state)
{
	struct vf_policy pin = { .mac = { { 0x02, 1, 2, 3, 4, 5 } } };
	uint64_t told;

	(void)state;
	rig_start(NULL);
	rig_reset(0);
	rig_set_mac(0, &mac_a);
	told = rig_now_ms + 1000;
	assert_int_equal(service_set_policy(&rig, 0, &pin), 0);
	assert_int_equal(notice(0, false, rig_now_ms + 1), 0);
	assert_int_equal(notice(0, true, told), RESET_WORD);
	assert_int_equal(notice(0, true, told + 1999), 0);
	assert_int_equal(notice(0, false, told + 2000), NACK_WORD);
	assert_int_equal(notice(0, false, told + 3999), 0);
	assert_int_equal(notice(0, false, told + 4000), RESET_WORD);
	assert_int_equal(notice(0, false, told + 6000), NACK_WORD);

	/* Requests are refused meanwhile, without CTS. */
	rig_now_ms = told + 6500;
	assert_int_equal(rig_set_vlan(0, 5, true), 0x40000004);
	assert_int_equal(rig_reset(0), 0x80000001);
	assert_int_equal(notice(0, false, rig_now_ms + 1000), LINK_WORD);
	assert_int_equal(notice(0, false, rig_now_ms + 20000), 0);
}

static void
test_flr_ends_it(void **state)
{
	struct vf_policy pin = { .mac = { { 0x02, 1, 2, 3, 4, 5 } } };

	(void)state;
	rig_start(NULL);
	rig_reset(0);
	assert_int_equal(service_set_policy(&rig, 0, &pin), 0);
	assert_true(rig.vf[0].reset_wanted);
	service_on_vf_reset(&rig, 0);
	assert_int_equal(notice(0, true, rig_now_ms + 5000), 0);
}

/* Whatever happens, two words to one VF are a second apart unless the VF asked in between. */
static void
test_never_over_a_reply(void **state)
{
	struct vf_policy pin = { .mac = { { 0x02, 1, 2, 3, 4, 5 } } };
	uint64_t last = 0;
	uint32_t random = 12345;

	(void)state;
	rig_start(NULL);
	for (unsigned int i = 0; i < 100000; i++) {
		random = random * 1664525 + 1013904223;
		rig_now_ms += random >> 24;
		switch (random >> 16 & 15) {
		case 0:
			if (rig_reset(0) != 0)
				last = rig_now_ms;
			break;
		case 1:
			if (rig_set_vlan(0, 5, true) != 0)
				last = rig_now_ms;
			break;
		case 2:
			pin.mac.byte[5] ^= 1;
			assert_int_equal(service_set_policy(&rig, 0, &pin), 0);
			break;
		default:
			if (notice(0, random & 1, rig_now_ms) != 0) {
				assert_true(rig_now_ms - last >= SERVICE_QUIET_MS);
				last = rig_now_ms;
			}
		}
	}
	assert_null(fake_mismatch(&rig, 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ping_after_reset),
		cmocka_unit_test(test_reply_with_cts_is_ping_enough),
		cmocka_unit_test(test_link),
		cmocka_unit_test(test_reset_wanted),
		cmocka_unit_test(test_flr_ends_it),
		cmocka_unit_test(test_never_over_a_reply),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
