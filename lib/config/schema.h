/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The keys of the configuration file. Internal to lib/config.
 */
#ifndef SLUICE_SCHEMA_H
#define SLUICE_SCHEMA_H

#include "config.h"

/** Read the whole document over the defaults in @p config; 0 or -EINVAL, reader->error filled. */
int schema_read(struct reader *reader, const json_t *root, struct config *config);

#endif /* SLUICE_SCHEMA_H */
