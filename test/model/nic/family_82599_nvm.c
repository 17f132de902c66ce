/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * The EEPROM with three ways to its words (EERD, EEWR, the firmware's commands), the semaphores
 * that guard it (2.2, 2.3), and as much firmware as answers commands.
 */

#include <string.h>

#include "family_82599.h"

/* --- Contents --- */

#define NVM_CHECKSUM  0x3f
#define NVM_SUM       0xbaba
#define NVM_POINTERS  0x03	/* first of those whose sections are summed up */
#define NVM_FIRMWARE  0x0f	/* first of those whose sections are not */
#define NVM_NONE      0xffff

struct nvm_word {
	uint16_t address, value;
};

/* Where it is not said otherwise a word is 0xffff: erased, a pointer to nothing. */
static const struct nvm_word nvm_image[] = {
	{ 0x00, 0x0040 }, { 0x01, 0x0000 }, { 0x02, 0x0000 },
	{ NVM_POINTERS, 0x0050 },	/* PCIe analog section */
	{ NVM_FIRMWARE, 0x0100 },
	{ 0x15, 0x5c1d }, { 0x16, 0x0001 },	/* number of the board */
	{ 0x18, 0x0001 },
	{ 0x2b, 0x0200 },		/* how to set up modules */
	{ 0x2c, 0x0001 },		/* any module will do */
	{ 0x2d, 0x0001 }, { 0x2e, 0x8000 },	/* version of this image */
	{ 0x40, 0x0000 }, { 0x41, 0x0000 },
	/* PCIe analog section: length, words */
	{ 0x50, 0x0003 }, { 0x51, 0x1234 }, { 0x52, 0x5678 }, { 0x53, 0x9abc },
	/* Firmware: no LESM, patches at 0x140 with their version in word 7 */
	{ 0x104, 0x0140 }, { 0x147, 0x0010 },
	/* Modules: pairs of kind (direct attach, SR and LR, at either port) and section */
	{ 0x200, 0x0009 },
	{ 0x201, 3 }, { 0x202, 0x0220 }, { 0x203, 4 }, { 0x204, 0x0220 },
	{ 0x205, 5 }, { 0x206, 0x0220 }, { 0x207, 6 }, { 0x208, 0x0220 },
	{ 0x209, NVM_NONE },
	{ 0x220, 0x0003 }, { 0x221, 0x0401 }, { 0x222, 0x1202 }, { 0x223, NVM_NONE },
};

static uint16_t
checksum(const uint16_t *nvm, bool to_0x41)
{
	uint16_t sum = 0;

	for (unsigned int word = 0; word < NVM_CHECKSUM; word++)
		sum += nvm[word];
	if (to_0x41)
		sum += nvm[0x40] + nvm[0x41];
	for (unsigned int pointer = NVM_POINTERS; pointer < NVM_FIRMWARE; pointer++) {
		uint16_t section = nvm[pointer];

		if (section == NVM_NONE || section == 0)
			continue;
		for (unsigned int word = 1; word <= nvm[section]; word++)
			sum += nvm[section + word];
	}
	return NVM_SUM - sum;
}

void
nvm_82599_init(struct nic *nic)
{
	struct data_82599 *data = data_82599(nic);

	memset(data->nvm, 0xff, sizeof(data->nvm));
	for (size_t i = 0; i < sizeof(nvm_image) / sizeof(nvm_image[0]); i++)
		data->nvm[nvm_image[i].address] = nvm_image[i].value;
	/* X550 sums two words more, which are 0: one image serves all. */
	data->nvm[NVM_CHECKSUM] = checksum(data->nvm, true);
}

static uint16_t
nvm_read(const struct nic *nic, uint32_t word)
{
	return word < NVM_WORDS ? data_82599(nic)->nvm[word] : NVM_NONE;
}

static void
nvm_write(struct nic *nic, uint32_t word, uint16_t value)
{
	if (word < NVM_WORDS)
		data_82599(nic)->nvm[word] = value;
}

/* --- Registers --- */

void
eec_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	uint32_t *eec = pf_csr(fn->nic, R_EEC);

	(void)i;
	(void)old;
	/* Nobody else wants the pins, and a flash update (FLUP) is over at once. */
	if (written & EEC_REQ)
		*eec |= EEC_GNT;
	else
		*eec &= ~EEC_GNT;
}

