/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * 82599, X540, X550: link, cable and PHY, EEPROM, semaphores, firmware.
 */
#include "family_82599_rig.h"

/* --- Link (2.8) --- */

static void
test_links(void **state)
{
	struct nic *nic = rig_create(state, 1);

	assert_int_equal(pf_read(nic, R_LINKS) & LINKS_UP, 0);
	nic_set_link(nic, 10000);
	/* Latched low: the first read still tells that it was down. */
	assert_int_equal(reg_peek(&nic->pf, R_LINKS) & LINKS_UP, LINKS_UP);
	nic_set_link(nic, 0);
	nic_set_link(nic, 10000);
	assert_int_equal(pf_read(nic, R_LINKS) & LINKS_UP, 0);
	assert_int_equal(pf_read(nic, R_LINKS), LINKS_UP | LINKS_AN_COMPLETE | LINKS_SPEED(3u));
	assert_int_equal(vf_read(nic, 0, R_VFLINKS), pf_read(nic, R_LINKS));
	nic_set_link(nic, 1000);
	assert_int_equal(pf_read(nic, R_LINKS), LINKS_UP | LINKS_AN_COMPLETE | LINKS_SPEED(2u));
	nic_set_link(nic, 100);
	assert_int_equal(pf_read(nic, R_LINKS), LINKS_UP | LINKS_AN_COMPLETE | LINKS_SPEED(1u));
	assert_int_equal(pf_read(nic, R_EICR), EICR_LSC);
	/* A reset of the port does not pull out the cable. */
	pf_write(nic, R_CTRL, CTRL_RST);
	assert_int_equal(pf_read(nic, R_LINKS) & LINKS_UP, LINKS_UP);
	/* A restart is seen as a link that was down. */
	pf_write(nic, R_AUTOC, pf_read(nic, R_AUTOC) | AUTOC_AN_RESTART);
	assert_int_equal(pf_read(nic, R_AUTOC) & AUTOC_AN_RESTART, 0);
	assert_int_equal(pf_read(nic, R_LINKS) & LINKS_UP, 0);
	assert_int_equal(pf_read(nic, R_LINKS) & LINKS_UP, LINKS_UP);
	assert_int_not_equal(pf_read(nic, R_ANLP1) & 0xf0000, 0);
	nic_free(nic);
}

static uint16_t
mdio(struct nic *nic, unsigned int phy, unsigned int device, uint16_t reg, int value)
{
	uint32_t where = phy << 21 | device << 16;

	pf_write(nic, R_MSCA, MSCA_GO | where | reg);
	assert_int_equal(pf_read(nic, R_MSCA) & MSCA_GO, 0);
	if (value >= 0)
		pf_write(nic, R_MSRWD, value);
	pf_write(nic, R_MSCA, MSCA_GO | (value >= 0 ? 1u : 3u) << 26 | where);
	assert_int_equal(pf_read(nic, R_MSCA) & MSCA_GO, 0);
	return pf_read(nic, R_MSRWD) >> 16;
}

static void
test_phy(void **state)
{
	struct nic *nic = rig_create(state, 0);
	uint32_t id = (uint32_t)mdio(nic, 0, 1, 2, -1) << 16 | mdio(nic, 0, 1, 3, -1);

	nic_set_link(nic, 10000);
	assert_int_equal(mdio(nic, 3, 1, 2, -1), 0xffff);
	if (is_82599(state)) {
		assert_int_equal(id, UINT32_MAX);
		nic_free(nic);
		return;
	}
	assert_int_equal(id, is_x550(state) ? 0x01540220 : 0x01540200);
	assert_int_equal(mdio(nic, 0, 7, 1, -1) & 4, 4);
	mdio(nic, 0, 7, 0x10, 0x0c00);
	assert_int_equal(mdio(nic, 0, 7, 0x10, -1), 0x0c00);
	/* Asleep it has no link; awake again it does. */
	mdio(nic, 0, 30, 0, 1 << 11);
	assert_false(nic->port.link_up);
	assert_int_equal(mdio(nic, 0, 7, 1, -1) & 4, 0);
	mdio(nic, 0, 30, 0, 0);
	assert_true(nic->port.link_up);
	assert_int_equal(nic->port.link_mbps, 10000);
	mdio(nic, 0, 7, 0, 0x3200);
	assert_int_equal(mdio(nic, 0, 7, 0, -1), 0x3000);	/* the restart is over */
	mdio(nic, 0, 4, 0, 0x8000);
	assert_int_equal(mdio(nic, 0, 4, 0, -1) & 0x8000, 0);
	nic_free(nic);
}

/* --- The cable's memory, bit by bit --- */

static void
lines(struct nic *nic, bool scl, bool sda)
{
	pf_write(nic, R_I2CCTL, (scl ? I2C_CLK_OUT : 0) | (sda ? I2C_DATA_OUT : 0));
}

static void
i2c_start(struct nic *nic)
{
	lines(nic, false, true);
	lines(nic, true, true);
	lines(nic, true, false);
	lines(nic, false, false);
}

