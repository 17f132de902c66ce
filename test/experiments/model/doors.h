/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The page of an 82599's functions in which software arms, masks and clears interrupts, as plain
 * memory that the device looks at, as ../../bench/hybrid/window.h has it of one PF: there a write
 * costs software next to nothing, and in the model it would trap. What else is written in these
 * pages meanwhile, such as the mailbox, is lost.
 */
#ifndef EXPERIMENTS_DOORS_H
#define EXPERIMENTS_DOORS_H

struct card;

/** Of the PF and its first @p nb_vfs VFs. @return 0 or -errno */
int doors_open(struct card *card, unsigned int nb_vfs);
void doors_close(struct card *card, unsigned int nb_vfs);
/** Do what software wrote. */
void doors_look(struct card *card, unsigned int nb_vfs);

#endif /* EXPERIMENTS_DOORS_H */
