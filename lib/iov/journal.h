/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What was changed, so that it can be put back in reverse order. Internal to lib/iov.
 */
#ifndef SLUICE_IOV_JOURNAL_H
#define SLUICE_IOV_JOURNAL_H

#include "iov.h"
#include "sysfs.h"

/* Three for a function's driver, two for the number of VFs. */
#define JOURNAL_STEPS_MAX (3 * (IOV_VFS_MAX + 1) + 2)

struct journal {
	unsigned int nb;
	struct journal_step {
		struct path path;
		char text[IOV_DRIVER_BYTES];
	} undo[JOURNAL_STEPS_MAX];
};

/** Remember that writing @p text to @p path takes back what was just done. */
void iov_journal_note(struct journal *journal, struct path path, const char *text);

/**
 * Take everything back, last change first, going on past failures.
 *
 * @return 0, or the -errno of the first write that failed
 */
int iov_journal_undo(struct journal *journal, const struct iov_root *root);

#endif /* SLUICE_IOV_JOURNAL_H */