static bool
i2c_bit(struct nic *nic, bool sda)
{
	bool seen;

	lines(nic, false, sda);
	/* Nobody else may hold the line while we send a one. */
	lines(nic, true, sda);
	seen = (pf_read(nic, R_I2CCTL) & I2C_DATA_IN) != 0;
	assert_int_equal(pf_read(nic, R_I2CCTL) & I2C_CLK_IN, I2C_CLK_IN);
	lines(nic, false, sda);
	return seen;
}

/** @return acknowledged */
static bool
i2c_send(struct nic *nic, uint8_t byte)
{
	for (int bit = 7; bit >= 0; bit--)
		assert_int_equal(i2c_bit(nic, byte >> bit & 1), byte >> bit & 1);
	return !i2c_bit(nic, true);
}

static uint8_t
i2c_receive(struct nic *nic, bool more)
{
	uint8_t byte = 0;

	for (int bit = 0; bit < 8; bit++)
		byte = byte << 1 | i2c_bit(nic, true);
	i2c_bit(nic, !more);
	return byte;
}

static void
i2c_stop(struct nic *nic)
{
	lines(nic, false, false);
	lines(nic, true, false);
	lines(nic, true, true);
}

static void
test_cable(void **state)
{
	struct nic *nic = rig_create(state, 0);
	uint8_t bytes[96], sum = 0;

	assert_int_equal(pf_read(nic, R_ESDP) & ESDP_SDP2, ESDP_SDP2);
	i2c_start(nic);
	assert_false(i2c_send(nic, 0x50));	/* nobody has that address */
	i2c_stop(nic);
	i2c_start(nic);
	assert_true(i2c_send(nic, 0xa0));
	assert_true(i2c_send(nic, 0));
	i2c_start(nic);
	assert_true(i2c_send(nic, 0xa1));
	for (unsigned int i = 0; i < sizeof(bytes); i++)
		bytes[i] = i2c_receive(nic, i + 1 < sizeof(bytes));
	i2c_stop(nic);
	assert_int_equal(bytes[0], 3);		/* SFP+ */
	assert_int_equal(bytes[8], 4);		/* passive copper */
	assert_memory_equal(&bytes[20], "Sluice          ", 16);
	for (unsigned int i = 0; i < 63; i++)
		sum += bytes[i];
	assert_int_equal(bytes[63], sum);
	/* Read at one place, as drivers do. */
	i2c_start(nic);
	assert_true(i2c_send(nic, 0xa0));
	assert_true(i2c_send(nic, 39));
	i2c_start(nic);
	assert_true(i2c_send(nic, 0xa1));
	assert_int_equal(i2c_receive(nic, false), 0x21);
	i2c_stop(nic);
	nic_free(nic);
}

static void
test_no_cage(void **state)
{
	struct nic *nic = rig_create(state, 0);

	assert_int_equal(pf_read(nic, R_ESDP) & ESDP_SDP2, 0);
	i2c_start(nic);
	assert_false(i2c_send(nic, 0xa0));
	nic_free(nic);
}

/* --- EEPROM, semaphores, firmware (2.2, 2.3) --- */

static uint16_t
command_read(struct nic *nic, uint16_t word, unsigned int words)
{
	pf_write(nic, R_FLEX_MNG, 0xff000031 | 6 << 16);
	pf_write(nic, R_FLEX_MNG + 4, __builtin_bswap32(2 * word));
	pf_write(nic, R_FLEX_MNG + 8, __builtin_bswap16(2 * words));
	pf_write(nic, R_HICR, HICR_EN | HICR_C);
	assert_int_equal(pf_read(nic, R_HICR), HICR_EN | HICR_SV);
	return pf_read(nic, R_FLEX_MNG + 12 + (words - 1) / 2 * 4) >> ((words - 1) % 2 * 16);
}

static uint16_t
nvm_word(struct nic *nic, uint16_t word)
{
	if (nic->family == &nic_family_x550)
		return command_read(nic, word, 1);
	pf_write(nic, R_EERD, (uint32_t)word << 2 | EERD_START);
	assert_int_equal(pf_read(nic, R_EERD) & (EERD_DONE | EERD_START), EERD_DONE);
	return pf_read(nic, R_EERD) >> 16;
}

static void
test_checksum(void **state)
{
	struct nic *nic = rig_create(state, 0);
	uint16_t sum = 0;

	for (uint16_t word = 0; word <= 0x3f; word++)
		sum += nvm_word(nic, word);
	for (uint16_t pointer = 3; pointer < 0xf; pointer++) {
		uint16_t section = nvm_word(nic, pointer);

		for (uint16_t i = 1; section != 0xffff && i <= nvm_word(nic, section); i++)
			sum += nvm_word(nic, section + i);
	}
	/* Two words more on X550. */
	sum += nvm_word(nic, 0x40) + nvm_word(nic, 0x41);
	assert_int_equal(sum, 0xbaba);
	assert_int_not_equal(nvm_word(nic, 3), 0xffff);
	assert_int_equal(nvm_word(nic, 0xfff), 0xffff);
	assert_int_equal(pf_read(nic, R_EEC) >> 11 & 0xf, 6);
	nic_free(nic);
}

