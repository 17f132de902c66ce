/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* The operator's requests and the log of the VFs', over a pool in memory and without DPDK. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include <rte_ethdev.h>

#include <cmocka.h>

#include "daemon.h"
#include "fake_daemon.h"
#include "fake_pool.h"
#include "rte_pmd_sluice.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define NB_VFS 3

static struct daemon daemon_under_test;
static struct vf_service services[CONFIG_PORTS_MAX];
static struct port *const port = &daemon_under_test.port[0];

int
exit_code_of(int rc)
{
	return rc == -ENOSPC ? EX_UNAVAILABLE : EX_OSERR;
}

int
rte_eth_link_get_nowait(uint16_t port_id, struct rte_eth_link *link)
{
	(void)port_id;
	link->link_status = RTE_ETH_LINK_UP;
	link->link_speed = 1000;
	return 0;
}

int
rte_pmd_sluice_pool_stats(uint16_t port_id, uint16_t vf, struct rte_pmd_sluice_pool_stats *stats)
{
	(void)port_id;
	stats->rx_packets = 100 + vf;
	return 0;
}

static uint32_t storm_broadcast;
static bool loops_back;
static int storm_rc;

int
rte_pmd_sluice_loopback(uint16_t port_id, bool on)
{
	(void)port_id;
	loops_back = on;
	return 0;
}

int
rte_pmd_sluice_storm_control(uint16_t port_id, uint32_t broadcast_kbps, uint32_t multicast_kbps)
{
	(void)port_id;
	(void)multicast_kbps;
	if (storm_rc == 0)
		storm_broadcast = broadcast_kbps;
	return storm_rc;
}

static bool held;
static unsigned int nb_sent;

int
rte_pmd_sluice_send(uint16_t port_id, uint16_t vf, const struct mbx_msg *message)
{
	(void)port_id;
	(void)vf;
	assert_int_equal(message->word[0], MBX_PF_CONTROL);
	nb_sent++;
	return 0;
}

bool
hold_everything(const struct daemon *daemon)
{
	(void)daemon;
	return held;
}

void
hold_see(struct daemon *daemon)
{
	(void)daemon;
}

static int
setup(void **state)
{
	static const struct mac_addr pinned = { { 2, 0, 0, 0, 0, 1 } };
	struct vf_policy policies[NB_VFS];

	(void)state;
	daemon_under_test = (struct daemon){ .config_file = "FILE", .nb_open = 1 };
	strcpy(daemon_under_test.token, "0d7d2c1e-0000-4000-8000-000000000000");
	memset(services, 0, sizeof(services));
	for (int i = 0; i < CONFIG_PORTS_MAX; i++)
		daemon_under_test.port[i].service = &services[i];
	daemon_under_test.config.port[0].num_vfs = NB_VFS;
	strcpy(port->iov.pci, "0000:01:00.0");
	strcpy(daemon_under_test.port[1].iov.pci, "0000:01:00.1");
	pthread_mutex_init(&port->lock, NULL);
	for (uint16_t vf = 0; vf < NB_VFS; vf++)
		policies[vf] = policy_default;
	policies[1].mac = pinned;
	fake_clear(NB_VFS);
	clock_ms = 1000;
	nb_lines = 0;
	return service_start(port->service, FAKE_PORT, NB_VFS, &fake_pool_ops, policies);
}

static char *
ask(const char *line)
{
	static const struct control_peer peer = { .pid = 1, .is_operator = true };

	return control_answer(&daemon_under_test, line, strlen(line), &peer, NULL);
}

static void
test_others_may_only_look(void **state)
{
	static const struct control_peer other = { .pid = 2, .uid = 1000 };
	static const char *const changes[] = {
		"{\"cmd\":\"set\",\"vf\":0,\"vlan\":10}",
		"{\"cmd\":\"token\"}",
		"{\"cmd\":\"capture\",\"vf\":0}",
	};
	static const char show[] = "{\"cmd\":\"show\"}";
	char *reply = control_answer(&daemon_under_test, show, strlen(show), &other, NULL);

	(void)state;
	assert_memory_equal(reply, "{\"ok\":true", 10);
	free(reply);
	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		reply = control_answer(&daemon_under_test, changes[i], strlen(changes[i]), &other,
				       NULL);
		assert_string_equal(reply,
				    "{\"ok\":false,\"code\":77,\"error\":\"not permitted: only "
				    "root and the members of the control group may\"}\n");
		free(reply);
	}
	assert_int_equal(port->service->vf[0].policy.vlan, 0);
	assert_int_equal(nb_lines, 0);
}

