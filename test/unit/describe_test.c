/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* What a verdict says that a VF asked for, in both dialects. */

#include "cases.h"

#include "codec_82599.h"
#include "rig.h"

static void
expect_args(const struct mbx_msg *request, const char *wanted)
{
	rig_verdicts = 0;
	(void)rig_request(0, request);
	assert_int_equal(rig_verdicts, 1);
	assert_string_equal(rig_args, wanted);
}

static void
test_82576(void **state)
{
	static const struct mbx_set_mac mac = { MBX_MAC_SET, { { 2, 0xaa, 0, 0, 0, 1 } } };
	static const struct mbx_set_mac add = { MBX_MAC_FILTER_ADD, { { 2, 0xbb, 0, 0, 0, 2 } } };
	static const struct mbx_set_mac clear = { .action = MBX_MAC_FILTERS_CLEAR };
	static const struct mbx_set_vlan vlan = { .vlan = 20, .add = true };
	static const struct mbx_set_vlan no_vlan = { .vlan = 4094 };
	static const struct mbx_set_max_frame frame = { .bytes = 1522 };
	static const struct mbx_set_promiscuous promiscuous = { .multicast = true };
	static const struct mbx_set_multicast groups = { .nb = 3, .overflow = true };
	struct mbx_msg msg;

	(void)state;
	rig_start(NULL);
	mbx_encode_reset(&msg);
	expect_args(&msg, "");
	mbx_encode_set_mac(&msg, &mac);
	expect_args(&msg, "mac 02:aa:00:00:00:01");
	mbx_encode_set_mac(&msg, &add);
	expect_args(&msg, "add 02:bb:00:00:00:02");
	mbx_encode_set_mac(&msg, &clear);
	expect_args(&msg, "clear");
	mbx_encode_set_vlan(&msg, &vlan);
	expect_args(&msg, "add vlan 20");
	mbx_encode_set_vlan(&msg, &no_vlan);
	expect_args(&msg, "remove vlan 4094");
	/* Malformed: it is refused, and there is nothing to tell. */
	msg.word[1] = 5000;
	expect_args(&msg, "");
	mbx_encode_set_max_frame(&msg, &frame);
	expect_args(&msg, "1522 bytes");
	mbx_encode_set_promiscuous(&msg, &promiscuous);
	expect_args(&msg, "unicast off, multicast on");
	mbx_encode_set_multicast(&msg, &groups);
	expect_args(&msg, "3 hashes, not all that it has");
	msg = (struct mbx_msg){ .word[0] = 0x77, .words = MBX_WORDS };
	expect_args(&msg, "");
}

static void
test_82599(void **state)
{
	static const struct mbx_set_mac mac = { MBX_MAC_SET, { { 2, 0xaa, 0, 0, 0, 1 } } };
	static const struct mbx_extra_mac first = { true, true, { { 2, 0xbb, 0, 0, 0, 2 } } };
	static const struct mbx_extra_mac clear = { .clear = true };
	static const uint16_t hashes[2];
	struct mbx_msg msg;

	(void)state;
	rig_start_82599(NULL);
	mbx_encode_reset(&msg);
	expect_args(&msg, "");
	mbx_82599_encode_negotiate(&msg, MBX_API_13);
	expect_args(&msg, "version 1.3");
	mbx_82599_encode_negotiate(&msg, (enum mbx_api)0x99);
	expect_args(&msg, "version 0x00000099");
	mbx_encode_set_mac(&msg, &mac);
	expect_args(&msg, "mac 02:aa:00:00:00:01");
	mbx_82599_encode_extra_mac(&msg, &first);
	expect_args(&msg, "clear, add 02:bb:00:00:00:02");
	mbx_82599_encode_extra_mac(&msg, &clear);
	expect_args(&msg, "clear");
	mbx_82599_encode_set_multicast(&msg, hashes, 2);
	expect_args(&msg, "2 hashes");
	mbx_82599_encode_set_max_frame(&msg, 1518);
	expect_args(&msg, "1518 bytes");
	mbx_82599_encode_receive_mode(&msg, MBX_MODE_ALL_MULTICAST);
	expect_args(&msg, "mode all-multicast");
	mbx_82599_encode_get(&msg, MBX_82599_GET_QUEUES, MBX_82599_QUEUES_WORDS);
	expect_args(&msg, "");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_82576),
		cmocka_unit_test(test_82599),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
