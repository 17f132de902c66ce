/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <err.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_ip.h>
#include <rte_mbuf.h>
#include <rte_udp.h>

#include "huge_pool.h"
#include "setup.h"

#define SPARE_MBUFS 4096	/* caches, and what is under way */
#define IDLE_RING 64	/* of a PF whose VFs are measured */
#define IS_PF	  (-1)
#define FILL	  0x5a
#define UDP_PORT  1024

static const struct setup_kind setup_kinds[] = {
	{ .name = "native", .what = "the application has the PF", .tenants_max = 1 },
	{ .name = "sriov", .what = "each tenant has a VF", .has_vfs = true,
	  .tenants_max = TENANTS_MAX },
	{ .name = "pv-virtio-user", .what = "each tenant has a virtio-user port of a switch",
	  .is_pv = true, .tenants_max = TENANTS_MAX / 2 },
};
static const unsigned int nb_setup_kinds = sizeof(setup_kinds) / sizeof(setup_kinds[0]);

static const struct rte_ether_addr peer = { { 0x02, 0, 0, 0, 0xbe, 0xef } };

static const struct setup_kind *
find(const char *name)
{
	for (unsigned int i = 0; i < nb_setup_kinds; i++)
		if (strcmp(setup_kinds[i].name, name) == 0)
			return &setup_kinds[i];
	return NULL;
}

void
setup_choose(struct setup_choice *choice, char *names)
{
	choice->nb = 0;
	for (char *name = strtok(names, ","); name != NULL; name = strtok(NULL, ",")) {
		const struct setup_kind *kind = find(name);

		if (kind == NULL || choice->nb == KINDS_MAX)
			errx(EX_USAGE, "--setups: no such setup: %s (native, sriov, "
			     "pv-virtio-user)", name);
		choice->kind[choice->nb++] = kind;
	}
}

static unsigned int
ports(const struct setup_kind *kind, unsigned int nb_tenants)
{
	if (kind->is_pv)
		return 1 + 2 * nb_tenants;
	return kind->has_vfs ? 1 + nb_tenants : 1;
}

void
setup_check(const struct setup_choice *choice, unsigned int nb_tenants)
{
	unsigned int all = 0;

	for (unsigned int i = 0; i < choice->nb; i++) {
		if (nb_tenants > choice->kind[i]->tenants_max)
			errx(EX_USAGE, "%u tenants in a process: %s has at most %u", nb_tenants,
			     choice->kind[i]->name, choice->kind[i]->tenants_max);
		all += ports(choice->kind[i], nb_tenants);
	}
	if (all > RTE_MAX_ETHPORTS)
		errx(EX_USAGE, "%u tenants in a process: all setups take %u ports, and DPDK has %u",
		     nb_tenants, all, RTE_MAX_ETHPORTS);
}

static uint16_t
pf_ring(const struct setup_kind *kind)
{
	if (kind->has_vfs)
		return IDLE_RING;
	return kind->is_pv ? SWITCH_RING : RING;
}

/** Mbufs that may be in its rings, and under way. */
static unsigned int
mbufs(const struct setup_kind *kind, unsigned int nb_tenants)
{
	/* Of each port both rings, and a burst on its way. */
	return 2 * pf_ring(kind) + nb_tenants * (2 * RING + BURST);
}

void
setup_pools(struct setup_config *config, const struct setup_choice *choice)
{
	unsigned int nb = SPARE_MBUFS, nb_pv = 0;

	for (unsigned int i = 0; i < choice->nb; i++) {
		nb += mbufs(choice->kind[i], config->nb_tenants);
		if (choice->kind[i]->is_pv)
			nb_pv += SPARE_MBUFS + mbufs(choice->kind[i], config->nb_tenants);
	}
	config->pool = huge_pool_create("frames", nb, RTE_MBUF_DEFAULT_DATAROOM, NULL);
	config->pv_pool = nb_pv == 0 ? NULL :
		small_pool_create("tenants", nb_pv, RTE_MBUF_DEFAULT_DATAROOM);
	if (config->pool == NULL || (nb_pv != 0 && config->pv_pool == NULL))
		errx(EX_UNAVAILABLE, "no mbufs: %s", rte_strerror(rte_errno));
	printf("mbufs are in pages of %s\n", huge_pool_pages(config->pool));
}

static void
must(const struct setup *setup, const char *what, int rc)
{
	if (rc != 0)
		errx(EX_UNAVAILABLE, "%s: %s: %s", setup->kind->name, what, strerror(-rc));
}

