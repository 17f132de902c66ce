/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* A configuration with other numbers of VFs, for several ports: all of it or nothing. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_ethdev.h>

#include <cmocka.h>

#include "daemon.h"
#include "fake_pool.h"
#include "rte_pmd_sluice.h"

#define NB_PORTS 3
#define NB_VFS	 3

static struct daemon the_daemon;
static struct vf_service services[NB_PORTS];
static int refuses;	/* this port has other VFs not; -1: all may */
static int switch_rc;
static char log_text[4096];

uint64_t
now_ms(void)
{
	return 1000;
}

void
log_line(enum config_log_level level, const char *format, ...)
{
	size_t used = strlen(log_text);
	va_list args;

	(void)level;
	va_start(args, format);
	vsnprintf(log_text + used, sizeof(log_text) - used, format, args);
	va_end(args);
	used = strlen(log_text);
	snprintf(log_text + used, sizeof(log_text) - used, "\n");
}

int
exit_code_of(int rc)
{
	return rc == 0 ? 0 : 1;
}

int
rte_eth_link_get_nowait(uint16_t port_id, struct rte_eth_link *link)
{
	(void)port_id;
	link->link_status = RTE_ETH_LINK_DOWN;
	return 0;
}

int
rte_pmd_sluice_pool_stats(uint16_t port_id, uint16_t vf, struct rte_pmd_sluice_pool_stats *stats)
{
	(void)port_id;
	(void)vf;
	(void)stats;
	return 0;
}

int
port_switch_set(const struct port *port, const struct config_port *old,
		const struct config_port *wanted, char why[CONTROL_ERROR_BYTES])
{
	(void)port;
	(void)old;
	(void)wanted;
	snprintf(why, CONTROL_ERROR_BYTES, "no such switch");
	return switch_rc;
}

void
port_switch_log(const struct port *port, const struct config_port *old,
		const struct config_port *now)
{
	(void)port;
	(void)old;
	(void)now;
}

void
audit_verdict(void *port, const struct service_verdict *verdict)
{
	(void)port;
	(void)verdict;
}

void
audit_change(const struct port *port, int vf, const char *what, const char *text)
{
	(void)what;
	if (vf == CONTROL_VF_NONE)
		log_line(CONFIG_LOG_INFO, "%s: %s", port->iov.pci, text);
	else
		log_line(CONFIG_LOG_INFO, "%s vf %d: %s", port->iov.pci, vf, text);
}

char *
events_answer(const struct control_request *request, struct control_stream **stream)
{
	(void)request;
	(void)stream;
	return NULL;
}

char *
leave_answer(struct daemon *daemon, enum control_cmd cmd)
{
	(void)daemon;
	(void)cmd;
	return NULL;
}

int
vfs_change(struct port *port, const struct config_port *config, const struct config_port *old,
	   uint16_t num_vfs, const struct vf_policy *policies, char why[CONTROL_ERROR_BYTES])
{
	assert_ptr_not_equal(config, old);
	if (num_vfs == port->service->nb_vfs)
		return 0;
	if (port - the_daemon.port == refuses) {
		snprintf(why, CONTROL_ERROR_BYTES, "VF 0 is in use");
		return -EBUSY;
	}
	assert_non_null(policies);
	for (uint16_t vf = 0; vf < CONFIG_VFS_MAX; vf++)
		port->service->vf[vf].policy = policies[vf];
	return service_start_again(port->service, FAKE_PORT, num_vfs, &fake_pool_ops);
}

