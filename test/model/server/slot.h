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
 */
#ifndef MODEL_SERVER_SLOT_H
#define MODEL_SERVER_SLOT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum slot_state { SLOT_IDLE, SLOT_ASKED, SLOT_ANSWERED, SLOT_CLOSED };

struct access {
	uint32_t offset, bytes;
	bool is_store;
	uint64_t value;
};

/** Shared; neither side trusts what the other wrote. */
struct slot {
	_Atomic uint32_t state;
	_Atomic uint32_t port_sleeps, software_sleeps;
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

/** Port: the next access; its value, if it loads, goes to slot_answer(). @return false: @p stop */
bool slot_next(struct slot *slot, struct access *access, const atomic_bool *stop);
void slot_answer(struct slot *slot, uint64_t value);
/** Port: there will be no answer any more. Wakes both sides. */
void slot_close(struct slot *slot);

#endif /* MODEL_SERVER_SLOT_H */
