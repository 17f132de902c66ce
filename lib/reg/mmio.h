/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Slow-path register access: the only place, besides the queues' tail writes, that touches a BAR.
 *
 * Registers are 32 bits, little endian. Reads and writes are ordered with each other and with
 * earlier stores to memory (rte_io.h). Any thread; the callers lock what must not interleave.
 */
#ifndef SLUICE_MMIO_H
#define SLUICE_MMIO_H

#include <errno.h>
#include <stdint.h>

#include <rte_byteorder.h>
#include <rte_cycles.h>
#include <rte_io.h>

#include "reg.h"

/** What a read returns once the device has left the bus. */
#define REG_ALL_ONES UINT32_MAX

/** A mapped register window. */
struct mmio {
	volatile uint8_t *bar;
};

static inline uint32_t
reg_read(const struct mmio *io, struct reg reg)
{
	return rte_le_to_cpu_32(rte_read32(io->bar + reg.offset));
}

static inline void
reg_write(const struct mmio *io, struct reg reg, uint32_t value)
{
	rte_write32(rte_cpu_to_le_32(value), io->bar + reg.offset);
}

/** Read-modify-write: the bits of @p clear go to 0, then those of @p set to 1. */
static inline void
reg_update(const struct mmio *io, struct reg reg, uint32_t clear, uint32_t set)
{
	reg_write(io, reg, (reg_read(io, reg) & ~clear) | set);
}

/**
 * Wait until (register & mask) == wanted.
 *
 * @param step_us  pause between two reads, microseconds
 * @param tries    number of reads
 * @return 0, or -ETIMEDOUT
 */
static inline int
reg_poll(const struct mmio *io, struct reg reg, uint32_t mask, uint32_t wanted,
	 unsigned int step_us, unsigned int tries)
{
	while (tries-- > 0) {
		if ((reg_read(io, reg) & mask) == wanted)
			return 0;
		rte_delay_us_sleep(step_us);
	}
	return -ETIMEDOUT;
}

#endif /* SLUICE_MMIO_H */
