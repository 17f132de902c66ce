/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The port's MAC address: registers first, NVM second (82576 sheet, 2.4 step 13, 2.5 step 1, 2.7).
 */
#include <errno.h>

#include "gbe.h"
#include "log.h"
#include "rar.h"
#include "regs_82576.h"

#define EERD_STEP_US  5
#define EERD_TRIES    2000
#define MAC_WORDS     3
#define NVM_NO_BLOCK  0xffff

int
gbe_read_nvm(struct pf *pf, uint16_t address, uint16_t *words, unsigned int nb)
{
	const struct mmio *io = &pf->port.io;
	unsigned int i;
	int rc;

	rc = pf_lock_resource(pf, SYNC_NVM);
	if (rc < 0)
		return rc;
	for (i = 0; i < nb; i++) {
		reg_write(io, REG_EERD, field_set(EERD_ADDRESS, EERD_START, address + i));
		rc = reg_poll(io, REG_EERD, EERD_DONE, EERD_DONE, EERD_STEP_US, EERD_TRIES);
		if (rc < 0)
			break;
		words[i] = field_get(EERD_DATA, reg_read(io, REG_EERD));
	}
	pf_unlock_resource(pf, SYNC_NVM);
	return rc;
}

static int
read_mac_words(struct pf *pf, uint16_t address, struct mac_addr *mac)
{
	uint16_t words[MAC_WORDS];
	unsigned int i;
	int rc;

	rc = gbe_read_nvm(pf, address, words, MAC_WORDS);
	if (rc < 0)
		return rc;
	for (i = 0; i < MAC_WORDS; i++) {
		mac->byte[2 * i] = words[i] & 0xff;
		mac->byte[2 * i + 1] = words[i] >> 8;
	}
	return mac_is_unicast(mac) ? 0 : -EADDRNOTAVAIL;
}

/* A system vendor's address overrides the board's. */
static int
read_alternate_mac(struct pf *pf, struct mac_addr *mac)
{
	uint16_t block;
	int rc;

	if (!pf->family->gbe->alternate_mac)
		return -ENOENT;
	rc = gbe_read_nvm(pf, NVM_ALTERNATE_MAC, &block, 1);
	if (rc < 0)
		return rc;
	if (block == 0 || block == NVM_NO_BLOCK)
		return -ENOENT;
	return read_mac_words(pf, block + NVM_ALTERNATE_STEP * gbe_port_number(pf), mac);
}

static void
read_register_mac(struct pf *pf, struct mac_addr *mac)
{
	uint32_t low = reg_read(&pf->port.io, REG_RAL(0));
	uint32_t high = reg_read(&pf->port.io, REG_RAH(0));

	*mac = rar_mac(low, high);
}

/* 2.7: port 0's words are the first; where others have a block too, theirs begin at the third. */
static int
read_nvm_mac(struct pf *pf, struct mac_addr *mac)
{
	uint16_t step = pf->family->gbe->nvm_port_words;
	uint16_t port = gbe_port_number(pf);

	if (port == 0)
		return read_mac_words(pf, NVM_MAC, mac);
	return step != 0 ? read_mac_words(pf, step * (port + 1) + NVM_MAC, mac) : -EADDRNOTAVAIL;
}

int
gbe_read_mac(struct pf *pf, struct mac_addr *mac)
{
	if (read_alternate_mac(pf, mac) == 0)
		return 0;
	read_register_mac(pf, mac);
	if (mac_is_unicast(mac))
		return 0;
	if (read_nvm_mac(pf, mac) == 0)
		return 0;
	PF_LOG(ERR, "port %u: no MAC address in registers or NVM", pf->port_id);
	return -EADDRNOTAVAIL;
}
