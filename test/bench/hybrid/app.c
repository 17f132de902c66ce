/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_ether.h>
#include <rte_launch.h>
#include <rte_mbuf.h>

#include "app.h"

#define BURST	   32
#define TX_TRIES   10000	/* rounds for a device that is slower than we are */
#define LINK_TRIES 100
#define LINK_MS	   20

/* --- The port --- */

static int
configure(struct app *app, uint32_t ring)
{
	struct rte_eth_conf conf = { .intr_conf = { .rxq = 1 } };
	/* The ring is all there is to buffer: what finds it full is lost, as of any VF. */
	struct rte_eth_rxconf rx = { .rx_drop_en = 1 };
	struct rte_eth_dev_info info;
	int rc = rte_eth_dev_info_get(app->port, &info);

	if (rc != 0)
		return rc;
	/* As DPDK's own examples do: all frames are of one pool and of one segment. */
	conf.txmode.offloads = info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE;
	rc = rte_eth_dev_configure(app->port, 1, 1, &conf);
	if (rc == 0)
		rc = rte_eth_rx_queue_setup(app->port, 0, (uint16_t)ring, SOCKET_ID_ANY, &rx,
					    app->pool);
	/* Who has slept sends what he finds quicker than the wire takes it. */
	if (rc == 0)
		rc = rte_eth_tx_queue_setup(app->port, 0, (uint16_t)ring, SOCKET_ID_ANY, NULL);
	return rc == 0 ? rte_eth_dev_start(app->port) : rc;
}

static int
await_link(const struct app *app)
{
	struct rte_eth_link link = { 0 };

	for (unsigned int i = 0; i < LINK_TRIES; i++) {
		if (rte_eth_link_get_nowait(app->port, &link) == 0 && link.link_status)
			return 0;
		rte_delay_us_sleep(LINK_MS * 1000);
	}
	return -ENETDOWN;
}

int
app_start(struct app *app, uint32_t ring)
{
	int rc;

	if (app->ring == ring)
		return 0;
	app_stop(app);
	rc = configure(app, ring);
	if (rc == 0)
		rc = await_link(app);
	if (rc == 0)
		rc = device_open_window(app->device);
	app->ring = rc == 0 ? ring : 0;
	return rc;
}

void
app_stop(struct app *app)
{
	if (app->ring == 0)
		return;
	device_close_window(app->device);
	rte_eth_dev_stop(app->port);
	app->ring = 0;
}

/* --- The lcore --- */

/**
 * The device has written there on another processor, and we write next: to ask for the line as a
 * reader, and then as a writer, would be two journeys.
 */
static inline void
prefetch_to_write(const void *at)
{
#if defined(__x86_64__)
	/* The builtin asks for ownership only where the compiler may rely on the instruction. */
	__asm__ volatile("prefetchw (%0)" : : "r"(at));
#else
	__builtin_prefetch(at, 1);
#endif
}

static inline void
forward(struct app *app, struct rte_mbuf **burst, uint16_t nb)
{
	struct rte_ether_addr address;
	uint16_t sent;

	for (uint16_t i = 0; i < nb; i++)
		prefetch_to_write(rte_pktmbuf_mtod(burst[i], void *));
	for (uint16_t i = 0; i < nb; i++) {
		struct rte_ether_hdr *header = rte_pktmbuf_mtod(burst[i], struct rte_ether_hdr *);

		address = header->dst_addr;
		header->dst_addr = header->src_addr;
		header->src_addr = address;
	}
	sent = rte_eth_tx_burst(app->port, 0, burst, nb);
	for (unsigned int i = 0; sent < nb && i < TX_TRIES; i++)
		sent += rte_eth_tx_burst(app->port, 0, burst + sent, nb - sent);
	app->tx_dropped += nb - sent;
	rte_pktmbuf_free_bulk(burst + sent, nb - sent);
}

static void
rounds(struct app *app)
{
	const struct strategy *strategy = app->waiting.strategy;
	struct heartbeat *heart = &app->heartbeat;
	struct rte_mbuf *burst[BURST];
	uint64_t beats = atomic_load_explicit(&heart->beats, memory_order_relaxed);

	while (!atomic_load_explicit(&app->waiting.stop, memory_order_relaxed)) {
		uint16_t nb = rte_eth_rx_burst(app->port, 0, burst, BURST);

		if (nb != 0)
			forward(app, burst, nb);
		strategy->received(&app->waiting, nb);
		atomic_store_explicit(&heart->waits, true, memory_order_relaxed);
		strategy->wait(&app->waiting);
		atomic_store_explicit(&heart->waits, false, memory_order_relaxed);
		atomic_store_explicit(&heart->beats, ++beats, memory_order_relaxed);
	}
	atomic_store_explicit(&heart->waits, true, memory_order_relaxed);
}

static int
lcore_main(void *arg)
{
	struct app *app = arg;
	const struct strategy *strategy = app->waiting.strategy;

	app->thread = pthread_self();
	app->tid = gettid();
	(void)setpriority(PRIO_PROCESS, 0, PRIO_MIN);
	atomic_store(&app->heartbeat.by_time, strategy->by_time);
	app->rc = strategy->open == NULL ? 0 : strategy->open(&app->waiting);
	atomic_store(&app->ready, true);
	if (app->rc != 0)
		return 0;
	rounds(app);
	if (strategy->close != NULL)
		strategy->close(&app->waiting);
	return 0;
}

int
app_run(struct app *app, const struct strategy *strategy)
{
	int rc;

	app->waiting = (struct waiting){
		.strategy = strategy, .port = app->port, .ring = app->ring,
	};
	atomic_store(&app->ready, false);
	rc = rte_eal_remote_launch(lcore_main, app, app->lcore);
	if (rc != 0)
		return rc;
	while (!atomic_load(&app->ready))
		rte_delay_us_sleep(1000);
	if (app->rc != 0)
		rte_eal_wait_lcore(app->lcore);
	return app->rc;
}

void
app_end(struct app *app)
{
	const struct strategy *strategy = app->waiting.strategy;

	atomic_store(&app->waiting.stop, true);
	if (strategy->wake != NULL)
		strategy->wake(&app->waiting);
	device_wake_all(app->device);
	rte_eal_wait_lcore(app->lcore);
}

int
app_use(const struct app *app, struct app_use *use)
{
	struct timespec time;
	char path[64], line[128];
	clockid_t clock;
	FILE *file;

	if (pthread_getcpuclockid(app->thread, &clock) != 0 || clock_gettime(clock, &time) < 0)
		return -ESRCH;
	use->cpu_ns = (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
	snprintf(path, sizeof(path), "/proc/self/task/%d/status", app->tid);
	file = fopen(path, "r");
	if (file == NULL)
		return -errno;
	use->sleeps = UINT64_MAX;
	while (use->sleeps == UINT64_MAX && fgets(line, sizeof(line), file) != NULL)
		sscanf(line, "voluntary_ctxt_switches: %lu", &use->sleeps);
	fclose(file);
	return use->sleeps == UINT64_MAX ? -ENODATA : 0;
}
