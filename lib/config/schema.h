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

/** What a file is to hold. */
enum schema_part {
	SCHEMA_WHOLE,  /**< all there is */
	SCHEMA_GLOBAL, /**< all that is not a port's, and ports perhaps */
	SCHEMA_PORTS,  /**< ports and nothing else */
};

/**
 * Read a file over what is in @p config: defaults, and the ports of other files; 0 or -EINVAL,
 * reader->error filled.
 */
int schema_read(struct reader *reader, const json_t *root, enum schema_part part,
		struct config *config);

/** The keys of a whole configuration. */
const struct key *schema_keys(void);

#endif /* SLUICE_SCHEMA_H */
