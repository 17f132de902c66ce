/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Who owns the shared mailbox buffer, and how a message crosses it (82576 sheet, 7.1 to 7.3).
 *
 * The buffer of MBX_WORDS words is shared by PF and one VF; a lock bit each (PFU, VFU) says who
 * may write it. The control register's bits have the same positions in both families; only the
 * register offsets differ, so the channel works through struct mailbox_io and knows no device.
 * Not thread-safe: one thread at a time per channel.
 */
#ifndef SLUICE_CHANNEL_H
#define SLUICE_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "message.h"

/* P2VMAILBOX, the PF's control register for one VF. */
#define P2V_STS	 (UINT32_C(1) << 0)	/**< W: a message for the VF is in the buffer */
#define P2V_ACK	 (UINT32_C(1) << 1)	/**< W: the VF's message was read */
#define P2V_VFU	 (UINT32_C(1) << 2)	/**< RO: the VF owns the buffer */
#define P2V_PFU	 (UINT32_C(1) << 3)	/**< RW: the PF owns the buffer */
#define P2V_RVFU (UINT32_C(1) << 4)	/**< W: force VFU to 0 */

/* V2PMAILBOX, the VF's control register. Any read clears PFSTS, PFACK and RSTD. */
#define V2P_REQ	  (UINT32_C(1) << 0)	/**< W: a message for the PF is in the buffer */
#define V2P_ACK	  (UINT32_C(1) << 1)	/**< W: the PF's message was read */
#define V2P_VFU	  (UINT32_C(1) << 2)	/**< RW: the VF owns the buffer */
#define V2P_PFU	  (UINT32_C(1) << 3)	/**< RO: the PF owns the buffer */
#define V2P_PFSTS (UINT32_C(1) << 4)	/**< RC: the PF wrote a message */
#define V2P_PFACK (UINT32_C(1) << 5)	/**< RC: the PF read our message */
#define V2P_RSTI  (UINT32_C(1) << 6)	/**< RO: the PF is resetting, or not up */
#define V2P_RSTD  (UINT32_C(1) << 7)	/**< RC: the PF finished a reset */

/** Register access of one mailbox, as one side sees it. */
struct mailbox_io {
	uint32_t (*read_control)(void *ctx);
	void (*write_control)(void *ctx, uint32_t value);
	uint32_t (*read_word)(void *ctx, uint8_t word);
	void (*write_word)(void *ctx, uint8_t word, uint32_t value);
	void (*delay_us)(void *ctx, unsigned int us);
	/**
	 * PF only, may be NULL: has the VF posted a request that was not received yet (MBVFICR)?
	 * With it, pf_channel_send() does not overwrite such a request.
	 */
	bool (*request_pending)(void *ctx);
	void *ctx;
};

/** How the PF gets at a buffer that the VF owns. */
enum pf_lock {
	PF_LOCK_WAIT,	/**< wait for it, 10 ms */
	PF_LOCK_TRY,	/**< -EBUSY at once */
	/**
	 * Take it away (P2V_RVFU). A VF that was in the middle of a copy, on a processor taken away
	 * from it, has a mixture then: only for one that had its time.
	 */
	PF_LOCK_TAKE,
};

/** The PF's side: one per VF. */
struct pf_channel {
	struct mailbox_io io;
	enum pf_lock lock;	/**< how it is done from now on; may be changed at any time */
	uint32_t lock_failures;	/**< times the VF held the buffer longer than we waited */
	uint32_t lock_taken;	/**< times it was taken away from the VF */
	uint32_t overtaken;	/**< messages not sent because a request was waiting */
};

/** The VF's side. */
struct vf_channel {
	struct mailbox_io io;
	uint32_t seen;		/**< read-to-clear bits read but not yet consumed */
};

/**
 * Copy the VF's request out of the buffer, once, and acknowledge it.
 *
 * Clear the VF's bit in MBVFICR before this call, so that a request posted meanwhile shows again.
 *
 * @return 0 with MBX_WORDS words in @p msg; -EBUSY if the VF keeps the buffer locked (see enum
 *         pf_lock); -EIO the device is not there
 */
int pf_channel_receive(struct pf_channel *channel, struct mbx_msg *msg);

/**
 * Put a message into the buffer and tell the VF; words beyond msg->words are written as 0.
 *
 * @return 0; -EBUSY if the VF keeps the buffer locked (enum pf_lock); -EAGAIN nothing was sent as
 *         the VF's next request is in the buffer, receive that first; -EIO the device is not there
 */
int pf_channel_send(struct pf_channel *channel, const struct mbx_msg *msg);

/** Is the PF down or resetting? Reads the control register (RSTI), keeps what that clears. */
bool vf_channel_pf_resetting(struct vf_channel *channel);

/** Has the PF finished a reset since the last call (RSTD)? Reads the control register. */
bool vf_channel_pf_was_reset(struct vf_channel *channel);

/** Forget PFSTS, PFACK and RSTD seen so far; done when the VF resets itself. */
void vf_channel_forget(struct vf_channel *channel);

/**
 * Post a request and wait until the PF has read it.
 *
 * @return 0; -EBUSY the PF holds the buffer (10 ms); -EIO the lock bit does not read back at all,
 *         the device is not there; -ETIMEDOUT no acknowledgement within 1 s; -EAGAIN there will
 *         be none, the PF is resetting
 */
int vf_channel_post(struct vf_channel *channel, const struct mbx_msg *request);

/**
 * Wait for a message of the PF, copy it out and acknowledge it.
 *
 * @param words  how many words to copy, 1..MBX_WORDS
 * @param wait_us  longest wait for PFSTS, microseconds; 0: only look
 * @return 0; -EAGAIN nothing there (wait_us == 0, or the PF is resetting); -ETIMEDOUT; -EBUSY or
 *         -EIO as for vf_channel_post(), the message is then still there
 */
int vf_channel_receive(struct vf_channel *channel, struct mbx_msg *msg, uint8_t words,
		       unsigned int wait_us);

/**
 * Post a request and fetch its reply: vf_channel_post() followed by vf_channel_receive() of
 * @p reply_words words within 1 s. A PF control message that arrives first is skipped and sets
 * *control to its word 0 (0 if there was none; control may be NULL). Skipped too is any message
 * of another opcode than the request's: a late reply, or the bare NACK of DPDK's PF.
 *
 * @return 0; or what vf_channel_post() and vf_channel_receive() return
 */
int vf_channel_request(struct vf_channel *channel, const struct mbx_msg *request,
		       struct mbx_msg *reply, uint8_t reply_words, uint32_t *control);

#endif /* SLUICE_CHANNEL_H */
