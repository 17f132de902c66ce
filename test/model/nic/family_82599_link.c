/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * From the MAC to the wire (2.8): on the 82599 an SFP+ cage with a passive direct-attach cable in
 * it, whose EEPROM is clocked out bit by bit through I2CCTL; on X540 and X550 a 10GBASE-T PHY
 * behind MSCA. The link is up whenever the wire has a carrier and the PHY is not asleep.
 */

#include <string.h>

#include "family_82599.h"

#define SFP_ADDRESS 0xa0	/* with the read bit in bit 0 */
#define SFP_BYTES   96

/* SFF-8472: what is in a cable's memory. Bytes 63 and 95 are sums. */
static const uint8_t sfp_memory[SFP_BYTES] = {
	[0] = 0x03,			/* SFP or SFP+ */
	[1] = 0x04, [2] = 0x21,		/* known by its contents; copper pigtail */
	[8] = 0x04,			/* passive cable */
	[12] = 103,			/* 10.3 Gb/s */
	[18] = 1,			/* metre */
	[20] = 'S', 'l', 'u', 'i', 'c', 'e', ' ', ' ', ' ', ' ', ' ', ' ', ' ', ' ', ' ', ' ',
	[37] = 0x00, 0x1b, 0x21,
	[40] = 'M', 'O', 'D', 'E', 'L', '-', 'D', 'A', ' ', ' ', ' ', ' ', ' ', ' ', ' ', ' ',
	[56] = 'A', ' ', ' ', ' ',
	[68] = '1', ' ', ' ', ' ', ' ', ' ', ' ', ' ', ' ', ' ', ' ', ' ', ' ', ' ', ' ', ' ',
};

static uint8_t
sum(unsigned int first, unsigned int end)
{
	uint8_t total = 0;

	for (unsigned int byte = first; byte < end; byte++)
		total += sfp_memory[byte];
	return total;
}

static uint8_t
sfp_byte(const struct i2c_target *target)
{
	if (target->second_page || target->pointer >= SFP_BYTES)
		return 0;
	if (target->pointer == 63)
		return sum(0, 63);
	if (target->pointer == 95)
		return sum(64, 95);
	return sfp_memory[target->pointer];
}

/* --- I2C --- */

enum i2c_state { I2C_IDLE, I2C_ADDRESS, I2C_POINTER, I2C_WRITE, I2C_READ };

/** A whole byte from the host. @return acknowledged */
static bool
i2c_byte(struct i2c_target *target)
{
	switch (target->state) {
	case I2C_ADDRESS:
		if ((target->shift & 0xfc) != SFP_ADDRESS)
			break;
		target->second_page = (target->shift & 0x2) != 0;
		target->state = target->shift & 0x1 ? I2C_READ : I2C_POINTER;
		return true;
	case I2C_POINTER:
		target->pointer = target->shift;
		target->state = I2C_WRITE;
		return true;
	case I2C_WRITE:
		target->pointer++;	/* the memory is write-protected, but it answers */
		return true;
	default:
		break;
	}
	target->state = I2C_IDLE;
	return false;
}

/** SCL rises: whoever receives samples SDA. */
static void
i2c_rise(struct i2c_target *target)
{
	if (target->state == I2C_IDLE)
		return;
	if (target->bits < 8 && !target->sending)
		target->shift = target->shift << 1 | target->sda;
	else if (target->bits == 8 && target->sending && target->sda)
		target->state = I2C_IDLE;	/* the host wants no more */
	target->bits++;
}

/** SCL falls: whoever sends sets SDA for the next bit. */
static void
i2c_fall(struct i2c_target *target)
{
	target->out = true;
	if (target->state == I2C_IDLE)
		return;
	if (target->bits == 8 && !target->sending) {
		target->out = !i2c_byte(target);
		return;
	}
	if (target->bits == 9) {
		target->bits = target->shift = 0;
		target->sending = target->state == I2C_READ;
		if (target->sending) {
			target->shift = sfp_byte(target);
			target->pointer++;
		}
	}
	if (target->sending && target->bits < 8)
		target->out = (target->shift >> (7 - target->bits) & 1) != 0;
}

static void
i2c_lines(struct i2c_target *target, bool scl, bool sda)
{
	if (target->scl && scl && target->sda != sda) {
		/* SDA moves while SCL is high: falling it is a start, rising a stop. */
		target->state = sda ? I2C_IDLE : I2C_ADDRESS;
		target->bits = target->shift = 0;
		target->sending = false;
		target->out = true;
	}
	target->sda = sda;
	if (!target->scl && scl)
		i2c_rise(target);
	/* A start leaves SCL high; its fall begins the first bit. */
	if (target->scl && !scl)
		i2c_fall(target);
	target->scl = scl;
}

