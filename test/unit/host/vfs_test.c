/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* Another number of VFs while the daemon runs, each of whose steps may fail. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon.h"
#include "fake_pool.h"
#include "rte_pmd_sluice.h"

#define PF     "0000:01:00.0"
#define BEFORE 3
#define AFTER  5
#define MOST   7
#define NEVER  100

/* The kernel, the PF driver and the books, as far as they are asked. */
static struct {
	uint16_t enabled;	  /* VFs at the PF */
	int check_rc;		  /* of iov_port_check_vfs() */
	unsigned int steps, fail; /* the step of that number fails, and all from `fail_all` on */
	unsigned int fail_all;
	bool whole, refuses_untouched;
	int num_vfs;
	unsigned int nb_unwhole; /* steps while the books said that they were whole */
} world;

static struct daemon the_daemon;
static struct vf_service service;
static struct port *const port = &the_daemon.port[0];
static bool held;
static char *const kept = (char *)&world; /* never looked into */

const struct iov_root iov_root_system = { .sysfs = "/nowhere" };

bool
hold_everything(const struct daemon *daemon)
{
	(void)daemon;
	return held;
}

void
kept_set_whole(struct kept *books, bool whole)
{
	assert_ptr_equal(books, kept);
	world.whole = whole;
}

void
kept_set_num_vfs(struct kept *books, uint16_t num_vfs)
{
	assert_ptr_equal(books, kept);
	assert_false(world.whole);
	world.num_vfs = num_vfs;
}

int
rte_pmd_sluice_vf_limits(uint16_t port_id, uint16_t *enabled, uint16_t *most)
{
	(void)port_id;
	*enabled = world.enabled;
	*most = MOST;
	return 0;
}

static int
step(void)
{
	unsigned int number = ++world.steps;

	world.nb_unwhole += world.whole;
	return number == world.fail || number >= world.fail_all ? -EIO : 0;
}

static int
refuse(struct iov_problem *problem, int rc)
{
	snprintf(problem->line, sizeof(problem->line), "the kernel refuses");
	return problem->rc = rc;
}

int
iov_port_check_vfs(const struct iov_port *pf, unsigned int num_vfs, struct iov_problem *problem)
{
	(void)pf;
	(void)num_vfs;
	return world.check_rc < 0 ? refuse(problem, world.check_rc) : 0;
}

int
iov_port_set_vfs(struct iov_port *pf, const struct iov_request *request, bool *touched,
		 struct iov_problem *problem)
{
	*touched = !world.refuses_untouched && pf->num_vfs != request->num_vfs;
	if (world.refuses_untouched)
		return refuse(problem, -EBUSY);
	if (step() < 0)
		return refuse(problem, -EIO);
	pf->num_vfs = request->num_vfs;
	world.enabled = request->num_vfs;
	return 0;
}

void
iov_port_external(const struct iov_root *root, const struct iov_request *request,
		  struct iov_port *pf)
{
	(void)root;
	pf->num_vfs = request->num_vfs;
}

int
iov_port_bind_vfs(const struct iov_port *pf, struct iov_problem *problem)
{
	(void)pf;
	return step() < 0 ? refuse(problem, -EIO) : 0;
}

struct iov_request
ports_request(const struct config *config, const struct config_port *pf, uint16_t num_vfs)
{
	(void)config;
	return (struct iov_request){ .pci = pf->pci, .num_vfs = num_vfs };
}

int
ports_restart(struct port *restarted, const struct config_port *config,
	      char why[CONTROL_ERROR_BYTES])
{
	(void)config;
	if (step() < 0) {
		snprintf(why, CONTROL_ERROR_BYTES, "the device refuses");
		return -EIO;
	}
	return service_start_again(restarted->service, FAKE_PORT, restarted->iov.num_vfs,
				   &fake_pool_ops);
}

static int
setup(void **state)
{
	(void)state;
	memset(&the_daemon, 0, sizeof(the_daemon));
	memset(&service, 0, sizeof(service));
	world = (__typeof__(world)){
		.enabled = BEFORE, .fail_all = NEVER, .whole = true, .num_vfs = BEFORE
	};
	held = false;
	snprintf(the_daemon.config.port[0].pci, PCI_BYTES, PF);
	snprintf(port->iov.pci, sizeof(port->iov.pci), PF);
	port->daemon = &the_daemon;
	port->service = &service;
	port->kept = (struct kept *)(void *)kept;
	port->iov.num_vfs = BEFORE;
	pthread_mutex_init(&port->lock, NULL);
	fake_clear(CONFIG_VFS_MAX);
	return service_start(&service, FAKE_PORT, BEFORE, &fake_pool_ops, NULL);
}

static int
change(uint16_t num_vfs, const struct vf_policy *policies, char why[CONTROL_ERROR_BYTES])
{
	const struct config_port *config = &the_daemon.config.port[0];

	why[0] = '\0';
	return vfs_change(port, config, config, num_vfs, policies, why);
}

static void
expect_number(uint16_t num_vfs)
{
	assert_int_equal(service.nb_vfs, num_vfs);
	assert_int_equal(port->iov.num_vfs, num_vfs);
	assert_int_equal(world.num_vfs, num_vfs);
	assert_true(world.whole);
	assert_int_equal(world.nb_unwhole, 0);
	assert_false(the_daemon.stopping);
}

