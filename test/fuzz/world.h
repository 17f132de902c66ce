/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * A PF with its service and a few mailboxes, in virtual time, and VFs that stop at nothing.
 *
 * The service is the rig's. What the VFs do meanwhile is armed beforehand (world_ambush()) and
 * happens between two register accesses of the PF. After everything the PF did, it is checked that
 * it did right; a check that fails does not return (must(), in input.h).
 */
#ifndef SLUICE_FUZZ_WORLD_H
#define SLUICE_FUZZ_WORLD_H

#include "input.h"
#include "mailbox_model.h"
#include "rig.h"

/** The VF that does nothing wrong, and has to be served for it. */
#define WORLD_BYSTANDER 2

/** Longest time that one VF can keep the PF: a receive and a send (channel.c, LOCK_WAIT_US). */
#define WORLD_SERVE_US 20000

/** What a VF can do in one go. */
enum vf_act {
	ACT_WRITE_WORD,		/**< without asking who owns the buffer */
	ACT_REQUEST,
	ACT_ACKNOWLEDGE,
	ACT_LOCK,
	ACT_UNLOCK,
	ACT_READ_CONTROL,
	ACT_WRITE_CONTROL,
	ACT_RESET,		/**< function-level reset: the PF is told */
	ACT_HOG,		/**< lock, and again in each of the PF's pauses; or stop that */
	ACT_STORM,		/**< a request in each of the PF's pauses; or stop that */
	ACT_VANISH,		/**< all reads are ones; or come back */
	ACT_NB,
};

struct vf_move {
	enum vf_act act;
	uint8_t word;
	uint32_t value;
};

/**
 * A fresh world in which nobody has reset itself.
 *
 * @param shared_max_frame  as in struct pool_info; means something in the 82599's dialect only
 */
void world_create(enum mbx_dialect dialect, uint32_t shared_max_frame);
void world_free(void);

/** Do something as the VF. */
void world_move(uint16_t vf, const struct vf_move *move);

/** The same, at the PF's register access number @p after from now, on this VF's mailbox. */
void world_ambush(uint16_t vf, uint16_t after, const struct vf_move *move);

/** Write a message and request, properly locked or (@p rude) not; the PF does not look yet. */
void world_post(uint16_t vf, const struct mbx_msg *msg, bool rude);

/** The PF's turn: resets, then requests, as its driver does. */
void world_serve(void);

/** The PF's timer: what there is to say unasked. */
void world_notices(bool link_changed);

/** The operator's turn. */
void world_set_policy(uint16_t vf, const struct vf_policy *policy);

/** The VFs are created anew, so many of them. */
void world_set_vfs(uint16_t nb_vfs);

void world_wait(uint64_t us);

/** The buffer as the VF finds it. */
void world_read(uint16_t vf, uint32_t words[MBX_WORDS]);

/** What has to hold at any time. */
void world_check(void);

/** The bystander resets itself and asks for a VLAN: it is answered, in time. */
void world_serve_bystander(void);

#endif /* SLUICE_FUZZ_WORLD_H */
