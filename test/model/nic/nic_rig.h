/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * For the tests of each family: a port, and its registers as software reads and writes them.
 */
#ifndef MODEL_NIC_RIG_H
#define MODEL_NIC_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "nic.h"
#include "regfile.h"

#define US 1000ull

static const uint8_t rig_mac[MAC_LEN] = { 0x02, 0x11, 0x22, 0x33, 0x44, 0x55 };

/** @param state  the family's */
static inline struct nic *
rig_create(void **state, unsigned int nb_vfs)
{
	struct nic_config config = { .family = *state, .nb_vfs = nb_vfs, .manual_clock = true };
	struct nic *nic;

	memcpy(config.mac, rig_mac, MAC_LEN);
	nic = nic_create(&config);
	assert_non_null(nic);
	nic->clock.now_ns = 1000000 * US;
	return nic;
}

static inline uint32_t
pf_read(struct nic *nic, uint32_t offset)
{
	return reg_read(&nic->pf, offset);
}

static inline void
pf_write(struct nic *nic, uint32_t offset, uint32_t value)
{
	reg_write(&nic->pf, offset, value);
}

static inline uint32_t
vf_read(struct nic *nic, unsigned int vf, uint32_t offset)
{
	return reg_read(&nic->vf[vf], offset);
}

static inline void
vf_write(struct nic *nic, unsigned int vf, uint32_t offset, uint32_t value)
{
	reg_write(&nic->vf[vf], offset, value);
}

/** Each offset of the PF and of the last VF answers, and each row is found by its name. */
static inline void
rig_read_all(struct nic *nic)
{
	unsigned int vf = nic->nb_vfs - 1;

	for (uint32_t offset = 0; offset < nic->pf.bar_bytes; offset += 4) {
		reg_peek(&nic->pf, offset);
		pf_read(nic, offset);
	}
	for (uint32_t offset = 0; offset < nic->vf[vf].bar_bytes; offset += 4)
		vf_read(nic, vf, offset);
	for (unsigned int i = 0; i < nic->family->nb_pf_rows; i++) {
		const struct reg_row *row = &nic->family->pf_rows[i];

		assert_ptr_equal(reg_row_find(nic->family->pf_rows, nic->family->nb_pf_rows,
					      row->name), row);
	}
}

/** A test with one family, which is its state. */
#define ONE(test, family) \
	{ .name = #test " " #family, .test_func = test, \
	  .initial_state = (void *)(uintptr_t)&nic_family_##family }

#endif /* MODEL_NIC_RIG_H */
