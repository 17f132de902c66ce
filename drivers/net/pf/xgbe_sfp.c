/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * A cage with an SFP+ module or direct-attach cable at an 82599 (82599 sheet, 2.8).
 *
 * The NVM has a list of what to write into the analog part for each kind of module; then 10 Gb/s
 * are set up, and nothing else: a module of two rates stays at the upper one. Without a module the
 * link is left as the NVM has it, and a module that comes later needs a reset of the port.
 */
#include <errno.h>
#include <string.h>

#include "log.h"
#include "regs_82599.h"
#include "xgbe.h"

/* Bytes of a module's memory. */
#define MODULE_IDENTIFIER 0x00
#define IDENTIFIER_SFP	  3
#define MODULE_CODES_10G  0x03
#define CODES_10G_SR_LR	  (0x10 | 0x20)
#define MODULE_CODES_1G	  0x06
#define CODES_1G	  (1 | 2 | 8)	/* SX, LX, T */
#define MODULE_CABLE	  0x08
#define CABLE_PASSIVE	  4
#define CABLE_ACTIVE	  8

/* The NVM's names of modules, at port 0; port 1 has the next number. */
#define KIND_DIRECT_ATTACH 3
#define KIND_SR_LR	   5	/* also for active cables that limit, and 1 Gb/s modules */

#define NVM_SFP_LIST	  0x2b
#define NVM_END		  0xffff
#define NVM_WORDS_MAX	  256	/* longest list taken for one */
#define EERD_STEP_US	  5
#define EERD_TRIES	  100000
#define AN_STEP_US	  4000
#define AN_TRIES	  10
#define LASER_ON_US	  100000

static int
read_nvm(struct pf *pf, uint16_t address, uint16_t *word)
{
	const struct mmio *io = &pf->port.io;
	int rc;

	reg_write(io, REG_EERD, field_set(EERD_ADDRESS, EERD_START, address));
	rc = reg_poll(io, REG_EERD, EERD_DONE, EERD_DONE, EERD_STEP_US, EERD_TRIES);
	if (rc == 0)
		*word = field_get(EERD_DATA, reg_read(io, REG_EERD));
	return rc;
}

/* 0 with the NVM's number for the module; -ENODEV there is none; -ENOTSUP not one we know. */
static int
identify(struct pf *pf, uint16_t *kind)
{
	uint8_t identifier, codes_10g, codes_1g, cable;
	int rc = xgbe_read_module(pf, MODULE_IDENTIFIER, &identifier);

	if (rc < 0)
		return -ENODEV;
	if (identifier != IDENTIFIER_SFP)
		return -ENOTSUP;
	rc = xgbe_read_module(pf, MODULE_CODES_10G, &codes_10g);
	if (rc == 0)
		rc = xgbe_read_module(pf, MODULE_CODES_1G, &codes_1g);
	if (rc == 0)
		rc = xgbe_read_module(pf, MODULE_CABLE, &cable);
	if (rc < 0)
		return rc;
	if ((cable & CABLE_PASSIVE) != 0)
		*kind = KIND_DIRECT_ATTACH;
	else if ((cable & CABLE_ACTIVE) != 0 || (codes_10g & CODES_10G_SR_LR) != 0 ||
		 (codes_1g & CODES_1G) != 0)
		*kind = KIND_SR_LR;
	else
		return -ENOTSUP;
	*kind += xgbe_port_number(pf);
	return 0;
}

/* The word before the first of a module's, or -ENOENT. The list's first word is no entry. */
static int
find_words(struct pf *pf, uint16_t kind, uint16_t *address)
{
	uint16_t entry, word = 0;
	unsigned int i;
	int rc = read_nvm(pf, NVM_SFP_LIST, &entry);

	if (rc < 0)
		return rc;
	if (entry == 0 || entry == NVM_END)
		return -ENOENT;
	for (i = 0, entry++; i < NVM_WORDS_MAX; i++, entry += 2) {
		rc = read_nvm(pf, entry, &word);
		if (rc < 0)
			return rc;
		if (word == kind)
			return read_nvm(pf, entry + 1, address);
		if (word == NVM_END)
			break;
	}
	return -ENOENT;
}

static int
write_analog(struct pf *pf, uint16_t address)
{
	const struct mmio *io = &pf->port.io;
	unsigned int i;
	uint16_t word;
	int rc = pf_lock_resource(pf, SYNC_MAC_CSR);

	for (i = 0; rc == 0 && i < NVM_WORDS_MAX; i++) {
		rc = read_nvm(pf, ++address, &word);
		if (rc < 0 || word == NVM_END)
			break;
		reg_write(io, REG_CORECTL, word);
		reg_read(io, REG_STATUS);	/* flush: one at a time */
	}
	pf_unlock_resource(pf, SYNC_MAC_CSR);
	return rc;
}

/* The new mode is taken by a restart in another one, which makes the pipeline start afresh. */
static int
set_10g_serial(struct pf *pf)
{
	const struct mmio *io = &pf->port.io;
	uint32_t autoc;
	int rc;

	rc = pf_lock_resource(pf, SYNC_MAC_CSR);
	if (rc < 0)
		return rc;
	reg_update(io, REG_AUTOC2, AUTOC2_SERIAL_PMA | AUTOC2_LINK_DISABLE,
		   field_set(AUTOC2_SERIAL_PMA, 0, SERIAL_PMA_SFI));
	autoc = field_set(AUTOC_LMS, reg_read(io, REG_AUTOC), LMS_10G_SERIAL) | AUTOC_AN_RESTART;
	reg_write(io, REG_AUTOC, autoc ^ AUTOC_LMS_HIGH);
	rte_delay_us_sleep(AN_STEP_US);
	for (unsigned int i = 1; i < AN_TRIES; i++) {
		if ((reg_read(io, REG_ANLP1) & ANLP1_AN_STATE) != 0)
			break;
		rte_delay_us_sleep(AN_STEP_US);
	}
	reg_write(io, REG_AUTOC, autoc);
	pf_unlock_resource(pf, SYNC_MAC_CSR);
	return 0;
}

static void
laser_on(const struct mmio *io)
{
	uint32_t esdp = reg_read(io, REG_ESDP);

	if ((esdp & (ESDP_SDP3 | ESDP_SDP3_OUT)) == ESDP_SDP3_OUT)
		return;
	reg_write(io, REG_ESDP, (esdp & ~ESDP_SDP3) | ESDP_SDP3_OUT);
	rte_delay_us_sleep(LASER_ON_US);
}

int
xgbe_start_sfp(struct pf *pf)
{
	uint16_t kind, address;
	int rc = identify(pf, &kind);

	if (rc == 0)
		rc = find_words(pf, kind, &address);
	if (rc == 0)
		rc = write_analog(pf, address);
	if (rc < 0) {
		PF_LOG(NOTICE, "port %u: %s, link left as it is: %s", pf->port_id,
		       rc == -ENODEV ? "no module in the cage" : "module not set up",
		       strerror(-rc));
		return 0;
	}
	rc = set_10g_serial(pf);
	if (rc == 0)
		laser_on(&pf->port.io);
	return rc;
}