static const struct {
	const char *line, *reply;
} refusals[] = {
	{ "{\"cmd\":\"show\",\"port\":\"0000:02:00.0\"}",
	  "{\"ok\":false,\"code\":64,\"error\":\"port: 0000:02:00.0 is not one of "
	  "0000:01:00.0\"}\n" },
	{ "{\"cmd\":\"show\",\"vf\":3}",
	  "{\"ok\":false,\"code\":64,\"error\":\"vf: 3 is not in 0..2\"}\n" },
	{ "{\"cmd\":\"set\",\"vf\":3,\"vlan\":1}",
	  "{\"ok\":false,\"code\":64,\"error\":\"vf: 3 is not in 0..2\"}\n" },
	{ "{\"cmd\":\"set\",\"vf\":0,\"qos\":1}",
	  "{\"ok\":false,\"code\":64,\"error\":\"qos: 1 needs a vlan in 1..4094\"}\n" },
	{ "{\"cmd\":\"set\",\"vf\":0,\"mac\":\"02:00:00:00:00:01\"}",
	  "{\"ok\":false,\"code\":64,\"error\":\"mac: it is VF 1's of 0000:01:00.0 already\"}\n" },
	{ "rubbish", "{\"ok\":false,\"code\":64,\"error\":\"column 7: '[' or '{' expected near "
		     "'rubbish'\"}\n" },
};

static void
test_refusals_change_nothing(void **state)
{
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		unsigned int calls = fake.calls;
		char *reply = ask(refusals[i].line);

		if (strcmp(reply, refusals[i].reply) != 0 || fake.calls != calls) {
			print_error("%s: got %s", refusals[i].line, reply);
			failed++;
		}
		free(reply);
	}
	assert_int_equal(failed, 0);
}

static void
test_port_must_be_named_if_there_are_two(void **state)
{
	char *reply;

	(void)state;
	daemon_under_test.nb_open = 2;
	reply = ask("{\"cmd\":\"set\",\"vf\":0,\"vlan\":1}");
	assert_string_equal(reply, "{\"ok\":false,\"code\":64,\"error\":\"port: missing; there are "
				   "0000:01:00.0, 0000:01:00.1\"}\n");
	free(reply);
	reply = ask("{\"cmd\":\"set\",\"port\":\"0000:01:00.0\",\"vf\":0,\"vlan\":1}");
	assert_string_equal(reply, "{\"ok\":true}\n");
	free(reply);
}

static void
test_set_is_applied_and_logged(void **state)
{
	char *reply = ask("{\"cmd\":\"set\",\"vf\":1,\"vlan\":10,\"qos\":3,\"trust\":\"on\"}");

	(void)state;
	assert_string_equal(reply, "{\"ok\":true}\n");
	free(reply);
	assert_int_equal(port->service->vf[1].policy.vlan, 10);
	assert_int_equal(port->service->vf[1].policy.qos, 3);
	assert_true(port->service->vf[1].policy.trusted);
	assert_int_equal(nb_lines, 3);
	assert_string_equal(last_line, "0000:01:00.0 vf 1: trust off -> on (uid 0, pid 1)");
	nb_lines = 0;
	free(ask("{\"cmd\":\"set\",\"vf\":1,\"trunk\":\"all\",\"vlan\":0}"));
	assert_int_equal(nb_lines, 2);
	free(ask("{\"cmd\":\"set\",\"vf\":1,\"trunk\":\"10,20-29\"}"));
	assert_string_equal(last_line, "0000:01:00.0 vf 1: trunk all -> 10,20-29 (uid 0, pid 1)");
	/* What asks for nothing new is noted too. */
	free(ask("{\"cmd\":\"set\",\"vf\":1,\"trust\":\"on\"}"));
	assert_int_equal(nb_lines, 4);
	assert_string_equal(last_line, "0000:01:00.0 vf 1: set to what it was (uid 0, pid 1)");
}

