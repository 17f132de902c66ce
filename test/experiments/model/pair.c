/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* A vhost port and the virtio-user port at its other end, and how any port is started. */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include <rte_bus_vdev.h>
#include <rte_cycles.h>
#include <rte_ethdev.h>

#include "setup.h"

#define LINK_TRIES 2000
#define LINK_US	   10000
#define NAME_BYTES 32
#define ARGS_BYTES 160

int
port_start(uint16_t port, uint16_t ring, struct rte_mempool *pool,
	   const struct setup_config *config)
{
	struct rte_eth_conf conf = { .intr_conf.rxq = config->interrupts };
	struct rte_eth_dev_info info;
	int rc = rte_eth_dev_info_get(port, &info);

	if (rc != 0)
		return rc;
	/* As DPDK's l2fwd does. */
	conf.txmode.offloads = info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE;
	rc = rte_eth_dev_configure(port, 1, 1, &conf);
	if (rc == 0)
		rc = rte_eth_rx_queue_setup(port, 0, ring, SOCKET_ID_ANY, NULL, pool);
	if (rc == 0)
		rc = rte_eth_tx_queue_setup(port, 0, ring, SOCKET_ID_ANY, NULL);
	return rc == 0 ? rte_eth_dev_start(port) : rc;
}

int
port_await_link(uint16_t port)
{
	struct rte_eth_link link = { 0 };

	for (unsigned int i = 0; i < LINK_TRIES; i++) {
		if (rte_eth_link_get_nowait(port, &link) == 0 && link.link_status)
			return 0;
		rte_delay_us_sleep(LINK_US);
	}
	return -ENETDOWN;
}

static uint16_t
port_create(const char *name, const char *args)
{
	uint16_t port = RTE_MAX_ETHPORTS;
	int rc = rte_vdev_init(name, args);

	if (rc == 0)
		rc = rte_eth_dev_get_port_by_name(name, &port);
	if (rc != 0)
		errx(EX_UNAVAILABLE, "%s,%s: %s", name, args, strerror(-rc));
	return port;
}

static void
names(unsigned int number, char *host, char *tenant, char *path)
{
	snprintf(host, NAME_BYTES, "net_vhost%u", number);
	snprintf(tenant, NAME_BYTES, "virtio_user%u", number);
	/* Of nobody else, and gone with the process: in its working directory. */
	snprintf(path, NAME_BYTES, "vhost-%d-%u", getpid(), number);
}

void
pair_create(struct tenant *tenant, unsigned int number, const struct setup_config *config)
{
	char host[NAME_BYTES], name[NAME_BYTES], path[NAME_BYTES], args[ARGS_BYTES];
	int rc;

	names(number, host, name, path);
	snprintf(args, sizeof(args), "iface=%s,queues=1", path);
	tenant->host = port_create(host, args);
	rc = port_start(tenant->host, RING, config->pool, config);
	if (rc != 0)
		errx(EX_UNAVAILABLE, "%s: %s", host, strerror(-rc));
	tenant->mac = (struct rte_ether_addr){ { 0x02, 0, 0, 0, 1, (uint8_t)number } };
	snprintf(args, sizeof(args), "path=%s,queues=1,queue_size=%u,mac=02:00:00:00:01:%02x", path,
		 RING, number);
	tenant->port = port_create(name, args);
	rc = port_start(tenant->port, RING, config->pv_pool, config);
	if (rc == 0)
		rc = port_await_link(tenant->host);
	if (rc != 0)
		errx(EX_UNAVAILABLE, "%s: %s", name, strerror(-rc));
}

void
pair_free(const struct tenant *tenant, unsigned int number)
{
	char host[NAME_BYTES], name[NAME_BYTES], path[NAME_BYTES];

	names(number, host, name, path);
	(void)rte_eth_dev_stop(tenant->port);
	(void)rte_vdev_uninit(name);
	(void)rte_eth_dev_stop(tenant->host);
	(void)rte_vdev_uninit(host);
	unlink(path);
}
