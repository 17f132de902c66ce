/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Doorbell pages of software in another process: memory that both have, and no call on the way.
 *
 * As with a page in this process (attach.h), a steady run of tail writes turns a page plain, and
 * the model's thread looks there in each of its rounds. What differs is that nothing here points
 * into memory that the other process may write at any time: each word is read once, and what it
 * says is written to the register at home as if it had trapped there. The model works with that.
 * The other way round, registers that have changed are shown in the page every WATCH_ROUNDS.
 *
 * This process cannot make the page trap over there. It wants pages back and goes on looking until
 * software has given them back (../server/slot.h), or does an access of which it says that all
 * pages trap. Who says so and goes on writing is not heard, which is nobody's trouble but its own.
 */
#ifndef MODEL_ATTACH_FAR_H
#define MODEL_ATTACH_FAR_H

#include "port.h"

struct far;
struct slot;

/**
 * Doorbell pages for the software of @p fn.
 *
 * @param slot  where pages are asked back; outlives it
 * @param fd    the file that they are in, as large as the BAR; the caller closes it
 * @return 0 or -errno
 */
int far_create(struct attach *port, struct function *fn, struct slot *slot, int *fd);
/** NULL is fine. What was stored last is lost. */
void far_free(struct far *far);

/* All under nic->lock: */

/** The page is plain from now on: software is to be told. It may also be refused. */
void far_turn_plain(struct far *far, struct page *page);
bool far_is_plain(const struct far *far, uint32_t offset);
bool far_has_plain(const struct far *far);
/** Software has no plain page any more: do what it did there last. */
void far_turned_back(struct far *far);

/** Do what software did in the plain pages of this function. */
void far_look_at(struct far *far);
/** Do what software did in the plain pages of all functions; @p all: also what is rare. */
void far_look(struct attach *port, bool all);
/** Ask for all plain pages. */
void far_want_back(struct attach *port);

#endif /* MODEL_ATTACH_FAR_H */
