/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * Frames through one or two ethdev ports, of any driver, by the public API only.
 */
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "frame_io.h"

#define RX_SLOTS             1024 /* a receiver that sleeps loses nothing of a run of 512 */
#define TX_SLOTS             512
#define MAX_TAKEN            256
#define POOL_CACHE           64
#define ROOM_BYTES           2048
#define FRAME_OVERHEAD_BYTES 26 /* header, two VLAN tags, FCS */
#define FLUSH_TIMEOUT_MS     1000
#define LINK_WAIT_MS         60000
#define LINK_POLL_MS         100
#define TX_DRAIN_US          10000

struct ethdev_io {
	struct frame_io io;
	uint16_t send_port, receive_port;
	uint32_t segments;
	struct rte_mempool *pool;
	uint32_t room_bytes;
	uint32_t nb_taken;
	struct rte_mbuf *taken[MAX_TAKEN];
	uint8_t received[FRAME_BUFFER_BYTES];
};

static struct ethdev_io *
ethdev_of(struct frame_io *io)
{
	return (struct ethdev_io *)io;
}

static uint32_t
pieces_for(const struct ethdev_io *ethdev, size_t bytes)
{
	uint32_t least = (bytes + ethdev->room_bytes - 1) / ethdev->room_bytes;

	return least > ethdev->segments ? least : ethdev->segments;
}

/* One frame, cut into pieces that differ by a byte at most: none is larger than a buffer. */
static struct rte_mbuf *
build_chain(const struct ethdev_io *ethdev, const uint8_t *data, size_t bytes)
{
	uint32_t pieces = pieces_for(ethdev, bytes);
	struct rte_mbuf *chain = NULL;
	size_t done = 0;

	for (uint32_t i = 0; i < pieces; i++) {
		size_t piece_bytes = (bytes - done) / (pieces - i);
		struct rte_mbuf *piece = rte_pktmbuf_alloc(ethdev->pool);

		if (piece == NULL)
			goto free_chain;
		memcpy(rte_pktmbuf_append(piece, piece_bytes), data + done, piece_bytes);
		done += piece_bytes;
		if (chain == NULL)
			chain = piece;
		else
			rte_pktmbuf_chain(chain, piece);
	}
	return chain;

free_chain:
	rte_pktmbuf_free(chain);
	return NULL;
}

static int
ethdev_send(struct frame_io *io, const uint8_t *data, size_t bytes)
{
	struct ethdev_io *ethdev = ethdev_of(io);
	struct rte_mbuf *m;

	if (ethdev->nb_taken == MAX_TAKEN)
		return -ENOSPC;
	m = build_chain(ethdev, data, bytes);
	if (m == NULL)
		return -ENOMEM;
	ethdev->taken[ethdev->nb_taken++] = m;
	return 0;
}

static uint32_t
ethdev_flush(struct frame_io *io)
{
	struct ethdev_io *ethdev = ethdev_of(io);
	uint32_t nb = 0;

	for (int ms = 0; ms < FLUSH_TIMEOUT_MS && nb < ethdev->nb_taken; ms++) {
		uint16_t nb_tx = rte_eth_tx_burst(ethdev->send_port, 0, &ethdev->taken[nb],
						  ethdev->nb_taken - nb);

		nb += nb_tx;
		if (nb_tx == 0)
			usleep(1000);
	}
	if (nb < ethdev->nb_taken)
		warnx("port %u: %u of %u frames not sent, its Tx ring stays full",
		      ethdev->send_port, ethdev->nb_taken - nb, ethdev->nb_taken);
	rte_pktmbuf_free_bulk(&ethdev->taken[nb], ethdev->nb_taken - nb);
	ethdev->nb_taken = 0;
	return nb;
}

static void
hand_over(struct ethdev_io *ethdev, struct rte_mbuf *m, frame_handler *handle, void *arg)
{
	uint32_t bytes = RTE_MIN(m->pkt_len, (uint32_t)sizeof(ethdev->received));
	const void *data = rte_pktmbuf_read(m, 0, bytes, ethdev->received);
	bool stripped = (m->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED) != 0;

	/* A chain that is shorter than it says: nothing of it can be trusted. */
	if (data == NULL)
		bytes = 0;
	else if (data != ethdev->received)
		memcpy(ethdev->received, data, bytes);
	handle(arg, ethdev->received, bytes, stripped ? m->vlan_tci : NO_VLAN);
}

