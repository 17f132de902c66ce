/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * A secondary process beside a testpmd that has port 0 and does not forward.
 *
 * usage: secondary EAL-OPTIONS... -- FRAMES
 *
 * Tries all that would change the port, which must be refused and leave no trace in what the two
 * processes share. Then polls the port: says "ready", sends back the first FRAMES frames that come
 * to its own address, and prints all counters as testpmd does: "name: value".
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include <ethdev_driver.h>
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#define PORT	0
#define BURST	32
#define WAIT_S	30
#define NB_DESC	512

static struct rte_eth_conf conf;
static struct rte_ether_addr other = { { 0x02, 0, 0, 0, 0x77, 0x07 } };
static struct rte_ether_addr group = { { 0x01, 0, 0x5e, 0, 0, 0x09 } };
static struct rte_eth_rss_conf rss;

static int
set_up_rx(void)
{
	struct rte_eth_rxq_info info;

	if (rte_eth_rx_queue_info_get(PORT, 0, &info) != 0)
		errx(EX_SOFTWARE, "no information about Rx queue 0");
	return rte_eth_rx_queue_setup(PORT, 0, NB_DESC, SOCKET_ID_ANY, NULL, info.mp);
}

static int
set_vlan_filter(void)
{
	return rte_eth_dev_set_vlan_offload(PORT, rte_eth_dev_get_vlan_offload(PORT) ^
					    RTE_ETH_VLAN_FILTER_OFFLOAD);
}

#define CALL(name, expression) \
	static int \
	call_##name(void) \
	{ \
		return expression; \
	}

CALL(configure, rte_eth_dev_configure(PORT, 1, 1, &conf))
CALL(start, rte_eth_dev_start(PORT))
CALL(stop, rte_eth_dev_stop(PORT))
CALL(reset, rte_eth_dev_reset(PORT))
CALL(tx_queue_setup, rte_eth_tx_queue_setup(PORT, 0, NB_DESC, SOCKET_ID_ANY, NULL))
CALL(rx_queue_stop, rte_eth_dev_rx_queue_stop(PORT, 0))
CALL(tx_queue_stop, rte_eth_dev_tx_queue_stop(PORT, 0))
CALL(rx_intr_enable, rte_eth_dev_rx_intr_enable(PORT, 0))
CALL(set_link_down, rte_eth_dev_set_link_down(PORT))
CALL(promiscuous, rte_eth_promiscuous_enable(PORT))
CALL(allmulticast, rte_eth_allmulticast_enable(PORT))
CALL(mtu, rte_eth_dev_set_mtu(PORT, 1400))
CALL(mac_set, rte_eth_dev_default_mac_addr_set(PORT, &other))
CALL(mac_add, rte_eth_dev_mac_addr_add(PORT, &other, 0))
CALL(mac_remove, rte_eth_dev_mac_addr_remove(PORT, &other))
CALL(groups, rte_eth_dev_set_mc_addr_list(PORT, &group, 1))
CALL(rss_update, rte_eth_dev_rss_hash_update(PORT, &rss))
CALL(stats_reset, rte_eth_stats_reset(PORT))
CALL(xstats_reset, rte_eth_xstats_reset(PORT))

static const struct {
	const char *name;
	int (*call)(void);
} changes[] = {
	{ "configure", call_configure },
	{ "start", call_start },
	{ "stop", call_stop },
	{ "reset", call_reset },
	{ "rx_queue_setup", set_up_rx },
	{ "tx_queue_setup", call_tx_queue_setup },
	{ "rx_queue_stop", call_rx_queue_stop },
	{ "tx_queue_stop", call_tx_queue_stop },
	{ "rx_intr_enable", call_rx_intr_enable },
	{ "set_link_down", call_set_link_down },
	{ "promiscuous", call_promiscuous },
	{ "allmulticast", call_allmulticast },
	{ "mtu", call_mtu },
	{ "mac_set", call_mac_set },
	{ "mac_add", call_mac_add },
	{ "mac_remove", call_mac_remove },
	{ "groups", call_groups },
	{ "vlan_filter", set_vlan_filter },
	{ "rss_update", call_rss_update },
	{ "stats_reset", call_stats_reset },
	{ "xstats_reset", call_xstats_reset },
};

