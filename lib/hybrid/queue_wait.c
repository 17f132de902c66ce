/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * One Rx queue of whatever driver: its interrupt, its interval, its ring.
 */
#include <dlfcn.h>
#include <errno.h>

#include <rte_ethdev.h>

#include "own.h"
#include "rte_pmd_sluice_moderation.h"

/* A frame of 64 bytes with preamble and gap: 84 bytes. */
#define SMALLEST_BITS 672

typedef int moderation_get(uint16_t port, uint16_t queue, struct rte_pmd_sluice_moderation *m);
typedef int moderation_set(uint16_t port, uint16_t queue, uint32_t interval_ns);
typedef int low_threshold_get(uint16_t port, uint16_t queue, uint16_t *free_descriptors);

/* The driver is linked, or it is a plugin, whose symbols are not for all: then it is in the file
 * that the port's burst function is from.
 */
static void *
find(uint16_t port, const char *name)
{
	union {
		eth_rx_burst_t burst;
		void *address;
	} code = { rte_eth_fp_ops[port].rx_pkt_burst };
	void *symbol = dlsym(RTLD_DEFAULT, name);
	void *file;
	Dl_info info;

	if (symbol != NULL || dladdr(code.address, &info) == 0)
		return symbol;
	file = dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
	if (file == NULL)
		return NULL;
	symbol = dlsym(file, name);
	/* The port holds it in memory. */
	dlclose(file);
	return symbol;
}

/* Of the buffers, those that are left when the device interrupts whatever the interval: what the
 * ring has beyond them is no use. While the lcore sleeps there have to be more: less than a burst
 * waits then, and the driver may hold some back.
 */
static uint32_t
find_low_bufs(const struct waited *q, uint32_t bufs, uint16_t burst,
	      const struct rte_eth_rxq_info *ring)
{
	union {
		void *symbol;
		low_threshold_get *call;
	} get = { find(q->id.port, "rte_pmd_sluice_rx_low_threshold_get") };
	uint32_t beyond = ring->nb_desc - RTE_MIN(bufs, ring->nb_desc);
	uint16_t low;

	if (get.symbol == NULL || get.call(q->id.port, q->id.queue, &low) < 0 ||
	    low + burst + ring->conf.rx_free_thresh >= ring->nb_desc)
		return 0;
	return low > beyond ? low - beyond : 0;
}

static struct aic_limits
find_limits(struct waited *q)
{
	/* An object's address cannot be cast to a function's. */
	union {
		void *symbol;
		moderation_get *call;
	} get = { find(q->id.port, "rte_pmd_sluice_moderation_get") };
	union {
		void *symbol;
		moderation_set *call;
	} set = { find(q->id.port, "rte_pmd_sluice_moderation_set") };
	struct rte_pmd_sluice_moderation m;

	if (get.symbol == NULL || set.symbol == NULL ||
	    get.call(q->id.port, q->id.queue, &m) < 0)
		return (struct aic_limits){ 0 };
	q->moderated = true;
	q->set_interval = set.call;
	q->in_force_ns = m.interval_ns;
	return (struct aic_limits){ .granularity_ns = m.granularity_ns, .max_ns = m.max_ns };
}

/* The link's speed, or what the port can do at best while it has none. */
static uint32_t
line_pps(uint16_t port, const struct rte_eth_dev_info *info)
{
	static const struct {
		uint32_t capability, mbps;
	} speeds[] = {
		{ RTE_ETH_LINK_SPEED_100G, 100000 }, { RTE_ETH_LINK_SPEED_40G, 40000 },
		{ RTE_ETH_LINK_SPEED_25G, 25000 },   { RTE_ETH_LINK_SPEED_10G, 10000 },
		{ RTE_ETH_LINK_SPEED_1G, 1000 },
	};
	struct rte_eth_link link = { 0 };
	uint64_t mbps = 0;

	if (rte_eth_link_get_nowait(port, &link) == 0 && link.link_status == RTE_ETH_LINK_UP &&
	    link.link_speed != RTE_ETH_SPEED_NUM_UNKNOWN)
		mbps = link.link_speed;
	for (unsigned int i = 0; i < RTE_DIM(speeds) && mbps == 0; i++) {
		if ((info->speed_capa & speeds[i].capability) != 0)
			mbps = speeds[i].mbps;
	}
	return RTE_MIN(mbps * 1000000 / SMALLEST_BITS, AIC_PPS_MAX);
}

