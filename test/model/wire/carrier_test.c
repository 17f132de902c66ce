/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * A port's link follows the carrier of its wire, also when that comes and goes later.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "datapath.h"
#include "regfile.h"
#include "wire.h"

#define CTRL	 0
#define CTRL_SLU 0x40	/* 82576 family: set link up; without meaning in the others */

static const char *const families[] = { "82576", "i350", "82599", "x540", "x550" };
#define NB_FAMILIES (sizeof(families) / sizeof(families[0]))

static struct nic *
open_port(const char *family, struct wire *wire)
{
	const struct nic_config config = {
		.family = nic_family_find(family),
		.mac = { 2, 0, 0, 0, 0, 1 },
		.wire = wire,
	};
	struct nic *nic = nic_create(&config);

	assert_non_null(nic);
	pthread_mutex_lock(&nic->lock);
	reg_write(&nic->pf, CTRL, reg_read(&nic->pf, CTRL) | CTRL_SLU);
	pthread_mutex_unlock(&nic->lock);
	return nic;
}

static void
poll_port(struct nic *nic)
{
	pthread_mutex_lock(&nic->lock);
	nic_poll(nic, 1);
	pthread_mutex_unlock(&nic->lock);
}

static void
speed_is_the_ports_own(void **state)
{
	char error[200];
	size_t i;

	(void)state;
	for (i = 0; i < NB_FAMILIES; i++) {
		struct wire *null = wire_create("null", error, sizeof(error));
		struct wire *none = wire_create("none", error, sizeof(error));
		struct nic *up = open_port(families[i], null), *down = open_port(families[i], none);

		poll_port(up);
		poll_port(down);
		assert_true(up->port.link_up);
		assert_int_equal(up->port.link_mbps, up->family->link_mbps);
		assert_false(down->port.link_up);
		nic_free(up);
		nic_free(down);
		wire_free(null);
		wire_free(none);
	}
}

static void
wait_for_link(struct nic *nic, struct nic *other, bool up)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	unsigned int i;

	for (i = 0; i < 2000 && nic->port.link_up != up; i++) {
		poll_port(nic);
		if (other != NULL)
			poll_port(other);
		nanosleep(&pause, NULL);
	}
	assert_int_equal(nic->port.link_up, up);
}

/* Two ports that are switched on one after the other; then one of them goes. */
static void
link_comes_with_the_other_end(void **state)
{
	char folder[] = "/tmp/sluice-carrier-XXXXXX", spec[64], error[200];
	struct wire *wire[2];
	struct nic *nic[2];

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(spec, sizeof(spec), "socket:%s/s", folder);
	wire[0] = wire_create(spec, error, sizeof(error));
	nic[0] = open_port("82599", wire[0]);
	poll_port(nic[0]);
	assert_false(nic[0]->port.link_up);

	wire[1] = wire_create(spec, error, sizeof(error));
	nic[1] = open_port("82576", wire[1]);
	wait_for_link(nic[0], nic[1], true);
	wait_for_link(nic[1], nic[0], true);
	assert_int_equal(nic[1]->port.link_mbps, 1000);

	nic_free(nic[1]);
	wire_free(wire[1]);
	nic[0]->port.rx_enabled = true;
	wait_for_link(nic[0], NULL, false);
	nic_free(nic[0]);
	wire_free(wire[0]);
	assert_int_equal(rmdir(folder), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(speed_is_the_ports_own),
		cmocka_unit_test(link_comes_with_the_other_end),
	};

	return cmocka_run_group_tests_name("wire-carrier", tests, NULL, NULL);
}