static int
setup(void **state)
{
	(void)state;
	memset(&the_daemon, 0, sizeof(the_daemon));
	memset(services, 0, sizeof(services));
	refuses = -1;
	switch_rc = 0;
	log_text[0] = '\0';
	the_daemon.config_file = "FILE";
	the_daemon.nb_open = the_daemon.config.nb_ports = NB_PORTS;
	fake_clear(CONFIG_VFS_MAX);
	for (int i = 0; i < NB_PORTS; i++) {
		struct port *port = &the_daemon.port[i];

		snprintf(port->iov.pci, sizeof(port->iov.pci), "0000:0%u:00.0",
			 (unsigned int)(i + 1) % 10);
		port->service = &services[i];
		pthread_mutex_init(&port->lock, NULL);
		the_daemon.config.port[i].num_vfs = NB_VFS;
		for (uint16_t vf = 0; vf < CONFIG_VFS_MAX; vf++)
			the_daemon.config.port[i].vf[vf].policy = policy_default;
		if (service_start(port->service, FAKE_PORT, NB_VFS, &fake_pool_ops, NULL) < 0)
			return -1;
	}
	return 0;
}

/* The first port gets more VFs, the second stays, the third has none; and a VLAN for each VF 1. */
static struct config *
other_numbers(void)
{
	static struct config wanted;

	wanted = the_daemon.config;
	wanted.port[0].num_vfs = 5;
	wanted.port[2].num_vfs = 0;
	for (int i = 0; i < NB_PORTS; i++)
		wanted.port[i].vf[1].policy.vlan = 10 + i;
	return &wanted;
}

static void
expect_as_before(void)
{
	for (int i = 0; i < NB_PORTS; i++) {
		assert_int_equal(services[i].nb_vfs, NB_VFS);
		assert_int_equal(services[i].vf[1].policy.vlan, 0);
	}
}

static void
test_numbers_and_policies(void **state)
{
	(void)state;
	assert_int_equal(reload_config(&the_daemon, other_numbers()), 0);
	assert_int_equal(services[0].nb_vfs, 5);
	assert_int_equal(services[1].nb_vfs, NB_VFS);
	assert_int_equal(services[2].nb_vfs, 0);
	for (int i = 0; i < NB_PORTS; i++)
		assert_int_equal(services[i].vf[1].policy.vlan, 10 + i);
	assert_string_equal(log_text, "0000:01:00.0: num_vfs 3 -> 5\n"
				      "0000:01:00.0 vf 1: vlan 0 -> 10\n"
				      "0000:02:00.0 vf 1: vlan 0 -> 11\n"
				      "0000:03:00.0: num_vfs 3 -> 0\n");
}

static void
test_one_port_refuses(void **state)
{
	(void)state;
	refuses = 2;
	assert_int_equal(reload_config(&the_daemon, other_numbers()), -EBUSY);
	expect_as_before();
	assert_string_equal(log_text, "FILE: ports[2].num_vfs: 0: VF 0 is in use; all stays as "
				      "it was\n");
}

static void
test_a_policy_is_refused(void **state)
{
	struct config *wanted = other_numbers();

	(void)state;
	wanted->port[1].vf[2].policy.vlan = 5000;
	assert_true(reload_config(&the_daemon, wanted) < 0);
	expect_as_before();
}

static void
test_a_switch_is_refused(void **state)
{
	(void)state;
	switch_rc = -ENOTSUP;
	assert_int_equal(reload_config(&the_daemon, other_numbers()), -ENOTSUP);
	expect_as_before();
}

static void
expect_answer(const char *request, const char *answer)
{
	static const struct control_peer root = { .pid = 1, .is_operator = true };
	struct control_stream *stream = NULL;
	char *reply = control_answer(&the_daemon, request, strlen(request), &root, &stream);

	assert_string_equal(reply, answer);
	free(reply);
}

#define SET_VF_1 "{\"cmd\":\"set\",\"port\":\"0000:01:00.0\",\"vf\":1,"
#define HELD_VLAN SET_VF_1 "\"hold\":true,\"vlan\":20}"

static const struct mac_addr held_mac = { { 2, 0, 0, 0, 0, 9 } };

