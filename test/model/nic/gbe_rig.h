/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * For the tests of the 82576 and the I350: a port, and what one does to it.
 */
#ifndef MODEL_GBE_RIG_H
#define MODEL_GBE_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "family_82576.h"
#include "interrupt.h"
#include "regs_82576.h"

#define US 1000ull
#define VF_MAILBOX 0x0c40	/* V2PMAILBOX */
#define GPIE_STANDARD (GPIE_NSICR | GPIE_MSIX_MODE | GPIE_EIAME | BIT(31))

static const uint8_t rig_mac[MAC_LEN] = { 0x02, 0x11, 0x22, 0x33, 0x44, 0x55 };

static inline struct nic *
rig_create(void **state, unsigned int nb_vfs)
{
	struct nic_config config = { .family = *state, .nb_vfs = nb_vfs, .manual_clock = true };
	struct nic *nic;

	memcpy(config.mac, rig_mac, MAC_LEN);
	nic = nic_create(&config);
	assert_non_null(nic);
	nic->clock.now_ns = 1000 * US;
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

/** A test's state is the family. */
#define ONLY_82576(test) \
	{ .name = #test " 82576", .test_func = test, \
	  .initial_state = (void *)(uintptr_t)&nic_family_82576 }
#define BOTH(test) \
	ONLY_82576(test), \
	{ .name = #test " i350", .test_func = test, \
	  .initial_state = (void *)(uintptr_t)&nic_family_i350 }

#endif /* MODEL_GBE_RIG_H */
