/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <string.h>
#include <time.h>

#include <rte_bus.h>
#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_interrupts.h>
#include <rte_mbuf.h>

#include "interrupt_rig.h"
#include "ports.h"
#include "rte_pmd_sluice_moderation.h"

static const char *const device_name[NB_PORTS] = { "0000:f0:00.0", "0000:f0:10.0" };

struct interrupt_rig rig;

void
send_frames(unsigned int to, unsigned int nb)
{
	unsigned int from = to == PF ? VF : PF;

	for (unsigned int i = 0; i < nb; i++) {
		struct rte_mbuf *m = plain_frame(rig.pool, &rig.mac[to], &rig.mac[from]);

		assert_non_null(m);
		assert_int_equal(rte_eth_tx_burst(rig.port[from], 0, &m, 1), 1);
	}
}

unsigned int
receive_all(unsigned int which)
{
	struct rte_mbuf *burst[32];
	unsigned int nb = 0, more;

	while ((more = rte_eth_rx_burst(rig.port[which], 0, burst, 32)) != 0) {
		rte_pktmbuf_free_bulk(burst, more);
		nb += more;
	}
	return nb;
}

bool
wakes(int timeout_ms)
{
	struct rte_epoll_event event;

	return rte_epoll_wait(RTE_EPOLL_PER_THREAD, &event, 1, timeout_ms) == 1;
}

void
arm(unsigned int which)
{
	assert_int_equal(rte_eth_dev_rx_intr_enable(rig.port[which], 0), 0);
}

void
arm_at_rest(unsigned int which)
{
	arm(which);
	receive_all(which);
	while (wakes(0))
		arm(which);
}

void
listen_to(unsigned int which, bool on)
{
	assert_int_equal(rte_eth_dev_rx_intr_ctl_q(rig.port[which], 0, RTE_EPOLL_PER_THREAD,
						   on ? RTE_INTR_EVENT_ADD : RTE_INTR_EVENT_DEL,
						   NULL), 0);
}

void
start_ports(bool rx_interrupts)
{
	const struct port_setup setup = {
		.pool = rig.pool, .rx_interrupts = rx_interrupts, .nb_rx_desc = rig.nb_rx_desc,
		.rx_free_thresh = rig.nb_rx_desc != 0,
	};

	for (unsigned int i = 0; i < NB_PORTS; i++)
		assert_int_equal(port_open(device_name[i], &setup, &rig.port[i], &rig.mac[i]), 0);
	for (unsigned int i = 0; i < NB_PORTS; i++)
		assert_true(port_link_up(rig.port[i], rig.mbps));
	/* What a VF asked the PF for may take a moment. */
	for (unsigned int i = 0; i < LONG_MS; i++) {
		send_frames(VF, 1);
		if (receive_all(VF) != 0)
			break;
		rte_delay_us_sleep(1000);
	}
	for (unsigned int i = 0; i < NB_PORTS; i++)
		receive_all(i);
}

void
stop_ports(void)
{
	for (unsigned int i = NB_PORTS; i-- > 0;)
		assert_int_equal(rte_eth_dev_stop(rig.port[i]), 0);
}

const struct rte_pci_device *
pci_of(unsigned int which)
{
	struct rte_eth_dev_info info;

	assert_int_equal(rte_eth_dev_info_get(rig.port[which], &info), 0);
	return RTE_DEV_TO_PCI(info.device);
}

uint64_t
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * UINT64_C(1000000000) + now.tv_nsec;
}

uint64_t
xstat_of(uint16_t port)
{
	uint64_t id, value;

	assert_int_equal(rte_eth_xstats_get_id_by_name(port, "rx_q0_itr_ns", &id), 0);
	assert_int_equal(rte_eth_xstats_get_by_id(port, &id, &value, 1), 1);
	return value;
}

void
set_interval(uint16_t port, uint32_t wanted_ns)
{
	const struct expected *expect = rig.expect;
	struct rte_pmd_sluice_moderation got;

	assert_int_equal(rte_pmd_sluice_moderation_set(port, 0, wanted_ns), 0);
	assert_int_equal(rte_pmd_sluice_moderation_get(port, 0, &got), 0);
	assert_int_equal(got.granularity_ns, expect->tick_ns);
	assert_int_equal(got.max_ns, expect->tick_ns * expect->max_ticks);
	assert_int_equal(got.vector, 1);
	assert_int_equal(got.interval_ns, wanted_ns / expect->tick_ns * expect->tick_ns);
	assert_int_equal(xstat_of(port), got.interval_ns);
}
