/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include "mailbox.h"
#include "regfile.h"

/* 82576 sheet 7.1: P2VMAILBOX; the 82599's PFMAILBOX is the same. */
enum {
	PF_STS = 1 << 0,
	PF_ACK = 1 << 1,
	PF_VFU = 1 << 2,
	PF_PFU = 1 << 3,
	PF_RVFU = 1 << 4,
};

/* 7.1: V2PMAILBOX, VFMAILBOX. */
enum {
	VF_REQ = 1 << 0,
	VF_ACK = 1 << 1,
	VF_VFU = 1 << 2,
	VF_PFU = 1 << 3,
	VF_PFSTS = 1 << 4,
	VF_PFACK = 1 << 5,
	VF_RSTI = 1 << 6,
	VF_RSTD = 1 << 7,
};

void
mailbox_set_layout(struct nic *nic, const struct mailbox_layout *layout)
{
	nic->mailbox = layout;
}

/** Both locks live in the PF's register, with its bit positions. */
static uint32_t *
locks_of(struct nic *nic, unsigned int vf)
{
	return pf_csr(nic, nic->mailbox->pf_control + 4 * vf);
}

static void
set_lock(uint32_t *locks, uint32_t mine, uint32_t other, bool wanted)
{
	/* Asking while the other side has it fails silently: the bit does not stick. */
	if (wanted && (*locks & other) == 0)
		*locks |= mine;
	else
		*locks &= ~mine;
}

uint32_t
vfmailbox_read(struct function *fn, unsigned int i, uint32_t value)
{
	uint32_t locks = *locks_of(fn->nic, fn->vf);

	(void)i;
	(void)value;
	value = (locks & PF_VFU ? VF_VFU : 0) | (locks & PF_PFU ? VF_PFU : 0) |
		(fn->pfsts ? VF_PFSTS : 0) | (fn->pfack ? VF_PFACK : 0) |
		(fn->rsti ? VF_RSTI : 0) | (fn->rstd ? VF_RSTD : 0);
	if (!fn->nic->peeking)
		fn->pfsts = fn->pfack = fn->rstd = false;
	return value;
}

void
vfmailbox_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	struct nic *nic = fn->nic;

	(void)i;
	(void)old;
	/* The lock first: whoever is told by an interrupt may look at it at once. */
	set_lock(locks_of(nic, fn->vf), PF_VFU, PF_PFU, (written & VF_VFU) != 0);
	if (written & VF_REQ)
		nic->mailbox->to_pf_request(nic, fn->vf);
	if (written & VF_ACK)
		nic->mailbox->to_pf_ack(nic, fn->vf);
}

uint32_t
pfmailbox_read(struct function *fn, unsigned int i, uint32_t value)
{
	(void)fn;
	(void)i;
	return value & (PF_VFU | PF_PFU);
}

void
pfmailbox_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	struct nic *nic = fn->nic;
	struct function *vf = &nic->vf[i];

	(void)old;
	/* A VF that is stuck: what it asked for is void, too. */
	if (written & PF_RVFU) {
		*locks_of(nic, i) &= ~(uint32_t)PF_VFU;
		nic->mailbox->forget(nic, i);
	}
	set_lock(locks_of(nic, i), PF_PFU, PF_VFU, (written & PF_PFU) != 0);
	if (written & PF_STS)
		vf->pfsts = true;
	if (written & PF_ACK)
		vf->pfack = true;
	if (written & (PF_STS | PF_ACK))
		nic->mailbox->to_vf(nic, i);
}

void
mailbox_reset_in_progress(struct nic *nic, unsigned int vf, bool in_progress)
{
	struct function *fn = &nic->vf[vf];

	fn->rsti = in_progress;
	if (in_progress) {
		*locks_of(nic, vf) = 0;
		fn->pfsts = fn->pfack = fn->rstd = false;
		return;
	}
	fn->rstd = true;
	nic->mailbox->to_vf(nic, vf);
}
