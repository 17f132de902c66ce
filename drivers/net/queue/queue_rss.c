/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <string.h>

#include <rte_random.h>

#include "dpdk_compat.h"
#include "port.h"
#include "queue_log.h"
#include "queue_rss.h"

#define TYPES_SHIFT	16
#define ENTRIES_A_WORD	4
#define KEY_WORDS	(RSS_KEY_BYTES / 4)

/* Bit 16 and up of MRQC: 82576 sheet, 5.5; 82599 sheet, 3.5. */
static const uint64_t type_of_bit[] = {
	RTE_ETH_RSS_NONFRAG_IPV4_TCP,
	RTE_ETH_RSS_IPV4,
	RTE_ETH_RSS_IPV6_TCP_EX,
	RTE_ETH_RSS_IPV6_EX,
	RTE_ETH_RSS_IPV6,
	RTE_ETH_RSS_NONFRAG_IPV6_TCP,
	RTE_ETH_RSS_NONFRAG_IPV4_UDP,
	RTE_ETH_RSS_NONFRAG_IPV6_UDP,
	RTE_ETH_RSS_IPV6_UDP_EX,
};

const uint64_t rss_default_types = RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_IPV6 |
	RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_NONFRAG_IPV6_TCP;

static struct rss *
rss_of(const struct rte_eth_dev *dev)
{
	struct port *port = dev->data->dev_private;

	return &port->rss;
}

/** Of the port's queues, how many get frames. */
static uint16_t
queues_used(const struct rss *rss, uint16_t nb_queues)
{
	uint16_t nb = RTE_MAX(RTE_MIN(nb_queues, rss->regs.queues), 1);

	return rss->regs.by_pool ? rte_align32prevpow2(nb) : nb;
}

/* Round robin. Others spread over all of their queues by a shared table, however few we use. */
static void
fill_table(struct rss *rss, uint16_t nb_queues)
{
	uint16_t nb = rss->regs.shared ? rss->regs.queues : queues_used(rss, nb_queues);
	uint16_t i;

	for (i = 0; i < rss->regs.entries; i++)
		rss->table[i] = i % nb;
}

void
rss_init(struct rss *rss, const struct rss_regs *regs, uint16_t pool)
{
	unsigned int i;

	memset(rss, 0, sizeof(*rss));
	if (regs == NULL)
		return;
	rss->regs = *regs;
	rss->pool = pool;
	/* A key that is known tells how to overload one queue. */
	for (i = 0; i < RSS_KEY_BYTES; i++)
		rss->key[i] = (uint8_t)rte_rand();
	fill_table(rss, 1);
}

static struct reg
word_of(struct reg first, uint32_t words, uint32_t bytes)
{
	return (struct reg){ first.offset + words * 4 + bytes };
}

static void
write_control(const struct mmio *io, const struct rss *rss)
{
	const struct rss_regs *regs = &rss->regs;
	uint64_t types = rss->types;
	uint32_t word = regs->on;
	unsigned int i;

	/* VFs are spread even if the PF is not. */
	if (types == 0 && regs->shared)
		types = rss_default_types;
	for (i = 0; i < RTE_DIM(type_of_bit); i++)
		if ((types & type_of_bit[i]) != 0)
			word |= BIT(TYPES_SHIFT + i);
	if ((types & RTE_ETH_RSS_NONFRAG_IPV6_TCP) != 0)
		word |= regs->with_ipv6_tcp;
	reg_write(io, word_of(regs->control, 0, rss->pool * regs->control_stride),
		  types != 0 ? word : regs->off);
}

static void
write_key(const struct mmio *io, const struct rss *rss)
{
	const uint8_t *key = rss->key;
	uint32_t i;

	for (i = 0; i < KEY_WORDS; i++, key += 4)
		reg_write(io, word_of(rss->regs.key, i, rss->pool * rss->regs.block_stride),
			  key[0] | key[1] << 8 | key[2] << 16 | (uint32_t)key[3] << 24);
}

static void
write_table_word(const struct mmio *io, const struct rss *rss, uint32_t i)
{
	const struct rss_regs *regs = &rss->regs;
	const uint32_t low = RSS_TABLE_LOW / ENTRIES_A_WORD;
	uint32_t unit = regs->entry_unit != 0 ? regs->entry_unit : 1;
	struct reg reg = word_of(regs->table, i, rss->pool * regs->block_stride);
	uint32_t word = 0;
	unsigned int n;

	if (i >= low)
		reg = word_of(regs->table_high, i - low, 0);
	for (n = 0; n < ENTRIES_A_WORD; n++)
		word |= rss->table[ENTRIES_A_WORD * i + n] * unit << (8 * n);
	reg_write(io, reg, word);
}