uint32_t
i2cctl_82599_read(struct function *fn, unsigned int i, uint32_t value)
{
	const struct i2c_target *target = &data_82599(fn->nic)->i2c;

	(void)i;
	value = target->scl ? I2C_CLK_OUT | I2C_CLK_IN : 0;
	if (target->sda)
		value |= I2C_DATA_OUT;
	if (target->sda && target->out)
		value |= I2C_DATA_IN;
	return value;
}

void
i2cctl_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	struct data_82599 *data = data_82599(fn->nic);

	(void)i;
	(void)old;
	i2c_lines(&data->i2c, (written & I2C_CLK_OUT) != 0, (written & I2C_DATA_OUT) != 0);
	if (!variant_82599(fn->nic)->sfp)
		data->i2c.state = I2C_IDLE;
}

uint32_t
esdp_82599_read(struct function *fn, unsigned int i, uint32_t value)
{
	(void)i;
	if (variant_82599(fn->nic)->sfp && (value & ESDP_DIRECTION(2)) == 0)
		value |= ESDP_SDP2;
	return value;
}

/* --- MDIO --- */

#define MDIO_PHY          0	/* its address */
#define MDIO_AN           7
#define MDIO_VENDOR       30
#define AN_CONTROL        0x0000
#define AN_RESTART        (1 << 9)
#define AN_STATUS         0x0001
#define AN_STATUS_LINK    (1 << 2)
#define AN_STATUS_DONE    (1 << 5)
#define AN_VENDOR_STATUS  0xc800
#define VENDOR_CONTROL    0x0000
#define VENDOR_LOW_POWER  (1 << 11)

static const struct phy_reg phy_defaults[] = {
	{ 1, 0x0000, 0x2040 }, { 1, 0x0001, 0x0006 },
	{ 1, 0x0004, 0x0031 },		/* able of 10 Gb/s, 1 Gb/s, 100 Mb/s */
	{ 1, 0x0009, 0x0000 },
	{ 1, 0x000b, 0x00a4 },		/* 10GBASE-T, 1000BASE-T, 100BASE-TX */
	{ 3, 0x0000, 0x2040 },
	{ 4, 0x0000, 0x2040 },
	{ MDIO_AN, AN_CONTROL, 0x3000 },
	{ MDIO_AN, 0x0010, 0x0181 },	/* advertised: 100 Mb/s, no pause */
	{ MDIO_AN, 0x0013, 0x0581 },	/* the partner: that, and symmetric pause */
	{ MDIO_AN, 0x0020, 0x1000 },	/* 10 Gb/s */
	{ MDIO_AN, 0x003c, 0x0000 },
	{ MDIO_AN, 0xc400, 0x8000 },	/* 1 Gb/s */
	{ MDIO_VENDOR, VENDOR_CONTROL, 0x0000 },
};

static struct phy_reg *
phy_find(struct data_82599 *data, uint8_t device, uint16_t reg)
{
	for (unsigned int which = 0; which < data->nb_phy; which++)
		if (data->phy[which].device == device && data->phy[which].reg == reg)
			return &data->phy[which];
	return NULL;
}

/** Speed and duplex as in bits 2:0 of the vendor's status. */
static uint16_t
phy_speed(uint32_t mbps)
{
	return mbps >= 10000 ? 0x7 : mbps >= 1000 ? 0x5 : mbps >= 100 ? 0x3 : 0x1;
}

static uint16_t
phy_read(struct nic *nic, uint8_t device, uint16_t reg)
{
	struct data_82599 *data = data_82599(nic);
	const struct phy_reg *stored = phy_find(data, device, reg);

	if (reg == 0x0002)
		return variant_82599(nic)->phy_id >> 16;
	if (reg == 0x0003)
		return variant_82599(nic)->phy_id;
	if (device == MDIO_AN && reg == AN_STATUS)
		return nic->port.link_up ? AN_STATUS_LINK | AN_STATUS_DONE : 0;
	if (device == MDIO_AN && reg == AN_VENDOR_STATUS)
		return phy_speed(nic->port.link_mbps);
	return stored == NULL ? 0 : stored->value;
}

static void
phy_write(struct nic *nic, uint8_t device, uint16_t reg, uint16_t value)
{
	struct phy_reg *stored = phy_find(data_82599(nic), device, reg);
	bool restart = device == MDIO_AN && reg == AN_CONTROL && (value & AN_RESTART) != 0;

	if (stored == NULL)
		return;
	stored->value = restart ? value & ~AN_RESTART : value;
	/* Bit 15 of a control register is a reset, over at once. */
	if (reg == 0x0000)
		stored->value &= ~(1u << 15);
	if (restart)
		data_82599(nic)->down_latched = true;
	link_82599_decode(nic);
}

