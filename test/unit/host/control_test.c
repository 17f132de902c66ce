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

#define COMMANDS \
	"one of show, set, token, stop, drain, upgrade, quarantine, release, watch, capture, " \
	"vfs"

static const struct {
	const char *line, *error;
} bad_requests[] = {
	{ "", "column 0: '[' or '{' expected near end of file" },
	{ "show", "column 4: '[' or '{' expected near 'show'" },
	{ "[]", "an array is not an object" },
	{ "{}", "cmd: missing" },
	{ "{\"cmd\":1}", "cmd: 1 is not " COMMANDS },
	{ "{\"cmd\":\"reboot\"}", "cmd: \"reboot\" is not " COMMANDS },
	{ "{\"cmd\":\"quarantine\"}", "vf: missing" },
	{ "{\"cmd\":\"vfs\"}", "num_vfs: missing" },
	{ "{\"cmd\":\"vfs\",\"num_vfs\":64}", "num_vfs: 64 is not in 0..63" },
	{ "{\"cmd\":\"vfs\",\"num_vfs\":-1}", "num_vfs: -1 is not in 0..63" },
	{ "{\"cmd\":\"show\",\"num_vfs\":2}", "only \"vfs\" takes num_vfs" },
	{ "{\"cmd\":\"release\"}", "vf: missing" },
	{ "{\"cmd\":\"release\",\"vf\":0,\"reason\":\"good\"}",
	  "only \"quarantine\" takes a reason" },
	{ "{\"cmd\":\"quarantine\",\"vf\":0,\"trust\":true}", "only \"set\" takes a policy" },
	{ "{\"cmd\":\"quarantine\",\"vf\":0,\"reason\":\"a\\nb\"}",
	  "reason: \"a\\nb\" is not printable text" },
	{ "{\"cmd\":\"show\",\"x\":1}",
	  "x: no such key; there are cmd, port, vf, num_vfs, reason, snaplen, hold, mac, vlan, "
	  "qos, proto, trust, spoofchk, state, trunk, untagged, "
	  "max_tx_rate, min_tx_rate, query_rss, broadcast, multicast, unknown_unicast, loopback, "
	  "mirror, max_macs, max_vlans, max_multicasts, drop, min_interrupt_us, max_interrupt_us" },
	{ "{\"cmd\":\"show\",\"cmd\":\"set\"}", "column 19: duplicate object key near '\"cmd\"'" },
	{ "{\"cmd\":\"show\",\"port\":\"eth0\"}",
	  "port: \"eth0\" is not a PCI address like \"0000:01:00.0\"" },
	{ "{\"cmd\":\"show\",\"vf\":63}", "vf: 63 is not in 0..62" },
	{ "{\"cmd\":\"show\",\"vlan\":7}", "only \"set\" takes a policy" },
	{ "{\"cmd\":\"set\",\"vlan\":7}", "vf: missing" },
	{ "{\"cmd\":\"set\",\"vf\":0}", "nothing to set: name a key, such as vlan" },
	{ "{\"cmd\":\"set\",\"vf\":0,\"vlan\":4095}", "vlan: 4095 is not in 0..4094" },
	{ "{\"cmd\":\"set\",\"vf\":0,\"hold\":true}", "nothing to set: name a key, such as vlan" },
	{ "{\"cmd\":\"set\",\"vf\":0,\"vlan\":7,\"hold\":1}",
	  "hold: 1 is not true, false, \"on\" or \"off\"" },
	{ "{\"cmd\":\"release\",\"vf\":0,\"hold\":false}", "only \"set\" takes hold" },
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
	"{\"cmd\":\"quarantine\",\"vf\":3}\n",
	("{\"cmd\":\"quarantine\",\"port\":\"0000:01:00.0\",\"vf\":3,"
	 "\"reason\":\"it scans\"}\n"),
	"{\"cmd\":\"release\",\"vf\":3}\n",
	"{\"cmd\":\"vfs\",\"port\":\"0000:01:00.0\",\"num_vfs\":63}\n",
	"{\"cmd\":\"vfs\",\"num_vfs\":0}\n",
	"{\"cmd\":\"set\",\"vf\":0,\"mac\":\"02:00:00:00:00:01\"}\n",
	("{\"cmd\":\"set\",\"port\":\"0000:01:00.1\",\"vf\":2,\"mac\":\"00:00:00:00:00:00\","
	 "\"vlan\":4094,\"qos\":7,\"trust\":true,\"spoofchk\":false}\n"),
	("{\"cmd\":\"set\",\"vf\":0,\"proto\":\"802.1Q\",\"state\":\"disable\","
	 "\"trunk\":\"10,20-29\",\"untagged\":false,\"max_tx_rate\":100000,\"min_tx_rate\":0,"
	 "\"query_rss\":true,\"broadcast\":false,\"multicast\":false,\"unknown_unicast\":true,"
	 "\"loopback\":false,\"mirror\":\"vf 62\",\"max_macs\":64,\"max_vlans\":64,"
	 "\"max_multicasts\":30,\"drop\":false,\"min_interrupt_us\":1,"
	 "\"max_interrupt_us\":10000}\n"),
	"{\"cmd\":\"set\",\"vf\":0,\"trunk\":\"all\",\"mirror\":\"pf\"}\n",
	"{\"cmd\":\"set\",\"vf\":0,\"hold\":true,\"vlan\":10}\n",
	"{\"cmd\":\"set\",\"vf\":0,\"hold\":false,\"vlan\":10}\n",
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
	{ "cmd", "set",
	  "cmd: no such key; there are mac, vlan, qos, proto, trust, spoofchk, "
	  "state, trunk, untagged, "
	  "max_tx_rate, min_tx_rate, query_rss, broadcast, multicast, unknown_unicast, loopback, "
	  "mirror, max_macs, max_vlans, max_multicasts, drop, min_interrupt_us, max_interrupt_us, "
	  "hold" },
	{ "rate", "1",
	  "rate: no such key; there are mac, vlan, qos, proto, trust, spoofchk, "
	  "state, trunk, untagged, "
	  "max_tx_rate, min_tx_rate, query_rss, broadcast, multicast, unknown_unicast, loopback, "
	  "mirror, max_macs, max_vlans, max_multicasts, drop, min_interrupt_us, max_interrupt_us, "
	  "hold" },
	{ "hold", "on", NULL },
	{ "hold", "off", "hold: given twice" },
	{ "hold", "2", "hold: 2 is not true, false, \"on\" or \"off\"" },
	{ "trunk", "20", NULL },
	{ "mirror", "2", NULL },
	{ "untagged", "off", NULL },
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
			    "{\"cmd\":\"set\",\"vf\":1,\"hold\":true,"
			    "\"mac\":\"02:00:00:00:00:01\",\"vlan\":10,"
			    "\"qos\":3,\"trust\":true,\"spoofchk\":false,\"trunk\":\"20\","
			    "\"untagged\":false,\"mirror\":\"vf 2\"}\n");
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
	{ "trunk", "0", "trunk: 0 is not \"all\", or VLANs of 1..4094 like \"10,20-29\"" },
	{ "trunk", "10,", "trunk: \"10,\" is not \"all\", or VLANs of 1..4094 like \"10,20-29\"" },
	{ "trunk", "20-10",
	  "trunk: \"20-10\" is not \"all\", or VLANs of 1..4094 like \"10,20-29\"" },
	{ "trunk", "10-4095",
	  "trunk: \"10-4095\" is not \"all\", or VLANs of 1..4094 like \"10,20-29\"" },
	{ "mirror", "vf", "mirror: \"vf\" is not \"none\", \"pf\" or a VF like \"vf 3\"" },
	{ "mirror", "-1", "mirror: -1 is not \"none\", \"pf\" or a VF like \"vf 3\"" },
	{ "mirror", "64", "mirror: 64 is not \"none\", \"pf\" or a VF like \"vf 3\"" },
	{ "proto", "802.1ad",
	  "proto: \"802.1ad\" is not \"802.1Q\": the hardware inserts no other tag" },
	{ "min_tx_rate", "10", "min_tx_rate: 10 is not 0: the hardware guarantees no rate" },
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
	assert_int_equal(control_request_apply(&request, 3, &policy, error), 0);
	assert_int_equal(policy.vlan, 10);
	assert_int_equal(policy.qos, 5);
	assert_true(policy.spoof_check);

	request = (struct control_request){ .cmd = CONTROL_SET };
	assert_int_equal(control_request_set(&request, "vlan", "20", error), 0);
	assert_int_equal(control_request_apply(&request, 3, &policy, error), 0);
	assert_int_equal(policy.vlan, 20);
	assert_int_equal(policy.qos, 0);

	request = (struct control_request){ .cmd = CONTROL_SET };
	assert_int_equal(control_request_set(&request, "vlan", "0", error), 0);
	assert_int_equal(control_request_set(&request, "qos", "1", error), 0);
	assert_int_equal(control_request_apply(&request, 3, &policy, error), -EINVAL);
	assert_string_equal(error, "qos: 1 needs a vlan in 1..4094");
	assert_int_equal(policy.vlan, 20);
}

