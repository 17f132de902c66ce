/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * A configuration that is a directory. Internal to lib/config.
 */
#ifndef SLUICE_DIRECTORY_H
#define SLUICE_DIRECTORY_H

#include "schema.h"

/**
 * Read one file over what is in @p config.
 *
 * @return 0; or -errno with the error filled, and @p config is anything then
 */
int config_read_file(const char *file, enum schema_part part, struct config *config,
		     char error[CONFIG_ERROR_BYTES]);

/** Read all files of a directory, as config_read_file(). */
int config_read_directory(const char *directory, struct config *config,
			  char error[CONFIG_ERROR_BYTES]);

#endif /* SLUICE_DIRECTORY_H */
