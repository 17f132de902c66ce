/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/** @file ethdev's own commands on our ports, asked through the socket as any monitor would. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <ethdev_driver.h>
#include <rte_eal.h>

#include "introspect.h"

#define REPLY_MAX 16384

static int
connect_to_telemetry(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	static char greeting[REPLY_MAX];
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	assert_true(fd >= 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/dpdk_telemetry.v2",
		 rte_eal_get_runtime_dir());
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_true(recv(fd, greeting, sizeof(greeting), 0) > 0);
	return fd;
}

static const char *
ask(int fd, const char *command, uint16_t port)
{
	static char reply[REPLY_MAX];
	char line[64];
	ssize_t length;
	int n = snprintf(line, sizeof(line), "%s,%u", command, port);

	assert_int_equal(send(fd, line, n, 0), n);
	length = recv(fd, reply, sizeof(reply) - 1, 0);
	assert_true(length >= 1 && (size_t)length <= sizeof(reply) - 2);
	reply[length] = '\0';
	return reply;
}

static void
expect_number(const char *reply, const char *name, uint64_t value)
{
	char text[96];

	snprintf(text, sizeof(text), "\"%s\":%s%" PRIu64, name,
		 strstr(reply, "\": ") == NULL ? "" : " ", value);
	if (strstr(reply, text) == NULL)
		fail_msg("no %s in %s", text, reply);
}

void
telemetry_tells_the_same(void **state)
{
	int fd = connect_to_telemetry();

	(void)state;
	for (unsigned int which = 0; which < NB_PORTS; which++) {
		struct rte_eth_stats stats;
		const char *reply;

		assert_int_equal(rte_eth_stats_get(rig.port[which], &stats), 0);
		reply = ask(fd, "/ethdev/stats", rig.port[which]);
		expect_number(reply, "ipackets", stats.ipackets);
		expect_number(reply, "opackets", stats.opackets);
		reply = ask(fd, "/ethdev/xstats", rig.port[which]);
		expect_number(reply, "rx_good_packets", stats.ipackets);
		expect_number(reply, "tx_q0_packets", stats.opackets);
		reply = ask(fd, "/ethdev/info", rig.port[which]);
		expect_number(reply, "nb_rx_queues", 1);
		assert_non_null(strstr(reply, rte_eth_devices[rig.port[which]].data->name));
		reply = ask(fd, "/ethdev/link_status", rig.port[which]);
		assert_non_null(strstr(reply, "\"status\""));
	}
	close(fd);
}