/* Each key by itself is good, and not with the others. */
static void
test_keys_that_exclude_each_other(void **state)
{
	static const struct {
		const char *key, *text, *error;
	} cases[] = {
		{ "trunk", "10-12", "trunk: only \"all\" goes with a port VLAN (vlan 10)" },
		{ "trunk", "all", "" },
		{ "mirror", "1", "mirror: vf 1 is not another one of 0..2" },
		{ "mirror", "3", "mirror: vf 3 is not another one of 0..2" },
		{ "mirror", "vf 2", "" },
		{ "max_interrupt_us", "99",
		  "max_interrupt_us: 99 is not 0 or in 100..10000 (min_interrupt_us is 100)" },
		{ "max_interrupt_us", "0", "" },
		{ "max_interrupt_us", "100", "" },
	};
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct control_request request = { .cmd = CONTROL_SET, .vf = 1 };
		struct vf_policy before = { .vlan = 10, .min_interrupt_us = 100 }, policy = before;
		char error[CONTROL_ERROR_BYTES] = "";
		int rc = control_request_set(&request, cases[i].key, cases[i].text, error);

		assert_int_equal(rc, 0);
		rc = control_request_apply(&request, 3, &policy, error);
		if (strcmp(error, cases[i].error) == 0 && rc == (error[0] == '\0' ? 0 : -EINVAL) &&
		    (rc == 0 || policy_equal(&before, &policy)))
			continue;
		print_error("%s %s: got %d, %s\n", cases[i].key, cases[i].text, rc, error);
		failed++;
	}
	assert_int_equal(failed, 0);
}