/* They are kept by the VF's number, of those that are gone too. */
static void
test_policies_outlive_their_vfs(void **state)
{
	char why[CONTROL_ERROR_BYTES];
	struct vf_policy policy = policy_default;

	(void)state;
	policy.vlan = 7;
	assert_int_equal(service_set_policy(&service, 2, &policy), 0);
	assert_int_equal(change(1, NULL, why), 0);
	expect_number(1);
	assert_int_equal(change(0, NULL, why), 0);
	expect_number(0);
	assert_int_equal(change(AFTER, NULL, why), 0);
	expect_number(AFTER);
	assert_int_equal(service.vf[2].policy.vlan, 7);
	assert_memory_equal(&service.vf[AFTER - 1].policy, &policy_default, sizeof(policy_default));
	world.steps = 0;
	assert_int_equal(change(AFTER, NULL, why), 0);
	assert_int_equal(world.steps, 0);
}

static void
test_policies_come_with_it(void **state)
{
	struct vf_policy policies[CONFIG_VFS_MAX];
	char why[CONTROL_ERROR_BYTES];

	(void)state;
	for (uint16_t vf = 0; vf < CONFIG_VFS_MAX; vf++) {
		policies[vf] = policy_default;
		policies[vf].vlan = 100 + vf;
	}
	assert_int_equal(change(AFTER, policies, why), 0);
	expect_number(AFTER);
	for (uint16_t vf = 0; vf < AFTER; vf++)
		assert_int_equal(service.vf[vf].policy.vlan, 100 + vf);
}

static void
expect_refusal(uint16_t num_vfs, int rc, const char *line)
{
	char why[CONTROL_ERROR_BYTES];

	assert_int_equal(change(num_vfs, NULL, why), rc);
	assert_string_equal(why, line);
	assert_int_equal(world.steps, 0);
	expect_number(BEFORE);
}

static void
test_refusals_change_nothing(void **state)
{
	struct vf_policy policy = policy_default;

	(void)state;
	expect_refusal(MOST + 1, -ERANGE, "num_vfs: 8 is not in 0..7");
	policy.mirror = POLICY_MIRROR_VF + 2;
	assert_int_equal(service_set_policy(&service, 0, &policy), 0);
	expect_refusal(2, -ERANGE, "num_vfs: 2: VF 0: mirror: vf 2 is not another one of 0..1");
	world.check_rc = -EBUSY;
	expect_refusal(AFTER, -EBUSY, "the kernel refuses");
	the_daemon.config.port[0].external = true;
	expect_refusal(AFTER, -EBUSY,
		       "num_vfs: " PF " is external and has 3 VFs: who made them is to make 5 "
		       "first");
}

/* Somebody took one between the look and the write. */
static void
test_refused_by_the_kernel_nothing_is_reset(void **state)
{
	(void)state;
	world.refuses_untouched = true;
	expect_refusal(AFTER, -EBUSY, "the kernel refuses");
}

static void
test_each_step_that_fails_is_taken_back(void **state)
{
	static const char *const said[] = { "the kernel refuses", "the device refuses",
					    "the kernel refuses" };
	char why[CONTROL_ERROR_BYTES];

	for (unsigned int i = 0; i < 3; i++) {
		struct vf_policy policies[CONFIG_VFS_MAX] = { 0 };

		(void)setup(state);
		world.fail = i + 1;
		assert_int_equal(change(AFTER, policies, why), -EIO);
		assert_string_equal(why, said[i]);
		expect_number(BEFORE);
		assert_memory_equal(&service.vf[1].policy, &policy_default,
				    sizeof(policy_default));
	}
}

/* What cannot be taken back either is for the next daemon, which finds the number in the books. */
static void
test_what_cannot_be_taken_back(void **state)
{
	char why[CONTROL_ERROR_BYTES];

	for (unsigned int i = 1; i <= 3; i++) {
		(void)setup(state);
		held = i % 2 != 0;
		world.fail_all = i;
		assert_int_equal(change(AFTER, NULL, why), -EIO);
		assert_false(world.whole);
		assert_int_equal(world.num_vfs, BEFORE);
		assert_true(the_daemon.stopping);
		assert_int_equal(the_daemon.leave, held ? LEAVE_TO_SUCCESSOR : LEAVE_NOT);
		assert_int_not_equal(the_daemon.status, 0);
	}
}

/* Whose VFs others make: the daemon follows. */
static void
test_an_external_port_follows(void **state)
{
	char why[CONTROL_ERROR_BYTES];

	(void)state;
	the_daemon.config.port[0].external = true;
	world.enabled = AFTER;
	assert_int_equal(change(AFTER, NULL, why), 0);
	expect_number(AFTER);
	assert_int_equal(world.steps, 1);
}

#define CASE(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_policies_outlive_their_vfs),
		CASE(test_policies_come_with_it),
		CASE(test_refusals_change_nothing),
		CASE(test_refused_by_the_kernel_nothing_is_reset),
		CASE(test_each_step_that_fails_is_taken_back),
		CASE(test_what_cannot_be_taken_back),
		CASE(test_an_external_port_follows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
