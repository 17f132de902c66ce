/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Keeps the pool and the book (struct vf_entry) the same.
 *
 * Who wants a change writes it into a copy of the entry and hands that in; the difference to the
 * entry is what the pool is told. So each request is all or nothing without doing anything for it.
 *
 * It is so over a sudden death too: each change is written into the journal first, and each of its
 * steps may be taken twice.
 */
#ifndef SLUICE_BOOK_H
#define SLUICE_BOOK_H

#include "service.h"

/** Empty the entry of all that the VF holds; policy, counters and notices stay. */
void book_clear(struct vf_entry *entry);

/**
 * Make the pool and the entry what @p next says. A pool that is not enabled is not touched.
 *
 * Additions come first and removals last, so nothing the VF keeps is interrupted.
 *
 * @return 0; or the pool's -errno with both as before; should the pool refuse to go back, the VF
 *         is shut off (book_close()) and to be told to reset itself
 */
int book_move(struct vf_service *service, uint16_t vf, const struct vf_entry *next);

/**
 * Set up a clean pool as @p next says, and enable it.
 *
 * @return 0; or the pool's -errno, the VF is then shut off
 */
int book_open(struct vf_service *service, uint16_t vf, const struct vf_entry *next);

/**
 * Shut the VF off: pool disabled and reset, the entry empty, VF_WAIT_RESET or, if the VF is in
 * quarantine, VF_QUARANTINED.
 *
 * @return 0; or the pool's first -errno, the rest is done all the same
 */
int book_close(struct vf_service *service, uint16_t vf);

/** The same, with policy, quarantine and notices from @p next. */
int book_close_as(struct vf_service *service, uint16_t vf, const struct vf_entry *next);

/**
 * Can the pool of a VF that is shut off do what @p next wants of it? As what RESET would do there
 * must not fail for ever; all that is tried is taken back, or undone by book_open().
 *
 * @return 0, or the pool's -errno
 */
int book_try(struct vf_service *service, uint16_t vf, const struct vf_entry *next);

/**
 * Finish what service->journal says was under way.
 *
 * @return 0, or the pool's -errno as of what is finished
 */
int book_resume(struct vf_service *service);

/** Is the VF's data path on? Its pool may be set up while it is not. */
bool book_passes_frames(const struct vf_entry *entry);

/** Does the VF hold this address, as its own or an additional one? */
bool book_has_mac(const struct vf_entry *entry, const struct mac_addr *mac);

/** Did the VF ask for this VLAN? */
bool book_has_vlan(const struct vf_entry *entry, uint16_t vlan);

/** Take an additional address off the list; nothing happens if it is not there. */
void book_remove_extra(struct vf_entry *entry, const struct mac_addr *mac);

#endif /* SLUICE_BOOK_H */