static void
test_trunks(void **state)
{
	static const struct {
		const char *text, *canonical;
	} cases[] = {
		{ "1", "1" },
		{ "4094", "4094" },
		{ "1-4094", "1-4094" },
		{ "12,10,11", "10-12" },
		{ "20-29,10,25-31", "10,20-31" },
		{ "31,32,33-33", "31-33" },
	};
	const struct policy_key *key = policy_key_find("trunk");
	struct reader reader = { .path = "" };
	char text[POLICY_TEXT_BYTES], many[8192] = "";
	struct vf_policy policy;
	json_t *value;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		value = json_string(cases[i].text);
		assert_int_equal(policy_key_read(key, &reader, value, &policy), 0);
		json_decref(value);
		policy_key_text(key, &policy, text);
		assert_string_equal(text, cases[i].canonical);
	}
	/* As many ranges as there may be, of the longest, and one more. */
	for (unsigned int i = 0; i <= TRUNK_RANGES_MAX; i++) {
		sprintf(many + strlen(many), "%s%u-%u", i == 0 ? "" : ",", 2000 + 3 * i,
			2001 + 3 * i);
		value = json_string(many);
		assert_int_equal(policy_key_read(key, &reader, value, &policy),
				 i < TRUNK_RANGES_MAX ? 0 : -EINVAL);
		json_decref(value);
		policy_key_text(key, &policy, text);
		assert_int_equal(strcmp(text, many) == 0, i < TRUNK_RANGES_MAX);
	}
}

