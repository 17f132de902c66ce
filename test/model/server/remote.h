/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * A function whose port is in another process: each register access traps here and is done there.
 * Pages of doorbells turn plain as they do where the port is in this process, see ../attach/far.h.
 *
 * What one of them must know of the other: message.h and slot.h. When the port's process goes, the
 * function is as one that was pulled out: registers read as ones, and writes go nowhere.
 */
#ifndef MODEL_SERVER_REMOTE_H
#define MODEL_SERVER_REMOTE_H

#include "pci_function.h"

/**
 * Take a function of the port that is served at the socket @p path; to be closed by
 * pci_function_close(), also if this fails. fd_trap_install() has been called.
 *
 * @return 0; -ENOENT, -ECONNREFUSED: no port there; -ENODEV: it has no such function; -EBUSY:
 *         somebody else has it; -EPROTO: it speaks otherwise; -errno
 */
int remote_open(struct pci_function *pci, const char *path, int vf, enum doorbell_mode doorbell);

/** What a function has asked of its port. */
struct remote_counters {
	uint64_t requests, accesses, plain_turns;
};

const struct remote_counters *remote_counters(const struct pci_function *pci);

#endif /* MODEL_SERVER_REMOTE_H */