void
msca_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	enum { OP_ADDRESS, OP_WRITE, OP_READ_INCREMENT, OP_READ };
	struct nic *nic = fn->nic;
	struct data_82599 *data = data_82599(nic);
	uint32_t *data_cell = pf_csr(nic, R_MSRWD);
	bool answers = !variant_82599(nic)->sfp && MSCA_PHY(written) == MDIO_PHY;
	uint16_t value = 0xffff;

	(void)i;
	(void)old;
	if ((written & MSCA_GO) == 0)
		return;
	*pf_csr(nic, R_MSCA) &= ~MSCA_GO;
	switch (MSCA_OP(written)) {
	case OP_ADDRESS:
		data->mdio_address = MSCA_ADDRESS(written);
		return;
	case OP_WRITE:
		if (answers)
			phy_write(nic, MSCA_DEVICE(written), data->mdio_address, *data_cell);
		return;
	default:
		/* A line that nobody pulls down reads as ones. */
		if (answers)
			value = phy_read(nic, MSCA_DEVICE(written), data->mdio_address);
		*data_cell = (*data_cell & 0xffff) | (uint32_t)value << 16;
		if (MSCA_OP(written) == OP_READ_INCREMENT)
			data->mdio_address++;
		return;
	}
}

/* --- Link --- */

uint32_t
links_82599_value(const struct nic *nic)
{
	static const struct {
		uint32_t mbps, links;
	} speeds[] = {
		{ 10000, LINKS_SPEED(3u) }, { 5000, LINKS_SPEED(1u) | LINKS_NON_STD },
		{ 2500, LINKS_SPEED(3u) | LINKS_NON_STD }, { 1000, LINKS_SPEED(2u) },
		{ 100, LINKS_SPEED(1u) },
	};

	if (!nic->port.link_up)
		return 0;
	for (size_t i = 0; i < sizeof(speeds) / sizeof(speeds[0]); i++)
		if (nic->port.link_mbps >= speeds[i].mbps)
			return LINKS_UP | LINKS_AN_COMPLETE | speeds[i].links;
	return LINKS_UP | LINKS_AN_COMPLETE;
}

uint32_t
links_82599_read(struct function *fn, unsigned int i, uint32_t value)
{
	struct nic *nic = fn->nic;
	struct data_82599 *data = data_82599(nic);

	(void)i;
	value = links_82599_value(nic);
	/* UP latches low: that the link was down is seen once, however soon it came back. */
	if (data->down_latched)
		value &= ~LINKS_UP;
	if (!nic->peeking)
		data->down_latched = false;
	return value;
}

static bool
asleep(struct nic *nic)
{
	struct data_82599 *data = data_82599(nic);
	const struct phy_reg *control = phy_find(data, MDIO_VENDOR, VENDOR_CONTROL);

	return !variant_82599(nic)->sfp && control != NULL &&
	       (control->value & VENDOR_LOW_POWER) != 0;
}

void
link_82599_decode(struct nic *nic)
{
	struct data_82599 *data = data_82599(nic);
	uint32_t mbps = asleep(nic) ? 0 : data->carrier_mbps;
	bool was_up = nic->port.link_up;
	uint32_t was_mbps = nic->port.link_mbps;

	nic->port.link_up = mbps != 0;
	nic->port.link_mbps = mbps;
	if (!nic->port.link_up)
		data->down_latched = true;
	if (was_mbps != mbps) {
		rates_82599_decode(nic);
		intervals_82599_decode(nic);
	}
	if (was_up != nic->port.link_up || was_mbps != mbps)
		misc_82599_cause(nic, EICR_LSC);
	nic_changed(nic);
}

/** nic_set_link() has put into nic->port what the wire has. */
void
link_82599_cause(struct nic *nic)
{
	struct data_82599 *data = data_82599(nic);

	data->carrier_mbps = nic->port.link_mbps;
	if (!nic->port.link_up)
		data->down_latched = true;
	rates_82599_decode(nic);
	intervals_82599_decode(nic);
	misc_82599_cause(nic, EICR_LSC);
	link_82599_decode(nic);
}

void
autoc_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	struct nic *nic = fn->nic;

	(void)i;
	(void)old;
	if ((written & AUTOC_AN_RESTART) == 0)
		return;
	*pf_csr(nic, R_AUTOC) &= ~AUTOC_AN_RESTART;
	data_82599(nic)->down_latched = true;
	if (nic->port.link_up)
		misc_82599_cause(nic, EICR_LSC);
}

void
modules_82599_init(struct nic *nic)
{
	struct data_82599 *data = data_82599(nic);

	data->i2c = (struct i2c_target){ .scl = true, .sda = true, .out = true };
	data->nb_phy = sizeof(phy_defaults) / sizeof(phy_defaults[0]);
	memcpy(data->phy, phy_defaults, sizeof(phy_defaults));
	data->carrier_mbps = 0;
	data->down_latched = true;
}
