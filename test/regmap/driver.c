/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver.h"
#include "message.h"

static const struct {
	const char *model;
	uint32_t offset;
} rx_block[] = {
	{ "VFRDBAL", RXQ_RDBAL }, { "VFRDBAH", RXQ_RDBAH }, { "VFRDLEN", RXQ_RDLEN },
	{ "VFRDH", RXQ_RDH }, { "VFRDT", RXQ_RDT }, { "VFRXDCTL", RXQ_RXDCTL },
}, tx_block[] = {
	{ "VFTDBAL", TXQ_TDBAL }, { "VFTDBAH", TXQ_TDBAH }, { "VFTDLEN", TXQ_TDLEN },
	{ "VFTDH", TXQ_TDH }, { "VFTDT", TXQ_TDT }, { "VFTXDCTL", TXQ_TXDCTL },
	{ "VFTDWBAL", TXQ_TDWBAL }, { "VFTDWBAH", TXQ_TDWBAH },
};

static void
list_bank(struct regmap_list *list, const struct queue_bank *bank, bool vf_names,
	  const char *model, uint32_t in_block)
{
	unsigned int q;

	/* "VFRDT" or "VFRDT": the model's name begins with what the sheet calls a VF's. */
	if (!vf_names)
		model += sizeof("VF") - 1;

	for (q = 0; q < bank->count; q++)
		regmap_add(list, "struct family", model, q,
			   queue_reg(bank, (uint16_t)q, in_block).offset);
	regmap_add_complete(list, model, bank->count);
}

/* The masks of more than 32 vectors have a row of their own, which has all. */
static void
list_vectors(struct regmap_list *list, const struct family *family, bool vf_names)
{
	const struct vectors *vectors = &family->vectors;
	bool many = vectors->count > 32;
	uint16_t v, q;

	for (v = 0; v < vectors->count; v += 32) {
		regmap_add(list, "vectors.enable", vf_names ? "VTEIMS" : many ? "EIMS_EX" : "EIMS",
			   v / 32, vectors->enable + v / 8);
		regmap_add(list, "vectors.disable", vf_names ? "VTEIMC" : many ? "EIMC_EX" : "EIMC",
			   v / 32, vectors->disable + v / 8);
	}
	if (vectors->nb_acknowledge != 0)
		regmap_add(list, "vectors.acknowledge", vf_names ? "VTEICR" : "EICR", 0,
			   vectors->acknowledge);
	for (v = 0; v < vectors->count; v++)
		regmap_add(list, "vectors.throttle", vf_names ? "VTEITR" : "EITR", v,
			   queue_reg(&vectors->throttle, v, 0).offset);
	for (q = 0; q < family->rxq.count; q += 2)
		regmap_add(list, "vectors.ivar", vf_names ? "VTIVAR" : "IVAR", q / 2,
			   vectors->ivar + q / 2 * 4);
}

void
list_queues(struct regmap_list *list, const struct family *family, bool vf_names)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(rx_block); i++)
		list_bank(list, &family->rxq, vf_names, rx_block[i].model,
			  rx_block[i].offset);
	for (i = 0; i < ARRAY_LEN(tx_block); i++)
		list_bank(list, &family->txq, vf_names, tx_block[i].model,
			  tx_block[i].offset);
	list_bank(list, &family->rxq, vf_names, "VFSRRCTL", family->rxq_srrctl);
	if (family->rxq_dropped != 0)
		list_bank(list, &family->rxq, vf_names, "VFRQDPC", family->rxq_dropped);
	if (family->rxq_dca != 0)
		list_bank(list, &family->rxq, vf_names, "VFDCA_RXCTRL", family->rxq_dca);
	if (family->txq_dca != 0)
		list_bank(list, &family->txq, vf_names, "VFDCA_TXCTRL", family->txq_dca);
}

