/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protocol.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	const char *line, *error;
} bad_requests[] = {
	{ "", "column 0: '[' or '{' expected near end of file" },
	{ "show", "column 4: '[' or '{' expected near 'show'" },
	{ "[]", "an array is not an object" },
	{ "{}", "cmd: missing" },
	{ "{\"cmd\":1}", "cmd: 1 is not \"show\", \"set\" or \"token\"" },
	{ "{\"cmd\":\"reboot\"}", "cmd: \"reboot\" is not \"show\", \"set\" or \"token\"" },
	{ "{\"cmd\":\"show\",\"x\":1}",
	  "x: no such key; there are cmd, port, vf, mac, vlan, qos, trust, spoofchk" },
	{ "{\"cmd\":\"show\",\"cmd\":\"set\"}", "column 19: duplicate object key near '\"cmd\"'" },
	{ "{\"cmd\":\"show\",\"port\":\"eth0\"}",
	  "port: \"eth0\" is not a PCI address like \"0000:01:00.0\"" },
	{ "{\"cmd\":\"show\",\"vf\":63}", "vf: 63 is not in 0..62" },
	{ "{\"cmd\":\"show\",\"vlan\":7}", "only \"set\" takes a policy" },
	{ "{\"cmd\":\"set\",\"vlan\":7}", "vf: missing" },
	{ "{\"cmd\":\"set\",\"vf\":0}", "nothing to set: name mac, vlan, qos, trust or spoofchk" },
	{ "{\"cmd\":\"set\",\"vf\":0,\"vlan\":4095}", "vlan: 4095 is not in 0..4094" },
	{ "{\"cmd\":\"set\",\"vf\":0,\"qos\":\"high\"}", "qos: \"high\" is not in 0..7" },
};

static void
test_bad_requests_are_named(void **state)
{
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad_requests); i++) {
		char error[CONTROL_ERROR_BYTES] = "";
		struct control_request request;
		int rc = control_request_decode(bad_requests[i].line, strlen(bad_requests[i].line),
						&request, error);

		if (rc == -EINVAL && strcmp(error, bad_requests[i].error) == 0)
			continue;
		print_error("%s: got %d, %s\n", bad_requests[i].line, rc, error);
		failed++;
	}
	assert_int_equal(failed, 0);
}

static const char *const good_requests[] = {
	"{\"cmd\":\"show\"}\n",
	"{\"cmd\":\"show\",\"port\":\"0000:01:00.0\",\"vf\":6}\n",
	"{\"cmd\":\"token\"}\n",
	"{\"cmd\":\"set\",\"vf\":0,\"mac\":\"02:00:00:00:00:01\"}\n",
	("{\"cmd\":\"set\",\"port\":\"0000:01:00.1\",\"vf\":2,\"mac\":\"00:00:00:00:00:00\","
	 "\"vlan\":4094,\"qos\":7,\"trust\":true,\"spoofchk\":false}\n"),
};

static void
test_requests_survive_the_wire(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good_requests); i++) {
		char error[CONTROL_ERROR_BYTES];
		struct control_request request;
		char *line;

		assert_int_equal(control_request_decode(good_requests[i], strlen(good_requests[i]),
							&request, error),
				 0);
		line = control_request_encode(&request);
		assert_string_equal(line, good_requests[i]);
		free(line);
	}
}

static const struct {
	const char *key, *text, *error; /* NULL: taken */
} typed[] = {
	{ "vlan", "10", NULL },
	{ "qos", "3", NULL },
	{ "trust", "on", NULL },
	{ "spoofchk", "off", NULL },
	{ "mac", "02:00:00:00:00:01", NULL },
	{ "vlan", "11", "vlan: given twice" },
	{ "cmd", "set", "cmd: no such key; there are mac, vlan, qos, trust, spoofchk" },
	{ "rate", "1", "rate: no such key; there are mac, vlan, qos, trust, spoofchk" },
};

