/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include <rte_cycles.h>
#include <rte_ethdev.h>

#include "model_eal.h"
#include "offload_rig.h"

static const char *const device_name[NB_PORTS] = { "0000:f0:00.0", "0000:f0:10.0",
						   "0000:f0:10.1" };

struct offload_rig rig;

void
rig_open(int argc, char *argv[], const char *model, const char *log_level)
{
	char spec[256];
	const struct model_eal setup = {
		.plugins = argv[1], .spec = { spec }, .log_level = log_level,
	};

	if (argc != 3) {
		fprintf(stderr, "usage: %s PLUGIN,PLUGIN FAMILY\n", argv[0]);
		exit(EX_USAGE);
	}
	rig.family = argv[2];
	rig.nb_ports = NB_PORTS;
	snprintf(spec, sizeof(spec), "family=%s,vfs=2,%s,"
		 "pf_driver=net_sluice_pf,vf_driver=net_sluice_vf", rig.family, model);
	if (model_eal_start(&setup) < 0)
		exit(1);
	rig.pool = model_eal_frames(rig.nb_mbufs);
	if (rig.pool == NULL || model_eal_ports(device_name, rig.port, NB_PORTS) < 0)
		exit(1);
}

const char *
rig_pf_device(void)
{
	return device_name[PF];
}

void
restart(unsigned int which, uint64_t rx_offloads, uint64_t tx_offloads)
{
	struct rte_eth_conf conf = {
		.rxmode.offloads = rx_offloads, .txmode.offloads = tx_offloads,
	};
	uint16_t port = rig.port[which];

	assert_int_equal(rte_eth_dev_stop(port), 0);
	assert_int_equal(rte_eth_dev_configure(port, 1, 1, &conf), 0);
	assert_int_equal(rte_eth_rx_queue_setup(port, 0, rig.nb_desc, SOCKET_ID_ANY, NULL,
						rig.pool), 0);
	assert_int_equal(rte_eth_tx_queue_setup(port, 0, rig.nb_desc, SOCKET_ID_ANY, NULL), 0);
	assert_int_equal(rte_eth_dev_start(port), 0);
}

struct frame_ends
ends_of(unsigned int from, unsigned int to)
{
	struct frame_ends ends;

	assert_int_equal(rte_eth_macaddr_get(rig.port[from], &ends.src), 0);
	assert_int_equal(rte_eth_macaddr_get(rig.port[to], &ends.dst), 0);
	return ends;
}

void
send_one(unsigned int from, struct rte_mbuf *m)
{
	assert_int_equal(rte_eth_tx_prepare(rig.port[from], 0, &m, 1), 1);
	assert_int_equal(rte_eth_tx_burst(rig.port[from], 0, &m, 1), 1);
}

struct rte_mbuf *
receive(unsigned int to)
{
	struct rte_mbuf *m;

	for (unsigned int i = 0; i < TRIES; i++) {
		if (rte_eth_rx_burst(rig.port[to], 0, &m, 1) == 1)
			return m;
		rte_delay_us_sleep(WAIT_US);
	}
	fail_msg("no frame for port %u", to);
	return NULL;
}

void
spoil(struct rte_mbuf *m, uint32_t at)
{
	*rte_pktmbuf_mtod_offset(m, uint8_t *, at) ^= 0x5a;
}

void
no_mbuf_is_lost(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < rig.nb_ports; i++)
		assert_int_equal(rte_eth_dev_stop(rig.port[i]), 0);
	assert_int_equal(rte_mempool_avail_count(rig.pool), rig.nb_mbufs);
}