static void
test_hardware_that_refuses(void **state)
{
	char *reply;

	(void)state;
	/* The pool is touched only for a VF that is up. */
	port->service->vf[0].enabled = true;
	fake.vf[0].enabled = true;
	fake_fail(1, 0, -ENOSPC);
	reply = ask("{\"cmd\":\"set\",\"vf\":0,\"vlan\":10}");
	assert_string_equal(reply,
			    "{\"ok\":false,\"code\":69,\"error\":\"the hardware refuses: "
			    "No space left on device\"}\n");
	free(reply);
	assert_int_equal(port->service->vf[0].policy.vlan, 0);

	fake.lacks = 1u << FAKE_SET_TX_RATE;
	reply = ask("{\"cmd\":\"set\",\"vf\":0,\"max_tx_rate\":10}");
	assert_string_equal(reply, "{\"ok\":false,\"code\":64,\"error\":\"max_tx_rate: this "
				   "hardware has no Tx rate limit\"}\n");
	free(reply);
	assert_int_equal(port->service->vf[0].policy.max_tx_rate, 0);
}

static void
test_show(void **state)
{
	struct control_state shown;
	struct control_reply reply;
	char *line = ask("{\"cmd\":\"show\"}");

	(void)state;
	assert_int_equal(control_reply_decode(line, strlen(line), &reply), 0);
	assert_int_equal(control_state_decode(reply.object, &shown), 0);
	json_decref(reply.object);
	free(line);
	assert_int_equal(shown.nb_ports, 1);
	assert_true(shown.port[0].link_up);
	assert_int_equal(shown.port[0].nb_vfs, NB_VFS);
	assert_int_equal(shown.port[0].vf[2].rx_packets, 102);

	line = ask("{\"cmd\":\"show\",\"vf\":2}");
	assert_int_equal(control_reply_decode(line, strlen(line), &reply), 0);
	assert_int_equal(control_state_decode(reply.object, &shown), 0);
	json_decref(reply.object);
	free(line);
	assert_int_equal(shown.port[0].nb_vfs, 1);
	assert_int_equal(shown.port[0].vf[0].vf, 2);
}

static void
test_token(void **state)
{
	char *reply = ask("{\"cmd\":\"token\"}");

	(void)state;
	assert_string_equal(reply,
			    "{\"ok\":true,\"token\":\"0d7d2c1e-0000-4000-8000-000000000000\"}\n");
	free(reply);
}

static void
expect_reply(const char *line, const char *wanted)
{
	char *reply = ask(line);

	assert_string_equal(reply, wanted);
	free(reply);
}

static void
test_quarantine_and_release(void **state)
{
	struct control_state shown;
	struct control_reply reply;
	char *line;

	(void)state;
	expect_reply("{\"cmd\":\"release\",\"vf\":1}",
		     "{\"ok\":false,\"code\":64,\"error\":\"vf 1: is held to nothing\"}\n");
	expect_reply("{\"cmd\":\"quarantine\",\"vf\":3}",
		     "{\"ok\":false,\"code\":64,\"error\":\"vf: 3 is not in 0..2\"}\n");
	assert_int_equal(nb_lines, 0);
	expect_reply("{\"cmd\":\"quarantine\",\"vf\":1,\"reason\":\"it scans\"}",
		     "{\"ok\":true}\n");
	assert_string_equal(last_line,
			    "0000:01:00.0 vf 1: quarantined by uid 0 (pid 1): it scans");
	assert_int_equal(port->service->vf[1].state, VF_QUARANTINED);

	line = ask("{\"cmd\":\"show\",\"vf\":1}");
	assert_int_equal(control_reply_decode(line, strlen(line), &reply), 0);
	assert_int_equal(control_state_decode(reply.object, &shown), 0);
	json_decref(reply.object);
	free(line);
	assert_true(shown.port[0].vf[0].quarantined);
	assert_string_equal(shown.port[0].vf[0].restraint,
			    "quarantined: it scans, until released");

	expect_reply("{\"cmd\":\"vfs\",\"num_vfs\":3}", "{\"ok\":true}\n");
	expect_reply("{\"cmd\":\"release\",\"vf\":1}", "{\"ok\":true}\n");
	assert_string_equal(last_line, "0000:01:00.0 vf 1: released by uid 0 (pid 1)");
	assert_int_equal(port->service->vf[1].state, VF_WAIT_RESET);
}

