/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Bytes from the memory of a module in the cage, over two wires moved by hand (82599 sheet, 2.8).
 *
 * Standard mode, 100 kHz: each wire holds its level for HALF_BIT_US. A wire that is let go reads 1
 * unless the other side pulls it down. The layout of I2CCTL is the 82599's.
 */
#include <errno.h>

#include "log.h"
#include "regs_82599.h"
#include "xgbe.h"

#define HALF_BIT_US   5
#define STRETCH_TRIES 100	/* of HALF_BIT_US: how long a module may hold the clock down */
#define ACK_TRIES     10
#define MODULE	      0xa0	/* its address, as the first byte of a write */
#define READ	      0x01	/* or-ed to that */

/* Set one wire, and wait for it; to sleep would take ten times as long, and 7000 times a page. */
static void
set_wire(const struct mmio *io, uint32_t wire, bool high)
{
	reg_update(io, REG_I2CCTL, wire, high ? wire : 0);
	rte_delay_us_block(HALF_BIT_US);
}

static void
raise_clock(const struct mmio *io)
{
	set_wire(io, I2C_CLOCK_OUT, true);
	/* Time is up in any case: a module that never lets go is found by its missing answer. */
	(void)reg_poll(io, REG_I2CCTL, I2C_CLOCK_IN, I2C_CLOCK_IN, HALF_BIT_US, STRETCH_TRIES);
}

static void
write_bit(const struct mmio *io, bool bit)
{
	set_wire(io, I2C_DATA_OUT, bit);
	raise_clock(io);
	set_wire(io, I2C_CLOCK_OUT, false);
}

static bool
read_bit(const struct mmio *io)
{
	bool bit;

	set_wire(io, I2C_DATA_OUT, true);
	raise_clock(io);
	bit = (reg_read(io, REG_I2CCTL) & I2C_DATA_IN) != 0;
	set_wire(io, I2C_CLOCK_OUT, false);
	return bit;
}

static void
start(const struct mmio *io)
{
	set_wire(io, I2C_DATA_OUT, true);
	raise_clock(io);
	set_wire(io, I2C_DATA_OUT, false);
	set_wire(io, I2C_CLOCK_OUT, false);
}

static void
stop(const struct mmio *io)
{
	set_wire(io, I2C_DATA_OUT, false);
	raise_clock(io);
	set_wire(io, I2C_DATA_OUT, true);
}

/* 0, or -EIO: nobody pulled the data wire down to say that it got the byte. */
static int
write_byte(const struct mmio *io, uint8_t byte)
{
	int rc;

	for (int bit = 7; bit >= 0; bit--)
		write_bit(io, (byte >> bit & 1) != 0);
	set_wire(io, I2C_DATA_OUT, true);
	raise_clock(io);
	rc = reg_poll(io, REG_I2CCTL, I2C_DATA_IN, 0, 1, ACK_TRIES);
	set_wire(io, I2C_CLOCK_OUT, false);
	return rc < 0 ? -EIO : 0;
}

static uint8_t
read_byte(const struct mmio *io, bool last)
{
	uint8_t byte = 0;

	for (int bit = 7; bit >= 0; bit--)
		byte |= read_bit(io) << bit;
	write_bit(io, last);	/* 1: no more, please */
	return byte;
}

static int
read_bytes(const struct mmio *io, uint8_t device, uint8_t from, uint8_t *bytes, unsigned int nb)
{
	int rc;

	start(io);
	rc = write_byte(io, device);
	if (rc == 0)
		rc = write_byte(io, from);
	if (rc == 0) {
		start(io);
		rc = write_byte(io, device | READ);
	}
	for (unsigned int i = 0; rc == 0 && i < nb; i++)
		bytes[i] = read_byte(io, i + 1 == nb);
	stop(io);
	return rc;
}

int
xgbe_read_module_bytes(struct pf *pf, uint8_t device, uint8_t from, uint8_t *bytes,
		       unsigned int nb)
{
	uint32_t resource = SYNC_PHY(xgbe_port_number(pf));
	int rc = pf_lock_resource(pf, resource);

	if (rc < 0)
		return rc;
	rc = read_bytes(&pf->port.io, device, from, bytes, nb);
	pf_unlock_resource(pf, resource);
	return rc;
}

int
xgbe_read_module(struct pf *pf, uint8_t address, uint8_t *byte)
{
	return xgbe_read_module_bytes(pf, MODULE, address, byte, 1);
}