static void
take_vfs(struct setup *setup, const struct setup_config *config)
{
	for (unsigned int i = 0; i < setup->nb; i++) {
		struct tenant *tenant = &setup->tenant[i];

		tenant->port = card_port(setup->card, (int)i);
		must(setup, "a VF", port_start(tenant->port, RING, config->pool, config));
		must(setup, "a VF's link", port_await_link(tenant->port));
		must(setup, "a VF's address", rte_eth_macaddr_get(tenant->port, &tenant->mac));
	}
}

void
setup_create(struct setup *setup, const struct setup_kind *kind,
	     const struct setup_config *config)
{
	const struct card_config card = {
		.family = config->family, .nb_vfs = kind->has_vfs ? config->nb_tenants : 0,
		.pf_driver = "net_sluice_pf", .vf_driver = "net_sluice_vf",
	};
	const char *why = "";

	*setup = (struct setup){ .kind = kind, .nb = config->nb_tenants,
				 .pool = kind->is_pv ? config->pv_pool : config->pool };
	must(setup, why, card_create(&setup->card, &card, &why));
	setup->pf = card_port(setup->card, IS_PF);
	must(setup, "the PF", port_start(setup->pf, pf_ring(kind), config->pool, config));
	must(setup, "the PF's link", port_await_link(setup->pf));
	if (kind->has_vfs) {
		take_vfs(setup, config);
		return;
	}
	if (!kind->is_pv) {
		setup->tenant[0].port = setup->pf;
		must(setup, "its address", rte_eth_macaddr_get(setup->pf, &setup->tenant[0].mac));
		return;
	}
	must(setup, "all addresses", rte_eth_promiscuous_enable(setup->pf));
	for (unsigned int i = 0; i < setup->nb; i++)
		pair_create(&setup->tenant[i], i, config);
}

void
setup_free(struct setup *setup)
{
	for (unsigned int i = 0; i < setup->nb && setup->kind->is_pv; i++)
		pair_free(&setup->tenant[i], i);
	for (unsigned int i = 0; i < setup->nb && setup->kind->has_vfs; i++) {
		(void)rte_eth_dev_stop(setup->tenant[i].port);
		rte_eth_dev_close(setup->tenant[i].port);
	}
	(void)rte_eth_dev_stop(setup->pf);
	rte_eth_dev_close(setup->pf);
	card_free(setup->card);
}

static void
make(uint8_t *data, const struct rte_ether_addr *to, const struct rte_ether_addr *from,
     uint16_t bytes)
{
	struct rte_ether_hdr *ether = (struct rte_ether_hdr *)data;
	struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)(ether + 1);
	struct rte_udp_hdr *udp = (struct rte_udp_hdr *)(ip + 1);
	uint16_t ip_bytes = (uint16_t)(bytes - sizeof(*ether));

	ether->dst_addr = *to;
	ether->src_addr = *from;
	ether->ether_type = RTE_BE16(RTE_ETHER_TYPE_IPV4);
	*ip = (struct rte_ipv4_hdr){
		.version_ihl = RTE_IPV4_VHL_DEF, .total_length = rte_cpu_to_be_16(ip_bytes),
		.time_to_live = 64, .next_proto_id = IPPROTO_UDP,
		.src_addr = RTE_BE32(RTE_IPV4(10, 0, 0, 1)),
		.dst_addr = RTE_BE32(RTE_IPV4(10, 0, 0, 2)),
	};
	*udp = (struct rte_udp_hdr){
		.src_port = RTE_BE16(UDP_PORT), .dst_port = RTE_BE16(UDP_PORT),
		.dgram_len = rte_cpu_to_be_16((uint16_t)(ip_bytes - sizeof(*ip))),
	};
	ip->hdr_checksum = rte_ipv4_cksum(ip);
}

static bool
goes_back(const struct feed *feed, const uint8_t *data, uint32_t bytes)
{
	return bytes == feed->len[0] && memcmp(data, feed->back_to, FEED_MAC_BYTES) == 0;
}

void
setup_feed(struct setup *setup, uint16_t bytes)
{
	struct feed *feed = card_feed(setup->card);

	feed->is_right = goes_back;
	memcpy(feed->back_to, peer.addr_bytes, FEED_MAC_BYTES);
	feed->nb = FEED_FRAMES_MAX / setup->nb * setup->nb;
	feed->next = 0;
	for (unsigned int i = 0; i < feed->nb; i++) {
		memset(feed->data[i], FILL, bytes);
		make(feed->data[i], &setup->tenant[i % setup->nb].mac, &peer, bytes);
		feed->len[i] = bytes;
	}
}

void
setup_make_frame(const struct setup *setup, struct rte_mbuf *m, unsigned int from,
		 const struct rte_ether_addr *to, uint16_t bytes)
{
	make(rte_pktmbuf_mtod(m, uint8_t *), to == NULL ? &peer : to, &setup->tenant[from].mac,
	     bytes);
	m->data_len = bytes;
	m->pkt_len = bytes;
}