/* Whatever a policy is, its text says it: read again, it is the same. */
static void
test_every_key_survives_its_text(void **state)
{
	struct vf_policy policy, again;
	struct reader reader = { .path = "" };
	json_t *object;

	(void)state;
	for (unsigned int i = 0; i < 2; i++) {
		memset(&policy, 0, sizeof(policy));
		if (i == 1)
			policy = (struct vf_policy){
				.mac = { { 2, 0, 0, 0, 0, 1 } }, .vlan = 4094, .qos = 7,
				.max_tx_rate = 70000, .min_interrupt_us = 300,
				.max_interrupt_us = 1000, .mirror = POLICY_MIRROR_VF + 62,
				.state = POLICY_STATE_ENABLE, .max_macs = 64, .max_vlans = 1,
				.max_multicasts = 30, .trusted = true, .spoof_check = true,
				.no_untagged = true, .no_broadcast = true, .no_multicast = true,
				.unknown_unicast = true, .query_rss = true, .no_loopback = true,
				.blocks = true, .trunk = { 2, 4 } };
		object = policy_encode(&policy);
		assert_int_equal(policy_decode(object, &again), 0);
		assert_true(policy_equal(&policy, &again));
		assert_int_equal(json_object_size(object), policy_keys_nb);
		json_object_del(object, "qos");
		assert_int_equal(policy_decode(object, &again), -EINVAL);
		json_decref(object);
	}
	for (const struct policy_key *key = policy_keys; key->name != NULL; key++) {
		char text[POLICY_TEXT_BYTES];
		json_t *value;

		assert_non_null(key->values);
		assert_non_null(key->help);
		policy_key_text(key, &policy, text);
		value = policy_key_encode(key, &policy);
		memset(&again, 0, sizeof(again));
		assert_int_equal(policy_key_read(key, &reader, value, &again), 0);
		assert_false(policy_key_differs(key, &policy, &again));
		json_decref(value);
		memset(&again, 0, sizeof(again));
		policy_key_copy(key, &policy, &again);
		assert_false(policy_key_differs(key, &policy, &again));
	}
}

/* A trunk of as many ranges as there may be. */
static void
fill_trunk(struct vf_policy *policy)
{
	policy->vlan = 0;
	policy->qos = 0;
	for (uint16_t i = 0; i < TRUNK_RANGES_MAX; i++)
		policy_trunk_add(policy, 1000 + 3 * i, 1001 + 3 * i);
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
				.ready = n % 2 == 0,
				.quarantined = n % 2 == 1,
				.restraint = "quarantined: mailbox flood, 3012 requests in 1000 ms"
					     ", until released",
				.mac = { { 2, 0, 0, 0, i, n } },
				.macs = 1,
				.vlans = 2,
				.multicasts = 30,
				.policy = { .mac = { { 2, 0, 0, 0, i, n } },
					    .vlan = 4094,
					    .qos = 7,
					    .max_tx_rate = 100000,
					    .mirror = POLICY_MIRROR_VF + 62,
					    .state = POLICY_STATE_DISABLE,
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
				.throttled = INT64_MAX,
				.lock_taken = INT64_MAX,
			};
			fill_trunk(&port->vf[n].policy);
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
		cmocka_unit_test(test_keys_that_exclude_each_other),
		cmocka_unit_test(test_trunks),
		cmocka_unit_test(test_every_key_survives_its_text),
		cmocka_unit_test(test_state_survives_the_wire),
		cmocka_unit_test(test_errors_survive_the_wire),
		cmocka_unit_test(test_bad_replies_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
