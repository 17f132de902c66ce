/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>

#include "channel.h"

/* What the other side may take for one copy of the buffer before we give up. */
#define LOCK_WAIT_US	   10000
#define LOCK_STEP_FIRST_US 10
#define LOCK_STEP_MAX_US   1000
#define TAKE_TRIES	   8

/* An answer takes a PF some 10 us to some ms; both reference VFs give up after 1 s. */
#define POLL_WAIT_US	   1000000
#define POLL_STEP_FIRST_US 20
#define POLL_STEP_MAX_US   500

/* Bits that any read of V2PMAILBOX clears. */
#define V2P_READ_CLEARS (V2P_PFSTS | V2P_PFACK | V2P_RSTD)

/* What a register reads once its device has left the bus. */
#define GONE UINT32_MAX

/* Waiting in steps that double, up to a limit in total. */
struct wait {
	unsigned int left_us;
	unsigned int step_us;
	unsigned int step_max_us;
};

/* Returns false once the time is used up. */
static bool
wait_more(struct wait *wait, const struct mailbox_io *io)
{
	unsigned int us = wait->step_us < wait->left_us ? wait->step_us : wait->left_us;

	if (us == 0)
		return false;
	io->delay_us(io->ctx, us);
	wait->left_us -= us;
	wait->step_us *= 2;
	if (wait->step_us > wait->step_max_us)
		wait->step_us = wait->step_max_us;
	return true;
}

static void
copy_out(const struct mailbox_io *io, struct mbx_msg *msg, uint8_t words)
{
	memset(msg, 0, sizeof(*msg));
	for (uint8_t i = 0; i < words; i++)
		msg->word[i] = io->read_word(io->ctx, i);
	msg->words = words;
}

/* One try. The PF owns the buffer once PFU reads back: setting it fails silently while VFU is. */
static int
pf_try_lock(const struct mailbox_io *io)
{
	uint32_t control;

	io->write_control(io->ctx, P2V_PFU);
	control = io->read_control(io->ctx);
	if (control == GONE) {
		/* Should only the read have failed, the VF must not wait for ever. */
		io->write_control(io->ctx, 0);
		return -EIO;
	}
	return (control & P2V_PFU) != 0 ? 0 : -EBUSY;
}

/* The VF may be as quick to lock it again, a few times over. */
static int
pf_take_lock(struct pf_channel *channel)
{
	const struct mailbox_io *io = &channel->io;
	int rc = pf_try_lock(io);

	for (unsigned int i = 0; rc == -EBUSY && i < TAKE_TRIES; i++) {
		io->write_control(io->ctx, P2V_RVFU);
		rc = pf_try_lock(io);
		if (rc == 0)
			channel->lock_taken++;
	}
	return rc;
}

static int
pf_lock(struct pf_channel *channel)
{
	unsigned int wait_us = channel->lock == PF_LOCK_WAIT ? LOCK_WAIT_US : 0;
	struct wait wait = { wait_us, LOCK_STEP_FIRST_US, LOCK_STEP_MAX_US };
	int rc;

	do {
		rc = channel->lock == PF_LOCK_TAKE ? pf_take_lock(channel) :
						     pf_try_lock(&channel->io);
	} while (rc == -EBUSY && wait_more(&wait, &channel->io));

	if (rc == -EBUSY)
		channel->lock_failures++;
	return rc;
}

int
pf_channel_receive(struct pf_channel *channel, struct mbx_msg *msg)
{
	const struct mailbox_io *io = &channel->io;
	int rc = pf_lock(channel);

	if (rc < 0)
		return rc;
	copy_out(io, msg, MBX_WORDS);
	/* Without PFU: this also gives the buffer back. */
	io->write_control(io->ctx, P2V_ACK);
	return 0;
}

int
pf_channel_send(struct pf_channel *channel, const struct mbx_msg *msg)
{
	const struct mailbox_io *io = &channel->io;
	int rc = pf_lock(channel);

	if (rc < 0)
		return rc;
	if (io->request_pending != NULL && io->request_pending(io->ctx)) {
		io->write_control(io->ctx, 0);
		channel->overtaken++;
		return -EAGAIN;
	}

	/* All words: nothing of an earlier message may be read along with this one. */
	for (uint8_t i = 0; i < MBX_WORDS; i++)
		io->write_word(io->ctx, i, i < msg->words ? msg->word[i] : 0);
	io->write_control(io->ctx, P2V_STS);
	return 0;
}

/* Each read destroys the read-to-clear bits, so they are kept until somebody asks for them. */
static uint32_t
vf_read_control(struct vf_channel *channel)
{
	uint32_t control = channel->io.read_control(channel->io.ctx);

	if (control == GONE)
		return GONE;
	channel->seen |= control & V2P_READ_CLEARS;
	return control | channel->seen;
}

