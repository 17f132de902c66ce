/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What ethdev's register dump of a port has in it: ranges of registers that may be read at any
 * time. Left out are those that forget or take something by being read (causes, counters, mailbox
 * flags, semaphores) and those that cannot be read.
 */
#ifndef SLUICE_REG_DUMP_H
#define SLUICE_REG_DUMP_H

#include <stdint.h>

#include "family.h"

struct port;
struct rte_dev_reg_info;

struct reg_range {
	uint32_t offset;
	uint16_t count;
	uint16_t stride;	/**< bytes from one to the next; 0: 4 */
};

struct reg_ranges {
	const struct reg_range *range;
	uint16_t nb;
};

/** What a port's dump has in it, in this order; ranges may be empty. */
struct reg_dump {
	const struct reg_ranges *part[2];
	uint16_t nb_queues;	/**< register blocks, from the first on: Rx, then Tx */
};

/**
 * For get_reg: the length if there is no data, else the registers.
 *
 * @return 0; -EINVAL @p info wants some of them only
 */
int reg_dump(const struct port *port, const struct reg_dump *dump, struct rte_dev_reg_info *info);

#endif /* SLUICE_REG_DUMP_H */