static void
test_typed_keys(void **state)
{
	struct control_request request = { .cmd = CONTROL_SET, .vf = 1 };
	unsigned int failed = 0;
	char *line;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(typed); i++) {
		char error[CONTROL_ERROR_BYTES] = "";
		int rc = control_request_set(&request, typed[i].key, typed[i].text, error);

		if (rc == (typed[i].error == NULL ? 0 : -EINVAL) &&
		    strcmp(error, typed[i].error == NULL ? "" : typed[i].error) == 0)
			continue;
		print_error("%s %s: got %d, %s\n", typed[i].key, typed[i].text, rc, error);
		failed++;
	}
	assert_int_equal(failed, 0);
	line = control_request_encode(&request);
	assert_string_equal(line,
			    "{\"cmd\":\"set\",\"vf\":1,\"mac\":\"02:00:00:00:00:01\",\"vlan\":10,"
			    "\"qos\":3,\"trust\":true,\"spoofchk\":false}\n");
	free(line);
}

static const struct {
	const char *key, *text, *error;
} mistyped[] = {
	{ "vlan", "4095", "vlan: 4095 is not in 0..4094" },
	{ "vlan", "0x10", "vlan: \"0x10\" is not in 0..4094" },
	{ "vlan", "", "vlan: \"\" is not in 0..4094" },
	{ "vlan", "99999999999999999999", "vlan: \"99999999999999999999\" is not in 0..4094" },
	{ "qos", "8", "qos: 8 is not in 0..7" },
	{ "trust", "1", "trust: 1 is not true, false, \"on\" or \"off\"" },
	{ "mac", "ff:ff:ff:ff:ff:ff", "mac: \"ff:ff:ff:ff:ff:ff\" is not a unicast MAC address" },
	{ "mac", "\xff", "mac: not valid UTF-8" },
};

static void
test_mistyped_values(void **state)
{
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(mistyped); i++) {
		struct control_request request = { .cmd = CONTROL_SET, .vf = 1 };
		char error[CONTROL_ERROR_BYTES] = "";
		int rc = control_request_set(&request, mistyped[i].key, mistyped[i].text, error);

		if (rc == -EINVAL && strcmp(error, mistyped[i].error) == 0 && request.keys == 0)
			continue;
		print_error("%s %s: got %d, %s\n", mistyped[i].key, mistyped[i].text, rc, error);
		failed++;
	}
	assert_int_equal(failed, 0);
}

static void
test_apply(void **state)
{
	struct vf_policy policy = { .vlan = 10, .qos = 3, .spoof_check = true };
	struct control_request request = { .cmd = CONTROL_SET };
	char error[CONTROL_ERROR_BYTES];

	(void)state;
	assert_int_equal(control_request_set(&request, "qos", "5", error), 0);
	assert_int_equal(control_request_apply(&request, &policy, error), 0);
	assert_int_equal(policy.vlan, 10);
	assert_int_equal(policy.qos, 5);
	assert_true(policy.spoof_check);

	request = (struct control_request){ .cmd = CONTROL_SET };
	assert_int_equal(control_request_set(&request, "vlan", "20", error), 0);
	assert_int_equal(control_request_apply(&request, &policy, error), 0);
	assert_int_equal(policy.vlan, 20);
	assert_int_equal(policy.qos, 0);

	request = (struct control_request){ .cmd = CONTROL_SET };
	assert_int_equal(control_request_set(&request, "vlan", "0", error), 0);
	assert_int_equal(control_request_set(&request, "qos", "1", error), 0);
	assert_int_equal(control_request_apply(&request, &policy, error), -EINVAL);
	assert_string_equal(error, "qos: 1 needs a vlan in 1..4094");
	assert_int_equal(policy.vlan, 20);
}