void
rss_write(const struct mmio *io, const struct rss *rss)
{
	uint32_t i;

	if (rss->regs.entries == 0)
		return;
	write_key(io, rss);
	for (i = 0; i < rss->regs.entries / ENTRIES_A_WORD; i++)
		write_table_word(io, rss, i);
	write_control(io, rss);
}

uint8_t
rss_spread(const struct rte_eth_dev *dev)
{
	const struct rss *rss = rss_of(dev);

	if (rss->types == 0)
		return 0;
	return rte_log2_u32(queues_used(rss, dev->data->nb_rx_queues));
}

void
rss_dev_info(const struct rte_eth_dev *dev, struct rte_eth_dev_info *info)
{
	const struct rss *rss = rss_of(dev);

	info->reta_size = rss->regs.entries;
	info->hash_key_size = rss->regs.entries != 0 ? RSS_KEY_BYTES : 0;
	info->flow_type_rss_offloads = rss->regs.types;
	if (rss->regs.types != 0)
		return;
	/* One queue: nothing is hashed. */
	info->rx_offload_capa &= ~RTE_ETH_RX_OFFLOAD_RSS_HASH;
	info->rx_queue_offload_capa &= ~RTE_ETH_RX_OFFLOAD_RSS_HASH;
}

static int
check_modes(const struct rte_eth_dev *dev)
{
	const struct rte_eth_conf *conf = &dev->data->dev_conf;
	uint16_t port_id = dev->data->port_id;

	if ((conf->rxmode.mq_mode & ~RTE_ETH_MQ_RX_RSS_FLAG) != 0) {
		QUEUE_LOG(ERR, "port %u: rxmode.mq_mode 0x%x: allowed are NONE (0x%x) and"
			  " RSS (0x%x)", port_id, conf->rxmode.mq_mode, RTE_ETH_MQ_RX_NONE,
			  RTE_ETH_MQ_RX_RSS);
		return -ENOTSUP;
	}
	if (conf->txmode.mq_mode != RTE_ETH_MQ_TX_NONE) {
		QUEUE_LOG(ERR, "port %u: txmode.mq_mode %u: allowed is NONE (%u)", port_id,
			  conf->txmode.mq_mode, RTE_ETH_MQ_TX_NONE);
		return -ENOTSUP;
	}
	return 0;
}

static int
check_key(uint16_t port_id, const struct rte_eth_rss_conf *conf)
{
	if (conf->rss_key == NULL || conf->rss_key_len == RSS_KEY_BYTES)
		return 0;
	QUEUE_LOG(ERR, "port %u: an RSS key of %u bytes: allowed are %u", port_id,
		  conf->rss_key_len, RSS_KEY_BYTES);
	return -EINVAL;
}

static void
set_key(struct rss *rss, const struct rte_eth_rss_conf *conf)
{
	if (conf->rss_key != NULL)
		memcpy(rss->key, conf->rss_key, RSS_KEY_BYTES);
}

int
rss_configure(const struct rte_eth_dev *dev)
{
	const struct rte_eth_conf *conf = &dev->data->dev_conf;
	const struct rte_eth_rss_conf *wanted = &conf->rx_adv_conf.rss_conf;
	struct rss *rss = rss_of(dev);
	int rc = check_modes(dev);
	uint16_t used;

	if (rc < 0)
		return rc;
	rss->types = 0;
	if ((conf->rxmode.mq_mode & RTE_ETH_MQ_RX_RSS_FLAG) != 0) {
		rc = check_key(dev->data->port_id, wanted);
		if (rc < 0)
			return rc;
		set_key(rss, wanted);
		rss->types = wanted->rss_hf;
	}
	fill_table(rss, dev->data->nb_rx_queues);
	used = queues_used(rss, dev->data->nb_rx_queues);
	if (rss->types != 0 && dev->data->nb_rx_queues > used)
		QUEUE_LOG(NOTICE, "port %u: RSS spreads over the first %u of %u Rx queues",
			  dev->data->port_id, used, dev->data->nb_rx_queues);
	return 0;
}

