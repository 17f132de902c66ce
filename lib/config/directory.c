/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "directory.h"

/* Neither hidden files nor what an editor leaves behind. */
static int
is_part(const struct dirent *entry)
{
	const char *end = strrchr(entry->d_name, '.');

	return entry->d_name[0] != '.' && end != NULL && strcmp(end, ".json") == 0;
}

static int
read_part(const char *directory, const char *name, struct config *config,
	  char error[CONFIG_ERROR_BYTES])
{
	bool is_global = strcmp(name, CONFIG_GLOBAL_FILE) == 0;
	char *file = NULL;
	int rc;

	if (asprintf(&file, "%s/%s", directory, name) < 0) {
		snprintf(error, CONFIG_ERROR_BYTES, "%s: %s", directory, strerror(ENOMEM));
		return -ENOMEM;
	}
	rc = config_read_file(file, is_global ? SCHEMA_GLOBAL : SCHEMA_PORTS, config, error);
	free(file);
	return rc;
}

int
config_read_directory(const char *directory, struct config *config, char error[CONFIG_ERROR_BYTES])
{
	struct dirent **parts;
	int rc = 0, nb = scandir(directory, &parts, is_part, alphasort);

	if (nb < 0) {
		rc = -errno;
		snprintf(error, CONFIG_ERROR_BYTES, "%s: %s", directory, strerror(-rc));
		return rc;
	}
	for (int i = 0; i < nb; i++) {
		if (rc == 0)
			rc = read_part(directory, parts[i]->d_name, config, error);
		free(parts[i]);
	}
	free(parts);
	if (rc < 0 || config->nb_ports > 0)
		return rc;
	snprintf(error, CONFIG_ERROR_BYTES,
		 "%s: ports: missing; none of its files NAME.json has any", directory);
	return -EINVAL;
}
