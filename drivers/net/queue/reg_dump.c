/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>

#include "dpdk_compat.h"
#include "port.h"
#include "reg_dump.h"

/* Of a queue's block, beside SRRCTL; not the count of drops, which reading clears. */
static const uint8_t rx_block[] = { RXQ_RDBAL, RXQ_RDBAH, RXQ_RDLEN, RXQ_RDH, RXQ_RDT, RXQ_RXDCTL };
static const uint8_t tx_block[] = { TXQ_TDBAL, TXQ_TDBAH, TXQ_TDLEN, TXQ_TDH, TXQ_TDT, TXQ_TXDCTL,
				    TXQ_TDWBAL, TXQ_TDWBAH };

/* Where to, and how many so far; without a place they are only counted. */
struct sink {
	const struct mmio *io;
	uint32_t *to;
	uint32_t nb;
};

static void
add(struct sink *sink, struct reg reg)
{
	if (sink->to != NULL)
		sink->to[sink->nb] = reg_read(sink->io, reg);
	sink->nb++;
}

static void
add_ranges(struct sink *sink, const struct reg_ranges *ranges)
{
	for (uint16_t i = 0; ranges != NULL && i < ranges->nb; i++) {
		const struct reg_range *range = &ranges->range[i];
		uint32_t stride = range->stride == 0 ? sizeof(uint32_t) : range->stride;

		for (uint16_t j = 0; j < range->count; j++)
			add(sink, (struct reg){ range->offset + j * stride });
	}
}

static void
add_queues(struct sink *sink, const struct family *family, uint16_t nb)
{
	for (uint16_t q = 0; q < nb; q++) {
		for (size_t i = 0; i < ARRAY_LEN(rx_block); i++)
			add(sink, queue_reg(&family->rxq, q, rx_block[i]));
		add(sink, queue_reg(&family->rxq, q, family->rxq_srrctl));
	}
	for (uint16_t q = 0; q < nb; q++)
		for (size_t i = 0; i < ARRAY_LEN(tx_block); i++)
			add(sink, queue_reg(&family->txq, q, tx_block[i]));
}

static void
add_all(struct sink *sink, const struct port *port, const struct reg_dump *dump)
{
	for (size_t i = 0; i < ARRAY_LEN(dump->part); i++)
		add_ranges(sink, dump->part[i]);
	add_queues(sink, port->family, dump->nb_queues);
}

int
reg_dump(const struct port *port, const struct reg_dump *dump, struct rte_dev_reg_info *info)
{
	struct sink sink = { .io = &port->io };

	add_all(&sink, port, dump);
	info->width = sizeof(uint32_t);
	/* 0 is how ethdev's users ask for all of them. */
	if (info->data != NULL && info->length != 0 && info->length != sink.nb)
		return -EINVAL;
	info->length = sink.nb;
	if (info->data == NULL)
		return 0;
	sink = (struct sink){ .io = &port->io, .to = info->data };
	add_all(&sink, port, dump);
	return 0;
}