static void
fill_state(struct control_state *state)
{
	memset(state, 0, sizeof(*state));
	state->nb_ports = CONFIG_PORTS_MAX;
	for (uint16_t i = 0; i < CONFIG_PORTS_MAX; i++) {
		struct control_port *port = &state->port[i];

		snprintf(port->pci, sizeof(port->pci), "0000:%02x:00.0", i & 0xff);
		port->link_up = i % 2 == 0;
		port->link_mbps = 1000;
		port->nb_vfs = CONFIG_VFS_MAX;
		for (uint16_t n = 0; n < CONFIG_VFS_MAX; n++) {
			port->vf[n] = (struct control_vf){
				.vf = n,
				.pci = "0000:ff:1f.7",
				.driver = "vfio-pci",
				.ready = true,
				.mac = { { 2, 0, 0, 0, i, n } },
				.macs = 1,
				.vlans = 2,
				.multicasts = 30,
				.policy = { .mac = { { 2, 0, 0, 0, i, n } },
					    .vlan = 4094,
					    .qos = 7,
					    .trusted = true,
					    .spoof_check = true },
				.max_frame = 9728,
				.all_multicast = true,
				.requests = INT64_MAX,
				.acked = INT64_MAX,
				.nacked = INT64_MAX,
				.malformed = INT64_MAX,
				.resets = INT64_MAX,
				.flrs = INT64_MAX,
				.rx_packets = INT64_MAX,
				.rx_bytes = INT64_MAX,
				.tx_packets = INT64_MAX,
				.tx_bytes = INT64_MAX,
				.rx_multicast = INT64_MAX,
				.malicious = INT64_MAX,
			};
		}
	}
}

static void
test_state_survives_the_wire(void **state)
{
	static struct control_state sent, received;
	struct control_reply reply;
	char *line;

	(void)state;
	fill_state(&sent);
	line = control_reply_state(&sent);
	assert_true(strlen(line) < CONTROL_REPLY_BYTES);
	assert_int_equal(control_reply_decode(line, strlen(line), &reply), 0);
	assert_true(reply.ok);
	assert_int_equal(control_state_decode(reply.object, &received), 0);
	assert_memory_equal(&sent, &received, sizeof(sent));
	json_decref(reply.object);
	free(line);
}

static void
test_errors_survive_the_wire(void **state)
{
	struct control_reply reply;
	char *line = control_reply_error(64, "vf: \"9\" is\nnot in 0..2");

	(void)state;
	assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
	assert_int_equal(control_reply_decode(line, strlen(line), &reply), 0);
	assert_false(reply.ok);
	assert_int_equal(reply.code, 64);
	assert_string_equal(reply.error, "vf: \"9\" is\nnot in 0..2");
	json_decref(reply.object);
	free(line);
}

static void
test_bad_replies_are_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"{}",
		"[]",
		"{\"ok\":1}",
		"{\"ok\":false}",
		"{\"ok\":false,\"code\":64}",
		"{\"ok\":true",
	};
	static const char *const bad_states[] = {
		"{\"ok\":true}",
		"{\"ok\":true,\"ports\":1}",
		"{\"ok\":true,\"ports\":[1]}",
		"{\"ok\":true,\"ports\":[{\"pci\":\"x\",\"vfs\":[0]}]}",
	};
	struct control_state shown;
	struct control_reply reply;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(control_reply_decode(bad[i], strlen(bad[i]), &reply), -EINVAL);
	for (size_t i = 0; i < ARRAY_LEN(bad_states); i++) {
		assert_int_equal(control_reply_decode(bad_states[i], strlen(bad_states[i]), &reply),
				 0);
		assert_int_equal(control_state_decode(reply.object, &shown), -EINVAL);
		json_decref(reply.object);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_requests_are_named),
		cmocka_unit_test(test_requests_survive_the_wire),
		cmocka_unit_test(test_typed_keys),
		cmocka_unit_test(test_mistyped_values),
		cmocka_unit_test(test_apply),
		cmocka_unit_test(test_state_survives_the_wire),
		cmocka_unit_test(test_errors_survive_the_wire),
		cmocka_unit_test(test_bad_replies_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