static void
test_module_list(void **state)
{
	struct nic *nic = rig_create(state, 0);
	uint16_t list = nvm_word(nic, 0x2b);
	uint16_t data = 0;

	for (uint16_t at = list + 1; nvm_word(nic, at) != 0xffff; at += 2)
		if (nvm_word(nic, at) == 3)	/* direct attach, port 0 */
			data = nvm_word(nic, at + 1);
	assert_int_not_equal(data, 0);
	assert_int_equal(nvm_word(nic, data + 1 + nvm_word(nic, data) - 1), 0xffff);
	nic_free(nic);
}

static void
test_semaphores(void **state)
{
	struct nic *nic = rig_create(state, 0);

	assert_int_equal(pf_read(nic, R_SWSM) & SWSM_SMBI, 0);
	assert_int_equal(pf_read(nic, R_SWSM) & SWSM_SMBI, SWSM_SMBI);
	pf_write(nic, R_SWSM, SWSM_SMBI | SWSM_SWESMBI);
	assert_int_equal(pf_read(nic, R_SWSM), SWSM_SMBI | SWSM_SWESMBI);
	pf_write(nic, R_SWSM, 0);
	assert_int_equal(reg_peek(&nic->pf, R_SWSM), 0);
	assert_int_equal(pf_read(nic, R_SW_FW_SYNC), 0);
	assert_int_equal(pf_read(nic, R_SW_FW_SYNC), is_82599(state) ? 0 : SW_FW_SYNC_REGSMP);
	pf_write(nic, R_SW_FW_SYNC, 5);
	assert_int_equal(reg_peek(&nic->pf, R_SW_FW_SYNC), 5);
	/* They guard what functions share: a reset of one leaves them. */
	pf_write(nic, R_CTRL, CTRL_RST);
	assert_int_equal(reg_peek(&nic->pf, R_SW_FW_SYNC), 5);
	nic_free(nic);
}

static void
test_firmware(void **state)
{
	struct nic *nic = rig_create(state, 0);

	assert_int_equal(command_read(nic, 0x201, 1), 3);
	assert_int_equal(command_read(nic, 0x200, 2), 3);
	assert_int_equal(pf_read(nic, R_FLEX_MNG + 12), 3 << 16 | 9);
	pf_write(nic, R_FLEX_MNG, 0xff000033);
	pf_write(nic, R_FLEX_MNG + 4, __builtin_bswap32(2 * 0x300));
	pf_write(nic, R_FLEX_MNG + 12, 0xbeef);
	pf_write(nic, R_HICR, HICR_C);
	assert_int_equal(pf_read(nic, R_FLEX_MNG) >> 16 & 0xff, 1);
	assert_int_equal(command_read(nic, 0x300, 1), 0xbeef);
	pf_write(nic, R_RXCTRL, RXCTRL_RXEN);
	pf_write(nic, R_FLEX_MNG, 0xff0000de | 1 << 8);
	pf_write(nic, R_HICR, HICR_C);
	assert_int_equal(pf_read(nic, R_RXCTRL), 0);
	assert_false(nic->port.rx_enabled);
	pf_write(nic, R_FLEX_MNG, 0xff000099);
	pf_write(nic, R_HICR, HICR_C);
	assert_int_not_equal(pf_read(nic, R_FLEX_MNG) >> 16 & 0xff, 1);
	/* A length beyond the buffer stays in it. */
	command_read(nic, 0, 800);
	pf_write(nic, R_FLEX_MNG, 0x31);
	pf_write(nic, R_FLEX_MNG + 8, 0xffff);
	pf_write(nic, R_HICR, HICR_C);
	assert_int_equal(pf_read(nic, R_HICR), HICR_EN | HICR_SV);
	nic_free(nic);
}

static void
test_general(void **state)
{
	struct nic *nic = rig_create(state, 7);

	assert_int_equal(pf_read(nic, R_STATUS), STATUS_GIO | STATUS_IOV | STATUS_NUM_VFS(7u));
	pf_write(nic, R_CTRL_MIRROR, CTRL_GIO_DIS);
	assert_int_equal(pf_read(nic, R_CTRL), CTRL_GIO_DIS);
	assert_int_equal(pf_read(nic, R_STATUS) & STATUS_GIO, 0);
	pf_write(nic, R_RXCTRL, RXCTRL_RXEN);
	assert_true(nic->port.rx_enabled);
	pf_write(nic, R_SECRXCTRL, SEC_DIS);
	assert_int_equal(pf_read(nic, 0x08d04) & 1, 1);	/* SECRXSTAT: empty */
	assert_false(nic->port.rx_enabled);
	pf_write(nic, R_SECRXCTRL, 0);
	assert_true(nic->port.rx_enabled);
	nic_free(nic);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(test_links),
		EACH(test_phy),
		ONE(test_cable, 82599),
		ONE(test_no_cage, x540),
		EACH(test_checksum),
		EACH(test_module_list),
		EACH(test_semaphores),
		EACH(test_firmware),
		EACH(test_general),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
