/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <rte_string_fns.h>

#include "queue.h"
#include "queue_interrupts.h"
#include "vf.h"

/* More than a second's worth of octets at 10 Gb/s: a counter that did not wrap but was cleared. */
#define DELTA_MAX (UINT32_MAX / 2)

static void
update_counter(const struct vf *vf, struct vf_counters *counters, unsigned int i)
{
	uint32_t now = vf_read(vf, vf->family->counters[i].reg);
	uint32_t delta = now - counters->last[i];

	counters->total[i] += delta > DELTA_MAX ? now : delta;
	counters->last[i] = now;
}

void
vf_counters_update(struct vf *vf)
{
	rte_spinlock_lock(&vf->counters.lock);
	if (vf_present(vf))
		for (unsigned int i = 0; i < vf->family->nb_counters; i++)
			update_counter(vf, &vf->counters, i);
	rte_spinlock_unlock(&vf->counters.lock);
}

void
vf_counters_rebase(struct vf *vf)
{
	rte_spinlock_lock(&vf->counters.lock);
	for (unsigned int i = 0; i < vf->family->nb_counters; i++)
		vf->counters.last[i] = vf_read(vf, vf->family->counters[i].reg);
	rte_spinlock_unlock(&vf->counters.lock);
}

int
vf_stats_get(struct rte_eth_dev *dev, struct rte_eth_stats *stats, struct eth_queue_stats *queues)
{
	queue_stats_add(dev, stats, queues);
	return 0;
}

int
vf_stats_reset(struct rte_eth_dev *dev)
{
	struct vf *vf = vf_of(dev);

	queue_stats_reset(dev);
	vf_counters_update(vf);
	rte_spinlock_lock(&vf->counters.lock);
	memset(vf->counters.total, 0, sizeof(vf->counters.total));
	rte_spinlock_unlock(&vf->counters.lock);
	return 0;
}

int
vf_xstats_get(struct rte_eth_dev *dev, struct rte_eth_xstat *xstats, unsigned int nb)
{
	struct vf *vf = vf_of(dev);
	unsigned int nb_counters = vf->family->nb_counters;
	unsigned int nb_fixed = nb_counters + vf_recover_xstats(dev, NULL);
	unsigned int all = nb_fixed + moderation_xstats(dev, NULL);

	if (nb < all)
		return all;
	/* A secondary process shows what the primary's watchdog read, within the last second. */
	if (rte_eal_process_type() == RTE_PROC_PRIMARY)
		vf_counters_update(vf);
	for (unsigned int i = 0; i < nb_counters; i++)
		xstats[i].value = vf->counters.total[i];
	vf_recover_xstats(dev, &xstats[nb_counters]);
	moderation_xstats(dev, &xstats[nb_fixed]);
	for (unsigned int i = 0; i < all; i++)
		xstats[i].id = i;
	return all;
}

int
vf_xstats_get_names(struct rte_eth_dev *dev, struct rte_eth_xstat_name *names, unsigned int nb)
{
	/* Of this process: the names are not in shared memory. */
	const struct vf_family *family = dev->process_private;
	unsigned int nb_fixed = family->nb_counters + vf_recover_xstats_names(NULL);
	unsigned int all = nb_fixed + moderation_xstats_names(dev, NULL);

	if (names == NULL || nb < all)
		return all;
	for (unsigned int i = 0; i < family->nb_counters; i++)
		strlcpy(names[i].name, family->counters[i].name, sizeof(names[i].name));
	vf_recover_xstats_names(&names[family->nb_counters]);
	moderation_xstats_names(dev, &names[nb_fixed]);
	return all;
}