/* ethdev has compared the types with those of dev_info. */
int
rss_update(struct rte_eth_dev *dev, const struct rte_eth_rss_conf *conf)
{
	const struct port *port = dev->data->dev_private;
	struct rss *rss = rss_of(dev);
	int rc = check_key(dev->data->port_id, conf);

	if (rc < 0)
		return rc;
	set_key(rss, conf);
	rss->types = conf->rss_hf;
	write_key(&port->io, rss);
	write_control(&port->io, rss);
	return 0;
}

int
rss_conf_tell(uint16_t port_id, struct rte_eth_rss_conf *conf, uint64_t types,
	      const uint8_t key[RSS_KEY_BYTES])
{
	if (conf->rss_key != NULL && conf->rss_key_len < RSS_KEY_BYTES) {
		QUEUE_LOG(ERR, "port %u: room for an RSS key of %u bytes: it has %u", port_id,
			  conf->rss_key_len, RSS_KEY_BYTES);
		return -EINVAL;
	}
	conf->rss_hf = types;
	conf->rss_key_len = RSS_KEY_BYTES;
	if (conf->rss_key != NULL)
		memcpy(conf->rss_key, key, RSS_KEY_BYTES);
	return 0;
}

int
rss_conf_get(const struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf)
{
	const struct rss *rss = rss_of(dev);

	return rss_conf_tell(dev->data->port_id, conf, rss->types, rss->key);
}

int
rss_table_check_size(uint16_t port_id, uint16_t size, uint16_t entries)
{
	if (size == entries)
		return 0;
	QUEUE_LOG(ERR, "port %u: an RSS table of %u entries: it has %u", port_id, size, entries);
	return -EINVAL;
}

static bool
is_asked_for(const struct rte_eth_rss_reta_entry64 *table, uint16_t i)
{
	return (table[i / RTE_ETH_RETA_GROUP_SIZE].mask &
		RTE_BIT64(i % RTE_ETH_RETA_GROUP_SIZE)) != 0;
}

static int
check_entries(const struct rte_eth_dev *dev, const struct rte_eth_rss_reta_entry64 *table)
{
	const struct rss *rss = rss_of(dev);
	uint16_t nb = queues_used(rss, dev->data->nb_rx_queues);
	uint16_t i, queue;

	for (i = 0; i < rss->regs.entries; i++) {
		queue = table[i / RTE_ETH_RETA_GROUP_SIZE].reta[i % RTE_ETH_RETA_GROUP_SIZE];
		if (!is_asked_for(table, i) || queue < nb)
			continue;
		QUEUE_LOG(ERR, "port %u: RSS table entry %u: queue %u: allowed is 0 to %u",
			  dev->data->port_id, i, queue, nb - 1);
		return -EINVAL;
	}
	return 0;
}

int
rss_table_update(struct rte_eth_dev *dev, const struct rte_eth_rss_reta_entry64 *table,
		 uint16_t size)
{
	const struct port *port = dev->data->dev_private;
	struct rss *rss = rss_of(dev);
	uint16_t i;
	int rc = rss_table_check_size(dev->data->port_id, size, rss->regs.entries);

	if (rc == 0)
		rc = check_entries(dev, table);
	if (rc < 0)
		return rc;
	for (i = 0; i < size; i++) {
		if (is_asked_for(table, i))
			rss->table[i] = table[i / RTE_ETH_RETA_GROUP_SIZE]
						.reta[i % RTE_ETH_RETA_GROUP_SIZE];
		if (i % ENTRIES_A_WORD == ENTRIES_A_WORD - 1)
			write_table_word(&port->io, rss, i / ENTRIES_A_WORD);
	}
	return 0;
}

/* Of a shared entry the device reads as many bits as the port has queues. */
int
rss_table_query(const struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *table,
		uint16_t size)
{
	const struct rss *rss = rss_of(dev);
	uint16_t nb = queues_used(rss, dev->data->nb_rx_queues);
	uint16_t i;
	int rc = rss_table_check_size(dev->data->port_id, size, rss->regs.entries);

	for (i = 0; i < size && rc == 0; i++)
		if (is_asked_for(table, i))
			table[i / RTE_ETH_RETA_GROUP_SIZE].reta[i % RTE_ETH_RETA_GROUP_SIZE] =
				rss->regs.by_pool ? rss->table[i] % nb : rss->table[i];
	return rc;
}