static void
test_watch(void **state)
{
	static const struct control_peer other = { .pid = 2, .uid = 1000 };
	static const char of_vf_1[] = "{\"cmd\":\"watch\",\"vf\":1}";
	static const char change[] = "\"reason\":\"vlan 0 -> 11 (uid 0, pid 1)\"}\n";
	struct control_stream *stream = NULL;
	struct iovec pieces[2];
	char *reply;

	(void)state;
	expect_reply("{\"cmd\":\"watch\",\"vf\":3}",
		     "{\"ok\":false,\"code\":64,\"error\":\"vf: 3 is not in 0..2\"}\n");
	reply = control_answer(&daemon_under_test, of_vf_1, strlen(of_vf_1), &other, &stream);
	assert_string_equal(reply, "{\"ok\":true}\n");
	free(reply);
	assert_non_null(stream);
	assert_int_equal(control_stream_peek(stream, pieces), 0);
	expect_reply("{\"cmd\":\"set\",\"vf\":0,\"vlan\":10}", "{\"ok\":true}\n");
	expect_reply("{\"cmd\":\"set\",\"vf\":1,\"vlan\":11}", "{\"ok\":true}\n");
	assert_int_equal(control_stream_peek(stream, pieces), 1);
	assert_null(memmem(pieces[0].iov_base, pieces[0].iov_len, "-> 10", 5));
	assert_non_null(memmem(pieces[0].iov_base, pieces[0].iov_len, change, strlen(change)));
	control_stream_end(stream);
	control_stream_free(stream);
}

/* All VFs are up, and the pool fails at each of its calls in turn: all policies or none. */
static void
test_a_config_is_applied_as_a_whole(void **state)
{
	struct vf_policy old[NB_VFS];
	struct config wanted = { .nb_ports = 1, .port[0].num_vfs = NB_VFS };
	unsigned int nth;
	int rc;

	(void)state;
	for (uint16_t vf = 0; vf < NB_VFS; vf++) {
		port->service->vf[vf].enabled = true;
		fake.vf[vf].enabled = true;
		old[vf] = port->service->vf[vf].policy;
		wanted.port[0].vf[vf].policy = (struct vf_policy){ .vlan = 10 + vf };
	}
	for (nth = 1;; nth++) {
		fake_fail(nth, 0, -ENOSPC);
		rc = reload_config(&daemon_under_test, &wanted);
		if (rc == 0)
			break;
		for (uint16_t vf = 0; vf < NB_VFS; vf++) {
			const struct vf_policy *now = &port->service->vf[vf].policy;

			assert_int_equal(now->vlan, old[vf].vlan);
			assert_true(mac_equal(&now->mac, &old[vf].mac));
			assert_int_equal(now->spoof_check, old[vf].spoof_check);
		}
	}
	assert_true(nth > NB_VFS);
	assert_int_equal(port->service->vf[2].policy.vlan, 12);

	/* What changed is told; and there is nothing to tell about the same once more. */
	fake_fail(0, 0, 0);
	nb_lines = 0;
	wanted.port[0].vf[2].policy.vlan = 20;
	assert_int_equal(reload_config(&daemon_under_test, &wanted), 0);
	assert_int_equal(nb_lines, 1);
	assert_string_equal(last_line, "0000:01:00.0 vf 2: vlan 12 -> 20");
	assert_int_equal(reload_config(&daemon_under_test, &wanted), 0);
	assert_int_equal(nb_lines, 1);
}

/* What is a port's is set with the VFs' policies, or not at all. */
static void
test_a_ports_switches(void **state)
{
	static struct config wanted = { .nb_ports = 1 };
	char why[CONTROL_ERROR_BYTES];

	(void)state;
	daemon_under_test.config.port[0].loopback = true;
	storm_rc = -ENOTSUP;
	assert_int_equal(port_switch_set(port, NULL, &daemon_under_test.config.port[0], why), 0);
	assert_true(loops_back);
	wanted.port[0] = daemon_under_test.config.port[0];
	wanted.port[0].vf[1].policy.vlan = 7;
	wanted.port[0].loopback = false;
	wanted.port[0].storm_broadcast = 100;
	assert_int_equal(reload_config(&daemon_under_test, &wanted), -ENOTSUP);
	assert_string_equal(last_line, "FILE: ports[0]: storm_broadcast and storm_multicast: this "
				       "hardware has no storm control; all stays as it was");
	assert_true(loops_back);
	assert_int_equal(port->service->vf[1].policy.vlan, 0);

	storm_rc = 0;
	nb_lines = 0;
	assert_int_equal(reload_config(&daemon_under_test, &wanted), 0);
	assert_false(loops_back);
	assert_int_equal(storm_broadcast, 100);
	assert_int_equal(port->service->vf[1].policy.vlan, 7);
	assert_true(nb_lines > 2);
	port_switch_log(port, &daemon_under_test.config.port[0], &wanted.port[0]);
	assert_string_equal(last_line, "0000:01:00.0: storm_broadcast 0 -> 100");
}