static uint32_t
ethdev_receive(struct frame_io *io, frame_handler *handle, void *arg)
{
	struct ethdev_io *ethdev = ethdev_of(io);
	struct rte_mbuf *m[MAX_TAKEN / 4];
	uint16_t nb = rte_eth_rx_burst(ethdev->receive_port, 0, m, RTE_DIM(m));

	for (uint16_t i = 0; i < nb; i++)
		hand_over(ethdev, m[i], handle, arg);
	rte_pktmbuf_free_bulk(m, nb);
	return nb;
}

static void
close_ports(const struct ethdev_io *ethdev)
{
	/* What the last flush gave to the ring is to leave it. */
	usleep(TX_DRAIN_US);
	rte_eth_dev_stop(ethdev->send_port);
	rte_eth_dev_close(ethdev->send_port);
	if (ethdev->io.two_ports) {
		rte_eth_dev_stop(ethdev->receive_port);
		rte_eth_dev_close(ethdev->receive_port);
	}
}

static void
ethdev_close(struct frame_io *io)
{
	close_ports(ethdev_of(io));
	rte_mempool_free(ethdev_of(io)->pool);
	free(io);
}

static const struct frame_io_ops ethdev_ops = {
	.send = ethdev_send,
	.flush = ethdev_flush,
	.receive = ethdev_receive,
	.close = ethdev_close,
};

/* Frames beyond a buffer arrive in several if the port can do that, else buffers grow. */
static int
plan_receive(struct ethdev_io *ethdev, const struct args *args)
{
	struct rte_eth_dev_info info;
	int rc = rte_eth_dev_info_get(ethdev->receive_port, &info);

	if (rc < 0) {
		warnx("port %u: no such port", ethdev->receive_port);
		return rc;
	}
	ethdev->room_bytes = ROOM_BYTES;
	if (args->mtu + FRAME_OVERHEAD_BYTES > ROOM_BYTES &&
	    (info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_SCATTER) == 0)
		ethdev->room_bytes = RTE_ALIGN(args->mtu + FRAME_OVERHEAD_BYTES, 1024);
	return 0;
}

static void
choose_offloads(struct rte_eth_conf *conf, const struct rte_eth_dev_info *info,
		const struct args *args)
{
	if (args->mtu + FRAME_OVERHEAD_BYTES > ROOM_BYTES)
		conf->rxmode.offloads |= RTE_ETH_RX_OFFLOAD_SCATTER;
	if (args->nb_vlans > 0)
		conf->rxmode.offloads |= RTE_ETH_RX_OFFLOAD_VLAN_FILTER;
	conf->rxmode.offloads &= info->rx_offload_capa;
	if (args->segments > 1 || args->max_bytes + VLAN_BYTES > ROOM_BYTES)
		conf->txmode.offloads |= RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
	conf->txmode.offloads &= info->tx_offload_capa;
}

static int
configure(struct ethdev_io *ethdev, uint16_t port, const struct args *args)
{
	struct rte_eth_conf conf = { .rxmode.mtu = args->mtu };
	uint16_t rxd = RX_SLOTS, txd = TX_SLOTS;
	int node = rte_eth_dev_socket_id(port);
	struct rte_eth_dev_info info;
	struct rte_eth_rxconf rx;
	struct rte_eth_txconf tx;
	int rc = rte_eth_dev_info_get(port, &info);

	if (rc < 0)
		return rc;
	choose_offloads(&conf, &info, args);
	rx = info.default_rxconf;
	rx.offloads = conf.rxmode.offloads;
	tx = info.default_txconf;
	tx.offloads = conf.txmode.offloads;

	rc = rte_eth_dev_configure(port, 1, 1, &conf);
	if (rc == 0)
		rc = rte_eth_dev_adjust_nb_rx_tx_desc(port, &rxd, &txd);
	if (rc == 0)
		rc = rte_eth_rx_queue_setup(port, 0, rxd, node, &rx, ethdev->pool);
	if (rc == 0)
		rc = rte_eth_tx_queue_setup(port, 0, txd, node, &tx);
	return rc;
}

static int
start_port(struct ethdev_io *ethdev, uint16_t port, const struct args *args)
{
	int rc;

	if (!rte_eth_dev_is_valid_port(port)) {
		warnx("port %u: no such port", port);
		return -ENODEV;
	}
	rc = configure(ethdev, port, args);
	if (rc == 0)
		rc = rte_eth_dev_start(port);
	if (rc < 0)
		warnx("port %u: does not start: %s", port, strerror(-rc));
	return rc;
}

static int
refused(uint16_t port, const char *what, int rc)
{
	if (rc == 0)
		return 0;
	warnx("port %u: %s refused: %s", port, what, strerror(-rc));
	return -EPERM;
}

