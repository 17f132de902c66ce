/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <assert.h>
#include <stdio.h>

#include "journal.h"

void
iov_journal_note(struct journal *journal, struct path path, const char *text)
{
	struct journal_step *step = &journal->undo[journal->nb++];

	assert(journal->nb <= JOURNAL_STEPS_MAX);
	step->path = path;
	snprintf(step->text, sizeof(step->text), "%s", text);
}

int
iov_journal_undo(struct journal *journal, const struct iov_root *root)
{
	int first = 0;

	while (journal->nb > 0) {
		const struct journal_step *step = &journal->undo[--journal->nb];
		int rc = root->io->write(step->path.text, step->text);

		if (rc < 0 && first == 0)
			first = rc;
	}
	return first;
}
