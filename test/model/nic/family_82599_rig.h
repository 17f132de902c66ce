/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * For the tests of 82599, X540 and X550: a port, and what a PF driver does to it.
 */
#ifndef MODEL_FAMILY_82599_RIG_H
#define MODEL_FAMILY_82599_RIG_H

#include "family_82599.h"
#include "interrupt.h"
#include "nic_rig.h"

/* 7.1: bits of VFMAILBOX and PFMAILBOX */
enum {
	VF_REQ = 1 << 0, VF_ACK = 1 << 1, VF_VFU = 1 << 2, VF_PFU = 1 << 3, VF_PFSTS = 1 << 4,
	VF_PFACK = 1 << 5, VF_RSTI = 1 << 6, VF_RSTD = 1 << 7,
	PF_STS = 1 << 0, PF_ACK = 1 << 1, PF_VFU = 1 << 2, PF_PFU = 1 << 3, PF_RVFU = 1 << 4,
};

/* 1.4: GCR_EXT, GPIE, MTQC, MRQC of a geometry without DCB */
struct mode {
	unsigned int pools, queues;
	uint32_t vt_mode, mtqc, mrqc;
};
static const struct mode modes[] = {
	{ 64, 2, 3, 0x6, 0x8 }, { 64, 2, 3, 0x6, 0xb }, { 32, 4, 2, 0xa, 0xa },
	{ 32, 4, 2, 0xb, 0xd }, { 16, 8, 1, 0xf, 0xc },
};
#define MODES      (sizeof(modes) / sizeof(modes[0]))
#define MODE_64    (&modes[0])
#define MODE_64RSS (&modes[1])
#define MODE_32    (&modes[2])

/** What a PF driver does before VFs can work (8.1a). */
static inline void
rig_pools(struct nic *nic, const struct mode *mode)
{
	pf_write(nic, R_VT_CTL, VT_CTL_VT_EN | VT_CTL_REPLEN | nic->nb_vfs << 7);
	pf_write(nic, R_GCR_EXT, mode->vt_mode);
	pf_write(nic, R_GPIE, GPIE_MSIX_MODE | GPIE_EIAME | GPIE_OCD | mode->vt_mode << 14);
	pf_write(nic, R_MTQC, mode->mtqc);
	pf_write(nic, R_MRQC, mode->mrqc);
	pf_write(nic, R_CTRL_EXT, CTRL_EXT_PFRSTD);
}

static inline bool
is_82599(void **state)
{
	return *state == &nic_family_82599;
}

static inline bool
is_x550(void **state)
{
	return *state == &nic_family_x550;
}

/** A test with each family. */
#define EACH(test) ONE(test, 82599), ONE(test, x540), ONE(test, x550)

#endif /* MODEL_FAMILY_82599_RIG_H */
