/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * One register access after the other, through a page that two processes share.
 *
 * Software's side fills in the access and sets @c state to SLOT_ASKED; the port's side does it and
 * sets SLOT_ANSWERED. Each looks for a short while, as drivers access registers in rows, and then
 * sleeps on @c state as a futex, having said so: nobody spends a processor on waiting, and nobody
 * makes a system call to wake somebody who is awake.
 *
 * Beside that the port's side may want doorbell pages back (../attach/far.h): it counts up
 * @c wanted_back, and a thread of software's side has its pages trap and says so in @c given_back.
 */
#ifndef MODEL_SERVER_SLOT_H
#define MODEL_SERVER_SLOT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum slot_state { SLOT_IDLE, SLOT_ASKED, SLOT_ANSWERED, SLOT_CLOSED };

enum access_answer {
	ACCESS_DONE,
	ACCESS_DONE_PLAIN,	/**< and its page is plain memory from now on */
	ACCESS_GIVE_BACK,	/**< not done: have all pages trap, and ask again */
};

struct access {
	uint32_t offset, bytes;
	bool is_store;
	bool all_trap;		/**< software has no plain page now */
	uint32_t answer;
	uint64_t value;
};

/** Shared; neither side trusts what the other wrote. */
struct slot {
	_Atomic uint32_t state;
	_Atomic uint32_t port_sleeps, software_sleeps;
	_Atomic uint32_t wanted_back, given_back;
	struct access access;
};

/** A slot and the file that it is in. @return NULL with errno */
struct slot *slot_create(int *fd);
/** The slot in another process's file. @return NULL with errno */
struct slot *slot_map(int fd);
/** NULL is fine. */
void slot_unmap(struct slot *slot);

/**
 * Software: do that access. One at a time.
 *
 * @param sock  ends when the port's process does
 * @return false: it has, and nothing was done
 */
bool slot_ask(struct slot *slot, struct access *access, int sock);

/** Port: the next access, for slot_answer() with value and answer. @return false: @p stop */
bool slot_next(struct slot *slot, struct access *access, const atomic_bool *stop);
void slot_answer(struct slot *slot, const struct access *access);
/** Port: there will be no answer any more. Wakes both sides. */
void slot_close(struct slot *slot);

/** Port: want all plain pages back. @return a number for slot_is_back() */
uint32_t slot_want_back(struct slot *slot, uint32_t last);
bool slot_is_back(struct slot *slot, uint32_t wanted);
/**
 * Software: sleep until another number than @p seen is wanted, and set it.
 *
 * @return false: the port is gone, or slot_end_waiting() was called
 */
bool slot_wait_wanted(struct slot *slot, uint32_t *seen, int sock, const atomic_bool *stop);
void slot_give_back(struct slot *slot, uint32_t wanted);
void slot_end_waiting(struct slot *slot, atomic_bool *stop);

#endif /* MODEL_SERVER_SLOT_H */
