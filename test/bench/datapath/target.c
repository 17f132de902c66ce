/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <err.h>
#include <errno.h>
#include <string.h>
#include <sysexits.h>

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_vect.h>

#include "frames.h"
#include "target.h"

#define LINK_TRIES 3000
#define LINK_MS	   10
#define PF_RING	   64	/* of a PF whose VF is measured */
#define IS_PF	   (-1)

static void __rte_noreturn
give_up(const struct target *target, const char *what, int rc)
{
	errx(EX_SOFTWARE, "%s, %s: %s: %s", target->group->name, target->column->name, what,
	     strerror(-rc));
}

void
target_create(struct target *target, const struct group *group, const struct column *column,
	      struct rte_mempool *pool)
{
	const struct card_config config = {
		.family = group->family, .nb_vfs = group->is_vf ? 1 : 0,
		.pf_driver = column->pf_driver, .vf_driver = column->vf_driver,
	};
	const struct rte_eth_conf conf = { 0 };
	const char *why = "";
	uint16_t pf;
	int rc;

	*target = (struct target){ .column = column, .group = group };
	rc = card_create(&target->card, &config, &why);
	if (rc != 0)
		give_up(target, why, rc);
	pf = card_port(target->card, IS_PF);
	target->port = pf;
	if (!group->is_vf)
		return;
	rc = rte_eth_dev_configure(pf, 1, 1, &conf);
	if (rc == 0)
		rc = rte_eth_rx_queue_setup(pf, 0, PF_RING, SOCKET_ID_ANY, NULL, pool);
	if (rc == 0)
		rc = rte_eth_tx_queue_setup(pf, 0, PF_RING, SOCKET_ID_ANY, NULL);
	if (rc == 0)
		rc = rte_eth_dev_start(pf);
	if (rc != 0)
		give_up(target, "its PF", rc);
	target->port = card_port(target->card, 0);
}

static int
configure(const struct target *target, const struct bench_case *c, struct rte_mempool *pool)
{
	struct rte_eth_conf conf = { .txmode.offloads = target->column->tx_offloads };
	struct rte_eth_dev_info info;
	int rc = rte_eth_dev_info_get(target->port, &info);

	if (rc != 0)
		return rc;
	/* As DPDK's l2fwd does. */
	if (target->column->tx_offloads == 0)
		conf.txmode.offloads = info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE;
	rc = rte_eth_dev_configure(target->port, c->queues, c->queues, &conf);
	for (uint16_t q = 0; q < c->queues && rc == 0; q++) {
		rc = rte_eth_rx_queue_setup(target->port, q, c->ring, SOCKET_ID_ANY, NULL, pool);
		if (rc == 0)
			rc = rte_eth_tx_queue_setup(target->port, q, c->ring, SOCKET_ID_ANY, NULL);
	}
	return rc == 0 ? rte_eth_dev_start(target->port) : rc;
}

static int
await_link(const struct target *target)
{
	struct rte_eth_link link = { 0 };

	for (unsigned int i = 0; i < LINK_TRIES; i++) {
		if (rte_eth_link_get_nowait(target->port, &link) == 0 && link.link_status)
			return 0;
		rte_delay_us_sleep(LINK_MS * 1000);
	}
	return -ENETDOWN;
}

void
target_start(struct target *target, const struct bench_case *c, struct rte_mempool *pool)
{
	struct rte_ether_addr mac;
	uint16_t simd = rte_vect_get_max_simd_bitwidth();
	int rc;

	if (target->column->simd != 0)
		rte_vect_set_max_simd_bitwidth(target->column->simd);
	rc = configure(target, c, pool);
	rte_vect_set_max_simd_bitwidth(simd);
	if (rc == 0)
		rc = await_link(target);
	if (rc == 0)
		rc = rte_eth_macaddr_get(target->port, &mac);
	if (rc != 0)
		give_up(target, "cannot be started", rc);
	memcpy(target->mac, mac.addr_bytes, sizeof(target->mac));
	frames_fill(card_feed(target->card), target->mac, c);
}

void
target_open(struct target *target)
{
	int rc = card_open(target->card);

	if (rc != 0)
		give_up(target, "its tails trap", rc);
}

void
target_stop(struct target *target)
{
	int rc;

	card_close(target->card);
	rc = rte_eth_dev_stop(target->port);
	if (rc != 0)
		give_up(target, "cannot be stopped", rc);
}

void
target_free(struct target *target)
{
	if (target->group->is_vf) {
		rte_eth_dev_close(target->port);
		rte_eth_dev_stop(card_port(target->card, IS_PF));
	}
	rte_eth_dev_close(card_port(target->card, IS_PF));
	card_free(target->card);
}