static void
open_interrupt(struct waited *q)
{
	q->fd = rte_eth_dev_rx_intr_ctl_q_get_fd(q->id.port, q->id.queue);
	if (q->fd >= 0 && rte_eth_dev_rx_intr_disable(q->id.port, q->id.queue) < 0)
		q->fd = -1;
}

int
queue_open(struct waited *q, const struct hybrid_config *config, uint64_t tail_ns,
	   uint64_t now_ns)
{
	struct aic_params params = config->params;
	struct aic_limits limits = { 0 };
	struct rte_eth_rxq_info ring = { 0 };
	struct rte_eth_stats stats;
	struct rte_eth_dev_info info;
	uint32_t bufs;

	if (rte_eth_dev_info_get(q->id.port, &info) < 0 || q->id.queue >= info.nb_rx_queues)
		return -EINVAL;
	/* A driver that does not tell has taken what it prefers. */
	if (rte_eth_rx_queue_info_get(q->id.port, q->id.queue, &ring) < 0)
		ring.nb_desc = info.default_rxportconf.ring_size;
	bufs = aic_bufs(config->ap_bufs, ring.nb_desc);
	if (bufs == 0)
		bufs = config->burst;
	if (config->fixed)
		params.line_pps = 0;
	if (params.line_pps == AIC_PPS_AUTO)
		params.line_pps = line_pps(q->id.port, &info);
	open_interrupt(q);
	if (q->fd >= 0) {
		limits = find_limits(q);
		limits.low_bufs = find_low_bufs(q, bufs, config->burst, &ring);
	}
	q->counts = rte_eth_rx_queue_count(q->id.port, q->id.queue) >= 0;
	if (rte_eth_stats_get(q->id.port, &stats) == 0)
		q->port_missed = stats.imissed;
	aic_open(&q->aic, &params, bufs, &limits, tail_ns, now_ns);
	queue_set_interval(q, now_ns);
	return 0;
}

void
queue_close(struct waited *q)
{
	if (q->fd >= 0)
		rte_eth_dev_rx_intr_disable(q->id.port, q->id.queue);
}

void
queue_set_interval(struct waited *q, uint64_t now_ns)
{
	shown_set(&q->shown_interval_ns, q->aic.interval_ns);
	if (!q->moderated)
		return;
	/* The counter that runs is left alone, which does no harm if few descriptors end it. */
	if (q->aic.interval_ns < q->in_force_ns && q->aic.limits.low_bufs == 0)
		q->slow_until_ns = now_ns + q->in_force_ns;
	q->in_force_ns = q->aic.interval_ns;
	q->set_interval(q->id.port, q->id.queue, q->aic.interval_ns);
	shown_add(&q->writes, 1);
}

void
queue_arm(struct waited *q)
{
	if (q->fd < 0 || q->armed)
		return;
	q->armed = rte_eth_dev_rx_intr_enable(q->id.port, q->id.queue) == 0;
}

void
queue_disarm(struct waited *q)
{
	shown_add(&q->interrupts, 1);
	/* Ours masks the vector as it sends the message; others would send one for each packet. */
	if (!q->moderated)
		rte_eth_dev_rx_intr_disable(q->id.port, q->id.queue);
	q->armed = false;
}

uint32_t
queue_found(const struct waited *q)
{
	int nb = q->counts ? rte_eth_rx_queue_count(q->id.port, q->id.queue) : 0;

	return nb < 0 ? 0 : nb;
}

/* Reading counters costs many register accesses, so only when there is a reason to. */
void
queue_count_missed(struct waited *q)
{
	struct rte_eth_stats stats;

	if (q->aic.params.missed == 0 || rte_eth_stats_get(q->id.port, &stats) < 0)
		return;
	/* Somebody may have reset them. */
	if (stats.imissed > q->port_missed)
		q->missed += stats.imissed - q->port_missed;
	q->port_missed = stats.imissed;
}