void
list_pf_family(struct regmap_list *list, const struct pf_family *family,
	       const char *mailbox_control, const char *mailbox_memory,
	       const char *const pool_counter[POOL_NB_COUNTERS])
{
	unsigned int vf, i;

	list_vectors(list, family->queues, false);
	for (vf = 0; vf < family->max_vfs; vf++) {
		regmap_add(list, "mailbox_control", mailbox_control, vf,
			   family->mailbox_control + vf * family->mailbox_control_stride);
		for (i = 0; i < MBX_WORDS; i++)
			regmap_add(list, "mailbox_memory", mailbox_memory, vf * MBX_WORDS + i,
				   family->mailbox_memory +
				   vf * family->mailbox_memory_stride + 4 * i);
		for (i = 0; i < POOL_NB_COUNTERS; i++)
			regmap_add(list, "pool_counters", pool_counter[i], vf,
				   family->pool_counters[i].base +
				   vf * family->pool_counters[i].stride);
	}
}

void
list_vf_family(struct regmap_list *list, const struct vf_family *vf,
	       const char *const name[VF_NB_NAMES])
{
	unsigned int i;

	list_vectors(list, vf->queues, true);
	regmap_add(list, "control", name[VF_CONTROL], 0, vf->control.offset);
	regmap_add(list, "status", name[VF_STATUS], 0, vf->status.offset);
	regmap_add(list, "link", name[VF_LINK], 0, vf->link.offset);
	regmap_add(list, "mailbox", name[VF_MAILBOX], 0, vf->mailbox.offset);
	for (i = 0; i < MBX_WORDS; i++)
		regmap_add(list, "mailbox_memory", name[VF_MAILBOX_MEMORY], i,
			   vf->mailbox_memory.offset + 4 * i);
	regmap_add_complete(list, name[VF_MAILBOX_MEMORY], MBX_WORDS);
	regmap_add(list, "header_split", name[VF_HEADER_SPLIT], 0, vf->header_split.offset);
	regmap_add(list, "vector_cause", "VTEICR", 0, vf->vector_cause.offset);
	regmap_add(list, "vector_auto_clear", "VTEIAC", 0, vf->vector_auto_clear.offset);
	regmap_add(list, "vector_auto_mask", "VTEIAM", 0, vf->vector_auto_mask.offset);
	regmap_add(list, "mailbox_vector", "VTIVAR_MISC", 0, vf->mailbox_vector.offset);
}

static const char *
model_name(const struct counter_name *name, unsigned int nb, const char *driver)
{
	unsigned int i;

	for (i = 0; i < nb; i++)
		if (strcmp(name[i].driver, driver) == 0)
			return name[i].model;
	return "none that regmap knows\0none";	/* which no row has: the test says where */
}

/* "PRC#2" is register 2 of row PRC. */
static void
add_counter(struct regmap_list *list, const struct pf_counter *counter, const char *model)
{
	static char rows[16][16];
	const char *number = strchr(model, '#');
	char row[16];
	size_t i;

	if (number == NULL) {
		regmap_add(list, counter->name, model, 0, counter->offset);
		return;
	}
	snprintf(row, sizeof(row), "%.*s", (int)(number - model), model);
	/* The list keeps pointers to names. */
	for (i = 0; i < ARRAY_LEN(rows) - 1; i++)
		if (rows[i][0] == '\0' || strcmp(rows[i], row) == 0)
			break;
	memcpy(rows[i], row, sizeof(row));
	regmap_add(list, counter->name, rows[i], (unsigned int)atoi(number + 1), counter->offset);
}

void
list_pf_counters(struct regmap_list *list, const struct pf_family *family,
		 const struct counter_name *name, unsigned int nb)
{
	unsigned int i;

	for (i = 0; i < family->nb_counters; i++) {
		const struct pf_counter *counter = &family->counters[i];
		const char *model = model_name(name, nb, counter->name);

		/* "GORCL GORCH": low and high. */
		if (counter->wide) {
			regmap_add(list, counter->name, model, 0, counter->offset);
			regmap_add(list, counter->name, model + strlen(model) + 1, 0,
				   counter->offset + 4);
		} else {
			add_counter(list, counter, model);
		}
	}
}

void
list_vf_counters(struct regmap_list *list, const struct vf_family *family,
		 const struct counter_name *name, unsigned int nb)
{
	unsigned int i;

	for (i = 0; i < family->nb_counters; i++)
		regmap_add(list, family->counters[i].name,
			   model_name(name, nb, family->counters[i].name), 0,
			   family->counters[i].reg.offset);
}