static int
vf_lock(struct vf_channel *channel)
{
	const struct mailbox_io *io = &channel->io;
	struct wait wait = { LOCK_WAIT_US, LOCK_STEP_FIRST_US, LOCK_STEP_MAX_US };
	bool pf_owns = false;

	do {
		uint32_t control;

		io->write_control(io->ctx, V2P_VFU);
		control = vf_read_control(channel);
		if (control == GONE)
			return -EIO;
		if (control & V2P_VFU)
			return 0;
		pf_owns = pf_owns || (control & V2P_PFU) != 0;
	} while (wait_more(&wait, io));

	/* Neither side owned the buffer, and still it was not to be had: no mailbox behind this. */
	return pf_owns ? -EBUSY : -EIO;
}

/* Wait for one of the read-to-clear bits; it stays in channel->seen. */
static int
vf_wait_for(struct vf_channel *channel, uint32_t bit, unsigned int wait_us)
{
	struct wait wait = { wait_us, POLL_STEP_FIRST_US, POLL_STEP_MAX_US };

	do {
		uint32_t control = vf_read_control(channel);

		if (control == GONE)
			return -EIO;
		if (control & bit)
			return 0;
		/* It has forgotten what it was asked, and its reset may take seconds. */
		if (control & V2P_RSTI)
			return -EAGAIN;
	} while (wait_more(&wait, &channel->io));

	return wait_us == 0 ? -EAGAIN : -ETIMEDOUT;
}

bool
vf_channel_pf_resetting(struct vf_channel *channel)
{
	/* A device that is gone reads as resetting, which is what its user has to make of it. */
	return (vf_read_control(channel) & V2P_RSTI) != 0;
}

bool
vf_channel_pf_was_reset(struct vf_channel *channel)
{
	uint32_t control = vf_read_control(channel);

	channel->seen &= ~V2P_RSTD;
	return control != GONE && (control & V2P_RSTD) != 0;
}

void
vf_channel_forget(struct vf_channel *channel)
{
	/* The read clears what the register still holds. */
	(void)vf_read_control(channel);
	channel->seen = 0;
}

int
vf_channel_post(struct vf_channel *channel, const struct mbx_msg *request)
{
	const struct mailbox_io *io = &channel->io;
	int rc = vf_lock(channel);

	if (rc < 0)
		return rc;
	/* What the PF said before we had the buffer is past, and was read along with the lock. */
	channel->seen &= ~(V2P_PFSTS | V2P_PFACK);

	for (uint8_t i = 0; i < request->words && i < MBX_WORDS; i++)
		io->write_word(io->ctx, i, request->word[i]);
	/* Without VFU: this also gives the buffer to the PF. */
	io->write_control(io->ctx, V2P_REQ);

	rc = vf_wait_for(channel, V2P_PFACK, POLL_WAIT_US);
	channel->seen &= ~V2P_PFACK;
	return rc;
}

int
vf_channel_receive(struct vf_channel *channel, struct mbx_msg *msg, uint8_t words,
		   unsigned int wait_us)
{
	const struct mailbox_io *io = &channel->io;
	int rc = vf_wait_for(channel, V2P_PFSTS, wait_us);

	if (rc < 0)
		return rc;
	rc = vf_lock(channel);
	if (rc < 0)
		return rc;

	/* Only now: a message that came in while we waited for the lock is the one we copy. */
	channel->seen &= ~V2P_PFSTS;
	copy_out(io, msg, words < MBX_WORDS ? words : MBX_WORDS);
	io->write_control(io->ctx, V2P_ACK);
	return 0;
}

int
vf_channel_request(struct vf_channel *channel, const struct mbx_msg *request,
		   struct mbx_msg *reply, uint8_t reply_words, uint32_t *control)
{
	uint32_t opcode = request->word[0] & MBX_OPCODE;
	/* Every message that is not the reply costs one of these, so a chatty PF cannot keep us. */
	unsigned int strangers = 8;
	int rc = vf_channel_post(channel, request);

	if (control != NULL)
		*control = 0;
	while (rc == 0) {
		rc = vf_channel_receive(channel, reply, reply_words, POLL_WAIT_US);
		if (rc < 0 || (reply->word[0] & MBX_OPCODE) == opcode)
			return rc;
		if (control != NULL && (reply->word[0] & MBX_OPCODE) == MBX_PF_CONTROL)
			*control = reply->word[0];
		if (strangers-- == 0)
			rc = -ETIMEDOUT;
	}
	return rc;
}
