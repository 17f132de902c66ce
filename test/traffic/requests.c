/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * requests-dpdk: asks the PF for VLANs and addresses and gives them back, without a pause.
 *
 *	requests-dpdk -l 1 -m 64 -a 0000:01:10.0
 *
 * "READY" appears on standard error when it begins. SIGTERM ends it after its round, with a line of
 * JSON and four VLANs held; the second SIGTERM ends the program. What is not answered in time is
 * asked again, as long as it takes.
 *
 * Exit status: 0 no request was refused, and each was answered in the end; 1 one was not; 69 no
 * port.
 */
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#define PORT	   0
#define NB_DESC	   64
#define NB_MBUFS   512
#define FIRST_VLAN 100
#define NB_HELD	   4
#define AGAIN_US   10000
#define PATIENCE_S 60

static volatile sig_atomic_t told_to_end;

static struct {
	uint64_t requests, late, refused, longest_ms;
} count;

static void
on_signal(int signal)
{
	(void)signal;
	told_to_end++;
}

static struct rte_ether_addr
address(unsigned int i)
{
	return (struct rte_ether_addr){ { 0x02, 0, 0, 0x5e, 0, i } };
}

static int
add_vlan(unsigned int i)
{
	return rte_eth_dev_vlan_filter(PORT, FIRST_VLAN + i, 1);
}

static int
remove_vlan(unsigned int i)
{
	return rte_eth_dev_vlan_filter(PORT, FIRST_VLAN + i, 0);
}

static int
add_mac(unsigned int i)
{
	struct rte_ether_addr mac = address(i);

	return rte_eth_dev_mac_addr_add(PORT, &mac, 0);
}

static int
remove_mac(unsigned int i)
{
	struct rte_ether_addr mac = address(i);

	return rte_eth_dev_mac_addr_remove(PORT, &mac);
}

static const struct step {
	const char *name;
	int (*ask)(unsigned int i);
} steps[] = {
	{ "add VLAN", add_vlan },
	{ "add address", add_mac },
	{ "remove VLAN", remove_vlan },
	{ "remove address", remove_mac },
};

static bool
is_late(int rc)
{
	return rc == -ETIMEDOUT || rc == -EAGAIN || rc == -EBUSY;
}

/* False: refused, or never answered. */
static bool
ask(const struct step *step, unsigned int i)
{
	uint64_t began = rte_get_timer_cycles(), hz = rte_get_timer_hz(), ms;
	int rc = step->ask(i);

	while (is_late(rc) && rte_get_timer_cycles() - began < PATIENCE_S * hz) {
		count.late++;
		usleep(AGAIN_US);
		rc = step->ask(i);
	}
	ms = (rte_get_timer_cycles() - began) * MS_PER_S / hz;
	if (ms > count.longest_ms)
		count.longest_ms = ms;
	count.requests++;
	if (rc == 0)
		return true;
	warnx("%s %u: %s", step->name, i, strerror(-rc));
	count.refused++;
	return false;
}

static int
start_port(void)
{
	const struct rte_eth_conf conf = { .rxmode.offloads = RTE_ETH_RX_OFFLOAD_VLAN_FILTER };
	struct rte_mempool *pool = rte_pktmbuf_pool_create(
		"requests", NB_MBUFS, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	int rc = pool == NULL ? -rte_errno : rte_eth_dev_configure(PORT, 1, 1, &conf);

	if (rc == 0)
		rc = rte_eth_rx_queue_setup(PORT, 0, NB_DESC, SOCKET_ID_ANY, NULL, pool);
	if (rc == 0)
		rc = rte_eth_tx_queue_setup(PORT, 0, NB_DESC, SOCKET_ID_ANY, NULL);
	return rc == 0 ? rte_eth_dev_start(PORT) : rc;
}

static void
run(void)
{
	bool good = true;

	for (unsigned int i = 0; good && told_to_end == 0; i = (i + 1) % 8)
		for (size_t s = 0; good && s < RTE_DIM(steps); s++)
			good = ask(&steps[s], i);
	for (unsigned int i = 0; good && i < NB_HELD; i++)
		good = ask(&steps[0], i);
	printf("{\"requests\": %" PRIu64 ", \"late\": %" PRIu64 ", \"refused\": %" PRIu64
	       ", \"longest_ms\": %" PRIu64 "}\n", count.requests, count.late, count.refused,
	       count.longest_ms);
	fflush(stdout);
	while (told_to_end < 2)
		usleep(AGAIN_US);
}

int
main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_signal };
	int rc;

	if (rte_eal_init(argc, argv) < 0 || !rte_eth_dev_is_valid_port(PORT)) {
		warnx("no port: %s", rte_strerror(rte_errno));
		return EX_UNAVAILABLE;
	}
	rc = start_port();
	if (rc < 0) {
		warnx("the port does not start: %s", strerror(-rc));
		return EX_UNAVAILABLE;
	}
	sigaction(SIGTERM, &action, NULL);
	fprintf(stderr, "READY\n");
	run();
	rte_eth_dev_stop(PORT);
	rte_eth_dev_close(PORT);
	rte_eal_cleanup();
	return count.refused == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
