/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The mailbox between the PF and each VF: locks, bits that clear when read, shared memory.
 *
 * Both families have the same bits in VFMAILBOX and PFMAILBOX; rows point on_read and on_write
 * here, and a family's table says where the registers are and what interrupt they raise.
 */
#ifndef MODEL_MAILBOX_H
#define MODEL_MAILBOX_H

#include "nic.h"

/** Where a family keeps what the mailbox touches; set once by the family's reset of kind POWER. */
struct mailbox_layout {
	uint32_t pf_control;		/**< PFMAILBOX(0), next VF 4 bytes on */
	uint32_t memory;		/**< VFMBMEM(0), next VF 64 bytes on */
	/** Sets the VF's request, acknowledge or FLR bit for the PF, and raises the PF's cause. */
	void (*to_pf_request)(struct nic *nic, unsigned int vf);
	void (*to_pf_ack)(struct nic *nic, unsigned int vf);
	/** Clears the VF's request and acknowledge bits, without telling the PF. */
	void (*forget)(struct nic *nic, unsigned int vf);
	/** A message, an acknowledge or a reset is there for the VF: its mailbox cause. */
	void (*to_vf)(struct nic *nic, unsigned int vf);
};

void mailbox_set_layout(struct nic *nic, const struct mailbox_layout *layout);

/* For rows: VFMAILBOX in the VF's view, PFMAILBOX in the PF's (i: VF). */
uint32_t vfmailbox_read(struct function *fn, unsigned int i, uint32_t value);
void vfmailbox_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
uint32_t pfmailbox_read(struct function *fn, unsigned int i, uint32_t value);
void pfmailbox_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written);

/** RSTI of a VF rises (reset begins) or falls, with RSTD latched (the PF is ready). */
void mailbox_reset_in_progress(struct nic *nic, unsigned int vf, bool in_progress);

#endif /* MODEL_MAILBOX_H */
