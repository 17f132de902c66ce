/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <rte_random.h>

#include "vf.h"

static struct reg
word_of(struct reg first, unsigned int i)
{
	return (struct reg){ first.offset + i * (uint32_t)sizeof(uint32_t) };
}

/* Four entries a word, each the number of a queue. */
static void
set_up_own_rss(struct vf *vf, uint32_t nb_queues)
{
	const struct vf_family *family = vf->family;
	unsigned int i, entry;

	for (i = 0; i < family->rss_key_words; i++)
		vf_write(vf, word_of(family->rss_key, i), (uint32_t)rte_rand());
	for (i = 0; i < family->rss_table_words; i++) {
		uint32_t word = 0;

		for (entry = 0; entry < 4; entry++)
			word |= (4 * i + entry) % nb_queues << (8 * entry);
		vf_write(vf, word_of(family->rss_table, i), word);
	}
	vf_write(vf, family->rss_control, nb_queues > 1 ? family->rss_enable : 0);
}

void
vf_spread(struct rte_eth_dev *dev)
{
	struct vf *vf = vf_of(dev);
	const struct vf_family *family = vf->family;
	uint32_t log2 = rte_log2_u32(rte_align32prevpow2(RTE_MAX(dev->data->nb_rx_queues, 1)));
	uint32_t word = 0;

	if (family->spread != 0)
		word = field_set(family->spread, word, log2);
	vf_write(vf, family->header_split, word);
	if (family->rss_control.offset != 0)
		set_up_own_rss(vf, UINT32_C(1) << log2);
}