static void
test_a_babbling_vf_does_not_fill_the_log(void **state)
{
	const struct service_verdict verdict = {
		.vf = 1, .request = "unknown", .word0 = 0xff, .reason = "no such request"
	};

	(void)state;
	for (int i = 0; i < 1000; i++)
		audit_verdict(port, &verdict);
	assert_int_equal(nb_lines, 50);
	assert_string_equal(last_line,
			    "0000:01:00.0 vf 1: unknown (0x000000ff) refused: no such request");
	clock_ms += 999;
	audit_tick(port);
	assert_int_equal(nb_lines, 50);
	clock_ms += 1;
	audit_tick(port);
	assert_string_equal(last_line, "0000:01:00.0 vf 1: 950 more lines, not shown");
	audit_verdict(port, &verdict);
	assert_int_equal(nb_lines, 52);
}

static void
ask_well(const char *line)
{
	char *reply = ask(line);

	assert_string_equal(reply, "{\"ok\":true}\n");
	free(reply);
}

static void
test_stop_comes_after_its_answer(void **state)
{
	(void)state;
	ask_well("{\"cmd\":\"stop\"}");
	assert_false(daemon_under_test.stopping);
	leave_tick(&daemon_under_test);
	assert_true(daemon_under_test.stopping);
	assert_int_equal(daemon_under_test.leave, LEAVE_NOW);
}

/* Three are up: two in programs' hands, and one with a kernel driver whose netdev is down. */
static void
test_drain_waits_for_the_last_owner(void **state)
{
	struct config_port *config = &daemon_under_test.config.port[0];

	(void)state;
	nb_sent = 0;
	for (uint16_t vf = 0; vf < NB_VFS; vf++) {
		port->service->vf[vf].state = VF_READY;
		strcpy(config->vf[vf].driver, vf == 2 ? "igbvf" : "vfio-pci");
	}
	ask_well("{\"cmd\":\"drain\"}");
	assert_string_equal(last_line,
			    "draining: stops when the last of 2 VFs in use is left");
	assert_int_equal(nb_sent, 2);
	leave_tick(&daemon_under_test);
	assert_false(daemon_under_test.stopping);
	/* Nobody is warned twice. */
	ask_well("{\"cmd\":\"drain\"}");
	assert_int_equal(nb_sent, 2);
	service_on_vf_reset(port->service, 0);
	leave_tick(&daemon_under_test);
	assert_false(daemon_under_test.stopping);
	service_on_vf_reset(port->service, 1);
	leave_tick(&daemon_under_test);
	assert_true(daemon_under_test.stopping);
	assert_string_equal(last_line, "stopping: no VF is in use");
}

static void
test_stop_ends_a_drain(void **state)
{
	(void)state;
	port->service->vf[0].state = VF_READY;
	strcpy(daemon_under_test.config.port[0].vf[0].driver, "vfio-pci");
	ask_well("{\"cmd\":\"drain\"}");
	ask_well("{\"cmd\":\"stop\"}");
	leave_tick(&daemon_under_test);
	assert_true(daemon_under_test.stopping);
}

static void
test_upgrade_needs_somebody_who_holds(void **state)
{
	char *reply;

	(void)state;
	held = false;
	reply = ask("{\"cmd\":\"upgrade\"}");
	assert_non_null(strstr(reply, "\"ok\":false,\"code\":69"));
	assert_non_null(strstr(reply, "sluice-keeper"));
	free(reply);
	leave_tick(&daemon_under_test);
	assert_false(daemon_under_test.stopping);
	held = true;
	ask_well("{\"cmd\":\"upgrade\"}");
	leave_tick(&daemon_under_test);
	assert_true(daemon_under_test.stopping);
	assert_int_equal(daemon_under_test.leave, LEAVE_TO_SUCCESSOR);
}

#define CASE(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		CASE(test_others_may_only_look),
		CASE(test_refusals_change_nothing),
		CASE(test_port_must_be_named_if_there_are_two),
		CASE(test_set_is_applied_and_logged),
		CASE(test_hardware_that_refuses),
		CASE(test_show),
		CASE(test_token),
		CASE(test_quarantine_and_release),
		CASE(test_watch),
		CASE(test_a_config_is_applied_as_a_whole),
		CASE(test_a_ports_switches),
		CASE(test_a_babbling_vf_does_not_fill_the_log),
		CASE(test_stop_comes_after_its_answer),
		CASE(test_drain_waits_for_the_last_owner),
		CASE(test_stop_ends_a_drain),
		CASE(test_upgrade_needs_somebody_who_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