/* @return how many were not refused, or left a trace */
static unsigned int
try_changes(void)
{
	const struct rte_eth_dev_data *shared = rte_eth_devices[PORT].data;
	static struct rte_eth_dev_data before;
	unsigned int bad = 0;

	for (size_t i = 0; i < RTE_DIM(changes); i++) {
		int rc;

		before = *shared;
		rc = changes[i].call();
		if (rc == -ENOTSUP && memcmp(&before, shared, sizeof(before)) == 0)
			continue;
		warnx("%s: %d, shared data %s", changes[i].name, rc,
		      memcmp(&before, shared, sizeof(before)) == 0 ? "untouched" : "changed");
		bad++;
	}
	return bad;
}

/* @return whether the frame is for us; then it is for its sender */
static bool
turn_round(struct rte_mbuf *frame, const struct rte_ether_addr *own)
{
	struct rte_ether_hdr *head = rte_pktmbuf_mtod(frame, struct rte_ether_hdr *);
	struct rte_ether_addr sender = head->src_addr;

	if (!rte_is_same_ether_addr(&head->dst_addr, own))
		return false;
	head->src_addr = head->dst_addr;
	head->dst_addr = sender;
	return true;
}

static void
answer(unsigned long wanted)
{
	struct rte_ether_addr own;
	time_t end = time(NULL) + WAIT_S;
	unsigned long answered = 0;

	rte_eth_macaddr_get(PORT, &own);
	while (answered < wanted) {
		struct rte_mbuf *frames[BURST];
		uint16_t nb = rte_eth_rx_burst(PORT, 0, frames, BURST);

		if (time(NULL) > end)
			errx(EX_UNAVAILABLE, "%lu of %lu frames came", answered, wanted);
		for (uint16_t i = 0; i < nb; i++) {
			if (!turn_round(frames[i], &own))
				rte_pktmbuf_free(frames[i]);
			else if (rte_eth_tx_burst(PORT, 0, &frames[i], 1) == 1)
				answered++;
			else
				errx(EX_SOFTWARE, "the Tx ring is full");
		}
	}
}

static void
print_counters(void)
{
	int nb = rte_eth_xstats_get_names(PORT, NULL, 0);
	struct rte_eth_xstat_name *names = calloc(nb, sizeof(*names));
	struct rte_eth_xstat *values = calloc(nb, sizeof(*values));

	if (names == NULL || values == NULL ||
	    rte_eth_xstats_get_names(PORT, names, nb) != nb ||
	    rte_eth_xstats_get(PORT, values, nb) != nb)
		errx(EX_SOFTWARE, "no extended counters");
	for (int i = 0; i < nb; i++)
		printf("%s: %" PRIu64 "\n", names[values[i].id].name, values[i].value);
	free(values);
	free(names);
}

int
main(int argc, char **argv)
{
	int used = rte_eal_init(argc, argv);
	struct rte_eth_link link;
	unsigned int bad;

	if (used < 0 || used + 2 != argc)
		errx(EX_USAGE, "usage: secondary EAL-OPTIONS... -- FRAMES");
	if (rte_eal_process_type() != RTE_PROC_SECONDARY || !rte_eth_dev_is_valid_port(PORT))
		errx(EX_UNAVAILABLE, "this is no secondary process with port %d", PORT);
	bad = try_changes();
	if (rte_eth_link_get(PORT, &link) != 0 || link.link_status != RTE_ETH_LINK_UP) {
		warnx("the link is not shown as up");
		bad++;
	}
	printf("ready\n");
	fflush(stdout);
	answer(strtoul(argv[used + 1], NULL, 10));
	print_counters();
	rte_eal_cleanup();
	return bad == 0 ? EX_OK : EX_SOFTWARE;
}