void
eerd_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)i;
	(void)old;
	if (written & EERD_START)
		*pf_csr(fn->nic, R_EERD) = (written & 0xfffc) | EERD_DONE |
			(uint32_t)nvm_read(fn->nic, written >> 2 & 0x3fff) << 16;
}

void
eewr_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)i;
	(void)old;
	if ((written & EERD_START) == 0)
		return;
	nvm_write(fn->nic, written >> 2 & 0x3fff, written >> 16);
	*pf_csr(fn->nic, R_EEWR) = (written & ~EERD_START) | EERD_DONE;
}

/** Whoever reads SMBI as 0 has it: the read sets it. */
uint32_t
swsm_82599_read(struct function *fn, unsigned int i, uint32_t value)
{
	(void)i;
	if (!fn->nic->peeking)
		*pf_csr(fn->nic, R_SWSM) |= SWSM_SMBI;
	return value;
}

/** From X540 on; on the 82599 the register is only kept. */
uint32_t
sw_fw_sync_82599_read(struct function *fn, unsigned int i, uint32_t value)
{
	(void)i;
	if (!fn->nic->peeking)
		*pf_csr(fn->nic, R_SW_FW_SYNC) |= SW_FW_SYNC_REGSMP;
	return value;
}

/* --- Firmware --- */

/* Dword 0 of a command: code, length (two bytes), checksum. Of the reply: status in byte 2. */
#define COMMAND_CODE(dword) ((dword) & 0xff)
#define REPLY(code, status) ((code) | (uint32_t)(status) << 16)
#define STATUS_OK           1
#define STATUS_UNKNOWN      2
#define DATA_DWORD          3	/* of a read of the shadow RAM */
#define FLEX_MNG_DWORDS     448

static uint32_t
big_endian(uint32_t dword)
{
	return __builtin_bswap32(dword);
}

static uint16_t
big_endian_16(uint32_t dword)
{
	return __builtin_bswap16((uint16_t)dword);
}

static void
read_shadow_ram(struct nic *nic, uint32_t *ram)
{
	uint32_t word = big_endian(ram[1]) / 2;
	uint32_t words = big_endian_16(ram[2]) / 2;

	if (words > 2 * (FLEX_MNG_DWORDS - DATA_DWORD))
		words = 2 * (FLEX_MNG_DWORDS - DATA_DWORD);
	for (uint32_t i = 0; i < words; i++) {
		uint32_t *dword = &ram[DATA_DWORD + i / 2];
		unsigned int shift = i % 2 * 16;

		*dword &= ~(0xffffu << shift);
		*dword |= (uint32_t)nvm_read(nic, word + i) << shift;
	}
}

static void
write_shadow_ram(struct nic *nic, uint32_t *ram)
{
	nvm_write(nic, big_endian(ram[1]) / 2, ram[DATA_DWORD]);
}

static void
disable_receiver(struct nic *nic, uint32_t *ram)
{
	(void)ram;
	*pf_csr(nic, R_RXCTRL) &= ~RXCTRL_RXEN;
	port_82599_decode(nic);
}

static void
take_note(struct nic *nic, uint32_t *ram)
{
	(void)nic;
	(void)ram;
}

static const struct {
	uint8_t code;
	void (*run)(struct nic *nic, uint32_t *ram);
} commands[] = {
	{ 0x31, read_shadow_ram },
	{ 0x33, write_shadow_ram },
	{ 0x36, take_note },		/* the shadow RAM goes to flash */
	{ 0xdd, take_note },		/* the driver's version */
	{ 0xde, disable_receiver },
};

void
hicr_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	struct nic *nic = fn->nic;
	uint32_t *ram = pf_csr(nic, R_FLEX_MNG);
	uint8_t code = COMMAND_CODE(ram[0]);
	uint8_t status = STATUS_UNKNOWN;

	(void)i;
	(void)old;
	if ((written & HICR_C) == 0)
		return;
	for (size_t c = 0; c < sizeof(commands) / sizeof(commands[0]); c++) {
		if (commands[c].code != code)
			continue;
		commands[c].run(nic, ram);
		status = STATUS_OK;
	}
	ram[0] = REPLY(code, status);
	*pf_csr(nic, R_HICR) = HICR_EN | HICR_SV;
}