/* Of the VF's policy what was set, and its priority; all else is the file's. */
static void
test_what_is_held_stays(void **state)
{
	const struct vf_policy *policy = &services[0].vf[1].policy;
	struct config wanted = the_daemon.config;

	(void)state;
	expect_answer(HELD_VLAN, "{\"ok\":true}\n");
	assert_string_equal(log_text, "0000:01:00.0 vf 1: vlan 0 -> 20 (uid 0, pid 1; held)\n");
	for (uint16_t vlan = 0; vlan < 12; vlan += 11) {
		wanted.port[0].vf[1].policy.vlan = vlan;
		wanted.port[0].vf[1].policy.qos = vlan == 0 ? 0 : 3;
		wanted.port[0].vf[1].policy.trusted = true;
		assert_int_equal(reload_config(&the_daemon, &wanted), 0);
		assert_int_equal(policy->vlan, 20);
		assert_int_equal(policy->qos, 0);
		assert_true(policy->trusted);
	}
	/* Set by somebody who does not mention it, it is held still. */
	expect_answer(SET_VF_1 "\"vlan\":21}", "{\"ok\":true}\n");
	assert_int_equal(reload_config(&the_daemon, &wanted), 0);
	assert_int_equal(policy->vlan, 21);

	expect_answer(SET_VF_1 "\"hold\":false,\"vlan\":0}", "{\"ok\":true}\n");
	assert_int_equal(policy->vlan, 0);
	assert_int_equal(reload_config(&the_daemon, &wanted), 0);
	assert_int_equal(policy->vlan, 11);
	assert_int_equal(policy->qos, 3);
}

static void
test_held_over_a_reload_that_is_refused(void **state)
{
	struct config wanted = the_daemon.config;

	(void)state;
	expect_answer(HELD_VLAN, "{\"ok\":true}\n");
	switch_rc = -ENOTSUP;
	assert_int_equal(reload_config(&the_daemon, other_numbers()), -ENOTSUP);
	assert_int_equal(services[0].nb_vfs, NB_VFS);
	assert_int_equal(services[0].vf[1].policy.vlan, 20);
	switch_rc = 0;
	assert_int_equal(reload_config(&the_daemon, &wanted), 0);
	assert_int_equal(services[0].vf[1].policy.vlan, 20);
}

/* VFs that were made anew are another's. */
static void
test_another_number_of_vfs_holds_nothing(void **state)
{
	(void)state;
	expect_answer(HELD_VLAN, "{\"ok\":true}\n");
	assert_int_equal(reload_config(&the_daemon, other_numbers()), 0);
	assert_int_equal(services[0].vf[1].policy.vlan, 10);
	assert_int_equal(services[0].vf[1].held, 0);
}

/* Two that are good each by itself: the file, and what is held. */
static void
test_a_file_that_what_is_held_excludes(void **state)
{
	struct config wanted = the_daemon.config;

	(void)state;
	expect_answer(SET_VF_1 "\"hold\":true,\"vlan\":20,\"mac\":\"02:00:00:00:00:09\"}",
		      "{\"ok\":true}\n");
	log_text[0] = '\0';
	wanted.port[1].vf[2].policy.mac = held_mac;
	assert_int_equal(reload_config(&the_daemon, &wanted), -EEXIST);
	assert_string_equal(log_text, "FILE: ports[0]: VF 1, of which something is held: mac: is "
				      "to be VF 2's of 0000:02:00.0 too; the old policies stay\n");
	assert_true(mac_is_zero(&services[1].vf[2].policy.mac));

	log_text[0] = '\0';
	wanted = the_daemon.config;
	wanted.port[0].vf[0].policy.vlan = 5;
	policy_trunk_add(&wanted.port[0].vf[1].policy, 10, 12);
	assert_int_equal(reload_config(&the_daemon, &wanted), -EINVAL);
	assert_string_equal(log_text, "FILE: ports[0]: VF 1, of which something is held: trunk: "
				      "only \"all\" goes with a port VLAN (vlan 20); the old "
				      "policies stay\n");
	assert_int_equal(services[0].vf[0].policy.vlan, 0);
}

#define CASE(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_numbers_and_policies),
		CASE(test_one_port_refuses),
		CASE(test_a_policy_is_refused),
		CASE(test_a_switch_is_refused),
		CASE(test_what_is_held_stays),
		CASE(test_held_over_a_reload_that_is_refused),
		CASE(test_another_number_of_vfs_holds_nothing),
		CASE(test_a_file_that_what_is_held_excludes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
