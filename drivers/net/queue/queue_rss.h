/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * RSS: a Toeplitz hash of a frame's addresses and ports, and a table that makes it a queue.
 *
 * The books are what ethdev set, and what queries tell; registers follow them. A port whose hash
 * and table are somebody else's has books without registers.
 */
#ifndef SLUICE_QUEUE_RSS_H
#define SLUICE_QUEUE_RSS_H

#include <stdbool.h>
#include <stdint.h>

#include "mmio.h"
#include "reg.h"

#define RSS_KEY_BYTES 40
#define RSS_TABLE_MAX 512
#define RSS_TABLE_LOW 128	/* entries of the table's first part */

struct rte_eth_dev;
struct rte_eth_dev_info;
struct rte_eth_rss_conf;
struct rte_eth_rss_reta_entry64;

/** Where a hash and a table are, and what they can. */
struct rss_regs {
	struct reg control;		/**< MRQC or VFMRQC: bits from 16 on are frame types */
	uint32_t on, off;		/**< all of its value but the types; and without RSS */
	struct reg key, table;
	struct reg table_high;		/**< entries from RSS_TABLE_LOW on; 0: none */
	uint32_t control_stride, block_stride;	/**< from one pool's to the next's */
	uint64_t types;			/**< RTE_ETH_RSS_* that it can hash */
	uint32_t with_ipv6_tcp;		/**< bits of control that go with TCP over IPv6 */
	uint16_t entries;		/**< of the table; 0: there is no RSS here */
	uint16_t queues;		/**< how many an entry can tell apart */
	uint8_t entry_unit;		/**< what queue 1 is in an entry; 0: 1 */
	bool by_pool;			/**< a power of two of a pool's queues, chosen elsewhere */
	bool shared;			/**< other ports use it too */
};

/** A port's RSS. */
struct rss {
	struct rss_regs regs;		/**< a copy: secondary processes read it too */
	uint16_t pool;
	uint64_t types;			/**< RTE_ETH_RSS_* in use; 0: all frames go to queue 0 */
	uint8_t key[RSS_KEY_BYTES];
	uint8_t table[RSS_TABLE_MAX];
};

/** What is hashed unless somebody wants it otherwise: IPv4, IPv6, and TCP over both. */
extern const uint64_t rss_default_types;

/**
 * Books of a port that nobody has configured yet: a random key, no types.
 *
 * @param regs  NULL: the port has no say in its RSS
 */
void rss_init(struct rss *rss, const struct rss_regs *regs, uint16_t pool);

/**
 * Follow the application's configuration: of dev_conf.
 *
 * @return 0; -ENOTSUP, -EINVAL after a line in the log
 */
int rss_configure(const struct rte_eth_dev *dev);

/** Write all of the books to the registers. */
void rss_write(const struct mmio *io, const struct rss *rss);

/** Of a pool's queues, how many the port's frames are spread over, as log2; 0: no RSS. */
uint8_t rss_spread(const struct rte_eth_dev *dev);

/** The members of dev_info that tell of RSS; after queue_dev_info(), whose hash not all have. */
void rss_dev_info(const struct rte_eth_dev *dev, struct rte_eth_dev_info *info);

/* As the dev_ops of these names do it, on a port that has RSS of its own. The table is also
 * written to the registers at once, and so are key and types. */
int rss_update(struct rte_eth_dev *dev, const struct rte_eth_rss_conf *conf);
int rss_conf_get(const struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf);
int rss_table_update(struct rte_eth_dev *dev, const struct rte_eth_rss_reta_entry64 *table,
		     uint16_t size);
int rss_table_query(const struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *table,
		    uint16_t size);

/**
 * Give the caller's structures what was found.
 *
 * @return 0; -EINVAL: they have not the size, after a line in the log
 */
int rss_conf_tell(uint16_t port_id, struct rte_eth_rss_conf *conf, uint64_t types,
		  const uint8_t key[RSS_KEY_BYTES]);
int rss_table_check_size(uint16_t port_id, uint16_t size, uint16_t entries);

#endif /* SLUICE_QUEUE_RSS_H */
