/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/** @file Memory for two processes of which neither can take it from the other. */
#ifndef MODEL_SEALED_H
#define MODEL_SEALED_H

#include <stdint.h>

/** A file in memory whose size nobody can change any more. @return its descriptor or -errno */
int sealed_file(const char *name, uint64_t bytes);

#endif /* MODEL_SEALED_H */