/* What the command line wants of the receiving port beyond frames to its own address. */
static int
ask_for_more(const struct ethdev_io *ethdev, const struct args *args)
{
	struct rte_ether_addr groups[MAX_JOINED], mac;
	uint16_t port = ethdev->receive_port;
	int rc = 0;

	if (args->set_mac.given) {
		memcpy(mac.addr_bytes, args->set_mac.byte, MAC_BYTES);
		rc = refused(port, "--set-mac", rte_eth_dev_default_mac_addr_set(port, &mac));
	}
	if (rc == 0 && args->promisc)
		rc = refused(port, "--promisc", rte_eth_promiscuous_enable(port));
	for (uint32_t i = 0; rc == 0 && i < args->nb_vlans; i++)
		rc = refused(port, "--join-vlan", rte_eth_dev_vlan_filter(port, args->vlans[i], 1));
	for (uint32_t i = 0; i < args->nb_groups; i++)
		memcpy(groups[i].addr_bytes, args->groups[i].byte, MAC_BYTES);
	if (rc == 0 && args->nb_groups > 0)
		rc = refused(port, "--join-group",
			     rte_eth_dev_set_mc_addr_list(port, groups, args->nb_groups));
	return rc;
}

static int
wait_for_link(uint16_t port)
{
	for (int ms = 0; ms <= LINK_WAIT_MS; ms += LINK_POLL_MS) {
		struct rte_eth_link link = { 0 };

		if (rte_eth_link_get_nowait(port, &link) == 0 &&
		    link.link_status == RTE_ETH_LINK_UP)
			return 0;
		usleep(LINK_POLL_MS * 1000);
	}
	warnx("port %u: no link after %d s", port, LINK_WAIT_MS / 1000);
	return -ENETDOWN;
}

static int
start_ports(struct ethdev_io *ethdev, const struct args *args)
{
	int rc = start_port(ethdev, ethdev->send_port, args);

	if (rc == 0 && ethdev->io.two_ports)
		rc = start_port(ethdev, ethdev->receive_port, args);
	if (rc == 0)
		rc = ask_for_more(ethdev, args);
	if (rc == 0)
		rc = wait_for_link(ethdev->send_port);
	if (rc == 0 && ethdev->io.two_ports)
		rc = wait_for_link(ethdev->receive_port);
	return rc;
}

static void
read_macs(struct ethdev_io *ethdev)
{
	struct rte_ether_addr addr = { 0 };

	rte_eth_macaddr_get(ethdev->send_port, &addr);
	memcpy(ethdev->io.send_mac, addr.addr_bytes, MAC_BYTES);
	rte_eth_macaddr_get(ethdev->receive_port, &addr);
	memcpy(ethdev->io.receive_mac, addr.addr_bytes, MAC_BYTES);
}

static struct rte_mempool *
create_pool(const struct ethdev_io *ethdev)
{
	/* Both ports' rings, a burst in the making whose frames may be cut up, and the cache. */
	uint32_t nb = 2 * (RX_SLOTS + TX_SLOTS) + MAX_TAKEN * MAX_SEGMENTS + 2 * POOL_CACHE;
	struct rte_mempool *pool;

	pool = rte_pktmbuf_pool_create("frames", nb, POOL_CACHE, 0,
				       RTE_PKTMBUF_HEADROOM + ethdev->room_bytes,
				       rte_eth_dev_socket_id(ethdev->receive_port));
	if (pool == NULL)
		warnx("no memory for %u buffers: %s", nb, rte_strerror(rte_errno));
	return pool;
}

int
io_ethdev_open(const struct args *args, struct frame_io **io)
{
	struct ethdev_io *ethdev = calloc(1, sizeof(*ethdev));
	int rc;

	if (ethdev == NULL)
		return -ENOMEM;
	ethdev->io.ops = &ethdev_ops;
	ethdev->io.two_ports = args->send_port != args->receive_port;
	ethdev->send_port = args->send_port;
	ethdev->receive_port = args->receive_port;
	ethdev->segments = args->segments;
	rc = plan_receive(ethdev, args);
	if (rc < 0)
		goto free_ethdev;
	rc = -ENOMEM;
	ethdev->pool = create_pool(ethdev);
	if (ethdev->pool == NULL)
		goto free_ethdev;
	rc = start_ports(ethdev, args);
	if (rc < 0)
		goto close_ports;
	read_macs(ethdev);
	*io = &ethdev->io;
	return 0;

close_ports:
	close_ports(ethdev);
	rte_mempool_free(ethdev->pool);
free_ethdev:
	free(ethdev);
	return rc;
}
