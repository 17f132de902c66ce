/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* A PF and its VFs on the model, told by the PF what they may do, and frames between them. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <bus_pci_driver.h>
#include <rte_bus.h>
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "model_eal.h"
#include "policy_rig.h"
#include "rte_pmd_sluice.h"

#define NB_MBUFS    8191
#define BURST	    32
#define PATIENCE_MS 20000	/* the model's thread may wait for a processor */

/* 82576 sheet, 3.4, 6.6; 82599 sheet, 3.3. */
static const struct policy_family families[] = {
	{ "82576", 1000, 1, true, 0x280c, 1u << 31, 0x1680, true, false, true },
	{ "i350", 1000, 0, false, 0x280c, 1u << 31, 0x1680, true, false, true },
	{ "82599", 10000, 11, true, 0x1014, 1u << 28, 0, false, false, false },
	{ "x540", 10000, 11, true, 0x1014, 1u << 28, 0, false, false, false },
	{ "x550", 10000, 11, true, 0x1014, 1u << 28, 0, false, true, false },
};

const struct policy_family *family;

static struct {
	struct rte_mempool *pool;
	uint16_t port[NB_PORTS];
	struct rte_ether_addr mac[NB_PORTS];
} rig;

static int
start_eal(const char *plugins)
{
	char spec[256];

	snprintf(spec, sizeof(spec), "family=%s,vfs=%u,wire=null,doorbell=trap",
		 family->name, NB_PORTS - 1);
	return model_eal_start(&(struct model_eal){ .plugins = plugins, .spec = { spec } });
}

int
rig_open(char *plugins, const char *family_name)
{
	char name[32];

	for (size_t i = 0; i < RTE_DIM(families); i++)
		if (strcmp(families[i].name, family_name) == 0)
			family = &families[i];
	if (family == NULL || start_eal(plugins) < 0)
		return -1;
	rig.pool = model_eal_frames(NB_MBUFS);
	if (rig.pool == NULL)
		return -1;
	for (unsigned int i = 0; i < NB_PORTS; i++) {
		snprintf(name, sizeof(name), "0000:f0:%02x.%u", i == PF ? 0 : 0x10,
			 i == PF ? 0 : i - VF0);
		if (rte_eth_dev_get_port_by_name(name, &rig.port[i]) < 0)
			return -1;
	}
	return 0;
}

int
rig_start(unsigned int which, uint16_t nb_tx)
{
	const struct rte_eth_conf conf = { 0 };
	uint16_t port = rig.port[which];

	if (rte_eth_dev_configure(port, 1, nb_tx, &conf) < 0 ||
	    rte_eth_rx_queue_setup(port, 0, RING, SOCKET_ID_ANY, NULL, rig.pool) < 0)
		return -1;
	for (uint16_t q = 0; q < nb_tx; q++)
		if (rte_eth_tx_queue_setup(port, q, RING, SOCKET_ID_ANY, NULL) < 0)
			return -1;
	if (rte_eth_dev_start(port) < 0)
		return -1;
	return rte_eth_macaddr_get(port, &rig.mac[which]);
}

void
rig_restart(unsigned int which)
{
	assert_int_equal(rte_eth_dev_reset(rig.port[which]), 0);
	assert_int_equal(rig_start(which, 1), 0);
}

uint16_t
rig_port(unsigned int which)
{
	return rig.port[which];
}

const struct rte_ether_addr *
rig_mac(unsigned int which)
{
	return &rig.mac[which];
}

volatile uint32_t *
rig_register(unsigned int which, uint32_t offset)
{
	struct rte_eth_dev_info info;

	assert_int_equal(rte_eth_dev_info_get(rig.port[which], &info), 0);
	return RTE_PTR_ADD(RTE_DEV_TO_PCI(info.device)->mem_resource[0].addr, offset);
}

static struct rte_mbuf *
make_frame(const struct frames *frames)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(rig.pool);
	struct rte_ether_hdr *header;

	assert_non_null(m);
	m->data_len = RTE_MAX(frames->bytes, BYTES_MIN);
	m->pkt_len = m->data_len;
	header = rte_pktmbuf_mtod(m, struct rte_ether_hdr *);
	memset(header, 0, m->data_len);
	header->dst_addr = *frames->dst;
	header->src_addr = *(frames->src != NULL ? frames->src : rig_mac(frames->from));
	header->ether_type = rte_cpu_to_be_16(frames->etype != 0 ? frames->etype : ETYPE);
	memset(header + 1, 0xa5, 8);
	return m;
}

unsigned int
rig_send(const struct frames *frames)
{
	struct rte_mbuf *burst[BURST];
	unsigned int sent = 0;
	uint16_t nb, taken;

	while (sent < frames->nb) {
		nb = RTE_MIN(frames->nb - sent, (unsigned int)BURST);
		for (uint16_t i = 0; i < nb; i++)
			burst[i] = make_frame(frames);
		taken = rte_eth_tx_burst(rig.port[frames->from], frames->queue, burst, nb);
		rte_pktmbuf_free_bulk(&burst[taken], nb - taken);
		sent += taken;
		if (taken < nb)
			break;
	}
	return sent;
}

static bool
is_ours(const struct rte_mbuf *m)
{
	static const uint8_t mark[8] = { [0 ... 7] = 0xa5 };

	return m->data_len >= BYTES_MIN &&
	       memcmp(rte_pktmbuf_mtod_offset(m, const void *, RTE_ETHER_HDR_LEN), mark,
		      sizeof(mark)) == 0;
}

unsigned int
rig_receive(unsigned int which)
{
	struct rte_mbuf *burst[BURST];
	unsigned int received = 0;
	uint16_t nb;

	do {
		nb = rte_eth_rx_burst(rig.port[which], 0, burst, BURST);
		for (uint16_t i = 0; i < nb; i++)
			received += is_ours(burst[i]);
		rte_pktmbuf_free_bulk(burst, nb);
	} while (nb != 0);
	return received;
}

unsigned int
rig_pass(const struct frames *frames, unsigned int to)
{
	rig_receive(to);
	assert_int_equal(rig_send(frames), frames->nb);
	return rig_receive(to);
}

bool
rig_one(unsigned int from, unsigned int to)
{
	const struct frames frames = { .from = from, .dst = rig_mac(to), .nb = 1 };

	return rig_pass(&frames, to) == 1;
}

void
rig_wait_for_path(unsigned int from, unsigned int to)
{
	for (unsigned int i = 0; i < PATIENCE_MS; i++) {
		if (rig_one(from, to))
			return;
		rte_delay_us_sleep(1000);
	}
	fail_msg("no path from port %u to %u", from, to);
}

unsigned int
rig_await(unsigned int which, unsigned int nb)
{
	unsigned int received = rig_receive(which);

	for (unsigned int i = 0; i < 10 * PATIENCE_MS && received < nb; i++) {
		rte_delay_us_sleep(100);
		received += rig_receive(which);
	}
	return received;
}

uint64_t
rig_xstat(const char *name)
{
	uint64_t id, value;

	assert_int_equal(rte_eth_xstats_get_id_by_name(rig.port[PF], name, &id), 0);
	assert_int_equal(rte_eth_xstats_get_by_id(rig.port[PF], &id, &value, 1), 1);
	return value;
}

void
rig_poll(void)
{
	assert_return_code(rte_pmd_sluice_poll(rig.port[PF]), 0);
}
