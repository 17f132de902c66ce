/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * All drivers' tables: a family that a driver gains is a row here.
 */
#include "driver.h"

static const struct {
	const char *name, *model;
	const struct pf_family *family;
	void (*list)(struct regmap_list *list, const void *family);
	const struct regmap_field *field;
	const unsigned int *nb_fields;
	const char *header;
	const char *const *no_field;
} pfs[] = {
	{ "82576 PF", "82576", &pf_family_82576, list_pf_82576, fields_82576, &nb_fields_82576,
	  "pf/regs_82576.h", no_field_82576 },
	{ "I350 PF", "i350", &pf_family_i350, list_pf_i350, fields_82576, &nb_fields_82576,
	  "pf/regs_82576.h", no_field_82576 },
	{ "82599 PF", "82599", &pf_family_82599, list_pf_82599, fields_82599, &nb_fields_82599,
	  "pf/regs_82599.h", no_field_82599 },
	{ "X540 PF", "x540", &pf_family_x540, list_pf_82599, fields_82599, &nb_fields_82599,
	  "pf/regs_82599.h", no_field_82599 },
	{ "X550 PF", "x550", &pf_family_x550, list_pf_82599, fields_82599, &nb_fields_82599,
	  NULL, no_field_82599 },
};

static const struct {
	const char *name, *model;
	const struct vf_family *family;
	void (*list)(struct regmap_list *list, const void *family);
} vfs[] = {
	{ "82576 VF", "82576", &vf_family_82576, list_vf_82576 },
	{ "I350 VF", "i350", &vf_family_i350, list_vf_82576 },
	{ "82599 VF", "82599", &vf_family_82599, list_vf_82599 },
	{ "X540 VF", "x540", &vf_family_x540, list_vf_82599 },
	{ "X550 VF", "x550", &vf_family_x550, list_vf_82599 },
};

/* One that every VF has, however many pools share the device; not its first, if it has more. */
static uint16_t
vf_queue(const struct vf_family *family)
{
	return family->queues->max_queues > 1 ? 1 : 0;
}

static struct regmap_queue
queue_of(const struct family *family, uint16_t which)
{
	return (struct regmap_queue){
		.nb = family->rxq.count,
		.which = which,
		.rx_block = queue_reg(&family->rxq, which, 0).offset,
		.tx_block = queue_reg(&family->txq, which, 0).offset,
		.srrctl = queue_reg(&family->rxq, which, family->rxq_srrctl).offset,
		.srrctl_2k_drop = family->srrctl_one_buffer | family->srrctl_drop_en |
				  field_set(family->srrctl_buffer_kb, 0, 2),
		.srrctl_low = family->srrctl_one_buffer |
			      field_set(family->srrctl_low_threshold, 0, 5),
		.low_threshold = 5 * family->low_threshold_unit,
		.eitr_100_ticks = field_set(family->eitr_interval, 0, 100),
		.eitr_restarted = field_set(family->eitr_interval, 0, 96) |
				  field_set(family->vectors.counter, 0,
					    96 / family->vectors.counter_ticks),
		.eitr_tick_ns = family->eitr_tick_ns,
		.rxd_errors = family->rxd_errors,
	};
}

static void
fill_pf(struct regmap_driver *driver, unsigned int i)
{
	const struct pf_family *family = pfs[i].family;

	*driver = (struct regmap_driver){
		.name = pfs[i].name,
		.model = pfs[i].model,
		.list = pfs[i].list,
		.family = family,
		.field = pfs[i].field,
		.nb_fields = *pfs[i].nb_fields,
		.limits = {
			.pools = family->nb_pools,
			.vfs = family->max_vfs,
			.rars = family->nb_rar,
			.vlvfs = family->nb_vlvf,
			.vf_queues = family->vf_queues,
			.vf_step = family->vf_step,
			.vf_queue_step = family->vf_queue_step,
		},
		.queue = queue_of(family->queues, family->queues->rxq.count - 1),
		.header = pfs[i].header,
		.no_field = pfs[i].no_field,
	};
}

bool
regmap_driver(unsigned int i, struct regmap_driver *driver)
{
	if (i < ARRAY_LEN(pfs)) {
		fill_pf(driver, i);
		return true;
	}
	i -= ARRAY_LEN(pfs);
	if (i >= ARRAY_LEN(vfs))
		return false;
	*driver = (struct regmap_driver){
		.name = vfs[i].name,
		.model = vfs[i].model,
		.vf = true,
		.list = vfs[i].list,
		.family = vfs[i].family,
		.queue = queue_of(vfs[i].family->queues, vf_queue(vfs[i].family)),
	};
	return true;
}
