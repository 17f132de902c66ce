/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Memory that answers loads and stores with a function call: no access, and a handler of SIGSEGV.
 *
 * The handler runs in the thread that made the access, as if the instruction called it. It looks at
 * addresses of its regions only; any other fault goes to the program's own handler, or ends the
 * process as it would have without us (signals.h). An access by an instruction that is not known
 * prints its bytes and ends the process too: a wrong answer would be worse.
 */
#ifndef MODEL_TRAP_H
#define MODEL_TRAP_H

#include <stddef.h>
#include <stdint.h>

#include "decode.h"

struct trap_region;

struct trap_ops {
	/**
	 * An instruction wants @p offset of the region. Either execute it, or return with nothing
	 * done: it is then tried again, as the memory has become accessible.
	 */
	void (*access)(void *ctx, size_t offset, const struct insn *insn, mcontext_t *context);
};

/** Take SIGSEGV, as the first region does: for good. @return 0 or -errno */
int trap_install(void);

/**
 * Answer for [base, base + bytes), which has no access rights; from now on, in all threads.
 *
 * @return NULL with errno: ENOSPC (64 regions), or sigaction()'s
 */
struct trap_region *trap_region_add(void *base, size_t bytes, const struct trap_ops *ops,
				    void *ctx);
/** No thread may be in an access, or make one from now on. NULL is fine. */
void trap_region_remove(struct trap_region *region);

#endif /* MODEL_TRAP_H */
